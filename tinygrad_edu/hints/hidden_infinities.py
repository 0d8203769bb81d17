"""Infinities that became finite numbers again, of which something came that is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable


def finite(x: Any) -> bool:
    """True if no number of `x` is nan or infinite."""
    raw = np.asarray(getattr(x, "raw", x))
    return raw.dtype.kind != "f" or bool(np.isfinite(raw).all())


def first_bad(raw: Any) -> tuple[int, ...]:
    """The index of the first nan, or else of the first infinity."""
    bad = np.isnan(raw) if np.isnan(raw).any() else ~np.isfinite(raw)
    return tuple(int(i) for i in np.argwhere(bad)[0])


def hidden_cause(birth: Variable) -> Variable | None:
    """The oldest result that is not finite and without which `birth` would be, though its own inputs are finite.

    1 / exp(1000) is 0, and its logarithm infinite.
    """
    if birth.operation is None:
        return None
    older = [x for x in reversed(newest_first(birth)) if x is not birth]
    return next((x for x in older if not finite(x) and all(map(finite, x.inputs)) and _mends(x, birth)), None)


def _mends(cause: Variable, result: Variable) -> bool:
    """True if `result` is finite once large numbers stand for the infinite ones of `cause`."""
    large = float(np.finfo(cause.raw.dtype).max) ** 0.5
    values = {cause: np.nan_to_num(cause.raw, nan=0.0, posinf=large, neginf=-large)}
    with np.errstate(all="ignore"):
        for node in reversed(newest_first(result)):
            if any(x in values for x in node.inputs if isinstance(x, Variable)) and node is not cause:
                inputs = [values.get(x, x.raw) if isinstance(x, Variable) else x for x in node.inputs]
                values[node] = node.operation(*inputs, **node.settings)
    return result in values and finite(values[result])
