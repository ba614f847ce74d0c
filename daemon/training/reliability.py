"""Draws what the heads say against what is so: `python -m training.reliability`, from calibration.json."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIDE = 360
EDGE = 46
COLOURS = {"relevant": "#1b6ca8", "event": "#c8553d", "part": "#3d8a4f", "salience": "#8a5aa8"}


def drawing(reliability: dict[str, list[list[float]]]) -> str:
    """An SVG: for each head the share that is so by the probability that was said, in tenths."""
    whole = SIDE + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}" font-size="12">',
        f'<rect width="{whole}" height="{whole}" fill="white"/>',
        f'<path d="M{EDGE} {EDGE + SIDE}L{EDGE + SIDE} {EDGE}" stroke="#bbb" stroke-dasharray="4"/>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#444"/>',
    ]
    for step in range(0, 11, 2):
        at = step / 10
        parts.append(f'<text x="{_x(at)}" y="{EDGE + SIDE + 18}" text-anchor="middle">{at:.1f}</text>')
        parts.append(f'<text x="{EDGE - 8}" y="{_y(at) + 4}" text-anchor="end">{at:.1f}</text>')
    parts.append(f'<text x="{EDGE + SIDE / 2}" y="{whole - 8}" text-anchor="middle">probability said</text>')
    parts.append(f'<text x="{EDGE}" y="{EDGE - 14}">share that is so, on sheets held out</text>')
    for row, (name, points) in enumerate(reliability.items()):
        line = " ".join(f"{_x(said):.1f},{_y(so):.1f}" for said, so, _ in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts += [f'<circle cx="{_x(s):.1f}" cy="{_y(so):.1f}" r="3" fill="{COLOURS[name]}"/>' for s, so, _ in points]
        parts.append(f'<text x="{EDGE + 14}" y="{EDGE + 22 + 17 * row}" fill="{COLOURS[name]}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(share: float) -> float:
    return EDGE + SIDE * share


def _y(share: float) -> float:
    return EDGE + SIDE * (1 - share)


def main() -> int:
    """Write reliability.svg beside this file."""
    calibration = json.loads((HERE / "calibration.json").read_text(encoding="utf-8"))
    (HERE / "reliability.svg").write_text(drawing(calibration["reliability"]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
