"""How the trained heads are asked and what is made of their answers; a tiny model with random weights stands in."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertModel

from tocsin.infra import judge as judges
from tocsin.infra.encoder import packaged_folder
from tocsin.infra.judge import MAX_TOKENS, Heads, Tokenizer, TrainedJudge, collated, judgement_of, pooled
from tocsin.infra.layers import Layers
from tocsin.infra.telling import Tokens, telling_words
from tocsin.model import Certainty, Judgement, Part, Salience
from tocsin.ports import BREAK, FOCUS, OTHER, PERSON

LABELS = {
    "salience": ["not", *Salience],
    "part": [*Part],
    "event": ["outage", "none", "earnings"],
    "certainty": [*Certainty],
    "relevant": ["no", "yes"],
    "grave": ["no", "yes"],
}
WIDTH = 8
NOTE = f"{FOCUS} : vendor.{BREAK}"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(packaged_folder())


class Recording:
    """The judge's layers, which remember the shapes of their batches."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.batches: list[tuple[int, int]] = []

    def __call__(self, **inputs: Any) -> Any:
        self.batches.append(tuple(inputs["input_ids"].shape))
        return self._layers(**inputs)


def heads_over(model: Any, temperature: float = 1.0, **layers: Any) -> Heads:
    lots = torch.Generator().manual_seed(7)
    weights = {f"layer.{name}": tensor for name, tensor in layers.items()}
    for name, labels in LABELS.items():
        weights[f"head.{name}.weight"] = torch.randn(len(labels), 2 * WIDTH, generator=lots).half()
        weights[f"head.{name}.bias"] = torch.randn(len(labels), generator=lots).half()
    meta = {"labels": LABELS, "temperature": dict.fromkeys(LABELS, temperature), "languages": ["en"]}
    return Heads(model, weights, meta)


@pytest.fixture
def model() -> BertModel:
    torch.manual_seed(7)
    config = BertConfig(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2, intermediate_size=WIDTH)
    return BertModel(config).eval()


@pytest.fixture
def judge(model: BertModel, tokenizer: Tokenizer) -> TrainedJudge:
    return TrainedJudge(heads_over(model), tokenizer)


@pytest.fixture
def asked(judge: TrainedJudge, monkeypatch: pytest.MonkeyPatch) -> Recording:
    """What `judge` asks its layers from now on."""
    recording = Recording(judge._layers)
    monkeypatch.setattr(judge, "_layers", recording)
    return recording


def events(said: Sequence[Judgement]) -> list[float]:
    return [each.event["outage"] for each in said]


# ---------------------------------------------------------------- asking


def test_judgements_come_in_the_order_given_though_batches_go_by_length(judge: TrainedJudge, asked: Recording) -> None:
    """Sorting by length saves padding; the caller never sees it."""
    texts = [f"{NOTE}{'word ' * count}down" for count in (30, 1, 60, 5)] * 2
    together = events(judge.judge(texts))
    alone = [events(TrainedJudge(judge._heads, judge._tokenizer).judge([text]))[0] for text in texts]
    assert together == pytest.approx(alone, abs=0.02)
    assert asked.batches[0][0] == 4
    assert len(set(together)) == 4


def test_batches_are_bounded(judge: TrainedJudge, asked: Recording) -> None:
    """The memory of a batch doesn't grow with the number of items, and short texts aren't padded to long ones."""
    judge.judge([f"{NOTE}{'word ' * (number % 50)}{number}" for number in range(70)])
    assert sum(rows for rows, _ in asked.batches) == 70
    assert all(rows * columns <= judges._BATCH for rows, columns in asked.batches)
    assert [columns for _, columns in asked.batches] == sorted(columns for _, columns in asked.batches)


@pytest.mark.parametrize(
    ("lengths", "rows"),
    [
        ([], []),
        ([9], [[0]]),
        ([4, 1, 3, 2, 4, 4], [[1, 3, 2], [0, 4], [5]]),
        ([12, 3, 12], [[1], [0], [2]]),
        ([2, 2, 2, 2, 2, 2], [[0, 1, 2, 3, 4], [5]]),
    ],
)
def test_a_batch_is_filled_with_tokens(
    monkeypatch: pytest.MonkeyPatch, lengths: list[int], rows: list[list[int]]
) -> None:
    """The shortest first, as many as fit in with their padding; a text that fills more than a batch stands alone."""
    monkeypatch.setattr(judges, "_BATCH", 10)
    assert judges.batches(lengths) == rows


