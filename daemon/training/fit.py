"""Fits the tuned layers and the heads to rows; says what the heads make of rows that they haven't seen.

The same rows and seed give the same weights on one machine; between processors sums round differently, and the figures
agree instead (`python -m training.train --check`).
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tocsin.infra.encoder import packaged_folder, quiet_and_offline
from tocsin.infra.judge import Tokenizer, base_model, bfloat16_pays, collated, pooled
from tocsin.infra.telling import Tokens
from training.rows import Row
from training.sheets import CERTAINTIES, EVENTS, PARTS, SALIENCES

LABELS: dict[str, tuple[str, ...]] = {
    "salience": ("not", *SALIENCES),
    "part": PARTS,
    "event": EVENTS,
    "certainty": CERTAINTIES,
    "relevant": ("no", "yes"),
    "grave": ("no", "yes"),
}
"""The heads, and what each row of a head stands for."""

_UNKNOWN = -100
"""A label that isn't learnt from; `cross_entropy` passes over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the heads are fitted; chosen by cross-validation over sheets (decision 0054)."""

    layers: int = 6
    epochs: int = 5
    batch: int = 32
    rate: float = 3e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    dropout: float = 0.1
    smoothing: float = 0.1
    warm_up: float = 0.06


Scores = dict[str, NDArray[np.float32]]
"""By head: the raw scores of its labels, shape (rows, labels)."""


class Net(nn.Module):
    """The default model with its last layers free, and the heads over the pooled tokens."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        with quiet_and_offline():
            # Dropout inside attention keeps torch from its fast kernel.
            self.model = base_model(packaged_folder(), attention_probs_dropout_prob=0.0)
        self.losses: list[float] = []
        self.model.requires_grad_(False)
        self.tuned = len(self.model.encoder.layer) - recipe.layers
        self.model.encoder.layer[self.tuned :].requires_grad_(True)
        width = 2 * self.model.config.hidden_size
        self.dropout = nn.Dropout(recipe.dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(labels)) for name, labels in LABELS.items()})

    def forward(self, batch: Sequence[Tokens]) -> dict[str, Tensor]:
        """The raw scores of each head, shape (texts, labels)."""
        inputs, marks = collated(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_pays()):
            hidden = self.model(**inputs).last_hidden_state
        vectors = self.dropout(pooled(hidden.float(), inputs["attention_mask"].float(), marks))
        return {name: head(vectors) for name, head in self.heads.items()}

    def weights(self) -> dict[str, Tensor]:
        """What is shipped, as float16: the free layers and the heads."""
        layers = self.model.encoder.layer.state_dict()
        kept = {f"layer.{name}": each for name, each in layers.items() if int(name.partition(".")[0]) >= self.tuned}
        for name, head in self.heads.items():
            kept |= {f"head.{name}.{part}": each for part, each in head.state_dict().items()}
        return {name: tensor.detach().half().contiguous() for name, tensor in kept.items()}


def labels_of(row: Row) -> dict[str, int]:
    """What the heads should say of `row`."""
    wanted = {
        "salience": row.salience,
        "part": row.part,
        "event": row.line.event,
        "certainty": row.line.certainty,
        "relevant": "yes" if row.relevant else "no",
        "grave": None if row.grave is None else "yes" if row.grave else "no",
    }
    return {name: _UNKNOWN if word is None else LABELS[name].index(word) for name, word in wanted.items()}


_WEIGHT = {"certainty": 0.5, "grave": 0.5}
"""Of a head's loss; 1 where not named."""


def fit(
    rows: Sequence[Row],
    recipe: Recipe,
    seed: int = 0,
    *,
    tell: Callable[[str], None] = lambda _line: None,
    stop: int | None = None,
    start: Net | None = None,
) -> Net:
    """Fit a net to `rows`; `stop` ends the same fit after so many of its epochs, `start` is a net to go on with."""
    torch.manual_seed(seed)
    lots = random.Random(seed)
    with quiet_and_offline():
        cut = Tokenizer(packaged_folder())([row.text for row in rows])
    wanted = [labels_of(row) for row in rows]
    net = start or Net(recipe)
    free = [weight for weight in net.model.parameters() if weight.requires_grad]
    groups = [{"params": net.heads.parameters(), "lr": recipe.head_rate}, {"params": free, "lr": recipe.rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.decay, fused=True)
    steps = recipe.epochs * math.ceil(len(rows) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (recipe.warm_up * steps + 1)) * max(0.0, 1.0 - step / steps)
    )
    net.train()
    for epoch in range(min(recipe.epochs, stop or recipe.epochs)):
        total = 0.0
        for batch in _shuffled(cut, recipe.batch, lots):
            said = net([cut[index] for index in batch])
            loss = torch.stack(
                [_loss(name, scores, [wanted[index][name] for index in batch], recipe) for name, scores in said.items()]
            ).sum()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*free, *net.heads.parameters()], 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        net.losses.append(round(total / len(rows), 4))
        tell(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(rows):.3f}")
    return net.eval()


def _loss(name: str, scores: Tensor, wanted: Sequence[int], recipe: Recipe) -> Tensor:
    if all(label == _UNKNOWN for label in wanted):
        return scores.sum() * 0.0
    loss = functional.cross_entropy(
        scores, torch.tensor(wanted), ignore_index=_UNKNOWN, label_smoothing=recipe.smoothing
    )
    return _WEIGHT.get(name, 1.0) * loss


def _shuffled(cut: Sequence[Tokens], size: int, lots: random.Random) -> Iterator[list[int]]:
    """Batches of like length in a new order: little padding, and no order that the net could learn."""
    order = list(range(len(cut)))
    lots.shuffle(order)
    batches: list[list[int]] = []
    stretch = size * 16
    for start in range(0, len(order), stretch):
        near = sorted(order[start : start + stretch], key=lambda index: len(cut[index].ids))
        batches += [near[first : first + size] for first in range(0, len(near), size)]
    lots.shuffle(batches)
    return iter(batches)


def scores_of(net: Net, rows: Sequence[Row], size: int = 64) -> Scores:
    """The raw scores of all heads on `rows`."""
    with quiet_and_offline():
        cut = Tokenizer(packaged_folder())([row.text for row in rows])
    order = sorted(range(len(cut)), key=lambda index: len(cut[index].ids))
    scores = {name: np.zeros((len(rows), len(labels)), dtype=np.float32) for name, labels in LABELS.items()}
    with torch.inference_mode():
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            for name, said in net([cut[index] for index in batch]).items():
                scores[name][batch] = said.numpy()
    return scores
