"""A feed server on loopback that publishes the demonstration's items one by one."""

from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aiohttp import web

from tocsin.demo.story import SCENES, Scene


class FeedServer:
    """One RSS feed an outlet; an item appears when it is published, and is edited when its guid comes again.

    `served` counts the requests for each outlet's feed.
    """

    def __init__(self) -> None:
        self._published: dict[str, dict[str, tuple[Scene, datetime]]] = {scene.outlet: {} for scene in SCENES}
        app = web.Application()
        app.add_routes([web.get("/{outlet}/feed.xml", self._serve)])
        self._runner = web.AppRunner(app, access_log=None)
        self.url = ""
        self.served: dict[str, int] = dict.fromkeys(self._published, 0)

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    def feeds(self) -> dict[str, str]:
        """The feeds' URLs, by outlet."""
        return {outlet: f"{self.url}/{_slug(outlet)}/feed.xml" for outlet in self._published}

    def publish(self, scene: Scene, now: datetime) -> None:
        """Put `scene` on top of its outlet's feed."""
        feed = self._published[scene.outlet]
        feed.pop(scene.guid, None)
        feed[scene.guid] = (scene, now)

    async def _serve(self, request: web.Request) -> web.Response:
        slug = request.match_info["outlet"]
        outlet = next((name for name in self._published if _slug(name) == slug), None)
        if outlet is None:
            raise web.HTTPNotFound
        self.served[outlet] += 1
        entries = "".join(
            f"<item><title>{escape(scene.title)}</title><link>https://{slug}.example{escape(scene.path)}</link>"
            f'<guid isPermaLink="false">{scene.guid}</guid><pubDate>{format_datetime(when)}</pubDate>'
            f"<description>{escape(scene.summary)}</description></item>"
            for scene, when in reversed(self._published[outlet].values())
        )
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(outlet)}</title>'
            f"<link>https://{slug}.example/</link><description>{escape(outlet)}</description>"
            f"<language>en</language>{entries}</channel></rss>"
        )
        return web.Response(text=body, content_type="application/rss+xml")


def _slug(outlet: str) -> str:
    return outlet.lower().replace(" ", "-")
