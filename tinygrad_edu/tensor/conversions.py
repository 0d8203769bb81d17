"""From Tensors to Python, NumPy and text, and copies of leaves by `copy` and `pickle`."""

from __future__ import annotations

import builtins
from copy import deepcopy
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.casting import Casting
from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.vocabulary import word
from tinygrad_edu.text.latex import latex

_PROFILES: dict[str | None, dict[str, Any]] = {
    "default": {},
    "short": {"precision": 2, "edgeitems": 2},
    "full": {"threshold": 2**62},
}
_print_options: dict[str, Any] = {}  # what differs from NumPy's own


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
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions needs profile 'default', 'short' or 'full', got {profile!r}")
        _print_options.clear()
    given = {
        "precision": precision,
        "edgeitems": edgeitems,
        "max_line_width": linewidth,
        "sci_mode": sci_mode,
    }
    given["threshold"] = None if threshold is None else int(min(threshold, 2**62))
    _print_options.update(_PROFILES.get(profile, {}), **{key: x for key, x in given.items() if x is not None})


def _printed(array: np.ndarray) -> str:
    """The numbers as text, in brackets, with lines after the first indented as far as "tensor(" is long."""
    options = dict(_print_options)
    scientific = options.pop("sci_mode", None)
    if scientific and array.dtype.kind == "f":
        digits = options.get("precision", 4)
        options["formatter"] = {"float_kind": lambda x: f"{x:.{digits}e}"}
    if scientific is False:
        options["suppress_small"] = True
    return np.array2string(array, separator=", ", prefix="tensor(", **options)


class Conversions(Casting[R]):
    """The parts of Tensor that look at its numbers from outside."""

    def item(self) -> builtins.float:
        """The only number in it, as a Python number."""
        if self.raw.size != 1:
            raise ValueError(
                f"item needs a single number, but the tensor has shape {self.raw.shape}; use tolist()"
            )
        announce(READ, self)
        return self.raw.item()

    def tolist(self) -> Any:
        """The numbers as nested lists of Python numbers."""
        announce(READ, self)
        return self.raw.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The numbers as a read-only array in the same memory (copy it to change it)."""
        if self.requires_grad and not force:
            raise RuntimeError(
                "NumPy would lose the graph of this tensor without a word; use x.detach().numpy(), and for a "
                "list of tensors stack([...])"
            )
        announce(READ, self)
        # By way of a memoryview: a read-only array can be made writable again, and its base is writable.
        return np.asarray(self.raw.data.toreadonly())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __dlpack__(self, *, copy: builtins.bool | None = None, **options: Any) -> Any:
        """A capsule around a copy of the numbers, so that nobody overwrites them behind the graph's back."""
        if copy is False:
            raise BufferError("a tensor hands out copies of its numbers, not its memory (copy=False)")
        return np.array(self.numpy()).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[builtins.int, builtins.int]:
        return self.raw.__dlpack_device__()

    def __array_namespace__(self, *, api_version: Any = None) -> Any:
        """NumPy: its functions take Tensors and give Tensors with a graph."""
        return np.empty(0).__array_namespace__(api_version=api_version)

    def __bool__(self) -> builtins.bool:
        if self.raw.size != 1:
            raise ValueError(
                f"the truth of a tensor of shape {self.raw.shape} is not defined; use (x > 0).sum() or x.numpy().any()"
            )
        announce(READ, self)
        return self.raw.item() != 0

    def __index__(self) -> builtins.int:
        if self.raw.dtype.kind not in "iub":
            raise TypeError(f"an index needs a whole number, got a tensor of {self.raw.dtype}")
        return int(self.item())

    # fmt: off
    def __float__(self) -> builtins.float: return float(self.item())
    def __int__(self) -> builtins.int: return int(self.item())
    # fmt: on

    # Text.

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.raw.size == 1 else str(self)

    def __repr__(self) -> str:
        notes = []
        if self.raw.dtype.kind == "f" and self.raw.dtype != get_default_dtype():
            notes.append(f"dtype={self.raw.dtype}")
        if self.operation is not None:
            notes.append(f"grad_fn=<{self.operation.name}>")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        if self.name:
            notes.append(f"name={self.name!r}")
        return f"tensor({', '.join([_printed(self.raw), *notes])})"

    def _repr_latex_(self) -> str | None:
        """LaTeX for notebooks, `$...$`; None (plain text is shown) for more than two dimensions."""
        return f"${latex(self.raw)}$" if self.raw.ndim <= 2 else None

    # Copies: a leaf with its numbers, name and a user's attributes, and without hooks into other graphs.

    def __reduce__(self) -> tuple[Any, ...]:
        if self.operation is not None:
            raise RuntimeError(
                "copying and pickling need a leaf, but this tensor was computed; use x.detach()"
            )
        own = {key: x for key, x in vars(self).items() if key != "raw" and not hasattr(type(self), key)}
        return _rebuilt, (type(self), self.raw, self.requires_grad, self.name), own

    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Self:
        _, arguments, own = self.__reduce__()
        result = memo[id(self)] = _rebuilt(*arguments)
        if self._grad is not None:
            gradient = np.asarray(self.raw_grad())  # type: ignore[attr-defined]  # of a Tensor
            result._grad = _rebuilt(self.result_kind, gradient, False, None)
        vars(result).update(deepcopy(own, memo))
        return result


def _rebuilt(kind: Any, array: np.ndarray, requires_grad: bool, name: str | None) -> Any:
    result = kind.__new__(kind)
    result.raw, result.requires_grad, result.name = np.array(array), requires_grad, name
    return result
