"""Real feeds, if they are at hand: every one is read, with the counts that feedparser gives."""

import io
import random
import warnings
from pathlib import Path

import feedparser
import pytest

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect.parse import parse
from tocsin.model import Fetched, FetchFailed

CORPUS = Path(__file__).parents[3] / "shared" / "feeds"
DOCUMENTS = sorted(
    path
    for folder in ("real", "conformance")
    for path in (CORPUS / folder).rglob("*")
    if path.is_file() and "LICENSE" not in path.name and not path.name.endswith(".serde.json")
)
ABSENT = pytest.mark.skipif(not DOCUMENTS, reason="the corpus of real feeds is not at ../shared/feeds")
# Counted by eye, in an editor.
JSON_FEEDS = {"jsonfeed_elastic_1.1.json": 3, "jsonfeed_example_1.json": 2, "jsonfeed_spec_1.json": 1}


def expected(body):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return len(feedparser.parse(io.BytesIO(body)).entries)


@ABSENT
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.suffix != ".json"], ids=lambda path: path.name)
def test_every_xml_feed_is_read_with_feedparsers_count(path):
    """No exception, and no item lost or made up."""
    body = path.read_bytes()
    result = parse(FEED, body, {}, URL, NOW)
    if isinstance(result, FetchFailed):
        assert expected(body) == 0
    else:
        assert len(result.items) == expected(body)


@ABSENT
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.suffix == ".json"], ids=lambda path: path.name)
def test_every_json_feed_is_read_with_the_count_made_by_hand(path):
    """JSON Feeds too."""
    result = parse(FEED, path.read_bytes(), {}, URL, NOW)
    assert isinstance(result, Fetched)
    assert len(result.items) == JSON_FEEDS[path.name]


@ABSENT
@pytest.mark.parametrize(("name", "articles"), [("nyt_econ", 40), ("wsj_world", 216)])
@pytest.mark.parametrize("order", ["as polled", "backwards", "at random"])
def test_a_replay_yields_each_article_once(name, articles, order):
    """56 polls of two weeks, whatever their order: as many items as there are guids, though titles were edited."""
    polls = sorted((CORPUS / "replay" / name).glob("*.xml"))
    if order == "backwards":
        polls.reverse()
    elif order == "at random":
        random.Random(1).shuffle(polls)
    seen: set[str] = set()
    news = []
    for poll in polls:
        result = parse(FEED, poll.read_bytes(), {}, URL, NOW)
        assert isinstance(result, Fetched)
        news += [item for item in result.items if item.id not in seen]
        seen.update(item.id for item in result.items)
    assert len(news) == len(seen) == articles
    assert len({item.canonical_url for item in news}) == articles
