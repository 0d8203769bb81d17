"""Results that have numbers, but no graph: it is built when asked for, or it is gone."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.tensor import Tensor


class Graphless(Tensor):
    """A result with numbers, whose graph is built when somebody asks for it."""

    graph: Any  # see `graphs.Graph`


def _built(name: str) -> property:
    def get(self: Any) -> Any:
        self.graph.build()
        return getattr(self, name)

    def put(self: Any, value: Any) -> None:
        self.graph.build()
        setattr(self, name, value)

    return property(get, put)


for _name in (
    "_first",
    "_second",
    "_rest",
    "settings",
    "common",
    "serial",
    "call_site",
    "former",
    "severed",
    "views",
    "inputs",
):
    setattr(Graphless, _name, _built(_name))
Graphless.__name__ = "Tensor"


# What remains of a graph that was computed as a program.


def _no_graph(_g: Any, _y: Any, _x: Any) -> Any:
    raise RuntimeError(
        "backward needs the graph of this tensor, but its step ran as a plan and went backward there; call backward() "
        "in the captured step, or run the step without capture"
    )


def _lost_graph(_g: Any, _y: Any, _x: Any) -> Any:
    raise RuntimeError(
        "backward needs the graph of this tensor, but its step ran as a plan, and what the step read was overwritten "
        "since; call backward() before, or in the captured step"
    )


GONE = Operation(lambda x: x, _no_graph, name="captured_step")
LOST = Operation(lambda x: x, _lost_graph, name="captured_step")
LEAF = Tensor(0.0, requires_grad=True)


class Walked(Tensor):
    """A result with numbers, through which a backward pass may have gone in a program, which kept no gradient of it."""

    @property
    def _grad(self) -> Any:
        raise RuntimeError(
            "the gradient of a result was not kept, as its step ran as a plan; read it in the captured step, or run "
            "the step without capture"
        )

    @_grad.setter
    def _grad(self, value: Any) -> None:
        self.__class__ = Tensor  # type: ignore[assignment]
        self._grad = value


Walked.__name__ = "Tensor"


def become(x: Any, array: Any, loose: bool) -> None:
    """Give a placeholder its numbers; `loose`: its graph may still be asked for."""
    attributes = x.__dict__
    info = attributes.pop("info")
    attributes["raw"] = array if array.__class__ is np.ndarray else np.asarray(array)
    if not info.requires_grad or info.leaf:
        x.__class__ = Tensor
        if info.leaf:
            attributes["requires_grad"] = True
        elif info.detachment is not None:
            attributes["detachment"] = info.detachment
        return
    attributes["requires_grad"], attributes["_first"] = True, LEAF
    attributes["operation"] = info.operation if loose else GONE
    x.__class__ = Graphless if loose else Walked


def lose_graph(x: Any) -> None:
    """Let a result that still waits for its graph be without."""
    if x.__class__ is Graphless:
        x.__class__ = Tensor  # type: ignore[assignment]
        del x.__dict__["graph"]
        x.__dict__.update(operation=LOST, _first=LEAF)


_OF_PLANS = frozenset(
    {"info", "graph", "raw", "requires_grad", "operation", "_first", "detachment", "memory"}
)


def stand_for(x: Any, result: Variable) -> None:
    """Let a placeholder be what `result` is, which was computed in its place."""
    own = {
        key: value for key, value in x.__dict__.items() if key not in _OF_PLANS
    }  # a name, or what users set
    x.__class__ = result.__class__
    x.__dict__ = result.__dict__
    x.__dict__.update(own)
    base = result.base
    if base is not None and base.views is not None:
        base.views.add(x)
