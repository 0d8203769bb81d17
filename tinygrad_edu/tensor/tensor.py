"""Tensor: an array that remembers how it was computed. Creation, gradients, and overwriting in place."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from reprlib import repr as short
from typing import Any, cast

import numpy as np

from tinygrad_edu.engine.backward import limited
from tinygrad_edu.engine.detachment import DETACH, by_copying, release
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import ACCUMULATE, CREATE, Variable, announce
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.hints.growing_graph import EVERY, calls, notice
from tinygrad_edu.hints.kept_graphs import copied_without_graph, gradients_with_graph
from tinygrad_edu.hints.not_finite import warn_not_finite
from tinygrad_edu.hints.not_zeroed import Use, added_to
from tinygrad_edu.tensor.coerce import as_array
from tinygrad_edu.tensor.copying import Copying
from tinygrad_edu.tensor.devices import check_place
from tinygrad_edu.tensor.gradient_flow import each_its_own, flow
from tinygrad_edu.tensor.gradient_hooks import GradientHooks
from tinygrad_edu.tensor.inplace import InPlace
from tinygrad_edu.tensor.methods import Methods
from tinygrad_edu.tensor.numpy_protocol import NumpyProtocol
from tinygrad_edu.tensor.printing import printed
from tinygrad_edu.tensor.promotion import promoted
from tinygrad_edu.tensor.public_names import PublicNames, public
from tinygrad_edu.tensor.shape_errors import complaint
from tinygrad_edu.tensor.vocabulary import word
from tinygrad_edu.text.latex import latex


class Tensor(
    InPlace["Tensor"],
    Copying,
    GradientHooks,
    NumpyProtocol,
    Methods,
    metaclass=PublicNames,
    of_results=True,
):
    """An array of real numbers that takes part in a graph.

    `Tensor(data)` copies `data`: numbers, nested lists, an array or a Tensor. Lists and Python numbers become float64
    (see `set_default_dtype`), arrays keep their dtype; `tensor(data)` keeps whole numbers, too, unless
    `requires_grad`. `name` is shown in pictures, derivations and messages.
    """

    raw: np.ndarray
    gradient_use: Use = None
    holds = np.ndarray
    holding = staticmethod(np.asarray)
    shares_memory = staticmethod(np.may_share_memory)

    def __init__(
        self, data: Any, dtype: Any = None, *, requires_grad: bool = False, name: str | None = None
    ) -> None:
        self._fill(data, dtype, requires_grad, name, floats=True)

    def _fill(self, data: Any, dtype: Any, requires_grad: bool, name: str | None, *, floats: bool) -> None:
        if isinstance(data, Variable):
            self.detachment = None if requires_grad else by_copying(data)
            data = data.raw
        self.raw = as_array(data, dtype, requires_grad, floats)
        if requires_grad:
            self.requires_grad = True
        if name is not None:
            self.name = name
        announce(CREATE, data, result=self)

    # What the graph asks of a kind of Variable.

    def admit(self, x: Any, operation: Operation) -> Any:
        """NumPy's single numbers count as plain numbers (they change no dtype); arrays are copied."""
        if isinstance(x, Variable) or x.__class__ in (float, int, bool):
            return x
        if isinstance(x, np.generic) and x.dtype.kind in "fiub":
            return x.item()
        if isinstance(x, np.ndarray | list | tuple):
            return tensor(x)
        raise TypeError(
            f"{operation.name} takes Tensors, arrays and numbers, got {type(x).__name__} {short(x)}"
        )

    complaint = staticmethod(complaint)
    promoted = staticmethod(promoted)

    def described(self) -> str:
        """Name and shape for messages: `'W1' of shape (4, 3)`."""
        return f"{self.name!r} of shape {self.shape}" if self.name else f"a tensor of shape {self.shape}"

    @staticmethod
    def around(raw: Any) -> Tensor:
        """A Tensor around a raw value that nobody else will change."""
        result = Tensor.__new__(Tensor)
        result.raw = np.asarray(raw)
        return result

    # Attributes, as in PyTorch.

    @property
    def is_leaf(self) -> bool:
        """True if the user created it: no recorded operation computed it."""
        return self.operation is None

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
        new = value.detach() if isinstance(value, Tensor) else Tensor(value)
        if new.shape != self.shape:
            raise ValueError(f"data needs shape {self.shape}, got {new.shape}; make a new Tensor instead")
        self.assign(new)

    @property
    def grad(self) -> Tensor | None:
        """d(result of backward) / d(self); None before `backward()`. Leaves add up over several calls."""
        if self._grad is not None and not isinstance(self._grad, Tensor):
            # In memory of its own: a rule may have handed one array to two inputs.
            self._grad = around(np.array(self._grad))
        return cast("Tensor | None", self._grad)

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            value = value if isinstance(value, Tensor) else Tensor(value, self.dtype)
            if value.shape != self.shape:
                raise ValueError(f"grad needs the shape of its tensor, {self.shape}, got {value.shape}")
        self._grad, self.gradient_use = value, None

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
        if gradient is None and not isfinite(self.raw.item()):
            warn_not_finite(self)
        if not next(calls) % EVERY:
            notice(self, len(found))
        if create_graph or current().watchers:
            found = each_its_own(found)
        if inputs is not None:
            found = limited(found, inputs)
        for node, g in found.items():
            if node._grad is None or node.operation is not None:
                node._grad = g
            else:
                announce(ACCUMULATE, node)
                node.gradient_use = added_to(node)
                node._grad = (node._grad if isinstance(g, Tensor) else node.raw_grad()) + g
            if node.grad_hooks:
                for hook in list(node.grad_hooks.values()):
                    hook(node)
        if retain_graph is False:
            release(found)
        if create_graph:
            gradients_with_graph(found.values())

    def detach(self) -> Tensor:
        """The same numbers in the same memory, outside the graph."""
        result = cast("Tensor", self.apply(DETACH, (self,), {}))
        result.name = self.name
        result.detachment = self.detachment or result.detachment
        return result

    def __repr__(self) -> str:
        body = printed(self.raw, "tensor(")
        notes = []
        if self.raw.dtype.kind == "f" and self.raw.dtype != np.float64:
            notes.append(f"dtype={self.raw.dtype}")
        if self.operation is not None:
            notes.append(f"grad_fn=<{self.operation.name}>")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        if self.name:
            notes.append(f"name={self.name!r}")
        return f"tensor({', '.join([body, *notes])})"

    def _repr_latex_(self) -> str | None:
        """LaTeX for notebooks, `$...$`; None (plain text is shown) for more than two dimensions."""
        return f"${latex(self.raw)}$" if self.raw.ndim <= 2 else None

    def __dir__(self) -> list[str]:
        return public(super().__dir__(), type(self))


def _raw(value: Any) -> Any:
    return value.raw if isinstance(value, Tensor) else value


around = Tensor.around


@word
def tensor(
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    name: str | None = None,
) -> Tensor:
    """A new Tensor with a copy of `data`: numbers, nested lists, an array or a Tensor. See `Tensor`.

    Lists of whole numbers stay whole, unless `requires_grad`.
    """
    if device is not None or pin_memory:
        check_place("tensor", device, pin_memory)
    if not requires_grad:
        copied_without_graph(data)
    result = Tensor.__new__(Tensor)
    result._fill(data, dtype, requires_grad, name, floats=False)
    return result
