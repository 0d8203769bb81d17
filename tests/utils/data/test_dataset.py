"""Datasets, their sums and parts."""

from __future__ import annotations

import pytest

import tinygrad_edu as torch
from tinygrad_edu.utils import data
from tinygrad_edu.utils.data import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from tinygrad_edu.utils.data.dataloader import DataLoader, default_collate
from tinygrad_edu.utils.data.distributed import DistributedSampler
from tinygrad_edu.utils.data.sampler import SubsetRandomSampler


class Squares(Dataset[int]):
    def __init__(self, count=5):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return index * index


class Countdown(IterableDataset[int]):
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        return iter(range(self.start, 0, -1))

    def __len__(self):
        return self.start


def test_a_sample_of_a_tensor_dataset_is_a_tuple_of_elements():
    dataset = TensorDataset(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([7, 8]))

    x, y = dataset[1]

    assert (len(dataset), x.tolist(), y.item()) == (2, [3, 4], 8)


def test_a_tensor_dataset_needs_one_length():
    with pytest.raises(
        ValueError, match=r"TensorDataset needs tensors with one first size, got shapes \(2,\), \(3,\)"
    ):
        TensorDataset(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match=r"one first size, got shapes none"):
        TensorDataset()
    with pytest.raises(ValueError, match=r"one first size, got shapes \(\)"):
        TensorDataset(torch.tensor(1.0))


def test_a_tensor_dataset_needs_tensors():
    with pytest.raises(TypeError, match=r"TensorDataset needs Tensors, got list \[1, 2\]; write tensor"):
        TensorDataset([1, 2])


def test_a_sum_of_datasets_has_the_samples_of_both():
    both = Squares(3) + Squares(2)

    assert [both[i] for i in range(len(both))] == [0, 1, 4, 0, 1]
    assert both[-1] == 1
    assert both.cumulative_sizes == [3, 5]


def test_a_sum_has_no_samples_beyond_its_ends():
    both = ConcatDataset([Squares(3), Squares(2)])

    with pytest.raises(IndexError, match="ConcatDataset has 5 samples, got number 5"):
        both[5]
    with pytest.raises(IndexError, match="ConcatDataset has 5 samples, got number -6"):
        both[-6]


def test_a_sum_needs_datasets_with_numbered_samples():
    with pytest.raises(ValueError, match="ConcatDataset needs at least one dataset, got none"):
        ConcatDataset([])
    with pytest.raises(TypeError, match="got an IterableDataset; use ChainDataset"):
        ConcatDataset([Countdown(2)])


def test_iterable_datasets_follow_each_other():
    chain = Countdown(2) + Countdown(3)

    assert isinstance(chain, ChainDataset)
    assert list(chain) == [2, 1, 3, 2, 1]
    assert len(chain) == 5


def test_a_chain_needs_iterable_datasets():
    with pytest.raises(TypeError, match="ChainDataset needs IterableDatasets, got Squares"):
        list(ChainDataset([Squares()]))


def test_stacked_datasets_give_tuples_or_dicts():
    assert StackDataset(Squares(3), Squares(3))[2] == (4, 4)
    assert StackDataset(a=Squares(3), b=Squares(3))[2] == {"a": 4, "b": 4}
    assert StackDataset(Squares(3), Subset(Squares(), [4, 3, 2])).__getitems__([0, 2]) == [(0, 16), (4, 4)]


def test_stacked_datasets_have_one_length():
    with pytest.raises(ValueError, match=r"StackDataset needs datasets of one length, got \[3, 4\]"):
        StackDataset(Squares(3), Squares(4))
    with pytest.raises(ValueError, match="either by position or by keyword, got none"):
        StackDataset()
    with pytest.raises(ValueError, match="either by position or by keyword, got both"):
        StackDataset(Squares(), a=Squares())


def test_stacked_datasets_count_what_they_are_given():
    class Short(Squares):
        def __getitems__(self, indices):
            return [0]

    with pytest.raises(ValueError, match="a sample for each of 2 indices, got 1"):
        StackDataset(Short()).__getitems__([0, 1])


def test_a_subset_looks_up_several_samples_at_once_where_its_dataset_can():
    class AtOnce(Squares):
        def __getitems__(self, indices):
            return [("at once", i) for i in indices]

    subset = Subset(AtOnce(), [4, 2, 0])

    assert subset.__getitems__([0, 1]) == [("at once", 4), ("at once", 2)]
    assert (subset[1], len(subset)) == (4, 3)
    assert Subset(Squares(), [4, 2]).__getitems__([1]) == [4]


def test_random_parts_are_disjoint_and_complete():
    parts = random_split(Squares(10), [7, 3], torch.Generator().manual_seed(0))

    assert [len(part) for part in parts] == [7, 3]
    assert sorted(i for part in parts for i in part.indices) == list(range(10))
    again = random_split(Squares(10), [7, 3], generator=torch.Generator().manual_seed(0))
    assert [part.indices for part in again] == [part.indices for part in parts]


def test_fractions_are_rounded_down_and_the_first_parts_take_the_rest():
    assert [len(part) for part in random_split(Squares(11), [0.4, 0.4, 0.2])] == [5, 4, 2]


def test_an_empty_part_is_warned_about():
    with pytest.warns(UserWarning, match="random_split made part 1 empty: it has 0 of 2 samples"):
        random_split(Squares(2), [0.9, 0.1])


def test_lengths_and_fractions_must_fit():
    with pytest.raises(
        ValueError, match=r"lengths that add up to 5, the length of the dataset.*got \[3, 3\]"
    ):
        random_split(Squares(5), [3, 3])
    with pytest.raises(ValueError, match=r"fractions between 0 and 1, got \[1.5, -0.5\]"):
        random_split(Squares(5), [1.5, -0.5])


def test_a_dataset_without_its_method_names_it():
    with pytest.raises(NotImplementedError, match=r"Dataset needs a method __getitem__\(self, index\)"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match=r"IterableDataset needs a method __iter__\(self\)"):
        iter(IterableDataset())


def test_the_modules_of_pytorch_are_there():
    assert torch.utils.data is data
    assert data.DataLoader is DataLoader
    assert data.DistributedSampler is DistributedSampler
    assert data.default_collate is default_collate
    assert data.sampler.SubsetRandomSampler is SubsetRandomSampler
    assert data.dataset.Dataset is Dataset
