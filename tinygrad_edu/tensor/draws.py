"""Draws: random numbers from one documented generator behind `manual_seed`, or from one that is passed in.

Watchers are told of each draw as of an operation, so that a plan draws anew in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.detachment import inherited, made_by
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import announce
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.filled import with_gradient

DEFAULT = np.random.default_rng()

# What only watchers meet: numbers drawn, and a generator that is started anew or brought to another state.
DRAW = Operation(lambda *parameters, draw: draw(*parameters), name="draw")
SEED = Operation(lambda: None, name="manual_seed")


def generator() -> np.random.Generator:
    """The default generator, from which everything random draws that is given no other."""
    return DEFAULT


def chosen_generator(call: str, given: Any) -> np.random.Generator:
    """The generator that was passed in, NumPy's or a `Generator`, or the default one."""
    rng = DEFAULT if given is None else getattr(given, "rng", given)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{call} needs generator=Generator() or np.random.default_rng(seed), "
            f"got {type(given).__name__} {short(given)}"
        )
    return rng


def set_state(rng: np.random.Generator, state: Any) -> None:
    """Bring a generator to a state; watchers are told, as numbers drawn afterwards would be the same in every run."""
    announce(SEED)
    rng.bit_generator.state = state


class Draw:
    """A way to draw random numbers, which can be repeated.

    `sampler(rng, *parameters, **settings)` makes an array; `given` is the generator, or None for the default one.
    """

    def __init__(self, call: str, sampler: Callable[..., np.ndarray], given: Any, **settings: Any) -> None:
        rng = chosen_generator(call, given)
        self.given = None if rng is DEFAULT else rng
        self.sampler, self.settings = sampler, settings

    def __call__(self, *parameters: Any) -> np.ndarray:
        return self.sampler(DEFAULT if self.given is None else self.given, *parameters, **self.settings)

    def tensor(self, kind: Any, *parameters: Any, requires_grad: bool = False) -> Any:
        """The first numbers, as a Tensor, whose class is `kind`; a parameter is a Tensor or a number."""
        array = self(*[getattr(x, "raw", x) for x in parameters])
        result = with_gradient(kind.around(array), requires_grad)
        if any(getattr(x, "requires_grad", False) for x in parameters):
            result.detachment = made_by(DRAW, parameters, current().recording)
        else:
            result.detachment = inherited(DRAW, parameters)
        announce(DRAW, *parameters, result=result, draw=self)
        return result


def floating(call: str, dtype: Any) -> np.dtype[Any]:
    """A floating dtype, the default one if it is None."""
    kind = get_default_dtype() if dtype is None else real_dtype(call, dtype)
    if kind.kind != "f":
        raise TypeError(f"{call} needs a floating dtype, got {kind}; whole numbers come from randint")
    return kind
