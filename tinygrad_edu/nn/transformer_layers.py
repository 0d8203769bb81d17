"""The layers that transformers are stacked from."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.attention_layers import MultiheadAttention
from tinygrad_edu.nn.dropout import Dropout
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.normalization_layers import LayerNorm
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["TransformerDecoderLayer", "TransformerEncoderLayer"]

Activation = str | Callable[[Any], Any]


def _activation(call: str, activation: Activation) -> Callable[[Any], Any]:
    if activation == "relu":
        return functional.relu
    if activation == "gelu":
        return functional.gelu
    if not callable(activation):
        raise ValueError(f"{call} needs activation 'relu', 'gelu' or a function, got {short(activation)}")
    return activation


class _TransformerLayer(Module):
    """What both layers share: a chain of sublayers, each added to its input; and the network of the last one."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = functional.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        attention = (d_model, nhead, dropout, bias)
        self.self_attn = MultiheadAttention(*attention, batch_first=batch_first, **place)
        if self.sublayers == 3:
            self.multihead_attn = MultiheadAttention(*attention, batch_first=batch_first, **place)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **place)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **place)
        self.norm_first = norm_first
        numbers = range(1, self.sublayers + 1)
        for k in numbers:
            setattr(self, f"norm{k}", LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **place))
        for k in numbers:
            setattr(self, f"dropout{k}", Dropout(dropout))
        self.activation = _activation(type(self).__name__, activation)

    sublayers = 2

    def _added(self, x: Tensor, number: int, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """`norm(x + dropout(sublayer(x)))`, or `x + dropout(sublayer(norm(x)))` with `norm_first`."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        if self.norm_first:
            return x + dropout(sublayer(norm(x)))
        return norm(x + dropout(sublayer(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


def _seen(attention: Any, x: Tensor, at: Tensor, mask: Any, padding: Any, causal: bool) -> Tensor:
    """What the places of `x` find when they look at those of `at`."""
    return attention(
        x, at, at, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=causal
    )[0]


class TransformerEncoderLayer(_TransformerLayer):
    """Attention of a sequence to itself, and a network for each place, each added to its input and normalized.

    `norm_first`: what is added is computed from the normalized input instead.
    Shapes: (S, N, d_model), or (N, S, d_model) with `batch_first`, or (S, d_model).
    Source: Vaswani et al., Attention Is All You Need (2017), section 3.1.
    """

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The sequence, each place with what it found at others. For the masks see `MultiheadAttention`."""

        def look(x: Tensor) -> Tensor:
            return _seen(self.self_attn, x, x, src_mask, src_key_padding_mask, is_causal)

        return self._added(self._added(src, 1, look), 2, self._feed_forward)


class TransformerDecoderLayer(_TransformerLayer):
    """Attention of a sequence to itself and to the memory of an encoder, and a network for each place.

    Each is added to its input and normalized, or with `norm_first` computed from the normalized input.
    Shapes: (T, N, d_model) and memory (S, N, d_model), or N first with `batch_first`, or without N.
    Source: Vaswani et al., Attention Is All You Need (2017), section 3.1.
    """

    sublayers = 3

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The sequence, each place with what it found at others and in the memory."""

        def look(x: Tensor) -> Tensor:
            return _seen(self.self_attn, x, x, tgt_mask, tgt_key_padding_mask, tgt_is_causal)

        def look_up(x: Tensor) -> Tensor:
            return _seen(
                self.multihead_attn, x, memory, memory_mask, memory_key_padding_mask, memory_is_causal
            )

        return self._added(self._added(self._added(tgt, 1, look), 2, look_up), 3, self._feed_forward)
