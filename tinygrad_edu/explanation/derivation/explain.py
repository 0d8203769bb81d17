"""`explain(loss, wrt=W1)`: the working of a gradient, from the graph of the loss."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import gets_gradient
from tinygrad_edu.explanation.derivation import function_derivatives
from tinygrad_edu.explanation.derivation.backward_steps import worked_out
from tinygrad_edu.explanation.derivation.named_functions import folded
from tinygrad_edu.explanation.derivation.outline import outlined
from tinygrad_edu.explanation.derivation.page import compose
from tinygrad_edu.explanation.derivation.steps import Derivation
from tinygrad_edu.explanation.derivation.symbol_table import SymbolTable
from tinygrad_edu.reading.gradients import checked_gradients
from tinygrad_edu.reading.names import Names, called, names_for
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor


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

    `loss`: a Tensor with a single number, or a Value. `wrt`: a tensor it depends on or its name (W1, dW1), a list of
    these, a module for its parameters, or None for all leaves that get a gradient. `digits`: decimals of the numbers;
    None for four significant digits of the largest of a matrix. Tensors without a name of their own are called as the
    caller's variables, but `loss` is L; `names`, for example `locals()`, come before names of their own.
    `gradient`: the gradient that flows into a `loss` of another shape. `every`: a step for each operation, not for each
    line of a textbook.
    No `.grad` is touched.

    With a function of numbers as `loss`, `explain(lambda x: (x * x).tanh(), order=2)`: its derivatives as formulas up
    to `order` (1 if not given), and `at` a point (a number, or a tuple for several variables) also as numbers.
    Raises `TypeError` for anything else, and `RuntimeError` or `ValueError` if there is nothing to differentiate.
    """
    _check_digits(digits)
    if callable(loss) and not isinstance(loss, Variable | Value) and not hasattr(loss, "named_parameters"):
        return function_derivatives.explain_function(loss, 1 if order is None else order, at, digits)
    _check_loss(loss)
    if order not in (None, 1) or at is not None:
        raise TypeError(
            f"explain needs a function for order= and at=, got a {type(loss).__name__}; "
            "write explain(lambda x: ..., order=2)"
        )
    known = names_for("explain", names, sys._getframe(1), nameless={"loss": loss})  # L, as on paper
    with Computation(loss).rewound():
        return _explained(loss, wrt, digits, known, gradient, every)


def _explained(
    loss: Any, wrt: Any, digits: int | None, names: Names, gradient: Any, every: bool
) -> Derivation:
    """The derivation, with the numbers of the graph in it."""
    gradients = checked_gradients("explain", loss, gradient)
    computation = Computation(loss)
    nodes = _nodes_of(_by_name(wrt, loss, gradients, names), computation, gradients)
    again = {} if every else folded(computation, names, nodes)
    if loss in again:
        computation = Computation(again[loss])
        gradients = checked_gradients("explain", again[loss], gradient)
    outline = outlined(computation, [again.get(x, x) for x in nodes], names, every=every)
    seed = None if gradient is None else gradients[outline.loss]
    return compose.compose(worked_out(outline, SymbolTable(outline, names, again), gradients, seed), digits)


def _check_digits(digits: Any) -> None:
    if digits is not None and (
        isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 15
    ):
        raise ValueError(f"explain needs digits from 0 to 15 (decimals) or None, got {short(digits)}")


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Tensor | Value):
        advice = "call the module and a loss first" if hasattr(loss, "named_parameters") else "pass the loss"
        raise TypeError(
            f"explain needs a Tensor, a Value or a function, got {type(loss).__name__} {short(loss)}; {advice}: "
            "explain(loss, wrt=W)"
        )


def _by_name(wrt: Any, loss: Any, gradients: Mapping[Any, Any], names: Names) -> Any:
    """`wrt` with tensors in place of their names: W1, dW1, the end of a path."""
    if isinstance(wrt, list | tuple):
        return [_by_name(each, loss, gradients, names) for each in wrt]
    if not isinstance(wrt, str):
        return wrt
    known = {name: x for x in gradients if x is not loss and (name := names.find(x))}
    asked = called(wrt, known)
    if asked is None:
        there = ", ".join(known) or "tensors without a name; pass names=locals() as well"
        raise ValueError(
            f"explain needs wrt that the loss depends on, with a gradient: got {short(wrt)}; it depends on {there}"
        )
    return known[asked]


def _nodes_of(wrt: Any, computation: Computation, gradients: Mapping[Any, Any]) -> list[Any]:
    """The nodes that `wrt` asks for, each once."""
    if wrt is None and not computation.results:
        raise ValueError("explain needs a loss that was computed, got a leaf; compute one from it first")
    if wrt is None:
        return [x for x in computation.leaves if x in gradients]
    nodes = [x for each in (wrt if isinstance(wrt, list | tuple) else [wrt]) for x in _tensors_in(each)]
    known = set(computation)
    for x in nodes:
        _check_node(x, computation.ends[0], known, gradients)
    if not nodes:
        raise ValueError("explain needs a tensor as wrt, got an empty list; leave wrt out for all leaves")
    return list(dict.fromkeys(nodes))


def _tensors_in(wrt: Any) -> list[Any]:
    """The parameters of a module; anything else as it is."""
    parameters: Callable[[], Any] | None = getattr(wrt, "parameters", None)
    return list(parameters()) if parameters else [wrt]


def _check_node(x: Any, loss: Any, known: set[Any], gradients: Mapping[Any, Any]) -> None:
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
    if x not in known:
        raise ValueError(
            f"explain needs wrt that the loss depends on, but it was not computed from {who}; "
            "pass the tensor that was used, and compute the loss after changing it"
        )
    if x not in gradients:
        raise ValueError(
            f"explain needs wrt with a derivative, but the loss has none by {who}, which only decides what is "
            "computed; leave it out of wrt"
        )
