"""The search for the derivative rule that made a nan, by PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.hints.not_finite import check_finite


class detect_anomaly(check_finite):  # noqa: N801 - PyTorch's name
    """`with detect_anomaly():` raises `RuntimeError` at the first derivative rule of a backward pass that makes a nan.

    The message names the operation, its line in the forward pass, the element and the numbers that met there. Also a
    decorator. `check_finite()` looks at results and at infinities, too.
    """

    error = RuntimeError
    forward = False
    bad: Any = staticmethod(np.isnan)

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__()
        if not check_nan:
            self._bad = lambda raw: np.zeros(np.shape(raw), bool)  # finds nothing


class set_detect_anomaly(detect_anomaly):  # noqa: N801 - PyTorch's name
    """Switches `detect_anomaly` on or off, at once; a `with` block ends it."""

    _switched_on: list[detect_anomaly] = []  # noqa: RUF012 - one list for all: the open switch, if any

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(check_nan)
        while self._switched_on:
            self._switched_on.pop().__exit__()
        if mode:
            super().__enter__()
            self._switched_on.append(self)

    def __enter__(self) -> set_detect_anomaly:
        return self  # it is on, or off, since it was made
