"""Runs the layers of a BERT encoder without padding, for what torch and its processor do quickest.

Laws:
1. What comes out is what the model itself gives, but for the rounding of its last digit.
2. Only tokens go through the linear layers, and fewer than `_ROWS` spare ones. Attention alone is padded, to a multiple
   of `_STEP` tokens: the kernel of torch works through them in vectors, and takes twice as long for 45 as for 48.
3. In bfloat16 the weights are laid out once as oneDNN reads them, and not at each call; GELU is taken in the same
   pass as its product.
"""

from collections.abc import Callable
from typing import Any

_STEP = 16
"""Tokens to a multiple of which attention is padded: one vector of AVX-512 holds 16 float32."""

_ROWS = 32
"""Rows to a multiple of which a product is padded: oneDNN writes code for each number of rows that it meets, and keeps
that of some hundred products."""


class Layers:
    """The encoder of `transformers.BertModel`, for inference alone: embeddings, then layers of attention and GELU."""

    def __init__(self, model: Any) -> None:
        """Take the weights of `model`, in its precision; those that are laid out anew are copied."""
        import torch  # noqa: PLC0415 (seconds of import that only a load should cost)

        with torch.inference_mode():
            self._embeddings = model.embeddings
            self._layers = [_Layer(layer) for layer in model.encoder.layer]

    def __call__(self, input_ids: Any, token_type_ids: Any, attention_mask: Any) -> Any:
        """The last hidden states of texts padded at their ends: shape (texts, tokens, width), zeros for padding."""
        import torch  # noqa: PLC0415 (the same)

        count, longest = input_ids.shape
        width = -(-longest // _STEP) * _STEP
        with torch.inference_mode():
            present = torch.nn.functional.pad(attention_mask.bool(), (0, width - longest))
            stand = present.flatten().nonzero()[:, 0]
            rows = torch.zeros(count * width, dtype=torch.long)
            rows[stand] = torch.arange(len(stand))
            tokens = torch.nn.functional.pad(stand, (0, -len(stand) % _ROWS))
            line, place = tokens // width, tokens % width
            hidden = self._embeddings(
                input_ids=input_ids[line, place][None],
                token_type_ids=token_type_ids[line, place][None],
                position_ids=place[None],
            )[0]
            unseen = torch.zeros(count, 1, 1, width, dtype=hidden.dtype)
            unseen.masked_fill_(~present[:, None, None], float("-inf"))
            for layer in self._layers:
                hidden = layer(hidden, tokens, rows, unseen)
            padded = hidden.new_zeros(count, longest, hidden.shape[-1])
            padded[present[:, :longest]] = hidden[: len(stand)]
            return padded


class _Layer:
    def __init__(self, layer: Any) -> None:
        import torch  # noqa: PLC0415 (the same)

        attention, within = layer.attention.self, layer.attention.output
        three = (attention.query, attention.key, attention.value)
        self._heads = attention.num_attention_heads
        self._into = linear(torch.cat([each.weight for each in three]), torch.cat([each.bias for each in three]))
        self._out = linear(within.dense.weight, within.dense.bias)
        self._wide = linear(layer.intermediate.dense.weight, layer.intermediate.dense.bias, gelu=True)
        self._narrow = linear(layer.output.dense.weight, layer.output.dense.bias)
        self._norms = (within.LayerNorm, layer.output.LayerNorm)

    def __call__(self, hidden: Any, tokens: Any, rows: Any, unseen: Any) -> Any:
        """One layer over `hidden`, shape (all tokens, width).

        `tokens` are their places among the padded ones, `rows` the way back (any row for padding); `unseen` is added to
        the scores of attention: minus infinity for padding.
        """
        first, second = self._norms
        hidden = first(self._out(self._attention(self._into(hidden), tokens, rows, unseen)) + hidden)
        return second(self._narrow(self._wide(hidden)) + hidden)

    def _attention(self, mixed: Any, tokens: Any, rows: Any, unseen: Any) -> Any:
        from torch.nn.functional import scaled_dot_product_attention  # noqa: PLC0415 (the same)

        count, width = unseen.shape[0], unseen.shape[-1]
        padded = mixed.index_select(0, rows).view(count, width, 3, self._heads, -1)
        query, key, value = padded.permute(2, 0, 3, 1, 4)
        said = scaled_dot_product_attention(query, key, value, attn_mask=unseen.expand(-1, 1, width, -1))
        return said.transpose(1, 2).reshape(count * width, -1).index_select(0, tokens)


def linear(weight: Any, bias: Any, *, gelu: bool = False) -> Callable[[Any], Any]:
    """The product with `weight` and the sum with `bias`, and GELU of it if asked, of a matrix of rows."""
    import torch  # noqa: PLC0415 (the same)
    from torch.nn import functional  # noqa: PLC0415 (the same)

    if weight.dtype == torch.bfloat16 and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]  # of torch
        # What torch's own compiler makes of such layers; they have no public name, and torch is pinned.
        onednn = torch.ops.mkldnn
        if onednn._is_mkldnn_bf16_supported():  # noqa: SLF001 (see above)
            laid_out = onednn._reorder_linear_weight(weight.detach().contiguous())  # noqa: SLF001 (see above)
            after, kind = ("gelu", "none") if gelu else ("none", "")
            return lambda rows: onednn._linear_pointwise(rows, laid_out, bias, after, [], kind)  # noqa: SLF001 (see above)
    if gelu:
        return lambda rows: functional.gelu(functional.linear(rows, weight, bias))
    return lambda rows: functional.linear(rows, weight, bias)
