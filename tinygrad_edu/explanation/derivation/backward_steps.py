"""The way back through a graph on symbols and on numbers at once: one `Step` for each line of the outline."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.explanation.derivation.gradient_formulas import MOST_USES, Around, Forms, Worked
from tinygrad_edu.explanation.derivation.leaf_symbols import Leaves
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.explanation.derivation.remarks import remarks_on
from tinygrad_edu.explanation.derivation.steps import Step, Use
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.reading.nodes import array_of
from tinygrad_edu.symbolic.differentiate import share_of as share_on_symbols
from tinygrad_edu.symbolic.expression import Expression, filled
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.math_names import name_of
from tinygrad_edu.symbolic.writers.text_writer import text


class Backward:
    """Symbols, formulas and steps of a whole graph."""

    def __init__(
        self, outline: Outline, leaves: Leaves, gradients: dict[int, np.ndarray], seed: np.ndarray | None
    ) -> None:
        self.outline, self.leaves, self.gradients = outline, leaves, gradients
        self.written: dict[int, Any] = dict(leaves.of)  # what stands for a thing where it is used
        self.formulas: dict[int, Expression] = {}  # how the lines are computed
        self._line_of: dict[int, Any] = {}  # the line in whose formula a thing is written
        self._tensor_of: dict[int, Expression] = {}  # whose gradient a symbol is
        self._gradient_of: dict[int, Expression] = {}  # what stands for the gradient of a line
        self.forms = Forms(leaves)
        self._uses: dict[int, list[tuple[Use, bool, Any]]] = defaultdict(list)
        self._seed = seed
        self._write_forward()
        self.steps = self._walk()

    def _write_forward(self) -> None:
        for thing in reversed(self.outline.results):
            formula = self._operation_of(thing)
            self.written[id(thing)] = formula
            if id(thing) in self.outline.lines:
                self.formulas[id(thing)] = simplify(formula, self.leaves.known, rearrange=False)
                name = self.outline.names[id(thing)]
                self.written[id(thing)] = self.leaves.add(name, array_of(thing))

    def _operation_of(self, thing: Any) -> Expression:
        inputs = tuple(self.written[id(x)] if isinstance(x, Tracer) else x for x in thing.inputs)
        return Expression(
            shape=array_of(thing).shape,
            operation=thing.operation,
            inputs=inputs,
            settings=dict(thing.settings),
        )

    # Backward.

    def _walk(self) -> list[Step]:
        steps = []
        loss = self.outline.loss
        upstream = self._seed_symbol()
        for thing in self.outline.results:
            if id(thing) not in self.outline.on_path:
                continue
            if id(thing) not in self.outline.lines:
                self._line_of[id(thing)] = self._line_of[id(self._uses[id(thing)][0][2])]
                self._pass_back(thing, *self._gradient_inside(thing))
                continue
            g = upstream
            if thing is not loss:
                steps.append(self._step(thing))
                g = steps[-1].called
            self._line_of[id(thing)], self._gradient_of[id(thing)] = thing, g
            self._pass_back(thing, g, True)
        leaves = [x for x in self.outline.leaves if id(x) in self.outline.wanted]
        return steps + [self._step(leaf) for leaf in leaves]

    def _seed_symbol(self) -> Expression:
        shape = array_of(self.outline.loss).shape
        return filled(1, shape) if self._seed is None else self.leaves.add("g", self._seed)

    def _gradient_inside(self, thing: Any) -> tuple[Expression | None, bool]:
        """The gradient of a part of a formula, and whether it is a factor for each number of the line's gradient."""
        uses = self._uses[id(thing)]
        formulas = [use.formula for use, _, _ in uses]
        if any(formula is None for formula in formulas):
            return None, False
        total = formulas[0]
        for formula in formulas[1:]:
            total = total + formula  # type: ignore[operator]
        return total, all(each for _, each, _ in uses)

    def _pass_back(self, thing: Any, g: Expression | None, each: bool) -> None:
        raw = self.gradients[id(thing)]
        operation = thing.operation
        inputs = [self.written[id(x)] if isinstance(x, Tracer) else x for x in thing.inputs]
        via = self.written[id(thing)]
        for position, x in thing.edges():
            if id(x) not in self.outline.on_path:
                continue
            formula = None
            if g is not None and isinstance(inputs[position], Expression):
                formula = share_on_symbols(operation, position, g, via, inputs, dict(thing.settings))
            value = thing.share(position, raw)
            same_shape = array_of(x).shape == array_of(thing).shape
            is_factor = each and isinstance(operation, Elementwise) and same_shape
            self._uses[id(x)].append((Use(via, formula, value, operation.name), is_factor, thing))

    def _step(self, thing: Any) -> Step:
        name = self.outline.names[id(thing)]
        own: Expression = self.written[id(thing)]
        loss = self.outline.names[id(self.outline.loss)]
        gradient = self.gradients[id(thing)]
        symbol = self.leaves.add(loss, gradient, by=(name,))
        short = self._short(thing, name, gradient)
        uses = self._uses[id(thing)]
        worked = self.forms.work_out(
            [use.formula for use, _, _ in uses],
            own,
            gradient,
            factor=all(each for _, each, _ in uses),
            explicit=short is not None or thing.operation is None,
            around=self._around(thing),
        )
        self._tensor_of[id(symbol if short is None else short)] = own
        self.forms.know(symbol if short is None else short, worked.forms, is_short=short is not None)
        return Step(
            symbol=own,
            formula=self.formulas.get(id(thing)),
            value=array_of(thing),
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
            remarks=remarks_on(thing, [(use, user) for use, _, user in uses], self.written)
            + _about(worked, uses),
        )

    def _merged(self, uses: list[tuple[Use, bool, Any]]) -> tuple[Use, ...]:
        """One use for each operation: in z · z there are two inputs, but one place.

        Two that read alike are told apart by the lines they are in.
        """
        found: dict[int, Use] = {}
        for use, _, user in uses:
            before = found.get(id(user))
            if before is None:
                line = id(user) in self.outline.lines
                via = use.via if line else simplify(use.via, self.leaves.known, rearrange=False)
                found[id(user)] = Use(via, use.formula, use.value, use.operation)
            else:
                both = None if before.formula is None or use.formula is None else before.formula + use.formula
                total = before.value + use.value
                found[id(user)] = Use(before.via, both, total, use.operation)
        read = Counter(text(use.via) for use in found.values())
        return tuple(
            replace(use, via=self.written[id(self._line_of[key])]) if read[text(use.via)] > 1 else use
            for key, use in found.items()
        )

    def _around(self, thing: Any) -> Around | None:
        """The line that uses `thing`, if there is just one."""
        lines = {id(self._line_of[id(user)]) for _, _, user in self._uses[id(thing)]}
        if len(lines) != 1:
            return None
        (key,) = lines
        return Around(self.formulas[key], self.written[key], self._gradient_of[key])

    def _short(self, thing: Any, name: str, gradient: np.ndarray) -> Expression | None:
        """δ with the index of the layer, for the z of a layer."""
        layer = self.outline.layer_of.get(id(thing))
        if layer is None or thing is self.outline.loss:
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
