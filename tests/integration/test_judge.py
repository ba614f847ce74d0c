"""The heads that ship, for real."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tocsin.errors import ModelError
from tocsin.infra.judge import WEIGHTS, TrainedJudge, load_judge
from tocsin.model import NO_EVENT, Certainty, Judgement, Part, Salience
from tocsin.ports import BREAK, FOCUS, OTHER, PERSON
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load as load_rules

NOTE = f"{FOCUS} : vendor. sign-on service for companies{BREAK}"
STOLEN = f"{NOTE}Hackers steal customer records of {FOCUS}. {FOCUS} confirmed the breach on Friday."
BOUGHT = f"{NOTE}{OTHER} agrees to buy {FOCUS} for $2 billion. {PERSON} stays chief executive."
RECIPE = f"{NOTE}Ten ways to bake bread at home. You need flour, salt and {FOCUS} patience."
DOWN = f"{NOTE}Login is down for all users."
TEXTS = (STOLEN, BOUGHT, RECIPE, DOWN)


@pytest.fixture(scope="module")
def judge() -> TrainedJudge:
    return load_judge()


def numbers(said: Judgement) -> list[float]:
    tables: tuple[Mapping[str, float], ...] = (said.salience, said.part, said.event, said.certainty)
    return [said.meant, said.relevant, said.grave, *(number for table in tables for number in table.values())]


def test_every_judgement_is_of_probabilities(judge: TrainedJudge) -> None:
    """One for each text; a table holds all labels, and sums to one."""
    said = judge.judge(TEXTS)
    assert len(said) == len(TEXTS)
    for each in said:
        assert (set(each.salience), set(each.part), set(each.certainty)) == (set(Salience), set(Part), set(Certainty))
        assert set(each.event) == judge.kinds
        assert all(0.0 <= number <= 1.0 + 1e-5 for number in numbers(each))
        for table in (each.salience, each.part, each.event, each.certainty):
            assert sum(table.values()) == pytest.approx(1.0, abs=1e-3)


def test_heads_know_the_kinds_that_ship(judge: TrainedJudge) -> None:
    """Each shipped kind is one of theirs, and so is that of nothing; they read four languages."""
    assert judge.kinds == set(load_rules(shipped.folder()).events) | {NO_EVENT}
    assert judge.languages == {"en", "de", "fr", "es"}


def test_plain_news_is_read_right(judge: TrainedJudge) -> None:
    """A theft, a purchase and a recipe."""
    stolen, bought, recipe, _ = judge.judge(TEXTS)
    assert max(stolen.event, key=stolen.event.__getitem__) == "security_breach"
    assert max(bought.event, key=bought.event.__getitem__) == "acquisition"
    assert bought.part[Part.TARGET] > 0.5
    assert min(stolen.relevant, bought.relevant) > 0.5 > recipe.relevant


def test_telling_words_are_a_quote(judge: TrainedJudge) -> None:
    """Some words of the news, and no mark among them."""
    for text, said in zip(TEXTS, judge.judge(TEXTS), strict=True):
        assert said.telling
        assert said.telling in text.partition(BREAK)[2]
        assert not {FOCUS, PERSON, OTHER} & set(said.telling)


def test_order_of_a_call_is_that_of_its_answers(judge: TrainedJudge) -> None:
    """Whatever the lengths, and a text given twice has one answer."""
    said = judge.judge([*TEXTS, STOLEN])
    assert said[0] is said[4]
    assert judge.judge(TEXTS[::-1]) == said[3::-1]


def test_two_loads_say_the_same(judge: TrainedJudge) -> None:
    """Nothing is drawn by lot."""
    for one, other in zip(judge.judge(TEXTS), load_judge().judge(TEXTS), strict=True):
        assert numbers(one) == pytest.approx(numbers(other), abs=1e-4)
        assert one.telling == other.telling


def test_length_of_a_batch_changes_no_verdict() -> None:
    """A text alone and the same text beside long ones are judged the same within 0.02."""
    fresh = load_judge()
    beside = fresh.judge([*TEXTS, *(f"{NOTE}{'word ' * (count * 9)}{FOCUS}" for count in range(40)), ""])
    for text, said in zip(TEXTS, beside, strict=False):
        (alone,) = TrainedJudge(fresh._heads, fresh._tokenizer).judge([text])
        assert numbers(alone) == pytest.approx(numbers(said), abs=0.02)


def test_what_was_judged_is_remembered(judge: TrainedJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that repeats its items costs nothing; without the model only known texts are answered."""
    said = judge.judge(TEXTS)

    def no_model(*_texts: object) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(judge, "_tokenizer", no_model)
    assert judge.judge(TEXTS[::-1]) == said[::-1]
    with pytest.raises(AssertionError, match="the model was asked"):
        judge.judge([f"{NOTE}Never seen before"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        BREAK,
        NOTE,
        "without a note",
        "half a pair \ud800",
        f"\udfff{BREAK}\ud83d and {FOCUS}",
        NOTE + "a" * 10_000,
        NOTE + "word " * 2_000,
        NOTE + FOCUS * 10_000,
        NOTE * 200,
        f"{NOTE}\x00\x07\u202e\u200b",
        NOTE + "\U0001f600" * 50,
        NOTE + "\u0301" * 500,
        NOTE + "\u969c\u5bb3" * 500,
    ],
)
def test_hostile_text_is_judged(judge: TrainedJudge, text: str) -> None:
    """Empty, endless, without marks or full of them: numbers in range, within seconds."""
    started = perf_counter()
    said, _ = judge.judge([text, STOLEN])
    assert perf_counter() - started < 5.0
    assert all(0.0 <= number <= 1.0 + 1e-5 for number in numbers(said))


