"""Sizes, dtype, device and memory of a Tensor, and the same numbers in another dtype: `x.to(torch.float32)`."""

from __future__ import annotations

from mmap import mmap
from typing import Any, Generic, NoReturn, Self, overload

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.arithmetic import R, Unary
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import CPU, check_device, device, is_device
from tinygrad_edu.tensor.dtypes import NAMES
from tinygrad_edu.tensor.vocabulary import WORDS, Word, check_memory

_TYPES = {f"torch.{kind}": np.dtype(name) for name, (_, kind) in NAMES.items()}


def named_dtype(dtype: Any) -> Any:
    """The dtype that `"torch.FloatTensor"` names, or that the class of that name has; any other word as it is."""
    return _TYPES.get(dtype, dtype) if isinstance(dtype, str) else getattr(dtype, "dtype", dtype)


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


def _cast(name: str, dtype: Any) -> Any:
    """The method `x.long()`; for a word, `x.bfloat16()`, which is refused."""

    def method(self: Any, memory_format: Any = None) -> Any:
        if memory_format is not None:
            check_memory(name, self.raw.ndim, memory_format=memory_format)
        return self if self.form.dtype == dtype else self.astype(dtype)

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__doc__ = f"Refused: {dtype.instead}." if isinstance(dtype, Word) else f"The numbers as {dtype}."
    return method


class Casting(Variable, Generic[R]):
    """The methods of Tensor about the array as a whole, and those that return the same numbers in another dtype.

    Floats become whole numbers by cutting off at the point. The gradient comes back in the old dtype.
    """

    raw: np.ndarray
    is_cuda = is_sparse = is_quantized = is_mkldnn = is_meta = is_mps = is_xpu = False
    is_cpu = True
    layout = WORDS["strided"]

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of every dimension."""
        return self.raw.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype of the numbers."""
        return self.raw.dtype

    @property
    def nbytes(self) -> int:
        """The bytes that the numbers take."""
        return self.raw.nbytes

    @property
    def itemsize(self) -> int:
        """The bytes that one number takes."""
        return self.raw.itemsize

    @property
    def device(self) -> device:
        """The CPU."""
        return CPU

    def dim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

    def ndimension(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

    def nelement(self) -> int:
        """The count of numbers."""
        return self.raw.size

    def element_size(self) -> int:
        """The bytes that one number takes."""
        return self.raw.itemsize

    def get_device(self) -> int:
        """-1, PyTorch's number of the CPU."""
        return -1

    @overload
    def size(self, dim: None = None) -> tuple[int, ...]: ...
    @overload
    def size(self, dim: int) -> int: ...
    def size(self, dim: Any = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.raw.shape if dim is None else self.raw.shape[one_dim("size", dim, self.raw.ndim)]

    def data_ptr(self) -> int:
        """The address of the first number in memory: two tensors with the same one share their numbers."""
        return self.raw.ctypes.data

    def storage(self) -> R:
        """The numbers as they lie in memory, of a view those of the whole: a copy in one dimension."""
        kind: Any = self.result_kind
        memory = self.raw
        while isinstance(memory.base, np.ndarray):
            memory = memory.base
        return kind.around(memory.copy(order="K").ravel(order="K"))

    def astype(self, dtype: Any) -> R:
        """A copy of the numbers in a dtype."""
        kind = real_dtype("astype", dtype)
        return (shape.cast if kind.kind == "f" else shape.cast_whole)(self, dtype=kind)

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
            return next((name for name, each in _TYPES.items() if each == self.dtype), f"torch.{self.dtype}")
        return self.to(named_dtype(dtype))

    def type_as(self, other: Any) -> R:
        """The numbers in the dtype of another tensor."""
        return self.to(other.dtype)

    def cpu(self, memory_format: Any = None) -> R:
        """The tensor itself: all are on the CPU."""
        return self.to("cpu", memory_format=memory_format)

    def pin_memory(self) -> Self:
        """The tensor itself: there is no GPU to copy it to."""
        return self

    def share_memory_(self) -> Self:
        """Move the numbers to memory that processes share which are started by fork; views of it stay behind."""
        shared = np.frombuffer(mmap(-1, max(self.raw.nbytes, 1)), self.raw.dtype, self.raw.size)
        self.raw, shared = shared.reshape(self.raw.shape), self.raw
        self.raw[...] = shared
        return self

    def is_shared(self) -> bool:
        """True after `share_memory_`."""
        base = self.raw
        while isinstance(base, np.ndarray):
            base = base.base  # type: ignore[assignment]
        return isinstance(getattr(base, "obj", base), mmap)

    def cuda(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: there is no GPU."""
        check_device("cuda()", "cuda")
        raise AssertionError

    double: Unary = _cast("double", np.dtype(np.float64))
    float: Unary = _cast("float", np.dtype(np.float32))
    half: Unary = _cast("half", np.dtype(np.float16))
    long: Unary = _cast("long", np.dtype(np.int64))
    int: Unary = _cast("int", np.dtype(np.int32))
    short: Unary = _cast("short", np.dtype(np.int16))
    char: Unary = _cast("char", np.dtype(np.int8))
    byte: Unary = _cast("byte", np.dtype(np.uint8))
    bool: Unary = _cast("bool", np.dtype(np.bool_))
    bfloat16: Unary = _cast("bfloat16", WORDS["bfloat16"])
    cfloat: Unary = _cast("cfloat", WORDS["cfloat"])
    cdouble: Unary = _cast("cdouble", WORDS["cdouble"])
    chalf: Unary = _cast("chalf", WORDS["chalf"])
