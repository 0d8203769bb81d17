"""Samplers, each with what it must not be given."""

from __future__ import annotations

from collections import Counter

import pytest

import tinygrad_edu as torch
from tinygrad_edu.utils.data import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_sequential_numbers():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert len(SequentialSampler("abc")) == 3


def test_a_random_order_has_every_number_once():
    sampler = RandomSampler(range(100), generator=seeded())

    order = list(sampler)

    assert sorted(order) == list(range(100))
    assert order != list(range(100))
    assert len(sampler) == 100


def test_the_default_generator_decides_the_order():
    def order():
        torch.manual_seed(3)
        return list(RandomSampler(range(50)))

    assert order() == order()


def test_more_samples_than_there_are_come_in_several_orders():
    order = list(RandomSampler(range(4), num_samples=10, generator=seeded()))

    assert (sorted(order[:4]), sorted(order[4:8]), len(order)) == ([0, 1, 2, 3], [0, 1, 2, 3], 10)


def test_with_replacement_numbers_come_again():
    order = list(RandomSampler(range(5), replacement=True, num_samples=3000, generator=seeded()))

    assert len(order) == 3000
    assert all(500 < count < 700 for count in Counter(order).values())


def test_a_random_sampler_refuses_what_is_no_number_of_samples():
    with pytest.raises(ValueError, match="RandomSampler needs num_samples of 1 or more, got 0"):
        RandomSampler([])
    with pytest.raises(TypeError, match=r"RandomSampler needs num_samples as a whole number, got float 1.5"):
        RandomSampler("ab", num_samples=1.5)
    with pytest.raises(TypeError, match="RandomSampler needs replacement as True or False, got 3"):
        RandomSampler("ab", replacement=3)


def test_a_subset_in_random_order():
    sampler = SubsetRandomSampler([3, 7, 9], generator=seeded())

    assert sorted(sampler) == [3, 7, 9]
    assert len(sampler) == 3


def test_weights_decide_how_often_a_number_comes():
    counts = Counter(WeightedRandomSampler([1, 0, 3], 4000, generator=seeded()))

    assert counts[1] == 0
    assert 900 < counts[0] < 1100
    assert sorted(WeightedRandomSampler([1.0, 2.0, 3.0], 3, replacement=False)) == [0, 1, 2]


def test_a_weighted_sampler_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="needs num_samples of 1 or more, got 0"):
        WeightedRandomSampler([1.0], 0)
    with pytest.raises(TypeError, match="needs replacement as True or False, got None"):
        WeightedRandomSampler([1.0], 1, None)
    with pytest.raises(ValueError, match=r"needs a list of weights, got an array of shape \(1, 2\)"):
        WeightedRandomSampler([[1.0, 2.0]], 1)


def test_batches_of_numbers():
    assert list(BatchSampler(range(5), 2, False)) == [[0, 1], [2, 3], [4]]
    assert list(BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert (len(BatchSampler(range(5), 2, False)), len(BatchSampler(range(5), 2, True))) == (3, 2)


def test_a_batch_sampler_refuses_what_is_no_size():
    with pytest.raises(ValueError, match="BatchSampler needs batch_size of 1 or more, got 0"):
        BatchSampler(range(5), 0, False)
    with pytest.raises(TypeError, match="BatchSampler needs drop_last as True or False, got None"):
        BatchSampler(range(5), 1, None)


def test_processes_share_the_samples():
    shares = [list(DistributedSampler(range(7), 3, rank, shuffle=False)) for rank in range(3)]

    assert shares == [[0, 3, 6], [1, 4, 0], [2, 5, 1]]


def test_what_does_not_divide_evenly_may_be_dropped():
    shares = [list(DistributedSampler(range(7), 3, rank, shuffle=False, drop_last=True)) for rank in range(3)]

    assert shares == [[0, 3], [1, 4], [2, 5]]


def test_processes_shuffle_alike_and_each_epoch_differently():
    samplers = [DistributedSampler(range(20), 2, rank) for rank in range(2)]
    first = [list(sampler) for sampler in samplers]

    for sampler in samplers:
        sampler.set_epoch(1)

    assert sorted(first[0] + first[1]) == list(range(20))
    assert list(samplers[0]) != first[0]
    assert len(samplers[0]) == 10
    assert sorted(DistributedSampler(range(5))) == [0, 1, 2, 3, 4]


def test_a_process_beyond_the_last_is_refused():
    with pytest.raises(ValueError, match="DistributedSampler needs rank from 0 to 1, got 2"):
        DistributedSampler(range(5), 2, 2)


def test_a_sampler_without_its_method_names_it():
    with pytest.raises(NotImplementedError, match=r"Sampler needs a method __iter__\(self\)"):
        iter(Sampler())
