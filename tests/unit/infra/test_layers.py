"""The layers without padding say what the model itself says; a tiny model with random weights stands in."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers import BertConfig, BertModel

from tocsin.infra.layers import Layers, linear

WIDTH = 32


@pytest.fixture(scope="module")
def model() -> BertModel:
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=100, hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=4, intermediate_size=2 * WIDTH
    )
    return BertModel(config).eval()


def inputs_of(lengths: Sequence[int]) -> dict[str, Any]:
    """Texts of random tokens and segments, padded at their ends."""
    lots = torch.Generator().manual_seed(11)
    shape = (len(lengths), max(lengths))
    present = (torch.arange(shape[1]) < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(1, 100, shape, generator=lots) * present
    segments = torch.randint(0, 2, shape, generator=lots) * present
    return {"input_ids": ids, "token_type_ids": segments, "attention_mask": present}


RAGGED = ([5], [1], [16], [33, 2, 17], [1, 48, 47], [7, 7, 7], [16, 32], [90, 3, 41, 16, 15])


@pytest.mark.parametrize("lengths", RAGGED, ids=str)
def test_hidden_states_are_those_of_the_model(model: BertModel, lengths: list[int]) -> None:
    """Whatever the lengths, on either side of what attention is padded to; padding is zeros."""
    inputs = inputs_of(lengths)
    present = inputs["attention_mask"].bool()
    with torch.inference_mode():
        theirs = model(**inputs).last_hidden_state
    ours = Layers(model)(**inputs)
    assert ours.shape == theirs.shape
    assert torch.allclose(ours[present], theirs[present], atol=1e-5)
    assert not ours[~present].any()


@pytest.mark.parametrize("lengths", RAGGED, ids=str)
def test_bfloat16_is_as_near_to_float32_as_the_model_is(model: BertModel, lengths: list[int]) -> None:
    """Laying out the weights and taking GELU in one pass costs no digit."""
    inputs = inputs_of(lengths)
    present = inputs["attention_mask"].bool()
    short = BertModel(model.config).eval()
    short.load_state_dict(model.state_dict())
    short.bfloat16()
    with torch.inference_mode():
        exact = model(**inputs).last_hidden_state[present]
        theirs = short(**inputs).last_hidden_state[present]
    ours = Layers(short)(**inputs)[present]
    assert ours.dtype == torch.bfloat16
    assert (ours - exact).abs().mean() < 1.2 * (theirs - exact).abs().mean()
    assert (ours - exact).abs().max() < 0.1


def test_other_texts_of_a_batch_have_no_say(model: BertModel) -> None:
    """What stands in for padding is never attended to."""
    inputs = inputs_of([90, 3, 41])
    alone = {name: each[1:2, :3] for name, each in inputs.items()}
    layers = Layers(model)
    assert torch.allclose(layers(**inputs)[1, :3], layers(**alone)[0], atol=1e-5)


@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize(("dtype", "within"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
def test_a_linear_layer_is_a_product_and_a_sum(dtype: torch.dtype, within: float, gelu: bool) -> None:
    """With GELU of it if asked, in either precision."""
    lots = torch.Generator().manual_seed(7)
    rows, weight, bias = (torch.randn(*shape, generator=lots) for shape in ((5, 8), (6, 8), (6,)))
    exact = functional.linear(rows.to(dtype).float(), weight.to(dtype).float(), bias.to(dtype).float())
    with torch.inference_mode():
        said = linear(weight.to(dtype), bias.to(dtype), gelu=gelu)(rows.to(dtype))
    assert said.dtype == dtype
    assert torch.allclose(said.float(), functional.gelu(exact) if gelu else exact, rtol=within, atol=within)


def test_a_processor_without_bfloat16_products_gets_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """What oneDNN lays out isn't asked for, and what is said is the same."""
    lots = torch.Generator().manual_seed(7)
    rows, weight, bias = (torch.randn(*shape, generator=lots).bfloat16() for shape in ((5, 8), (6, 8), (6,)))
    with torch.inference_mode():
        laid_out = linear(weight, bias, gelu=True)(rows)
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
        plain = linear(weight, bias, gelu=True)(rows)
    assert torch.equal(plain, functional.gelu(functional.linear(rows, weight, bias)))
    assert torch.allclose(laid_out.float(), plain.float(), atol=0.02, rtol=0.02)
