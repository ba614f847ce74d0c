"""Runs `tocsin` and kills it with SIGKILL at a named step, once the file that arms it is there.

`CRASH_AT` is `STEP:before` or `STEP:after`, `CRASH_ARMED` the file. Only what the deal touches counts, so that a kill
falls into its way from feed to Slack and not into some idle poll.
"""

import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tocsin.collect.sources.rss import source

from tocsin.cli.main import main
from tocsin.deliver.notifiers import slack
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.redis_store import RedisStore

STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "fetch": (type(source), "poll", lambda *_: True),
    "unseen": (RedisStore, "unseen", lambda *args: bool(args[2])),
    "encode": (BatchingEncoder, "encode", lambda *_: True),
    "ledger": (RedisStore, "ledger", lambda *_: True),
    "commit": (RedisStore, "commit", lambda *args: bool(args[2].deliveries)),
    "lease delivery": (RedisStore, "lease_deliveries", lambda *_: True),
    "send": (slack.SlackNotifier, "send", lambda *_: True),
    "settle": (RedisStore, "settle", lambda *_: True),
}


def _patch(step: str, when: str, armed: Path) -> None:
    owner, name, counts = STEPS[step]
    real = getattr(owner, name)

    @functools.wraps(real)
    async def mortal(*args: Any, **kwargs: Any) -> Any:
        hit = os.path.exists(armed) and counts(*args)  # noqa: ASYNC240, PTH110 - a stat is what it waits for
        if hit and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await real(*args, **kwargs)
        # An empty lease is an idle tick: the deal isn't in hand yet.
        if hit and when == "after" and not (name == "lease_deliveries" and not result):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, mortal)


if __name__ == "__main__":
    if os.environ.get("CRASH_AT"):
        _patch(*os.environ["CRASH_AT"].split(":"), Path(os.environ["CRASH_ARMED"]))
    main()
