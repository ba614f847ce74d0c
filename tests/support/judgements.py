"""What trained heads might say: made by hand, or any at all."""

from collections.abc import Mapping

from hypothesis import strategies as st

from tocsin.model import Certainty, Judgement, Part, Salience


def judgement(
    *,
    meant: float = 0.9,
    relevant: float = 0.9,
    salience: Salience = Salience.MAIN,
    part: Part = Part.ACTOR,
    event: str | Mapping[str, float] = "outage",
    certainty: Certainty = Certainty.REPORTED,
    grave: float = 0.1,
    telling: str = "",
    kinds: tuple[str, ...] = ("acquisition", "outage", "security_breach", "none"),
) -> Judgement:
    """A judgement that is 0.9 sure of each label named; `event` may give the probabilities instead."""
    return Judgement(
        meant=meant,
        relevant=relevant,
        grave=grave,
        salience=_sure(salience, tuple(Salience)),
        part=_sure(part, tuple(Part)),
        event=_sure(event, kinds) if isinstance(event, str) else event,
        certainty=_sure(certainty, tuple(Certainty)),
        telling=telling,
    )


def any_judgements(kinds: tuple[str, ...]) -> st.SearchStrategy[Judgement]:
    """Judgements of any probabilities, also those that are quite sure."""
    return st.builds(
        Judgement,
        meant=_chance,
        relevant=_chance,
        grave=_chance,
        salience=_chances(tuple(Salience)),
        part=_chances(tuple(Part)),
        event=_chances(kinds),
        certainty=_chances(tuple(Certainty)),
        telling=st.text(max_size=20),
    )


_chance = st.floats(0.0, 1.0)


def _chances(labels: tuple) -> st.SearchStrategy[dict]:
    weights = st.lists(st.floats(0.0, 1.0), min_size=len(labels), max_size=len(labels)).filter(any)
    return weights.map(lambda drawn: {label: each / sum(drawn) for label, each in zip(labels, drawn, strict=True)})


def _sure(wanted, labels: tuple) -> dict:
    return {label: 0.9 if label == wanted else 0.1 / (len(labels) - 1) for label in labels}
