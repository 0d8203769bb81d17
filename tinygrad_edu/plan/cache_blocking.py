"""Sweeps: calls on the same large arrays, each on every number by itself, done together piece by piece.

What one call writes is then still in the cache when the next one reads it: an update by SGD takes half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.recording import Call, Slot

PIECE = 1 << 18  # bytes of each array: a few of them fit the second level of any cache
_WORTH_IT = 2 * PIECE

# Rounded correctly, so that a number does not depend on where in an array it stands; that of exp may.
_EXACT = frozenset({
    np.add, np.subtract, np.multiply, np.true_divide, np.negative, np.absolute, np.sqrt, np.maximum, np.minimum,
})  # fmt: skip

Fixed = Callable[[Slot], np.ndarray | None]


def sweep_from(number: int, calls: Sequence[Call], fixed: Fixed) -> range:
    """Which calls, from `number` on, can be done together; empty if that brings nothing."""
    like = calls[number].result.example
    if like.nbytes < _WORTH_IT or not like.flags.c_contiguous:
        return range(0)
    made: set[Slot] = set()
    end = number
    while end < len(calls) and _fits(calls[end], like, made, fixed):
        if calls[end].operation is not ASSIGN:
            made.add(calls[end].result)
        end += 1
    if end < len(calls) and calls[end].operation is ASSIGN:
        end -= 1  # the last one may be written right into what is overwritten next, wherever that is
    sweep = range(number, max(number, end))
    slots = {slot for i in sweep for slot in (*calls[i].slots(), calls[i].result)}
    places = [array for slot in slots - made if (array := fixed(slot)) is not None]
    apart = all(_same_place(a, b) or not np.may_share_memory(a, b) for a, b in combinations(places, 2))
    return sweep if len(sweep) > 1 and apart else range(0)


def pieces(arrays: Sequence[np.ndarray], whole: Sequence[bool]) -> list[tuple[np.ndarray, ...]]:
    """Views of one piece after the other; of what is not `whole` always the same piece, to be written anew."""
    length, count = PIECE // arrays[0].itemsize, arrays[0].size
    scratch = {id(a): np.empty(length, a.dtype) for a, keeps in zip(arrays, whole) if not keeps}
    flat = [a.reshape(-1) for a in arrays]
    return [
        tuple(
            scratch[id(a)][: min(length, count - start)] if id(a) in scratch else x[start : start + length]
            for a, x in zip(arrays, flat)
        )
        for start in range(0, count, length)
    ]


def _fits(call: Call, like: np.ndarray, made: set[Slot], fixed: Fixed) -> bool:
    assigns = call.operation is ASSIGN
    if not (assigns or call.operation.forward in _EXACT) or not _alike(call.result.example, like):
        return False
    if call.result.root.kind != ("state" if assigns else "result"):
        return False
    return all(slot in made or _is_at_hand(fixed(slot), like) for slot in call.slots())


def _is_at_hand(array: np.ndarray | None, like: np.ndarray) -> bool:
    return array is not None and (array.ndim == 0 or _alike(array, like))


def _alike(array: np.ndarray, like: np.ndarray) -> bool:
    return array.shape == like.shape and array.dtype == like.dtype and array.flags.c_contiguous


def _same_place(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.__array_interface__["data"] == b.__array_interface__["data"]


def sweep_text(names: Sequence[str], lines: Sequence[str]) -> str:
    """A function that does `lines` for one piece after the other."""
    body = "".join(f"        {line}\n" for line in lines)
    return f"def sweep():\n    for {', '.join(names)}, in pieces:\n{body}"
