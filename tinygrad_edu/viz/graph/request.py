"""The request of a call of `draw`, and the graph of this request: of a result, or of a module that is run once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.grad_mode import enable_grad, watch
from tinygrad_edu.nn.module import Module
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.reading.names import check_names, variables
from tinygrad_edu.reading.nodes import Computation
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
        error: Exception | None = None
        check_names(names)
        implicit = names is None
        names = variables(frame) if names is None else names
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
            made, results, error = _run(x, inputs)
            x, names = results, {name: x, **names, **_named_inputs(inputs, made, names)}
        if error is not None:
            limits["marked"] = [*limits.get("marked", ()), x[-1]]
            graph = graph_of(x, names, implicit=implicit, **limits)
            return replace(graph, notes=(*graph.notes, *_told(error)))
        if not scalars:
            return graph_of(x, names, implicit=implicit, **limits)
        ends, learned, notes = opened(x, names, implicit=implicit)
        graph = graph_of(ends, names, learned=learned, implicit=implicit, **limits)
        return replace(graph, notes=(*graph.notes, *notes))


def _called(module: Any, names: Mapping[str, Any], frame: Any, otherwise: str) -> str:
    """The name of the module: in `names`, or where `draw` was called."""
    return _named(module, names) or _named(module, variables(frame)) or otherwise


def _named(x: Any, names: Mapping[str, Any]) -> str:
    """The first of `names` that is `x`; empty if there is none."""
    return next((name for name, y in names.items() if y is x and not name.startswith("_")), "")


def _named_inputs(given: Sequence[Any], made: Sequence[Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs `made` of those `given`, by the names that these have, or by `x`, or `x0`, `x1` and further."""
    numbered = ["x"] if len(given) == 1 else [f"x{i}" for i in range(len(given))]
    found: dict[str, Any] = {}
    for x, y, name in zip(given, made, numbered):
        called = _named(x, names)
        if called or not getattr(y, "name", None):
            found[name if called in found else called or name] = y
    return found


def _run(net: Module, inputs: Sequence[Any]) -> tuple[list[Any], list[Tensor], Exception | None]:
    """The inputs as Tensors, and the results of `net` on them; or what was computed until `net` raised an error.

    While it runs the inputs require a gradient, so that what is done with them alone is recorded, too; afterwards only
    if nothing else does.
    """
    given = [tensor(x) if isinstance(x, np.ndarray | list) else x for x in inputs]
    copies = {x: _wanting(x) for x in given if isinstance(x, Tensor)}
    made = [copies[x] if isinstance(x, Tensor) else x for x in given]
    try:
        results, error = _results(net, made)
    except RuntimeError:  # of a module that overwrites its input, or takes numbers out of it
        made = given
        results, error = _results(net, made)
    else:
        _take_back(results, [copy for x, copy in copies.items() if copy is not x])
    if error is not None:
        warnings.warn(
            f"draw: the picture ends where {type(net).__name__} raised {'. '.join(_told(error))}",
            stacklevel=4,
        )
    return made, results, error


def _wanting(x: Tensor) -> Tensor:
    """A copy of a constant that requires a gradient."""
    if x.raw.dtype.kind != "f" or x.requires_grad:
        return x
    copy = x.detach().clone().requires_grad_()
    copy.name = x.name
    return copy


def _take_back(results: Sequence[Tensor], copies: Sequence[Tensor]) -> None:
    """Let the copies of constants be constants again, if the results depend on anything else that gets a gradient."""
    if any(x.requires_grad for x in set(Computation(*results).leaves) - set(copies)):
        for x in copies:
            x.requires_grad = False


def _results(net: Module, inputs: Sequence[Any]) -> tuple[list[Tensor], Exception | None]:
    computed: list[tuple[Sequence[Any], Tensor]] = []
    try:
        with enable_grad(), watch(lambda _operation, xs, _settings, y: computed.append((xs, y))):
            result = net(*inputs)
    except (ValueError, IndexError, TypeError) as error:
        reached = _reached(computed, inputs)
        if not reached or not (
            computed or hasattr(error, "__notes__")
        ):  # a call with other inputs than net takes
            raise
        return reached, error
    results = [x for x in leaves(result) if isinstance(x, Tensor)]
    if not results:
        raise TypeError(
            f"draw needs a module that returns Tensors, but {type(net).__name__} returned {short(result)}"
        )
    return results, None


def _reached(computed: Sequence[tuple[Sequence[Any], Tensor]], inputs: Sequence[Any]) -> list[Tensor]:
    """What was computed last, from which nothing else was computed; at the very beginning the inputs."""
    used = {x for xs, _ in computed for x in xs if isinstance(x, Tensor)}
    ends = [y for _, y in computed if y not in used]
    recorded = [y for y in ends if y.operation is not None]
    return recorded or ends or [x for x in inputs if isinstance(x, Tensor)]


def _told(error: Exception) -> list[str]:
    """The message, and the notes that say in which module it was."""
    return [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
