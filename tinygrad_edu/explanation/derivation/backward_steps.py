"""The way back through a graph on symbols and on numbers at once: one `Step` for each line of the outline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.node import Node
from tinygrad_edu.explanation.derivation.gradient_formulas import MAX_USES, Around, Forms
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.explanation.derivation.remarks import remarks_on
from tinygrad_edu.explanation.derivation.steps import GradientForms, Step, Use
from tinygrad_edu.explanation.derivation.symbol_table import SymbolTable
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic.differentiate import share_of as share_on_symbols
from tinygrad_edu.symbolic.expression import Expression, filled
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.text.math_names import name_of


class Working(NamedTuple):
    """A derivation before it is put on a page; `written` has the symbol of each line, and formulas of other nodes."""

    outline: Outline
    table: SymbolTable
    written: Mapping[Any, Any]
    formulas: Mapping[Any, Expression]  # of the lines
    steps: Sequence[Step]


def worked_out(
    outline: Outline, table: SymbolTable, gradients: Mapping[Any, np.ndarray], seed: np.ndarray | None
) -> Working:
    """The steps back from the loss; `seed` is the gradient that flows into the loss, 1 if None."""
    written, formulas = _forward(outline, table)
    steps = _Walk(outline, table, written, formulas, gradients).steps(seed)
    return Working(outline, table, written, formulas, steps)


def _forward(outline: Outline, table: SymbolTable) -> tuple[dict[Any, Any], dict[Any, Expression]]:
    """The expression that stands for each node where it is used, and the formula of each line."""
    written: dict[Any, Any] = {}
    formulas = {}
    array = outline.computation.array
    for node in outline.computation:
        if node.operation is None:
            if node not in written:
                written[node] = table.written(node, written)
            continue
        inputs, settings = _written_inputs(node, written, table)
        written[node] = Expression(
            shape=array(node).shape, operation=node.operation, inputs=inputs, settings=settings
        )
        if node in outline.lines:
            formulas[node] = simplify(written[node], table.known, rearrange=False)
            written[node] = table.add(outline.names.of[node], array(node))
    return written, formulas


def _written_inputs(
    node: Any, written: Mapping[Any, Any], table: SymbolTable
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs of `node` and its settings, in symbols."""
    inputs = tuple(written[x] if isinstance(x, Node) else x for x in node.inputs)
    return table.indexed(inputs, node.settings)


class _Share(NamedTuple):
    """The share of one input of `user` in its gradient."""

    use: Use
    user: Any
    is_factor: bool  # True if the share is a number for each number of the line's gradient, times that


