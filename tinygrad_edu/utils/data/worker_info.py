"""What a worker process of a loader knows about itself."""

from __future__ import annotations

from typing import Any, NamedTuple


class WorkerInfo(NamedTuple):
    """The number of a worker, of how many, the seed of its random numbers, and its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


_here: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """The `WorkerInfo` of this process: `id`, `num_workers`, `seed`, `dataset`; None in the main process."""
    return _here


def set_worker_info(info: WorkerInfo) -> None:
    """State what this process is: called once, where a worker starts."""
    global _here
    _here = info
