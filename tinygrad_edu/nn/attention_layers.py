"""The layer of attention in several heads."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.argument_checks import probability, traced
from tinygrad_edu.nn.functional.multihead_attention import multi_head_attention_forward
from tinygrad_edu.nn.init import constant_, xavier_normal_, xavier_uniform_
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.starting_values import floats, parameter, whole
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear`, under the name by which PyTorch prints the last layer of an attention."""


class MultiheadAttention(Module):
    """Attention in several heads: `softmax(q kᵀ / sqrt(E / heads) + mask) v` in each, side by side, projected again.

    q, k and v are linear functions of query, key and value, `in_proj_weight` (3 * embed_dim, embed_dim) and
    `in_proj_bias`, or `q_proj_weight`, `k_proj_weight` and `v_proj_weight` if kdim or vdim is another size; the last
    projection is `out_proj`. Weights start from `xavier_uniform_`, biases from 0. `add_bias_kv`: one more key and
    value, `bias_k` and `bias_v`, that are learned; `add_zero_attn`: one more of zeros.
    Shapes: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim); (N, L, embed_dim) and so on with
    `batch_first`; all without N for one example.
    Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.2.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        whole("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        probability("MultiheadAttention", dropout)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention needs embed_dim as a multiple of num_heads, got {embed_dim} and {num_heads}"
            )
        kind = floats("MultiheadAttention", device, dtype)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = (embed_dim if size is None else size for size in (kdim, vdim))
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        own = {"q_proj_weight": embed_dim, "k_proj_weight": self.kdim, "v_proj_weight": self.vdim}
        for name, size in own.items():
            weight = None if self._qkv_same_embed_dim else parameter((embed_dim, size), kind)
            self.register_parameter(name, weight)
        shared = parameter((3 * embed_dim, embed_dim), kind) if self._qkv_same_embed_dim else None
        self.register_parameter("in_proj_weight", shared)
        self.register_parameter("in_proj_bias", parameter(3 * embed_dim, kind) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, dtype=kind)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, parameter((1, 1, embed_dim), kind) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if getattr(self, name) is not None:
                xavier_uniform_(getattr(self, name))
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                constant_(bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """`(output, weights)`: the weights (N, L, S) are the mean over the heads, or (N, heads, L, S), or None.

        `key_padding_mask` (N, S) and `attn_mask` (L, S) or (N * heads, L, S): booleans, True where nobody may look, or
        numbers that are added to the scores. `is_causal` only says what `attn_mask` is.
        """
        self._check(query, key, value)
        turned = self.batch_first and query.ndim == 3
        inputs = _turned(query, key, value) if turned else (query, key, value)
        q, k, v = map(traced, inputs)
        output, weights = multi_head_attention_forward(
            q,
            k,
            v,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return output.transpose(0, 1) if turned else output, weights

    def _check(self, query: Any, key: Any, value: Any) -> None:
        sizes = {"query": self.embed_dim, "key": self.kdim, "value": self.vdim}
        for (name, size), x in zip(sizes.items(), (query, key, value), strict=True):
            if not x.ndim or x.shape[-1] != size:
                raise ValueError(
                    f"MultiheadAttention({self.embed_dim}, {self.num_heads}) takes a {name} of rows of {size} numbers, "
                    f"but {name} has shape {x.shape}"
                )


def _turned(query: Any, key: Any, value: Any) -> tuple[Any, ...]:
    """The batch as second dimension; one tensor stays one tensor, as attention to itself is computed at once."""
    first = query.transpose(0, 1)
    second = first if key is query else key.transpose(0, 1)
    third = next((y for x, y in ((query, first), (key, second)) if value is x), None)
    return first, second, value.transpose(0, 1) if third is None else third
