"""The targets of an exercise: `W1` and `dz1` ask for gradients, `z1` and `L` for values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.named_tensors import NamedTensors
from tinygrad_edu.reading.names import by_path, called
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
        keys = {**leaves, **{self.label(name): name for name in names}, **{name: name for name in names}}
        return {key: leaves[path] for key, path in keys_of(leaves).items()} | keys


def keys_of(names: Collection[str]) -> dict[str, str]:
    """The name that is meant by each key of a gradient: W1 and dW1, and endings of a path that no other path has."""
    endings = {name[i + 1 :] for name in names for i, letter in enumerate(name) if letter == "."}
    own = {name: name for name in names} | {
        ending: path for ending in endings if (path := by_path(ending, names))
    }
    return {f"d{key}": name for key, name in own.items()} | own


def of_data(ask: Iterable[str], data: Iterable[str]) -> list[str]:
    """The arrays of the data whose gradients are asked, as W1 or as dW1."""
    found = (called(name, data) for name in ask)
    return [name for name in found if name]


def find(named: NamedTensors, ask: Sequence[str]) -> Targets:
    """The tensors by the names in `ask`. Raises `ValueError` for one that the loss does not depend on."""
    inside = {x for x in _inputs(named.loss) if x.requires_grad}
    known = {name: x for name, x in named.tensors.items() if x in inside}
    targets = Targets({}, {})
    for name in ask:
        key = called(name, known)
        x = known[key] if key else None
        if x is not None and x.operation is not None and key == by_path(name, known):
            targets.values[name] = x
        elif x is not None and x is not named.loss:
            targets.gradients[name] = x
        else:
            raise ValueError(_unknown(name, named))
    return targets


def _inputs(loss: Tensor) -> set[Any]:
    """The loss and the tensors that it depends on."""
    return {loss, *(x for node in newest_first(loss) for x in node.inputs if isinstance(x, Variable))}


def _unknown(name: str, named: NamedTensors) -> str:
    inside = _inputs(named.loss)
    known = {n: x for n, x in named.tensors.items() if x in inside and x.raw.dtype.kind == "f"}
    values = [n for n, x in known.items() if x.operation is not None]
    gradients = [f"d{n}" if n in values else n for n, x in known.items() if x is not named.loss]
    return (
        f"Exercise needs ask with names of what the loss depends on: got {name!r}, and there are the gradients "
        f"{', '.join(gradients)} and the values {', '.join(values)}; return (loss, {{'z1': z1}}) to name others"
    )
