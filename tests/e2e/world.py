"""What surrounds the daemon in an end-to-end test: outlets with feeds that change, a Slack, and a folder of rules."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.support.feeds import FeedServer, feed_server
from tests.support.slack import Channel, Post, SlackStandIn

TOKEN = "xoxb-this-is-not-a-token"
CHANNEL = Channel(id="C0VENDORS", name="vendor-risk")

WATCH: list[dict[str, Any]] = [
    {
        "name": "Scale AI",
        "role": "vendor",
        "aliases": ["Scale", "ScaleAI"],
        "people": ["Alexandr Wang"],
        "about": "Data-labelling and AI training-data company",
        "exposure": {"owner": "@kim", "renews": "2026-03-31", "notice_days": 60, "substitutes": ["Surge AI"]},
    },
    {"name": "Meta", "role": "rival", "aliases": ["Facebook"], "about": "Social networks and Llama models"},
    {"name": "Google", "role": "rival", "aliases": ["Alphabet"], "about": "Search company, maker of Gemini"},
]

DEAL = (
    "Meta pays $14.3 billion for 49% stake in Scale AI",
    (
        "Scale AI confirmed on Thursday that Meta is buying a 49 percent stake in a deal that values the "
        "data-labelling company at $29 billion. Founder Alexandr Wang moves to Meta."
    ),
)
REWRITE = (
    "Meta pays $14.3 billion for 49% stake in Scale AI - Morning Ledger",
    (
        "Scale AI confirmed Thursday that Meta is buying a 49 percent stake in a deal that values the data-labelling "
        "company at $29 billion. Founder Alexandr Wang moves to Meta."
    ),
)
HOMONYM = (
    "Fish scale crisps: the zero-waste snack that is winning over chefs",
    "Cleaned, dried and fried, every scale turns into a crunchy garnish.",
)
LEAVING = (
    "Google plans to cut ties with Scale AI after Meta deal, sources say",
    "Google, the largest customer of Scale AI, is in talks with its competitors to move the work.",
)


@dataclass(slots=True)
class Outlet:
    """An RSS feed whose items come and change, the newest on top; `site` is where their articles stand."""

    server: FeedServer
    name: str
    path: str
    site: str = ""
    items: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    hub: str = ""
    """The WebSub hub that it offers, if any."""
    document: bytes = b""

    def publish(self, guid: str, title: str, summary: str = "", *, at: datetime | None = None) -> None:
        """Put an item on top, or change the one with this guid."""
        when = at or self.items.get(guid, ("", "", datetime.now(UTC)))[2]  # noqa: TID251 - the daemon's own clock rules here
        self.items[guid] = (title, summary, when)
        self.show()

    def show(self) -> None:
        """Serve the feed as it stands."""
        site = self.site or f"https://{self.path}.example"
        entries = "".join(
            f"<item><title>{escape(title)}</title><link>{site}/{guid}?utm_source=rss</link>"
            f'<guid isPermaLink="false">{guid}</guid><pubDate>{format_datetime(when)}</pubDate>'
            f"<description>{escape(summary)}</description></item>"
            for guid, (title, summary, when) in reversed(self.items.items())
        )
        own = self.server.url(f"/{self.path}.xml")
        links = (
            f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{rel}" href="{address}"/>'
            for rel, address in (("hub", self.hub), ("self", own))
        )
        self.document = (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{self.name}</title>'
            f"<link>https://{self.path}.example/</link><description>{self.name}</description>"
            f"{''.join(links) if self.hub else ''}<language>en</language>{entries}</channel></rss>"
        ).encode()
        self.server.serve(f"/{self.path}.xml", self.document, content_type="application/rss+xml")

    @property
    def polls(self) -> int:
        """Requests that this feed has had."""
        return len(self.server.requests[f"/{self.path}.xml"])


@dataclass(slots=True)
class World:
    """One test's surroundings; `env` points the daemon at them."""

    folder: Path
    server: FeedServer
    slack: SlackStandIn
    wire: Outlet
    ledger: Outlet
    rules: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment that leads to this Slack."""
        return {"TOCSIN_SLACK_BOT_TOKEN": TOKEN, "TOCSIN_SLACK_API_URL": self.slack.url}

    @property
    def posts(self) -> list[Post]:
        """What Slack has, in order."""
        return self.slack.posts

    def headlines(self) -> list[str]:
        """The headline of each post, from its metadata-free fallback text."""
        return [post.text for post in self.posts]

    def write_rules(self, **changes: Any) -> None:
        """Write the rules anew, with some top-level keys changed."""
        book: dict[str, Any] = {
            "us": {"name": "Acme AI"},
            "watch": WATCH,
            "feeds": [
                {"url": self.server.url(f"/{outlet.path}.xml"), "name": outlet.name, "every": "1s"}
                for outlet in (self.wire, self.ledger)
            ],
            "receivers": {"procurement": {"slack": {"channel": "#vendor-risk"}}},
        }
        (self.rules / "tocsin.yaml").write_text(json.dumps({**book, **changes}, indent=1), encoding="utf-8")


@contextlib.asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Feeds and Slack that answer, and rules that name them."""
    rules = folder / "rules"
    rules.mkdir()
    async with feed_server() as server, SlackStandIn(token=TOKEN, channels=(CHANNEL,)) as slack:
        made = World(
            folder=folder,
            server=server,
            slack=slack,
            wire=Outlet(server=server, name="Harbour Wire", path="wire"),
            ledger=Outlet(server=server, name="Morning Ledger", path="ledger"),
            rules=rules,
        )
        made.wire.show()
        made.ledger.show()
        made.write_rules()
        yield made
