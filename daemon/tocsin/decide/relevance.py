"""Whether an item is worth a buyer's time, and how much of it is about each watched company. Pure."""

from tocsin.model import Salience

WEIGHTS = {Salience.MAIN: 1.0, Salience.SECONDARY: 0.85, Salience.PASSING: 0.2}
"""What salience leaves of the probability that something happened; a passing mention alone is never relevant."""

UNREAD = 0.5
"""The relevance of a main mention in a text whose language isn't judged: as likely as not."""


def relevance_of(salience: Salience, happened: float | None) -> float:
    """The relevance of one company, 0..1, from the probability `happened` (None: the text wasn't judged)."""
    return WEIGHTS[salience] * (UNREAD if happened is None else happened)
