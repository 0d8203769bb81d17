"""The request of a call of `draw`, and the graph of this request: of a result, or of a module that is run once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.grad_mode import enable_grad
from tinygrad_edu.nn.module import Module
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.reading.names import check_names
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.graph.scalar_graph import opened


class Request(NamedTuple):
    """The arguments of `draw` from which the graph is made."""

    x: Any
    inputs: tuple[Any, ...]
    names: Mapping[str, Any] | None
    model: Any
    scalars: bool

    def graph(self, frame: Any, **limits: Any) -> Graph:
        """The graph; `frame` is where `draw` was called, for the names of modules."""
        x, inputs, names, model, scalars = self
        check_names(names)
        implicit = names is None
        names = _variables(frame) if names is None else names
        if model is not None:
            if not isinstance(model, Module):
                raise TypeError(f"draw needs model as a Module, got {type(model).__name__} {short(model)}")
            names = {_called(model, names, frame, "model"): model, **names}
        if inputs:
            if not isinstance(x, Module):
                raise TypeError(
                    f"draw needs a Module before its input, got {type(x).__name__} {short(x)}; "
                    "write draw(net, x), or draw([a, b]) for several results"
                )
            name = _called(x, names, frame, "net")
            made, results = _run(x, inputs)
            x, names = results, {name: x, **names, **_named_inputs(inputs, made, names)}
        if not scalars:
            return graph_of(x, names, implicit=implicit, **limits)
        ends, learned, notes = opened(x, names, implicit=implicit)
        graph = graph_of(ends, names, learned=learned, implicit=implicit, **limits)
        return replace(graph, notes=(*graph.notes, *notes))


def _variables(frame: Any) -> dict[str, Any]:
    """The variables of the caller, those of the function before those of the file."""
    variables = {**frame.f_locals, **{x: y for x, y in frame.f_globals.items() if x not in frame.f_locals}}
    return {name: x for name, x in variables.items() if name.isidentifier() and name != "self"}


def _called(module: Any, names: Mapping[str, Any], frame: Any, otherwise: str) -> str:
    """The name of the module: in `names`, or where `draw` was called."""
    return _named(module, names) or _named(module, _variables(frame)) or otherwise


def _named(x: Any, names: Mapping[str, Any]) -> str:
    """The first of `names` that is `x`; empty if there is none."""
    return next((name for name, y in names.items() if y is x and not name.startswith("_")), "")


def _named_inputs(given: Sequence[Any], made: Sequence[Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs `made` of those `given`, by the names that these have, or by `x`, or `x0`, `x1` and further."""
    numbered = ["x"] if len(given) == 1 else [f"x{i}" for i in range(len(given))]
    found: dict[str, Any] = {}
    for x, y, name in zip(given, made, numbered):
        called = _named(x, names) or name
        if not getattr(y, "name", None):
            found[name if called in found else called] = y
    return found


def _run(net: Module, inputs: Sequence[Any]) -> tuple[list[Any], list[Tensor]]:
    """The inputs as Tensors, and the results of `net` on them.

    If no parameter requires a gradient, the inputs require one: otherwise no operation is recorded.
    """
    made = [tensor(x) if isinstance(x, np.ndarray | list) else x for x in inputs]
    results = _results(net, made)
    if not any(x.operation is not None for x in results):
        made = [_wanting(x) for x in made]
        results = _results(net, made)
    return made, results


def _wanting(x: Any) -> Any:
    floating = isinstance(x, Tensor) and x.raw.dtype.kind == "f"
    return x.detach().clone().requires_grad_() if floating else x


def _results(net: Module, inputs: Sequence[Any]) -> list[Tensor]:
    with enable_grad():
        result = net(*inputs)
    results = [x for x in leaves(result) if isinstance(x, Tensor)]
    if not results:
        raise TypeError(
            f"draw needs a module that returns Tensors, but {type(net).__name__} returned {short(result)}"
        )
    return results
