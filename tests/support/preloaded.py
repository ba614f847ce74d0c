"""A life of the daemon in a forked process whose imports are done, and the ways to end it in the middle of its work.

`crash` is (`STEP:before` or `STEP:after`, a file): once the file is there, the process kills itself with SIGKILL at
that step. Only what the deal touches counts, so that a kill falls into its way to Slack, not into an idle poll.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sentence_transformers  # noqa: F401 - the slow import that this module is there to share
from aiohttp import connector

from tocsin.cli.main import main
from tocsin.collect.sources.rss import source
from tocsin.deliver.notifiers.slack import SlackNotifier
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.redis_store import RedisStore

STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "fetch": (type(source), "poll", lambda *_: True),
    "unseen": (RedisStore, "unseen", lambda *args: bool(args[2])),
    "judge": (BatchingEncoder, "judge", lambda *_: True),
    "ledger": (RedisStore, "ledger", lambda *_: True),
    "commit": (RedisStore, "commit", lambda *args: bool(args[2].deliveries)),
    "lease": (RedisStore, "lease_deliveries", lambda *_: True),
    "send": (SlackNotifier, "send", lambda *_: True),
    "settle": (RedisStore, "settle", lambda *_: True),
}
"""Each step of the deal's way: whose method, its name, and which calls count."""


def live(
    arguments: Sequence[str],
    env: Mapping[str, str],
    out: str,
    *,
    err: str = "",
    given: str = os.devnull,
    crash: tuple[str, str] | None = None,
) -> None:
    """Run the command line with this environment; `out` and `err` (else `out` too) are appended to, `given` read."""
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    if authorities := env.get("SSL_CERT_FILE"):  # which a process of its own reads when it imports aiohttp
        connector._SSL_CONTEXT_VERIFIED.load_verify_locations(authorities)
    os.dup2(os.open(given, os.O_RDONLY), 0)
    for number, path in ((1, out), (2, err or out)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    # The streams that this process inherited belong to the test's; these are its own, on the numbers set above.
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(n, mode, closefd=False) for n, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    os.chdir(Path(out).parent)
    if crash is not None:
        at, armed = crash
        step, _, when = at.partition(":")
        _arm(step, when, armed)
    sys.argv = ["tocsin", *arguments]
    main()


def _arm(step: str, when: str, armed: str) -> None:
    owner, name, counts = STEPS[step]
    real = getattr(owner, name)

    @functools.wraps(real)
    async def mortal(*args: Any, **kwargs: Any) -> Any:
        hit = os.path.exists(armed) and counts(*args)  # noqa: ASYNC240, PTH110 - a stat is what it waits for
        if hit and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await real(*args, **kwargs)
        # An empty lease is an idle tick: the deal isn't in hand yet.
        if hit and when == "after" and (name != "lease_deliveries" or result):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, mortal)
