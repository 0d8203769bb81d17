"""Generators: seeds, states, and the default one."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as te
from tinygrad_edu import Generator, manual_seed, rand


def test_a_seed_repeats_the_numbers_and_manual_seed_returns_the_generator():
    g = Generator()

    first = [rand(3, generator=g.manual_seed(5)).tolist() for _ in range(2)]

    assert first[0] == first[1] == np.random.default_rng(5).random(3).tolist()
    assert g.initial_seed() == 5
    assert manual_seed(6) is te.default_generator
    assert te.initial_seed() == 6


def test_a_new_generator_starts_with_the_seed_that_pytorch_has():
    assert Generator().initial_seed() == 67280421310721
    assert rand(2, generator=Generator()).tolist() == rand(2, generator=Generator("cpu")).tolist()
    assert Generator().device == te.device("cpu")


@pytest.mark.parametrize("seed", [0, -1, 2**64 - 1, np.int64(3)])
def test_seeds_may_be_negative_which_counts_from_the_end(seed):
    assert Generator().manual_seed(seed).initial_seed() == int(seed) % 2**64


def test_seed_chooses_one_and_says_which():
    g = Generator()

    chosen = g.seed()

    assert g.initial_seed() == chosen
    assert rand(3, generator=g).tolist() == rand(3, generator=Generator().manual_seed(chosen)).tolist()
    assert te.seed() == te.initial_seed() != te.seed()


def test_a_state_brings_the_numbers_back():
    g = Generator().manual_seed(1)
    rand(3, generator=g)
    state = g.get_state()
    expected = rand(3, generator=g).tolist()

    g.manual_seed(2)
    g.set_state(state)

    assert state.dtype == np.uint8
    assert g.initial_seed() == 1
    assert rand(3, generator=g).tolist() == expected


def test_the_state_of_the_default_generator():
    state = te.get_rng_state()
    expected = rand(3).tolist()

    te.set_rng_state(state)

    assert rand(3).tolist() == expected


@pytest.mark.parametrize("state", [te.zeros(3, dtype="uint8"), te.tensor([91, 93], dtype="uint8")])
def test_other_bytes_are_no_state(state):
    with pytest.raises(ValueError, match="set_state needs the bytes that get_state returned, got others"):
        Generator().set_state(state)


def test_nothing_drawn_in_a_fork_counts():
    manual_seed(3)
    with te.random.fork_rng():
        manual_seed(9)
        rand(5)

    assert rand(2).tolist() == np.random.default_rng(3).random(2).tolist()
    with te.random.fork_rng(enabled=False):
        rand(2)
    assert rand(2).tolist() != np.random.default_rng(3).random(4)[2:].tolist()


def test_every_draw_takes_a_generator_and_leaves_the_default_one_alone():
    manual_seed(8)
    g = Generator()

    te.randn(2, generator=g)
    te.randint(3, (2,), generator=g)
    te.randperm(3, generator=g)
    te.zeros(3).normal_(generator=g)
    te.multinomial(te.ones(3), 2, generator=g)

    assert rand(2).tolist() == np.random.default_rng(8).random(2).tolist()
