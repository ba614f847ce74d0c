"""Values become bytes and come back, also from other versions."""

import json
import math
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from types import NoneType
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.alerts import CONFIRMED
from tests.support.clock import START
from tests.support.stores import delivery, state, story
from tocsin.infra.redis_codec import Codec, from_micros, id_bytes, id_text, micros
from tocsin.model import Alert, DeadLetter, Delivery, FeedState, Involved, Party, Severity, Story, Telling
from tocsin.vitals import Tempo, Vitals


@pytest.mark.parametrize(
    "value",
    [
        state("f", etag="e", polled_at=START, error="ü"),
        story("s", rung=None),
        delivery("d", attempt=3, maybe_sent_since=START),
        Delivery(id="u", alert=replace(CONFIRMED, was=Severity.HIGH, broadcast=True), receiver="r", queued_at=START),
        DeadLetter(delivery=delivery("d"), reason="no", died_at=START),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_as_it_was(value):
    """Every kind of stored value is equal to itself after a round trip, sketches beyond 2**53 included."""
    codec = Codec(type(value))
    assert codec.load(codec.dump(value)) == value


@pytest.mark.parametrize("title", ["null", "ü", "half a pair \ud83d", "null and half a pair \ud83d"])
def test_every_text_can_be_written(title):
    """A title comes back as it was, with a question mark in the place of half a surrogate pair."""
    found = Codec(Story).load(Codec(Story).dump(story("s", title=title)))
    assert found is not None
    assert found.title == title.replace("\ud83d", "?")


def test_a_number_that_is_not_finite_comes_back():
    """One number beyond all measure doesn't make the value that holds it unreadable."""
    value = state("f", vitals=Vitals(tempo=Tempo(hours=(), weekdays=(), heat=math.inf)))
    assert Codec(FeedState).load(Codec(FeedState).dump(value)) == value


@pytest.mark.parametrize(("kind", "value"), [(FeedState, state("f")), (Story, story("s")), (Delivery, delivery("d"))])
def test_a_field_of_a_later_version_is_ignored(kind, value):
    """What a later version wrote is read without the fields that this one doesn't know: a downgrade works."""
    codec = Codec(kind)
    later = json.loads(codec.dump(value)) | {"invented_later": {"deep": [1, 2]}}
    assert codec.load(json.dumps(later).encode()) == value


def test_a_nested_field_of_a_later_version_is_ignored():
    """Unknown fields inside an alert are ignored like those beside it."""
    codec = Codec(Delivery)
    later = json.loads(codec.dump(delivery("d")))
    later["alert"]["invented_later"] = 1
    assert codec.load(json.dumps(later).encode()) == delivery("d")


def test_a_field_of_an_earlier_version_may_be_missing():
    """A field with a default that an earlier version didn't write is read as the default."""
    codec = Codec(Story)
    earlier = json.loads(codec.dump(story("s", rung=Severity.LOW)))
    del earlier["rung"]
    assert codec.load(json.dumps(earlier).encode()) == story("s", rung=None)


def test_a_story_of_before_there_was_a_timeline_is_read():
    """A ledger written when a story held less comes back with what it had."""
    codec = Codec(Story)
    earlier = json.loads(codec.dump(story("s")))
    later = [each.name for each in fields(Story) if each.name in _SINCE_TIMELINES]
    assert len(later) == len(_SINCE_TIMELINES)
    for name in later:
        earlier.pop(name, None)
    found = codec.load(json.dumps(earlier).encode())
    assert found is not None
    assert (found.kinds, found.involved, found.timeline, found.told_at) == ({}, (), (), None)
    assert (found.title, found.items, found.rung) == (story("s").title, 1, Severity.CRITICAL)


_SINCE_TIMELINES = {
    *("kinds", "involved", "grave", "known", "sources", "primary"),
    *("told_at", "follows", "into", "timeline"),
}


@pytest.mark.parametrize(
    "kind", [FeedState, Story, Involved, Telling, DeadLetter, Delivery, Alert, Party], ids=lambda kind: kind.__name__
)
def test_what_may_be_none_has_a_default(kind):
    """A field that is None isn't written, so that one without a default would make its whole value unreadable."""
    hints = get_type_hints(kind)
    bare = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
    assert {name for name in bare if NoneType in get_args(hints[name])} == set()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"{}", b'{"id": 1}', b"\xff\xfe"])
def test_what_cannot_be_read_is_none(text):
    """A value that makes no sense is None, not an exception."""
    assert Codec(Story).load(text) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2250, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis adds the zone
def test_times_are_exact_as_scores(at):
    """A time is the same to the microsecond after it was a sorted set's score, which is a double."""
    assert from_micros(float(micros(at))) == at
    assert micros(at + timedelta(microseconds=1)) == micros(at) + 1


def test_a_time_in_another_zone_is_the_same_instant():
    """The score of a time doesn't depend on its zone."""
    assert micros(START.astimezone(timezone(timedelta(hours=5, minutes=30)))) == micros(START)


@given(st.text(st.characters(exclude_categories=())))
def test_any_id_comes_back(name):
    """Every string, half surrogate pairs included, is itself again after it was an id's bytes."""
    assert id_text(id_bytes(name)) == name