class _Walk:
    """The state of the walk from the loss back to the leaves."""

    def __init__(
        self,
        outline: Outline,
        table: SymbolTable,
        written: Mapping[Any, Any],
        formulas: Mapping[Any, Expression],
        gradients: Mapping[Any, np.ndarray],
    ) -> None:
        self.outline, self.table, self.gradients = outline, table, gradients
        self.written, self.formulas = written, formulas
        self._array = outline.computation.array
        sizes = [float(np.abs(g[np.isfinite(g)]).max(initial=0)) for g in gradients.values()]
        self._forms = Forms(table, max(sizes, default=0))
        self._shares: dict[Any, list[_Share]] = defaultdict(list)
        self._line_of: dict[Any, Any] = {}  # the line in whose formula a node is written
        self._tensor_of: dict[Expression, Expression] = {}  # by the symbol of its gradient
        self._gradient_of: dict[Any, Expression] = {}  # the symbol of the gradient of a line

    def steps(self, seed: np.ndarray | None) -> list[Step]:
        """A step for each line after the loss, then for each leaf that is asked for."""
        steps: list[Step] = []
        for node in self.outline.computation.results:
            if node not in self.outline.on_path:
                continue
            if node not in self.outline.lines:
                self._line_of[node] = self._line_of[self._shares[node][0].user]
                self._pass_back(node, *self._gradient_inside(node))
                continue
            if node is self.outline.loss:
                g = self._seed_symbol(seed)
            else:
                steps.append(self._step(node))
                g = steps[-1].called
            self._line_of[node], self._gradient_of[node] = node, g
            self._pass_back(node, g, True)
        leaves = [x for x in self.outline.computation.leaves if x in self.outline.wrt]
        return steps + [self._step(leaf) for leaf in leaves]

    def _seed_symbol(self, seed: np.ndarray | None) -> Expression:
        if seed is None:
            return filled(1, self._array(self.outline.loss).shape)
        g = self.table.add("g", seed)
        self._forms.know(g, (), is_short=True)
        return g

    def _gradient_inside(self, node: Any) -> tuple[Expression | None, bool]:
        """The gradient of a part of a formula; True if it is a factor for each number of the line's gradient."""
        shares = self._shares[node]
        formulas = [share.use.formula for share in shares]
        if any(formula is None for formula in formulas):
            return None, False
        total = formulas[0]
        for formula in formulas[1:]:
            total = total + formula  # type: ignore[operator]
        return total, all(share.is_factor for share in shares)

    def _pass_back(self, node: Any, g: Expression | None, is_factor: bool) -> None:
        """Note the shares of the inputs of `node` in its gradient, which `g` is in formulas."""
        operation, via = node.operation, self.written[node]
        inputs, settings = _written_inputs(node, self.written, self.table)
        for position, x in node.edges():
            if x not in self.outline.on_path:
                continue
            formula = None
            if g is not None and isinstance(inputs[position], Expression):
                formula = share_on_symbols(operation, position, g, via, inputs, settings)
            use = Use(via, formula, node.share(position, self.gradients[node]), operation.name)
            same_shape = self._array(x).shape == self._array(node).shape
            each = is_factor and isinstance(operation, Elementwise) and same_shape
            self._shares[x].append(_Share(use, node, each))

    def _step(self, node: Any) -> Step:
        own, gradient, shares = self.written[node], self.gradients[node], self._shares[node]
        symbol, short = self._gradient_symbols(node)
        worked = self._forms.work_out(
            [share.use.formula for share in shares],
            own,
            gradient,
            factor=all(share.is_factor for share in shares),
            explicit=short is not None or node.operation is None,
            around=self._around(node),
        )
        called = symbol if short is None else short
        self._tensor_of[called] = own
        self._forms.know(called, worked.forms, is_short=short is not None)
        uses = [(share.use, share.user) for share in shares]
        remarks = remarks_on(node, text(own), uses, self.outline.computation)
        return Step(
            symbol=own,
            formula=self.formulas.get(node),
            value=self._array(node),
            gradient_symbol=symbol,
            short=short,
            uses=self._merged(uses),
            upstream_of=None if worked.upstream is None else self._tensor_of.get(worked.upstream),
            gradient=gradient,
            remarks=remarks + _remarks_on_formula(worked, len(uses)),
            **vars(worked),
        )

    def _gradient_symbols(self, node: Any) -> tuple[Expression, Expression | None]:
        """∂L/∂z; and δ with the index of the layer, for the z of a layer."""
        name, gradient = self.outline.names.of[node], self.gradients[node]
        symbol = self.table.add(self.outline.names.of[self.outline.loss], gradient, by=(name,))
        layer = self.outline.layers.get(node)
        if layer is None:
            return symbol, None
        delta = f"delta{name_of(name).below or layer or ''}"
        return symbol, self.table.add(delta, gradient) if self.outline.names.take(delta) else None

    def _merged(self, uses: Sequence[tuple[Use, Any]]) -> tuple[Use, ...]:
        """One use for each operation: in z · z there are two inputs, but one place.

        Two uses that read alike are told apart by the lines they are in.
        """
        found: dict[Any, Use] = {}
        for use, user in uses:
            found[user] = _added(found[user], use) if user in found else self._shortened(use, user)
        read = Counter(text(use.via) for use in found.values())
        return tuple(
            replace(use, via=self.written[self._line_of[user]]) if read[text(use.via)] > 1 else use
            for user, use in found.items()
        )

    def _shortened(self, use: Use, user: Any) -> Use:
        """`use` with the formula of a part of a line simplified."""
        if user in self.outline.lines:
            return use
        return replace(use, via=simplify(use.via, self.table.known, rearrange=False))

    def _around(self, node: Any) -> Around | None:
        """The line that uses `node`, if there is just one."""
        lines = {self._line_of[share.user] for share in self._shares[node]}
        if len(lines) != 1:
            return None
        (line,) = lines
        return Around(self.formulas[line], self.written[line], self._gradient_of[line])


def _added(a: Use, b: Use) -> Use:
    """Two inputs of one operation as one use."""
    formula = None if a.formula is None or b.formula is None else a.formula + b.formula
    return replace(a, formula=formula, value=a.value + b.value)


def _remarks_on_formula(worked: GradientForms, uses: int) -> tuple[str, ...]:
    return (f"the sum over all {uses} uses",) if not worked.forms and uses > MAX_USES else ()
