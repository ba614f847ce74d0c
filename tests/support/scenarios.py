"""A labelled scenario as the daemon reads it, by the real model and heads."""

from dataclasses import replace

from tocsin.cli.daemon import settings_from
from tocsin.decide.reading import Reader
from tocsin.decide.stories import oldest_first
from tocsin.evaluation.replay import BATCH, readings
from tocsin.evaluation.scenario import Label, Scenario
from tocsin.infra import encoder as encoders
from tocsin.infra.judge import load_judge
from tocsin.model import Reading

Told = tuple[Reading, Label]


def read_scenario(scenario: Scenario) -> list[Told]:
    """The items of `scenario`, oldest first, as the daemon reads them."""
    encoder, judge = encoders.load(settings_from(None).model), load_judge()
    reader = Reader.build(scenario.rulebook, encoder.encode, encoder.languages, judge.languages, judge.kinds)
    labels = {each.item.id: each.label for each in scenario.items}
    items = oldest_first(each.item for each in scenario.items)
    made = [
        reading
        for start in range(0, len(items), BATCH)
        for reading in readings(items[start : start + BATCH], reader, encoder.encode, judge.judge)
    ]
    return [(reading, labels[reading.item.id]) for reading in made]


def of_its_outlet(reading: Reading) -> Reading:
    """`reading` as if each outlet were a feed."""
    item = reading.item
    return replace(reading, item=replace(item, feed_id=item.outlet or item.feed_name))
