"""What the catalogue looks at: the graph with its true gradients, its sites, its sizes, and what else lay around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import landmarks
from tinygrad_edu.explanation.diagnosis.batch_axis import examples
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.student_names import StudentNames
from tinygrad_edu.ops.elementwise import add
from tinygrad_edu.reading.nodes import Array


class Scene:
    """One graph, seen as the place of a possible mistake.

    `lr` is the learning rate, if there is one; `given` other arrays of the student's that may have been used by
    mistake, by name.
    """

    def __init__(
        self,
        tape: Tape,
        names: StudentNames,
        lr: float | None = None,
        given: Mapping[str, Array] | None = None,
    ) -> None:
        self.tape = tape
        self.names = names
        self.lr = lr
        self.given = {name: np.asarray(array, float) for name, array in (given or {}).items()}

    @cached_property
    def activations(self) -> list[landmarks.Activation]:
        """The activations, nearest to the loss first."""
        return landmarks.activations(self.tape)

    @cached_property
    def layers(self) -> list[landmarks.Layer]:
        """The layers, nearest to the loss first."""
        return landmarks.layers(self.tape)

    @cached_property
    def broadcasts(self) -> list[landmarks.Broadcast]:
        """The biases and scales, nearest to the loss first."""
        return landmarks.broadcasts(self.tape)

    @cached_property
    def heads(self) -> list[landmarks.Head]:
        """Where the loss begins."""
        return landmarks.heads(self.tape)

    @cached_property
    def hidden(self) -> list[landmarks.Activation]:
        """The activations before the last layer."""
        place = self.tape.place
        return [s for s in self.activations if all(place[s.a] > place.get(h.z, -1) for h in self.heads)]

    @cached_property
    def inner(self) -> list[Variable]:
        """What the gradient passes through between layers: where a factor can come in."""
        found = [site.z for site in self.activations] + [
            layer.w if layer.columns else layer.x for layer in self.layers
        ]
        found += [head.z for head in self.heads]
        return [x for x in dict.fromkeys(found) if x in self.tape.grads]

    @cached_property
    def examples(self) -> int | None:
        """The axis along which examples lie."""
        return examples(self.tape)

    @property
    def count(self) -> int:
        """N, the number of examples; 1 if nothing looks like a batch."""
        return self._outputs[0]

    @property
    def classes(self) -> int:
        """K, the number of outputs."""
        return self._outputs[1]

    @cached_property
    def _outputs(self) -> tuple[int, int]:
        """N and K of what the loss begins with: rows of outputs, or columns if the network is W @ x."""
        found = [head.z for head in self.heads] + [layer.node for layer in self.layers]
        if not found or not found[0].raw.ndim:
            return 1, 1
        *others, last = found[0].raw.shape
        if not others and self.examples is None:
            return 1, last
        rest = int(np.prod(others))
        return (last, rest) if not others or self.examples == -1 else (rest, last)

    @property
    def sizes(self) -> dict[str, int]:
        """The widths of the layers: D, and H or H1, H2 ... as the textbook calls them."""
        widths = [layer.weights.shape[0] for layer in reversed(self.layers)]
        hidden = ["H"] if len(widths) == 2 else [f"H{i}" for i in range(1, len(widths))]
        return dict(zip(["D", *hidden], widths))

    def result(self, node: Variable) -> str:
        """What the student calls the result of a layer or scale: the name of the sum with its bias will do, too."""
        after = [user for user, _ in self.tape.uses(node) if user.operation is add]
        return self.names.letter(node, self.names.letter(after[0], "z") if after else "z")

    def is_penalty(self, x: Variable, node: Variable) -> bool:
        """Whether what comes back to the parameter `x` through `node` is a multiple of `x` itself."""
        square = float(np.vdot(x.raw, x.raw))
        if x.operation is not None or not square:
            return False
        sent = self.tape.sent(x, node)
        ratio = float(np.vdot(sent, x.raw)) / square
        return bool(ratio) and bool(np.allclose(sent, ratio * x.raw, rtol=1e-9, atol=1e-15))

    def penalty(self, x: Variable) -> Array:
        """The part of the gradient of `x` that is a penalty's."""
        users = dict.fromkeys(node for node, _ in self.tape.uses(x)) if x.raw.size > 1 else ()
        found = [self.tape.sent(x, node) for node in users if self.is_penalty(x, node)]
        return np.sum(found, axis=0) if found else np.zeros_like(x.raw)

    def lookalikes(self, shape: tuple[int, ...], *but: Variable) -> Iterator[tuple[str, Array]]:
        """Values of this shape that may have been taken by mistake: of the graph, and given ones."""
        values = {x: x for node in self.tape.nodes for x in (node, *node.inputs) if isinstance(x, Variable)}
        for x in values:
            if x.raw.shape == shape and x not in set(but):
                yield self.names.label(x), x.raw
        for name, array in self.given.items():
            if array.shape == shape:
                yield name, array

    def gradients(self, shape: tuple[int, ...], *but: Variable) -> Iterator[tuple[str, Array]]:
        """Gradients of this shape that may have been taken by mistake: true ones, and given arrays."""
        for x, g in self.tape.grads.items():
            if g.shape == shape and x not in set(but):
                yield f"d{self.names.label(x)}", g
        for name, array in self.given.items():
            if array.shape == shape:
                yield name, array
