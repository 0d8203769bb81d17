"""How a loader reads the samples of one batch, in the main process or in a worker."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

from tinygrad_edu.utils.data.collation import default_collate
from tinygrad_edu.utils.data.dataset import IterableDataset, columns_at, samples_at


class Reading(NamedTuple):
    """What is read, and how: `batched` unless the samples come alone."""

    dataset: Any
    collate_fn: Callable[[Any], Any]
    batched: bool
    drop_last: bool

    def fetcher(self) -> Callable[[Any], Any]:
        """A function from what the sampler gave to a batch, or to a single sample, for one pass.

        It raises `StopIteration` when an iterable dataset has ended.
        """
        if isinstance(self.dataset, IterableDataset):
            return _in_turn(self)
        return self._numbered

    def _numbered(self, wanted: Any) -> Any:
        if not self.batched:
            return self.collate_fn(self.dataset[wanted])
        if self.collate_fn is default_collate:
            columns = columns_at(self.dataset, wanted)
            if columns is not None:
                return columns
        return self.collate_fn(samples_at(self.dataset, wanted))


def _in_turn(reading: Reading) -> Callable[[Any], Any]:
    samples = iter(reading.dataset)

    def fetch(wanted: Any) -> Any:
        if not reading.batched:
            return reading.collate_fn(next(samples))
        batch = list(itertools.islice(samples, len(wanted)))
        if not batch or (reading.drop_last and len(batch) < len(wanted)):
            raise StopIteration
        return reading.collate_fn(batch)

    return fetch