def test_same_text_is_judged_once(judge: TrainedJudge, asked: Recording) -> None:
    """Neither a text twice in a call nor one of an earlier call reaches the model again."""
    first = judge.judge([f"{NOTE}one", f"{NOTE}two", f"{NOTE}one"])
    again = judge.judge([f"{NOTE}two", f"{NOTE}three"])
    assert [rows for rows, _ in asked.batches] == [2, 1]
    assert first[0] is first[2]
    assert again[0] is first[1]


def test_memory_is_bounded(judge: TrainedJudge, asked: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text used least recently is forgotten first; a call larger than the memory is answered whole."""
    monkeypatch.setattr(judges, "_REMEMBERED", 2)
    for text in ("one", "two", "one", "three", "one", "two"):
        judge.judge([NOTE + text])
    assert len(asked.batches) == 4
    assert len(judge.judge([f"{NOTE}{number}" for number in range(9)])) == 9
    assert len(judge._remembered) == 2


def test_no_texts_ask_nothing(judge: TrainedJudge, asked: Recording) -> None:
    """An empty call has an empty answer."""
    assert judge.judge([]) == []
    assert asked.batches == []


def test_threads_get_their_own_answers(judge: TrainedJudge) -> None:
    """Calls from several threads don't mix."""
    texts = [f"{NOTE}{'word ' * number}down" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda text: judge.judge([text])[0], texts))
    other = TrainedJudge(judge._heads, judge._tokenizer)
    assert events(said) == pytest.approx([events(other.judge([text]))[0] for text in texts], abs=1e-6)
    assert len(set(events(said))) > 6


def test_it_says_what_it_knows(judge: TrainedJudge) -> None:
    """Languages and kinds are those of the file."""
    assert (judge.languages, judge.kinds) == (frozenset({"en"}), frozenset({"outage", "none", "earnings"}))


# ---------------------------------------------------------------- numbers


def test_a_temperature_calms(model: BertModel, tokenizer: Tokenizer) -> None:
    """Above one, probabilities are nearer to each other, in the same order."""
    text = f"{NOTE}login is down"
    (plain,), (calm,) = (TrainedJudge(heads_over(model, t), tokenizer).judge([text]) for t in (1.0, 50.0))
    assert sorted(plain.event, key=plain.event.__getitem__) == sorted(calm.event, key=calm.event.__getitem__)
    assert max(calm.event.values()) < max(plain.event.values())
    assert max(calm.event.values()) == pytest.approx(1 / 3, abs=0.05)


def test_tuned_layers_are_put_over_the_model_and_others_stay(model: BertModel) -> None:
    """In the model's own precision."""
    before = {name: tensor.clone() for name, tensor in model.encoder.layer.state_dict().items()}
    heads_over(model, **{"0.output.dense.bias": torch.full((WIDTH,), 0.5).half()})
    after = model.encoder.layer.state_dict()
    assert after["0.output.dense.bias"].tolist() == [0.5] * WIDTH
    assert after["0.output.dense.bias"].dtype == torch.float32
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert changed == ["0.output.dense.bias"]


def test_tokens_are_averaged_over_all_and_over_the_marks() -> None:
    """Padding has no say; a text without a mark has zeros for it."""
    hidden = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]], [[5.0, 6.0], [7.0, 8.0], [0.0, 1.0]]])
    present = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    marks = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert pooled(hidden, present, marks).tolist() == [[2.0, 3.0, 3.0, 4.0], [4.0, 5.0, 0.0, 0.0]]


