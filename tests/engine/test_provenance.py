"""How a constant was computed: short chains, no large arrays kept alive, nothing behind a gradient."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from tinygrad_edu.engine.provenance import MAX_NUMBERS, MAX_STEPS, sources
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.tensor.tensor import tensor


def test_a_constant_knows_its_operation_and_its_inputs():
    q = tensor([1.0, 2.0])

    found = (q * 3).provenance

    assert found[0] is ops.multiply
    assert sources(found) == [q, 3]


def test_what_gets_a_gradient_has_a_graph_and_no_provenance():
    q, w = tensor([1.0, 2.0]), tensor([1.0, 2.0], requires_grad=True)

    assert (q * w).provenance is None


def test_a_running_average_remembers_few_steps():
    average = tensor([0.0])
    for i in range(20):
        average = 0.9 * average + 0.1 * i

    steps, x = 0, average
    while x.provenance is not None:
        x = next(y for y in sources(x.provenance) if hasattr(y, "raw"))
        steps += 1

    assert steps <= MAX_STEPS


def test_a_chain_that_is_too_long_is_forgotten_at_once():
    x = tensor([0.5])
    for _ in range(MAX_STEPS):
        x = x.exp()
        assert x.provenance is not None

    assert x.exp().provenance is None


def test_a_large_source_is_not_kept_alive():
    q = tensor(np.ones(MAX_NUMBERS + 1))
    made, gone = q.log(), weakref.ref(q)

    del q
    gc.collect()

    assert gone() is None
    assert sources(made.provenance) == [None]


def test_a_source_of_as_many_numbers_as_are_kept_is_kept():
    made = tensor(np.ones(MAX_NUMBERS)).log()

    assert [x.shape for x in sources(made.provenance)] == [(MAX_NUMBERS,)]
