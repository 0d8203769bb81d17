"""Datasets: samples that are looked up by number or come one after the other, and parts and sums of datasets."""

from __future__ import annotations

import bisect
import itertools
import math
import operator
import warnings
from collections.abc import Iterable, Iterator, Sequence
from reprlib import repr as short
from typing import Any, Generic, TypeVar

import numpy as np

from tinygrad_edu.tensor.random_tensors import randperm
from tinygrad_edu.tensor.tensor import Tensor

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples that are looked up by number. Subclasses write `__getitem__`, and most of them `__len__`.

    A method `__getitems__(indices)`, if there is one, returns a list of samples and saves a loader single look-ups.
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError(
            f"{type(self).__name__} needs a method __getitem__(self, index) that returns a sample"
        )

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Samples that come one after the other. Subclasses write `__iter__`.

    Each worker process of a loader iterates over a copy of its own; `get_worker_info()` tells the copies apart.
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(
            f"{type(self).__name__} needs a method __iter__(self) that returns an iterator over samples"
        )

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors of one length: sample `i` is the tuple of their elements `i`.

    Raises `ValueError` if the lengths differ.
    """

    def __init__(self, *tensors: Tensor) -> None:
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset needs Tensors, got {type(tensor).__name__} {short(tensor)}; write tensor(...)"
                )
        lengths = {tensor.shape[:1] for tensor in tensors}
        if len(lengths) != 1 or () in lengths:
            shapes = ", ".join(str(tensor.shape) for tensor in tensors) or "none"
            raise ValueError(f"TensorDataset needs tensors with one first size, got shapes {shapes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return int(self.tensors[0].shape[0])


class StackDataset(Dataset[Any]):
    """Datasets of one length: sample `i` is the tuple, or by keyword the dict, of their samples `i`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError(
                "StackDataset needs datasets either by position or by keyword, got "
                + ("both" if args else "none")
            )
        self.datasets: Any = args or kwargs
        lengths = [len(dataset) for dataset in self._parts()]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset needs datasets of one length, got {lengths}")

    def _parts(self) -> list[Any]:
        return list(self.datasets.values() if isinstance(self.datasets, dict) else self.datasets)

    def _together(self, samples: Iterable[Any]) -> Any:
        return dict(zip(self.datasets, samples)) if isinstance(self.datasets, dict) else tuple(samples)

    def __getitem__(self, index: Any) -> Any:
        return self._together(dataset[index] for dataset in self._parts())

    def __getitems__(self, indices: list[int]) -> list[Any]:
        columns = [samples_at(dataset, indices) for dataset in self._parts()]
        for dataset, column in zip(self._parts(), columns):
            if len(column) != len(indices):
                raise ValueError(
                    f"{type(dataset).__name__}.__getitems__ needs to return a sample for each of {len(indices)} "
                    f"indices, got {len(column)}"
                )
        return [self._together(row) for row in zip(*columns)]

    def __len__(self) -> int:
        return len(self._parts()[0])


class ConcatDataset(Dataset[T_co]):
    """Datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets: list[Any] = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset needs at least one dataset, got none")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise TypeError(
                "ConcatDataset needs datasets with numbered samples, got an IterableDataset; use ChainDataset"
            )
        self.cumulative_sizes = list(itertools.accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: Any) -> T_co:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"ConcatDataset has {len(self)} samples, got number {index}")
        which = bisect.bisect_right(self.cumulative_sizes, place)
        return self.datasets[which][place - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset[Any]):
    """Iterable datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def _parts(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise TypeError(f"ChainDataset needs IterableDatasets, got {type(dataset).__name__}")
            yield dataset

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self._parts())

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self._parts())


class Subset(Dataset[T_co]):
    """The samples of a dataset at the given numbers, in that order."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> T_co:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[T_co]:
        return samples_at(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset[Any]]:
    """Disjoint random parts of a dataset, of given lengths or of fractions of it that add up to 1.

    Fractions are rounded down, and what remains goes to the first parts, one sample each.
    """
    sizes: Any = list(lengths)
    if math.isclose(sum(sizes), 1) and sum(sizes) <= 1:
        sizes = _sizes_of_fractions(sizes, len(dataset))
    if sum(sizes) != len(dataset):
        raise ValueError(
            f"random_split needs lengths that add up to {len(dataset)}, the length of the dataset, or fractions "
            f"that add up to 1, got {list(lengths)}"
        )
    order = randperm(len(dataset), generator=generator).tolist()
    ends = itertools.accumulate(sizes)
    return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]


def _sizes_of_fractions(fractions: list[float], count: int) -> list[int]:
    if not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(f"random_split needs fractions between 0 and 1, got {fractions}")
    sizes = [math.floor(count * fraction) for fraction in fractions]
    for i in range(count - sum(sizes)):
        sizes[i % len(sizes)] += 1
    for i, size in enumerate(sizes):
        if size == 0:
            warnings.warn(f"random_split made part {i} empty: it has 0 of {count} samples", stacklevel=3)
    return sizes


# How a loader reads several samples.


def samples_at(dataset: Any, indices: list[int]) -> list[Any]:
    """The samples at several numbers, by one call of `__getitems__` where the dataset has it."""
    at_once = getattr(dataset, "__getitems__", None)
    return at_once(indices) if callable(at_once) else [dataset[i] for i in indices]


def columns_at(dataset: Any, indices: list[int]) -> list[Tensor] | None:
    """What `default_collate` makes of samples of a TensorDataset, or of a subset of one, by one index for each tensor.

    None for other datasets, and where a subclass has look-ups of its own.
    """
    kind = type(dataset)
    if isinstance(dataset, Subset) and kind.__getitem__ is Subset.__getitem__:
        if kind.__getitems__ is not Subset.__getitems__:
            return None
        return columns_at(dataset.dataset, [dataset.indices[i] for i in indices])
    if getattr(kind, "__getitem__", None) is not TensorDataset.__getitem__ or hasattr(kind, "__getitems__"):
        return None
    try:
        places = np.array([operator.index(i) for i in indices], dtype=np.int64)
    except TypeError:
        return None
    return [tensor[places] for tensor in dataset.tensors] if indices else None
