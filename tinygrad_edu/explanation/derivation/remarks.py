"""Remarks beside a step: broadcasting, kinks, and rules that no formula can follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.steps import Use
from tinygrad_edu.ops import contractions, elementwise, shape
from tinygrad_edu.ops.index import repeats, take
from tinygrad_edu.reading.nodes import Computation

_AT_ZERO = {elementwise.relu: "0", elementwise.absolute: "0"}  # the derivative that is taken where it jumps


def remarks_on(
    node: Any, name: str, uses: list[tuple[Use, Any]], computation: Computation
) -> tuple[str, ...]:
    """The remarks on the gradient of `node`, with the name `name`; `uses` are pairs of a use and the result of it."""
    array = computation.array(node)
    remarks: list[str] = []
    for use, user in uses:
        if use.formula is None:
            remarks.append(f"no formula: rule of {use.operation}")
        if _is_repeated(node, user):
            remarks += _repeated(name, array.shape, computation.array(user).shape)
        remarks += _taken(name, user) + _at_kinks(name, array, user)
    return tuple(dict.fromkeys(remarks))


def _is_repeated(node: Any, user: Any) -> bool:
    """True if `user` repeats the numbers of `node` where shapes differ."""
    bias = user.operation is contractions.linear and len(user.inputs) > 2 and user.inputs[2] is node
    return bias or user.operation is shape.expand or isinstance(user.operation, elementwise.Elementwise)


def _repeated(name: str, own: tuple[int, ...], result: tuple[int, ...]) -> list[str]:
    """The remark `b was used 8 times, so its gradient is the sum of 8 rows`."""
    times = int(np.prod(result)) // max(1, int(np.prod(own)))
    if own == result or times < 2:
        return []
    return [f"{name} was used {times} times, so its gradient is the sum of {_parts(own, result, times)}"]


def _taken(name: str, user: Any) -> list[str]:
    """The remark on an index that may take an element twice, such as a row of an embedding."""
    if user.operation is not take or not repeats(user.settings["index"]):
        return []
    return [f"each gradient goes back to where it was taken from in {name}, and what was taken twice adds up"]


def _parts(own: tuple[int, ...], result: tuple[int, ...], times: int) -> str:
    """`8 rows`: the parts of the gradient of the result that are added up."""
    aligned = (1,) * (len(result) - len(own)) + own
    stretched = [i for i, (n, m) in enumerate(zip(aligned, result, strict=True)) if n != m]
    if len(result) == 2 and len(stretched) == 1:
        return f"{times} {'rows' if stretched == [0] else 'columns'}"
    return f"{times} numbers" if int(np.prod(own)) == 1 else f"{times} parts"


def _at_kinks(name: str, array: np.ndarray, user: Any) -> list[str]:
    convention = _AT_ZERO.get(user.operation)
    count = int((array == 0).sum()) if convention else 0
    if not count:
        return []
    where = f"{count} number{'s' * (count != 1)} of {name} {'is' if count == 1 else 'are'} exactly 0"
    return [f"{where}, where {user.operation.name} has no derivative; {convention} is taken"]
