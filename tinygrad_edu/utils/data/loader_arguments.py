"""What the arguments of a loader must be, and which of them exclude each other."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

from tinygrad_edu.tensor.arguments import whole_number


def check_dataset(dataset: Any) -> None:
    """Raise `TypeError` for what has no numbered samples and is no IterableDataset."""
    if not hasattr(dataset, "__getitem__"):
        raise TypeError(
            "DataLoader needs a dataset with __getitem__ and __len__, or an IterableDataset, got "
            f"{type(dataset).__name__} {short(dataset)}"
        )


def check_workers(num_workers: Any, prefetch_factor: Any, persistent_workers: Any, context: Any) -> None:
    """Raise an error for a number of workers below 0, and for settings of workers where there are none."""
    whole_number("DataLoader", "num_workers", num_workers)
    if prefetch_factor is not None:
        whole_number("DataLoader", "prefetch_factor", prefetch_factor, least=1)
    given = {
        "prefetch_factor": prefetch_factor,
        "persistent_workers": persistent_workers or None,
        "multiprocessing_context": context,
    }
    for name, value in given.items():
        if value is not None and num_workers == 0:
            raise ValueError(
                f"DataLoader needs num_workers of 1 or more for {name}={value!r}, got 0; leave one of them out"
            )


def check_timeout(timeout: Any) -> None:
    """Raise an error unless `timeout` is a number of seconds."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"DataLoader needs timeout as a number of seconds, got {timeout!r}")
    if not timeout >= 0:
        raise ValueError(f"DataLoader needs timeout of 0 seconds or more, got {timeout}; 0 waits for ever")


def check_iterable(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    """Raise `ValueError` for an order of samples that come one after the other."""
    given = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in given.items():
        if value is not None:
            raise ValueError(
                f"DataLoader reads an IterableDataset in its own order and takes no {name}, got {name}={value!r}; "
                "choose the order in its __iter__"
            )


def check_batches(batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: Any) -> None:
    """Raise `ValueError` for arguments of which one says what the other leaves open."""
    if sampler is not None and shuffle:
        raise ValueError(
            "DataLoader needs sampler or shuffle=True, got both; a RandomSampler is what shuffle=True makes"
        )
    if batch_sampler is not None:
        others = {
            "batch_size": None if batch_size == 1 else batch_size,
            "shuffle": shuffle or None,
            "sampler": sampler,
            "drop_last": drop_last or None,
        }
        given = [f"{name}={value!r}" for name, value in others.items() if value is not None]
        if given or batch_size is None:
            raise ValueError(
                "DataLoader needs batch_sampler alone, or batch_size, shuffle, sampler and drop_last, got "
                f"batch_sampler and {', '.join(given) or 'batch_size=None'}"
            )
    if batch_size is None and drop_last:
        raise ValueError("DataLoader needs a batch_size for drop_last=True, got batch_size=None")
