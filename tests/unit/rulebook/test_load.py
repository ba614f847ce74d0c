"""What the YAML of several files comes to."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.support.readings import EVENTS, match, reading, rulebook_of, some_plugins
from tocsin.decide.assess import assess
from tocsin.model import Severity, Trust
from tocsin.rulebook.document import parse
from tocsin.rulebook.duration import Duration, parse_duration
from tocsin.rulebook.load import load_texts
from tocsin.rulebook.schema import Receiver, Strict

W = "watch:\n  - {name: Okta, role: vendor}\n"


def test_a_whole_rulebook_is_read():
    """Each section arrives typed."""
    book = rulebook_of(
        """
us: {name: Acme AI, aliases: Acme}
watch:
  - name: Scale AI
    role: vendor
    aliases: [Scale]
    people:
    not: economies of scale
    exposure: {owner: "@kim", renews: 2026-03-31, notice_days: 60}
  - {name: Backer, role: investor}
feeds:
  - https://x.example/feed
  - {url: "https://status.x.example/rss", name: Status, about: Scale AI, trust: primary, every: 1h30m}
rules:
  - {name: r, when: {role: investor, not: {watch: Scale AI}}, severity: low}
routes:
  - {severity: high, to: console}
"""
    )
    scale = book.watch[0]
    assert book.us is not None
    assert (book.us.aliases, scale.not_, scale.people) == (("Acme",), ("economies of scale",), ())
    assert scale.exposure is not None
    assert (scale.exposure.renews, scale.exposure.notice_by) == (date(2026, 3, 31), date(2026, 1, 30))
    assert (book.feeds[0].url, book.feeds[0].source) == ("https://x.example/feed", "rss")
    status = book.feeds[1]
    assert (status.about, status.trust, status.every) == ("Scale AI", Trust.PRIMARY, timedelta(minutes=90))
    assert (book.routes[0].severity, book.routes[0].to) == ((Severity.HIGH,), ("console",))
    assert [rule.name for rule in book.rules] == ["r"]


def test_no_notice_date_without_a_renewal():
    """Days before nothing are no date."""
    book = rulebook_of(W.replace("vendor}", "vendor, exposure: {notice_days: 60}}"))
    assert book.watch[0].exposure is not None
    assert book.watch[0].exposure.notice_by is None


def test_lists_of_several_files_follow_one_another():
    """The order is that of the files, then that within each."""
    book = rulebook_of(W, "watch: [{name: Box, role: vendor}, {name: Meta, role: rival}]")
    assert [watch.name for watch in book.watch] == ["Okta", "Box", "Meta"]


def test_names_may_be_used_in_another_file_than_they_are_given():
    """A rule in the first file names a watch of the second."""
    book = rulebook_of("rules: [{name: r, severity: low, when: {watch: Okta}}]", W)
    assert assess(reading(match("Okta")), book).rule == "r"


def test_without_rules_the_shipped_ones_apply():
    """Also when a `rules:` section has nothing but comments in it."""
    shipped = "rules: [{name: ours, severity: high, when: {event: outage}}]"
    assert [rule.name for rule in rulebook_of(W, rules=shipped).rules] == ["ours"]
    assert [rule.name for rule in rulebook_of(W + "rules:\n# - none yet\n", rules=shipped).rules] == ["ours"]


def test_own_rules_take_the_place_of_the_shipped_ones():
    """An empty list is a choice."""
    shipped = "rules: [{name: ours, severity: high, when: {event: outage}}]"
    own = W + "rules: [{name: mine, severity: low, when: {event: outage}}]"
    assert [rule.name for rule in rulebook_of(own, rules=shipped).rules] == ["mine"]
    assert rulebook_of(W + "rules: []", rules=shipped).rules == ()


def test_events_are_laid_over_the_shipped_ones():
    """A kind described anew is the user's whole; one without `about` gains examples; a new one joins."""
    shipped = (
        "events:\n  outage: {about: It fails, examples: [It is down]}\n  layoffs: {about: Cuts, examples: [Jobs go]}\n"
    )
    own = W + "events:\n  outage: {examples: [It is slow]}\n  layoffs: {about: Mine}\n  strike: {about: They stop}\n"
    events = load_texts({"a.yaml": own}, defaults={"events.yaml": shipped}, plugins=some_plugins()).events
    assert (events["outage"].about, events["outage"].examples) == ("It fails", ("It is down", "It is slow"))
    assert (events["layoffs"].about, events["layoffs"].examples) == ("Mine", ())
    assert list(events) == ["outage", "layoffs", "strike"]


def test_a_copy_of_the_shipped_events_changes_nothing():
    """Whoever starts from a copy of the shipped folder gets the shipped rulebook."""
    assert rulebook_of(W, EVENTS) == rulebook_of(W)


