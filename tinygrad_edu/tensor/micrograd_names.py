"""What micrograd calls the parts of a graph of single numbers: `_prev`, `_op`, `_backward`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops

_SIGNS: dict[Operation, str] = {
    ops.add: "+",
    ops.subtract: "-",
    ops.multiply: "*",
    ops.divide: "/",
    ops.negative: "neg",
    ops.relu: "ReLU",
    ops.absolute: "abs",
}


class MicrogradNames(Node):
    """A node with micrograd's names, too."""

    __slots__ = ()
    grad: float

    @property
    def _backward(self) -> Callable[[], None]:
        """One step back by hand, as in micrograd: adds the shares of this value's gradient to those of its inputs."""

        def step() -> None:
            for position, x in self.edges():
                x.grad += float(self.share(position, self.grad))

        return step

    @_backward.setter
    def _backward(self, _rule: Any) -> None:
        raise AttributeError(
            "Value has no place for a derivative rule of its own; write the operation as "
            "Elementwise(on_arrays, on_floats, lambda g, y, x: ...), which Values and Tensors take"
        )

    @property
    def _prev(self) -> set[Any]:
        return {x for x in self.inputs if isinstance(x, Node)}

    @property
    def _op(self) -> str:
        if self.operation is None:
            return ""
        if self.operation is ops.power and not isinstance(self.inputs[1], Node):
            return f"**{self.inputs[1]}"
        return _SIGNS.get(self.operation, self.operation.name)
