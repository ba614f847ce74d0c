"""Wording: an alert in words that no feed can bend."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.alerts import CONFIRMED, FOUNDING, META, NOW, SCALE
from tocsin.deliver.wording import MAX_LINE, MAX_LIST, age, brief, clean, compose, cut, safe_link, severity_label
from tocsin.model import Certainty, Part, Severity


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_control_characters_are_gone():
    """An escape sequence loses the characters that would drive a terminal."""
    assert clean("a\x1b[2J\x07b\x9b31m\x00 c\r\nd\te") == "a[2Jb31m c d e"


def test_text_can_not_be_turned_around():
    """Bidirectional controls and invisible characters are gone."""
    assert clean("bank\u202emoc.live\u2066\u200b\ufeff!") == "bankmoc.live!"


def test_joiners_stay():
    """The joiners that emoji, Persian and Hindi are spelt with stay."""
    assert (
        clean("👩\u200d💻 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "👩\u200d💻 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


@given(st.text())
def test_clean_text_is_one_line(text):
    """Whatever comes in, what comes out is one printable line that cleans to itself."""
    out = clean(text)
    assert not {unicodedata.category(c) for c in out} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(out) == out


def test_short_text_is_not_cut():
    """Text of exactly the limit is left alone."""
    assert cut("abcde", 5) == "abcde"


def test_long_text_ends_in_an_ellipsis():
    """Longer text is cut to the limit, the ellipsis counted."""
    assert cut("abcdef", 5) == "abcd…"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(1, 40))
def test_cut_text_fits_in_utf16(text, limit):
    """No text is longer than the limit in UTF-16 units, and no character is cut in half."""
    assert units(cut(text, limit)) <= limit


@pytest.mark.parametrize(
    "link",
    [
        None,
        "javascript:alert(1)",
        "data:text/html,x",
        "/relative",
        "https://",
        "http://[::1",
        "ftp://example.com/a",
        "http://a:99999/",
        "mailto:a@example.com",
    ],
)
def test_other_links_are_not_shown(link):
    """Only an absolute http(s) link with a host is shown."""
    assert safe_link(link) is None


def test_a_link_loses_its_user_name():
    """What stands before an @ in a link can't pass for the host."""
    url = safe_link("https://bank.com:x@evil.example/a b<c>|d")
    assert str(url) == "https://evil.example/a%20b%3Cc%3E%7Cd"


def test_a_link_of_absurd_length_is_not_shown():
    """A link that grows past Slack's limit when percent-encoded is dropped, not the message."""
    assert safe_link("https://example.com/" + "😀" * 400) is None


def test_a_look_alike_host_shows_its_true_name():
    """A host with Cyrillic letters is shown in its ASCII form."""
    told = compose(replace(FOUNDING, link="https://b\u0430nk.com/"), NOW)
    assert told.origin is not None
    assert told.origin.host == "xn--bnk-6cd.com"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=3, seconds=12), "3 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(minutes=-5), "just now"),
        (timedelta(minutes=-6), "dated in the future"),
    ],
)
def test_age_in_words(passed, words):
    """An age is told in the largest unit that says enough; a date in the future isn't believed."""
    assert age(NOW - passed, NOW) == words


def test_severity_has_a_shape_and_a_word_of_its_own():
    """No two severities share a shape or a word."""
    labels = [severity_label(severity).split(" ") for severity in Severity]
    assert len({shape for shape, _ in labels}) == len({word for _, word in labels}) == 4


def test_the_founding_story_in_words():
    """The founding alert is told whole: what, who to whom, facts, rule, source, stakes, reasons."""
    told = compose(FOUNDING, NOW)
    assert (told.label, told.headline) == ("◆ CRITICAL", "Meta to pay nearly $15 billion for 49% stake in Scale AI")
    assert told.details == (
        ("What happened", "investment, reported"),
        ("Who to whom", "Meta (rival) → Scale AI (vendor)"),
        ("Facts", "$15 billion; 49%"),
        ("Rule", "rival takes a stake in a vendor"),
    )
    assert told.origin is not None
    assert (told.origin.name, told.origin.host) == ("The Information", "www.theinformation.com")
    assert told.origin.when == "3 min ago (2025-06-10 14:32 UTC)"
    assert told.stakes == (
        (
            "Scale AI: owner @kim; renews 2026-03-31; notice by 2026-01-30 (in 234 days); spend high; "
            "substitutes Surge AI; data customer PII"
        ),
    )
    assert told.reasons == ("event is investment (0.93)", "Meta, a rival, acts", "Scale AI, a vendor, is the target")


def test_what_is_over_is_told_as_over():
    """Beside what happened, where a reader looks first."""
    told = compose(replace(FOUNDING, event="outage", over=True), NOW)
    assert told.details[0] == ("What happened", "outage, reported, over")


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ((Part.ACTOR, Part.NONE), [("Who", "Meta (rival)"), ("Also about", "Scale AI (vendor)")]),
        ((Part.NONE, Part.TARGET), [("To whom", "Scale AI (vendor)"), ("Also about", "Meta (rival)")]),
        ((Part.NONE, Part.NONE), [("About", "Meta (rival), Scale AI (vendor)")]),
    ],
)
def test_parts_that_are_not_known_are_not_invented(parts, lines):
    """An alert without an actor or a target names only the parts that it knows."""
    parties = tuple(replace(party, part=part) for party, part in zip((META, SCALE), parts, strict=True))
    told = compose(replace(FOUNDING, parties=parties), NOW)
    assert [line for line in told.details if line[0] not in {"What happened", "Facts", "Rule"}] == lines


