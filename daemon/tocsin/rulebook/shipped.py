"""The events and rules that ship, which a user's own are laid over, and the searches of one who names no feeds."""

from pathlib import Path

import tocsin

EVENTS = "events.yaml"
RULES = "rules.yaml"
FEEDS = "feeds.yaml"
FILES = frozenset({EVENTS, RULES, FEEDS})


def folder() -> Path:
    """Where they are: packed into the wheel as `tocsin/shipped/`, or, in a checkout, its own `rules/`."""
    package = Path(tocsin.__file__).parent
    packed = package / "shipped"
    return packed if packed.is_dir() else package.parents[1] / "rules"
