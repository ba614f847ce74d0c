"""Which limit a host has: the user's word, else none within his own networks, else what its source knows, else ours."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.support.clock import FakeClock
from tocsin.collect.turns import AHEAD, HostLimits, Turns
from tocsin.http import host_of
from tocsin.infra.memory import MemoryStore
from tocsin.model import Feed
from tocsin.plugins import installed
from tocsin.politeness import POLITE, HostLimit

MINE = HostLimit(gap=timedelta(seconds=9))
OWN = (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


def test_a_stranger_is_asked_politely():
    """Whoever says nothing gets the default, or what the user writes for all."""
    assert HostLimits({}).of("news.example") == POLITE
    assert HostLimits({"*": MINE}).of("news.example") == MINE
    assert HostLimits({"*": None}).of("news.example") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "fd00::1"])
def test_ones_own_networks_have_no_limit(host):
    """A host that is named by an address among TOCSIN_ALLOW_NETWORKS may be asked as one likes, unless one said how."""
    assert HostLimits({}, own=OWN).of(host) is None
    assert HostLimits({"*": MINE}, own=OWN).of(host) is None
    assert HostLimits({host: MINE}, own=OWN).of(host) == MINE
    assert HostLimits({}).of(host) == POLITE


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1.example", "localhost", "1.2.3", "0x7f000001"])
def test_what_is_not_in_ones_networks_has_one(host):
    """Names too, wherever they lead: they are not looked up for this."""
    assert HostLimits({}, own=OWN).of(host) == POLITE


@pytest.mark.parametrize("host", ["", "a" * 254])
def test_what_is_no_host_needs_no_turn(host):
    """It can't be asked anyhow, and must not fill the store."""
    assert HostLimits({}).of(host) is None


@pytest.mark.parametrize(
    ("host", "a_minute"),
    [("www.sec.gov", 600), ("api.gdeltproject.org", 12), ("www.reddit.com", 10), ("api.github.com", 1)],
)
def test_what_a_publisher_documents_is_kept(host, a_minute):
    """The shipped sources stay within what their hosts allow, and a user may set it otherwise."""
    sources = installed().sources
    limit = HostLimits({"*": None}, sources=sources).of(host)
    assert limit is not None
    assert timedelta(minutes=1) / limit.gap <= a_minute
    assert HostLimits({host: MINE}, sources=sources).of(host) == MINE


def test_an_hours_requests_at_github_are_within_its_sixty():
    """The burst after a rest counts, too."""
    limit = HostLimits({}, sources=installed().sources).of("api.github.com")
    assert limit is not None
    assert limit.burst + timedelta(hours=1) / limit.gap <= 60


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example:8443/feed?x", "news.example"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://[FD00::1]/", "fd00::1"),
        ("http://user:secret@news.example/", "news.example"),
        ("nonsense", ""),
        ("http://[", ""),
    ],
)
def test_the_host_of_an_address(url, host):
    """As it is asked, whatever its spelling."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("gap", "feeds", "line"),
    [(None, 3, AHEAD), (timedelta(seconds=0.1), 1, AHEAD), (timedelta(seconds=9), 3, timedelta(seconds=27))],
)
def test_a_feed_is_never_put_off_for_longer_than_the_longest_line(gap, feeds, line):
    """Who is sent back comes again after `AHEAD` at the soonest, also where the line is shorter, or there is none."""
    turns = Turns(MemoryStore(), FakeClock(), HostLimits({"*": HostLimit(gap=gap) if gap else None}))
    urls = [f"https://news.example/{number}" for number in range(feeds)]
    assert turns.longest_line([Feed(id=url, source="rss", url=url, name="N") for url in urls]) == line
    assert turns.longest_line([]) == AHEAD
