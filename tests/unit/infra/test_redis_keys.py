"""Every key of the store stands in one place."""

import re

import pytest

from tocsin.infra.redis_keys import RedisKeys


def test_all_keys_share_one_hash_tag():
    """Every key carries the namespace as its hash tag, a feed's own keys too, whatever braces the feed's id holds."""
    keys = RedisKeys.of("tocsin")
    for key in (*keys.all(), keys.seen("{other}feed")):
        assert re.search(r"\{(.*?)\}", key)[1] == "tocsin"


def test_no_two_keys_are_the_same():
    """Keys with a fixed name are all different."""
    keys = RedisKeys.of("tocsin")
    assert len(set(keys.all())) == len(keys.all()) == len(keys.names())


def test_two_namespaces_share_no_key():
    """Two installations on one server never touch each other's keys."""
    assert not set(RedisKeys.of("a").all()) & set(RedisKeys.of("b").all())


@pytest.mark.parametrize("namespace", ["", "{tocsin}", "a b", "x" * 65, "tocsin\n"])
def test_a_namespace_that_would_break_the_tag_is_refused(namespace):
    """A namespace with braces or blanks, or none at all, is refused with what it may hold."""
    with pytest.raises(ValueError, match="1 to 64 letters"):
        RedisKeys.of(namespace)
