"""Prints how well `decide` reads a labelled scenario: `python -m tests.bench.quality [FOLDER] [--errors]`."""

import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.support.gold import scenario_items, scenario_rulebook
from tocsin.decide.reading import US, Reader
from tocsin.infra.encoder import load
from tocsin.model import Reading

DEFAULT = Path(__file__).parents[3] / "shared" / "gold" / "ai-lab"


def main(arguments: list[str]) -> None:
    """Read every item and print relevance, mention, event, part and certainty figures."""
    paths = [argument for argument in arguments if not argument.startswith("--")]
    folder = Path(paths[0]) if paths else DEFAULT
    encoder = load()
    reader = Reader.build(scenario_rulebook(folder), encoder.encode, encoder.languages)
    labelled = scenario_items(folder)
    started = perf_counter()
    texts = sorted({text for each in labelled for text in reader.texts(each.item)})
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    readings = [reader.read(each.item, vectors) for each in labelled]
    seconds = perf_counter() - started
    count: Counter[str] = Counter()
    for each, reading in zip(labelled, readings, strict=True):
        wrong = _score(each.label, reading, count)
        if wrong and "--errors" in arguments:
            _say(f"{' '.join(wrong)} | {each.item.title} | {each.item.body[:100]}")
    _say(f"{len(labelled)} items in {seconds:.1f} s, {len(texts)} texts")
    _print_f1("relevance", count["relevant_hit"], count["relevant_said"], count["relevant"])
    _print_f1("mentions", count["mention_hit"], count["mention_said"], count["mention"])
    for name in ("event", "part", "certainty", "salience"):
        total = count[f"{name}_total"]
        _say(f"{name:10} accuracy {count[name + '_hit'] / max(total, 1):.3f} of {total}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _score(label: dict[str, Any], reading: Reading, count: Counter[str]) -> list[str]:
    wrong: list[str] = []
    count["relevant"] += label["relevant"]
    count["relevant_said"] += reading.relevant
    count["relevant_hit"] += label["relevant"] and reading.relevant
    if label["relevant"] != reading.relevant:
        wrong.append(f"relevant={reading.relevant}({reading.event} {reading.event_score:.2f})")
    said = {match.watch: match for match in reading.meant}
    meant = {mention["watch"]: mention for mention in label["mentions"]}
    # Whoever watches is read like a watch, but a scenario labels it only where it says so.
    said = {name: match for name, match in said.items() if match.role != US or name in meant}
    count["mention"] += len(meant)
    count["mention_said"] += len(said)
    count["mention_hit"] += len(meant.keys() & said.keys())
    wrong += [f"mention {watch}" for watch in meant.keys() ^ said.keys()]
    if label["relevant"]:
        for name, is_right in (
            ("event", reading.event == label["event"]),
            ("certainty", reading.certainty == label["certainty"]),
        ):
            count[f"{name}_total"] += 1
            count[f"{name}_hit"] += is_right
            if not is_right:
                wrong.append(f"{name} {label[name]}->{getattr(reading, name)}")
    for watch in meant.keys() & said.keys():
        count["salience_total"] += 1
        count["salience_hit"] += said[watch].salience == meant[watch]["salience"]
        if said[watch].salience != meant[watch]["salience"]:
            wrong.append(f"salience {watch} {meant[watch]['salience']}->{said[watch].salience}")
        if label["relevant"] and meant[watch]["salience"] != "passing":
            count["part_total"] += 1
            count["part_hit"] += said[watch].part == meant[watch]["part"]
            if said[watch].part != meant[watch]["part"]:
                wrong.append(f"part {watch} {meant[watch]['part']}->{said[watch].part}")
    return wrong


def _print_f1(name: str, hit: int, said: int, true: int) -> None:
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    _say(f"{name:10} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
