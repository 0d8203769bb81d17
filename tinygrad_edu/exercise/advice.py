"""Advice against mistakes that look alike: few examples, equal sizes, equal or zero numbers, few decimals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.numbers import number

MIN_EXAMPLES = 3
MIN_DIGITS = 4
MIN_NUMBERS = 4
MAX_GRADIENT = 1000.0
ROUNDING = 1e-13  # what is left of a zero
MIN_GRADIENT_UNITS = 100  # of the last decimal


def advice(exercise: Problem) -> Iterator[str]:
    """A sentence on each property of the exercise that could be better."""
    yield from _on_sizes(exercise)
    yield from on_numbers(exercise)
    if not exercise.asked:
        yield "Ask for a gradient: what is said of values is only which of them is the first wrong one."
    elif sum(x.raw.size for x in exercise.asked.values()) < MIN_NUMBERS:
        yield f"Ask for more arrays: a mistake is only named by {MIN_NUMBERS} numbers or more."
    single = [exercise.label(name) for name, x in exercise.asked.items() if x.raw.size == 1]
    if single:
        yield f"Take a network in which {' and '.join(single)} has more numbers: one number fits many mistakes."
    if exercise.digits < MIN_DIGITS:
        yield f"Ask for {MIN_DIGITS} decimals or more: {exercise.digits} leave room for many mistakes."


def _on_sizes(exercise: Problem) -> Iterator[str]:
    facts = exercise.gradients.suspects.facts
    sizes = {"N": facts.count, **facts.sizes, "K": facts.classes}
    if sizes["N"] < MIN_EXAMPLES:
        yield f"Take {MIN_EXAMPLES} examples or more: with N = {sizes['N']}, sums look like means."
    for size in sorted({n for n in sizes.values() if n > 1}):
        same = " = ".join(name for name, n in sizes.items() if n == size)
        if "=" in same:
            yield f"Make all sizes different: with {same} = {size}, the factors of one look like those of the others."
        if size in (2, 4):
            yield f"Take another size than {same} = {size}: a factor {size} also comes of a square."


def on_numbers(exercise: Problem) -> Iterator[str]:
    """The advice on the numbers, whatever the sizes are."""
    for x in exercise.gradients.suspects.facts.tape.leaves:
        yield from _on_weights(x.name or "a parameter", x.raw)
    yield from _on_gradients(exercise)
    steepest = max(
        float(np.abs(g).max(initial=0)) for g in exercise.gradients.suspects.facts.tape.grads.values()
    )
    if steepest > MAX_GRADIENT:
        yield f"Take smaller weights: a gradient on the way is as large as {steepest:.3g}, as where softmax is flat."


def _on_weights(name: str, array: Array) -> Iterator[str]:
    zeros = int((array == 0).sum())
    if zeros:
        yield f"Let no number of {name} be 0 ({zeros} of {array.size} are): what is multiplied by it cannot be seen."
    if array.ndim == 2 and min(array.shape) > 1:
        for axis, what in ((0, "rows"), (1, "columns")):
            if np.unique(array, axis=axis).shape[axis] < array.shape[axis]:
                yield f"Let no two {what} of {name} be equal: what is exchanged or summed there cannot be seen."
    elif array.size > 1 and (array == array.ravel()[0]).all():
        yield f"Let the numbers of {name} be different."


def _on_gradients(exercise: Problem) -> Iterator[str]:
    unit = 10.0**-exercise.digits
    for name in exercise.asked:
        label, true = exercise.label(name), np.abs(exercise.gradients.true(name))
        largest = float(true.max(initial=0))
        if largest < ROUNDING:
            yield f"{label} is zero whatever the numbers are: nothing wrong in it can be seen but a number that is not."
            continue
        if largest < MIN_GRADIENT_UNITS * unit:
            yield f"Ask for more decimals or take other numbers: no number of {label} is above {number(largest)}."
        for axis, what in ((1, "Row"), (0, "Column")) if true.ndim == 2 else ():
            blank = np.flatnonzero(true.max(axis=axis) < unit / 2)
            if len(blank):
                yield f"{what} {blank[0] + 1} of {label} is zero to these decimals: nothing wrong in it can be seen."
