"""What to say when NumPy cannot compute an operation: which one, of what, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation

# Where NumPy's own words would not help.
_ADVICE = {
    "matmul": "the last size on the left must equal the second to last on the right",
    "linear": "the rows of x must be as long as those of the weight",
    "reshape": "the number of elements must stay the same",
}


def complaint(
    error: Exception, operation: Operation, values: Sequence[Any], settings: dict[str, Any]
) -> Exception:
    """The same kind of error, in the words of the caller."""
    given = " and ".join(f"shape {x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in values)
    options = "".join(f", {key}={short(value)}" for key, value in settings.items())
    advice = _ADVICE.get(operation.name, str(error))
    if "broadcast" in str(error) and operation.name not in _ADVICE:
        advice = "sizes must be equal or 1, counted from the last"
    return type(error)(f"{operation.name} cannot take {given}{options}; {advice}")
