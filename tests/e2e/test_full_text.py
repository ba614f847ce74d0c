"""Articles behind the items of a real daemon: what only they say stands in the alert, and `explain` shows the step."""

import asyncio
import functools
from pathlib import Path

from tests.e2e.world import World, world
from tests.support.daemon import Daemon, daemon, tocsin, until
from tests.support.pages import page

TITLE = "Meta takes a large stake in Scale AI"
SUMMARY = "Meta is to own a large part of Scale AI, its supplier of labelled data, the companies said on Thursday."
TEXT = (
    "<p>Meta is paying $14.3 billion for 49 percent of Scale AI, the two companies said on Thursday.</p>"
    "<p>The founder, Alexandr Wang, moves to Meta, and his deputy runs the company until the board finds another.</p>"
    "<p>Customers of Scale AI were told that nothing in their contracts changes, and that their data stays apart.</p>"
)
FIRE = (
    "<p>Fire broke out in a battery room before dawn, and the building was without power by six, the operator said.</p>"
    "<p>Sprinklers put it out within the hour; nobody was hurt, and engineers are waiting for the smoke to clear.</p>"
    "<p>Customers whose machines stand in the two halls next door have been asked to move their work elsewhere.</p>"
)
ARTICLE = page(f"<main><article><h1>{TITLE}</h1>{TEXT}</article></main>", title=TITLE)


async def _wake(around: World, running: Daemon) -> None:
    """See an article read: the first one starts the child, which takes a busy machine longer than an alert waits."""
    for number in range(20):
        title = f"Google data centre number {number} down after a fire, customers offline"
        burnt = page(f"<main><article><h1>{title}</h1>{FIRE}</article></main>", title=title)
        around.server.serve(f"/{number}", burnt, content_type="text/html")
        around.wire.publish(str(number), title)
        await until(functools.partial(_asked_for, running, number + 1), 90, what="an article asked for")
        if await running.metric('tocsin_articles_total{outcome="read"}'):
            return
    raise AssertionError("no article was read")


async def _asked_for(running: Daemon, count: int) -> bool:
    """Whether so many articles were asked for, and what became of them is known."""
    counts = [await running.metric(f'tocsin_articles_total{{outcome="{outcome}"}}') for outcome in ("read", "slow")]
    return sum(counts) >= count


async def test_what_the_article_alone_says_stands_in_the_alert(tmp_path: Path) -> None:
    """A summary without a sum rings with the article's sum and share, and the reasons say that it was read."""
    async with world(tmp_path) as around:
        around.wire.site = around.server.base
        around.server.serve("/deal", ARTICLE, content_type="text/html")
        env = {**around.env, "TOCSIN_FULL_TEXT": "auto", "TOCSIN_LEASE": "60s"}
        async with daemon(around.rules, env, tmp_path) as running:
            await _wake(around, running)
            around.wire.publish("deal", TITLE, SUMMARY)
            await until(lambda: [post for post in around.posts if TITLE in post.text], 60, what="the alert of the deal")
    [alert] = [post for post in around.posts if TITLE in post.text]
    assert "$14.3 billion" in alert.shown
    assert "49 percent" in alert.shown
    assert "read in full (" in alert.shown
    assert len(around.server.requests["/deal"]) == 1


async def test_explain_reads_the_article_of_a_page_and_of_a_feeds_items(tmp_path: Path) -> None:
    """Of a page from its own bytes, of a feed behind its links; `off` fetches nothing."""
    async with world(tmp_path) as around:
        around.wire.site = around.server.base
        url = around.server.serve("/deal", ARTICLE, content_type="text/html")
        around.wire.publish("deal", TITLE, SUMMARY)
        feed = around.server.url("/wire.xml")
        env = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8"}

        async def explained(what: str, **more: str) -> str:
            command = ("explain", what, "--rules", str(around.rules))
            ended = await asyncio.to_thread(tocsin, *command, folder=tmp_path, **env, **more)
            assert ended.code == 0, ended.err
            return ended.out

        of_page = await explained(url)
        assert len(around.server.requests["/deal"]) == 1
        of_feed = await explained(feed)
        assert len(around.server.requests["/deal"]) == 2
        without = await explained(feed, TOCSIN_FULL_TEXT="off")
        assert len(around.server.requests["/deal"]) == 2
    assert "article    read in full (" in of_page
    assert "$14.3 billion" in of_page
    assert "article    " in of_feed
    assert "$14.3 billion" not in without
