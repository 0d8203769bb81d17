"""In-place operations: `x += y`, `x.add_(y)`, `x[i] = y`, on leaves without gradients and on results in a graph.

A result in a graph stands for another node afterwards (see `engine/rebinding`). Numbers that `backward()` needs and
that were overwritten are noticed there, as always.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from copy import copy
from typing import Any, NoReturn, Self

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import Variable, announce
from tinygrad_edu.engine.operation import NUMBERS
from tinygrad_edu.engine.rebinding import pending, rebinding
from tinygrad_edu.engine.versions import note_overwritten
from tinygrad_edu.ops import index, shape
from tinygrad_edu.tensor.arithmetic import Operators, R
from tinygrad_edu.tensor.conversions import Conversions
from tinygrad_edu.tensor.indexing import numpy_indices
from tinygrad_edu.tensor.shaping import Shaping

_SIGNS = {"add": "+=", "sub": "-=", "mul": "*=", "truediv": "/=", "floordiv": "//=", "mod": "%="}
_SIGNS |= {"pow": "**=", "and": "&=", "or": "|=", "xor": "^=", "lshift": "<<=", "rshift": ">>="}


def _augmented(name: str, sign: str) -> Callable[[Any, Any], Any]:
    """The method of `x += y`."""
    compute = getattr(operator, f"__{name}__")
    return lambda self, other: self.overwrite(sign, compute(self, other))


class InPlace(Operators[R], Shaping[R], Conversions[R]):
    """The part of Tensor that changes its numbers."""

    def overwrite(self, call: str, value: Any) -> Any:
        """Take the numbers of `value`, computed from self, and its place in the graph."""
        self._check_overwritable(call)
        if value.shape != self.shape:
            raise _unfit(call, value, self.shape, self.dtype)
        value = self._fitting(call, value, self.shape)
        if not self._is_tracked(value):
            self.assign(value)
        elif not value.requires_grad:  # as a comparison
            self._put(call, value, (), ...)
        else:
            self._check_trackable(call)
            follower = current().follower
            if follower is None or not follower.active or not follower.rebind(self, value):
                with rebinding(self, value):
                    self.assign(value)
        return self

    def _put(self, call: str, value: Any, arrays: tuple[Any, ...], place: Any) -> None:
        """`self[place] = value`, of which only the part is computed, unless somebody watches."""
        self._check_overwritable(call)
        filled = index.filled(place, tuple(x.raw for x in arrays))
        try:
            sizes = np.shape(self.form[filled])
        except IndexError as error:
            raise self.complaint(error, index.put, (self.raw,), {"index": place}) from error
        value = self._fitting(call, value, sizes)
        if current().watchers and place is not ...:
            self.overwrite(call, index.put(self, value, *arrays, index=place))
        elif self._is_tracked(value):
            self._check_trackable(call)
            with rebinding(self, pending(self, index.put, (self, value, *arrays), {"index": place})):
                self._assign_at(filled, value)
        else:
            self._assign_at(filled, value)

    def _assign_at(self, place: Any, value: Any) -> None:
        if place is ...:
            self.assign(value)
        else:
            self.raw[place] = value.raw if isinstance(value, Variable) else value
            note_overwritten([self])

    def copy_numbers_to(self, former: Any) -> None:
        """Give `former`, which shares this memory, numbers of its own, as those here will be overwritten."""
        former.raw, former.memory = self.raw.copy(), copy(self.memory)  # which may be stale already
        announce(shape.cast, self, result=former, dtype=self.dtype)

    # What is refused.

    def _is_tracked(self, value: Any) -> bool:
        """True if the graph must know that `value` is written into self."""
        tracked = self.requires_grad or (isinstance(value, Variable) and value.requires_grad)
        return tracked and current().recording

    def _check_overwritable(self, call: str) -> None:
        base = _whole(self)
        if base.requires_grad and current().recording:
            if base.operation is None:
                view = "" if base is self else "a view of "
                raise RuntimeError(
                    f"{call} would overwrite {view}a leaf that gets a gradient, {base.described()}, while recording; "
                    "write with no_grad(): w -= lr * w.grad, or use SGD([w]).step()"
                )
            self._check_trackable(call)
        form = self.form
        repeated = any(stride == 0 and n > 1 for stride, n in zip(form.strides, form.shape))
        if not form.flags.writeable or (repeated and form.size > 1):
            raise RuntimeError(
                f"{call} would overwrite numbers that stand in several places, {self.described()}, as expand() puts "
                "them; work on a copy: x = x.clone()"
            )

    def _check_trackable(self, call: str) -> None:
        if self.hidden_base is not None:
            raise RuntimeError(
                f"{call} would put a gradient into a view that was made in no_grad(), {self.described()}, of which the "
                "tensor behind it would not know; make the view outside no_grad()"
            )

    def _fitting(self, call: str, value: Any, sizes: tuple[int, ...]) -> Any:
        """`value` as a plain number, or as a Tensor of this dtype and of the shape `sizes`."""
        dtype = self.dtype
        # Whole numbers would lose a fraction.
        if type(value) in NUMBERS and (dtype.kind == "f" or value % 1 == 0):
            return np.asarray(value, dtype).item()
        value = self._tensor(value)
        before = value.shape
        extra = max(len(before) - len(sizes), 0)
        fits = set(before[:extra]) <= {1} and all(n in (1, m) for n, m in zip(before[::-1], sizes[::-1]))
        if not fits or not np.can_cast(value.dtype, dtype, "same_kind"):
            raise _unfit(call, value, sizes, dtype)
        value = shape.reshape(value, shape=before[extra:]) if extra else value
        value = value if value.shape == sizes else shape.expand(value, shape=sizes)
        return value if value.dtype == dtype else value.astype(dtype)

    def _tensor(self, x: Any) -> Any:
        kind: Any = self.result_kind
        return x if isinstance(x, kind) else kind(np.asanyarray(x))  # a masked array is refused

    # What people write.

    locals().update({f"__i{name}__": _augmented(name, sign) for name, sign in _SIGNS.items()})

    def zero_(self) -> Self:
        """0 everywhere."""
        return self._copied("zero_", 0)

    def fill_(self, value: Any) -> Self:
        """One number everywhere."""
        if np.shape(value) != ():
            raise ValueError(f"fill_ needs a single number, got shape {np.shape(value)}; use copy_")
        return self._copied("fill_", value)

    def copy_(self, src: Any) -> Self:
        """The numbers of `src`, broadcast to this shape and cast to this dtype."""
        return self._copied("copy_", src)

    def _copied(self, call: str, src: Any) -> Self:
        src = src if src.__class__ in NUMBERS else self._tensor(src).astype(self.dtype)
        self._put(call, src, (), ...)
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        *numbers, (arrays, place) = numpy_indices(key, self.ndim)
        part: Any = self
        for own, at in numbers:
            part = index.take(part, *own, index=at)
        if not part._is_own_part(value, arrays, place):
            part._put("x[...] = y", value, arrays, place)

    def __delitem__(self, key: Any) -> NoReturn:
        raise TypeError(
            f"del cannot take numbers out of {self.described()}; make a tensor of the rest: x = x[1:]"
        )

    def _is_own_part(self, value: Any, arrays: tuple[Any, ...], place: Any) -> bool:
        """True if `value` is the view `self[place]`: `x[i] += y` has changed x already when it sets x[i]."""
        shared = isinstance(value, Variable) and value.memory is not None and value.memory is self.memory
        if arrays or not shared or (self._is_tracked(value) and _whole(value) is not _whole(self)):
            return False
        return np.asarray(self.raw[place]).__array_interface__ == value.raw.__array_interface__


def _whole(x: Any) -> Any:
    """The tensor that `x` is a view of, in the graph or hidden from it, or `x` itself."""
    hidden = None if x.hidden_base is None else x.hidden_base()
    return next(y for y in (hidden, x.base, x) if y is not None)


def _unfit(call: str, value: Any, sizes: tuple[int, ...], dtype: Any) -> ValueError:
    return ValueError(
        f"{call} needs shape {sizes} and numbers that fit {dtype}, "
        f"but the result has shape {value.shape} and is {value.dtype}"
    )
