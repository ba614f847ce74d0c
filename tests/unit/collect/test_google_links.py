"""What Google is asked about its links, and what is read in its answers, whatever they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.collect.google_links import CAP, ORIGIN, page_of, question, refuses, token_of, told

TOKEN = "CBMigwFBVV95cUxNSTdJdTY3SnlJ"
LINK = f"https://news.google.com/rss/articles/{TOKEN}?oc=5"
PAGE = b'<c-wiz><div jscontroller="x" data-n-a-id="y" data-n-a-ts="1784915408" data-n-a-sg="A&amp;B_c-d"></div></c-wiz>'
THERE = "https://www.paper.example/docks?id=1"


def answer(*rows):
    return b")]}'\n\n" + json.dumps(rows).encode()


def row(message, name="Fbv4je"):
    return ["wrb.fr", name, json.dumps(message), None, None, None, "generic"]


@pytest.mark.parametrize(
    ("link", "token"),
    [
        (LINK, TOKEN),
        (f"https://news.google.com/articles/{TOKEN}", TOKEN),
        (f"https://news.google.com/read/{TOKEN}?hl=en-US", TOKEN),
        (f"https://news.google.com.evil.example/rss/articles/{TOKEN}", None),
        (f"https://evil.example/rss/articles/{TOKEN}", None),
        ("https://news.google.com/rss/articles/", None),
        (f"https://news.google.com/rss/articles/{TOKEN}/../x", None),
        ("https://news.google.com/topics/CAAqBwgKMNue", None),
        ("https://[news.google.com/rss/articles/", None),
    ],
)
def test_a_link_of_googles_has_a_token(link, token):
    """At each of its addresses, and at no other host's."""
    assert token_of(link) == token


def test_google_is_asked_by_what_its_page_says():
    """At the address that answers, with the signature and the time that stand there for the token."""
    assert page_of(ORIGIN, TOKEN) == f"https://news.google.com/rss/articles/{TOKEN}?hl=en-US&gl=US&ceid=US%3Aen"
    asked = question(ORIGIN, TOKEN, PAGE)
    assert asked is not None
    assert asked[0] == "https://news.google.com/_/DotsSplashUi/data/batchexecute?rpcids=Fbv4je"
    [[[name, message, *_]]] = json.loads(asked[1]["f.req"])
    kind, _, *rest = json.loads(message)
    assert (name, kind, rest) == ("Fbv4je", "garturlreq", [TOKEN, 1784915408, "A&B_c-d"])


@pytest.mark.parametrize(
    ("there", "refused"),
    [
        ("https://www.google.com/sorry/index?continue=x", True),
        ("https://consent.google.com/m?continue=x", True),
        ("https://news.google.com/", False),
        ("https://news.google.com:444/rss/articles/x", False),
        (THERE, False),
        ("https://evil-google.com/sorry", False),
        ("https:///x", False),
    ],
)
def test_a_refusal_stands_at_another_host_of_googles(there, refused):
    """Where a token of anybody's may lead within its News, or to its publisher, is no refusal."""
    assert refuses(there) is refused


@pytest.mark.parametrize("page", [b"", b"<p>Are you a robot?", b'data-n-a-sg="x"', b'data-n-a-ts="1"', b'"' * 99_999])
def test_without_a_signature_nobody_is_asked(page):
    """A robot check, or a page that isn't what it was."""
    assert question(ORIGIN, TOKEN, page) is None


def test_the_answer_names_the_publisher():
    """Among other rows, and before others that are sent behind their lengths."""
    whole = answer(["di", 23], row(["other", "https://no.example/"], "x"), row(["garturlres", THERE, 1]), ["af", 1])
    assert told(whole) == THERE
    assert told(b")]}'\n\n105\n" + json.dumps([row(["garturlres", THERE, 1])]).encode() + b'\n25\n[["e",4]]') == THERE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b")]}'",
        b"<html>Sorry",
        answer(),
        answer(["wrb.fr", "Fbv4je", None, None]),
        answer(row(None)),
        answer(row([])),
        answer(row(["garturlres"])),
        answer(row(["garturlres", 7])),
        answer(row(["garturlres", "javascript:alert(1)"])),
        answer(row(["garturlres", "file:///etc/passwd"])),
        answer(row(["garturlres", LINK])),
        answer(row(["garturlres", "https://consent.google.com/x"])),
        answer(row(["garturlerr", THERE])),
        answer(row(["garturlres", THERE]))[:-9],
        answer("x" * CAP, row(["garturlres", THERE])),
        b"[" * 90_000,
        b'[["wrb.fr", "Fbv4je", "' + b"[" * 90_000 + b'"]]',
    ],
)
def test_an_answer_that_names_none_is_none(body):
    """No list, none of the kind, off the web, Google's own, cut off, too long, or of great depth."""
    assert told(body) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_borne(body):
    """Whoever answers."""
    assert told(b"[" + body) is None
    question(ORIGIN, TOKEN, body)