def test_a_batch_is_padded_to_its_longest() -> None:
    """With zeros, which the mask tells from tokens."""
    inputs, marks = collated(
        [Tokens([1, 2, 3], [0, 0, 1], [True, False, True], [], ""), Tokens([4], [1], [False], [], "")]
    )
    assert inputs["input_ids"].tolist() == [[1, 2, 3], [4, 0, 0]]
    assert inputs["token_type_ids"].tolist() == [[0, 0, 1], [1, 0, 0]]
    assert inputs["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert marks.tolist() == [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


CHANCES = {
    "salience": {"not": 0.2, "main": 0.4, "secondary": 0.3, "passing": 0.1},
    "part": {"actor": 0.5, "target": 0.3, "none": 0.2},
    "event": {"outage": 0.7, "none": 0.3},
    "certainty": {"rumour": 0.1, "reported": 0.2, "confirmed": 0.3, "denied": 0.4},
    "relevant": {"no": 0.4, "yes": 0.6},
    "grave": {"no": 0.9, "yes": 0.1},
}


def test_probabilities_by_label_are_a_judgement() -> None:
    """Salience is given that the company is meant."""
    said = judgement_of(CHANCES, "is down")
    assert said.meant == pytest.approx(0.8)
    assert (said.relevant, said.grave, said.telling) == (0.6, 0.1, "is down")
    assert said.salience == pytest.approx({Salience.MAIN: 0.5, Salience.SECONDARY: 0.375, Salience.PASSING: 0.125})
    assert said.part == {Part.ACTOR: 0.5, Part.TARGET: 0.3, Part.NONE: 0.2}
    assert said.event == {"outage": 0.7, "none": 0.3}
    assert said.certainty[Certainty.DENIED] == 0.4


def test_a_company_that_is_surely_not_meant_has_no_salience() -> None:
    """Nothing is divided by zero."""
    nobody = {"not": 1.0, "main": 0.0, "secondary": 0.0, "passing": 0.0}
    said = judgement_of({**CHANCES, "salience": nobody})
    assert (said.meant, set(said.salience.values())) == (0.0, {0.0})


# ---------------------------------------------------------------- tokens


def test_the_marks_of_the_company_are_those_in_the_news(tokenizer: Tokenizer) -> None:
    """Its own and its people's, not another's, and not the one in the note."""
    (cut,) = tokenizer([f"{NOTE}{OTHER} buys {FOCUS}, {PERSON} says"])
    marked = [cut.text[start:end] for (start, end), mark in zip(cut.offsets, cut.marks, strict=True) if mark]
    assert marked == [FOCUS, PERSON]
    assert {segment for segment, mark in zip(cut.segments, cut.marks, strict=True) if mark} == {1}


def test_a_company_that_is_not_named_is_marked_in_its_note(tokenizer: Tokenizer) -> None:
    """So that there is something to read it by."""
    (cut,) = tokenizer([f"{NOTE}{OTHER} login is down"])
    assert [segment for segment, mark in zip(cut.segments, cut.marks, strict=True) if mark] == [0]


def test_each_mark_is_a_token_of_its_own(tokenizer: Tokenizer) -> None:
    """None of them is unknown to the model's vocabulary, or the marks would be one."""
    cut = tokenizer([f"{NOTE}{mark}" for mark in (FOCUS, PERSON, OTHER)])
    assert len({tuple(each.ids) for each in cut}) == 3
    assert {len(each.ids) for each in cut} == {len(cut[0].ids)}


def test_a_long_text_is_cut_at_its_end(tokenizer: Tokenizer) -> None:
    """The note stays; a mark behind the cut is none."""
    (cut,) = tokenizer([f"{NOTE}{'word ' * 400}{FOCUS}"])
    assert len(cut.ids) == len(cut.segments) == len(cut.marks) == len(cut.offsets) == MAX_TOKENS
    assert [segment for segment, mark in zip(cut.segments, cut.marks, strict=True) if mark] == [0]


@pytest.mark.parametrize(
    "text", ["", BREAK, "no note", f"{NOTE}", "\ud800", f"\udfff{BREAK}\ud83d x", "a" * 10_000, "\x00"]
)
def test_any_text_is_cut(tokenizer: Tokenizer, text: str) -> None:
    """Empty, without a break, half a surrogate pair, or one word of ten thousand letters."""
    (cut,) = tokenizer([text])
    assert len(cut.ids) == len(cut.segments) == len(cut.marks) == len(cut.offsets) >= 3
    cut.text.encode()


# ---------------------------------------------------------------- the words that tell


def scored(text: str, **scores: float) -> tuple[Tokens, list[float]]:
    """`text` cut at its words and marks, each with its score of `scores`, or 0."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))
    count = len(found)
    tokens = Tokens([0] * count, [1] * count, [False] * count, [word.span() for word in found], text)
    return tokens, [scores.get(word.group(), 0.0) for word in found]


@pytest.mark.parametrize(
    ("text", "scores", "told"),
    [
        ("Hackers steal data of users", {"steal": 2.0}, "steal"),
        ("Hackers steal data of users", {"steal": 2.0, "data": 1.9}, "steal data"),
        ("Hackers steal data of users", {"Hackers": 2.0, "data": 1.9}, "Hackers"),
        ("u v w x y z", dict.fromkeys("uvwxyz", 1.0), "u v w x"),
        ("theft of the data", {"theft": 1.0, "of": 3.0, "the": 5.0, "data": 1.0}, "theft of the data"),
        ("The theft of data by the", {"The": 9.0, "theft": 1.0, "by": 9.0, "the": 9.0}, "theft"),
        ("of the and", {"of": 1.0}, ""),
        ("profit. Loss", {"profit": 1.0, "Loss": 1.0}, "profit"),
        (f"sues {FOCUS} again", {"sues": 1.0, FOCUS: 9.0, "again": 1.1}, "again"),
        ("multi-day outage", {"multi": 1.0, "-": 1.0, "day": 1.0, "outage": 1.0}, "multi-day outage"),
        ("Wexford opens in-depth check", {"opens": 1.0, "in": 1.0}, "opens in-depth"),
        ("the well-", {"well": 1.0, "-": 3.0}, "well"),
        ("some 2,750 trucks stand", {"750": 1.0, "trucks": 1.0}, "2,750 trucks"),
        ("a sum of $14.3 million", {"3": 1.0, "million": 1.0}, "$14.3 million"),
        ("near 64 000 homes are dark", {"000": 1.0, "homes": 1.0}, "64 000 homes"),
        ("At 12:30 Dublin time", {"30": 1.0, "Dublin": 1.0}, "12:30 Dublin"),
        ("up 4.5% on", {"5": 1.0}, "4.5%"),
        ("CVE-2031-7 is used", {"CVE": 1.0, "2031": 1.0}, "CVE-2031-7"),
        ("login fails again", {"login": -3.0, "fails": -1.0, "again": -2.0}, "fails"),
        (f"{FOCUS} . ,", {FOCUS: 1.0}, ""),
        ("", {}, ""),
    ],
)
def test_telling_words_are_the_run_of_the_highest_score(text: str, scores: dict[str, float], told: str) -> None:
    """Up to four words, a longer run if it earns them: no mark, no end of a sentence, no small word at either end."""
    assert telling_words(*scored(text, **scores)) == told


def test_a_word_of_pieces_is_told_whole() -> None:
    """With the score of its strongest piece, wherever the model cuts it."""
    text = "the unbelievable news"
    spans = [(0, 3), (4, 6), (6, 12), (12, 16), (17, 21)]
    tokens = Tokens([0] * 5, [1] * 5, [False] * 5, spans, text)
    assert telling_words(tokens, [0.0, 0.0, 3.0, -1.0, 0.0]) == "unbelievable"


def test_words_of_the_note_tell_nothing() -> None:
    """Nor do the tokens that stand for no text."""
    text = "login down"
    tokens = Tokens([0] * 5, [0, 0, 1, 1, 1], [False] * 5, [(0, 0), (0, 5), (0, 5), (6, 10), (0, 0)], text)
    assert telling_words(tokens, [9.0, 9.0, 0.0, 1.0, 9.0]) == "down"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.data())
def test_telling_words_stand_in_the_text(tokenizer: Tokenizer, text: str, data: st.DataObject) -> None:
    """Whatever the Unicode and the scores: a quote of the news, of letters and digits; a full stop within a number."""
    (cut,) = tokenizer([NOTE + text])
    score = st.floats(-10, 10)
    scores = data.draw(st.lists(score, min_size=len(cut.ids), max_size=len(cut.ids)))
    quote = telling_words(cut, scores)
    assert quote in cut.text
    assert not {FOCUS, PERSON, OTHER, "."} & set(re.sub(r"(?<=\d)[.](?=\d)", "", quote))
    assert not quote.endswith("-")
