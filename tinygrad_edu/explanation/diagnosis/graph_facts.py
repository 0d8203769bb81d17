"""The facts about a graph that the catalogue of mistakes looks at: true gradients, layers, sizes, names of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import landmarks, layers_and_biases
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.formula_names import FormulaNames
from tinygrad_edu.explanation.diagnosis.gradient_names import gradient_of
from tinygrad_edu.ops.elementwise import add, subtract
from tinygrad_edu.reading.nodes import Array

MIN_PENALISED = 0.5  # of the numbers of a parameter, if a penalty spares some


class StudentNames(FormulaNames):
    """The names of tensors in the sentences of a diagnosis, and a substitute for each tensor without a name."""

    def letter(self, x: Variable, letter: str) -> str:
        """The name of `x` in a formula, or how it was made if that is short, or the textbook's letter."""
        return self.one_word(x) or self.bracketed(x) or letter

    def label(self, x: Variable) -> str:
        """The name of `x` or how it was made, or the operation that computed it and the line."""
        return self.find(x) or self.bracketed(x) or self.node(x)

    def gradient(self, x: Variable) -> str:
        """The gradient of `x` in a formula, or, if it has no name there, in a sentence."""
        value = self.letter(x, "")
        return gradient_of(value) if value else f"the gradient of {self.node(x)}"

    def gradients(self, xs: Iterable[Variable]) -> str:
        """The gradients of several parameters in a sentence: `dW1 and db1`."""
        return " and ".join(gradient_of(self.letter(x, "W")) for x in xs)

    def node(self, x: Variable) -> str:
        """The tensor in a sentence: `'a1' (line train.py:12)`, or `X @ W1 (line train.py:12)`."""
        if x not in self._in_sentences:
            name = self.find(x)
            operation = x.operation.name if x.operation else f"a tensor of shape {x.raw.shape}"
            text = f"'{name}'" if name else self.formula(x) or operation
            self._in_sentences[x] = f"{text} (line {line_of(x.call_site)})" if x.call_site else text
        return self._in_sentences[x]

    @cached_property
    def _in_sentences(self) -> dict[Variable, str]:
        return {}


