"""Steps as written beside captured ones: whatever a call leaves behind must be the same to the last bit."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor, manual_seed, nn
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan import capture


def bits(x: Any) -> Any:
    """What `x` is, in a form that two runs can be compared by."""
    if isinstance(x, nn.Module):
        return bits(list(x.parameters())), bits(list(x.buffers()))
    if isinstance(x, Optimizer):
        params = [p for group in x.param_groups for p in group["params"]]
        return [bits(dict(x.state[p])) for p in params if p in x.state]
    if isinstance(x, Tensor):
        return bits(x.detach().numpy()), x.requires_grad, bits(x.grad) if x.is_leaf else None
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype.str, x.tobytes()
    if isinstance(x, dict):
        return {key: bits(item) for key, item in x.items()}
    if isinstance(x, list | tuple):
        return [bits(item) for item in x]
    return repr(x)


@pytest.fixture
def assert_same():
    """`assert_same(case)`: all calls of `run = case(wrap)` leave the same with `wrap=capture` as without.

    Returns the plans that the case made.
    """

    def check(case: Any, calls: int = 12, **options: Any) -> list[Any]:
        gc.collect()  # plans of other tests keep what they recorded
        plans = []

        def captured(step: Any) -> Any:
            plans.append(capture(step, **options))
            return plans[-1]

        manual_seed(0)
        run = case(lambda step: step)
        expected = [bits(run(i)) for i in range(calls)]
        manual_seed(0)
        run = case(captured)
        for i in range(calls):
            assert bits(run(i)) == expected[i], f"call {i + 1}"
        return plans

    return check
