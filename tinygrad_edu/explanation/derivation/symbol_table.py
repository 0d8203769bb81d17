"""Symbols for the leaves of a graph, and facts about their numbers: 1 − Y is recognized, rows that sum to 1 noted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine import provenance
from tinygrad_edu.engine.node import Node, gets_gradient
from tinygrad_edu.explanation.derivation import constant_sources
from tinygrad_edu.explanation.derivation.outline import Outline
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce
from tinygrad_edu.ops.index import ARRAY, one_hot, parts_of
from tinygrad_edu.reading.names import Names
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import Expression, number_in, symbol
from tinygrad_edu.symbolic.writers.index_code import with_named_arrays
from tinygrad_edu.symbolic.writers.text_writer import text

_FORMULA = re.compile(r"(-|1 - )(\w+)")  # the name of a constant made from another
_SUM_TO_ONE = 1e-12  # how far a sum may be from 1 by rounding
_MAX_EXACT = 2**52  # beyond, floats are not exact whole numbers


class SymbolTable:
    """The symbols of a derivation with their numbers (`values`); `facts` about numbers that formulas rely on."""

    def __init__(self, outline: Outline, names: Names, again: Mapping[Any, Any]) -> None:
        self._again = again  # what stands for nodes that were computed again
        self._known = names
        self._names, self._array = outline.names, outline.computation.array
        self.values: dict[Expression, np.ndarray] = {}
        self.facts: list[str] = []
        self._uniform: dict[Expression, int] = {}  # the number in every place of a mask
        self._constants: dict[Expression, np.ndarray] = {}
        named = [x for x in outline.computation.leaves if x in self._names.chosen and not gets_gradient(x)]
        self._named = {x: (symbol(self._names.of[x], x.shape), self._array(x)) for x in named}
        self._arrays_of_user = [(name, x) for name, x in names.arrays if x.dtype.kind in "fiub"]
        self._arrays = [(symbol(name, x.shape), x) for name, x in self._arrays_of_user if x.dtype.kind == "f"]

    def written(self, leaf: Any, results: dict[Any, Any]) -> Any:
        """The symbol of `leaf`, or the number or formula in its place; `results` are the formulas of older nodes."""
        name, array = self._names.of.get(leaf, ""), self._array(leaf)
        if gets_gradient(leaf):
            return self.add(name or "w", array)
        if not array.ndim and not name:
            number = array.item()
            return int(number) if number == number // 1 and abs(number) < _MAX_EXACT else number
        if array.dtype == np.bool_ and array.size and array.all() == array.any():
            return self._uniform_mask(name, array)
        formula = _FORMULA.fullmatch(name)
        if formula or leaf not in self._names.chosen:
            made = self._made(leaf, array, formula, results)
            if made is not None:
                return made
        if array.dtype == np.bool_:
            return self._mask(name, array)
        if leaf in self._named:
            return self._noted(*self._named[leaf])
        return self._noted(symbol(name, array.shape), array)

    def _made(
        self, leaf: Any, array: np.ndarray, formula: re.Match[str] | None, results: dict[Any, Any]
    ) -> Any:
        """How the constant was made: x[0:3], z > 0, 1 − Y; None if nobody knows."""
        ways: list[Callable[[], Any]] = [
            lambda: constant_sources.made(leaf, lambda node: self._source(node, results)),
            lambda: self._made_from_another(array, formula),
            lambda: self._made_from_unnamed(leaf, results),
        ]
        if formula is not None:  # what its name tells comes first
            ways = [ways[1], ways[0]]
        return next((made for way in ways if (made := way()) is not None), None)

    def _source(self, node: Any, results: dict[Any, Any]) -> constant_sources.Source | None:
        """The formula of a constant that has a name, or was made of some that have; None if there is none."""
        node = self._again.get(node, node)
        if node.operation is None and node not in results:
            if not self._is_named(node):
                made = constant_sources.made(node, lambda x: self._source(x, results))
                return None if made is None else (made, self._array(node))
            results[node] = self.written(node, results)
        known = results.get(node)
        return (known, self._array(node)) if isinstance(known, Expression) else None

    def _made_from_unnamed(self, leaf: Any, results: dict[Any, Any]) -> Any:
        """log y for a function of one constant without a name, which gets the letter that `leaf` would have."""
        of = getattr(leaf, "provenance", None)
        nodes = [] if of is None else [x for x in provenance.sources(of) if isinstance(x, Node)]
        if len(nodes) != 1 or nodes[0].operation is not None or gets_gradient(nodes[0]):
            return None
        self._names.of.setdefault(nodes[0], self._names.of[leaf])
        return constant_sources.made(leaf, lambda node: self._source(node, results))

    def _is_named(self, node: Any) -> bool:
        """True if `node` has a name, which may be one that nothing in the graph has."""
        if node not in self._names.of:
            name = self._known.find(node)
            if name and self._names.take(name):
                self._names.of[node] = name
        return node in self._names.of

    def indexed(
        self, inputs: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The inputs and settings of an operation, with symbols for the arrays of an index too long to be written."""
        fixed = tuple(part for part in parts_of(settings.get("index")) if part is not ARRAY)
        if not any(map(_is_array, fixed)) or constant_sources.is_short(settings):
            return inputs, dict(settings)
        return with_named_arrays(inputs, settings, self._index_symbol)

    def _index_symbol(self, array: np.ndarray) -> Expression:
        for known, numbers in self._constants.items():
            if np.array_equal(numbers, array):
                return known
        letter = "m" if array.dtype == np.bool_ else "i"
        names = [name for name, x in self._arrays_of_user if np.array_equal(x, array)]
        wishes = itertools.chain(names, [letter], (f"{letter}{n}" for n in itertools.count(1)))
        name = next(name for name in wishes if self._names.take(name))
        return self._noted(symbol(name, array.shape, mask=array.dtype == np.bool_), array)

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
        return mask

    def _uniform_mask(self, name: str, array: np.ndarray) -> Expression:
        mask = self._mask(name, array)
        self._uniform[mask] = int(array.all())
        return mask

    def _made_from_another(self, array: np.ndarray, formula: re.Match[str] | None) -> Any:
        """−Y, log(Y) and so on, if `array` is exactly that of another constant Y."""
        found = constant_sources.made_from(
            array, [*self._constants.items(), *self._named.values(), *self._arrays]
        )
        if found is not None:
            self._noted(*found[1])
            return found[0]
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
        if part.operation in (ops.equal, ops.not_equal) and number_in(part.inputs[1]) == 0:
            return self._uniform_comparison(part)
        if part.operation is not reduce.sum or not self._is_target(part.inputs[0]):
            return None
        sums = evaluate(part.inputs[0], self.values).sum(axis=part.settings["dims"])
        if part.settings["dims"] is None and part.inputs[0].operation is one_hot:
            return int(sums)
        if not sums.ndim or not sums.size or np.abs(sums - 1).max() > _SUM_TO_ONE:
            return None
        last = part.settings["dims"] == (part.inputs[0].ndim - 1,)
        along = "each row of" if last else f"along dim {', '.join(map(str, part.settings['dims']))}"
        self._note(f"{along} {text(part.inputs[0])} sums to 1")
        return 1

    def _is_target(self, x: Expression) -> bool:
        """True for a constant, and for the one-hot rows of one."""
        return x in self._constants or (x.operation is one_hot and x.inputs[0] in self._constants)

    def _uniform_comparison(self, part: Expression) -> float | None:
        """1 or 0, where no number of x is 0, or each of them, for [x = 0] and [x ≠ 0]; as rules ask at kinks."""
        found = evaluate(part, self.values)
        if not found.size or found.min() != found.max():
            return None
        is_zero = found.flat[0] == (part.operation is ops.equal)
        self._note(f"{'every' if is_zero else 'no'} number of {text(part.inputs[0])} is 0")
        return int(found.flat[0])

    def _note(self, fact: str) -> None:
        if fact not in self.facts:
            self.facts.append(fact)


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)
