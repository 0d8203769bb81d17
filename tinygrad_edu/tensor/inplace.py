"""Overwriting in place: `x += y`, `x.add_(y)`, `x[i] = y`; allowed where the graph does not need the old numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.tensor.arguments import clean_index
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.conversions import Conversions
from tinygrad_edu.tensor.reductions import Reductions


class InPlace(Reductions[R], Conversions[R]):
    """The part of Tensor that changes its numbers."""

    def overwrite(self, call: str, value: Any, *sources: Any) -> Self:
        """`value`, computed from `sources`, into this memory: refused where the graph needs the old numbers."""
        if grad_mode.is_grad_enabled():
            if self.requires_grad and self.operation is None:
                raise RuntimeError(
                    f"{call} would overwrite a leaf that gets a gradient, {self.described()}, while recording; "
                    "write with no_grad(): w -= lr * w.grad, or use SGD([w]).step()"
                )
            if any(isinstance(x, Variable) and x.requires_grad for x in (self, *sources)):
                raise RuntimeError(
                    f"{call} would overwrite numbers of the graph, {self.described()}; write x = x + y instead of "
                    "x.add_(y), and cat or stack rows instead of assigning them"
                )
        new = np.full_like(self.raw, value) if isinstance(value, int | float) else _plain(value)
        if new.shape != self.shape or not np.can_cast(new.dtype, self.dtype, "same_kind"):
            raise ValueError(
                f"{call} needs shape {self.shape} and numbers that fit {self.dtype}, "
                f"but the result has shape {new.shape} and is {new.dtype}"
            )
        self.assign(value)
        return self

    def _augmented(self, sign: str, value: Any, other: Any) -> Any:
        """`x += y`: in place for plain numbers, as a new tensor in a graph, so that no old number is lost."""
        in_graph = value.requires_grad and not (self.requires_grad and self.operation is None)
        return value if in_graph else self.overwrite(sign, value, other)

    # fmt: off
    def __iadd__(self, other: Any) -> Any: return self._augmented("+=", self + other, other)
    def __isub__(self, other: Any) -> Any: return self._augmented("-=", self - other, other)
    def __imul__(self, other: Any) -> Any: return self._augmented("*=", self * other, other)
    def __itruediv__(self, other: Any) -> Any: return self._augmented("/=", self / other, other)
    def mul_(self, other: Any) -> Self: return self.overwrite("mul_", self * other, other)
    def div_(self, other: Any) -> Self: return self.overwrite("div_", self / other, other)
    def zero_(self) -> Self: return self.overwrite("zero_", 0)
    # fmt: on

    def fill_(self, value: Any) -> Self:
        """One number everywhere."""
        if isinstance(value, Variable):
            return self.copy_(value)
        return self.overwrite("fill_", np.full((), value, self.dtype).item())

    def add_(self, other: Any, *, alpha: float = 1) -> Self:
        """`x = x + alpha * other` in place."""
        return self.overwrite("add_", self.add(other, alpha=alpha), other)

    def sub_(self, other: Any, *, alpha: float = 1) -> Self:
        """`x = x - alpha * other` in place."""
        return self.overwrite("sub_", self.sub(other, alpha=alpha), other)

    def clamp_(self, min: Any = None, max: Any = None) -> Self:  # noqa: A002 - PyTorch's names
        """Kept between `min` and `max`: `p.grad.clamp_(-1, 1)` clips a gradient."""
        return self.overwrite("clamp_", self.clamp(min, max), min, max)

    def copy_(self, src: Any) -> Self:
        """The numbers of `src`, broadcast to this shape and cast to this dtype."""
        if isinstance(src, Variable):
            return self.overwrite("copy_", src.detach().expand(self.shape).astype(self.dtype), src)  # type: ignore[attr-defined]
        return self.overwrite("copy_", np.broadcast_to(_plain(src), self.shape).astype(self.dtype))

    def __setitem__(self, key: Any, value: Any) -> None:
        changed = np.array(self.raw)
        changed[clean_index(key)] = _plain(value)
        self.overwrite("x[...] = y", changed, value)


def _plain(value: Any) -> np.ndarray:
    return np.asarray(value.raw if isinstance(value, Variable) else value)
