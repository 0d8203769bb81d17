import numpy as np
import pytest

from tinygrad_edu.ops.index import ARRAY, repeats, scatter, take
from tinygrad_edu.tensor.tensor import Tensor


def test_an_element_taken_twice_receives_both_gradients():
    x = Tensor([5.0, 7.0], requires_grad=True)

    x[[0, 0]].sum().backward()

    np.testing.assert_array_equal(x.grad.raw, [2, 0])


def test_scatter_adds_what_falls_on_one_place():
    np.testing.assert_array_equal(
        scatter(np.array([1.0, 2, 4]), index=np.array([1, 1, 0]), shape=(3,)), [4, 3, 0]
    )


def test_scatter_is_the_adjoint_of_take():
    rng = np.random.default_rng(0)
    x, index = rng.normal(size=(4, 3)), (np.array([0, 3, 3, 1]), np.array([2, 0, 0, 1]))
    y = rng.normal(size=4)

    assert np.isclose((take(x, index=index) * y).sum(), (x * scatter(y, index=index, shape=(4, 3))).sum())


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, False),
        (slice(None), False),
        ((0, None, ...), False),
        (np.array([True]), False),
        (np.array([0]), True),
    ],
    ids=str,
)
def test_only_arrays_of_integers_can_repeat(index, expected):
    assert repeats(index) is expected
    assert repeats((slice(None), index)) is expected


def test_computed_arrays_among_the_inputs_stand_where_the_index_is_marked():
    x, rows, columns = np.arange(6.0).reshape(2, 3), np.array([1, 0]), np.array([2, 2])

    assert take(x, rows, columns, index=(ARRAY, ARRAY)).tolist() == [5, 2]
    assert take(x, columns, index=(slice(None), ARRAY)).tolist() == [[2, 2], [5, 5]]
    assert take(x, rows, index=ARRAY).tolist() == [[3, 4, 5], [0, 1, 2]]
    assert scatter(np.ones(2), columns, index=ARRAY, shape=(3,)).tolist() == [0, 0, 2]
