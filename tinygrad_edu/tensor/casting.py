"""From one dtype to another: `x.to(torch.float32)`, `x.long()`, `x.type_as(y)`."""

from __future__ import annotations

from typing import Any, Generic, NoReturn, cast

import numpy as np

from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.absent import Absent, check_memory
from tinygrad_edu.tensor.arithmetic import R, Unary
from tinygrad_edu.tensor.attributes import Attributes
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import check_device, is_device
from tinygrad_edu.tensor.dtypes import TENSOR_TYPES, TYPE_NAMES
from tinygrad_edu.tensor.vocabulary import WORDS


def destination(call: str, words: tuple[Any, ...], dtype: Any, device: Any) -> tuple[Any, bool]:
    """What `to(*words)` means, devices, dtypes, a tensor and switches: the dtype or None, and whether to copy."""
    dtypes = [] if dtype is None else [dtype]
    devices = [] if device is None else [device]
    switches = []
    for x in words:
        if isinstance(x, bool):
            switches.append(x)
        elif is_device(x):
            devices.append(x)
        else:
            dtypes.append(x.dtype if hasattr(x, "raw") else x)
    if len(devices) > 1 or len(dtypes) > 1:
        raise TypeError(f"{call} needs one dtype and one device, got {dtypes} and {devices}")
    check_device(call, devices[0] if devices else None)
    return (real_dtype(call, dtypes[0]) if dtypes else None), switches[1:] == [True]


def _cast(name: str, dtype: Any) -> Unary:
    """The method `x.long()`."""

    def method(self: Any, memory_format: Any = None) -> Any:
        if memory_format is not None:
            check_memory(name, self.raw.ndim, memory_format=memory_format)
        return self if self.raw.dtype == dtype else self.astype(dtype)

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"The numbers as {dtype}."
    return cast("Unary", method)


def _absent(dtype: Absent) -> Any:
    """The method `x.bfloat16()`, which is refused."""

    def method(self: Any, memory_format: Any = None) -> NoReturn:  # noqa: ARG001
        raise TypeError(f"there is no {dtype!r}: {dtype.instead}")

    method.__name__, method.__qualname__ = dtype.name, f"Tensor.{dtype.name}"
    method.__doc__ = f"Refused: {dtype.instead}."
    return method


class Casting(Attributes, Generic[R]):
    """The methods of Tensor that return the same numbers in another dtype.

    Floats become whole numbers by cutting off at the point. The gradient comes back in the old dtype.
    """

    def astype(self, dtype: Any) -> R:
        """A copy of the numbers in a dtype."""
        kind = real_dtype("astype", dtype)
        change = shape.cast if kind.kind == "f" else shape.cast_whole
        return change(self, dtype=kind)

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        other: Any = None,
        non_blocking: bool = False,  # noqa: ARG002 - there is nothing to wait for
        copy: bool = False,
        memory_format: Any = None,
    ) -> R:
        """The numbers in another dtype: `x.to(torch.float32)`, `x.to("cpu", torch.int64)`, `x.to(other)`.

        The tensor itself if it is of that dtype already, unless `copy`.
        """
        if memory_format is not None:
            check_memory("to", self.raw.ndim, memory_format=memory_format)
        kind, copied = destination("to", args if other is None else (other, *args), dtype, device)
        kind = self.dtype if kind is None else kind
        return self if kind == self.dtype and not (copy or copied) else self.astype(kind)  # type: ignore[return-value]

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:  # noqa: ARG002
        """The numbers in another dtype, also as 'torch.FloatTensor'; without one, such a name of this one."""
        if dtype is None:
            return TYPE_NAMES.get(self.dtype, f"torch.{self.dtype}")
        return self.to(TENSOR_TYPES.get(dtype, dtype) if isinstance(dtype, str) else dtype)

    def type_as(self, other: Any) -> R:
        """The numbers in the dtype of another tensor."""
        return self.to(other.dtype)

    def cpu(self, memory_format: Any = None) -> R:
        """The tensor itself: all are on the CPU."""
        return self.to("cpu", memory_format=memory_format)

    def cuda(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: there is no GPU."""
        check_device("cuda()", "cuda")
        raise AssertionError

    double = _cast("double", np.dtype(np.float64))
    float = _cast("float", np.dtype(np.float32))
    half = _cast("half", np.dtype(np.float16))
    long = _cast("long", np.dtype(np.int64))
    int = _cast("int", np.dtype(np.int32))
    short = _cast("short", np.dtype(np.int16))
    char = _cast("char", np.dtype(np.int8))
    byte = _cast("byte", np.dtype(np.uint8))
    bool = _cast("bool", np.dtype(np.bool_))
    bfloat16 = _absent(WORDS["bfloat16"])
    cfloat = _absent(WORDS["cfloat"])
    cdouble = _absent(WORDS["cdouble"])
    chalf = _absent(WORDS["chalf"])