class GraphFacts:
    """The facts about one graph in which a mistake may have been made.

    `lr` is the learning rate, if there is one; `given` are other arrays of the student's that may have been used by
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
    def layers(self) -> list[layers_and_biases.Layer]:
        """The layers, nearest to the loss first."""
        return layers_and_biases.layers(self.tape)

    @cached_property
    def broadcasts(self) -> list[layers_and_biases.Broadcast]:
        """The biases and scales, nearest to the loss first."""
        return layers_and_biases.broadcasts(self.tape)

    @cached_property
    def heads(self) -> list[landmarks.Head]:
        """The outputs of the network, where the loss begins."""
        return landmarks.heads(self.tape)

    @cached_property
    def hidden(self) -> list[landmarks.Activation]:
        """The activations before the last layer."""
        place = self.tape.place
        return [s for s in self.activations if all(place[s.a] > place.get(h.z, -1) for h in self.heads)]

    @cached_property
    def inner(self) -> list[Variable]:
        """The tensors between layers, at which a stray factor can come in."""
        found = [site.z for site in self.activations] + [layer.x for layer in self.layers]
        found += [head.z for head in self.heads]
        return [x for x in dict.fromkeys(found) if x in self.tape.grads]

    @cached_property
    def batch_axis(self) -> int | None:
        """The axis along which examples lie."""
        return layers_and_biases.batch_axis(self.tape)

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
        """N and K of the network's output, whose rows are examples, or whose columns are in W @ x."""
        found = [head.z for head in self.heads] + [layer.node for layer in self.layers]
        if not found or not found[0].raw.ndim:
            return 1, 1
        *others, last = found[0].raw.shape
        if not others and self.batch_axis is None:
            return 1, last
        rest = int(np.prod(others))
        return (last, rest) if not others or self.batch_axis == -1 else (rest, last)

    @property
    def sizes(self) -> dict[str, int]:
        """The widths of the layers: D, and H or H1, H2 ... as the textbook calls them."""
        widths = [layer.weights.shape[0] for layer in reversed(self.layers)]
        hidden = ["H"] if len(widths) == 2 else [f"H{i}" for i in range(1, len(widths))]
        return dict(zip(["D", *hidden], widths))

    def result(self, node: Variable) -> str:
        """The student's name for the result of a layer or scale, or for its sum with the bias."""
        named = [x for x in (node, *self.sums(node)) if self.names.find(x)]
        return self.names.letter((named or [node])[0], "z")

    def summed_into(self, z: Variable) -> list[Variable]:
        """`z` and the nodes of which it is a sum: products, and sums with a bias."""
        found = [z]
        for node in found:  # grows as it goes
            if node.operation is add:
                found += [x for _, x in node.edges() if x.operation in (add, *layers_and_biases.PRODUCTS)]
        return found

    @cached_property
    def cells(self) -> dict[Variable, list[layers_and_biases.Layer]]:
        """The layers in which the same weights are used several times, the last use first, by weights."""
        found: dict[Variable, list[layers_and_biases.Layer]] = {}
        for layer in self.layers:
            found.setdefault(layer.parameter, []).append(layer)
        return {w: uses for w, uses in found.items() if len(uses) > 1}

    @cached_property
    def following(self) -> dict[Variable, landmarks.Activation]:
        """The activation that follows, by the node of a layer."""
        return {node: site for site in self.activations for node in self.summed_into(site.z)}

    def cell_of(self, site: landmarks.Activation) -> str:
        """A word that the activations of one cell that is used several times have in common."""
        nodes = set(self.summed_into(site.z))
        return next((str(id(w)) for w, uses in self.cells.items() if any(u.node in nodes for u in uses)), "")

    def roles(self, layer: layers_and_biases.Layer) -> Iterator[tuple[str, Variable]]:
        """Tensors that may be taken for the input of a layer wherever such a layer is used, each with its role."""
        if layer.node in self.following:
            yield "own output", self.following[layer.node].a
        for site in self.activations:
            if site.a is layer.x:
                yield "pre-activation", site.z
        uses = self.cells.get(layer.parameter, [])
        for i in (i for i, use in enumerate(uses) if use.node is layer.node):
            yield "last", uses[0].x
            yield "first", uses[-1].x
            yield "next", uses[max(i - 1, 0)].x
            yield "previous", uses[min(i + 1, len(uses) - 1)].x

    def sums(self, node: Variable) -> list[Variable]:
        """The sums of `node` with something else, such as a bias."""
        return [user for user, _ in self.tape.uses(node) if user.operation is add]

    def is_penalty(self, x: Variable, node: Variable) -> bool:
        """True if the gradient that comes back to the parameter `x` through `node` is a multiple of `x` itself.

        A column may be spared, such as that of the biases in a matrix of weights.
        """
        if x.operation is not None:
            return False
        sent = self.tape.sent(x, node)
        term = x.raw * (sent != 0)
        square = float(np.vdot(term, term))
        if not square or np.count_nonzero(term) <= MIN_PENALISED * x.raw.size:
            return False
        ratio = float(np.vdot(sent, term)) / square
        return bool(np.allclose(sent, ratio * term, rtol=1e-9, atol=1e-15)) and self._is_a_term(node)

    def _is_a_term(self, node: Variable) -> bool:
        """True if the loss is a sum in which `node` is a term by itself: nothing that has a gradient multiplies it."""
        waiting, seen = [node], {node}
        while waiting:
            x = waiting.pop()
            for user in {user for user, _ in self.tape.uses(x)} - seen:
                multiplied = any(other is not x and other in self.tape.grads for other in user.inputs)
                if multiplied and user.operation not in (add, subtract):
                    return False
                seen.add(user)
                waiting.append(user)
        return True

    def penalty(self, x: Variable) -> Array:
        """The part of the gradient of `x` that is a penalty's."""
        users = dict.fromkeys(node for node, _ in self.tape.uses(x)) if x.raw.size > 1 else ()
        found = [self.tape.sent(x, node) for node in users if self.is_penalty(x, node)]
        return np.sum(found, axis=0) if found else np.zeros_like(x.raw)

    def lookalikes(self, shape: tuple[int, ...], *but: Variable) -> Iterator[tuple[str, Array]]:
        """Values of this shape that may have been taken by mistake: those of the graph, and the given arrays."""
        for x in self.tape.tensors:
            if x.raw.shape == shape and x.raw.dtype != bool and x not in set(but):
                yield self.names.label(x), x.raw
        for name, array in self.given.items():
            if array.shape == shape:
                yield name, array

    def gradients(self, shape: tuple[int, ...], *but: Variable) -> Iterator[tuple[str, Array]]:
        """Gradients of this shape that may have been taken by mistake: the true ones, and the given arrays."""
        for x, g in self.tape.grads.items():
            if g.shape == shape and x not in set(but):
                yield self.names.gradient(x), g
        for name, array in self.given.items():
            if array.shape == shape:
                yield name, array
