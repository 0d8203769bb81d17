"""How a constant was made: z > 0, log q, x[0:3], 1 − Y; told by the graph, or seen in its numbers."""

from __future__ import annotations

import dis
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine import provenance
from tinygrad_edu.engine.call_site import CallSite
from tinygrad_edu.engine.node import Node
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import logic
from tinygrad_edu.ops.index import ARRAY, parts_of
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.index_code import short_index

Source = tuple[Expression, np.ndarray]  # the formula of an array, and its numbers

_COMPARISONS = (ops.greater, ops.greater_equal, ops.less, ops.less_equal, ops.equal, ops.not_equal)
_USUAL = (0, 1, 0.5, -1)  # numbers that one compares with
_ENOUGH = 8  # places of a mask that are no coincidence

# Functions of one array, from which another may have been made. Zeros and ones are too often equal by chance.
_Functions = tuple[Callable[[Any], Any], ...]
_COMPLEMENTS: _Functions = (lambda q: 1 - q, lambda q: -q)
_FUNCTIONS: _Functions = (ops.log, ops.exp, ops.sqrt, lambda q: q * q, lambda q: 1 / q, lambda q: q.T)
_ON_MASKS: dict[Any, Callable[..., Any]] = {  # of zeros and ones
    **dict.fromkeys((logic.bitwise_and, logic.logical_and), ops.multiply),
    **dict.fromkeys((logic.bitwise_or, logic.logical_or), ops.maximum),
    **dict.fromkeys((logic.invert, logic.logical_not), lambda m: 1 - m),
}
_SIGNS: _Functions = tuple(functools.partial(lambda c, q: c(q, 0), comparison) for comparison in _COMPARISONS)


def made(leaf: Any, sources: Callable[[Any], Source | None]) -> Expression | None:
    """The formula of a constant that the graph knows to be made of others; None if it does not."""
    found = _computed(leaf, sources)
    return _compared(leaf, sources) if found is None else found


def _compared(leaf: Any, sources: Callable[[Any], Source | None]) -> Expression | None:
    """z > 0, for a constant that the graph knows to be made by a comparison of z."""
    by, site, reference, since = leaf.detachment or (None, None, None, ())
    compared_with = reference() if by in _COMPARISONS and reference is not None else None
    found = None if compared_with is None else sources(compared_with)  # it may be gone
    if found is None or by is None or any(operation is not cast for operation in since):
        return None
    z, numbers = found
    for number in (*_number_before(site), *_USUAL):
        if np.array_equal(by(numbers, number), leaf.raw):  # which a program may have cast to floats
            result: Expression = by(z, number)
            return result
    return None


def _number_before(site: CallSite | None) -> list[float]:
    """The last number that a program names before a call site: 0.3 in z > 0.3."""
    if site is None:
        return []
    code, reached = site
    before = itertools.takewhile(lambda step: step.offset < reached, dis.get_instructions(code))
    return [step.argval for step in before if isinstance(step.argval, int | float) and _is_number(step)][-1:]


def _is_number(step: dis.Instruction) -> bool:
    return step.opname in ("LOAD_CONST", "LOAD_SMALL_INT")


def _computed(leaf: Any, sources: Callable[[Any], Source | None]) -> Expression | None:
    """log q, x[0:3]: for a constant that was computed from constants for which there are formulas."""
    operation, inputs, settings = leaf.origin or _provenance(leaf)
    among = (sources(x) if isinstance(x, Node) else None if x is None else (x, x) for x in inputs)
    found = [source for source in among if source is not None]
    if not found or len(found) < len(inputs) or not is_short(settings):
        return None
    write = _in_formulas(operation, [numbers for _, numbers in found])
    with np.errstate(all="ignore"):
        again = operation(*(numbers for _, numbers in found), **settings)
    if write is None or not _is_same(np.asarray(again), leaf.raw):
        return None
    result: Expression = write(*(formula for formula, _ in found), **settings)
    return result


def _in_formulas(operation: Any, inputs: Sequence[Any]) -> Callable[..., Any] | None:
    """The operation as formulas write it; None if they would not."""
    if operation in _ON_MASKS:
        return _ON_MASKS[operation] if all(getattr(x, "dtype", None) == np.bool_ for x in inputs) else None
    return operation if operation.differentiable or operation.readings.notation is not None else None


def _provenance(leaf: Any) -> tuple[Any, Sequence[Any], Any]:
    if leaf.provenance is None:
        return None, (), {}  # of a leaf, or a chain too long
    operation, _, settings, _ = leaf.provenance
    return operation, provenance.sources(leaf.provenance), settings


def is_short(settings: Mapping[str, Any]) -> bool:
    """True if an index among the settings can be written in a formula."""
    fixed = tuple(part for part in parts_of(settings.get("index")) if part is not ARRAY)
    return short_index(fixed, ()) != "…"


def made_from(array: np.ndarray, sources: Iterable[Source]) -> tuple[Expression, Source] | None:
    """A function of one of the `sources` that has exactly the numbers of `array`, and that source."""
    if not array.size or (array == array.flat[0]).all():
        return None
    binary = _is_binary(array)
    further = _FUNCTIONS if not binary else _SIGNS if array.size >= _ENOUGH else ()
    for q, numbers in sources:
        for make in (*_COMPLEMENTS, *(() if _is_binary(numbers) else further)):
            with np.errstate(all="ignore"):
                made = make(numbers) if numbers.dtype.kind == "f" else None
            if made is not None and _is_same(made, array):
                return make(q), (q, numbers)
    return None


def _is_same(made: np.ndarray, array: np.ndarray) -> bool:
    """True if the numbers are equal; a mask of truth values, which may be an index, is not one of zeros and ones."""
    alike = made.shape == array.shape and (made.dtype.kind == "b") == (array.dtype.kind == "b")
    return alike and np.array_equal(made, array)


def _is_binary(array: np.ndarray) -> bool:
    return bool(np.isin(array, (0, 1)).all())
