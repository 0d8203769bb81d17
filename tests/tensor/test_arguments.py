"""Arguments as people write them, in the form the operations take."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as te
from tinygrad_edu.tensor.arguments import (
    NO_DIMS,
    all_dims,
    numpy_names,
    one_dim,
    whole_shape,
)
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
    [(None, 2, None), (0, 2, (0,)), ([0, -1], 2, (0, 1)), ((), 2, None), (NO_DIMS, 2, ()), (0, 0, None)],
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


def test_what_takes_dim_also_takes_axis():
    x = te.tensor([[1.0, 2.0], [3.0, 4.0]])

    assert te.stack((x, x), axis=-1).tolist() == te.stack((x, x), dim=-1).tolist()
    assert x.unbind(axis=1)[0].tolist() == [1, 3]
    assert te.sort(x, axis=0, descending=True).values.tolist() == [[3, 4], [1, 2]]
    with pytest.raises(TypeError, match="stack needs dim or axis, got both"):
        te.stack((x, x), dim=0, axis=0)
