"""What of a server's settings may cost what it is told, as sentences for the operator."""

from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError


async def risks(ask: Callable[..., Awaitable[Any]], where: str) -> list[str]:
    """Ask the server at `where` whether it may throw keys away, and whether it keeps anything over a restart.

    A managed Redis may refuse to tell, or keep its data by means of its own: then nothing is said.
    """
    found = []
    policy = (await _info(ask, "memory")).get("maxmemory_policy", "")
    if policy.startswith("allkeys"):
        found.append(
            f"the store at {where} throws any key away when its memory is full (maxmemory-policy {policy}): feeds, "
            "stories and alerts that wait would be lost in silence; set maxmemory-policy noeviction"
        )
    if (await _info(ask, "persistence")).get("aof_enabled") == "0" and await _save(ask) == "":
        found.append(
            f"the store at {where} keeps nothing on a disk: after its restart what waits to be sent is lost, and what "
            "rang lately may ring again; set appendonly yes"
        )
    return found


async def _info(ask: Callable[..., Awaitable[Any]], section: str) -> dict[str, str]:
    try:
        told = await ask("INFO", section)
    except (RedisError, OSError):
        return {}
    lines = bytes(told).decode("utf-8", "replace").splitlines() if isinstance(told, bytes) else []
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


async def _save(ask: Callable[..., Awaitable[Any]]) -> str | None:
    """When the server makes snapshots; empty: never; None: it doesn't say."""
    try:
        told = await ask("CONFIG", "GET", "save")
    except (RedisError, OSError):
        return None
    return told[1].decode("utf-8", "replace") if isinstance(told, list) and len(told) == 2 else None  # noqa: PLR2004
