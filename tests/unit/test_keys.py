"""Where a key may stand in an address."""

import pytest

from tocsin.keys import masked, may_hold_key, named_key


@pytest.mark.parametrize(
    "name", ["key", "api_key", "apiKey", "access-key", "token", "accessToken", "t.token", "pwd", "auth", "sid", "jwt"]
)
def test_a_parameter_of_that_name_holds_a_key(name):
    """However it is spelled and joined."""
    assert named_key(name)


@pytest.mark.parametrize("name", ["q", "monkey", "keyword", "author", "type", "feed", "pass_through", "design", "ceid"])
def test_other_parameters_hold_none(name):
    """Also where the letters of such a word stand in theirs."""
    assert not named_key(name)


@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example/feeds/9f86d081884c7d659a2feaa0c55ad015/all.xml",
        "https://cal.example/private-5f0c8b1e2d3a4c5b6d7e8f90a1b2c3d4/basic.rss",
        "https://pods.example/u/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/feed",
        "https://news.example/rss?u=k3J9sQ2mX7vB4nT8wZ1p",
        "https://news.example/rss?k3J9sQ2mX7vB4nT8wZ1p",
        "https://news.example/rss/dGhpcy1pcw-aB3dE9fG7hI2kL",
        "https://news.example/rss/%39f86d081884c7d659a2feaa0c55ad015",
        "https://[news.example/",
    ],
)
def test_what_looks_drawn_by_lot_may_be_a_key(url):
    """In the path, in a value, in a query without names, escaped or not; and so may what can't be taken apart."""
    assert may_hold_key(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2027/05/business-news-top-10-of-2027-in-q3.rss",
        "https://news.example/InternationalBusinessNews2027/feed",
        "https://news.example/feed/@someone-1234567890",
        "https://news.example/p/00000012345678901234.xml",
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCbWjT-Dg4mx3lS4sQ8XfPwQ",
        "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=0000320193&type=8-K&output=atom",
        "https://news.google.com/rss/search?q=%22Scale+AI%22+OR+%22ScaleAI%22+when%3A1d&hl=en-US&gl=US&ceid=US%3Aen",
    ],
)
def test_words_dates_and_numbers_are_no_key(url):
    """Most addresses of feeds can be given to anybody."""
    assert not may_hold_key(url)


def test_a_path_is_shown_without_what_looks_like_a_key():
    """But so that two of them differ."""
    assert masked("/feeds/9f86d081884c7d659a2feaa0c55ad015/all.xml") == "/feeds/9f86\u2026/all.xml"
    assert masked("/world/news.rss") == "/world/news.rss"
