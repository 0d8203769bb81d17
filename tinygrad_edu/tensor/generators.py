"""Generators of random numbers under PyTorch's names, with the numbers of `np.random.default_rng(seed)`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from tinygrad_edu.tensor.devices import CPU, check_device
from tinygrad_edu.tensor.draws import DEFAULT, set_state
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS, word

_FIRST_SEED = 67280421310721  # that of every new generator, as in PyTorch


@word
class Generator:
    """A source of random numbers, to be passed as `generator=`; so can a NumPy generator, such as `rng` inside this."""

    def __init__(self, device: Any = "cpu") -> None:
        check_device("Generator", device)
        self.device = CPU
        self.rng = np.random.default_rng(_FIRST_SEED)
        self._seed = _FIRST_SEED

    def manual_seed(self, seed: int) -> Generator:
        """Start anew: the same seed gives the same numbers, which are NumPy's, and not those of PyTorch."""
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if not whole or not -(2**63) <= seed < 2**64:
            raise ValueError(f"manual_seed needs a whole number from -2**63 to 2**64 - 1, got {seed!r}")
        self._seed = int(seed) % 2**64
        set_state(self.rng, np.random.PCG64(self._seed).state)
        return self

    def seed(self) -> int:
        """Start anew from a seed that nobody can guess, and return it."""
        return self.manual_seed(secrets.randbits(64)).initial_seed()

    def initial_seed(self) -> int:
        """The seed of the last start."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a Tensor of bytes, for `set_state`."""
        text = json.dumps({**self.rng.bit_generator.state, "seed": self._seed})
        return Tensor(np.frombuffer(text.encode(), np.uint8))

    def set_state(self, new_state: Any) -> None:
        """Go on from a state that `get_state` returned. Raises `ValueError` for other bytes."""
        try:
            state = json.loads(np.asarray(getattr(new_state, "raw", new_state)).tobytes())
            self._seed = state.pop("seed")
        except (ValueError, KeyError, TypeError):
            raise ValueError("set_state needs the bytes that get_state returned, got others") from None
        set_state(self.rng, state)


default_generator = Generator()
default_generator.rng = DEFAULT
default_generator.seed()


@word
def manual_seed(seed: int) -> Generator:
    """Start the default generator anew, and return it: the same seed gives the same numbers.

    They are those of `np.random.default_rng(seed)`; PyTorch draws other ones for the same seed.
    """
    return default_generator.manual_seed(seed)


@word
def seed() -> int:
    """Start the default generator anew from a seed that nobody can guess, and return it."""
    return default_generator.seed()


@word
def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


@word
def get_rng_state() -> Tensor:
    """The state of the default generator as a Tensor of bytes."""
    return default_generator.get_state()


@word
def set_rng_state(new_state: Any) -> None:
    """Let the default generator go on from a state that `get_rng_state` returned."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Iterable[Any] = (), enabled: bool = True) -> Iterator[None]:
    """`with random.fork_rng(): ...`: afterwards the default generator goes on as if nothing had been drawn inside."""
    for name in devices or ():
        check_device("fork_rng", name)
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


WORDS["default_generator"] = default_generator
WORDS["random"] = SimpleNamespace(
    fork_rng=fork_rng,
    get_rng_state=get_rng_state,
    initial_seed=initial_seed,
    manual_seed=manual_seed,
    seed=seed,
    set_rng_state=set_rng_state,
)
