"""Leaves as symbols, and what is known of their numbers: 1 − Y is seen to be that, rows that sum to 1 are noticed."""

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
_SUM_TO_ONE = 1e-12


class Leaves:
    """What stands for each leaf in formulas (`of`), the numbers of all symbols (`values`), and `facts` used."""

    def __init__(self, outline: Outline, names: Mapping[str, Any] | None) -> None:
        self.of: dict[Any, Any] = {}
        self.values: dict[Expression, np.ndarray] = {}
        self.facts: list[str] = []
        self._masks: dict[int, int] = {}
        self._constants: set[int] = set()
        self._sources: list[tuple[Expression, np.ndarray]] = []
        self._named = {name: x for name, x in (names or {}).items() if not name.startswith("_")}
        for leaf in outline.leaves:
            array = outline.computation.array(leaf)
            self.of[leaf] = self._expression(leaf, outline.names.get(leaf, ""), array)

    def _expression(self, leaf: Any, name: str, array: np.ndarray) -> Any:
        if gets_gradient(leaf):
            return self.add(name or "w", array)
        if not array.ndim and not name:
            number = array.item()
            return int(number) if number == number // 1 and abs(number) < 2**52 else number
        if array.dtype == np.bool_:
            return self._mask(name, array)
        formula = _FORMULA.fullmatch(name)
        made = self._made_from_another(array, formula) if formula or re.fullmatch(r"[yc]\d*", name) else None
        if made is not None:
            return made
        constant = symbol(name, array.shape)
        self._remember(constant, array)
        return constant

    def _remember(self, constant: Expression, array: np.ndarray) -> None:
        if id(constant) not in self._constants:
            self.values[constant] = array
            self._constants.add(id(constant))
            self._sources.append((constant, array))

    def add(self, name: str, array: np.ndarray, *, by: tuple[str, ...] = ()) -> Expression:
        """A symbol with these numbers."""
        new = symbol(name, array.shape, by=by)
        self.values[new] = array
        return new

    def _mask(self, name: str, array: np.ndarray) -> Expression:
        mask = symbol(name, array.shape, mask=True)
        self.values[mask] = array
        if array.size and array.all() == array.any():
            self._masks[id(mask)] = int(array.all())
        return mask

    def _made_from_another(self, array: np.ndarray, formula: re.Match[str] | None) -> Any:
        """−Y or 1 − Y, if this is exactly that of another constant Y."""
        for source, numbers in [*self._sources, *self._named_arrays(array.shape)]:
            for made, of in ((1 - numbers, 1 - source), (-numbers, -source)):
                if numbers.shape == array.shape and np.array_equal(made, array):
                    self._remember(source, numbers)
                    return of
        if formula is None or any(source.name == formula[2] for source in self.values):
            return None
        numbers = -array if formula[1] == "-" else 1 - array
        source = symbol(formula[2], array.shape)
        self._remember(source, numbers)
        return -source if formula[1] == "-" else 1 - source

    def _named_arrays(self, shape: tuple[int, ...]) -> list[tuple[Expression, np.ndarray]]:
        found = []
        for name, x in self._named.items():
            raw = getattr(x, "raw", x)
            if (
                isinstance(raw, np.ndarray)
                and raw.shape == shape
                and raw.dtype.kind in "fiu"
                and not wants(x)
            ):
                found.append((symbol(name, shape), raw))
        return found

    def known(self, part: Expression) -> float | None:
        """The number that is in every place of `part`: a mask, or the sums of the targets."""
        if id(part) in self._masks:
            self._note(
                "where(…) took the same side for every number of this run, so that only this side is written"
            )
            return self._masks[id(part)]
        if part.operation is not reduce.sum or id(part.inputs[0]) not in self._constants:
            return None
        sums = self.values[part.inputs[0]].sum(axis=part.settings["dims"])
        if not sums.ndim or not sums.size or np.abs(sums - 1).max() > _SUM_TO_ONE:
            return None
        self._note(f"each row of {text(part.inputs[0])} sums to 1")
        return 1

    def _note(self, fact: str) -> None:
        if fact not in self.facts:
            self.facts.append(fact)


def wants(x: Any) -> bool:
    """Whether `x` is a result or gets a gradient, and so is no constant."""
    return bool(getattr(x, "requires_grad", False))
