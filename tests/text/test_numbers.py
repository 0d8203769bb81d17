from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.text.numbers import grid, number, ordinal


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (0.25, None, "0.25"),
        (3.0, None, "3"),
        (3, None, "3"),
        (True, None, "True"),
        (1e-5, None, "1e-05"),
        (1 / 3, None, "0.333333"),
        (1 / 3, 2, "0.33"),
        (2.0, 2, "2.00"),
        (np.float64(0.5), None, "0.5"),
        (np.array(0.5), None, "0.5"),
        (np.inf, 2, "inf"),
        (np.nan, 2, "nan"),
    ],
)
def test_numbers_are_short(x, digits, text):
    assert number(x, digits) == text


def test_a_tensor_shows_its_numbers_and_what_it_is():
    x = tensor([[1.0, 2.0]], requires_grad=True, name="x")

    assert repr(tensor([1, 2])) == "tensor([1, 2])"
    assert repr(x) == "tensor([[1., 2.]], requires_grad=True, name='x')"
    assert repr(x * 2) == "tensor([[2., 4.]], grad_fn=<multiply>)"
    assert repr(tensor(np.ones(1, "float32"))) == "tensor([1.], dtype=float32)"


def test_repr_is_that_text_and_aligns_its_rows():
    assert repr(tensor([[1.0], [2.0]])) == "tensor([[1.],\n        [2.]])"


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (1, "first"),
        (8, "eighth"),
        (12, "twelfth"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
        (103, "103rd"),
    ],
)
def test_places_are_counted_in_words(n, word):
    assert ordinal(n) == word


def test_a_large_matrix_shows_its_ends():
    rows = grid(np.arange(400).reshape(20, 20))

    assert len(rows) == len(rows[0]) == 13
    assert rows[0][0] == "0"
    assert rows[0][-2:] == ["…", "19"]
    assert rows[-2] == ["⋮"] * 13
    assert rows[-1][-1] == "399"


def test_a_long_vector_shows_its_ends():
    assert grid(np.arange(20))[0][-3:] == ["10", "…", "19"]
