"""Attention: sums of values, weighted by how well their keys fit a query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.dropouts import dropout
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype
from tinygrad_edu.tensor.functions.public import public


@public(within="nn.functional", method=False)
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """`softmax(query keyᵀ / sqrt(E) + mask) value`.

    A mask of booleans is True where a query may look, one of floats is added to the scores. `is_causal`: no query
    looks at later keys. A query that may look nowhere gets zeros. `enable_gqa`: groups of heads share keys.
    Shapes: query (..., L, E), key (..., S, E), value (..., S, V), mask that broadcasts to (..., L, S).
    Source: Vaswani et al., Attention Is All You Need (2017), eq. 1.
    """
    call = "scaled_dot_product_attention"
    _check(call, query, key, value, attn_mask, is_causal)
    if enable_gqa:
        key, value = (_for_each_head(x, query.shape[-3]) for x in (key, value))
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    allowed = np.tril(np.ones((query.shape[-2], key.shape[-2]), bool)) if is_causal else attn_mask
    weights = _masked_softmax(scores, allowed)
    return dropout(weights, dropout_p) @ value if dropout_p else weights @ value


def _check(call: str, query: Any, key: Any, value: Any, mask: Any, is_causal: bool) -> None:
    if min(x.ndim for x in (query, key, value)) < 2 or query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"{call} needs query (..., L, E), key (..., S, E) and value (..., S, V), got {query.shape}, {key.shape} "
            f"and {value.shape}"
        )
    check_one_dtype(call, query, key, value)
    if mask is not None and is_causal:
        raise ValueError(f"{call} needs attn_mask or is_causal, got both")


def _for_each_head(x: Any, heads: int) -> Any:
    """Keys or values of groups, repeated for each head of the group."""
    *front, groups, length, size = x.shape
    if heads % groups:
        raise ValueError(
            f"enable_gqa needs query heads that are a multiple of key heads, got {heads} and {groups}"
        )
    repeated = x.reshape(*front, groups, 1, length, size).expand(
        *front, groups, heads // groups, length, size
    )
    return repeated.reshape(*front, heads, length, size)


def _masked_softmax(scores: Any, mask: Any) -> Any:
    """The softmax of each row; a row of which all scores are masked is 0."""
    if mask is None:
        return scores.softmax(-1)
    scores = elementwise.where(mask, scores, -math.inf) if mask.dtype == np.bool_ else scores + mask
    nowhere = (scores == -math.inf).all(-1, keepdim=True)
    return elementwise.where(nowhere, 0, elementwise.where(nowhere, 0, scores).softmax(-1))
