"""`explain(f, order=2)`: the derivatives of a function as formulas, by its own rules run on symbols."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.autograd import grad
from tinygrad_edu.explanation.derivation.page.blocks import Block, Formula, Heading, Line, Numbers, Sign
from tinygrad_edu.explanation.derivation.steps import Derivation
from tinygrad_edu.symbolic.differentiate import gradients
from tinygrad_edu.symbolic.expression import Expression, filled, size, symbol
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.tensor.tensor import Tensor, tensor

MAX_ORDER = 8
MAX_SIGNS = 1_500  # of a function whose derivatives are written out
EQUALS = Sign("=")


class Derivative(NamedTuple):
    """One derivative of a function: by which variables, its name, its formula."""

    by: tuple[str, ...]
    symbol: Expression
    formula: Expression


def explain_function(f: Callable[..., Any], order: Any, at: Any, digits: int | None) -> Derivation:
    """The derivatives of `f` by its positional parameters up to `order`; `at` a point also their numbers."""
    if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= MAX_ORDER:
        raise ValueError(f"explain needs order as a whole number from 1 to {MAX_ORDER}, got {short(order)}")
    variables = [symbol(name) for name in _parameters(f)]
    found = _all_derivatives(_called(f, variables), variables, order)
    values = _values(f, variables, found, at)
    name = f"f({', '.join(x.name for x in variables)})"
    lines: list[Line] = [(d.symbol, EQUALS, d.formula) for d in found]
    blocks: list[Block] = [Formula(tuple(lines))]
    if values:
        point: Line = tuple(
            part
            for x in variables
            for part in (x, EQUALS, Numbers(np.asarray(values[(x.name, "")]), digits), Sign(", "))
        )
        blocks.append(Heading(("At this point",)))
        blocks.append(Formula((point[:-1],)))
        blocks.append(Formula(tuple((d.symbol, EQUALS, Numbers(values[d.by], digits)) for d in found)))
    return Derivation(
        title=f"Derivatives of {text(symbol(name))}",
        blocks=tuple(blocks),
        gradients={text(d.symbol): values[d.by] for d in found if d.by} if values else {},
        formulas=tuple(f"{text(d.symbol)} = {text(d.formula)}" for d in found),
    )


def _parameters(f: Callable[..., Any]) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = inspect.signature(lambda x: x).parameters.values()
    names = [p.name for p in parameters if p.kind in kinds and p.default is inspect.Parameter.empty]
    if not names and any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        names = ["x"]
    if not names:
        raise ValueError(
            f"explain needs a function of at least one variable, got {short(f)} without parameters"
        )
    return names


def _called(f: Callable[..., Any], variables: list[Expression]) -> Expression:
    try:
        result = f(*variables)
    except NotImplementedError as error:
        raise TypeError(
            f"explain needs a function that symbols can follow, but {error} has no shape rule"
        ) from error
    if isinstance(result, int | float) and not isinstance(result, bool):
        result = filled(result)
    if not isinstance(result, Expression) or result.shape != ():
        got = (
            f"shape {result.shape}"
            if isinstance(result, Expression)
            else f"{type(result).__name__} {short(result)}"
        )
        raise TypeError(f"explain needs a function that returns a single number, got {got}; return its sum")
    if size(result) > MAX_SIGNS:
        raise ValueError(
            f"explain needs a function of at most {MAX_SIGNS:,} signs to write it out, got {size(result):,}; "
            "compute its value on tensors and explain that"
        )
    return result


def _all_derivatives(f: Expression, variables: list[Expression], order: int) -> list[Derivative]:
    """f, then every derivative up to `order`; of mixed ones, each once."""
    found = [Derivative((), symbol("f"), simplify(f, rearrange=False))]
    last = [Derivative((), symbol("f"), simplify(f))]
    names = [x.name for x in variables]
    for n in range(1, order + 1):
        last = [
            Derivative((*d.by, x.name), _name((*d.by, x.name), names), simplify(_slope(d.formula, x)))
            for d in last
            for x in variables
            if not d.by or names.index(x.name) >= names.index(d.by[-1])
        ]
        found += last
        assert len(last) == len(list(itertools.combinations_with_replacement(names, n)))
    return found


def _slope(f: Expression, x: Expression) -> Expression:
    (slope,) = gradients(f, filled(1), [x])
    if slope is None:
        raise TypeError(
            "explain needs rules that symbols can follow, but one of this function computes with arrays"
        )
    return slope


def _name(by: tuple[str, ...], names: list[str]) -> Expression:
    """f′, f″ for one variable; ∂²f/∂x∂y for several."""
    if len(names) == 1:
        return symbol("f" + "′" * len(by)) if len(by) < 4 else symbol("f", by=by)
    return symbol("f", by=by)


def _values(
    f: Callable[..., Any], variables: list[Expression], found: list[Derivative], at: Any
) -> dict[Any, Any]:
    """The numbers of all derivatives at a point, by the engine."""
    if at is None:
        return {}
    numbers = list(at) if isinstance(at, list | tuple) else [at]
    plain = all(
        isinstance(x, int | float | np.integer | np.floating) and not isinstance(x, bool) for x in numbers
    )
    if len(numbers) != len(variables) or not plain:
        names = ", ".join(x.name for x in variables)
        raise ValueError(f"explain needs at as one number for each of {names}, got {short(at)}")
    inputs = {x.name: tensor(float(n), requires_grad=True) for x, n in zip(variables, numbers, strict=True)}
    values: dict[Any, Any] = {(name, ""): x.item() for name, x in inputs.items()}
    graphs: dict[tuple[str, ...], Any] = {(): f(*inputs.values())}
    for d in found:
        if d.by:
            graphs[d.by] = _next(graphs[d.by[:-1]], inputs[d.by[-1]])
        graph = graphs[d.by]
        values[d.by] = np.asarray(graph.raw if isinstance(graph, Tensor) else float(graph))
    return values


def _next(y: Any, x: Tensor) -> Any:
    if not isinstance(y, Tensor) or not y.requires_grad:
        return 0.0
    (slope,) = grad(y, x, create_graph=True, allow_unused=True)
    return 0.0 if slope is None else slope
