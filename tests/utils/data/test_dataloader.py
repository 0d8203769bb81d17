"""The loader in one process: batches, orders, lengths, and arguments that exclude each other."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)


class Stream(IterableDataset[int]):
    def __iter__(self):
        return iter(range(5))

    def __len__(self):
        return 5


def numbers(loader):
    return [batch.tolist() for batch in loader]


def test_batches_in_order():
    assert numbers(DataLoader(range(5), batch_size=2)) == [[0, 1], [2, 3], [4]]
    assert numbers(DataLoader(range(5), batch_size=2, drop_last=True)) == [[0, 1], [2, 3]]
    assert numbers(DataLoader([7, 8])) == [[7], [8]]


def test_every_pass_is_shuffled_anew():
    loader = DataLoader(range(50), batch_size=50, shuffle=True)

    first, second = numbers(loader)[0], numbers(loader)[0]

    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second


def test_a_generator_decides_the_order():
    def order():
        return numbers(DataLoader(range(20), 4, shuffle=True, generator=torch.Generator().manual_seed(1)))

    assert order() == order()


def test_a_tensor_dataset_is_read_by_one_index_for_a_batch():
    x, y = torch.rand(10, 3), torch.arange(10)
    dataset = TensorDataset(x, y)
    order = [3, 1, 4, 1, 5]

    fast = next(iter(DataLoader(dataset, 5, sampler=order)))
    slow = default_collate([dataset[i] for i in order])

    assert type(fast) is type(slow) is list
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def test_subsets_of_a_tensor_dataset_are_read_so_too():
    dataset = TensorDataset(torch.arange(10) * 10)
    train, _ = random_split(dataset, [0.8, 0.2])

    (batch,) = next(iter(DataLoader(Subset(train, [2, 0]), 2)))

    assert batch.tolist() == [10 * train.indices[2], 10 * train.indices[0]]


def test_a_tensor_dataset_with_look_ups_of_its_own_keeps_them():
    class Doubled(TensorDataset):
        def __getitem__(self, index):
            return 2 * super().__getitem__(index)[0]

    class AtOnce(TensorDataset):
        def __getitems__(self, indices):
            return [-1 for _ in indices]

    assert numbers(DataLoader(Doubled(torch.arange(4)), 4)) == [[0, 2, 4, 6]]
    assert numbers(DataLoader(AtOnce(torch.arange(2)), 2)) == [[-1, -1]]
    assert numbers(DataLoader(Subset(Doubled(torch.arange(4)), [1]), 4)) == [[2]]


def test_samples_are_looked_up_at_once_where_the_dataset_can():
    class AtOnce(Dataset[int]):
        def __len__(self):
            return 4

        def __getitems__(self, indices):
            return [100 + i for i in indices]

    assert numbers(DataLoader(AtOnce(), 4)) == [[100, 101, 102, 103]]


def test_a_gradient_flows_through_a_batch():
    w = torch.ones(3, requires_grad=True)

    (batch,) = next(iter(DataLoader(TensorDataset(w), 2, sampler=[0, 0])))
    batch.sum().backward()

    assert w.grad.tolist() == [2, 0, 0]


def test_a_function_of_ones_own_makes_the_batch():
    assert list(DataLoader(range(4), 2, collate_fn=tuple)) == [(0, 1), (2, 3)]


def test_without_a_batch_size_samples_come_alone():
    loader = DataLoader([np.zeros(2), "a"], batch_size=None)

    first, second = loader

    assert isinstance(first, torch.Tensor)
    assert second == "a"
    assert (len(loader), loader.batch_sampler) == (2, None)


def test_a_batch_sampler_makes_the_batches():
    loader = DataLoader(range(5), batch_sampler=[[4, 0], [1]])

    assert numbers(loader) == [[4, 0], [1]]
    assert (len(loader), loader.batch_size) == (2, None)


def test_an_iterable_dataset_is_read_in_its_order():
    assert numbers(DataLoader(Stream(), 2)) == [[0, 1], [2, 3], [4]]
    assert numbers(DataLoader(Stream(), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(), batch_size=None)) == [0, 1, 2, 3, 4]
    lengths = [len(DataLoader(Stream(), 2)), len(DataLoader(Stream(), 2, drop_last=True))]
    assert [*lengths, len(DataLoader(Stream(), None))] == [3, 2, 5]


def test_a_progress_bar_knows_the_length():
    tqdm = pytest.importorskip("tqdm", reason="the extra progress is not installed")
    loader = DataLoader(range(7), 2)

    bar = tqdm.tqdm(loader, disable=True)

    assert len(bar) == len(iter(loader)) == 4
    assert len(list(bar)) == 4


def test_hardware_words_change_nothing():
    loader = DataLoader(range(2), pin_memory=True, pin_memory_device="cuda", in_order=False)

    assert numbers(loader) == [[0], [1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sampler": [0], "shuffle": True}, "DataLoader needs sampler or shuffle=True, got both"),
        (
            {"batch_sampler": [[0]], "batch_size": 2},
            "batch_sampler alone.*got batch_sampler and batch_size=2",
        ),
        ({"batch_sampler": [[0]], "batch_size": None}, "got batch_sampler and batch_size=None"),
        ({"batch_sampler": [[0]], "shuffle": True}, "got batch_sampler and shuffle=True"),
        ({"batch_sampler": [[0]], "sampler": [0]}, r"got batch_sampler and sampler=\[0\]"),
        ({"batch_sampler": [[0]], "drop_last": True}, "got batch_sampler and drop_last=True"),
        (
            {"batch_size": None, "drop_last": True},
            "needs a batch_size for drop_last=True, got batch_size=None",
        ),
        ({"batch_size": 0}, "BatchSampler needs batch_size of 1 or more, got 0"),
        ({"num_workers": -1}, "DataLoader needs num_workers of 0 or more, got -1"),
        ({"timeout": -1}, "DataLoader needs timeout of 0 seconds or more, got -1"),
        ({"prefetch_factor": 2}, "needs num_workers of 1 or more for prefetch_factor=2, got 0"),
        ({"prefetch_factor": 0, "num_workers": 1}, "needs prefetch_factor of 1 or more, got 0"),
        ({"persistent_workers": True}, "num_workers of 1 or more for persistent_workers=True, got 0"),
        (
            {"multiprocessing_context": "fork"},
            "num_workers of 1 or more for multiprocessing_context='fork', got 0",
        ),
    ],
)
def test_arguments_that_exclude_each_other_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        DataLoader(range(5), **arguments)


@pytest.mark.parametrize("arguments", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_an_iterable_dataset_has_its_own_order(arguments):
    (name,) = arguments

    with pytest.raises(ValueError, match=f"in its own order and takes no {name}, got {name}="):
        DataLoader(Stream(), **arguments)


def test_wrong_kinds_of_arguments_are_refused():
    with pytest.raises(TypeError, match="DataLoader needs timeout as a number of seconds, got 'long'"):
        DataLoader(range(2), timeout="long")
    with pytest.raises(
        TypeError, match=r"DataLoader needs a dataset with __getitem__ and __len__.*got set {1}"
    ):
        DataLoader({1})


def test_a_loader_stays_as_it_was_made():
    loader = DataLoader(range(5), 2)

    with pytest.raises(
        ValueError, match=r"DataLoader.batch_size stays as it was made; make another DataLoader"
    ):
        loader.batch_size = 3
