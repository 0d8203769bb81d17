"""The way back through a graph on symbols and on numbers at once: one `Step` for each line of the outline."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.node import Node
from tinygrad_edu.explanation.derivation.gradient_formulas import MOST_USES, Around, Forms, Worked
from tinygrad_edu.explanation.derivation.leaf_symbols import Leaves
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.explanation.derivation.remarks import remarks_on
from tinygrad_edu.explanation.derivation.steps import Step, Use
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic.differentiate import share_of as share_on_symbols
from tinygrad_edu.symbolic.expression import Expression, filled
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.text.math_names import name_of


class Backward:
    """Symbols, formulas and steps of a whole graph."""

    def __init__(
        self, outline: Outline, leaves: Leaves, gradients: dict[Any, np.ndarray], seed: np.ndarray | None
    ) -> None:
        self.outline, self.leaves, self.gradients = outline, leaves, gradients
        self._array = outline.computation.array
        self.written: dict[Any, Any] = dict(leaves.of)  # what stands for a node where it is used
        self.formulas: dict[Any, Expression] = {}  # how the lines are computed
        self._line_of: dict[Any, Any] = {}  # the line in whose formula a node is written
        self._tensor_of: dict[int, Expression] = {}  # whose gradient a symbol is
        self._gradient_of: dict[Any, Expression] = {}  # what stands for the gradient of a line
        self.forms = Forms(leaves)
        self._uses: dict[Any, list[tuple[Use, bool, Any]]] = defaultdict(list)
        self._seed = seed
        self._write_forward()
        self.steps = self._walk()

    def _write_forward(self) -> None:
        for node in reversed(self.outline.results):
            formula = self._operation_of(node)
            self.written[node] = formula
            if node in self.outline.lines:
                self.formulas[node] = simplify(formula, self.leaves.known, rearrange=False)
                name = self.outline.names[node]
                self.written[node] = self.leaves.add(name, self._array(node))

    def _operation_of(self, node: Any) -> Expression:
        inputs = tuple(self.written[x] if isinstance(x, Node) else x for x in node.inputs)
        return Expression(
            shape=self._array(node).shape,
            operation=node.operation,
            inputs=inputs,
            settings=dict(node.settings),
        )

    # Backward.

    def _walk(self) -> list[Step]:
        steps = []
        loss = self.outline.loss
        upstream = self._seed_symbol()
        for node in self.outline.results:
            if node not in self.outline.on_path:
                continue
            if node not in self.outline.lines:
                self._line_of[node] = self._line_of[self._uses[node][0][2]]
                self._pass_back(node, *self._gradient_inside(node))
                continue
            g = upstream
            if node is not loss:
                steps.append(self._step(node))
                g = steps[-1].called
            self._line_of[node], self._gradient_of[node] = node, g
            self._pass_back(node, g, True)
        leaves = [x for x in self.outline.leaves if x in self.outline.wanted]
        return steps + [self._step(leaf) for leaf in leaves]

    def _seed_symbol(self) -> Expression:
        shape = self._array(self.outline.loss).shape
        return filled(1, shape) if self._seed is None else self.leaves.add("g", self._seed)

    def _gradient_inside(self, node: Any) -> tuple[Expression | None, bool]:
        """The gradient of a part of a formula, and whether it is a factor for each number of the line's gradient."""
        uses = self._uses[node]
        formulas = [use.formula for use, _, _ in uses]
        if any(formula is None for formula in formulas):
            return None, False
        total = formulas[0]
        for formula in formulas[1:]:
            total = total + formula  # type: ignore[operator]
        return total, all(each for _, each, _ in uses)

    def _pass_back(self, node: Any, g: Expression | None, each: bool) -> None:
        raw = self.gradients[node]
        operation = node.operation
        inputs = [self.written[x] if isinstance(x, Node) else x for x in node.inputs]
        via = self.written[node]
        for position, x in node.edges():
            if x not in self.outline.on_path:
                continue
            formula = None
            if g is not None and isinstance(inputs[position], Expression):
                formula = share_on_symbols(operation, position, g, via, inputs, dict(node.settings))
            value = node.share(position, raw)
            same_shape = self._array(x).shape == self._array(node).shape
            is_factor = each and isinstance(operation, Elementwise) and same_shape
            self._uses[x].append((Use(via, formula, value, operation.name), is_factor, node))

    def _step(self, node: Any) -> Step:
        name = self.outline.names[node]
        own: Expression = self.written[node]
        loss = self.outline.names[self.outline.loss]
        gradient = self.gradients[node]
        symbol = self.leaves.add(loss, gradient, by=(name,))
        short = self._short(node, name, gradient)
        uses = self._uses[node]
        worked = self.forms.work_out(
            [use.formula for use, _, _ in uses],
            own,
            gradient,
            factor=all(each for _, each, _ in uses),
            explicit=short is not None or node.operation is None,
            around=self._around(node),
        )
        self._tensor_of[id(symbol if short is None else short)] = own
        self.forms.know(symbol if short is None else short, worked.forms, is_short=short is not None)
        return Step(
            symbol=own,
            formula=self.formulas.get(node),
            value=self._array(node),
            gradient_symbol=symbol,
            short=short,
            uses=self._merged(uses),
            upstream=worked.upstream,
            upstream_of=None if worked.upstream is None else self._tensor_of.get(id(worked.upstream)),
            upstream_value=worked.upstream_value,
            local=worked.local,
            local_value=worked.local_value,
            forms=worked.forms,
            nearly=worked.nearly,
            gradient=gradient,
            remarks=self._remarks(node, uses) + _about(worked, uses),
        )

    def _remarks(self, node: Any, uses: list[tuple[Use, bool, Any]]) -> tuple[str, ...]:
        name = text(self.written[node])
        return remarks_on(node, name, [(use, user) for use, _, user in uses], self.outline.computation)

    def _merged(self, uses: list[tuple[Use, bool, Any]]) -> tuple[Use, ...]:
        """One use for each operation: in z · z there are two inputs, but one place.

        Two that read alike are told apart by the lines they are in.
        """
        found: dict[Any, Use] = {}
        for use, _, user in uses:
            before = found.get(user)
            if before is None:
                line = user in self.outline.lines
                via = use.via if line else simplify(use.via, self.leaves.known, rearrange=False)
                found[user] = Use(via, use.formula, use.value, use.operation)
            else:
                both = None if before.formula is None or use.formula is None else before.formula + use.formula
                total = before.value + use.value
                found[user] = Use(before.via, both, total, use.operation)
        read = Counter(text(use.via) for use in found.values())
        return tuple(
            replace(use, via=self.written[self._line_of[user]]) if read[text(use.via)] > 1 else use
            for user, use in found.items()
        )

    def _around(self, node: Any) -> Around | None:
        """The line that uses `node`, if there is just one."""
        lines = {self._line_of[user] for _, _, user in self._uses[node]}
        if len(lines) != 1:
            return None
        (line,) = lines
        return Around(self.formulas[line], self.written[line], self._gradient_of[line])

    def _short(self, node: Any, name: str, gradient: np.ndarray) -> Expression | None:
        """δ with the index of the layer, for the z of a layer."""
        layer = self.outline.layer_of.get(node)
        if layer is None or node is self.outline.loss:
            return None
        index = name_of(name).below or (str(layer) if layer else "")
        delta = f"delta{index}"
        if delta in self.outline.taken:
            return None
        self.outline.taken.add(delta)
        return self.leaves.add(delta, gradient)


def _about(worked: Worked, uses: list[Any]) -> tuple[str, ...]:
    if worked.differs:
        return (
            "no formula: at these numbers it is not what the engine computed (overwritten since, or at a pole)",
        )
    return (f"the sum over all {len(uses)} uses",) if not worked.forms and len(uses) > MOST_USES else ()
