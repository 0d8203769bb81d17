"""The words of PyTorch at the top level that are no functions of Tensors: dtypes, layouts, devices, switches, seeds."""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypeVar

from tinygrad_edu.hints.missing_names import missing

T = TypeVar("T", bound=Any)

WORDS: dict[str, Any] = {"Size": tuple}  # of which a shape is one


def word(thing: T) -> T:
    """Make a class or a function public at the top level under its own name."""
    WORDS[thing.__name__] = thing
    return thing


class Word:
    """A dtype, a layout or an order of memory that a program may mention, in a table of dtypes say.

    Where one is used that is not here it is refused, and `instead` says what to use. All others change no result;
    `ndim`: how many dimensions a tensor must have for this order of memory, if not any number.
    """

    def __init__(self, name: str, instead: str = "", ndim: int | None = None) -> None:
        self.name, self.instead, self.ndim = name, instead, ndim

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class Namespace(ModuleType):
    """A module of words without a file of its own, `torch.cuda` say; programs may import from it, and set its words."""

    def __init__(self, path: str, **words: Any) -> None:
        super().__init__(f"tinygrad_edu.{path}", f"Words of torch.{path}.")
        self.__path__: list[str] = []
        vars(self).update(words)

    def __getattr__(self, name: str) -> Any:
        raise missing(self.__name__, name, lambda: [each for each in vars(self) if each[0] != "_"])


_COMPLEX = "complex numbers have no derivatives here; keep their real and imaginary parts in two tensors"
_DENSE = "all numbers are kept; leave layout= out"
_MENTIONED = [
    Word("bfloat16", "NumPy has none; use float32"),
    *(
        Word(name, _COMPLEX)
        for name in ("cdouble", "cfloat", "chalf", "complex32", "complex64", "complex128")
    ),
    *(Word(name, _DENSE) for name in ("sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc")),
    *(Word(name) for name in ("strided", "contiguous_format", "preserve_format")),
    Word("channels_last", ndim=4),
    Word("channels_last_3d", ndim=5),
]
WORDS |= {each.name: each for each in _MENTIONED}


def check_memory(call: str, ndim: int | None = None, **words: Any) -> None:
    """Raise `ValueError` if `layout` or `memory_format` is for other tensors than those with `ndim` dimensions."""
    for name, word in words.items():
        if word is None:
            continue
        if not isinstance(word, Word):
            raise TypeError(f"{call} needs {name} as a word such as torch.strided, got {word!r}")
        if word.instead:
            raise ValueError(f"{call} has no {name}={word!r}: {word.instead}")
        if ndim is not None and word.ndim not in (None, ndim):
            raise ValueError(f"{call} needs {word.ndim} dimensions for {name}={word!r}, got {ndim}")
