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
    """A word for how numbers lie in memory, which holds for all tensors: `strided`, `contiguous_format`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


_COMPLEX = "complex numbers have no derivatives here; keep their real and imaginary parts in two tensors"
_DENSE = "all numbers are kept; leave layout= out"
_ROWS = "numbers are kept row by row, which changes no result; leave memory_format= out"
# fmt: off
_INSTEAD = {
    "bfloat16": "NumPy has none; use float32",
    **dict.fromkeys(["cdouble", "cfloat", "chalf", "complex32", "complex64", "complex128"], _COMPLEX),
    **dict.fromkeys(["sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"], _DENSE),
    **dict.fromkeys(["channels_last", "channels_last_3d"], _ROWS),
}
# fmt: on
strided, contiguous_format, preserve_format = map(Memory, ["strided", "contiguous_format", "preserve_format"])
WORDS |= {name: Absent(name, instead) for name, instead in _INSTEAD.items()}
WORDS |= {word.name: word for word in (strided, contiguous_format, preserve_format)}


def check_memory(call: str, **words: Any) -> None:
    """Raise `ValueError` if `layout` or `memory_format` is a word for what there is not, `TypeError` if it is none."""
    for name, word in words.items():
        if isinstance(word, Absent):
            raise ValueError(f"{call} has no {name}={word!r}: {word.instead}")
        if word is not None and not isinstance(word, Memory):
            raise TypeError(f"{call} needs {name} as a word such as torch.strided, got {word!r}")
