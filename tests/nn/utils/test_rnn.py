"""Padded and packed sequences."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import arange, ones, tensor
from tinygrad_edu.nn.utils import rnn


def test_a_packed_sequence_lists_the_steps_by_time_the_longest_first():
    x = arange(12.0).reshape(4, 3)  # four steps of three sequences

    packed = rnn.pack_padded_sequence(x, [1, 4, 2], enforce_sorted=False)

    np.testing.assert_array_equal(packed.data, [1, 2, 0, 4, 5, 7, 10])
    np.testing.assert_array_equal(packed.batch_sizes, [3, 2, 1, 1])
    np.testing.assert_array_equal(packed.sorted_indices, [1, 2, 0])
    np.testing.assert_array_equal(packed.unsorted_indices, [2, 0, 1])


def test_a_packed_sequence_can_be_cast():
    packed = rnn.pack_padded_sequence(arange(4.0).reshape(2, 2), [2, 1])

    assert packed.float().data.dtype == np.float32
    assert packed.double().half().data.dtype == np.float16
    assert packed.long().data.dtype == np.int64
    assert packed.int().data.dtype == np.int32
    assert packed.to(np.float32).data.dtype == np.float32
    assert packed.cpu() is packed
    assert not packed.is_cuda


def test_nothing_has_no_inverse_permutation():
    assert rnn.invert_permutation(None) is None
    np.testing.assert_array_equal(rnn.invert_permutation(tensor([2, 0, 1])), [1, 2, 0])


def test_padding_has_no_gradient():
    x = ones(3, 2).requires_grad_()

    rnn.pad_sequence([x[:1], x], padding_value=5.0).sum().backward()

    np.testing.assert_array_equal(x.grad, [[2, 2], [1, 1], [1, 1]])


WRONG = {
    "lengths for each": (lambda x: rnn.pack_padded_sequence(x, [4, 2]), "each of 3 sequences, got 2 lengths"),
    "lengths from 1": (lambda x: rnn.pack_padded_sequence(x, [4, 2, 0]), r"from 1 to 4, got \[4, 2, 0\]"),
    "lengths to 4": (lambda x: rnn.pack_padded_sequence(x, [5, 2, 1]), r"from 1 to 4, got \[5, 2, 1\]"),
    "sorted": (
        lambda x: rnn.pack_padded_sequence(x, [1, 2, 4]),
        "longest sequence first.*enforce_sorted=False",
    ),
    "whole": (lambda x: rnn.pack_padded_sequence(x, [4.0, 2.0, 1.0]), "list of whole numbers"),
    "a batch": (lambda x: rnn.pack_padded_sequence(x[:, 0, 0], [4]), r"needs input \(T, B, ...\) .*\(4,\)"),
    "total_length": (
        lambda x: rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 2, 1]), total_length=3),
        "total_length of at least 4, the longest sequence, got 3",
    ),
    "no sequences": (lambda _: rnn.pad_sequence([]), "a list of Tensors"),
    "side": (lambda x: rnn.pad_sequence([x], padding_side="top"), "'left' or 'right', got 'top'"),
    "other sizes": (
        lambda x: rnn.pad_sequence([x, x[:, :2]]),
        r"differ in their first size only, got \(4, 3, 2\), \(4, 2, 2\)",
    ),
    "unpadded lengths": (lambda x: rnn.unpad_sequence(x, [4, 2]), "each of 3 sequences, got 2 lengths"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_lengths_and_sequences_are_refused(name):
    call, message = WRONG[name]

    with pytest.raises(ValueError, match=message):
        call(ones(4, 3, 2))


def test_what_is_not_packed_is_refused():
    with pytest.raises(TypeError, match="a PackedSequence is needed, got Tensor"):
        rnn.pad_packed_sequence(ones(2))
    with pytest.raises(TypeError, match="needs data and batch_sizes"):
        rnn.PackedSequence(ones(2))
