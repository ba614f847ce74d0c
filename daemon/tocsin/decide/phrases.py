"""The words in which verdicts speak of companies and events. Pure."""

from collections.abc import Iterable

from tocsin.model import NO_EVENT, Match


def a(noun: str) -> str:
    """`a rival`, `an investor`; `us` needs no article."""
    if noun == "us":
        return noun
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"


def kind_words(kind: str) -> str:
    """An event kind as a person would say it: `customer_loss` is `customer loss`."""
    return kind.replace("_", " ")


def event_words(kind: str) -> str:
    """What happened: `the event is outage`, or `nothing happened`."""
    return "nothing happened" if kind == NO_EVENT else f"the event is {kind_words(kind)}"


def company(match: Match) -> str:
    """`Scale AI, a vendor`."""
    return f"{match.watch}, {a(match.role)}"


def companies(matches: Iterable[Match]) -> str:
    """`Meta, a rival, and Google, a rival`; empty if there is none."""
    return ", and ".join(company(match) for match in matches)
