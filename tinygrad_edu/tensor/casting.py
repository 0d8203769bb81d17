"""From one dtype to another: `x.to(torch.float32)`, `x.long()`, `x.type_as(y)`."""

from __future__ import annotations

from typing import Any, Generic, NoReturn

import numpy as np

from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.absent import Absent, check_memory
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.attributes import Attributes
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import check_device, is_device
from tinygrad_edu.tensor.dtypes import TENSOR_TYPES, TYPE_NAMES
from tinygrad_edu.tensor.vocabulary import WORDS


def destination(call: str, words: tuple[Any, ...], dtype: Any, device: Any) -> tuple[Any, bool]:
    """What `to(*words)` means, devices, dtypes, a tensor and switches: the dtype or None, and whether to copy."""
    switches = [x for x in words if isinstance(x, bool)]
    targets = words[: len(words) - len(switches)]
    devices = [x for x in (device, *targets) if is_device(x)]
    dtypes = [
        x.dtype if hasattr(x, "raw") else x for x in (dtype, *targets) if x is not None and not is_device(x)
    ]
    if len(devices) > 1 or len(dtypes) > 1:
        raise TypeError(f"{call} needs one dtype and one device, got {dtypes} and {devices}")
    check_device(call, devices[0] if devices else device)
    return (real_dtype(call, dtypes[0]) if dtypes else None), switches[1:] == [True]


def _cast(name: str, dtype: Any) -> Any:
    """The method `x.long()`."""

    def method(self: Any, memory_format: Any = None) -> Any:
        return self.to(dtype, memory_format=memory_format)

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    refused = isinstance(dtype, Absent)
    method.__doc__ = f"Refused: {dtype.instead}." if refused else f"The numbers as {np.dtype(dtype)}."
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

    double = _cast("double", np.float64)
    float = _cast("float", np.float32)
    half = _cast("half", np.float16)
    long = _cast("long", np.int64)
    int = _cast("int", np.int32)
    short = _cast("short", np.int16)
    char = _cast("char", np.int8)
    byte = _cast("byte", np.uint8)
    bool = _cast("bool", np.bool_)
    bfloat16 = _cast("bfloat16", WORDS["bfloat16"])
    cfloat = _cast("cfloat", WORDS["cfloat"])
    cdouble = _cast("cdouble", WORDS["cdouble"])
    chalf = _cast("chalf", WORDS["chalf"])
