"""What is wrong with the rules, and where: every fault of every file, told at once. Pure."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.errors import ConfigError

CLOSE_ENOUGH = 0.6
"""Least difflib ratio for a suggestion: difflib's own default; `vender` finds `vendor`, `rival` doesn't."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing wrong. `line` and `column` count from 1; both are 0 when the fault is the file's as a whole."""

    file: str
    line: int = 0
    column: int = 0
    message: str

    def __str__(self) -> str:
        """`path:line:column: sentence`, as editors and terminals link it."""
        if self.line == 0:
            return f"{self.file}: {self.message}"
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RulebookError(ConfigError):
    """The rules can't be used. `faults` holds each thing wrong, by file and place; the text lists them one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def closest(word: str, known: Iterable[str], least: float = CLOSE_ENOUGH) -> str | None:
    """The one of `known` that was probably meant by `word`, case aside; None if none is near."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=least)
    return folded[found[0]] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`, did you mean `...`?`, or nothing."""
    near = closest(word, known)
    return f", did you mean `{near}`?" if near else ""


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *init, tail = list(words)
    return f"{', '.join(init)} {last} {tail}" if init else tail
