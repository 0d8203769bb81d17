"""Questions about a tensor and the kind of its numbers, and tensors of one dtype."""

from __future__ import annotations

from typing import Any, NoReturn

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import logic
from tinygrad_edu.tensor.functions.public import public, row

_PLAIN = {bool: "b", int: "i"}


def kind_of(x: Any) -> str:
    """The kind of the numbers in `x`, as NumPy abbreviates it; "f" for a symbol, which has no dtype."""
    dtype = getattr(x, "dtype", None)
    return _PLAIN.get(x.__class__, "f") if dtype is None else dtype.kind


def kinds_of(*inputs: Any) -> set[str]:
    """The kinds of several inputs."""
    return {kind_of(x) for x in inputs}


def check_one_dtype(call: str, *inputs: Any) -> None:
    """Raise `TypeError` if the tensors among `inputs` have several dtypes; floats of two widths may meet."""
    dtypes = [x.dtype for x in inputs if getattr(x, "dtype", None) is not None]
    if len(set(dtypes)) > 1 and any(dtype.kind != "f" for dtype in dtypes):
        names = ", ".join(map(str, dtypes))
        raise TypeError(f"{call} needs tensors of one dtype, got {names}; convert one: x.to(y)")


def one_width(*tensors: Any) -> tuple[Any, ...]:
    """Tensors of floats of several widths in the widest, as arithmetic has them; others, and None, as they are."""
    given = [x for x in tensors if x is not None]
    if len({x.dtype for x in given}) == 1 or any(x.dtype.kind != "f" for x in given):
        return tensors
    arrays = [x for x in given if x.ndim] or given
    wide = max((x.dtype for x in arrays), key=lambda dtype: dtype.itemsize)
    return tuple(x if x is None or x.dtype == wide else x.to(wide) for x in tensors)


row("conj conj_physical resolve_conj resolve_neg", "x: a real number is its own conjugate", lambda x: x)
row("isreal", "True for every number: all are real", lambda x: logic.isfinite(x) | True)


@public(method=False)
def real(input: Data) -> Data:
    """`input`: a real number is its own real part."""
    return input


@public(method=False)
def imag(_input: Data) -> NoReturn:
    """Refused: the numbers of a Tensor are real, so that they have no imaginary part that could be a view."""
    raise TypeError(
        "imag needs complex numbers, but a Tensor has real ones; their imaginary part is zeros_like(x)"
    )


@public()
def numel(input: Data) -> int:
    """The count of numbers."""
    return input.raw.size


@public()
def is_floating_point(input: Data) -> bool:
    """True for tensors of floats."""
    return input.dtype.kind == "f"


@public()
def is_complex(input: Data) -> bool:
    """False: there are no complex numbers."""
    return input.dtype.kind == "c"


@public()
def is_signed(input: Data) -> bool:
    """True if the dtype has negative numbers."""
    return input.dtype.kind in "if"


@public(method=False)
def is_nonzero(input: Data) -> bool:
    """True if the only number is not 0."""
    return bool(input)


@public(method=False)
def is_tensor(obj: Any) -> bool:
    """True for Tensors."""
    return isinstance(obj, Tracer) and hasattr(obj, "result_kind")
