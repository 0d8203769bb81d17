"""Patterns of steps: what differs only in its tensors is derived and written once, and later steps put theirs in."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.engine.operation import NUMBERS
from tinygrad_edu.symbolic.expression import Expression, replaced
from tinygrad_edu.text.mathml import Markup
from tinygrad_edu.viz.page.step import Choice, Line
from tinygrad_edu.viz.page.variables import GRADIENTS, NAMES, Variables

T = TypeVar("T")
_KEY = re.compile(r'data-number="([a-z])(\d+)"')
_PLAIN = (int, float, str, bool, type(None), type)


class Pattern:
    """An operation on the symbols of the step where it was first met; `nodes` are its result and inputs, each once."""

    def __init__(self, whole: Expression, nodes: tuple[int, ...]) -> None:
        self.whole = whole
        self.nodes = nodes
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returned the first time that it was called for `key`."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found


class Occurrence:
    """A pattern at a step whose result and inputs are `nodes`."""

    def __init__(self, pattern: Pattern, nodes: tuple[int, ...], symbols: Variables) -> None:
        self.pattern = pattern
        self.nodes = nodes
        self.symbols = symbols

    @cached_property
    def numbers(self) -> dict[Expression, np.ndarray]:
        """The arrays of this step by the symbols of the pattern."""
        known = self.symbols.numbers
        return {symbol: known[own] for symbol, own in self._symbols if own in known}

    @cached_property
    def _symbols(self) -> list[tuple[Expression, Expression]]:
        """The symbols of the pattern, and those of this step."""
        pairs = list(zip(self.pattern.nodes, self.nodes, strict=True))
        return [
            (of[first], of[own])
            for of in (self.symbols.values, self.symbols.gradients)
            for first, own in pairs
        ]

    @property
    def variables(self) -> dict[str, np.ndarray]:
        """The same arrays by the variables of the pattern."""
        return {self.symbols.variable_of(symbol): array for symbol, array in self.numbers.items()}

    def first(self, node: int) -> int:
        """The node of the pattern in the place of a node of this step; one that it knows a part of is its own."""
        return dict(zip(self.nodes, self.pattern.nodes, strict=True)).get(node, node)

    def formula(self, formula: Expression) -> Expression:
        """A formula of the pattern on the symbols of this step."""
        moved: Expression = formula if self._same else replaced(formula, dict(self._symbols))
        return moved

    @property
    def _same(self) -> bool:
        return self.nodes == self.pattern.nodes

    def text(self, text: str) -> str:
        """Code or a formula as text with the names of this step."""
        return text if self._same else text.translate(self._characters)

    @cached_property
    def _characters(self) -> dict[int, int]:
        pairs = list(zip(self.pattern.nodes, self.nodes, strict=True))
        return {first + a: first + b for first in (NAMES, GRADIENTS) for a, b in pairs}

    def line(self, line: Line, edge: int = 0, own_edge: int = 0) -> Line:
        """A line of the pattern, on the share along `edge`, as a line of this step."""
        if self._same and edge == own_edge:
            return line
        to = dict(zip(self.pattern.nodes, self.nodes, strict=True))

        def key(found: re.Match[str]) -> str:
            number = to[int(found[2])] if found[1] in "vg" else own_edge
            return f'data-number="{found[1]}{number}"'

        def moved(markup: Markup) -> Markup:
            return Markup(_KEY.sub(key, self.text(markup)))

        return replace(
            line,
            symbols=None if line.symbols is None else moved(line.symbols),
            numbers=tuple(map(moved, line.numbers)),
            running=tuple(map(moved, line.running)),
            as_text=self.text(line.as_text),
            choices=tuple(
                Choice(self.text(x.as_text), moved(x.symbols), self.text(x.reason)) for x in line.choices
            ),
        )


class Patterns:
    """The patterns met so far."""

    def __init__(self, symbols: Variables) -> None:
        self.symbols = symbols
        self._known: dict[Hashable, Pattern] = {}

    def at(self, i: int, whole: Expression) -> Occurrence:
        """The pattern of `whole`, the operation of node `i`, at this step."""
        nodes = [i]
        key: list[Hashable] = [whole.operation, whole.shape, repr(whole.settings)]
        shared = all(map(_is_plain, whole.settings.values()))
        for x in whole.inputs:
            node = self.symbols.node_of.get(x) if isinstance(x, Expression) else None
            if node is not None and node not in nodes:
                nodes.append(node)
            place = None if node is None else nodes.index(node)
            shared = shared and (node is not None or x.__class__ in NUMBERS)
            key.append((place, x.shape) if isinstance(x, Expression) else (type(x), repr(x)))
        pattern = self._known.get(tuple(key)) if shared else None
        if pattern is None:
            pattern = Pattern(whole, tuple(nodes))
            if shared:
                self._known[tuple(key)] = pattern
        return Occurrence(pattern, tuple(nodes), self.symbols)


def _is_plain(setting: Any) -> bool:
    """True for a setting that its `repr` tells in full."""
    if isinstance(setting, tuple):
        return all(map(_is_plain, setting))
    return isinstance(setting, _PLAIN)
