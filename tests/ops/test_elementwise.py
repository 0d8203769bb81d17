import numpy as np
import pytest

from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.tensor.tensor import Tensor

SHAPES = [((2, 3), (3,)), ((2, 3), (1, 3)), ((2, 3), (2, 1)), ((2, 3), ()), ((2, 3), (2, 3)), ((0, 3), (3,))]
SHAPES += [((4, 1, 3), (1, 1)), ((4, 2, 3), (4, 1, 1)), ((0, 3), (1, 3)), ((1, 3), (1, 3))]


@pytest.mark.parametrize(("large", "small"), SHAPES, ids=str)
def test_sum_to_undoes_broadcasting(large, small):
    g = np.random.default_rng(0).normal(size=large)
    x = np.zeros(small)

    summed = sum_to(g, x)

    ones = np.broadcast_to(np.ones(small), large)
    assert summed.shape == small
    assert np.isclose(summed.sum(), (g * ones).sum())


def test_sum_to_adds_along_the_stretched_direction_only():
    np.testing.assert_array_equal(sum_to(np.array([[1.0, 2], [3, 4]]), np.zeros((2, 1))), [[3], [7]])
    np.testing.assert_array_equal(sum_to(np.array([[1.0, 2], [3, 4]]), np.zeros(2)), [4, 6])


def test_plain_numbers_give_a_plain_number_and_numpys_give_numpys():
    assert type(elementwise.exp(1.0)) is float
    assert type(elementwise.exp(np.float64(1.0))) is np.float64
    assert isinstance(elementwise.exp(Tensor(1.0)), Tensor)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_sigmoid_takes_every_dtype(dtype):
    np.testing.assert_allclose(
        Tensor(np.array([0, 1], dtype)).sigmoid().raw, [0.5, 0.7310585786300049], rtol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("size", [3, 1000])
def test_where_beside_the_number_0_selects_as_numpy_does_to_the_bit(dtype, size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, size)).astype(dtype)
    x[:, :3] = np.inf, np.nan, -0.0
    c = rng.random((2, size)) < 0.5
    turned = np.asfortranarray(x)

    for condition in (c, ~c):
        assert elementwise.where(condition, x, 0).tobytes() == np.where(condition, x, dtype(0)).tobytes()
        assert elementwise.where(condition, 0, x).tobytes() == np.where(condition, dtype(0), x).tobytes()
        assert elementwise.where(condition, turned, 0).tobytes() == np.where(condition, x, dtype(0)).tobytes()


def test_where_broadcasts_beside_the_number_0():
    x = np.arange(2000.0).reshape(2, 1000)
    c = np.array([[True], [False]])

    np.testing.assert_array_equal(elementwise.where(c, x, 0), np.where(c, x, 0))


def test_where_beside_another_number_selects_that_number():
    x = np.arange(1000.0)
    c = x < 500

    np.testing.assert_array_equal(elementwise.where(c, x, 1), np.where(c, x, 1))
    np.testing.assert_array_equal(elementwise.where(c, 1, x), np.where(c, 1, x))
