from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import draw, explain
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.losses import MSELoss
from tinygrad_edu.plan.plan import capture
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.coerce import set_default_dtype
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing import check_gradients

DTYPES = ["b1", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]

# The dtype of x * y, as PyTorch 2.13 has it with float64 as its default: a row for each dtype of x.
OF_TWO_ARRAYS = """
b1 u1 i1 i2 i4 i8 f2 f4 f8
u1 u1 i2 i2 i4 i8 f2 f4 f8
i1 i2 i1 i2 i4 i8 f2 f4 f8
i2 i2 i2 i2 i4 i8 f2 f4 f8
i4 i4 i4 i4 i4 i8 f2 f4 f8
i8 i8 i8 i8 i8 i8 f2 f4 f8
f2 f2 f2 f2 f2 f2 f2 f4 f8
f4 f4 f4 f4 f4 f4 f4 f4 f8
f8 f8 f8 f8 f8 f8 f8 f8 f8
"""
OF_AN_ARRAY_AND_A_SINGLE_NUMBER = """
b1 u1 i1 i2 i4 i8 f2 f4 f8
u1 u1 u1 u1 u1 u1 f2 f4 f8
i1 i1 i1 i1 i1 i1 f2 f4 f8
i2 i2 i2 i2 i2 i2 f2 f4 f8
i4 i4 i4 i4 i4 i4 f2 f4 f8
i8 i8 i8 i8 i8 i8 f2 f4 f8
f2 f2 f2 f2 f2 f2 f2 f2 f2
f4 f4 f4 f4 f4 f4 f4 f4 f4
f8 f8 f8 f8 f8 f8 f8 f8 f8
"""
NUMBERS = {
    True: "b1 u1 i1 i2 i4 i8 f2 f4 f8",
    2: "i8 u1 i1 i2 i4 i8 f2 f4 f8",
    2.5: "f8 f8 f8 f8 f8 f8 f2 f4 f8",
}


def table(text):
    rows = [line.split() for line in text.split("\n") if line]
    return [(x, y, rows[i][j]) for i, x in enumerate(DTYPES) for j, y in enumerate(DTYPES)]


