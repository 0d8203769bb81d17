"""What can be asked about a Tensor without looking at its numbers: sizes, dtype, device, memory."""

from __future__ import annotations

from typing import Any, NoReturn, overload

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.tensor.absent import Memory, strided
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.devices import CPU, device


class Attributes(Variable):
    """The part of Tensor that is about the array as a whole."""

    raw: np.ndarray
    is_cuda = is_sparse = is_quantized = is_mkldnn = is_meta = is_mps = False
    is_cpu = True

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of every dimension."""
        return self.raw.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype of the numbers."""
        return self.raw.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.raw.ndim

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

    @property
    def layout(self) -> Memory:
        """`torch.strided`: all numbers are kept."""
        return strided

    @overload
    def size(self, dim: None = None) -> tuple[int, ...]: ...
    @overload
    def size(self, dim: int) -> int: ...
    def size(self, dim: Any = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.raw.shape if dim is None else self.raw.shape[one_dim("size", dim, self.raw.ndim)]

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

    def data_ptr(self) -> int:
        """The address of the first number in memory: two tensors with the same one share their numbers."""
        return int(self.raw.__array_interface__["data"][0])

    def untyped_storage(self) -> NoReturn:
        """Refused: the memory is NumPy's."""
        raise RuntimeError(
            "a tensor has no storage of its own, its memory is NumPy's; use data_ptr() or np.shares_memory"
        )

    storage = untyped_storage
