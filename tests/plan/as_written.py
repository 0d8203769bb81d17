"""A plan beside the step as written: what both return and leave behind, call by call."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu import Tensor, manual_seed
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.plan import Plan


def plain(x: Any) -> Any:
    """The numbers of `x` with their dtype, bit for bit, and so of what it contains."""
    if isinstance(x, Tensor):
        return "Tensor", str(x.dtype), repr(x.tolist())
    if isinstance(x, np.ndarray):
        return "array", str(x.dtype), repr(x.tolist())
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [plain(value) for value in x]
    return repr(x)


def history(
    make: Callable[[], Any], calls: Sequence[tuple[Any, ...]], wrap: Callable[[Any], Any]
) -> tuple[list[Any], Any]:
    """What a step returns and leaves in each call, with an error in place of a result; and the wrapped step.

    `make` gives a step, or a step and a function that tells what it leaves.
    """
    manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    made = make()
    step, left = made if isinstance(made, tuple) else (made, lambda: None)
    run, found = wrap(step), []
    for call in calls:
        given = copy.deepcopy(call)
        try:
            result = plain(run(*given))
        except (ValueError, TypeError, IndexError, StopIteration) as error:
            result = type(error), str(error)
        found.append((result, plain(left()), plain(given)))
    return found, run


def assert_as_written(
    make: Callable[[], Any], calls: Sequence[tuple[Any, ...]], *, ready: bool = True, **options: Any
) -> Plan:
    """Assert that a plan of the step does all that the step does, and is ready in the end if it can be; return it."""
    found, plan = history(make, calls, lambda step: capture(step, **options))
    expected, _ = history(make, calls, lambda step: step)

    assert found == expected
    assert plan.ready is ready
    return plan
