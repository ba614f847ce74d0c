"""What a robots.txt lets us read."""

from time import process_time

import pytest

from tocsin.collect.robots import NOTHING_ALLOWED, Robots, robots_of

SITE = "https://wire.example"


def allowed(text: str, path: str) -> bool:
    return robots_of(text.encode()).allow(SITE + path)


@pytest.mark.parametrize(
    ("text", "path", "may"),
    [
        ("", "/news/1", True),
        ("User-agent: *\nDisallow: /", "/news/1", False),
        ("User-agent: *\nDisallow:", "/news/1", True),
        ("User-agent: *\nDisallow: /private", "/private/1", False),
        ("User-agent: *\nDisallow: /private", "/news/private", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tocsin\nDisallow: /x", "/news/1", True),
        ("User-agent: Tocsin\nDisallow: /\n\nUser-agent: *\nAllow: /", "/news/1", False),
        ("User-agent: tocsin/0.1\nDisallow: /", "/news/1", False),
        ("User-agent: GPTBot\nUser-agent: Tocsin\nDisallow: /", "/news/1", False),
        ("User-agent: GPTBot\nDisallow: /", "/news/1", True),
        ("User-agent: Tocsin\nDisallow: /a\n\nUser-agent: other\n\nUser-agent: Tocsin\nDisallow: /b", "/b/1", False),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/1", True),
        ("User-agent: *\nAllow: /news/\nDisallow: /news/premium", "/news/premium/1", False),
        ("User-agent: *\nDisallow: /news\nAllow: /news", "/news", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?page=1", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /a*c*e", "/abcde", False),
        ("User-agent: *\nDisallow: /a*c*e", "/abed", True),
        ("User-agent: *\nDisallow: /exact$", "/exact", False),
        ("User-agent: *\nDisallow: /exact$", "/exactly", True),
        ("User-agent: *\nDisallow: /caf%c3%a9", "/caf\u00e9/1", False),
        ("User-agent: *\nDisallow: /a%62c", "/abc", False),
        ("user-agent : *  # all\n disallow : /x # not that", "/x", False),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("Disallow: /", "/x", True),
        ("<html>not found</html>", "/x", True),
        ("User-agent: *\nCrawl-delay: 5\nSitemap: /s\nDisallow: /x", "/x", False),
    ],
)
def test_the_longest_rule_of_our_group_decides(text: str, path: str, may: bool) -> None:
    """Groups, the longest match, `*` and `$` are read as RFC 9309 says."""
    assert allowed(text, path) is may


def test_without_rules_all_is_allowed_and_without_an_answer_nothing() -> None:
    """A site without rules lets read; of one that can't be asked nothing is read."""
    assert Robots().allow(f"{SITE}/x?y=1")
    assert not NOTHING_ALLOWED.allow(SITE)


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\n" + "Disallow: /x\n" * 60_000,
        "User-agent: *\nDisallow: /" + "*a" * 900 + "b$\n",
        "user-agent:" * 50_000,
        ":\n" * 250_000,
        "User-agent: *\n" + "".join(f"Disallow: /{'*' * 900}{number}\n" for number in range(500)),
    ],
)
def test_a_hostile_file_takes_little_time(text: str) -> None:
    """No file holds up the daemon, neither when it is read nor when an address is held against it."""
    begun = process_time()
    rules = robots_of(text.encode())
    rules.allow(f"{SITE}/{'a' * 2_000}")
    assert process_time() - begun < 3
    assert sum(len(rule) for _, rule in rules.rules) <= 32 * 1024
