"""The trained heads behind the `Judge` port: tuned layers on the default model, and linear heads over them.

Laws:
1. The weights are a file of numbers (safetensors): reading it runs no code. Its header says what each row means.
2. What a head says is calibrated: its temperature was fitted on companies that it had not seen (`training/`).
3. bfloat16 is used only where a timed probe shows that the processor gains by it; probabilities are the same within
   0.02, and within 0.0002 in the mean.
"""

import functools
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from tocsin.errors import ModelError
from tocsin.infra.encoder import packaged_folder, quiet_and_offline, threads, verify
from tocsin.infra.layers import Layers
from tocsin.infra.telling import Tokens, telling_words
from tocsin.model import NO_EVENT, Certainty, Judgement, Part, Salience
from tocsin.ports import BREAK, FOCUS, PERSON

WEIGHTS = Path(__file__).with_name("heads.safetensors")

MAX_TOKENS = 160
"""Of a note, a title and a lead; longer texts are cut at their end. All of the corpus fit: half have up to 43, the
longest 103."""

_BATCH = 1_024
"""Tokens of a batch, padding counted: from 512 to 1,024 the least processor time for a text; beyond, what lies between
two layers outgrows the processor's caches."""

_REMEMBERED = 4_096
_PROBES = 20
_GAIN = 1.5


class Tokenizer:
    """Cuts marked texts as the heads expect them."""

    def __init__(self, folder: Path) -> None:
        """Load the tokenizer of the model in `folder`."""
        from transformers import AutoTokenizer  # noqa: PLC0415 (seconds of import that only a load should cost)

        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self._marks = frozenset(self._tokenizer(FOCUS + " " + PERSON, add_special_tokens=False)["input_ids"])

    def __call__(self, texts: Sequence[str]) -> list[Tokens]:
        """Cut `texts`; a company that stands nowhere in its text is marked in its note."""
        # A lone surrogate, which a hostile feed can hold, is no text to the tokenizer, and would fail the whole batch.
        pairs = [text.encode(errors="replace").decode().partition(BREAK)[::2] for text in texts]
        cut = self._tokenizer(
            [note for note, _ in pairs],
            [news for _, news in pairs],
            truncation="longest_first",
            max_length=MAX_TOKENS,
            return_offsets_mapping=True,
        )
        rows = zip(pairs, cut["input_ids"], cut["token_type_ids"], cut["offset_mapping"], strict=True)
        return [self._tokens(news, *row) for (_, news), *row in rows]

    def _tokens(self, news: str, ids: list[int], segments: list[int], offsets: list[tuple[int, int]]) -> Tokens:
        marked = [token in self._marks for token in ids]
        in_news = [mark and segment == 1 for mark, segment in zip(marked, segments, strict=True)]
        return Tokens(ids, segments, in_news if any(in_news) else marked, offsets, news)


class Heads:
    """The tuned layers and the linear heads, as torch tensors: what training makes and the judge uses."""

    def __init__(self, model: Any, weights: dict[str, Any], meta: dict[str, Any]) -> None:
        """Put `weights` over `model`, a BERT encoder, whose other weights stay.

        `meta` holds the labels of each head in order, and its temperature.
        """
        self.model = model
        self.labels: dict[str, list[str]] = meta["labels"]
        self.temperature: dict[str, float] = meta["temperature"]
        self.languages = frozenset(meta["languages"])
        layers = {name.removeprefix("layer."): tensor for name, tensor in weights.items() if name.startswith("layer.")}
        state = model.encoder.layer.state_dict()
        state.update({name: tensor.to(state[name].dtype) for name, tensor in layers.items()})
        model.encoder.layer.load_state_dict(state)
        self.rows = {name: weights[f"head.{name}.weight"].float() for name in self.labels}
        self.biases = {name: weights[f"head.{name}.bias"].float() for name in self.labels}


def pooled(hidden: Any, present: Any, marks: Any) -> Any:
    """The mean over all tokens beside the mean over the company's marks: shape (texts, 2 x dimensions)."""
    import torch  # noqa: PLC0415 (the same)

    means = [(hidden * mask).sum(1) / mask.sum(1).clamp(min=1) for mask in (present[..., None], marks[..., None])]
    return torch.cat(means, -1)


def collated(batch: Sequence[Tokens]) -> tuple[dict[str, Any], Any]:
    """`batch` as tensors, padded to its longest: what the model takes, and the marks."""
    import torch  # noqa: PLC0415 (the same)

    longest = max(len(tokens.ids) for tokens in batch)
    ids, segments, present, marks = (torch.zeros(len(batch), longest, dtype=torch.long) for _ in range(4))
    for row, tokens in enumerate(batch):
        count = len(tokens.ids)
        ids[row, :count] = torch.tensor(tokens.ids)
        segments[row, :count] = torch.tensor(tokens.segments)
        present[row, :count] = 1
        marks[row, :count] = torch.tensor(tokens.marks, dtype=torch.long)
    return {"input_ids": ids, "token_type_ids": segments, "attention_mask": present}, marks.float()