def test_without_receivers_there_is_the_console():
    """Its settings are the console's own defaults; routes stay as written: none."""
    book = rulebook_of(W)
    assert [(receiver.name, receiver.kind) for receiver in book.receivers] == [("console", "console")]
    assert book.receivers[0].settings is not None
    assert book.routes == ()


def test_a_receiver_carries_its_notifier_s_own_settings():
    """The notifier's model has read them; nothing after the kind means defaults."""
    book = rulebook_of(W + "receivers:\n  risk: {slack: {channel: '#risk'}}\n  log: {console: }\n")
    risk, log = book.receivers
    assert isinstance(risk, Receiver)
    assert (risk.name, risk.kind, risk.settings.channel) == ("risk", "slack", "#risk")
    assert log.kind == "console"


def test_the_scorer_s_line_is_ignored():
    """A labelled set's watch file is a normal watch file with a `scenario:` line."""
    assert rulebook_of("scenario: ai-lab\n" + W) == rulebook_of(W)


def test_a_feed_condition_may_name_a_feed_by_its_address():
    """The address becomes the feed's name, which is what items carry."""
    feeds = "feeds:\n  - {url: 'https://s.example/rss', name: Status}\n  - https://news.example/feed.xml\n"
    rules = (
        "rules:\n  - {name: r, severity: low, when: {feed: 'https://s.example/rss'}}\n"
        "  - {name: q, severity: low, when: {feed: 'news.example*'}}\n"
    )
    book = rulebook_of(W + feeds + rules)
    assert assess(reading(match("Okta"), feed_name="Status"), book).rule == "r"
    assert assess(reading(match("Okta"), feed_name="news.example/feed.xml"), book).rule == "q"


def test_words_that_older_yaml_takes_for_truth_are_text():
    """YAML 1.2: a company may be called `no`, `on` or `08:30`."""
    book = rulebook_of(
        "watch:\n  - {name: no, role: vendor}\n  - {name: on, role: vendor}\n  - {name: 08:30, role: vendor}\n"
    )
    assert [watch.name for watch in book.watch] == ["no", "on", "08:30"]


def test_scalars_are_read_as_yaml_has_them():
    """Numbers in every notation, truth, nothing, and what only looks like a number."""
    root, faults = parse("f", "[0x1F, 0o17, 0b11, 1_000, -2.5e1, .inf, true, ~, 2026-03-31, '1', \"a\\tb\"]")
    assert not faults
    assert root is not None
    assert root.data == [31, 15, 3, 1000, -25.0, float("inf"), True, None, "2026-03-31", "1", "a\tb"]


def test_a_number_of_more_digits_than_can_be_read_is_text():
    """Python refuses to read a number of 5,000 digits; a file must not crash the daemon."""
    root, _ = parse("f", "a: " + "9" * 5000)
    assert root is not None
    assert root.data["a"] == "9" * 5000


def test_anchors_repeat_a_value():
    """An alias stands for what it names."""
    book = rulebook_of(W.replace("role: vendor}", "role: vendor, aliases: &a [x]}") + "us: {name: A, aliases: *a}\n")
    assert book.us is not None
    assert book.us.aliases == book.watch[0].aliases == ("x",)


def test_a_rulebook_can_t_be_changed():
    """Every model is frozen and closed."""
    book = rulebook_of(W)
    with pytest.raises(ValidationError):
        book.watch[0].name = "Other"  # type: ignore[misc]
    assert all(Strict in type(value).__mro__ for value in (book, book.watch[0]))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("2m", 120),
        ("1h30m", 5400),
        ("1d", 86400),
        (" 1.5 h ", 5400),
        ("250ms", 0.25),
        ("1W", 604800),
        ("0s", 0),
    ],
)
def test_spans_of_time(text, seconds):
    """Numbers with units, added up."""
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "-2m", "1y", "2 minutes", "1h 30", "9999d", "1" * 50 + "s", "٣m m"])
def test_what_is_no_span_of_time(text):
    """A number without a unit, an unknown unit, or more than a year."""
    with pytest.raises(ValueError, match="must be"):
        parse_duration(text)


@given(st.text(max_size=60))
def test_any_text_is_a_span_or_a_sentence(text):
    """No other exception, and never a negative span."""
    try:
        assert parse_duration(text) >= timedelta(0)
    except ValueError as error:
        said = str(error)
        assert said.startswith("must be")


@pytest.mark.parametrize("value", [timedelta(0), [], True, "0s"])
def test_a_duration_is_longer_than_nothing(value):
    """Zero, and what is no span at all, are refused."""
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(value)
    assert TypeAdapter(Duration).validate_python(timedelta(seconds=1)) == timedelta(seconds=1)
