"""`explain(loss, wrt=W1)`: the working of a gradient, from the graph of the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import gets_gradient
from tinygrad_edu.explanation.derivation import function_derivatives
from tinygrad_edu.explanation.derivation.backward_steps import Backward
from tinygrad_edu.explanation.derivation.leaf_symbols import Leaves
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.explanation.derivation.page import compose
from tinygrad_edu.explanation.derivation.steps import Derivation
from tinygrad_edu.reading.names import check_names
from tinygrad_edu.reading.nodes import check_loss, gradients_of, leaves_of
from tinygrad_edu.scalar import Value


def explain(
    loss: Any,
    wrt: Any = None,
    *,
    digits: int | None = None,
    names: Mapping[str, Any] | None = None,
    gradient: Any = None,
    every: bool = False,
    order: int | None = None,
    at: Any = None,
) -> Derivation:
    """The derivative of `loss` written out as on paper: formulas from the rules, numbers from this run.

    `loss`: a Tensor with a single number, or a Value. `wrt`: a tensor it depends on, a list of these, a module for its
    parameters, or None for all leaves that get a gradient. `digits`: decimals of the numbers; None for four
    significant digits of the largest of a matrix. `names`, for example `locals()`: names of variables for tensors
    without one. `gradient`: what flows into a `loss` of another shape. `every`: a step for each operation, not for each
    line of a textbook.
    Nothing is changed: no `.grad` is touched.

    With a function of numbers as `loss`, `explain(lambda x: (x * x).tanh(), order=2)`: its derivatives as formulas up
    to `order` (1 if not given), and `at` a point (a number, or a tuple for several variables) also as numbers.
    Raises `TypeError` for anything else, and `RuntimeError` or `ValueError` if there is nothing to differentiate.
    """
    _check_digits(digits)
    if callable(loss) and not isinstance(loss, Variable | Value) and not hasattr(loss, "named_parameters"):
        return function_derivatives.explain_function(loss, 1 if order is None else order, at, digits)
    check_loss(loss)
    if order not in (None, 1) or at is not None:
        raise TypeError(
            f"explain needs a function for order= and at=, got a {type(loss).__name__}; "
            "write explain(lambda x: ..., order=2)"
        )
    check_names(names, "explain")
    gradients = gradients_of(loss, gradient)
    wanted = _wanted(loss, wrt)
    outline = Outline(loss, wanted, names, every)
    leaves = Leaves(outline, names)
    seed = None if gradient is None else gradients[id(loss)]
    return compose.compose(Backward(outline, leaves, gradients, seed), digits)


def _check_digits(digits: Any) -> None:
    if digits is not None and (
        isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 15
    ):
        raise ValueError(f"explain needs digits from 0 to 15 (decimals) or None, got {short(digits)}")


def _wanted(loss: Any, wrt: Any) -> list[Any]:
    results = newest_first(loss)
    leaves = leaves_of(results)
    if wrt is None:
        return [x for x in leaves if gets_gradient(x)]
    listed: Callable[[], Any] | None = getattr(wrt, "parameters", None)
    given = list(listed()) if listed else list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    inside = {id(x) for x in [*leaves, *results]}
    for x in given:
        _check_wanted(x, loss, inside)
    if not given:
        raise ValueError("explain needs a tensor as wrt, got an empty list; leave wrt out for all leaves")
    return list({id(x): x for x in given}.values())


def _check_wanted(x: Any, loss: Any, inside: set[int]) -> None:
    if not isinstance(x, Variable | Value):
        hint = "; an array was copied into the graph: make it a tensor with requires_grad=True" * isinstance(
            x, np.ndarray
        )
        raise TypeError(
            f"explain needs wrt as a Tensor or Value that the loss depends on, got {type(x).__name__} {short(x)}{hint}"
        )
    who = x.described() if isinstance(x, Variable) else repr(x)
    if x is loss:
        raise ValueError("explain needs wrt that the loss was computed from, got the loss itself")
    if isinstance(x, Variable) and not gets_gradient(x):
        raise ValueError(
            f"explain needs wrt that gets a gradient, but {who} does not: {x.why_no_gradient()}; "
            "create it with requires_grad=True before the loss is computed"
        )
    if id(x) not in inside:
        raise ValueError(
            f"explain needs wrt that the loss depends on, but it was not computed from {who}; "
            "pass the tensor that was used, and compute the loss after changing it"
        )
