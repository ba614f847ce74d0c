"""What the child does that reads documents, in this process; and what all readers stand on."""

import io
import pickle
from datetime import timedelta
from types import SimpleNamespace

import feedparser
import pytest

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect import bounded
from tocsin.collect.bounded import MEMORY, BoundedParser
from tocsin.collect.health import seen_this_week
from tocsin.collect.members import object_of, objects_of, text_of
from tocsin.collect.normalize import web_link
from tocsin.collect.parse import parse
from tocsin.model import Fetched, FetchFailed
from tocsin.vitals import Rhythm

RSS = b'<rss version="2.0"><channel><item><title>A</title></item></channel></rss>'
WRONG = [None, True, 5, 1.5, [], {}, ["a"], {"a": 1}, "", " "]


def breaks(*_given, **_named):
    """A reader that didn't think of something."""
    raise RuntimeError("the secret of the document")


def runs_out(*_given):
    """A reader of what goes too deep."""
    raise RecursionError


@pytest.fixture
def serve(monkeypatch):
    """Have the child's loop do some jobs: its answers, and what it asked of the kernel, in order."""
    asked = []

    def run(*jobs, sink=None):
        source, sink = io.BytesIO(b"".join(map(pickle.dumps, jobs))), sink or io.BytesIO()
        monkeypatch.setattr(bounded.resource, "setrlimit", lambda which, limit: asked.append((which, limit)))
        monkeypatch.setattr(bounded.signal, "setitimer", lambda which, seconds: asked.append((which, seconds)))
        streams = SimpleNamespace(stdin=SimpleNamespace(buffer=source), stdout=SimpleNamespace(buffer=sink))
        monkeypatch.setattr(bounded, "sys", streams)
        bounded._serve(1.5)
        written, answers = io.BytesIO(sink.getvalue()), []
        while written.tell() < len(written.getvalue()):
            answers.append(pickle.load(written))
        return answers, asked

    return run


def job(read=parse, body=RSS):
    return (read, FEED, body, {}, URL, NOW)


def test_the_child_answers_each_job_in_turn(serve):
    """As the function would, and until its parent is gone."""
    answers, _ = serve(job(), job(body=b"no feed"), job())
    assert answers == [parse(FEED, body, {}, URL, NOW) for body in (RSS, b"no feed", RSS)]


def test_the_clock_runs_for_each_job_and_never_between(serve):
    """Its memory is bounded before it reads anything."""
    clock = bounded.signal.ITIMER_PROF
    _, asked = serve(job(), job(breaks))
    assert asked == [
        (bounded.resource.RLIMIT_AS, (MEMORY, MEMORY)),
        *[(clock, 1.5), (clock, 0)] * 2,
    ]


def test_a_reader_that_breaks_costs_its_document_and_tells_none_of_it(serve):
    """The next one is read."""
    answers, _ = serve(job(breaks), job(runs_out), job())
    assert [isinstance(answer, FetchFailed) for answer in answers] == [True, True, False]
    assert [answer.reason for answer in answers[:2]] == [
        "this can't be read (RuntimeError)",
        "this can't be read (RecursionError)",
    ]


def test_the_child_ends_quietly_when_nobody_listens(serve):
    """As when the daemon was killed over an answer: nothing is raised, and nothing more is read."""

    class Gone(io.BytesIO):
        def flush(self):
            raise BrokenPipeError

    answers, asked = serve(job(), job(), sink=Gone())
    assert len(answers) == 1
    assert len(asked) == 3


async def test_feeds_that_take_long_are_remembered_up_to_a_number(monkeypatch):
    """The oldest is forgotten first, and has its chance among the quick ones again."""
    monkeypatch.setattr(bounded, "_SUSPECTS", 2)
    parser, asked = BoundedParser(), []

    async def quick(_job):
        asked.append(_job[1].id)
        return None, 1.0

    async def slow(_job):
        return Fetched(items=(), url=URL), 1.0

    monkeypatch.setattr(parser._quick, "read", quick)
    monkeypatch.setattr(parser._slow, "read", slow)
    try:
        for name in ("a", "b", "a", "c", "b", "a"):
            feed = bounded.Feed(id=name, source="rss", url=URL, name=name)
            assert await parser.parse(feed, RSS, {}, URL, NOW) == Fetched(items=(), url=URL)
    finally:
        parser.close()
    assert asked == ["a", "b", "c", "a"]


def test_what_the_library_raises_is_a_failure(monkeypatch):
    """It promises nothing."""
    monkeypatch.setattr(feedparser, "parse", breaks)
    assert parse(FEED, RSS, {}, URL, NOW) == FetchFailed(
        kind="parse", reason="this can't be read as a feed (RuntimeError)"
    )


@pytest.mark.parametrize("wrong", WRONG)
def test_a_member_that_is_no_text_is_no_text(wrong):
    """Nor is a missing one."""
    assert text_of({"a": wrong}, "a") == ""
    assert text_of({}, "a") == ""
    assert text_of({"a": " b \n"}, "a") == "b"


@pytest.mark.parametrize("wrong", [one for one in WRONG if not isinstance(one, dict)])
def test_a_member_that_is_no_object_is_an_empty_one(wrong):
    """Nor is a missing one."""
    assert object_of({"a": wrong}, "a") == {}
    assert object_of({}, "a") == {}
    assert object_of({"a": {"b": wrong}}, "a") == {"b": wrong}


@pytest.mark.parametrize("wrong", WRONG)
def test_of_a_list_only_its_objects_are_taken(wrong):
    """And of what is no list, nothing."""
    assert objects_of({"a": wrong}, "a") == []
    assert objects_of({}, "a") == []
    assert objects_of({"a": [5, {"b": wrong}, "c", [{}]]}, "a") == [{"b": wrong}]


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("https://a.example/b c\x00", "https://a.example/b%20c%00"),
        ("/b", "https://news.example/b"),
        ("http://[fe80::1%a\x85]/", None),
        ("http://[fe80::1%25a]/", "http://[fe80::1%25a]/"),
        ("\x01http://a.example/", None),
        ("http://[::1/", None),
        ("https://a.example/" + "\x00" * 2000, None),
        ("http:///b", None),
        (" ", None),
    ],
)
def test_a_link_is_good_as_it_will_be_opened(link, made):
    """Not as it was before its characters were escaped."""
    assert web_link(link, URL) == made


def test_a_feed_of_which_nothing_is_known_has_brought_nothing():
    """As one that brought nothing for a week; what is older than a week is not counted."""
    assert seen_this_week(None, NOW) == 0
    rhythm = Rhythm(since=NOW - timedelta(days=30), at=NOW, days=(1, 2, 3, 4, 5, 6, 7))
    assert seen_this_week(rhythm, NOW) == 28
    assert seen_this_week(rhythm, NOW + timedelta(days=6)) == 1
    assert seen_this_week(rhythm, NOW + timedelta(days=7)) == 0
