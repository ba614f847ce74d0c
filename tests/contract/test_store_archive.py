"""Every store shares alike what replicas know of articles: whose turn a site is, what it bears, and what was read."""

from datetime import timedelta

import pytest

from tests.contract.conftest import MakeStore
from tests.support.clock import START
from tests.support.stores import DAY, HOLD, MINUTE
from tocsin.articles import Article
from tocsin.infra.limits import StoreLimits
from tocsin.politeness import HostLimit
from tocsin.ports import Archive, Store

HOST, OTHER = "news.example", "other.example"
SECOND = timedelta(seconds=1)
HOUR = 60 * MINUTE
ONE_A_SECOND = HostLimit(gap=SECOND)
TWO_AN_HOUR = HostLimit(gap=HOUR / 2, burst=2)
READ = Article(kind="read", words=700, text="Tills stood still.\nFrom north to \u5357.")
MISSING = Article(kind="missing", detail="404")


@pytest.fixture
def archive(store: Store) -> Archive:
    return store.archive


async def entered(
    archive: Archive, reader: str = "a", after: timedelta = 0 * SECOND, *, within: timedelta = SECOND, host: str = HOST
) -> tuple[bool, timedelta]:
    """Whether the reader has the host, and when its turn is or it should ask again, counted from START."""
    now = START + after
    granted, at = await archive.enter(reader, host, ONE_A_SECOND, now, until=now + 10 * SECOND, within=within)
    return granted, at - START


async def spent(archive: Archive, count: int, after: timedelta = 0 * SECOND, host: str = HOST) -> str | None:
    return await archive.spend(host, TWO_AN_HOUR, START + after, count=count)


async def test_the_turns_of_a_site_are_a_gap_apart(archive):
    """For one reader as for all, and at each host by itself."""
    assert await entered(archive) == (True, 0 * SECOND)
    assert await entered(archive) == (True, SECOND)
    assert await entered(archive) == (False, 2 * SECOND)
    assert await entered(archive, host=OTHER) == (True, 0 * SECOND)
    assert await entered(archive, after=2 * SECOND) == (True, 2 * SECOND)


async def test_a_site_is_one_readers_at_a_time(archive):
    """Another gets it when that one leaves, or when its time is over; who hasn't got it can't give it away."""
    assert await entered(archive, "a") == (True, 0 * SECOND)
    granted, at = await entered(archive, "b", 2 * SECOND)
    assert (granted, 2 * SECOND < at < 3 * SECOND) == (False, True)
    await archive.leave("b", HOST)
    assert (await entered(archive, "b", 2 * SECOND))[0] is False
    await archive.leave("a", HOST)
    assert await entered(archive, "b", 2 * SECOND) == (True, 2 * SECOND)
    assert (await entered(archive, "a", 11 * SECOND))[0] is False
    assert await entered(archive, "a", 12 * SECOND) == (True, 12 * SECOND)


async def test_articles_and_polls_take_the_same_turns(archive, store):
    """A poll waits for the gap behind an article, and the other way round; none takes the other's place."""
    await store.sync_feeds(["f", "g"], START)
    leases = await store.lease_feeds(START, limit=2, hold=HOLD)
    limit = HostLimit(gap=SECOND, at_once=1)
    assert await entered(archive) == (True, 0 * SECOND)
    [(granted, at)] = await store.admit([(leases[0], HOST, limit)], START, within=SECOND)
    assert (granted, at) == (True, START + SECOND)
    assert await entered(archive) == (False, 2 * SECOND)
    assert await entered(archive, after=2 * SECOND) == (True, 2 * SECOND)


async def test_what_is_owed_makes_the_next_turn_later(archive):
    """A robots.txt is a request, too; but no more is owed than a turn or two, however many redirects there were."""
    assert await entered(archive) == (True, 0 * SECOND)
    await archive.owe(HOST, ONE_A_SECOND, START)
    assert await entered(archive) == (False, 2 * SECOND)
    for _ in range(50):
        await archive.owe(HOST, ONE_A_SECOND, START)
    assert await entered(archive) == (False, 2 * SECOND)
    await archive.owe(OTHER, ONE_A_SECOND, START)
    assert await entered(archive, host=OTHER) == (True, SECOND)


