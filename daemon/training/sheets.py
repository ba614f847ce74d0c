"""Sheets: labelled news of an invented buyer, written by hand, in the fewest marks that a person can type and check.

A sheet is a watch file as YAML, a line `---`, and stories. A story opens with `# id event [< id of the story it
follows]` (`# ~ event` for a story of one item), and each of its items is three lines:

    @ 2026-03-02T08:14 wire-1 confirmed critical | Kestrel:main:actor, Bolt:main:target | 49 percent; two board seats
    Kestrel takes 49 percent of Bolt Haulage
    The deal closes in May.

The marks after `@` are the time (UTC), the outlet, the certainty, the severity (`none`: not relevant) and, if it is not
English, `lang=de`. Between the bars stand the watched companies that are meant (`-` for none), each with its salience
and part; after them the facts first seen here, for a story's second item and on. A summary of `-` is empty.

`python -m training.sheets FILE...` checks sheets and counts what is in them.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CERTAINTIES = ("rumour", "reported", "confirmed", "denied")
SEVERITIES = ("critical", "high", "medium", "low", "none")
SALIENCES = ("main", "secondary", "passing")
PARTS = ("actor", "target", "none")
_KEYS = {"name", "role", "aliases", "people", "about", "not"}
EVENTS = (
    "acquisition", "investment", "funding", "leadership_change", "layoffs", "customer_loss", "partnership",
    "product_launch", "price_change", "end_of_life", "outage", "security_breach", "lawsuit", "regulatory_action",
    "bankruptcy", "earnings", "supply_disruption", "none",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meant:
    """A watched company that an item means."""

    watch: str
    salience: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One labelled item of a sheet."""

    place: str
    published: datetime
    outlet: str
    lang: str
    title: str
    summary: str
    mentions: tuple[Meant, ...]
    event: str
    certainty: str
    severity: str
    story: str
    follows: str | None
    facts: tuple[str, ...]

    @property
    def relevant(self) -> bool:
        """Whether its reader would want it flagged at all."""
        return self.severity != "none"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One invented buyer: whom he watches, and his news in order of time."""

    name: str
    watchlist: dict[str, Any]
    lines: tuple[Line, ...]


class SheetError(ValueError):
    """A sheet that says what can't be so: names file and line."""


def read_sheet(path: Path) -> Sheet:
    """The sheet at `path`, its items in order of time.

    Raises:
        SheetError: for the first line that is not as the format says.
    """
    head, mark, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not mark:
        raise SheetError(f"{path}: no line '---' after the watch list")
    watchlist = YAML(typ="safe").load(head)
    names = {watch["name"] for watch in watchlist["watch"]}
    if strange := {key for watch in watchlist["watch"] for key in watch} - _KEYS:
        raise SheetError(f"{path}: a watch has no {', '.join(map(str, strange))}: put a line with a comma in quotes")
    lines = list(_lines(path, body.splitlines(), head.count("\n") + 2, names))
    lines.sort(key=lambda line: line.published)
    _check_stories(lines)
    return Sheet(path.stem, watchlist, tuple(lines))


def _lines(path: Path, rows: Sequence[str], above: int, names: set[str]) -> Iterator[Line]:
    story: tuple[str, str, str | None] | None = None
    alone = index = 0
    while index < len(rows):
        row, place = rows[index].strip(), f"{path}:{index + above + 1}"
        index += 1
        if row.startswith("# "):
            marks = row[2:].split()
            follows = marks[3] if marks[2:3] == ["<"] and len(marks) == 4 else None
            if len(marks) not in (2, 4) or marks[1] not in EVENTS or (len(marks) == 4 and follows is None):
                raise SheetError(f"{place}: a story opens with '# id event' or '# id event < id', not {row!r}")
            alone += 1
            story = (f"alone-{alone}" if marks[0] == "~" else marks[0], marks[1], follows)
        elif row.startswith("@ "):
            if story is None:
                raise SheetError(f"{place}: an item before the first story")
            texts = [text.strip() for text in rows[index : index + 2]]
            index += 2
            if len(texts) < 2 or any(not text or text[:2] in {"# ", "@ "} for text in texts):
                raise SheetError(f"{place}: a title and a summary ('-' for none) must stand below")
            yield _line(place, row[2:], texts, story, names)
        elif row:
            raise SheetError(f"{place}: neither a story ('# '), an item ('@ ') nor blank: {row[:60]!r}")


