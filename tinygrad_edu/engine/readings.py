"""Readings: what else is known of an operation, where it cannot be derived from its kernels and rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tinygrad_edu.text.notation import Notation

ARRAYS = "arrays"  # the kernel itself computes arrays of single numbers
Shape = tuple[int, ...]
# Shapes of arrays with numbers between 0.5 and 1.5, or arrays; and the settings.
Example = tuple[Sequence[Any], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """The readings of an operation: in formulas, in other languages, in single numbers, in examples and messages.

    All are optional. What is left out is derived, or honestly missing: `operation_table()` shows which it is.
    """

    # fmt: off
    public: str = ""                                    # the names under which users find it, as PyTorch's
    in_place: bool = True                               # whether there are methods that overwrite, `name_`
    numbers: str = "any"                                # which inputs may be plain: any, the second, one of two, none
    notation: Notation | None = None                    # in formulas; else its name and brackets
    paper: Callable[..., Any] | None = None             # (*inputs, **settings): written out, in simpler operations
    keeps_name: bool = False                            # whether formulas write its name, and not what is on `paper`
    scalars: Callable[..., Any] | str | None = None     # the same for arrays of single numbers, or ARRAYS; else `paper`
    shape: Callable[..., Shape] | None = None           # (*shapes, **settings) -> shape; else tried out
    numpy: str | Callable[..., str] | None = None       # a line of NumPy; or (**settings) -> line
    jax: str | None = None                              # a line of JAX; else NumPy's (elementwise), or the kernel
    javascript: str | None = None                       # elementwise: an expression of numbers; others: a function
    example: Callable[[int], Example] | None = None     # inputs with sides of about n, and settings
    advice: str = ""                                    # where its result is nan or infinite
    slope_advice: str = ""                              # where the gradient that its rule makes is
    mismatch: str = ""                                  # where the shapes do not fit
    # fmt: on
