"""New Tensors: shapes, dtypes, seeds, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygrad_edu as te
from tinygrad_edu.tensor.draws import chosen_generator, generator

# Shapes and numbers.

MADE = {
    "zeros": (lambda: te.zeros(2, 3), np.zeros((2, 3))),
    "zeros of a tuple": (lambda: te.zeros((2, 3)), np.zeros((2, 3))),
    "zeros of a list": (lambda: te.zeros([2, 3]), np.zeros((2, 3))),
    "zeros of no size": (te.zeros, np.zeros(())),
    "zeros of size 0": (lambda: te.zeros(0, 3), np.zeros((0, 3))),
    "zeros of NumPy's whole numbers": (lambda: te.zeros(np.int64(2)), np.zeros(2)),
    "ones": (lambda: te.ones(2), np.ones(2)),
    "full": (lambda: te.full((2, 2), 1.5), np.full((2, 2), 1.5)),
    "full of one size": (lambda: te.full(2, 1.5), np.full(2, 1.5)),
    "full of infinity": (lambda: te.full((1,), np.inf), np.full(1, np.inf)),
    "zeros_like": (lambda: te.zeros_like(te.ones(2, 3)), np.zeros((2, 3))),
    "ones_like": (lambda: te.ones_like(te.zeros(2, 3)), np.ones((2, 3))),
    "eye": (lambda: te.eye(2), np.eye(2)),
    "eye of two sizes": (lambda: te.eye(2, 3), np.eye(2, 3)),
    "linspace": (lambda: te.linspace(0, 1, 5), np.array([0, 0.25, 0.5, 0.75, 1])),
    "linspace of one": (lambda: te.linspace(3, 4, 1), np.array([3.0])),
    "linspace of none": (lambda: te.linspace(3, 4, 0), np.zeros(0)),
    "arange to": (lambda: te.arange(3), np.int64([0, 1, 2])),
    "arange from to": (lambda: te.arange(1, 3), np.int64([1, 2])),
    "arange with step": (lambda: te.arange(5, 0, -2), np.int64([5, 3, 1])),
    "arange of fractions": (lambda: te.arange(0, 1, 0.25), np.array([0, 0.25, 0.5, 0.75])),
    "arange by name": (lambda: te.arange(start=2, end=4), np.int64([2, 3])),
    "arange of nothing": (lambda: te.arange(3, 3), np.zeros(0, np.int64)),
}


@pytest.mark.parametrize("name", MADE)
def test_numbers_shape_and_dtype(name):
    call, expected = MADE[name]

    made = call()

    assert (made.shape, made.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(made.raw, expected)
    assert made.is_leaf
    assert not made.requires_grad


WITH_OPTIONS = {
    "zeros": lambda **options: te.zeros(2, **options),
    "ones": lambda **options: te.ones(2, **options),
    "full": lambda **options: te.full((2,), 3, **options),
    "zeros_like": lambda **options: te.zeros_like(te.tensor([1, 2]), **options),
    "ones_like": lambda **options: te.ones_like(te.tensor([1, 2]), **options),
    "eye": lambda **options: te.eye(2, **options),
    "linspace": lambda **options: te.linspace(0, 1, 2, **options),
    "arange": lambda **options: te.arange(2, **options),
    "rand": lambda **options: te.rand(2, **options),
    "randn": lambda **options: te.randn(2, **options),
}


RANDOM = {"rand", "randn"}


@pytest.mark.parametrize("dtype", ["float32", np.float64, np.dtype("int64"), te.float32, float])
@pytest.mark.parametrize("name", sorted(WITH_OPTIONS.keys() - RANDOM))
def test_everything_takes_a_dtype(name, dtype):
    assert WITH_OPTIONS[name](dtype=dtype).dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_everything_can_get_a_gradient(name):
    made = WITH_OPTIONS[name](dtype=float, requires_grad=True)

    (made * 2).sum().backward()

    np.testing.assert_array_equal(made.grad.raw, np.full(made.shape, 2))


@pytest.mark.parametrize("name", sorted(WITH_OPTIONS.keys() - RANDOM))
def test_whole_numbers_with_a_gradient_are_refused(name):
    with pytest.raises(TypeError, match="tensor needs a floating dtype to have a gradient, got int64"):
        WITH_OPTIONS[name](dtype=int, requires_grad=True)


@pytest.mark.parametrize(
    ("value", "dtype"), [(1.5, "float64"), (2, "int64"), (True, "bool"), (np.float32(1), "float64")], ids=type
)
def test_full_takes_its_dtype_from_the_number(value, dtype):
    assert te.full((2,), value).dtype == dtype


def test_like_takes_the_dtype_of_the_other():
    like = te.tensor(np.ones(2, "float32"))

    assert [te.zeros_like(like).dtype, te.ones_like(like).dtype] == [np.float32, np.float32]


@pytest.mark.parametrize("name", ["zeros", "ones", "eye", "linspace", "rand", "randn"])
def test_floats_are_of_the_default_dtype(name):
    te.set_default_dtype(np.float32)
    try:
        made, steps = WITH_OPTIONS[name](), te.arange(0, 1, 0.5)
    finally:
        te.set_default_dtype(np.float64)

    assert (made.dtype, steps.dtype) == (np.float32, np.float32)
    assert WITH_OPTIONS[name]().dtype == np.float64


def test_from_numpy_copies_and_keeps_the_dtype():
    source = np.ones(2, "float32")

    made = te.from_numpy(source)
    source[:] = 5

    assert (made.dtype, made.tolist()) == (np.float32, [1, 1])


# Chance.


@pytest.mark.parametrize(
    "make", [te.rand, te.randn, lambda *size: te.nn.Linear(*size).weight], ids=["rand", "randn", "Linear"]
)
def test_the_same_seed_gives_the_same_numbers(make):
    te.manual_seed(7)
    first, second = make(2, 3).tolist(), make(2, 3).tolist()

    te.manual_seed(7)

    assert make(2, 3).tolist() == first
    assert first != second


def test_the_default_generator_is_numpys_with_that_seed():
    te.manual_seed(7)

    assert te.rand(3).tolist() == np.random.default_rng(7).random(3).tolist()
    te.manual_seed(np.int64(7))
    assert te.randn(3).tolist() == np.random.default_rng(7).standard_normal(3).tolist()


def test_a_generator_of_ones_own_leaves_the_default_one_alone():
    te.manual_seed(7)

    mine = te.rand(3, generator=np.random.default_rng(1))

    assert mine.tolist() == np.random.default_rng(1).random(3).tolist()
    assert te.rand(3).tolist() == np.random.default_rng(7).random(3).tolist()
    assert chosen_generator("rand", None) is generator()


def test_the_moments_of_random_numbers():
    rng = np.random.default_rng(0)

    uniform, normal = te.rand(20_000, generator=rng), te.randn(20_000, generator=rng)

    assert (uniform.min().item() >= 0, uniform.max().item() < 1) == (True, True)
    np.testing.assert_allclose(
        [uniform.mean().item(), normal.mean().item(), normal.var().item()], [0.5, 0, 1], atol=0.03
    )


# Refusals.

REFUSED = [
    (lambda: te.zeros(-1, 2), ValueError, r"zeros needs sizes of 0 or more, got \(-1, 2\)"),
    (lambda: te.ones(2.0), TypeError, r"ones needs whole numbers, got \(2.0,\)"),
    (lambda: te.rand("2"), TypeError, r"rand needs whole numbers, got \('2',\)"),
    (lambda: te.randn(True), TypeError, r"randn needs whole numbers, got \(True,\)"),
    (lambda: te.eye(-1), ValueError, r"eye needs sizes of 0 or more, got \(-1, -1\)"),
    (lambda: te.linspace(0, 1, 3.0), TypeError, r"linspace needs whole numbers, got \(3.0,\)"),
    (lambda: te.linspace(0, 1, -1), ValueError, r"linspace needs sizes of 0 or more, got \(-1,\)"),
    (lambda: te.linspace("a", 1, 3), TypeError, "linspace needs start as a number, got str 'a'"),
    (lambda: te.linspace(0, None, 3), TypeError, "linspace needs end as a number, got NoneType None"),
    (lambda: te.full((2,), "a"), TypeError, "full needs fill_value as a number, got str 'a'"),
    (lambda: te.full((2,), 1j), TypeError, "full needs fill_value as a number, got complex 1j"),
    (lambda: te.full((-2,), 1), ValueError, r"full needs sizes of 0 or more, got \(-2,\)"),
    (lambda: te.zeros_like([1.0]), TypeError, r"zeros_like needs a Tensor, got \[1.0\]; write tensor\(...\)"),
    (
        lambda: te.ones_like(np.ones(2)),
        TypeError,
        r"ones_like needs a Tensor, got array\(\[1., 1.\]\); write tensor",
    ),
    (lambda: te.arange("a"), TypeError, "arange needs end as a number, got str 'a'"),
    (te.arange, TypeError, "arange needs end as a number, got NoneType None"),
    (lambda: te.arange("a", 1), TypeError, "arange needs start as a number, got str 'a'"),
    (lambda: te.arange(0, 1, 0), ValueError, "arange needs a step that leads from 0 to 1, got 0"),
    (lambda: te.arange(5, 1), ValueError, "needs a step that leads from 5 to 1, got 1"),
    (lambda: te.arange(-3), ValueError, "needs a step that leads from 0 to -3, got 1"),
    (lambda: te.arange(0, 5, -1), ValueError, "needs a step that leads from 0 to 5, got -1"),
    (
        lambda: te.linspace(0, 1, 5, dtype=bool),
        TypeError,
        r"got bool; compare the result: linspace\(...\) > 0.5",
    ),
    (lambda: te.arange(float("inf")), ValueError, "arange needs a finite end, got inf"),
    (
        lambda: te.zeros(2, dtype="banana"),
        TypeError,
        "tensor needs a dtype such as float or np.int64, got 'banana'",
    ),
    (lambda: te.zeros(2, dtype=complex), TypeError, "tensor needs a dtype of real numbers, got complex128"),
    (lambda: te.from_numpy([1.0]), TypeError, r"from_numpy needs a NumPy array, got list; use tensor\(...\)"),
    (
        lambda: te.rand(2, generator=3),
        TypeError,
        r"rand needs generator=Generator\(\) or np.random.default_rng\(seed\), got int 3",
    ),
    (
        lambda: te.randn(2, generator=3),
        TypeError,
        r"randn needs generator=Generator\(\) or np.random.default_rng\(seed\), got int 3",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_are_refused_with_what_was_wanted(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("seed", [-(2**63) - 1, 2**64, 1.5, "a", None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(
        ValueError, match=re.escape(f"needs a whole number from -2**63 to 2**64 - 1, got {seed!r}")
    ):
        te.manual_seed(seed)
