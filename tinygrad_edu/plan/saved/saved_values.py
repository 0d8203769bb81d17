"""Arguments, settings and results of a program as plain values, which `tinygrad_edu.save` writes, and back.

| value | written |
|---|---|
| None, number, text, bytes, dtype, array | itself |
| tuple, list | a tuple or list of what is written for its items |
| dict, slice, range | `{"dict": [(key, value), ...]}`, `{"slice": (start, stop, step)}`, `{"range": ...}` |
| `...`, the place of row numbers in an index | `{"mark": "ellipsis"}`, `{"mark": "rows"}` |
| array of a program | `{"input": 0}`, `{"state": 2}`, `{"constant": 1}`, `{"result": 7}`: its number among these |
| hyperparameter | `{"setting": "lr"}` |
| random draw | `{"draw": {"sampler": "bernoulli", "settings": ..., "generator": 0}}` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.io.npz import KINDS
from tinygrad_edu.ops.index import ARRAY

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_MARKS = {"ellipsis": ..., "rows": ARRAY}


def written(x: Any, of_program: Callable[[Any], Any]) -> Any:
    """`x` as a plain value. `of_program(x)` writes what stands for an array or a number of the program, else None.

    Raises `TypeError`, naming what cannot be written.
    """
    found = of_program(x)
    if found is not None:
        return found
    if x.__class__ in _PLAIN or getattr(getattr(x, "dtype", x), "kind", "") in tuple(KINDS):
        return x
    if isinstance(x, type) and issubclass(x, np.generic):
        return np.dtype(x)
    if isinstance(x, tuple | list) and not hasattr(x, "_fields"):
        return (list if isinstance(x, list) else tuple)([written(item, of_program) for item in x])
    if x.__class__ is dict:
        return {"dict": [(written(key, of_program), written(x[key], of_program)) for key in x]}
    if isinstance(x, slice | range):
        return {type(x).__name__: tuple(written(n, of_program) for n in (x.start, x.stop, x.step))}
    for name, mark in _MARKS.items():
        if x is mark:
            return {"mark": name}
    raise TypeError(f"{type(x).__name__} {short(x)}")


def read(x: Any, of_program: Mapping[str, Callable[[Any], Any]]) -> Any:
    """The value that is written as `x`. Raises an error for what nobody writes."""
    if isinstance(x, tuple | list):
        return type(x)(read(item, of_program) for item in x)
    if isinstance(x, np.dtype) and x.kind not in "fiub":
        raise TypeError(f"no array is of {x}")
    if not isinstance(x, dict):
        return x
    ((kind, content),) = x.items()
    if kind in of_program:
        return of_program[kind](content)
    if kind == "dict":
        return {read(key, of_program): read(value, of_program) for key, value in content}
    if kind == "mark":
        return _MARKS[content]
    return {"slice": slice, "range": range}[kind](*(read(n, of_program) for n in content))


def at(items: Sequence[Any], number: Any) -> Any:
    """The item with this number, which is counted from 0."""
    if number.__class__ is not int or not 0 <= number < len(items):
        raise IndexError(f"number {short(number)} of {len(items)}")
    return items[number]


# Arrays with the order of their dimensions in memory, by which NumPy chooses in what order it adds.


def order_of(array: np.ndarray) -> tuple[int, ...]:
    """The dimensions, from the one with the longest steps in memory to that with the shortest."""
    return tuple(sorted(range(array.ndim), key=lambda dim: -abs(array.strides[dim])))


def packed(array: np.ndarray) -> dict[str, Any]:
    """An array as one in rows, with the order of its dimensions."""
    order = order_of(array)
    return {"array": np.asarray(array.transpose(order), order="C"), "order": order}


def unpacked(entry: dict[str, Any]) -> np.ndarray:
    """The array of `packed`."""
    array: np.ndarray = entry["array"]
    if array.dtype.kind not in "fiub":
        raise TypeError(f"no array is of {array.dtype}")
    return in_order(array, entry["order"])


def in_order(array: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """An array in rows with its dimensions named as before: the first has number `order[0]`."""
    if sorted(order) != list(range(array.ndim)):
        raise ValueError(f"{short(order)} is no order of {array.ndim} dimensions")
    return array.transpose([order.index(dim) for dim in range(array.ndim)])
