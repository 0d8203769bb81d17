"""How the numbers of a Tensor are printed: as NumPy prints them, unless `set_printoptions` says otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.tensor.vocabulary import word

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {},
    "short": {"precision": 2, "edgeitems": 2},
    "full": {"threshold": 2**62},
}
_chosen: dict[str, Any] = {}  # what differs from NumPy's own print options


@word
def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how Tensors are printed.

    `precision` digits after the point; of more than `threshold` numbers only `edgeitems` at each end; lines of
    `linewidth`; `sci_mode` True for 1.5000e+00, False never. `profile`: "default" (NumPy's), "short" or "full".
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions needs profile 'default', 'short' or 'full', got {profile!r}")
    if profile is not None:
        _chosen.clear()
        _chosen.update(_PROFILES[profile])
    given = {
        "precision": precision,
        "edgeitems": edgeitems,
        "max_line_width": linewidth,
        "sci_mode": sci_mode,
    }
    given["threshold"] = None if threshold is None else int(min(threshold, 2**62))
    _chosen.update({name: x for name, x in given.items() if x is not None})


def printed(array: np.ndarray, prefix: str) -> str:
    """The numbers as text, in brackets, with lines after the first indented as far as `prefix` is long."""
    options = dict(_chosen)
    scientific = options.pop("sci_mode", None)
    if scientific and array.dtype.kind == "f":
        digits = options.get("precision", 4)
        options["formatter"] = {"float_kind": lambda x: f"{x:.{digits}e}"}
    if scientific is False:
        options["suppress_small"] = True
    return np.array2string(array, separator=", ", prefix=prefix, **options)
