"""`eval`: how well a labelled scenario is read, by the daemon's own code, beside what simpler filters would do."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from tocsin.cli.counting import counted
from tocsin.cli.daemon import settings_from
from tocsin.decide.reading import Reader
from tocsin.errors import TocsinError
from tocsin.evaluation import baselines
from tocsin.evaluation.figures import figures
from tocsin.evaluation.mistakes import mistakes
from tocsin.evaluation.replay import Judged, readings, replay
from tocsin.evaluation.scenario import Labelled, Scenario, read
from tocsin.infra import encoder as encoders
from tocsin.infra.judge import load_judge

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with `watchlist.yaml` and `items.jsonl`.")],
    *,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="FILE", help="Write every wrong item there, as JSON lines.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score a labelled scenario: who is meant, what happened, how loud, which story; with what keywords would do."""
    settings = settings_from(None)
    scenario = read(folder)
    encoder, judge = encoders.load(settings.model), load_judge()
    reader = Reader.build(scenario.rulebook, encoder.encode, encoder.languages, judge.languages, judge.kinds)
    started = time.perf_counter()
    made = replay(scenario.items, scenario.rulebook, lambda batch: readings(batch, reader, encoder.encode, judge.judge))
    judged = list(_watched(made, len(scenario.items)))
    seconds = time.perf_counter() - started
    outcome: dict[str, Any] = {
        "items": len(judged),
        "seconds": round(seconds, 3),
        **figures(judged),
        "baselines": _baselines(scenario, encoder.encode),
    }
    if errors is not None:
        _write(errors, mistakes(judged))
    if as_json:
        typer.echo(json.dumps(outcome))
    else:
        _show(scenario.name, outcome)


def _watched(judged: Iterable[Judged], total: int) -> Iterator[Judged]:
    """`judged` as they come, with a bar on a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(judged, total=total, description="reading")


def _baselines(scenario: Scenario, encode: Encode) -> dict[str, Any]:
    labelled: Sequence[Labelled] = scenario.items
    items, relevant = [each.item for each in labelled], [each.label.relevant for each in labelled]
    likeness, threshold = baselines.cosine(items, relevant, scenario.rulebook.watch, encode)
    return {
        "keyword": {"relevance": baselines.keyword(items, relevant, scenario.rulebook.watch)},
        "cosine": {"relevance": likeness, "threshold": threshold},
    }


def _write(file: Path, records: Iterable[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    try:
        file.write_text(lines, encoding="utf-8")
    except OSError as error:
        raise TocsinError(f"can't write {file}: {error.strerror}; name another file after --errors") from None


# ---------------------------------------------------------------- showing it


def _show(name: str, outcome: dict[str, Any]) -> None:
    simple = outcome["baselines"]
    typer.echo(f"{name}: {counted(outcome['items'], 'item')} in {outcome['seconds']:.1f} s, baselines on the right")
    typer.echo(f"{'':<30}{'tocsin':>9}{'keyword':>9}{'cosine':>9}")
    for group, values in outcome.items():
        if not isinstance(values, dict) or group == "baselines":
            continue
        for index, (key, value) in enumerate(values.items()):
            others = "".join(f"{simple[other].get(group, {}).get(key, ''):>9.2f}" for other in _having(simple, group))
            head = typer.style(f"{group:<11}", bold=True) if index == 0 else f"{'':<11}"
            typer.echo(f"{head}{key.replace('_', ' '):<19}{_figure(value):>9}{others}")


def _having(simple: dict[str, Any], group: str) -> list[str]:
    return [other for other in ("keyword", "cosine") if group in simple[other]]


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