def leaf(data, dtype=None):
    return tensor(data, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize(("first", "second", "expected"), table(OF_TWO_ARRAYS))
def test_two_arrays_of_one_kind_take_the_wider_dtype(first, second, expected):
    x, y = tensor(np.ones(2, first)), tensor(np.ones(2, second))
    single_x, single_y = tensor(np.ones((), first)), tensor(np.ones((), second))

    assert (x * y).dtype == (y * x).dtype == (single_x * single_y).dtype == np.dtype(expected)


@pytest.mark.parametrize(("first", "second", "expected"), table(OF_AN_ARRAY_AND_A_SINGLE_NUMBER))
def test_a_tensor_of_one_number_changes_the_kind_alone(first, second, expected):
    x, y = tensor(np.ones(2, first)), tensor(np.ones((), second))

    assert (x * y).dtype == (y * x).dtype == np.dtype(expected)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("dims", [0, 1])
def test_a_plain_number_changes_the_kind_alone(number, dims):
    for dtype, expected in zip(DTYPES, NUMBERS[number].split(), strict=True):
        x = tensor(np.ones((2,) * dims, dtype))

        assert (x * number).dtype == (number * x).dtype == np.dtype(expected)


SCALARS = {
    np.bool_(True): True,
    np.int8(2): 2,
    np.int64(2): 2,
    np.uint8(2): 2,
    np.float16(2.5): 2.5,
    np.float64(2.5): 2.5,
}


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda x: x.dtype.name)
def test_a_number_of_numpy_changes_what_a_plain_number_changes(scalar):
    for dtype, expected in zip(DTYPES, NUMBERS[SCALARS[scalar]].split(), strict=True):
        x = tensor(np.ones(2, dtype))

        assert (x * scalar).dtype == (scalar * x).dtype == np.dtype(expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_whose_results_are_floats_take_whole_numbers_as_the_default_dtype(dtype):
    x = tensor(np.ones((2, 2), dtype))
    expected = np.dtype(dtype) if dtype[0] == "f" else np.float64

    for result in (x.exp(), x / x, x.sigmoid(), x.softmax(1), x.sqrt()):
        assert result.dtype == expected


def test_the_default_dtype_is_what_a_float_makes_of_whole_numbers():
    set_default_dtype("float32")
    try:
        assert (tensor([1, 2]) * 2.5).dtype == tensor([1, 2]).exp().dtype == np.float32
    finally:
        set_default_dtype("float64")


# Every gradient has the dtype of its tensor, and goes through the cast.


@pytest.mark.parametrize("first", ["f2", "f4", "f8"])
@pytest.mark.parametrize("second", ["f2", "f4", "f8"])
@pytest.mark.parametrize("dims", [0, 1])
def test_a_gradient_has_the_dtype_of_its_tensor(first, second, dims):
    x, y = leaf(np.full(3, 2.0), first), leaf(np.full((3,) * dims, 3.0), second)

    (x * y).sum().backward()

    assert (x.grad.dtype, y.grad.dtype) == (x.dtype, y.dtype)
    np.testing.assert_array_equal(x.grad.raw, [3, 3, 3])
    np.testing.assert_array_equal(y.grad.raw, np.full((3,) * dims, 2.0 if dims else 6.0))


def test_second_derivatives_go_through_a_cast():
    check_gradients(
        lambda x: (x * tensor(np.array([2, 3])) / tensor(np.ones((), "f4"))).sum(), [1.0, 2.0], order=2
    )


def test_a_network_in_float32_stays_in_float32():
    model, x = Linear(3, 2).float(), tensor(np.ones((4, 3), "f4"))
    scale = tensor(np.array(0.5))

    loss = MSELoss()(model(x * scale + np.arange(3)) * 2, tensor(np.zeros((4, 2), "f4")))
    loss.backward()

    assert loss.dtype == model.weight.grad.dtype == np.float32


@pytest.mark.parametrize("by_name", [True, False])
def test_a_constant_keeps_its_name_when_it_is_cast(by_name):
    x, k = leaf([1.0, 2.0]), tensor([1, 2], name="k" if by_name else None)
    names = {"x": x} if by_name else {"x": x, "k": k}
    loss = (x * k).sum()

    assert "∂L/∂x = k\n" in str(explain(loss, names=names))
    assert "<B>k</B>" in draw(loss, names=names).dot


def test_a_cast_of_a_parameter_is_a_step_of_the_graph():
    w = leaf([1.0, 2.0], "f4")

    (cast, _) = (tensor([3.0, 4.0]) * w).inputs

    assert (w * tensor([3.0, 4.0])).inputs[0].grad_fn.name == "cast"
    assert cast.dtype == np.float64


def test_a_plan_promotes_as_the_step_does():
    w = leaf(np.array([0.5, 2.0], "f4"))

    def step(x, k):
        w.zero_grad()
        loss = ((w * x + k) ** 2).sum()
        loss.backward()
        return loss

    plan = capture(step)
    for i in range(5):
        x, k = np.array([1.0 + i, 2.0]), np.array([i, 1])
        expected = step(tensor(x), tensor(k))
        gradient = w.grad.raw.copy()

        loss = plan(x, k)

        assert loss.dtype == expected.dtype
        np.testing.assert_array_equal(loss.raw, expected.raw)
        np.testing.assert_array_equal(w.grad.raw, gradient)


def test_values_are_python_numbers_whatever_they_are_combined_with():
    assert isinstance((Value(2.0) * np.float32(3)).data, float)


def test_numbers_of_numpy_count_as_plain_numbers():
    x = tensor(np.ones(2, "f4"))

    assert (x * np.float64(2)).dtype == (np.float64(2) * x).dtype == (x + np.int64(2)).dtype == np.float32
    assert isinstance(np.float64(2) * x, Tensor)


def test_whole_numbers_that_require_a_gradient_are_refused_by_name():
    k = tensor([1, 2], name="k")
    k.requires_grad = True

    with pytest.raises(
        TypeError,
        match=r"'k' of shape \(2,\) requires a gradient, but holds int64, which has no .*use x.double\(\)",
    ):
        k * 2.5


@pytest.mark.parametrize(
    "operation", [lambda x: x * 2, lambda x: x + 0.5, lambda x: x.exp(), lambda x: x @ x]
)
def test_whole_numbers_that_got_requires_grad_by_hand_are_refused(operation):
    x = tensor([1, 2], name="x")
    x.requires_grad = True

    with pytest.raises(
        TypeError, match=r"'x' of shape \(2,\) requires a gradient, but holds int64, .*x\.double\(\)"
    ):
        operation(x)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: x + (-1), [0, 199]),
        (lambda x: x * 300, [44, 96]),
        (lambda x: 300 - x, [43, 100]),
        (lambda x: x > -1, [False, False]),
        (lambda x: x == 457, [False, False]),
        (lambda x: x.clamp(min=-1), [255, 255]),
    ],
)
def test_a_plain_number_that_the_dtype_cannot_hold_begins_anew_as_in_pytorch(call, expected):
    assert call(tensor(np.array([1, 200], np.uint8))).tolist() == expected


def test_a_number_beyond_64_bits_is_refused():
    with pytest.raises(OverflowError):
        tensor([1]) + 2**64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.floor(), "floor takes floats, whole numbers, got bool"),
        (lambda x: x << x, "left_shift takes whole numbers, got bool"),
        (lambda x: x.hypot(x), "hypot takes floats, got bool"),
    ],
)
def test_a_kind_of_numbers_that_an_operation_does_not_take_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call(tensor([True]))