@pytest.mark.parametrize(
    ("notice_by", "left"), [(date(2025, 6, 10), "today"), (date(2025, 6, 9), "passed"), (date(2025, 6, 11), "in 1 day")]
)
def test_days_left_to_give_notice(notice_by, left):
    """The notice date says how many days are left."""
    told = compose(replace(FOUNDING, parties=(replace(SCALE, notice_by=notice_by),)), NOW)
    assert f"({left})" in told.stakes[0]


def test_a_notice_is_told_as_one():
    """A notice says that it speaks of Tocsin itself, and lists details instead of reasons to ring."""
    told = compose(replace(FOUNDING, kind="notice", severity=Severity.HIGH), NOW)
    assert (told.label, told.reasons_title) == ("▲ HIGH · Tocsin itself", "Details")


@pytest.mark.parametrize(
    ("severity", "was", "label"),
    [
        (Severity.CRITICAL, None, "◆ CRITICAL · Update"),
        (Severity.CRITICAL, Severity.HIGH, "◆ CRITICAL, was high · Update"),
        (Severity.LOW, Severity.HIGH, "○ LOW, was high · Update"),
    ],
)
def test_an_update_is_told_as_one(severity, was, label):
    """An update says that it is one, from what its severity rose or fell, and first of all what is new."""
    told = compose(replace(CONFIRMED, severity=severity, was=was), NOW)
    assert told.label == label
    assert told.details[:3] == (
        ("New", "stake given as 49%; confirmed"),
        ("Article", "Meta confirms Scale AI deal"),
        ("What happened", "investment, confirmed"),
    )
    assert (told.stakes, told.reasons_title) == (compose(FOUNDING, NOW).stakes, "Why you are told")


@pytest.mark.parametrize(("new", "shown"), [((), ()), ((" ", "\u202ea\x1bb", ""), (("New", "ab"),))])
def test_what_is_new_is_clean(new, shown):
    """What is new keeps the laws of every line, and an update that can't say it has no line for it."""
    told = compose(replace(CONFIRMED, new=new), NOW)
    assert tuple(detail for detail in told.details if detail[0] == "New") == shown
    assert told.details[len(shown) + 1] == ("What happened", "investment, confirmed")


_LONG = "Aldermoor Water says the leak at its northern works reached four thousand homes " * 3


@pytest.mark.parametrize(
    ("title", "new", "shown"),
    [
        ("Tarn Foods\u202e recalls 4,500 \x1bjars", ("now given: 4,500",), ["Tarn Foods recalls 4,500 jars"]),
        ("  META to pay nearly $15 billion for 49% stake in Scale AI", ("now given: 49%",), []),
        ("Mayor wants answers", ("more: “Mayor wants answers”",), []),
        (_LONG, (f"more: “{_LONG[:150]}…”",), []),
        (None, ("confirmed",), []),
        ("\u200b", ("confirmed",), []),
    ],
    ids=["its own", "the story's", "quoted", "quoted and cut", "of an older version", "empty"],
)
def test_an_update_shows_the_title_of_its_article_once(title, new, shown):
    """A figure has its subject there; a title that stands in the message already isn't said again."""
    told = compose(replace(CONFIRMED, title=title, new=new), NOW)
    assert [text for name, text in told.details if name == "Article"] == shown


def test_the_message_of_a_story_has_its_own_title_alone():
    """That of whoever told the latest would stand beside it like another story."""
    told = compose(replace(CONFIRMED, kind="story", new=()), NOW)
    assert "Article" not in dict(told.details)


def test_the_brief_form_tells_what_is_new_and_where_it_stands():
    """Under its story's message an update keeps its label, its headline, what is new, in which article, the source."""
    whole = compose(CONFIRMED, NOW)
    told = brief(whole)
    assert told.details == (("New", "stake given as 49%; confirmed"), ("Article", "Meta confirms Scale AI deal"))
    assert (told.label, told.headline, told.origin) == (whole.label, whole.headline, whole.origin)
    assert (told.stakes, told.reasons) == ((), ())


def test_a_bare_alert_has_no_empty_lines():
    """What an alert doesn't know is left out."""
    bare = replace(
        FOUNDING, rule=None, event="none", certainty=None, parties=(), facts=(), outlet=None, link=None, reasons=(" ",)
    )
    told = compose(bare, NOW)
    assert (told.details, told.origin, told.stakes, told.reasons) == ((), None, (), ())


def test_an_undated_item_says_so():
    """A source without a date says that none was given."""
    told = compose(replace(FOUNDING, published=None, certainty=Certainty.RUMOUR), NOW)
    assert told.origin is not None
    assert told.origin.when == "no date given"


def test_without_an_outlet_the_host_is_named():
    """A link without an outlet is named by its host."""
    told = compose(replace(FOUNDING, outlet=None), NOW)
    assert told.origin is not None
    assert told.origin.name == "www.theinformation.com"


def test_long_lists_are_cut():
    """A list of more than ten lines says how many were left out."""
    told = compose(replace(FOUNDING, reasons=tuple(f"reason {n}" for n in range(40))), NOW)
    assert len(told.reasons) == MAX_LIST
    assert told.reasons[-1] == "… and 31 more"


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_no_line_is_longer_than_allowed(headline, other):
    """Whatever a feed sends, each line fits."""
    alert = replace(FOUNDING, headline=headline, outlet=other, facts=(other,), reasons=(other,), rule=other)
    alert = replace(alert, kind="update", new=(other,) * 9, title=headline + other)
    told = compose(alert, NOW)
    lines = [told.headline, *(text for _, text in told.details), *told.reasons, *told.stakes]
    assert all(0 < units(text) <= MAX_LINE for text in lines)
