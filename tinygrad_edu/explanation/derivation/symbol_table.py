"""Symbols for the leaves of a graph, and facts about their numbers: 1 − Y is recognized, rows that sum to 1 noted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.node import gets_gradient
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.ops import reduce
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import text

_FORMULA = re.compile(r"(-|1 - )(\w+)")  # the name of a constant made from another
_SUM_TO_ONE = 1e-12  # how far a sum may be from 1 by rounding
_MAX_EXACT = 2**52  # beyond, floats are not exact whole numbers


class SymbolTable:
    """The symbols of a derivation with their numbers (`values`); `facts` about numbers that formulas rely on.

    `of_leaf` has the symbol of each leaf, or the number or formula that is written in its place.
    """

    def __init__(self, outline: Outline, names: Mapping[str, Any] | None) -> None:
        self.of_leaf: dict[Any, Any] = {}
        self.values: dict[Expression, np.ndarray] = {}
        self.facts: list[str] = []
        self._uniform: dict[Expression, int] = {}  # the number in every place of a mask
        self._constants: dict[Expression, np.ndarray] = {}
        self._arrays = _arrays(names or {})
        for leaf in outline.computation.leaves:
            array = outline.computation.array(leaf)
            self.of_leaf[leaf] = self._written(leaf, outline.names.of.get(leaf, ""), array)

    def _written(self, leaf: Any, name: str, array: np.ndarray) -> Any:
        if gets_gradient(leaf):
            return self.add(name or "w", array)
        if not array.ndim and not name:
            number = array.item()
            return int(number) if number == number // 1 and abs(number) < _MAX_EXACT else number
        if array.dtype == np.bool_:
            return self._mask(name, array)
        formula = _FORMULA.fullmatch(name)
        made = self._made_from_another(array, formula) if formula or re.fullmatch(r"[yc]\d*", name) else None
        return self._noted(symbol(name, array.shape), array) if made is None else made

    def _noted(self, constant: Expression, array: np.ndarray) -> Expression:
        """`constant`, with its numbers in the table."""
        if constant not in self._constants:
            self.values[constant] = self._constants[constant] = array
        return constant

    def add(self, name: str, array: np.ndarray, *, by: tuple[str, ...] = ()) -> Expression:
        """A new symbol with the numbers `array`."""
        new = symbol(name, array.shape, by=by)
        self.values[new] = array
        return new

    def _mask(self, name: str, array: np.ndarray) -> Expression:
        mask = symbol(name, array.shape, mask=True)
        self.values[mask] = array
        if array.size and array.all() == array.any():
            self._uniform[mask] = int(array.all())
        return mask

    def _made_from_another(self, array: np.ndarray, formula: re.Match[str] | None) -> Any:
        """−Y or 1 − Y, if `array` is exactly that of another constant Y."""
        named = [(symbol(name, x.shape), x) for name, x in self._arrays.items() if x.shape == array.shape]
        for source, numbers in [*self._constants.items(), *named]:
            for made, of in ((1 - numbers, 1 - source), (-numbers, -source)):
                if numbers.shape == array.shape and np.array_equal(made, array):
                    self._noted(source, numbers)
                    return of
        if formula is None or any(source.name == formula[2] for source in self.values):
            return None
        numbers = -array if formula[1] == "-" else 1 - array
        source = self._noted(symbol(formula[2], array.shape), numbers)
        return -source if formula[1] == "-" else 1 - source

    def known(self, part: Expression) -> float | None:
        """The number in every place of `part`: of a mask, or of the sums of the targets."""
        if part in self._uniform:
            self._note(
                "where(…) took the same side for every number of this run, so that only this side is written"
            )
            return self._uniform[part]
        if part.operation is not reduce.sum or part.inputs[0] not in self._constants:
            return None
        sums = self.values[part.inputs[0]].sum(axis=part.settings["dims"])
        if not sums.ndim or not sums.size or np.abs(sums - 1).max() > _SUM_TO_ONE:
            return None
        self._note(f"each row of {text(part.inputs[0])} sums to 1")
        return 1

    def _note(self, fact: str) -> None:
        if fact not in self.facts:
            self.facts.append(fact)


def _arrays(names: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The constant arrays of numbers among the variables of the caller."""
    raw = {
        name: getattr(x, "raw", x)
        for name, x in names.items()
        if not name.startswith("_") and not getattr(x, "requires_grad", False)
    }
    return {name: x for name, x in raw.items() if isinstance(x, np.ndarray) and x.dtype.kind in "fiu"}
