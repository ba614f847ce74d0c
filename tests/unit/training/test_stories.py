"""Fitting what makes one story of two items: examples as people told them, figures as the ledger makes them."""

from tocsin.decide import happening, novelty, stories
from tocsin.model import Judgement
from training.sheets import Sheet
from training.stories import (
    Fitted,
    by_group,
    fitted,
    mean,
    measured,
    of_new_facts,
    of_one_story,
    told,
    was_held_out,
    with_coefficients,
)


def test_a_sheet_of_which_nothing_was_said_is_not_measured(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """Nor one that was edited after the heads had judged it: an item that nobody judged would be guessed."""
    assert was_held_out(sheet, said)
    assert not was_held_out(sheet, {})
    assert not was_held_out(sheet, {text: each for text, each in said.items() if "since dawn" not in text})


def test_each_item_stands_beside_the_open_stories_of_its_companies(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """The first item of a story has none beside it but those of other stories."""
    right = [same for _, same in of_one_story(told(sheet, said))]
    assert right == [True, True, False]  # two that retell the stake, and the outage beside it


def test_new_facts_are_asked_of_those_that_retell(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """A story's first item adds nothing to it."""
    examples = of_new_facts(told(sheet, said))
    assert [new for _, new in examples] == [True, False]
    surer = novelty.FEATURES.index("surer")
    assert [values[surer] for values, _ in examples] == [1.0, 0.0]


def test_the_kind_of_event_tells_the_stories_of_one_company_apart(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """What is of one kind is likelier of one story, by more than anything else here."""
    examples = of_one_story(told(sheet, said))
    kinds = happening.FEATURES.index("kinds")
    assert min(values[kinds] for values, same in examples if same) > max(
        values[kinds] for values, same in examples if not same
    )


def test_coefficients_are_of_raw_features() -> None:
    """A feature in hours or in shares: what is fitted on standardised ones is given back in their own units."""
    examples = [((float(value), 7.0), value > 500) for value in range(0, 1_000, 10)]
    made = fitted(examples)
    at = [made.intercept + made.coefficients[0] * value + made.coefficients[1] * 7.0 for value in (100, 900)]
    assert at[0] < -1.0 < 1.0 < at[1]


def test_figures_are_those_of_the_ledger_with_other_coefficients(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """A ledger that joins what it may tells a story once; afterwards the coefficients that ship are back."""
    before = happening.COEFFICIENTS
    read = [told(sheet, said)]
    never = Fitted((0.0,) * len(happening.FEATURES), -20.0)
    always = Fitted((0.0,) * len(happening.FEATURES), 20.0)
    quiet = Fitted((0.0,) * len(novelty.FEATURES), -20.0)
    apart, together = (mean(with_coefficients(same, quiet, read, SAME=0.5)) for same in (never, always))
    assert apart["stories.roots_per_story"] > together["stories.roots_per_story"] == 1.0
    assert apart["stories.bcubed_recall"] < together["stories.bcubed_recall"]
    assert before == happening.COEFFICIENTS
    assert stories.SAME == happening.SAME
    assert set(mean(measured(read))) == set(apart)


def test_sheets_that_the_heads_have_not_learnt_have_figures_of_their_own() -> None:
    """Beside those of all: the calm sheets of the corpus hide them."""
    rows = [{"f1": value} for value in (0.9, 0.8, 0.4)]
    named = by_group(rows, 2)
    assert named == {"all, 3 sheets": {"f1": 0.7}, "corpus, 2 sheets": {"f1": 0.85}, "unlearnt, 1 sheets": {"f1": 0.4}}
    assert set(by_group(rows, 3)) == {"all, 3 sheets", "corpus, 3 sheets"}
