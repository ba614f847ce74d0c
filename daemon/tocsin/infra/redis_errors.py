"""What Redis says when it can't serve, as a sentence for the operator. Pure.

Law: no sentence holds a password; where the store is comes as host and port (or a path), never as the URL.
"""

import redis.exceptions as redis_errors

_REFUSALS: dict[str, str] = {
    "NOAUTH": "wants a password; put it into TOCSIN_REDIS_URL (redis://:PASSWORD@HOST:PORT/0)",
    "WRONGPASS": "doesn't accept the user name and password of TOCSIN_REDIS_URL",
    "NOPERM": "forbids this user a command that Tocsin needs; allow it +@all on Tocsin's keys (ACL SETUSER)",
    "MISCONF": "can't write to its disk, so it refuses changes; is the disk of its data folder full?",
    "READONLY": "is a read-only replica; point TOCSIN_REDIS_URL at the primary",
    "OOM": "is out of memory (maxmemory), so it refuses changes; give it more, and keep maxmemory-policy noeviction",
    "LOADING": "is still loading its data; it will be ready soon",
    "BUSY": "is busy with another script; see its SLOWLOG",
    "MASTERDOWN": "is a replica that has lost its primary",
    "CLUSTERDOWN": "is a cluster that is down",
    "MOVED": "is one node of a cluster and not the one that holds Tocsin's keys",
    "ASK": "is moving Tocsin's keys to another node of its cluster",
    "TRYAGAIN": "is moving Tocsin's keys to another node of its cluster",
    "NOREPLICAS": "has fewer replicas than its min-replicas-to-write, so it refuses changes",
    "UNKILLABLE": "is busy with another script; see its SLOWLOG",
}

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (redis_errors.NoPermissionError, "NOPERM"),
    (redis_errors.BusyLoadingError, "LOADING"),
    (redis_errors.ReadOnlyError, "READONLY"),
    (redis_errors.OutOfMemoryError, "OOM"),
    (redis_errors.MasterDownError, "MASTERDOWN"),
    (redis_errors.ClusterDownError, "CLUSTERDOWN"),
    (redis_errors.MovedError, "MOVED"),
    (redis_errors.AskError, "ASK"),
    (redis_errors.TryAgainError, "TRYAGAIN"),
)


def sentence(error: Exception, where: str) -> str:
    """Say what `error` means for the store at `where` (host and port, or a socket's path)."""
    if isinstance(error.__cause__, redis_errors.RedisError):  # the client wraps what the server says to a newcomer
        error = error.__cause__
    refusal = _REFUSALS.get(_code(error))
    if refusal is not None:
        return f"the store at {where} {refusal}"
    if isinstance(error, redis_errors.TimeoutError | TimeoutError):
        return f"the store at {where} doesn't answer in time"
    if isinstance(error, redis_errors.ConnectionError | OSError):
        return f"the store at {where} can't be reached: {_brief(error)}"
    return f"the store at {where} refused a command: {_brief(error)}"


def _code(error: Exception) -> str:
    """The word that Redis began its refusal with, or an empty string."""
    if isinstance(error, redis_errors.AuthenticationError):  # the client drops the word from both kinds
        return "NOAUTH" if "required" in str(error).lower() else "WRONGPASS"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, redis_errors.ResponseError):
        return str(error).partition(" ")[0]
    return ""


def _brief(error: Exception) -> str:
    """One line of at most 200 characters."""
    return " ".join(str(error).split())[:200].rstrip(". ") or type(error).__name__
