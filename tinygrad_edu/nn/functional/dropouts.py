"""Dropout: numbers, or whole channels, zeroed at random while training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.nn.argument_checks import probability, traced
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.creation import rand
from tinygrad_edu.tensor.functions.public import public

# Of the function that alpha_dropout keeps at mean 0 and variance 1: the least value of selu, -1.0507 * 1.6733.
_FLOOR = -1.7580993408473766


@public("nn.functional.dropout", method=False)
def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Any = None,
) -> Any:
    """Each number zeroed with probability `p`, the others divided by 1 - p; `input` itself unless `training`.

    Drawn from `generator`, or from the default one, behind `manual_seed`.
    Raises `ValueError` if `p` is not in [0, 1].
    Source: Srivastava et al., Dropout (2014), scaled while training instead of in use, as in PyTorch.
    """
    probability("dropout", p)
    return _dropped(input, p, training, inplace, traced(input).shape, generator)


def _dropped(x: Any, p: float, training: bool, inplace: bool, sizes: Any, generator: Any = None) -> Any:
    if not training or p == 0:
        return x
    kept = rand(*sizes, generator=generator, dtype=np.float64) >= p
    result = elementwise.where(kept, traced(x), 0) * (1 / (1 - p) if p < 1 else 0)
    return x.overwrite("dropout(inplace=True)", result) if inplace else result


def _channels(call: str, x: Any, dims: tuple[int, ...]) -> tuple[int, ...]:
    """One for each channel: (N, C, 1, ...), or (C, 1, ...) without examples."""
    if x.ndim not in dims:
        raise ValueError(f"{call} needs {' or '.join(map(str, dims))} dimensions, got shape {x.shape}")
    kept = x.ndim - (dims[-1] - 2)
    return (*x.shape[:kept], *[1] * (x.ndim - kept))


@public(within="nn.functional", method=False)
def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels. Shapes: (N, C, L) or (C, L)."""
    probability("dropout1d", p)
    return _dropped(input, p, training, inplace, _channels("dropout1d", input, (2, 3)))


@public(within="nn.functional", method=False)
def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels. Shapes: (N, C, H, W), or (N, C, L)."""
    probability("dropout2d", p)
    if input.ndim not in (3, 4):
        raise ValueError(f"dropout2d needs 3 or 4 dimensions, got shape {input.shape}")
    return _dropped(input, p, training, inplace, (*input.shape[:2], *[1] * (input.ndim - 2)))


@public(within="nn.functional", method=False)
def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels. Shapes: (N, C, D, H, W) or (C, D, H, W)."""
    probability("dropout3d", p)
    return _dropped(input, p, training, inplace, _channels("dropout3d", input, (4, 5)))


@public("nn.functional.alpha_dropout", method=False)
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`dropout` for selu networks: numbers are set to selu's least value, and mean 0 and variance 1 stay.

    Source: Klambauer et al., Self-Normalizing Neural Networks (2017).
    """
    probability("alpha_dropout", p)
    return _floored(input, p, training, inplace, input.shape)


@public("nn.functional.feature_alpha_dropout", method=False)
def feature_alpha_dropout(
    input: Any,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """`alpha_dropout` of whole channels. Shapes: (N, C, ...)."""
    probability("feature_alpha_dropout", p)
    if training and input.ndim < 2:
        raise ValueError(f"feature_alpha_dropout needs channels, (N, C, ...), got shape {input.shape}")
    return _floored(input, p, training, inplace, (*input.shape[:2], *[1] * (input.ndim - 2)))


def _floored(x: Any, p: float, training: bool, inplace: bool, sizes: Any) -> Any:
    if not training or p == 0:
        return x
    if p == 1:
        result = x * 0
    else:
        scale = 1 / math.sqrt((1 - p) * (1 + p * _FLOOR**2))
        kept = rand(*sizes, dtype=np.float64) >= p
        result = elementwise.where(kept, x, _FLOOR) * scale - scale * _FLOOR * p
    return x.overwrite("alpha_dropout(inplace=True)", result) if inplace else result
