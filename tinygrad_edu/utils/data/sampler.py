"""Samplers: in which order, and in which batches, the samples of a dataset are looked up."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.creation import as_tensor
from tinygrad_edu.tensor.functions.sampling import multinomial
from tinygrad_edu.tensor.random_tensors import Generator, randint, randperm

T_co = TypeVar("T_co", covariant=True)
_MOST = 2**63 - 1


class Sampler(Generic[T_co]):
    """The numbers of samples, or lists of them, in the order in which they are wanted. Subclasses write `__iter__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(
            f"{type(self).__name__} needs a method __iter__(self) that returns an iterator over numbers of samples"
        )


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ... to the last sample."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


def random_seed(generator: Any = None) -> int:
    """A seed for another generator."""
    return int(randint(_MOST, (), generator=generator).item())


class RandomSampler(Sampler[int]):
    """All samples in random order, or with `replacement` each drawn from all of them.

    `num_samples` of them, as many as there are unless given; more than there are without replacement come in several
    orders, one after the other. Without a generator each pass has one of its own, with a seed from the default one.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler needs replacement as True or False, got {replacement!r}")
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        whole_number("RandomSampler", "num_samples", self.num_samples, least=1)

    @property
    def num_samples(self) -> int:
        """How many are drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        generator = self.generator
        if generator is None:
            generator = Generator().manual_seed(random_seed())
        n, left = len(self.data_source), self.num_samples
        while left > 0:
            if self.replacement:
                drawn = randint(n, (min(left, 1024),), generator=generator).tolist()
            else:
                drawn = randperm(n, generator=generator).tolist()[:left]
            yield from drawn
            left -= len(drawn)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given numbers in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """`num_samples` numbers from 0 to `len(weights) - 1`, with probabilities in proportion to `weights`."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        self.num_samples = whole_number("WeightedRandomSampler", "num_samples", num_samples, least=1)
        if not isinstance(replacement, bool):
            raise TypeError(f"WeightedRandomSampler needs replacement as True or False, got {replacement!r}")
        self.weights = as_tensor(weights, dtype=float)
        if self.weights.ndim != 1:
            raise ValueError(
                f"WeightedRandomSampler needs a list of weights, got an array of shape {self.weights.shape}"
            )
        self.replacement, self.generator = replacement, generator

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` numbers of another sampler; the last one may be shorter, or is dropped with `drop_last`."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        self.sampler = sampler
        self.batch_size = whole_number("BatchSampler", "batch_size", batch_size, least=1)
        if not isinstance(drop_last, bool):
            raise TypeError(f"BatchSampler needs drop_last as True or False, got {drop_last!r}")
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        numbers = iter(self.sampler)
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count: int = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