# ---------------------------------------------------------------- the file


def faults(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_judge(path)
    return str(caught.value)


def test_missing_weights_are_told_in_a_sentence(tmp_path: Path) -> None:
    """With the path, and what to do."""
    path = tmp_path / "heads.safetensors"
    told = faults(path)
    assert told.startswith(f"The trained heads can't be loaded from {path}: ")
    assert told.endswith(". Install the package anew.")
    assert "\n" not in told


@pytest.mark.parametrize("kept", [0, 7, 1_000, -1])
def test_truncated_weights_are_refused(tmp_path: Path, kept: int) -> None:
    """An interrupted download, wherever it broke off."""
    path = tmp_path / "heads.safetensors"
    path.write_bytes(WEIGHTS.read_bytes()[:kept])
    assert str(path) in faults(path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A page of an error, or a folder."""
    page = tmp_path / "page.safetensors"
    page.write_bytes(b"<!doctype html><title>404</title>" * 50)
    assert str(page) in faults(page)
    assert str(tmp_path) in faults(tmp_path)


@pytest.mark.parametrize("lost", ["metadata", "labels", "head", "layer"])
def test_weights_that_are_no_heads_are_refused(tmp_path: Path, lost: str) -> None:
    """Tensors of another making, or with a part missing."""
    with safe_open(str(WEIGHTS), framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        heads = file.metadata()["heads"]
    if lost == "head":
        del tensors["head.event.weight"]
    if lost == "layer":
        tensors["layer.0.no.such.weight"] = torch.zeros(3)
    path = tmp_path / "heads.safetensors"
    save_file(tensors, path, {"metadata": None, "labels": {"heads": "{}"}}.get(lost, {"heads": heads}))
    assert str(path) in faults(path)


def test_a_changed_number_is_refused(tmp_path: Path) -> None:
    """A byte that flipped on a disk changes no verdict in silence."""
    data = bytearray(WEIGHTS.read_bytes())
    data[-100] ^= 0x40
    (tmp_path / "heads.safetensors").write_bytes(bytes(data))
    with pytest.raises(ModelError, match="not those that were written"):
        load_judge(tmp_path / "heads.safetensors")


def test_loading_leaves_the_environment_as_it_was() -> None:
    """Offline mode is for the load only."""
    before = dict(os.environ)
    load_judge()
    assert dict(os.environ) == before


def test_import_is_cheap_and_load_is_quiet() -> None:
    """Importing the module loads no torch, and loading and judging print nothing."""
    code = (
        "import sys; from tocsin.infra.judge import load_judge; assert 'torch' not in sys.modules; "
        "load_judge().judge(['x'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