async def test_a_site_has_a_budget(archive):
    """So many at once, then one in a gap; to look costs nothing, and what wasn't fetched is given back."""
    assert [await spent(archive, count) for count in (0, 1, 0, 1, 0, 1)] == [None, None, None, None, "budget", "budget"]
    assert await spent(archive, 1, host=OTHER) is None
    await spent(archive, -1)
    assert [await spent(archive, 1) for _ in range(2)] == [None, "budget"]
    assert [await spent(archive, 1, HOUR / 2) for _ in range(2)] == [None, "budget"]
    assert [await spent(archive, 1, DAY) for _ in range(3)] == [None, None, "budget"]
    await spent(archive, -1, host="never.example")
    assert [await spent(archive, 1, host="never.example") for _ in range(3)] == [None, None, "budget"]


async def test_a_site_that_refuses_rests(archive):
    """As long as it asked, and no shorter for a later word; a day at most."""
    await archive.rest(HOST, START, until=START + HOUR)
    await archive.rest(HOST, START, until=START + MINUTE)
    assert [await spent(archive, 0, after) for after in (MINUTE, HOUR - SECOND, HOUR)] == ["resting", "resting", None]
    await archive.rest(OTHER, START, until=START + 99 * DAY)
    assert [await spent(archive, 0, after, OTHER) for after in (DAY - SECOND, DAY)] == ["resting", None]


async def test_an_article_is_one_readers_to_read_and_then_everybodys(archive):
    """While one is at it another waits; what became of it is told to the letter; nobody's is taken again."""
    until = START + MINUTE
    assert await archive.take("k", START, until=until) is True
    assert await archive.take("k", START, until=until) is False
    assert await archive.take("l", START, until=until) is True
    await archive.keep("k", READ, START)
    await archive.keep("l", None, START)
    assert await archive.take("k", START + SECOND, until=until) == READ
    assert await archive.take("l", START + SECOND, until=until) is True
    await archive.keep("l", MISSING, START + SECOND)
    assert await archive.take("l", START + SECOND, until=until) == MISSING


async def test_who_dies_over_an_article_keeps_it_from_nobody(archive):
    """Its time runs out."""
    assert await archive.take("k", START, until=START + MINUTE) is True
    assert await archive.take("k", START + MINUTE - SECOND, until=START + 2 * MINUTE) is False
    assert await archive.take("k", START + MINUTE, until=START + 2 * MINUTE) is True


async def test_articles_are_forgotten(make_store: MakeStore):
    """After their time, and the oldest beyond so many."""
    archive = make_store(StoreLimits(articles=2, articles_for=HOUR)).archive
    for number in range(3):
        await archive.keep(str(number), READ, START + number * SECOND)
    now = START + 3 * SECOND
    found = [await archive.take(str(number), now, until=now + SECOND) for number in range(3)]
    assert found == [True, READ, READ]
    late = START + HOUR + 1.5 * SECOND
    found = [await archive.take(str(number), late, until=late + SECOND) for number in range(3)]
    assert found == [True, True, READ]


async def test_a_clock_that_was_ahead_keeps_nobody_out(archive):
    """What a replica took, spent or began by a clock a day ahead counts for nobody whose clock is right."""
    assert await entered(archive, "ahead", DAY) == (True, DAY)
    assert [await spent(archive, 1, DAY) for _ in range(2)] == [None, None]
    await archive.rest(HOST, START + 2 * DAY, until=START + 3 * DAY)
    assert await archive.take("k", START + DAY, until=START + DAY + MINUTE) is True
    assert await entered(archive) == (True, 0 * SECOND)
    assert [await spent(archive, 1) for _ in range(2)] == [None, None]
    assert await archive.take("k", START, until=START + MINUTE) is True


async def test_what_a_clock_ahead_has_kept_is_nobodys(make_store: MakeStore):
    """Neither told, nor in the place of what is kept by the right ones; within some minutes it is everybody's."""
    archive = make_store(StoreLimits(articles=2)).archive
    for key in ("k", "l"):
        await archive.keep(key, MISSING, START + 400 * DAY)
    assert await archive.take("k", START, until=START + MINUTE) is True
    await archive.keep("m", MISSING, START + 4 * MINUTE)
    await archive.keep("k", READ, START)
    found = [await archive.take(key, START + SECOND, until=START + MINUTE) for key in ("k", "l", "m")]
    assert found == [READ, True, MISSING]
    assert await archive.take("l", START + 400 * DAY, until=START + 401 * DAY) is True


async def test_a_rest_by_a_clock_ahead_is_replaced(archive):
    """A site that refuses now rests now, and as long as the right clocks say."""
    await archive.rest(HOST, START + 400 * DAY, until=START + 401 * DAY)
    assert await spent(archive, 0) is None
    await archive.rest(HOST, START, until=START + HOUR)
    assert [await spent(archive, 0, after) for after in (MINUTE, HOUR)] == ["resting", None]
    assert await spent(archive, 0, 400 * DAY) is None
