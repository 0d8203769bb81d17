"""What is said in words beside a step: broadcasting, kinks, and rules that no formula can follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.steps import Use
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.index import repeats, take
from tinygrad_edu.reading.nodes import array_of
from tinygrad_edu.symbolic.writers.text_writer import text

_AT_ZERO = {"relu": "0", "absolute": "0"}  # where the derivative jumps, and the convention


def remarks_on(thing: Any, uses: list[tuple[Use, Any]], written: dict[int, Any]) -> tuple[str, ...]:
    """The remarks on the gradient of `thing`."""
    name = text(written[id(thing)])
    remarks: list[str] = []
    for use, user in uses:
        if use.formula is None:
            remarks.append(f"no formula: rule of {use.operation}")
        remarks += _repeated(name, thing, user) + _taken(name, user) + _at_kinks(name, thing, use)
    return tuple(dict.fromkeys(remarks))


def _repeated(name: str, thing: Any, user: Any) -> list[str]:
    """`b was used 8 times, so its gradient is the sum of 8 rows`."""
    own, result = array_of(thing).shape, array_of(user).shape
    bias = user.operation.name == "linear" and len(user.inputs) > 2 and user.inputs[2] is thing
    if (
        not (isinstance(user.operation, Elementwise) or user.operation.name == "expand" or bias)
        or own == result
    ):
        return []
    times = int(np.prod(result)) // max(1, int(np.prod(own)))
    if times < 2:
        return []
    return [f"{name} was used {times} times, so its gradient is the sum of {_what(own, result, times)}"]


def _taken(name: str, user: Any) -> list[str]:
    """Of a row that was looked up twice, say."""
    if user.operation is not take or not repeats(user.settings["index"]):
        return []
    return [
        f"scatter puts each gradient back where it was taken from in {name}, and adds up what was taken twice"
    ]


def _what(own: tuple[int, ...], result: tuple[int, ...], times: int) -> str:
    aligned = (1,) * (len(result) - len(own)) + own
    stretched = [i for i, (n, m) in enumerate(zip(aligned, result, strict=True)) if n != m]
    if len(result) == 2 and len(stretched) == 1:
        return f"{times} {'rows' if stretched == [0] else 'columns'}"
    return f"{times} numbers" if int(np.prod(own)) == 1 else f"{times} parts"


def _at_kinks(name: str, thing: Any, use: Use) -> list[str]:
    convention = _AT_ZERO.get(use.operation)
    count = int((array_of(thing) == 0).sum()) if convention else 0
    if not count:
        return []
    where = f"{count} number{'s' * (count != 1)} of {name} {'is' if count == 1 else 'are'} exactly 0"
    return [f"{where}, where {use.operation} has no derivative; {convention} is taken"]