def _line(place: str, marks: str, texts: Sequence[str], story: tuple[str, str, str | None], names: set[str]) -> Line:
    head, *rest = [part.strip() for part in marks.split("|")]
    words = head.split()
    lang = words.pop()[5:] if words and words[-1].startswith("lang=") else "en"
    if len(words) != 4 or len(rest) not in (1, 2):
        raise SheetError(f"{place}: wants '@ time outlet certainty severity | mentions | facts'")
    if words[2] not in CERTAINTIES or words[3] not in SEVERITIES:
        raise SheetError(f"{place}: no such certainty or severity: {words[2]} {words[3]}")
    mentions = tuple(_meant(place, text.strip(), names) for text in rest[0].split(",")) if rest[0] != "-" else ()
    if len({meant.watch for meant in mentions}) != len(mentions):
        raise SheetError(f"{place}: a company stands twice")
    facts = tuple(fact.strip() for fact in rest[1].split(";") if fact.strip()) if len(rest) == 2 else ()
    line = Line(
        place=place,
        published=_time(place, words[0]),
        outlet=words[1],
        lang=lang,
        title=texts[0],
        summary="" if texts[1] == "-" else texts[1],
        mentions=mentions,
        event=story[1],
        certainty=words[2],
        severity=words[3],
        story=story[0],
        follows=story[2],
        facts=facts,
    )
    if line.relevant and (line.event == "none" or all(meant.salience == "passing" for meant in mentions)):
        raise SheetError(f"{place}: relevant, yet without a happening or a company that is main or secondary")
    return line


def _time(place: str, text: str) -> datetime:
    try:
        return datetime.strptime(text.removesuffix("Z"), "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise SheetError(f"{place}: a time is UTC, like 2026-03-02T08:14, not {text!r}") from None


def _meant(place: str, text: str, names: set[str]) -> Meant:
    marks = text.rsplit(":", 2)
    if len(marks) != 3 or marks[0] not in names or marks[1] not in SALIENCES or marks[2] not in PARTS:
        raise SheetError(f"{place}: a mention is 'watch name:salience:part', not {text!r}")
    if marks[1] == "passing" and marks[2] != "none":
        raise SheetError(f"{place}: a company named in passing has no part: {text!r}")
    return Meant(*marks)


def _check_stories(lines: Sequence[Line]) -> None:
    events: dict[str, str] = {}
    for line in lines:
        if line.story not in events and line.facts:
            raise SheetError(f"{line.place}: a story's first item has no new facts")
        if line.follows is not None and line.follows not in events:
            raise SheetError(f"{line.place}: follows {line.follows!r}, which is unknown or later")
        if events.setdefault(line.story, line.event) != line.event:
            raise SheetError(f"{line.place}: one story, two events")


def main(paths: Sequence[str]) -> int:
    """Check the sheets at `paths`; print what is in them."""
    for path in paths:
        try:
            sheet = read_sheet(Path(path))
        except SheetError as error:
            print(error)
            return 1
        lines, stories = sheet.lines, Counter(line.story for line in sheet.lines)
        print(
            f"{sheet.name}: {len(lines)} items, {sum(line.relevant for line in lines)} relevant, {len(stories)} stories"
        )
        print("  stories of 2+:", sum(n > 1 for n in stories.values()), "of 5+:", sum(n > 4 for n in stories.values()))
        for key in ("event", "certainty", "severity", "lang"):
            print(f"  {key}:", dict(Counter(getattr(line, key) for line in lines).most_common()))
        print("  relevant events:", dict(Counter(line.event for line in lines if line.relevant).most_common()))
        meant = Counter(f"{meant.salience}:{meant.part}" for line in lines for meant in line.mentions)
        print("  mentions:", dict(meant.most_common()), "items without:", sum(not line.mentions for line in lines))
        print("  empty summaries:", sum(not line.summary for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
