"""Tensor: an array that remembers how it was computed. Creation, gradients, and overwriting in place."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self, cast

import numpy as np

from tinygrad_edu import modes, notation
from tinygrad_edu.conversions import Conversions
from tinygrad_edu.graph import Variable, gradients
from tinygrad_edu.inplace import InPlace
from tinygrad_edu.numpy_protocol import NumpyProtocol
from tinygrad_edu.operation import Data, Operation
from tinygrad_edu.source import line_of, place_of_caller

_default_dtype = np.dtype(np.float64)


def set_default_dtype(dtype: Any) -> None:
    """Python floats and lists of them become this dtype; float64 unless changed."""
    global _default_dtype
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"set_default_dtype needs a floating dtype, got {dtype}")
    _default_dtype = dtype


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats become."""
    return _default_dtype


def _array(data: Any, dtype: Any, requires_grad: bool) -> np.ndarray:
    """A copy of `data` as an array of numbers: copied at the door, so that nobody else can change it."""
    if isinstance(data, Variable):
        data = data.raw
    given = isinstance(data, np.ndarray | np.generic)
    try:
        array = np.array(data, dtype=dtype)
    except ValueError as error:
        raise ValueError(f"tensor needs rows of equal length, got {notation.short(data)}; {error}") from None
    if array.dtype.kind not in "fiub":
        what = "complex numbers" if array.dtype.kind == "c" else f"{array.dtype} data"
        raise TypeError(
            f"tensor needs real numbers, got {what} in {notation.short(data)}; convert them first"
        )
    if dtype is None and (
        (not given and array.dtype.kind == "f") or (requires_grad and array.dtype.kind != "f")
    ):
        array = array.astype(_default_dtype)
    if requires_grad and array.dtype.kind != "f":
        raise TypeError(
            f"tensor needs a floating dtype to have a gradient, got {array.dtype}; use dtype=float"
        )
    return array