class TrainedJudge:
    """The shipped heads; safe to call from several threads. The same text is never judged twice while remembered."""

    def __init__(self, heads: Heads, tokenizer: Tokenizer) -> None:
        """Judge with `heads`, whose model becomes this one's own."""
        if bfloat16_pays():
            heads.model.bfloat16()
        self._heads = heads
        self._layers = Layers(heads.model)
        self._telling = heads.rows["event"] - heads.rows["event"].mean(0)
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._remembered: OrderedDict[str, Judgement] = OrderedDict()

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that the heads were trained for."""
        return self._heads.languages

    @property
    def kinds(self) -> frozenset[str]:
        """The event kinds that the heads know."""
        return frozenset(self._heads.labels["event"])

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """Judge the marked company of each of `texts`, in the order given."""
        with self._lock:
            known = {text: self._remembered[text] for text in texts if text in self._remembered}
            fresh = [text for text in dict.fromkeys(texts) if text not in known]
            known.update(zip(fresh, self._judge(fresh), strict=True))
            for text, judgement in known.items():
                self._remembered[text] = judgement
                self._remembered.move_to_end(text)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
            return [known[text] for text in texts]

    def _judge(self, texts: Sequence[str]) -> list[Judgement]:
        cut = self._tokenizer(texts) if texts else []
        judged: dict[int, Judgement] = {}
        for rows in batches([len(tokens.ids) for tokens in cut]):
            judged.update(zip(rows, self._batch([cut[row] for row in rows]), strict=True))
        return [judged[row] for row in range(len(cut))]

    def _batch(self, batch: Sequence[Tokens]) -> list[Judgement]:
        inputs, marks = collated(batch)
        hidden = self._layers(**inputs).float()
        vectors = pooled(hidden, inputs["attention_mask"].float(), marks)
        chances = {name: self._chances(name, vectors) for name in self._heads.labels}
        telling = self._telling_words(batch, hidden, marks, chances["event"])
        return [
            judgement_of(
                {name: dict(zip(labels, chances[name][row], strict=True)) for name, labels in self._labels()}, told
            )
            for row, told in enumerate(telling)
        ]

    def _labels(self) -> list[tuple[str, list[str]]]:
        return list(self._heads.labels.items())

    def _chances(self, name: str, vectors: Any) -> list[list[float]]:
        scores = (vectors @ self._heads.rows[name].T + self._heads.biases[name]) / self._heads.temperature[name]
        chances: list[list[float]] = scores.softmax(-1).tolist()
        return chances

    def _telling_words(
        self, batch: Sequence[Tokens], hidden: Any, marks: Any, chances: Sequence[Sequence[float]]
    ) -> list[str]:
        """The words whose tokens add most to the score of the likeliest happening, as they stand in each text."""
        happenings = [row for row, kind in enumerate(self._heads.labels["event"]) if kind != NO_EVENT]
        if not happenings:
            return [""] * len(batch)
        best = [max(happenings, key=said.__getitem__) for said in chances]
        of_all, of_marks = (hidden @ self._telling[best].unflatten(1, (2, -1)).mT).unbind(-1)
        scores: list[list[float]] = (of_all + of_marks * marks).tolist()
        return [telling_words(tokens, each[: len(tokens.ids)]) for tokens, each in zip(batch, scores, strict=True)]


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """The rows of texts that have `lengths` in tokens, the shortest first, so many together as fill a batch."""
    taken: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not taken or (len(taken[-1]) + 1) * lengths[row] > _BATCH:
            taken.append([])
        taken[-1].append(row)
    return taken


def judgement_of(chances: dict[str, dict[str, float]], telling: str = "") -> Judgement:
    """The probabilities of the heads, by head and label, as a `Judgement`."""
    salience = chances["salience"]
    meant = 1.0 - salience["not"]
    return Judgement(
        meant=meant,
        relevant=chances["relevant"]["yes"],
        grave=chances["grave"]["yes"],
        salience={each: salience[each.value] / max(meant, 1e-6) for each in Salience},
        part={part: chances["part"][part.value] for part in Part},
        event=dict(chances["event"]),
        certainty={each: chances["certainty"][each.value] for each in Certainty},
        telling=telling,
    )


@functools.cache
def bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32, by a probe of some milliseconds.

    What a processor says of itself misleads: with avx512_bf16 alone it was 0.7 times as fast, with AMX 3 times.
    """
    import torch  # noqa: PLC0415 (the same)

    left, right = torch.ones(512, 384), torch.ones(384, 1536)  # nobody else's random numbers are drawn

    def seconds(dtype: Any) -> float:
        a, b = left.to(dtype), right.to(dtype)
        times = []
        for _ in range(_PROBES):
            started = perf_counter()
            torch.mm(a, b)
            times.append(perf_counter() - started)
        return min(times)  # whatever else the machine does only makes a run slower

    try:
        return seconds(torch.float32) > _GAIN * seconds(torch.bfloat16)
    except RuntimeError:
        return False


def _verify(weights: dict[str, Any], sha256: str) -> None:
    if digest_of(weights) != sha256:
        raise ModelError("its numbers are not those that were written")


def digest_of(weights: dict[str, Any]) -> str:
    """The SHA-256 of the names and numbers of `weights`."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].numpy().tobytes())
    return digest.hexdigest()


def base_model(folder: Path, **changes: Any) -> Any:
    """The default model's transformer, without its pooling; `changes` to its configuration are for training."""
    import torch  # noqa: PLC0415 (the same)
    from transformers import AutoModel  # noqa: PLC0415 (the same)
    from transformers.utils import logging  # noqa: PLC0415 (the same)

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its switch in the environment is read too early
    torch.set_num_threads(threads())
    return AutoModel.from_pretrained(str(folder), local_files_only=True, dtype=torch.float32, **changes).eval()


def load_judge(weights: Path = WEIGHTS) -> TrainedJudge:
    """Load the shipped heads over the verified default model.

    Raises:
        ModelError: the model or the heads are missing or damaged.
    """
    folder = packaged_folder()
    verify(folder)
    try:
        from safetensors import safe_open  # noqa: PLC0415 (the same)

        with quiet_and_offline(), safe_open(str(weights), framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            meta = json.loads(file.metadata()["heads"])
            _verify(tensors, meta["sha256"])
            return TrainedJudge(Heads(base_model(folder), tensors, meta), Tokenizer(folder))
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"The trained heads can't be loaded from {weights}: {reason}. Install the package anew."
        ) from error
