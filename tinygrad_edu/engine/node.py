"""Node: a result that remembers its operation and its inputs; what Tensors and Values have in common."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from tinygrad_edu.engine.operation import Data, Operation, Rule, Tracer


class Node(Tracer):
    """A value that was computed by an `operation` from `inputs`, or a leaf, for which `operation` is None.

    The inputs are kept one by one: a tuple would be one more object for the garbage collector to visit again and
    again, and forward and backward over 100,000 additions would take 5 to 11 % longer. Short graphs, as those of a
    chain of 1,000 or of a small network's training step, would take the same time.
    """

    __slots__ = ()

    operation: Operation | None
    serial: int  # grows with every computation
    settings: Mapping[str, Any]
    former: Sequence[
        tuple[int, Any]
    ] = ()  # the nodes that it was before in-place operations, each with the moment
    rebound: ClassVar[bool] = False  # whether any node has a former one: see `rebinding`
    hooks: dict[int, Any] | None = None  # what the user's program wants to be told of its gradient
    hooked: ClassVar[bool] = False  # whether any node has hooks
    _first: Any  # the first of at most two inputs
    _second: Any
    _rest: tuple[Any, ...] = ()  # all inputs, if they are more than two

    def _inputs(self) -> tuple[Any, ...]:
        """The inputs as they stand there: quicker than `inputs`, and the same unless something was rebound."""
        second = self._second
        if second is not None:
            return self._first, second
        return self._rest if self._first is None else (self._first,)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The nodes and plain numbers that it was computed from."""
        inputs = self._inputs()
        if not Node.rebound:
            return inputs
        return tuple([as_of(x, self.serial) if isinstance(x, Node) else x for x in inputs])

    @inputs.setter
    def inputs(self, inputs: tuple[Any, ...]) -> None:
        self._first = self._second = None
        if self._rest:
            self._rest = ()  # type: ignore[misc] # an attribute of the subclass
        if len(inputs) == 2:
            self._first, self._second = inputs
        elif len(inputs) == 1:
            (self._first,) = inputs
        else:
            self._rest = inputs  # type: ignore[misc]

    def edges(self) -> Iterator[tuple[int, Any]]:
        """The inputs that get a gradient from this node, with their positions."""
        if self.operation is not None:
            for position, (x, rule) in enumerate(zip(self.inputs, self.operation.rules)):
                if rule is not None and isinstance(x, Node) and gets_gradient(x):
                    yield position, x

    def share(self, position: int, g: Data, rule: Rule = None) -> Data:
        """The part of the gradient of one input that comes through this node, if its own gradient is `g`.

        Raw numbers, in the shape and dtype of the input; `rule` in place of the operation's own.
        """
        raise NotImplementedError

    def shares(self, g: Data) -> list[tuple[Any, Data]]:
        """Every input that gets a gradient, with its share."""
        return [(x, self.share(position, g)) for position, x in self.edges()]


def as_of(x: Node, serial: int) -> Node:
    """The node that `x` was when the result with this serial number was computed."""
    place = bisect_right(x.former, serial, key=_moment)
    return x.former[place][1] if place < len(x.former) else x


_moment = itemgetter(0)


def gets_gradient(x: Node) -> bool:
    """True if gradients flow to `x`: to every Value, and to Variables with `requires_grad`."""
    return bool(getattr(x, "requires_grad", True))
