"""What the receivers are told of feeds in trouble: once, together, and in time."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clock import START
from tocsin.infra.limits import StoreLimits
from tocsin.infra.memory import MemoryStore
from tocsin.model import Alert, Delivery, Feed, FeedState, Severity
from tocsin.plugins import installed
from tocsin.rulebook.schema import Receiver, Route, Rulebook, Watch
from tocsin.vitals import Trouble, Vitals
from tocsin.watchman import Watchman, moved_to

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NINE = START.replace(minute=0, second=0, microsecond=0)
DESK = Receiver(name="desk", kind="console", settings=None)
BOOK = Rulebook(watch=(Watch(name="Okta", role="vendor"), Watch(name="Meta", role="rival")), receivers=(DESK,))


class Outbox:
    """The part of a store that a watchman sees; an id is queued once for ever."""

    def __init__(self, *states: FeedState) -> None:
        self.states = {state.feed_id: state for state in states}
        self.queued: dict[str, Alert] = {}
        self.kept = MemoryStore()

    async def feed_states(self) -> dict[str, FeedState]:
        return self.states

    async def enqueue(self, deliveries: tuple[Delivery, ...], _now: datetime) -> int:
        new = {entry.id: entry.alert for entry in deliveries if entry.id not in self.queued}
        self.queued |= new
        return len(new)

    async def bare(self, watches: list[str], now: datetime, *, apart: timedelta) -> dict[str, Trouble]:
        return await self.kept.bare(watches, now, apart=apart)

    @property
    def headlines(self) -> list[str]:
        return [alert.headline for alert in self.queued.values()]


def feed(name, about=None):
    return Feed(id=name, source="rss", url=f"https://{name}.example/feed", name=name, about=about)


def state(name, trouble=None, **changes):
    values = {"url": f"https://{name}.example/feed", "next_poll_at": NINE, "polled_at": NINE, "succeeded_at": NINE}
    return FeedState(feed_id=name, vitals=Vitals(trouble=trouble), **(values | changes))


def dead(found=NINE, over=None, kind="dead"):
    return Trouble(kind=kind, since=found - DAY, found_at=found, over_at=over)


async def looked(outbox, *feeds, now=NINE + HOUR + 5 * MINUTE, book=BOOK, watchman=None):
    watchman = watchman or Watchman(outbox, {})
    return await watchman.look(book, {each.id: each for each in feeds}, now)


async def test_a_trouble_is_told_when_its_hour_is_over_and_once():
    """Not before the hour has ended; then once, also by another replica and after a restart."""
    outbox, feeds = (
        Outbox(state("a", dead(), failures=9, error="it is not there (404)"), state("b")),
        (feed("a"), feed("b")),
    )
    await looked(outbox, *feeds, now=NINE + 59 * MINUTE)
    assert outbox.headlines == []
    for _ in range(2):
        await looked(outbox, *feeds)
    assert outbox.headlines == ["The feed a is dead"]
    [alert] = outbox.queued.values()
    assert (alert.kind, alert.severity) == ("notice", Severity.MEDIUM)
    assert "it is not there (404)" in alert.reasons[0]


async def test_its_end_is_told_once():
    """The hour in which it ended has a notice of its own."""
    outbox = Outbox(state("a", dead(over=NINE + 3 * HOUR)), state("b"))
    await looked(outbox, feed("a"), feed("b"))
    await looked(outbox, feed("a"), feed("b"), now=NINE + 4 * HOUR + 5 * MINUTE)
    assert outbox.headlines == ["The feed a is dead", "The feed a is back"]


async def test_a_short_trouble_is_not_told():
    """What is over within the hour of its beginning has hurt nobody."""
    outbox = Outbox(state("a", dead(over=NINE + 50 * MINUTE)), state("b"))
    await looked(outbox, feed("a"), feed("b"))
    assert outbox.headlines == []


async def test_old_news_are_not_told():
    """A receiver that is new today hears nothing of the feed that was dead for some hours last week."""
    outbox = Outbox(state("a", dead(over=NINE + 5 * HOUR)), state("b"))
    await looked(outbox, feed("a"), feed("b"), now=NINE + 3 * DAY)
    assert outbox.headlines == []


async def test_what_lasts_is_told_by_a_daemon_that_was_off():
    """A feed found dead just before it stopped is told when it runs again, once; but not for ever."""
    outbox = Outbox(state("a", dead()), state("b"))
    for days in (3, 4, 20):
        await looked(outbox, feed("a"), feed("b"), now=NINE + days * DAY)
    assert outbox.headlines == ["The feed a is dead"]
    forgotten = Outbox(state("a", dead()), state("b"))
    await looked(forgotten, feed("a"), feed("b"), now=NINE + StoreLimits().delivered_for)
    assert forgotten.headlines == []


async def test_a_thousand_feeds_ring_as_one():
    """One notice names the first, says how many, and whose fault it may be."""
    names = [f"f{number:04}" for number in range(1000)]
    outbox = Outbox(*(state(name, dead(NINE + MINUTE * (at % 60)), failures=9) for at, name in enumerate(names)))
    await looked(outbox, *map(feed, names))
    of_feeds = [alert for alert in outbox.queued.values() if alert.severity is Severity.MEDIUM]
    assert [alert.headline for alert in of_feeds] == ["1000 feeds are in trouble: f0000, f0001, f0002, …"]
    assert "network" in of_feeds[0].reasons[0]


async def test_a_quiet_feed_and_a_gone_one_are_called_so():
    """One word each, and what it means."""
    quiet, gone = Outbox(state("a", dead(kind="quiet"))), Outbox(state("a", dead(kind="gone"), failures=1), state("b"))
    await looked(quiet, feed("a"))
    await looked(gone, feed("a"), feed("b"))
    assert quiet.headlines == ["The feed a has fallen quiet"]
    assert gone.headlines == ["The feed a is gone"]


async def test_a_watch_is_uncovered_while_all_its_feeds_are_dead():
    """From the last that dies to the first that comes back; a feed about another watch is no help."""
    feeds = (feed("a", "Okta"), feed("b", "Okta"), feed("c", "Meta"))
    outbox = Outbox(state("a", dead(), failures=9), state("b", dead(NINE + 5 * HOUR), failures=9), state("c"))
    await looked(outbox, *feeds)
    assert outbox.headlines == ["The feed a is dead"]
    await looked(outbox, *feeds, now=NINE + 6 * HOUR + 5 * MINUTE)
    assert outbox.headlines[1:] == ["The feed b is dead", "No feed that works covers Okta any more"]
    assert list(outbox.queued.values())[-1].severity is Severity.HIGH
    outbox.states["b"] = state("b", dead(NINE + 5 * HOUR, over=NINE + 8 * HOUR))
    await looked(outbox, *feeds, now=NINE + 9 * HOUR + 5 * MINUTE)
    assert outbox.headlines[3:] == ["The feed b is back", "Okta is covered again"]


async def test_a_general_feed_covers_all():
    """A quiet general feed still covers; when it is dead, too, every watch is uncovered, in one notice."""
    feeds = (feed("a", "Okta"), feed("all"))
    outbox = Outbox(state("a", dead()), state("all", dead(kind="quiet")))
    await looked(outbox, *feeds)
    assert not any("cover" in headline for headline in outbox.headlines)
    outbox = Outbox(state("a", dead()), state("all", dead()))
    await looked(outbox, *feeds)
    assert "No feed that works covers 2 watches any more: Okta, Meta" in outbox.headlines


async def test_a_watch_without_any_feed_is_told_at_once():
    """It needs no hour; the edit that gives it a feed is answered within one; restarts change nothing of it."""
    outbox = Outbox(state("a"))
    for now in (NINE, NINE + MINUTE, NINE + 10 * DAY, NINE + 40 * DAY):
        await looked(outbox, feed("a", "Okta"), now=now)
    assert outbox.headlines == ["No feed covers Meta"]
    outbox.queued.clear()  # the store forgets after thirty days what it has delivered
    await looked(outbox, feed("a", "Okta"), now=NINE + 41 * DAY)
    assert outbox.headlines == []
    for wait in (0, 1, 59, 61, 90):
        await looked(outbox, feed("a"), now=NINE + 42 * DAY + wait * MINUTE)
    assert outbox.headlines == ["Meta is covered again"]
    for days in (44, 45):
        await looked(outbox, feed("a", "Okta"), now=NINE + days * DAY)
        for hours in (1, 3):
            await looked(outbox, feed("a"), now=NINE + days * DAY + hours * HOUR)
    assert outbox.headlines[1:] == ["No feed covers Meta", "Meta is covered again"] * 2


async def test_replicas_with_other_rules_do_not_ring_in_turns():
    """While one has read the edit and the other hasn't, nothing is told that wasn't; then how it ended."""
    outbox = Outbox(state("a"))
    for minute in range(0, 240, 2):
        await looked(outbox, feed("a", "Okta"), now=NINE + minute * MINUTE)
        await looked(outbox, feed("a"), now=NINE + (minute + 1) * MINUTE)
    assert outbox.headlines == ["No feed covers Meta"]
    await looked(outbox, feed("a"), now=NINE + 5 * HOUR)
    assert outbox.headlines == ["No feed covers Meta", "Meta is covered again"]


async def test_a_watch_that_is_watched_no_more_is_not_covered_again():
    """What the user took out of the rules needs no feed."""
    outbox = Outbox(state("a"))
    await looked(outbox, feed("a", "Okta"), now=NINE)
    without = BOOK.model_copy(update={"watch": BOOK.watch[:1]})
    for hours in (1, 3):
        await looked(outbox, feed("a", "Okta"), now=NINE + hours * HOUR, book=without)
    assert outbox.headlines == ["No feed covers Meta"]


async def test_a_feed_that_is_not_polled_any_more_is_not_told():
    """What the user took out of the rules is nobody's loss."""
    outbox = Outbox(state("a", dead()), state("b"))
    await looked(outbox, feed("b"))
    assert outbox.headlines == []


