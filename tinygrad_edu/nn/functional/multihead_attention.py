"""Attention in several heads: each looks at its own part of the projected queries, keys and values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.attention import scaled_dot_product_attention
from tinygrad_edu.nn.functional.dropouts import dropout
from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops.contractions import linear
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.functions.joining import cat, chunk
from tinygrad_edu.tensor.functions.padding import pad
from tinygrad_edu.tensor.functions.public import public

CALL = "multi_head_attention_forward"


@public(within="nn.functional", method=False)
def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """`(output, weights)` of attention in `num_heads` heads; see `nn.MultiheadAttention`.

    Shapes: query (L, N, E), key and value (S, N, ...), all without N for one example; output (L, N, E), weights
    (N, L, S), the mean over the heads, or (N, heads, L, S) without `average_attn_weights`, or None. `static_k` and
    `static_v`: projected already, (N * heads, S, E / heads). A mask of booleans is True where nobody may look.
    Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.2.
    """
    single = query.ndim == 2
    query_, key_, value_ = (x.unsqueeze(1) if single else x for x in (query, key, value))
    _check(query, key, value, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise ValueError(f"{CALL} needs attn_mask with is_causal, which only says what kind of mask it is")
    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = _projected((query_, key_, value_), weights, in_proj_bias)
    elif query is key is value:
        q, k, v = chunk(_linear(query_, in_proj_weight, in_proj_bias), 3, -1)
    else:
        q, k, v = _projected((query_, key_, value_), chunk(in_proj_weight, 3), in_proj_bias)
    if bias_k is not None:
        k, v = (cat([x, b.expand(1, x.shape[1], -1)]) for x, b in ((k, bias_k), (v, bias_v)))
    q, k, v = (_heads(x, num_heads) for x in (q, k, v))
    k, v = (x if given is None else _given_heads(given, x) for x, given in ((k, static_k), (v, static_v)))
    if add_zero_attn:
        k, v = (cat([x, zeros(*x.shape[:2], 1, x.shape[3], dtype=x.dtype)], 2) for x in (k, v))
    mask = _mask(attn_mask, key_padding_mask, q, k, (bias_k is not None) + bool(add_zero_attn))
    p = dropout_p if training else 0.0
    output, shown = _attention(q, k, v, mask, p, need_weights)
    output = _linear(output.permute(2, 0, 1, 3).reshape(*query_.shape), out_proj_weight, out_proj_bias)
    if shown is not None and average_attn_weights:
        shown = shown.mean(1)
    if single:
        return output.squeeze(1), None if shown is None else shown.squeeze(0)
    return output, shown


def _check(query: Any, key: Any, value: Any, embed_dim: int, heads: int) -> None:
    if not query.ndim == key.ndim == value.ndim or query.ndim not in (2, 3):
        raise ValueError(
            f"{CALL} needs query (L, N, E) and key and value (S, N, ...), or all without N, got {query.shape}, "
            f"{key.shape} and {value.shape}"
        )
    if query.shape[-1] != embed_dim or embed_dim % heads:
        raise ValueError(
            f"{CALL} needs queries of {embed_dim} numbers, divided by {heads} heads, got shape {query.shape}"
        )
    if key.shape[:-1] != value.shape[:-1] or query.shape[1:-1] != key.shape[1:-1]:
        raise ValueError(
            f"{CALL} needs as many values as keys, and one batch, got query {query.shape}, key {key.shape} and value "
            f"{value.shape}"
        )


def _linear(x: Any, weight: Any, bias: Any) -> Any:
    return linear(x, weight) if bias is None else linear(x, weight, bias)


def _projected(xs: Any, weights: Any, bias: Any) -> list[Any]:
    biases = (None,) * 3 if bias is None else chunk(bias, 3)
    return [_linear(*each) for each in zip(xs, weights, biases, strict=True)]


def _heads(x: Any, heads: int) -> Any:
    """(L, N, E) as (N, heads, L, E / heads)."""
    length, batch, size = x.shape
    return x.reshape(length, batch, heads, size // heads).permute(1, 2, 0, 3)


def _given_heads(given: Any, like: Any) -> Any:
    """Keys or values projected by the caller, (N * heads, S, E / heads), as (N, heads, S, E / heads)."""
    batch, heads, _, size = like.shape
    if given.ndim != 3 or given.shape[0] != batch * heads or given.shape[2] != size:
        raise ValueError(
            f"{CALL} needs static_k and static_v of shape ({batch * heads}, S, {size}), got {given.shape}"
        )
    return given.reshape(batch, heads, given.shape[1], size)


def _mask(attn_mask: Any, padding: Any, q: Any, k: Any, more: int) -> Any:
    """What is added to the scores (N, heads, L, S), or None; `more` keys of our own may always be looked at."""
    batch, heads, queries, _ = q.shape
    keys = k.shape[2] - more
    total = None
    if attn_mask is not None:
        fitting = {2: (queries, keys), 3: (batch * heads, queries, keys)}
        if attn_mask.shape != fitting.get(attn_mask.ndim):
            raise ValueError(
                f"{CALL} needs attn_mask of shape {fitting[2]} or {fitting[3]}, got {attn_mask.shape}"
            )
        total = _added("attn_mask", attn_mask, q.dtype)
        total = total.reshape(batch, heads, queries, keys) if total.ndim == 3 else total
    if padding is not None:
        if padding.shape not in ((batch, keys), (keys,) if batch == 1 else None):
            raise ValueError(f"{CALL} needs key_padding_mask of shape {(batch, keys)}, got {padding.shape}")
        added = _added("key_padding_mask", padding, q.dtype).reshape(batch, 1, 1, keys)
        total = added if total is None else total + added
    return total if total is None or not more else pad(total, (0, more))


def _added(name: str, mask: Any, dtype: Any) -> Any:
    """A mask as numbers to be added: -inf where a mask of booleans is True."""
    if mask.dtype == np.bool_:
        return elementwise.where(mask, -math.inf, 0.0).to(dtype)
    if mask.dtype.kind != "f":
        raise TypeError(f"{CALL} needs {name} of booleans or floats, got {mask.dtype}; use mask.bool()")
    return mask.to(dtype)


def _attention(q: Any, k: Any, v: Any, mask: Any, p: float, need_weights: bool) -> tuple[Any, Any]:
    """The weighted values, and the weights if they are needed."""
    if not need_weights:
        return scaled_dot_product_attention(q, k, v, mask, p), None
    scores = (q * (1 / math.sqrt(q.shape[-1]))) @ k.transpose(-2, -1)
    weights = (scores if mask is None else scores + mask).softmax(-1)
    weights = dropout(weights, p) if p else weights
    return weights @ v, weights
