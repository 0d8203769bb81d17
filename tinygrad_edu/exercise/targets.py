"""The targets of an exercise: `W1` and `dz1` ask for gradients, `z1` and `L` for values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.named_tensors import NamedTensors
from tinygrad_edu.tensor.tensor import Tensor


class Targets(NamedTuple):
    """The tensors whose gradients are asked, and those whose values are, by the names of the exercise."""

    gradients: dict[str, Tensor]
    values: dict[str, Tensor]

    def label(self, name: str) -> str:
        """The label on the sheet: `dW1` for the gradient of W1, `z1` for a value."""
        return f"d{self.gradients[name].name}" if name in self.gradients else name

    def keys(self) -> dict[str, str]:
        """The name that is meant by each key of the answers: W1 and dW1 are the same, as long as W1 is given."""
        leaves = {x.name or "": name for name, x in self.gradients.items() if x.operation is None}
        names = [*self.gradients, *self.values]
        return {**leaves, **{self.label(name): name for name in names}, **{name: name for name in names}}


def of_data(ask: Iterable[str], data: Iterable[str]) -> list[str]:
    """The arrays of the data whose gradients are asked, as W1 or as dW1."""
    known = list(data)
    found = (next((key for key in _readings(name) if key in known), None) for name in ask)
    return [name for name in found if name]


def find(named: NamedTensors, ask: Sequence[str]) -> Targets:
    """The tensors by the names in `ask`. Raises `ValueError` for one that the loss does not depend on."""
    known = {name: x for name, x in named.tensors.items() if x in _inside(named.loss)}
    targets = Targets({}, {})
    for name in ask:
        x = next((known[key] for key in _readings(name) if key in known), None)
        if x is not None and x is known.get(name) and x.operation is not None:
            targets.values[name] = x
        elif x is not None and x is not named.loss:
            targets.gradients[name] = x
        else:
            raise ValueError(_unknown(name, known))
    return targets


def _readings(name: str) -> tuple[str, ...]:
    return (name, name[1:]) if name.startswith("d") else (name,)


def _inside(loss: Tensor) -> set[Any]:
    """The tensors that the loss depends on and can be differentiated by."""
    inputs = {x for node in newest_first(loss) for x in node.inputs if isinstance(x, Variable)}
    return {loss, *(x for x in inputs if x.requires_grad)}


def _unknown(name: str, known: dict[str, Tensor]) -> str:
    gradients = [x.name if x.operation is None else f"d{n}" for n, x in known.items()]
    values = [n for n, x in known.items() if x.operation is not None]
    return (
        f"Exercise needs ask with names of what the loss depends on: got {name!r}, and there are "
        f"{', '.join(filter(None, gradients))} and the values {', '.join(values)}; "
        "return (loss, {'z1': z1}) to name others"
    )
