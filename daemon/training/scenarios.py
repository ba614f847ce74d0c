"""Sheets as labelled scenarios, which `tocsin eval` scores, and back.

`python -m training.scenarios FOLDER SHEET...` writes each sheet as a scenario of its name below FOLDER.
"""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from training.sheets import Line, Meant, Sheet, read_sheet


def write_scenario(sheet: Sheet, folder: Path) -> None:
    """Write `watchlist.yaml` and `items.jsonl` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "watchlist.yaml").write_text(json.dumps(sheet.watchlist, ensure_ascii=False), encoding="utf-8")
    items = (json.dumps(_item(number, line), ensure_ascii=False) for number, line in enumerate(sheet.lines, start=1))
    (folder / "items.jsonl").write_text("\n".join(items) + "\n", encoding="utf-8")


def _item(number: int, line: Line) -> dict[str, object]:
    return {
        "id": f"a{number:04}",
        "published": line.published.isoformat().replace("+00:00", "Z"),
        "outlet": line.outlet,
        "title": line.title,
        "summary": line.summary,
        "url": f"https://{line.outlet}.example/{number}",
        "lang": line.lang,
        "mentions": [{"watch": each.watch, "salience": each.salience, "part": each.part} for each in line.mentions],
        "event": line.event,
        "certainty": line.certainty,
        "story": line.story,
        "follows": line.follows,
        "new_facts": list(line.facts),
        "relevant": line.relevant,
        "severity": line.severity,
        "note": "",
    }


def read_scenario(folder: Path) -> Sheet:
    """The scenario in `folder` as a sheet."""
    rows = (folder / "items.jsonl").read_text(encoding="utf-8").split("\n")  # a text may hold other ends of a line
    items = (json.loads(row) for row in rows if row.strip())
    lines = [
        Line(
            place=f"{folder.name}:{item['id']}",
            published=datetime.fromisoformat(item["published"]).astimezone(UTC),
            outlet=item["outlet"],
            lang=item["lang"],
            title=item["title"],
            summary=item["summary"],
            mentions=tuple(Meant(each["watch"], each["salience"], each["part"]) for each in item["mentions"]),
            event=item["event"],
            certainty=item["certainty"],
            severity=item["severity"],
            story=item["story"],
            follows=item["follows"],
            facts=tuple(item["new_facts"]),
        )
        for item in items
    ]
    watchlist = YAML(typ="safe").load((folder / "watchlist.yaml").read_text(encoding="utf-8"))
    return Sheet(folder.name, watchlist, tuple(sorted(lines, key=lambda line: line.published)))


def main(arguments: Sequence[str]) -> int:
    """Write scenarios."""
    folder, *paths = map(Path, arguments)
    for path in paths:
        sheet = read_sheet(path)
        write_scenario(sheet, folder / sheet.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
