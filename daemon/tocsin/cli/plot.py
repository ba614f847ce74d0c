"""The drawing of `stories --plot`: over time, a row a company, a mark where a story was first told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.decide.happening import last_told
from tocsin.errors import TocsinError
from tocsin.model import Severity, Story

KINDS = (".png", ".svg")

STYLES: Mapping[Severity | None, tuple[str, int, str]] = {
    None: ("|", 50, "#777777"),
    Severity.LOW: ("o", 30, "#6699cc"),
    Severity.MEDIUM: ("s", 50, "#bb8800"),
    Severity.HIGH: ("^", 90, "#bb3344"),
    Severity.CRITICAL: ("*", 190, "#000000"),
}
"""Shape, size (in square points) and colour of a severity; None for what never rang. No two look alike in grey."""

_GAP = 0.015
"""The share of the time drawn that two stories on one line keep apart, so that their marks can be told."""

_WIDTH, _TALLEST = 11.0, 60.0
_LINE, _FRAME = 0.24, 1.9
_DPI = 150


def when(at: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def first(story: Story) -> datetime:
    """When a story was first told, as far as its timeline knows."""
    return min((telling.at for telling in story.timeline), default=story.opened_at)


def last(story: Story) -> datetime:
    """When a story was last told."""
    return max(last_told(story), first(story))


def lanes(stories: Iterable[Story], gap: timedelta) -> list[list[Story]]:
    """The stories on as few lines as it takes for those on one line to stay `gap` apart, in order of time."""
    lines: list[list[Story]] = []
    for story in sorted(stories, key=lambda story: (first(story), story.id)):
        line = next((line for line in lines if last(line[-1]) + gap <= first(story)), None)
        if line is None:
            lines.append([story])
        else:
            line.append(story)
    return lines


def draw(stories: Sequence[Story], file: Path, *, only: str | None = None) -> None:
    """Draw `stories` into a .png or .svg file: a row for each of their companies, or for the company `only`.

    Raises:
        TocsinError: matplotlib isn't installed, there is nothing to draw, or the file can't be written.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to import
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
        from matplotlib.lines import Line2D  # noqa: PLC0415
    except ImportError:
        raise TocsinError("a drawing needs matplotlib: pip install 'tocsin[plot]'") from None
    if not stories:
        raise TocsinError("there are no stories to draw")
    begin, end = min(map(first, stories)), max(map(last, stories))
    gap = max((end - begin) * _GAP, timedelta(minutes=1))
    rows = {watch: lanes(_of(stories, watch), gap) for watch in _companies(stories, only)}
    height = _FRAME + _LINE * sum(len(lines) + 1 for lines in rows.values())
    # A name is text, whatever dollar signs stand in it; the letters of an SVG stay letters.
    with mpl.rc_context({"text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "tocsin"}):
        figure = Figure(figsize=(_WIDTH, min(height, _TALLEST)), layout="constrained")
        axes = figure.add_subplot()
        ticks, line = [], 0
        for lines in rows.values():
            ticks.append(line + (len(lines) - 1) / 2)
            for held in lines:
                for story in held:
                    shape, size, colour = STYLES[story.rung]
                    axes.hlines(line, first(story), last(story), colors=colour, linewidth=1.4)  # type: ignore[arg-type]
                    axes.scatter([first(story)], [line], s=size, c=colour, marker=shape, zorder=3)  # type: ignore[arg-type]
                line += 1
            axes.axhline(line, color="#dddddd", linewidth=0.8)
            line += 1
        axes.set_yticks(ticks, labels=list(rows))
        axes.set_ylim(line - 1, -1)
        axes.set_xlim(begin - 2 * gap, end + 2 * gap)  # type: ignore[arg-type]
        locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        formatter = ConciseDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(formatter)
        axes.grid(axis="x", color="#eeeeee")
        axes.set_axisbelow(True)
        axes.set_xlabel("time (UTC): a mark where a story was first told, a line to its last item")
        axes.set_ylabel("company")
        axes.set_title(
            f"{len(stories)} {'story' if len(stories) == 1 else 'stories'}, {when(begin)} to {when(end)} UTC"
        )
        marks = [
            Line2D([], [], color=colour, marker=shape, markersize=size**0.5, linestyle="", label=_name(severity))
            for severity, (shape, size, colour) in reversed([*STYLES.items()])
        ]
        figure.legend(
            handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, title="loudest told as"
        )
        try:
            metadata = {"Date": None} if file.suffix.lower() == ".svg" else None
            figure.savefig(file, dpi=_DPI, metadata=metadata)
        except OSError as error:
            raise TocsinError(f"can't write {file}: {error.strerror}") from None


def _of(stories: Iterable[Story], watch: str) -> list[Story]:
    return [story for story in stories if watch in story.watches]


def _companies(stories: Iterable[Story], only: str | None) -> list[str]:
    """The rows: those of most stories on top."""
    every = [watch for story in stories for watch in story.watches]
    named = sorted(set(every), key=lambda watch: (-every.count(watch), watch))
    return [watch for watch in named if only is None or watch.casefold() == only.casefold()]


def _name(severity: Severity | None) -> str:
    return severity.value if severity else "never rang"
