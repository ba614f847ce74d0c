"""What Redis says becomes a sentence for the operator."""

import pytest
import redis.exceptions as redis_errors

from tocsin.infra.redis_errors import sentence


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            redis_errors.AuthenticationError("Authentication required."),
            "wants a password; put it into",
        ),
        (
            redis_errors.AuthenticationError("invalid username-password pair or user is disabled."),
            "doesn't accept the user name and password",
        ),
        (redis_errors.NoPermissionError("this user has no permissions"), "forbids this user"),
        (
            redis_errors.ResponseError("MISCONF Errors writing to the AOF file: No space"),
            "can't write to its disk",
        ),
        (redis_errors.ReadOnlyError("You can't write against a read only replica."), "read-only replica"),
        (redis_errors.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "out of memory"),
        (redis_errors.BusyLoadingError("Redis is loading the dataset in memory"), "still loading"),
        (redis_errors.ResponseError("BUSY Redis is busy running a script."), "busy with another script"),
        (redis_errors.MasterDownError("Link with MASTER is down"), "lost its primary"),
        (redis_errors.ClusterDownError("The cluster is down"), "a cluster that is down"),
        (redis_errors.MovedError("3999 127.0.0.1:6381"), "one node of a cluster"),
        (redis_errors.TimeoutError("Timeout reading from h:1"), "doesn't answer in time"),
        (TimeoutError(), "doesn't answer in time"),
        (
            redis_errors.ConnectionError("Error 111 connecting to h:1. Refused."),
            "can't be reached: Error 111",
        ),
        (ConnectionResetError("reset"), "can't be reached: reset"),
        (OSError(), "can't be reached: OSError"),
        (redis_errors.ResponseError("WRONGTYPE Operation against a key"), "refused a command: WRONGTYPE"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_refusal_has_its_sentence(error, says):
    """Each way in which Redis can't serve says where and what to do."""
    text = sentence(error, "example.com:6379")
    assert text.startswith("the store at example.com:6379 ")
    assert says in text


def test_a_sentence_is_one_short_line():
    """However long and many-lined the server's word is, the sentence is one line of bounded length."""
    text = sentence(redis_errors.ResponseError("ERR " + "x\n" * 5000), "h:1")
    assert "\n" not in text
    assert len(text) < 300


def test_what_the_client_wrapped_is_unwrapped():
    """A refusal that the client hid in a ConnectionError, as it does while connecting, is still told as what it is."""
    error = redis_errors.ConnectionError("Authentication required.")
    error.__cause__ = redis_errors.AuthenticationError("Authentication required.")
    assert "wants a password" in sentence(error, "h:1")
