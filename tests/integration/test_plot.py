"""The drawing of stories, as a file."""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.clock import START
from tests.support.stores import DAY, story
from tocsin.cli.plot import draw, when
from tocsin.errors import TocsinError
from tocsin.model import Severity

STORIES = [
    story("a", watches=("Meta", "A$$et <& Co"), rung=Severity.CRITICAL, told_at=START + DAY),
    story("b", watches=("Meta",), rung=Severity.LOW, updated_at=START + 2 * DAY),
    story("c", watches=("Quorvane",), rung=None, updated_at=START + 3 * DAY),
]


def words(file: Path) -> list[str]:
    """The texts of an SVG."""
    return ["".join(each.itertext()).strip() for each in ET.parse(file).iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_names_its_companies_axes_and_marks(tmp_path: Path) -> None:
    """A row a company, whatever its name; time in UTC; a legend of every severity; the same bytes each time."""
    file = tmp_path / "stories.svg"
    draw(STORIES, file)
    told = words(file)
    assert [text for text in told if text in {"Meta", "A$$et <& Co", "Quorvane"}] == ["Meta", "A$$et <& Co", "Quorvane"]
    assert {"company", "critical", "high", "medium", "low", "never rang", "loudest told as"} <= set(told)
    assert any(text.startswith("time (UTC)") for text in told)
    assert f"3 stories, {when(START)} to {when(START + 3 * DAY)} UTC" in told
    drawn = file.read_bytes()
    draw(STORIES, file)
    assert file.read_bytes() == drawn


def test_each_story_has_its_mark_in_each_of_its_rows(tmp_path: Path) -> None:
    """Four marks for three stories, of which one is about two companies."""
    file = tmp_path / "stories.svg"
    draw(STORIES, file)
    assert len(re.findall(r'<g id="PathCollection_\d+">', file.read_text())) == 4
    draw(STORIES, file, only="meta")
    assert len(re.findall(r'<g id="PathCollection_\d+">', file.read_text())) == 2
    assert "Quorvane" not in words(file)


def test_a_png_is_one(tmp_path: Path) -> None:
    """The other kind of file; one story at one moment can be drawn, too."""
    draw(STORIES[:1], tmp_path / "one.PNG")
    assert (tmp_path / "one.PNG").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to draw, a folder that isn't there, and matplotlib not installed are sentences."""
    with pytest.raises(TocsinError, match="no stories to draw"):
        draw([], tmp_path / "x.svg")
    with pytest.raises(TocsinError, match=r"can't write .*none/x\.svg: No such file"):
        draw(STORIES, tmp_path / "none" / "x.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(TocsinError, match=r"pip install 'tocsin\[plot\]'"):
        draw(STORIES, tmp_path / "x.svg")