async def test_a_notice_is_told_whatever_the_routes():
    """No route for its severity sends it everywhere."""
    outbox = Outbox(state("a", dead()), state("b"))
    routed = BOOK.model_copy(update={"routes": (Route(severity=(Severity.CRITICAL,), to=("desk",)),)})
    await looked(outbox, feed("a"), feed("b"), book=routed)
    assert outbox.headlines == ["The feed a is dead"]


async def test_the_conditions_are_counted():
    """Health tells how many feeds do badly."""
    outbox = Outbox(state("a", dead(), failures=9), state("b", failures=1), state("c"))
    found = await looked(outbox, feed("a"), feed("b"), feed("c"), feed("d"))
    assert found == {"new": 1, "failing": 1, "dead": 1, "gone": 0, "quiet": 0}


def test_a_feed_has_moved_where_its_server_said_so():
    """Whatever asks the written address itself; that of a search, or of an API beside a page, is none to write."""
    there, sources = state("a", url="https://new.example/feed?key=1"), installed().sources
    for source in ("rss", "page", "sitemap_news"):
        assert moved_to(replace(feed("a"), source=source), there, sources) == "https://new.example/feed?key=1"
    for source in ("google_news", "statuspage", "github", "edgar"):
        assert moved_to(replace(feed("a"), source=source), there, sources) is None
    assert moved_to(feed("a"), state("a"), sources) is None
    assert moved_to(replace(feed("a"), url="HTTPS://a.example/%66eed"), state("a"), sources) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.none() | st.integers(0, 600)), min_size=1, max_size=8))
async def test_every_trouble_is_told_once_and_its_end_once(spans):
    """Whatever the minutes at which feeds fall ill and mend, and however often one looks: one line each."""
    outbox = Outbox()
    names = [f"f{number}" for number in range(len(spans))]
    lives = [(at, at + lasts if lasts is not None else None) for at, lasts in spans]
    for minute in range(0, 1400, 11):
        now = NINE + minute * MINUTE
        for name, (begins, ends) in zip(names, lives, strict=True):
            over = NINE + ends * MINUTE if ends is not None and ends <= minute else None
            outbox.states[name] = state(name, dead(NINE + begins * MINUTE, over) if begins <= minute else None)
        await looked(outbox, *map(feed, names), feed("well"), now=now)
    lines = [line for alert in outbox.queued.values() for line in alert.reasons]
    for name, (begins, ends) in zip(names, lives, strict=True):
        short = ends is not None and ends // 60 == begins // 60
        assert sum(1 for line in lines if line.startswith(f"{name}: it has failed")) == (0 if short else 1)
        told_back = sum(1 for line in lines if line.startswith(f"{name}: it answers again"))
        assert told_back == (1 if ends is not None and not short else 0)
