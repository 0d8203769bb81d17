"""The pair that `x.max(dim)` returns: two Tensors, which is no Tensor itself."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, NoReturn

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.tensor.arithmetic import R


def refuse(*_: Any, **__: Any) -> NoReturn:
    """Raise `TypeError`: a pair is no Tensor."""
    raise TypeError(
        "a pair (values, indices), as max(dim) and min(dim) return it, is no Tensor; write .values, as in "
        "x.max(dim).values, or x.amax(dim) for the values alone, or np.max(x, axis=1) in code for NumPy's arrays"
    )


class _Pair(NamedTuple, Generic[R]):
    values: R
    indices: R


class ValuesAndIndices(_Pair[R], Tracer):
    """Numbers along a dimension, and where they stand: `values, indices = x.max(1)`.

    Arithmetic on the pair, which would mean something else for a tuple, or stack both, is refused.
    """

    __slots__ = ()

    # fmt: off
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = refuse
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __abs__ = __gt__ = __ge__ = __lt__ = __le__ = refuse
    apply = __float__ = __array__ = __array_ufunc__ = __array_function__ = refuse
    # fmt: on
