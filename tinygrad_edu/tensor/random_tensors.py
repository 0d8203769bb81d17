"""New Tensors of random numbers, and the generators they are drawn from, with the numbers of NumPy's."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import announce
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.arguments import ANY, whole_number
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.creation import like
from tinygrad_edu.tensor.devices import CPU, check_device
from tinygrad_edu.tensor.draws import Draw, floating
from tinygrad_edu.tensor.filled import number_dtype, placed, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS, Namespace, word


@public(method=False)
@placed
def rand(*size: Any, generator: Any = None, dtype: Any = None) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    sizes, kind = sizes_of("rand", size), floating("rand", dtype)
    return Draw("rand", draws.uniform, generator, shape=sizes, dtype=kind).tensor(Tensor, 0, 1)


@public(method=False)
@placed
def randn(*size: Any, generator: Any = None, dtype: Any = None) -> Tensor:
    """Random numbers from the normal distribution with mean 0 and variance 1."""
    sizes, kind = sizes_of("randn", size), floating("randn", dtype)
    return Draw("randn", draws.normal, generator, shape=sizes, dtype=kind).tensor(Tensor, 0, 1)


@public(method=False)
@placed
def randint(
    low: Any = 0, high: Any = None, size: Any = None, *, generator: Any = None, dtype: Any = None
) -> Tensor:
    """Random whole numbers: `randint(6, (2, 3))` from 0 to 5, `randint(1, 7, (2, 3))` from 1 to 6."""
    if isinstance(high, list | tuple):
        low, high, size = 0, low, high
    if not isinstance(size, list | tuple):
        raise TypeError(f"randint needs a size such as (2, 3), got {size!r}")
    limits = whole_number("randint", "low", low, ANY), whole_number("randint", "high", high, ANY)
    sizes, kind = sizes_of("randint", size), real_dtype("randint", dtype or np.int64)
    return Draw("randint", draws.random, generator, shape=sizes, dtype=kind).tensor(Tensor, *limits)


like(rand)
like(randn)


@public(method=False)
@placed
def randint_like(
    input: Tensor,  # noqa: A002
    low: Any,
    high: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
) -> Tensor:
    """Random whole numbers as `randint(low, high)` draws them, in the shape and dtype of another tensor."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.shape), generator=generator, dtype=dtype or input.dtype)


@public(method=False)
@placed
def randperm(n: int, *, generator: Any = None, dtype: Any = None) -> Tensor:
    """The whole numbers from 0 to n - 1 in random order."""
    kind = number_dtype("randperm", dtype or np.int64)
    (count,) = sizes_of("randperm", (n,))
    return Draw("randperm", draws.permutation, generator, dtype=kind).tensor(Tensor, count)


@public(method=False)
@placed
def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None
) -> Tensor:
    """Numbers from N(mean, std^2), one for each of those in the Tensors `mean` and `std`, or as many as `size` says.

    The result has the dtype of `mean`, or of `std` if `mean` is a number.
    """
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not tensors and size is None:
        raise TypeError("normal needs mean or std as a Tensor, or a size; write normal(0, 1, (2, 3))")
    dtypes = [floating("normal", x.dtype) for x in tensors]
    kind = floating("normal", dtypes[0] if dtypes and dtype is None else dtype)
    shape = np.broadcast_shapes(*[x.shape for x in tensors]) if size is None else sizes_of("normal", (size,))
    return Draw("normal", draws.normal, generator, shape=shape, dtype=kind).tensor(Tensor, mean, std)


# Generators.


@word
class Generator:
    """A source of random numbers, to be passed as `generator=`; so can a NumPy generator, such as `rng` inside this."""

    _seed = 67280421310721  # that of every new generator, as in PyTorch

    def __init__(self, device: Any = "cpu") -> None:
        check_device("Generator", device)
        self.device = CPU

    @functools.cached_property
    def rng(self) -> np.random.Generator:
        """NumPy's generator inside, made when the first number is drawn."""
        return np.random.default_rng(self._seed)

    def manual_seed(self, seed: int) -> Generator:
        """Start anew, and return the generator: the same seed gives the same numbers.

        They are those of `np.random.default_rng(seed)`; PyTorch draws other ones for the same seed.
        """
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if not whole or not -(2**63) <= seed < 2**64:
            raise ValueError(f"manual_seed needs a whole number from -2**63 to 2**64 - 1, got {seed!r}")
        self._seed = int(seed) % 2**64
        self._go_on(np.random.PCG64(self._seed).state)
        return self

    def seed(self) -> int:
        """Start anew from a seed that nobody can guess, and return it."""
        return self.manual_seed(int.from_bytes(os.urandom(8))).initial_seed()

    def initial_seed(self) -> int:
        """The seed of the last start."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a Tensor of bytes, for `set_state`."""
        state = self.rng.bit_generator.state
        numbers = self._seed, *state["state"].values(), state["has_uint32"], state["uinteger"]
        return Tensor(np.frombuffer(b"".join(n.to_bytes(16) for n in numbers), np.uint8))

    def set_state(self, new_state: Any) -> None:
        """Go on from a state that `get_state` returned. Raises `ValueError` for other bytes."""
        numbers = np.asarray(getattr(new_state, "raw", new_state)).tobytes()
        if len(numbers) != 5 * 16:
            raise ValueError("set_state needs the bytes that get_state returned, got others")
        self._seed, state, increment, half, rest = (
            int.from_bytes(numbers[i : i + 16]) for i in range(0, 80, 16)
        )
        inner = {"state": state, "inc": increment}
        self._go_on({"bit_generator": "PCG64", "state": inner, "has_uint32": half, "uinteger": rest})

    def _go_on(self, state: Any) -> None:
        """Bring NumPy's generator to a state; watchers are told, as the numbers would be the same in every run."""
        announce(draws.SEED)
        self.rng.bit_generator.state = state


class _Default(Generator):
    """The generator that everything random draws from that is given no other."""

    _seed = draws.FIRST_SEED

    @functools.cached_property
    def rng(self) -> np.random.Generator:
        """NumPy's generator inside."""
        return draws.generator()


default_generator = _Default()
manual_seed, seed = default_generator.manual_seed, default_generator.seed
initial_seed = default_generator.initial_seed
get_rng_state, set_rng_state = default_generator.get_state, default_generator.set_state


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


_OF_THE_DEFAULT = {
    "get_rng_state": get_rng_state,
    "initial_seed": initial_seed,
    "manual_seed": manual_seed,
    "seed": seed,
    "set_rng_state": set_rng_state,
}
WORDS |= {**_OF_THE_DEFAULT, "default_generator": default_generator}
WORDS["random"] = Namespace("random", fork_rng=fork_rng, **_OF_THE_DEFAULT)
