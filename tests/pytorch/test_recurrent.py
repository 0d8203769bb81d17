"""Recurrent layers and cells against PyTorch's: the same state dict, outputs and all gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tinygrad_edu
from tests.pytorch.module_pairs import CLOSE, pair

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

STEPS, BATCH, INPUTS, HIDDEN = 5, 3, 3, 4
SETTINGS = [
    (kind, layers, bidirectional, bias, batch_first, packed, proj_size)
    for kind, layers, bidirectional, bias, batch_first, packed, proj_size in itertools.product(
        ("RNN", "LSTM", "GRU"),
        (1, 2),
        (False, True),
        (False, True),
        (False, True),
        (None, True, False),
        (0, 2),
    )
    if not proj_size or kind == "LSTM"
]


def states_of(result, kind):
    return result[1] if kind == "LSTM" else (result[1],)


def outcome(library, module, kind, arrays, batch_first, packed):
    """The output, the states and all gradients, as arrays. `packed`: None, or whether the longest come first."""
    x, *states = (library.tensor(array, requires_grad=True) for array in arrays)
    given, rnn = x, library.nn.utils.rnn
    if packed is not None:
        lengths = [5, 3, 2] if packed else [2, 5, 3]
        given = rnn.pack_padded_sequence(x, lengths, batch_first, enforce_sorted=packed)
    result = module(given, tuple(states) if kind == "LSTM" else states[0])
    output = result[0] if packed is None else rnn.pad_packed_sequence(result[0], batch_first)[0]
    finals = states_of(result, kind)
    ((output**2).sum() + sum((each**3).sum() for each in finals)).backward()
    grads = [each.grad for each in (x, *states, *module.parameters())]
    return [each.detach().numpy() for each in (output, *finals, *grads)]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_outputs_states_and_gradients_are_pytorchs(settings):
    kind, layers, bidirectional, bias, batch_first, packed, proj_size = settings
    options = {"num_layers": layers, "bidirectional": bidirectional, "bias": bias, "batch_first": batch_first}
    options |= {"proj_size": proj_size} if proj_size else {}
    theirs, mine = pair(kind, INPUTS, HIDDEN, **options)
    rng, rows = np.random.default_rng(0), layers * (1 + bidirectional)
    shapes = [
        (BATCH, STEPS, INPUTS) if batch_first else (STEPS, BATCH, INPUTS),
        (rows, BATCH, proj_size or HIDDEN),
    ]
    shapes += [(rows, BATCH, HIDDEN)] if kind == "LSTM" else []
    arrays = [rng.normal(size=shape) for shape in shapes]

    expected = outcome(torch, theirs, kind, arrays, batch_first, packed)

    found = outcome(tinygrad_edu, mine, kind, arrays, batch_first, packed)
    for ours, torchs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, torchs, **CLOSE)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_single_sequence_without_states_is_pytorchs(kind):
    theirs, mine = pair(kind, INPUTS, HIDDEN, num_layers=2, bidirectional=True)
    x = np.random.default_rng(0).normal(size=(STEPS, INPUTS))

    expected, found = theirs(torch.tensor(x)), mine(tinygrad_edu.tensor(x))

    for torchs, ours in zip(
        (expected[0], *states_of(expected, kind)), (found[0], *states_of(found, kind)), strict=True
    ):
        np.testing.assert_allclose(ours.detach(), torchs.detach(), **CLOSE)


def test_a_relu_network_is_pytorchs():
    theirs, mine = pair("RNN", INPUTS, HIDDEN, nonlinearity="relu")
    x = np.random.default_rng(0).normal(size=(STEPS, BATCH, INPUTS))

    np.testing.assert_allclose(
        mine(tinygrad_edu.tensor(x))[0].detach(), theirs(torch.tensor(x))[0].detach(), **CLOSE
    )


def test_dropout_between_layers_is_off_in_use():
    theirs, mine = pair("LSTM", INPUTS, HIDDEN, num_layers=2, dropout=0.5)
    theirs.eval(), mine.eval()
    x = np.random.default_rng(0).normal(size=(STEPS, BATCH, INPUTS))

    np.testing.assert_allclose(
        mine(tinygrad_edu.tensor(x))[0].detach(), theirs(torch.tensor(x))[0].detach(), **CLOSE
    )


CELLS = [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {})]


@pytest.mark.parametrize("shape", [(BATCH,), ()], ids=["batch", "single"])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("name", "options"), CELLS, ids=str)
def test_a_cell_is_pytorchs(name, options, bias, shape):
    theirs, mine = pair(name, INPUTS, HIDDEN, bias=bias, **options)
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(*shape, size)) for size in (INPUTS, HIDDEN, HIDDEN)]

    def outcome_of(library, cell):
        x, h, c = (library.tensor(array, requires_grad=True) for array in arrays)
        first = cell(x, (h, c) if name == "LSTMCell" else h)
        second = cell(x, first)  # and from no state
        parts = (*second, *cell(x)) if name == "LSTMCell" else (second, cell(x))
        sum((part**2).sum() for part in parts).backward()
        grads = [each.grad for each in (x, h, *cell.parameters())]
        return [each.detach().numpy() for each in (*parts, *grads)]

    for ours, torchs in zip(outcome_of(tinygrad_edu, mine), outcome_of(torch, theirs), strict=True):
        np.testing.assert_allclose(ours, torchs, **CLOSE)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"])
def test_parameters_start_from_pytorchs_interval(name):
    tinygrad_edu.manual_seed(0)

    layer = getattr(tinygrad_edu.nn, name)(50, 25)

    numbers = np.concatenate([p.detach().numpy().ravel() for p in layer.parameters()])
    assert abs(numbers).max() <= 0.2
    assert abs(numbers).max() > 0.199
    assert abs(numbers.std() - 0.2 / np.sqrt(3)) < 0.005
