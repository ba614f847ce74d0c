"""The figures of a replayed scenario. Pure.

An item is *relevant* where its label says so. Its *severity* is that of its own verdict, whether or not its story had
rung before; an item whose verdict doesn't ring has `none`, one step below `low`. It *rang* when it made its story's
alert. A labelled story *should ring* when a relevant item of it is labelled `low` or louder.

- `relevance`: over all items, flagged or not.
- `mentions`: over all items, each watch that is meant. Whoever watches counts only where a label names him.
  `salience_accuracy`: over the mentions both labelled and found.
- `events`: over relevant items. `macro_f1` is the mean over the kinds labelled there.
- `parts`: over the labelled mentions of relevant items that are not in passing and have a part; one that was not found
  is wrong.
- `certainty`: over relevant items.
- `severity`: `exact` and `within_one` step over relevant items; `critical_precision` and `critical_recall` over all.
- `stories`: B-cubed over relevant items; one that was put in no story is a story of its own.
  `roots_per_story`: alerts for each labelled story that should ring and did; 1 is best.
  `never_rung`: the number of labelled stories that should ring, and of which no item rang.
  `wrongly_merged`: the share of the daemon's stories (those with a relevant item) that hold relevant items of several
  labelled stories.
  `rewrite_updates`, `fact_updates`: of the relevant items that are not their labelled story's first, the share that
  made something be sent (an alert or an update), of those without and with new facts. The first ought to be 0; a story
  found late counts as well.
- `alerts`: over all labelled stories, whether one rang at least once, and whether it should.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tocsin.decide.scan import US
from tocsin.evaluation.metrics import accuracy, bcubed, macro_f1, scores, share
from tocsin.evaluation.replay import Judged
from tocsin.model import Match, Part, Salience, Severity

Figures = dict[str, dict[str, float]]


def figures(judged: Sequence[Judged]) -> Figures:
    """Every figure of `judged`, which stand in the order of their publication."""
    relevant = [each for each in judged if each.label.relevant]
    events = [(each.label.event, each.assessment.reading.event) for each in relevant]
    certainties = [(each.label.certainty, each.assessment.reading.certainty) for each in relevant]
    return {
        "relevance": scores((each.label.relevant, each.assessment.reading.relevant) for each in judged),
        "mentions": _mentions(judged),
        "events": {"accuracy": accuracy(events), "macro_f1": macro_f1(events)},
        "parts": {"accuracy": accuracy([pair for each in relevant for pair in parts(each).values()])},
        "certainty": {"accuracy": accuracy(certainties)},
        "severity": _severity(judged, relevant),
        "stories": _stories(judged, relevant),
        "alerts": _alerts(judged),
    }


def found(each: Judged) -> Mapping[str, Match]:
    """The watches said to be meant; whoever watches only where a label names him."""
    named = {mention.watch for mention in each.label.mentions}
    return {match.watch: match for match in each.assessment.reading.meant if match.role != US or match.watch in named}


def parts(each: Judged) -> Mapping[str, tuple[Part, Part]]:
    """By watch, the part labelled and the part said, where a part is to be told."""
    said = found(each)
    return {
        mention.watch: (mention.part, said[mention.watch].part if mention.watch in said else Part.NONE)
        for mention in each.label.mentions
        if mention.salience is not Salience.PASSING and mention.part is not Part.NONE
    }


def cluster(each: Judged) -> tuple[str, str]:
    """The story that the daemon put an item to; one of its own if none."""
    return ("story", each.placement.story.id) if each.placement is not None else ("item", each.label.id)


def _mentions(judged: Iterable[Judged]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for each in judged:
        said, labelled = found(each), {mention.watch: mention for mention in each.label.mentions}
        both = said.keys() & labelled.keys()
        counts["labelled"] += len(labelled)
        counts["said"] += len(said)
        counts["both"] += len(both)
        counts["salience"] += sum(said[watch].salience is labelled[watch].salience for watch in both)
    return {
        "precision": share(counts["both"], counts["said"]),
        "recall": share(counts["both"], counts["labelled"]),
        "salience_accuracy": share(counts["salience"], counts["both"]),
    }


def _severity(judged: Sequence[Judged], relevant: Sequence[Judged]) -> dict[str, float]:
    steps = [(_step(each.label.rung), _step(each.assessment.severity)) for each in relevant]
    critical = scores(
        (each.label.rung is Severity.CRITICAL, each.assessment.severity is Severity.CRITICAL) for each in judged
    )
    return {
        "exact": accuracy(steps),
        "within_one": share(sum(abs(true - said) <= 1 for true, said in steps), len(steps)),
        "critical_precision": critical["precision"],
        "critical_recall": critical["recall"],
    }


def _step(severity: Severity | None) -> int:
    return -1 if severity is None else severity.rank


def _stories(judged: Sequence[Judged], relevant: Sequence[Judged]) -> dict[str, float]:
    precision, recall, both = bcubed([(each.label.story, cluster(each)) for each in relevant])
    told = defaultdict[str, set[str]](set)
    for each in relevant:
        if each.placement is not None:
            told[each.placement.story.id].add(each.label.story)
    rings = Counter(each.label.story for each in judged if each.rang)
    due = _due(judged)
    first: dict[str, str] = {}
    for each in judged:
        first.setdefault(each.label.story, each.label.id)
    later = [each for each in relevant if first[each.label.story] != each.label.id]
    rewrites = [each.told for each in later if not each.label.new_facts]
    facts = [each.told for each in later if each.label.new_facts]
    return {
        "bcubed_precision": precision,
        "bcubed_recall": recall,
        "bcubed_f1": both,
        "roots_per_story": share(sum(rings[story] for story in due), len(due & rings.keys())),
        "never_rung": len(due - rings.keys()),
        "wrongly_merged": share(sum(len(stories) > 1 for stories in told.values()), len(told)),
        "rewrite_updates": share(sum(rewrites), len(rewrites)),
        "fact_updates": share(sum(facts), len(facts)),
    }


def _due(judged: Iterable[Judged]) -> set[str]:
    """The labelled stories that should ring."""
    return {each.label.story for each in judged if each.label.relevant and each.label.rung is not None}


def _alerts(judged: Sequence[Judged]) -> dict[str, float]:
    due = _due(judged)
    rang = {each.label.story for each in judged if each.rang}
    return scores((story in due, story in rang) for story in {each.label.story for each in judged})
