"""Loaders and samplers give the batches that PyTorch's give."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu.utils.data import (
    DataLoader,
    DistributedSampler,
    IterableDataset,
    default_collate,
    get_worker_info,
)

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
theirs = torch.utils.data

SAMPLES = [
    [1.5, 2.5],
    [1, 2],
    [True, False],
    [1, 2.5],
    [np.float32(1), np.float32(2)],
    [np.float64(1), np.float64(2)],
    [np.int32(1), np.int32(2)],
    [np.ones((2, 3), np.float16), np.zeros((2, 3), np.float16)],
    [(1, "a"), (2, "b")],
    [{"x": [1.0, 2.0], "y": np.arange(3)}] * 2,
    [range(3), range(3)],
    [[(1, 2.0), b"a"]] * 3,
]


def plain(batch):
    """A batch with `(dtype, numbers)` in place of tensors."""
    if isinstance(batch, torch.Tensor | tinygrad_edu.Tensor):
        dtype = str(batch.dtype).removeprefix("torch.")
        return ("float" if dtype == str(torch.get_default_dtype())[6:] else dtype, batch.tolist())
    if isinstance(batch, dict):
        return {key: plain(part) for key, part in batch.items()}
    return type(batch)(map(plain, batch)) if isinstance(batch, list | tuple) else batch


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda samples: str(samples)[:30])
def test_samples_are_collated_alike(samples):
    torch.set_default_dtype(torch.float64)  # as here
    try:
        assert plain(default_collate(samples)) == plain(theirs.default_collate(samples))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 4, "drop_last": True},
        {"batch_size": 3, "sampler": [5, 3, 3, 1]},
        {"batch_sampler": [[1, 2], [0]]},
        {"batch_size": None},
    ],
    ids=str,
)
def test_batches_are_those_of_pytorch(arguments, workers):
    loaders = [kind(range(10), num_workers=workers, **arguments) for kind in (DataLoader, theirs.DataLoader)]

    ours, expected = [plain(list(loader)) for loader in loaders]

    assert ours == expected
    assert len(loaders[0]) == len(loaders[1])


def shares(base, info):
    class Shares(base):
        def __iter__(self):
            worker = info()
            return iter(range(worker.id * 7, 17, worker.num_workers))

    return Shares()


@pytest.mark.filterwarnings(
    "ignore:This DataLoader will create 3 worker processes"
)  # more than there are cores
@pytest.mark.parametrize(("batch_size", "drop_last"), [(2, False), (2, True), (None, False)])
def test_workers_take_turns_as_pytorchs(batch_size, drop_last):
    arguments = {
        "batch_size": batch_size,
        "drop_last": drop_last,
        "num_workers": 3,
        "multiprocessing_context": "fork",
    }

    ours = DataLoader(shares(IterableDataset, get_worker_info), **arguments)
    expected = theirs.DataLoader(shares(theirs.IterableDataset, theirs.get_worker_info), **arguments)

    assert plain(list(ours)) == plain(list(expected))


@pytest.mark.parametrize("count", [1, 7, 12])
@pytest.mark.parametrize("drop_last", [False, True])
def test_processes_share_samples_as_pytorchs(count, drop_last):
    for rank in range(5):
        settings = {"num_replicas": 5, "rank": rank, "shuffle": False, "drop_last": drop_last}
        ours = DistributedSampler(range(count), **settings)
        expected = theirs.DistributedSampler(range(count), **settings)

        assert list(ours) == list(expected)
        assert len(ours) == len(expected)
