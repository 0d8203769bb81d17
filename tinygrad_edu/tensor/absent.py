"""Words of PyTorch that a program may mention, in a table of dtypes say, and that are refused where they are used."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.tensor.vocabulary import WORDS


class Absent:
    """A dtype, layout or order of memory that PyTorch has and this library has not; `instead` says what to use."""

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class Memory:
    """A word for the order of numbers in memory, as `strided`; accepted and without effect, as it changes no result.

    `ndim`: how many dimensions a tensor must have for it, if not any number.
    """

    def __init__(self, name: str, ndim: int | None = None) -> None:
        self.name, self.ndim = name, ndim

    def __repr__(self) -> str:
        return f"torch.{self.name}"


_COMPLEX = "complex numbers have no derivatives here; keep their real and imaginary parts in two tensors"
_DENSE = "all numbers are kept; leave layout= out"
# fmt: off
_INSTEAD = {
    "bfloat16": "NumPy has none; use float32",
    **dict.fromkeys(["cdouble", "cfloat", "chalf", "complex32", "complex64", "complex128"], _COMPLEX),
    **dict.fromkeys(["sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"], _DENSE),
}
# fmt: on
strided = Memory("strided")
_FORMATS = [Memory("contiguous_format"), Memory("preserve_format")]
_FORMATS += [Memory("channels_last", 4), Memory("channels_last_3d", 5)]
WORDS |= {name: Absent(name, instead) for name, instead in _INSTEAD.items()}
WORDS |= {word.name: word for word in (strided, *_FORMATS)}


def check_memory(call: str, ndim: int | None = None, **words: Any) -> None:
    """Raise `ValueError` if `layout` or `memory_format` is for other tensors than those with `ndim` dimensions."""
    for name, word in words.items():
        if isinstance(word, Absent):
            raise ValueError(f"{call} has no {name}={word!r}: {word.instead}")
        if word is not None and not isinstance(word, Memory):
            raise TypeError(f"{call} needs {name} as a word such as torch.strided, got {word!r}")
        if word is not None and ndim is not None and word.ndim not in (None, ndim):
            raise ValueError(f"{call} needs {word.ndim} dimensions for {name}={word!r}, got {ndim}")
