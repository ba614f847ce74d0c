"""`demo`: replays the founding story through the real daemon, from a local feed server, on the console."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.app import App
from tocsin.cli import exits
from tocsin.cli.explain import printable
from tocsin.config import Settings
from tocsin.demo.server import FeedServer
from tocsin.demo.story import SCENES, Scene
from tocsin.errors import TocsinError
from tocsin.infra.clock import SystemClock
from tocsin.model import Assessment, Placement
from tocsin.rulebook import shipped
from tocsin.telemetry import configure_logging

PATIENCE = 60.0
"""Seconds for the daemon to be ready, and for one item to go through, before the demonstration is called broken."""

STORY_FILES = ("watch.yaml", "rules.yaml", "events.yaml")
"""The shipped rules that the demonstration runs on; only the feeds and the receiver are its own."""


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the daemon running afterwards, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of each item as JSON.")] = False,
) -> None:
    """Replay the founding story, from rumour to a customer leaving, through the real daemon. No token, no network."""
    configure_logging(form="console", level="warning")
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        play = Play(loud=not as_json)
        good = asyncio.run(play.perform(Path(folder), keep=keep))
    if as_json:
        typer.echo(json.dumps({"ok": good, "items": play.shown}))
    if not good:
        raise typer.Exit(exits.FAILED)


class Play:
    """One performance: publishes each scene, waits until all it led to has been committed and sent, and says why."""

    def __init__(self, *, loud: bool) -> None:
        self.shown: list[dict[str, Any]] = []
        self._loud = loud
        self._verdicts: dict[str, tuple[Assessment, Placement | None]] = {}
        self._server = FeedServer()
        self._stop = asyncio.Event()
        self._app: App
        self._serving: asyncio.Task[None]

    async def perform(self, folder: Path, *, keep: bool) -> bool:
        """Play every scene; True when each rang or stayed quiet as written."""
        started = time.monotonic()
        await self._server.start()
        # With --json standard output is for the outcome alone.
        console = sys.stdout if self._loud else sys.stderr
        self._app = App(self._settings(folder, keep=keep), console=console, on_verdict=self._heard)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        self._say("Starting the daemon: embedded store, embedding model, local feed server ...", dim=True)
        self._serving = asyncio.create_task(self._app.serve(self._stop))
        try:
            await self._until(self._ready)
            self._say(f"Ready after {time.monotonic() - started:.1f} s. You are Acme AI: you buy from Scale AI,")
            self._say("you compete with Meta and Google. The news of June 2025 comes in.\n")
            good = [await self._scene(scene) for scene in SCENES]
            told = Counter(row["told"] for row in self.shown)
            self._say(
                f"{len(SCENES)} items: {told['alert']} rang, {told['update']} told what is new in its story, "
                f"{told['quiet']} stayed quiet. {time.monotonic() - started:.0f} s in all.",
                bold=True,
            )
            if keep:
                where = f"http://127.0.0.1:{self._app.port}" if self._app.port else "no port"
                self._say(f"The daemon keeps running ({where}/healthz, /metrics). Ctrl-C ends it.")
                await asyncio.wait({self._serving})
            return all(good)
        except asyncio.CancelledError:
            return False  # Ctrl-C in the middle
        finally:
            self._stop.set()
            await self._serving
            await self._server.close()

    def _settings(self, folder: Path, *, keep: bool) -> Settings:
        rules = folder / "rules"
        rules.mkdir()
        for name in STORY_FILES:
            (rules / name).write_text((shipped.folder() / name).read_text(encoding="utf-8"), encoding="utf-8")
        feeds = [{"url": url, "name": outlet, "every": "1s"} for outlet, url in self._server.feeds().items()]
        # JSON is YAML: nothing here needs a writer.
        own = json.dumps({"feeds": feeds, "receivers": {"console": {"console": {}}}})
        (rules / "demo.yaml").write_text(own, encoding="utf-8")
        return Settings.from_environ(
            {
                "TOCSIN_RULES": str(rules),
                "TOCSIN_DATA": str(folder / "data"),
                "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
                "TOCSIN_FULL_TEXT": "off",  # the story's outlets have no articles, and it is played without a network
                "TOCSIN_HTTP_LISTEN": os.environ.get("TOCSIN_HTTP_LISTEN", "127.0.0.1:9464") if keep else "off",
                **{name: os.environ[name] for name in ("TOCSIN_MODEL",) if name in os.environ},
            }
        )

    async def _scene(self, scene: Scene) -> bool:
        served, alerts = self._server.served[scene.outlet], self._app.metrics.alerts_queued()
        published = time.monotonic()
        self._say(f"{scene.outlet}: {printable(scene.title)}", fg="cyan")
        self._server.publish(scene, SystemClock().now())

        async def committed() -> bool:
            # A feed is polled by one task at a time: its second request after the publication means that all the
            # first one led to has been committed.
            return self._server.served[scene.outlet] >= served + 2 and await self._app.outbox_empty()

        await self._until(committed)
        told, why = self._told(scene, sent=self._app.metrics.alerts_queued() > alerts), self._why(scene)
        row = {"outlet": scene.outlet, "title": scene.title, "point": scene.point, "told": told, "why": why}
        self.shown.append({**row, "expected": scene.told, "seconds": round(time.monotonic() - published, 2)})
        if told == "quiet":
            self._say(f"  quiet: {why}\n", dim=True)
        if told != scene.told:
            self._say(f"  this is not as it should be: {scene.point}\n", fg="red", bold=True)
        return told == scene.told

    def _told(self, scene: Scene, *, sent: bool) -> str:
        _, placement = self._verdicts.get(scene.title, (None, None))
        return "quiet" if not sent else "alert" if placement is None or placement.is_new else "update"

    def _heard(self, assessment: Assessment, placement: Placement | None) -> None:
        self._verdicts[assessment.reading.item.title] = (assessment, placement)

    def _why(self, scene: Scene) -> str:
        known = self._verdicts.get(scene.title)
        if known is None:
            return "this item was seen before, under the same guid"
        assessment, placement = known
        if placement is not None and not placement.is_new:
            return placement.reason.text
        # An item that isn't relevant was decided there; any other by a rule, or by the lack of one.
        step = "rule" if assessment.reading.relevant else "relevance"
        return "; ".join(reason.text for reason in assessment.reasons if reason.step == step)

    async def _ready(self) -> bool:
        return self._app.health.ready

    async def _until(self, done: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await done():
            if self._serving.done():
                self._serving.result()
                raise TocsinError("the daemon ended before the demonstration did")
            if self._stop.is_set():
                raise asyncio.CancelledError
            if time.monotonic() > deadline:
                raise TocsinError(f"nothing happened for {PATIENCE:.0f} s, which is not as it should be")
            await asyncio.sleep(0.05)

    def _say(self, text: str, **style: Any) -> None:
        if self._loud:
            typer.secho(text, **style)
