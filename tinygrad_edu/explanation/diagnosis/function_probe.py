"""Gradients submitted as a function: run on other numbers too, which tells apart mistakes alike on one example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis, Explanation
from tinygrad_edu.explanation.diagnosis.recorded_arrays import record
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

EXTRA_RUNS = 2  # besides that on the numbers given
NOT_ON_OTHERS = "What fits on these numbers does not fit on others: no known mistake explains this."

Arrays = dict[str, Array]
Judge = Callable[[Tensor, Mapping[Any, Any]], Diagnosis]


def diagnose_function(
    judge: Judge,
    loss_fn: Callable[..., Tensor],
    submitted: Callable[..., Any],
    wrt: Mapping[str, Any],
    data: Mapping[str, Any],
) -> Diagnosis:
    """The diagnosis of `submitted(**arrays) -> {name: gradient}` for `loss_fn(**tensors)`.

    `wrt` are the arrays whose gradients are asked, by name, `data` all others. The function is run on these numbers,
    and on random `wrt` with one more example, a row or a column, in `data`.
    Raises `TypeError` or `ValueError` for arguments or results of another kind.
    """
    _check_functions(loss_fn, wrt, data)
    parameters = {name: np.array(getattr(x, "raw", x), float) for name, x in wrt.items()}
    others = {name: np.array(getattr(x, "raw", x)) for name, x in data.items()}
    found = [_once(judge, loss_fn, submitted, parameters, others)]
    rng = np.random.default_rng(0)
    for _ in range(EXTRA_RUNS):
        others = _one_more(loss_fn, parameters, others)
        found.append(_once(judge, loss_fn, submitted, _random(parameters, rng), others))
    return _agreed(found)


def computed(
    loss_fn: Callable[..., Any], wrt: Mapping[str, Any], data: Mapping[str, Any]
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of a function of arrays, with its graph, and the tensors in place of the arrays in `wrt`.

    Raises `TypeError` if the function returns something else than a number that it computed from its arguments.
    """
    _check_functions(loss_fn, wrt, data)
    arrays = {name: np.array(getattr(x, "raw", x), float) for name, x in wrt.items()}
    others = {name: np.array(getattr(x, "raw", x)) for name, x in data.items()}
    tensors = {name: Tensor(array, requires_grad=True, name=name) for name, array in arrays.items()}
    constants = {name: Tensor(array, name=name) for name, array in others.items()}
    plain = _on_arrays(loss_fn, {**arrays, **others})
    in_numpy = isinstance(plain, float | np.ndarray)
    loss = record(loss_fn, {**tensors, **constants}) if in_numpy else loss_fn(**tensors, **constants)
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"diagnose needs a loss function whose result is computed from its arguments, got "
            f"{type(loss).__name__} {short(loss)}; leave float(), .item() and copies by np.array() out of it"
        )
    if in_numpy and not np.allclose(loss.raw, plain, equal_nan=True):
        raise ValueError(
            f"diagnose needs a loss function that gives the same loss at every call: got {plain:.6g}, and "
            f"{loss.item():.6g} where its computation was recorded; keep its random numbers the same, and change "
            "no part of an array in place through another name: write y = x.copy() first"
        )
    return loss, tensors


def _on_arrays(loss_fn: Callable[..., Any], arrays: Arrays) -> Any:
    """The loss of plain arrays; None if the function is not written in NumPy."""
    with np.errstate(all="ignore"):
        try:
            return loss_fn(**{name: array.copy() for name, array in arrays.items()})
        except Exception:  # PyTorch's methods, for example, which arrays do not have
            return None


def _check_functions(loss_fn: Any, wrt: Any, data: Any) -> None:
    if not callable(loss_fn):
        raise TypeError(
            f"diagnose needs the loss as a function of the tensors if a function was handed in: "
            f"got {type(loss_fn).__name__} {short(loss_fn)}"
        )
    for name, arrays in (("wrt", wrt), ("data", data)):
        if not isinstance(arrays, Mapping):
            raise TypeError(
                f"diagnose needs {name} as {{'name': array, ...}} if a function was handed in: "
                f"got {type(arrays).__name__} {short(arrays)}"
            )


def _once(
    judge: Judge, loss_fn: Callable[..., Tensor], submitted: Callable[..., Any], wrt: Arrays, data: Arrays
) -> Diagnosis:
    loss, tensors = computed(loss_fn, wrt, data)
    copies = {name: array.copy() for name, array in {**wrt, **data}.items()}
    answer = submitted(**copies)
    if not isinstance(answer, Mapping):
        if len(wrt) != 1:
            raise TypeError(
                f"diagnose needs a function that returns a gradient for each of {', '.join(wrt)}, as a dict: "
                f"got {type(answer).__name__} {short(answer)}"
            )
        answer = {next(iter(wrt)): answer}
    if unknown := [name for name in answer if name not in tensors]:
        raise ValueError(
            f"diagnose needs gradients of {', '.join(wrt)} from the function: got one of {short(unknown[0])}"
        )
    return judge(loss, {tensors[name]: g for name, g in answer.items()})


def _random(arrays: Arrays, rng: np.random.Generator) -> Arrays:
    """Arrays of other numbers of the same size."""
    return {name: rng.normal(size=a.shape) * (np.std(a) or 1) for name, a in arrays.items()}


def _one_more(loss_fn: Callable[..., Any], wrt: Arrays, data: Arrays) -> Arrays:
    """The arrays with the first example once more, at the end: the data as they are if the function refuses both ways.

    Examples are the rows, or else the columns.
    """
    for axis in (0, -1):
        more = _longer(data, axis)
        try:
            computed(loss_fn, wrt, more)
        except Exception:  # whatever a function raises whose arrays do not fit each other
            continue
        return more
    return data


def _longer(data: Arrays, axis: int) -> Arrays:
    """The arrays that have a line along `axis` for each example with the first line once more."""
    count = max((a.shape[axis] for a in data.values() if a.ndim), default=0)
    return {
        name: np.concatenate([a, a.take([0], axis)], axis) if a.ndim and a.shape[axis] == count else a
        for name, a in data.items()
    }


def _agreed(found: list[Diagnosis]) -> Diagnosis:
    """The diagnosis that holds for every run."""
    first = found[0]
    wrong = [d for d in found if not d.right]
    if not wrong:
        return first
    common = [e for e in _all(wrong[0]) if all(any(same(e, other) for other in _all(d)) for d in wrong)]
    if not common:
        return replace(
            wrong[0], verdict="unknown", explanations=[], tell_apart="", reason=NOT_ON_OTHERS, possible=[]
        )
    verdict = "mistake" if len({e.mistake for e in common}) == 1 else "tie"
    return replace(wrong[0], verdict=verdict, explanations=common, reason="", possible=[])  # type: ignore[arg-type]


def _all(d: Diagnosis) -> list[Explanation]:
    return [*d.explanations, *d.possible]


def same(one: Explanation, other: Explanation) -> bool:
    """True if both explanations name the same mistake at the same place, in one graph or in two with other numbers."""
    return (one.mistake, one.place, one.wrote) == (other.mistake, other.place, other.wrote)
