"""From Tensors to Python and NumPy, and from one dtype to another."""

from __future__ import annotations

import builtins
from typing import Any, Generic, overload

import numpy as np

from tinygrad_edu.engine.graph import READ, Variable, announce
from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.coerce import real_dtype


class Conversions(Variable, Generic[R]):
    """The parts of Tensor that look at its numbers from outside."""

    raw: np.ndarray

    @property
    def shape(self) -> tuple[builtins.int, ...]:
        """The size of every dimension."""
        return self.raw.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype of the numbers."""
        return self.raw.dtype

    @property
    def ndim(self) -> builtins.int:
        """The number of dimensions."""
        return self.raw.ndim

    @property
    def nbytes(self) -> builtins.int:
        """The bytes that the numbers take."""
        return self.raw.nbytes

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
                "numpy() would lose the graph of this tensor without a word; use x.detach().numpy()"
            )
        announce(READ, self)
        # By way of a memoryview: a read-only array can be made writable again, and its base is writable.
        return np.asarray(self.raw.data.toreadonly())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.requires_grad:
            raise RuntimeError(
                "NumPy would lose the graph of this tensor without a word; of a list of tensors make one with "
                "stack([...]), or use x.detach().numpy()"
            )
        view = self.numpy()
        if copy is False and dtype is not None and np.dtype(dtype) != view.dtype:
            raise ValueError(f"a tensor of {view.dtype} cannot become {np.dtype(dtype)} without a copy")
        return np.array(view, dtype=dtype) if copy else np.asarray(view, dtype=dtype)

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

    def astype(self, dtype: Any) -> R:
        """The numbers as another dtype; the gradient comes back in the old one."""
        kind = real_dtype("astype", dtype)
        change = shape.cast if kind.kind == "f" else shape.cast_whole
        return change(self, dtype=kind)

    def to(self, dtype: Any) -> R:
        """The numbers in another dtype, as `astype`; also accepts another tensor, whose dtype is taken."""
        kind = dtype.dtype if hasattr(dtype, "raw") else real_dtype("to", dtype)
        return self if kind == self.dtype else self.astype(kind)  # type: ignore[return-value]

    def float(self) -> R:
        """The numbers as float32."""
        return self.to(np.float32)

    def double(self) -> R:
        """The numbers as float64."""
        return self.to(np.float64)

    def long(self) -> R:
        """The numbers as int64, cut off at the point."""
        return self.to(np.int64)

    def int(self) -> R:
        """The numbers as int32, cut off at the point."""
        return self.to(np.int32)

    def bool(self) -> R:
        """True for every number that is not 0."""
        return self.to(np.bool_)

    def allclose(
        self, other: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: Any = False
    ) -> builtins.bool:
        """True if all numbers agree within `atol + rtol * |other|`."""
        announce(READ, self)
        other = getattr(other, "raw", other)
        return np.allclose(self.raw, other, rtol=rtol, atol=atol, equal_nan=equal_nan).__bool__()

    @overload
    def size(self, dim: None = None) -> tuple[builtins.int, ...]: ...
    @overload
    def size(self, dim: builtins.int) -> builtins.int: ...
    def size(self, dim: Any = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.raw.shape if dim is None else self.raw.shape[one_dim("size", dim, self.raw.ndim)]

    def dim(self) -> builtins.int:
        """The number of dimensions."""
        return self.raw.ndim

    def numel(self) -> builtins.int:
        """The count of numbers."""
        return self.raw.size

    def __bool__(self) -> builtins.bool:
        if self.raw.size != 1:
            raise ValueError(
                f"the truth of a tensor of shape {self.raw.shape} is not defined; use (x > 0).sum() or x.numpy().any()"
            )
        announce(READ, self)
        return self.raw.item() != 0

    def __float__(self) -> builtins.float:
        return self.item().__float__()

    def __int__(self) -> builtins.int:
        return self.item().__int__()

    def __index__(self) -> builtins.int:
        if self.raw.dtype.kind not in "iub":
            raise TypeError(f"an index needs a whole number, got a tensor of {self.raw.dtype}")
        return self.item().__int__()

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.raw.size == 1 else str(self)
