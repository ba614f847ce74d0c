"""`explain` reads what a person points at as the daemon reads what a stranger serves: in a child with bounds."""

from pathlib import Path

import pytest

from tests.support.pages import HEADLINE, SUM, article
from tests.unit.collect.values import NOW
from tocsin.cli import explain
from tocsin.config import Settings
from tocsin.errors import TocsinError

SETTINGS = Settings.from_environ({})


async def test_a_document_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed written to take hours ends in a sentence."""
    monkeypatch.setattr(explain, "SECONDS", 0.3)
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss><channel><item><author>" + b"a." * 1_000_000 + b"</author></item></channel></rss>")
    with pytest.raises(TocsinError, match=r"can't read it: this takes more than 0\.3 s"):
        await explain._given(str(file), SETTINGS)


async def test_a_page_on_the_disk_gives_its_own_article(tmp_path: Path) -> None:
    """Its text is taken from its bytes, and nobody is asked."""
    file = tmp_path / "page.html"
    file.write_text(article(), encoding="utf-8")
    given = await explain._given(str(file), SETTINGS)
    [item] = given.items
    found = await explain._articles([item], given, SETTINGS, NOW)
    assert item.title.startswith(HEADLINE)
    assert (found[item.id].kind, SUM in found[item.id].text) == ("read", True)


async def test_what_is_no_page_of_the_web_has_no_article(tmp_path: Path) -> None:
    """A text and an item as JSON are explained by what they say."""
    file = tmp_path / "item.json"
    file.write_text('{"title": "Quillonix is down", "url": "https://wire.example/a"}', encoding="utf-8")
    given = await explain._given(str(file), SETTINGS)
    assert await explain._articles(given.items, given, SETTINGS, NOW) == {}
