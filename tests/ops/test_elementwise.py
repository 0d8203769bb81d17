import numpy as np
import pytest

from tinygrad_edu.engine.grad_mode import watch
from tinygrad_edu.ops import elementwise, transcendental
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


@pytest.mark.parametrize("rules", [(), (None, None)])
def test_an_operation_needs_one_rule_for_each_input(rules):
    with pytest.raises(
        TypeError, match=f"square needs a rule per input after on_numbers: 1, got {len(rules)}"
    ):
        elementwise.Elementwise(lambda x: x * x, None, *rules, name="square")


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


# PyTorch 2.13's numbers at the edges: base, exponent, power, and the gradients of both.
INF, NAN = np.inf, np.nan
POWERS = [
    (0.0, 2.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 1.0, 0.0), (0.0, 0.0, 1.0, 0.0, 0.0), (0.0, 0.5, 0.0, INF, 0.0),
    (0.0, -1.0, INF, -INF, -INF), (INF, 2.0, INF, INF, INF), (INF, 0.0, 1.0, 0.0, INF), (INF, -1.0, 0.0, -0.0, NAN),
    (-INF, 3.0, -INF, INF, NAN), (-INF, 0.0, 1.0, 0.0, NAN), (-INF, -1.0, -0.0, -0.0, NAN), (NAN, 0.0, 1.0, 0.0, NAN),
    (NAN, 1.0, NAN, 1.0, NAN), (-2.0, 3.0, -8.0, 12.0, NAN), (-2.0, 0.0, 1.0, 0.0, NAN), (-2.0, 0.5, NAN, NAN, NAN),
    (1.0, INF, 1.0, INF, 0.0), (1.0, NAN, 1.0, NAN, 0.0), (-1.0, INF, 1.0, INF, NAN),
]  # fmt: skip
SUMS_OF_EXPONENTIALS = [
    (-INF, -INF, -INF, NAN, NAN), (INF, INF, INF, NAN, NAN), (INF, -INF, INF, 1.0, 0.0), (-INF, INF, INF, 0.0, 1.0),
    (2.0, -INF, 2.0, 1.0, 0.0), (-INF, 1.0, 1.0, 0.0, 1.0), (3.0, 3.0, 3 + np.log(2), 0.5, 0.5),
    (1e6, -1e6, 1e6, 1.0, 0.0), (1e308, 1e308, 1e308, 0.5, 0.5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "points"),
    [(elementwise.power, POWERS), (transcendental.logaddexp, SUMS_OF_EXPONENTIALS)],
    ids=lambda x: getattr(x, "name", ""),
)
def test_values_and_gradients_at_the_edges_are_pytorchs(operation, points):
    x, y, z, dx, dy = np.array(points).T
    a, b = Tensor(x, requires_grad=True), Tensor(y, requires_grad=True)

    with np.errstate(all="ignore"):
        result = operation(a, b)
        result.backward(np.ones(len(x)))

    for found, expected in [(result.raw, z), (a.grad.raw, dx), (b.grad.raw, dy)]:
        np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("exponent", "slopes"),
    [(0, [0, 0, 0, 0]), (2, [0, -4, -INF, NAN]), (3, [0, 12, INF, NAN]), (1, [1, 1, 1, 1])],
)
def test_a_power_with_a_number_for_exponent_has_pytorchs_slopes(exponent, slopes):
    x = Tensor([0.0, -2.0, -INF, NAN], requires_grad=True)

    (x**exponent).backward([5.0, 3.0, 1.0, 1.0])

    np.testing.assert_array_equal(x.grad.raw, np.multiply(slopes, [5, 3, 1, 1]))


def test_the_slope_of_a_square_is_formed_without_another_power():
    x, names = Tensor([3.0], requires_grad=True), []

    with watch(lambda operation, *_: names.append(operation.name)):
        (x**2).backward([1.0])

    assert names.count("power") == 1
