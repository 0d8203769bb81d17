"""DataLoader: a dataset in batches, read here or by worker processes."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from tinygrad_edu.utils.data.collation import default_collate, default_convert
from tinygrad_edu.utils.data.dataset import IterableDataset
from tinygrad_edu.utils.data.fetching import Reading
from tinygrad_edu.utils.data.loader_arguments import (
    check_batches,
    check_dataset,
    check_iterable,
    check_timeout,
    check_workers,
)
from tinygrad_edu.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    random_seed,
)

T_co = TypeVar("T_co", covariant=True)
_FIXED = {"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"}
_WORKERS = "tinygrad_edu.utils.data.worker_pool"  # imported when the first is wanted: it takes 20 ms


class _InTurn(Sampler[None]):
    """The order of an iterable dataset: whatever comes next, for ever."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)


class DataLoader(Generic[T_co]):
    """The samples of `dataset` in batches, once for each `for` loop.

    `collate_fn` makes one batch of a list of samples, see `default_collate`; with `batch_size=None` samples come alone.
    `num_workers` processes read ahead, `prefetch_factor` batches each, in the order of the batches; they end with the
    loop, unless `persistent_workers`, with the iterator, with any error and with the program. Whoever waits longer
    than `timeout` seconds for a batch gets a `RuntimeError`; an error in a worker is raised with its traceback.
    The order and the numbers drawn in workers follow from `generator`, or from the default one.
    `pin_memory`, `pin_memory_device` and `in_order` change nothing.

    Raises `ValueError` for arguments that exclude each other.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        check_dataset(dataset)
        check_workers(num_workers, prefetch_factor, persistent_workers, multiprocessing_context)
        check_timeout(timeout)
        iterable = isinstance(dataset, IterableDataset)
        if iterable:
            check_iterable(shuffle, sampler, batch_sampler)
        check_batches(batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset, self.num_workers, self.generator = dataset, num_workers, generator
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device, self.in_order = pin_memory, pin_memory_device, in_order
        self.timeout, self.worker_init_fn = timeout, worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.persistent_workers, self.drop_last = persistent_workers, drop_last
        if sampler is None and batch_sampler is None:
            sampler = _default_order(dataset, bool(shuffle), generator)
        if batch_sampler is not None:
            batch_size = None
            sampler = SequentialSampler(dataset)
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler or (), batch_size, drop_last)
        self.batch_size, self.sampler, self.batch_sampler = batch_size, sampler, batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._pool: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and "_pool" in vars(self):
            raise ValueError(f"DataLoader.{name} stays as it was made; make another DataLoader")
        super().__setattr__(name, value)

    @property
    def _order(self) -> Any:
        """What each batch is made of, or each sample that comes alone."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    @property
    def _reading(self) -> Reading:
        return Reading(self.dataset, self.collate_fn, self.batch_sampler is not None, self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        if self.num_workers == 0:
            return _Here(self)
        return importlib.import_module(_WORKERS).batches(self, random_seed(self.generator))

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self._order)
        count: int = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _default_order(dataset: Any, shuffle: bool, generator: Any) -> Sampler[Any]:
    if isinstance(dataset, IterableDataset):
        return _InTurn()
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


class _Here:
    """One pass over a dataset in this process."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        random_seed(loader.generator)  # so that the order is the same with any number of workers
        self._loader = loader
        self._order, self._fetch = iter(loader._order), loader._reading.fetcher()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._fetch(next(self._order))

    def __len__(self) -> int:
        return len(self._loader)
