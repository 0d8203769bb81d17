"""Arguments as people write them, in the form the operations take."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.arguments import all_dims, clean_index, numpy_names, one_dim, whole_shape
from tinygrad_edu.tensor.tensor import tensor

x2 = tensor(np.ones((2, 3)))

# Names.


@numpy_names
def example(x, dim=None, keepdim=False):
    """What it was called with."""
    return x, dim, keepdim


@pytest.mark.parametrize("names", [{"dim": 1, "keepdim": True}, {"axis": 1, "keepdims": True}])
def test_numpys_names_mean_the_same(names):
    assert example("x", **names) == ("x", 1, True)


def test_positions_are_passed_on():
    assert example("x", 2) == ("x", 2, False)
    assert example.__name__ == "example"


@pytest.mark.parametrize(("ours", "numpys"), [("dim", "axis"), ("keepdim", "keepdims")])
def test_both_names_at_once_are_refused(ours, numpys):
    with pytest.raises(TypeError, match=f"example needs {ours} or {numpys}, got both"):
        example("x", **{ours: 0, numpys: 0})


# Dimensions.


@pytest.mark.parametrize(
    ("dim", "ndim", "expected"), [(0, 2, 0), (-1, 2, 1), (-2, 2, 0), (0, 0, 0), (-1, 0, 0)]
)
def test_a_dim_is_counted_from_either_end(dim, ndim, expected):
    assert one_dim("sum", dim, ndim) == expected
    assert one_dim("sum", np.int64(dim), ndim) == expected


@pytest.mark.parametrize(("dim", "ndim"), [(2, 2), (-3, 2), (1, 0), (-2, 0)])
def test_a_dim_that_is_not_there_is_refused(dim, ndim):
    last = max(ndim, 1) - 1

    with pytest.raises(
        IndexError, match=f"sum needs dim between {-last - 1} and {last}, got {dim}; the dimensions"
    ):
        one_dim("sum", dim, ndim)


@pytest.mark.parametrize("dim", [1.0, "0", True, None])
def test_a_dim_is_a_whole_number(dim):
    with pytest.raises(TypeError, match=f"sum needs dim as a whole number, got {dim!r}"):
        one_dim("sum", dim, 2)


@pytest.mark.parametrize(
    ("dim", "ndim", "expected"),
    [(None, 2, None), (0, 2, (0,)), ([0, -1], 2, (0, 1)), ((), 2, ()), (0, 0, None)],
)
def test_dims_become_a_tuple_or_none_for_all(dim, ndim, expected):
    assert all_dims("sum", dim, ndim) == expected


@pytest.mark.parametrize("dim", [(0, 0), (1, -1), [0, -2]])
def test_a_dim_given_twice_is_refused(dim):
    with pytest.raises(ValueError, match="sum needs every dim once, got"):
        all_dims("sum", dim, 2)


# Shapes.


def test_sizes_may_come_alone_or_together():
    assert whole_shape((2, 3)) == whole_shape(((2, 3),)) == whole_shape(([2, 3],)) == (2, 3)
    assert whole_shape(()) == whole_shape(((),)) == ()
    assert whole_shape((np.int64(2), -1)) == (2, -1)


@pytest.mark.parametrize("sizes", [(2.0,), ("a",), (True,), ((2, None),)], ids=str)
def test_sizes_are_whole_numbers(sizes):
    with pytest.raises(TypeError, match="view needs whole numbers, got "):
        whole_shape(sizes, "view")


# Indices.


def test_arrays_in_an_index_are_copied():
    rows = np.array([0, 1])

    key = clean_index((slice(None), rows))
    rows[:] = 9

    assert key[1].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("key", "expected"),
    [(1, 1), (None, None), (..., ...), (np.array(2), 2), (tensor(True), True), ("a", "a")],
    ids=str,
)
def test_single_indices_stay_plain(key, expected):
    assert clean_index(key) is expected or clean_index(key) == expected


@pytest.mark.parametrize("key", [[], np.array([], int)], ids=str)
def test_an_empty_index_counts_as_whole_numbers(key):
    assert clean_index(key).dtype.kind == "i"


@pytest.mark.parametrize("key", [[0.5], np.array([]), tensor([1.0]), ["a"]], ids=str)
def test_an_index_is_whole_or_true(key):
    with pytest.raises(IndexError, match=r"an index needs whole numbers or booleans, got .*; use x.long\(\)"):
        clean_index(key)


UNSIGNED = r"an index of uint8 could be a mask or numbers; use x.bool\(\) for a mask, x.long\(\) for numbers"
REFUSED = [
    (lambda: x2[[0.5]], IndexError, r"an index needs whole numbers or booleans, got float64; use x.long\(\)"),
    (lambda: x2[5], IndexError, r"take cannot take shape \(2, 3\), index=5"),
    (lambda: x2[np.array([1], "uint8")], IndexError, UNSIGNED),
    (lambda: x2[tensor(np.array([1], "uint8"))], IndexError, UNSIGNED),
    (lambda: x2.__setitem__(np.array([1], "uint8"), 0.0), IndexError, UNSIGNED),
    (lambda: x2["a"], IndexError, "take cannot take .* index='a'"),
    (lambda: x2[0, 0, 0], IndexError, r"take cannot take .* index=\(0, 0, 0\)"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_are_refused_with_what_was_wanted(call, error, message):
    with pytest.raises(error, match=message):
        call()
