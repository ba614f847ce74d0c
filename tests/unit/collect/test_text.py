"""From markup to plain text."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.collect.text import MARKUP_CAP, cut, first_sentence, plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Plain words", "Plain words"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>Two<br/>Three", "One Two Three"),
        ("<b>Sc</b>ale <a href='x'>AI</a>", "Scale AI"),
        ("A<script>alert('<p>no</p>')</script>B", "A B"),
        ("A<STYLE type='x'>p {}</STYLE >B", "A B"),
        ("A<script>never closed", "A"),
        ("A<script src='x'/>B", "A B"),
        ("A<!-- <b>no</b> -->B", "A B"),
        ("A<!-- never closed", "A"),
        ("A<!DOCTYPE x>B<?php no ?>C", "A B C"),
        ("<![CDATA[AT&T]]>", "AT&T]]>"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("AT&amp;amp;amp;T", "AT&T"),
        ("&lt;p&gt;Escaped &amp;quot;twice&amp;quot;&lt;/p&gt;", 'Escaped "twice"'),
        ("caf&eacute; &#8364;5 &#x20ac;6", "café €5 €6"),
        ("a &lt; b and c < d", "a < b and c < d"),
        ("up <5% today", "up <5% today"),
        ('<a title="a > b">x</a>', "x"),
        ('<a title="broken>x</a> y', "x y"),
        ("<a href='x", ""),
        ("one <b two <i>three</i>", "one three"),
        ("  many \n\t kinds\u00a0of\u2003space ", "many kinds of space"),
        ("zero\u200bwidth \u202eright\u202c \x00nul\x07", "zerowidth right nul"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("cafe\u0301", "café"),
        ("", ""),
    ],
)
def test_markup_becomes_plain_text(markup, text):
    """Tags, comments, hidden elements, entities, controls and direction marks don't reach a reader."""
    assert plain(markup, 1000) == text


def test_a_text_is_cut_at_a_word():
    """What is too long ends in an ellipsis after a whole word, within the cap."""
    assert plain("one two three four", 12) == "one two…"
    assert len(cut("x" * 50, 10)) == 10


def test_a_short_text_is_not_cut():
    """A text that just fits stays whole."""
    assert cut("exactly ten", 11) == "exactly ten"


def test_the_first_sentence_ends_at_its_mark():
    """Western and full-width marks end a sentence."""
    assert first_sentence("Google leaves. It said so.", 100) == "Google leaves."
    assert first_sentence("谷歌离开。它说了。", 100) == "谷歌离开。"


@given(st.text(alphabet=st.characters()) | st.text(alphabet="<>&;!-/\"'ab [#x0"))
def test_whatever_goes_in_clean_text_comes_out(markup):
    """No control, no direction override, no surrogate, no double space; never an exception, never over the cap."""
    text = plain(markup, 80)
    assert len(text) <= 80
    assert text == " ".join(text.split())
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
    assert not set(text) & set("\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\ufeff")


@pytest.mark.parametrize(
    "piece", ["<", "<a ", '<a b="', "<!--", "<![CDATA[", "<script>", "&", "&amp;", "</", "<a '\"", "<?"]
)
def test_hostile_markup_takes_linear_time(piece):
    """The worst known markup at the cap is read in moments, where a quadratic reader takes minutes."""
    begin = time.process_time()
    plain(piece * (MARKUP_CAP // len(piece)), 20_000)
    assert time.process_time() - begin < 15


def test_a_crowd_of_accents_takes_linear_time():
    """Marks that stand in the wrong order are sorted, thirty of them; 180,000 would take most of a minute."""
    begin = time.process_time()
    text = plain("a" + "\u0301" * 90_000 + "\u0323" * 90_000 + "b", 1_000)
    assert time.process_time() - begin < 1
    assert (text[0], text[-1], len(text)) == ("á", "b", 31)
