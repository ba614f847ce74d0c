"""What was read wrongly, item by item: what people say, what was said, and why. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tocsin.evaluation.figures import cluster, found, parts
from tocsin.evaluation.replay import Judged
from tocsin.model import Reason


def mistakes(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """One record for each item with something wrong; `expected` and `said` hold only what is.

    `story` is wrong when the relevant items with which it was put are not those that tell the same: both sides name
    them by id.
    """
    true, said = defaultdict[str, list[str]](list), defaultdict[tuple[str, str], list[str]](list)
    for each in judged:
        if each.label.relevant:
            true[each.label.story].append(each.label.id)
            said[cluster(each)].append(each.label.id)
    records = []
    for each in judged:
        pairs = _pairs(each)
        if each.label.relevant and each.placement is not None:
            pairs["story"] = (true[each.label.story], said[cluster(each)])
        wrong = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if wrong:
            records.append(_record(each, wrong))
    return records


def _pairs(each: Judged) -> dict[str, tuple[Any, Any]]:
    """By name, what people say and what was said, for all that a figure counts of this item."""
    label, reading = each.label, each.assessment.reading
    matches, mentions = found(each), {mention.watch: mention for mention in label.mentions}
    both = sorted(matches.keys() & mentions.keys())
    severity = None if each.assessment.severity is None else each.assessment.severity.value
    pairs: dict[str, tuple[Any, Any]] = {
        "relevant": (label.relevant, reading.relevant),
        "mentions": (sorted(mentions), sorted(matches)),
        "salience": (
            {watch: mentions[watch].salience.value for watch in both},
            {watch: matches[watch].salience.value for watch in both},
        ),
        "severity": (label.severity, severity or "none"),
    }
    if label.relevant:
        told = parts(each)
        pairs["event"] = (label.event, reading.event)
        pairs["certainty"] = (label.certainty.value, reading.certainty.value)
        pairs["parts"] = (
            {watch: pair[0].value for watch, pair in told.items()},
            {watch: pair[1].value for watch, pair in told.items()},
        )
    return pairs


def _record(each: Judged, wrong: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    item = each.assessment.reading.item
    matches = [reason for match in each.assessment.reading.matches for reason in match.reasons]
    placed = [each.placement.reason] if each.placement is not None else []
    return {
        "id": each.label.id,
        "title": item.title,
        "body": item.body,
        "story": each.label.story,
        "rang": each.rang,
        "wrong": list(wrong),
        "expected": {name: pair[0] for name, pair in wrong.items()},
        "said": {name: pair[1] for name, pair in wrong.items()},
        "reasons": list(_told([*matches, *each.assessment.reasons, *placed])),
    }


def _told(reasons: Iterable[Reason]) -> Iterable[str]:
    for reason in reasons:
        score = "" if reason.score is None else f" ({reason.score:.2f})"
        yield f"{reason.step}: {reason.text}{score}"