class Tensor(InPlace, Conversions, NumpyProtocol):
    """An array of real numbers that takes part in a graph.

    `Tensor(data)` copies `data`: numbers, nested lists, an array or a Tensor. Lists and Python floats become float64
    (see `set_default_dtype`), arrays keep their dtype; whole numbers become floats if `requires_grad`. `name` is
    shown in pictures, derivations and messages.
    """

    raw: np.ndarray

    def __init__(
        self, data: Any, dtype: Any = None, *, requires_grad: bool = False, name: str | None = None
    ) -> None:
        self.raw = _array(data, dtype, requires_grad)
        if requires_grad:
            self.requires_grad = True
        if name is not None:
            self.name = name

    # What the graph asks of a kind of Variable.

    def wrap(self, value: Data) -> Tensor:
        """A Tensor around a raw value that nobody else will change."""
        tensor = Tensor.__new__(Tensor)
        tensor.raw = value if value.__class__ is np.ndarray else np.asarray(value)
        return tensor

    def admit(self, x: Any, operation: Operation) -> Any:
        """NumPy's single numbers count as plain numbers (they change no dtype); arrays are copied."""
        if isinstance(x, Variable) or x.__class__ in (float, int, bool):
            return x
        if isinstance(x, np.generic) and x.dtype.kind in "fiub":
            return x.item()
        if isinstance(x, np.ndarray | list | tuple):
            return Tensor(x)
        raise TypeError(
            f"{operation.name} takes Tensors, arrays and numbers, got {type(x).__name__} {notation.short(x)}"
        )

    def complaint(
        self, error: Exception, operation: Operation, values: Sequence[Data], settings: dict[str, Any]
    ) -> Exception:
        """The error of NumPy, with the operation, what it was given, and what to do."""
        given = " and ".join(f"shape {x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in values)
        options = "".join(f", {key}={notation.short(value)}" for key, value in settings.items())
        advice = {
            "matmul": "; the last size on the left must equal the second to last on the right",
            "reshape": "; the number of elements must stay the same",
        }.get(operation.name, "; sizes must be equal or 1, counted from the last" if len(values) > 1 else "")
        return type(error)(f"{operation.name} cannot take {given}{options}{advice}")

    def described(self) -> str:
        """For messages: `'W1' of shape (4, 3)`."""
        return f"{self.name!r} of shape {self.shape}" if self.name else f"a tensor of shape {self.shape}"

    # Attributes, as in PyTorch.

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
        """How many dimensions there are."""
        return self.raw.ndim

    @property
    def is_leaf(self) -> bool:
        """Whether it was created by the user, not computed by an operation that is being remembered."""
        return self.made is None

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that computed it; None for a leaf."""
        return self.operation

    @property
    def data(self) -> Tensor:
        """The same numbers in the same memory, outside the graph. Assigning replaces them."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        new = Tensor(value)
        if new.shape != self.shape:
            raise ValueError(f"data needs shape {self.shape}, got {new.shape}; make a new Tensor instead")
        self.assign(new)

    @property
    def grad(self) -> Tensor | None:
        """d(result of backward) / d(self); None before `backward()`. Leaves add up over several calls."""
        if self._grad is not None and not isinstance(self._grad, Tensor):
            self._grad = _around(
                np.array(self._grad)
            )  # its own memory: rules may hand one array to two inputs
        return cast("Tensor | None", self._grad)

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            value = value if isinstance(value, Tensor) else Tensor(value, self.dtype)
            if value.shape != self.shape:
                raise ValueError(f"grad needs the shape of its tensor, {self.shape}, got {value.shape}")
        self._grad = value

    def raw_grad(self) -> Any:
        """The gradient as a raw array, not to be modified; None before `backward()`."""
        return _raw(self._grad)

    # Gradients.

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Put d self / d x into `x.grad`, for every x that self was computed from.

        `gradient` is dL / d self, of the shape of self; it may be left out if self is one number. Leaves add up over
        several calls, inner tensors start anew. The graph is kept unless `retain_graph=False`. With `create_graph`
        the gradients of leaves have a graph themselves. `inputs`: only these leaves.
        Raises `RuntimeError` if self needs no gradient, is not one number, or if numbers were changed meanwhile.
        """
        found = flow("backward", self, gradient, create_graph)
        if create_graph:  # an inner tensor that held its own graph would never be freed
            found = {node: g if g.requires_grad and node.is_leaf else g.raw for node, g in found.items()}
        if inputs is not None:
            chosen = {inputs} if isinstance(inputs, Tensor) else set(inputs)
            found = {node: g for node, g in found.items() if node in chosen or node.made is not None}
        for node, g in found.items():
            if node._grad is None or node.made is not None:
                node._grad = g
            else:
                node._grad = (node._grad if create_graph else node.raw_grad()) + g
        if retain_graph is False:
            place = place_of_caller()
            for node in found:
                if node.made is not None:
                    node.made, node.requires_grad = None, False
                    node.cut = ("backward(retain_graph=False)", place)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch on or off whether a leaf gets a gradient."""
        if not requires_grad and not self.is_leaf:
            raise RuntimeError(
                "requires_grad_(False) needs a leaf, but this tensor was computed; use detach()"
            )
        if requires_grad and self.dtype.kind != "f":
            raise TypeError(f"requires_grad_ needs a floating dtype, got {self.dtype}; use x.double() first")
        self.requires_grad = bool(requires_grad)
        return self

    def detach(self) -> Tensor:
        """The same numbers in the same memory, outside the graph."""
        result = _around(self.raw)
        result.memory = self.shared_memory()
        result.name = self.name
        if self.requires_grad or self.cut:
            result.cut = self.cut or ("detach()", place_of_caller())
        return result

    def __repr__(self) -> str:
        return notation.tensor_text(self)

    def _repr_latex_(self) -> str | None:
        return notation.latex_display(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.raw, self.requires_grad, self.name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("deepcopy needs a leaf, but this tensor was computed; copy x.detach() instead")
        copy = _rebuilt(type(self), self.raw, self.requires_grad, self.name)
        memo[id(self)] = copy
        return copy


def _raw(value: Any) -> Any:
    return value.raw if isinstance(value, Tensor) else value


def _around(value: Any) -> Tensor:
    return Tensor.wrap(cast("Tensor", None), value)


def _rebuilt(kind: type[Tensor], array: np.ndarray, requires_grad: bool, name: str | None) -> Tensor:
    tensor = kind.__new__(kind)
    tensor.raw = np.array(array)
    tensor.requires_grad = requires_grad
    tensor.name = name
    return tensor


def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A new Tensor with a copy of `data`: numbers, nested lists, an array or a Tensor. See `Tensor`."""
    return Tensor(data, dtype, requires_grad=requires_grad, name=name)


def from_numpy(array: np.ndarray) -> Tensor:
    """A new Tensor with a copy of `array` (PyTorch shares the memory; a copy cannot be changed behind our back)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, got {type(array).__name__}; use tensor(...)")
    return Tensor(array)


def _why_cut(result: Tensor) -> str:
    if result.cut is None:
        return "nothing it was computed from has requires_grad=True"
    by, place = result.cut
    what = f"{by.name}, whose derivative is zero or undefined," if isinstance(by, Operation) else by
    return f"the graph was cut by {what} at {line_of(place)}"


@functools.cache
def _one(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Tensor:
    """The gradient of a single number with respect to itself; rules never modify what they are given."""
    return _around(np.ones(shape, dtype))


def flow(call: str, result: Tensor, gradient: Any, create_graph: bool) -> dict[Any, Any]:
    """The gradient of `result` with respect to everything it was computed from, checked at the door."""
    if not result.requires_grad:
        why = _why_cut(result)
        raise RuntimeError(f"{call} needs a tensor that depends on one with requires_grad=True, but {why}")
    if gradient is None:
        if result.raw.size != 1:
            raise RuntimeError(
                f"{call} needs a single number, but the tensor has shape {result.shape}; "
                "take its sum or mean first, or pass gradient="
            )
        gradient = _one(result.raw.shape, result.raw.dtype)
    else:
        gradient = gradient if isinstance(gradient, Tensor) else Tensor(gradient, result.dtype)
        if gradient.shape != result.shape:
            raise ValueError(
                f"{call} needs a gradient of shape {result.shape}, that of the tensor, got {gradient.shape}"
            )
    if create_graph:
        with modes.enable_grad():
            return gradients(result, gradient, create_graph=True)
    if modes.current().watchers:
        with modes.no_grad():
            return {node: g.raw for node, g in gradients(result, gradient).items()}
    return gradients(result, gradient.raw)
