"""`nn.utils` against PyTorch's: clipped gradients, padded and packed sequences, weights in other coordinates."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

ARRAYS = [np.random.default_rng(0).normal(size=shape) for shape in ((3, 2), (4,), ())]
LIBRARIES = (tinygrad_edu, torch)


def leaves(library):
    """Tensors with gradients, and one without."""
    found = [library.tensor(np.zeros_like(x), requires_grad=True) for x in ARRAYS]
    for each, gradient in zip(found, ARRAYS, strict=True):
        each.grad = library.tensor(gradient)
    return [*found, library.tensor([1.0], requires_grad=True)]


def same(ours, torchs):
    np.testing.assert_allclose(ours.detach(), torchs.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("order", [2.0, 1, 3, 0.5, math.inf, -math.inf, 0])
@pytest.mark.parametrize("limit", [0.5, 100])
def test_clipping_by_the_norm_is_pytorchs(order, limit):
    (mine, theirs), norms = [leaves(library) for library in LIBRARIES], []
    for library, parameters in zip(LIBRARIES, (mine, theirs), strict=True):
        norms.append(library.nn.utils.clip_grad_norm_(iter(parameters), limit, order))

    same(*norms)
    for ours, torchs in zip(mine[:3], theirs[:3], strict=True):
        same(ours.grad, torchs.grad)


def test_clipping_by_value_is_pytorchs():
    mine, theirs = (leaves(library) for library in LIBRARIES)

    tinygrad_edu.nn.utils.clip_grad_value_(mine, 0.3)
    torch.nn.utils.clip_grad_value_(theirs, 0.3)

    for ours, torchs in zip(mine[:3], theirs[:3], strict=True):
        same(ours.grad, torchs.grad)


@pytest.mark.parametrize(
    "options", [{}, {"batch_first": True}, {"padding_value": -1.0, "padding_side": "left"}]
)
def test_padding_is_pytorchs(options):
    arrays = [np.random.default_rng(n).normal(size=(n, 2)) for n in (2, 4, 1)]

    mine, theirs = (
        library.nn.utils.rnn.pad_sequence([library.tensor(x) for x in arrays], **options)
        for library in LIBRARIES
    )

    same(mine, theirs)


@pytest.mark.parametrize("lengths", [[4, 3, 1], [1, 4, 3], [2, 2, 2]], ids=str)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("shape", [(), (2,), (2, 2)], ids=str)
def test_packing_and_unpacking_are_pytorchs(lengths, batch_first, shape):
    array = np.random.default_rng(0).normal(size=((3, 4) if batch_first else (4, 3)) + shape)
    outcomes = []
    for library in LIBRARIES:
        x, rnn = library.tensor(array, requires_grad=True), library.nn.utils.rnn
        packed = rnn.pack_padded_sequence(x, library.tensor(lengths), batch_first, enforce_sorted=False)
        padded, counts = rnn.pad_packed_sequence(packed, batch_first, padding_value=7.0, total_length=5)
        parts = rnn.unpack_sequence(packed)
        ((padded**2).sum() + sum((part**3).sum() for part in parts)).backward()
        outcomes.append([*packed, padded, counts, *parts, x.grad])

    for ours, torchs in zip(*outcomes, strict=True):
        same(ours, torchs)


def test_packing_a_list_is_pytorchs():
    arrays = [np.random.default_rng(n).normal(size=(n, 2)) for n in (1, 3, 2)]

    mine, theirs = (
        library.nn.utils.rnn.pack_sequence([library.tensor(x) for x in arrays], enforce_sorted=False)
        for library in LIBRARIES
    )

    for ours, torchs in zip(mine, theirs, strict=True):
        same(ours, torchs)
