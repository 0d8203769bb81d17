"""What a step on Tensors is given: every kind of input is handed on, and none is taken for another."""

from __future__ import annotations

import decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tinygrad_edu import Tensor, manual_seed, tensor
from tinygrad_edu.plan import capture

DTYPES = ("<f8", ">f8", "<f4", ">f4", "<i8", ">i4", "u1", "?", "<f2")
FORMS = {
    "plain": lambda x: x,
    "transposed": lambda x: x.T,
    "backwards": lambda x: x[::-1],
    "every second": lambda x: x[:, ::2],
    "spread": lambda x: np.broadcast_to(x[:1], x.shape),
    "matrix": lambda x: x.view(np.matrix),
    "memmap": lambda x: x.view(np.memmap),
    "record": lambda x: x.view(np.recarray),
    "Fortran": np.asfortranarray,
    "number": lambda x: np.array(x.sum(), x.dtype),
}


@some.composite
def arrays(draw):
    """Arrays, and Tensors of them, in all orders of memory and of bytes."""
    sizes = draw(some.tuples(some.integers(0, 3), some.integers(0, 3)))
    array = FORMS[draw(some.sampled_from([*FORMS]))](np.ones(sizes, draw(some.sampled_from(DTYPES))))
    return draw(some.sampled_from([lambda x: x, Tensor, lambda x: tensor([[1.0, 2], [3, 4]]).T[:1]]))(array)


numbers = some.one_of(
    some.floats(),
    some.integers(),
    some.booleans(),
    some.complex_numbers(),
    some.decimals(),
    some.sampled_from([np.float64, np.float32, np.longdouble]).flatmap(
        lambda kind: some.floats(width=32).map(kind)
    ),
    some.integers(-5, 5).map(np.int64),
)
others = some.sampled_from(
    [None, "", "text", b"", object(), np.datetime64("NaT", "s"), (), (float("nan"),), np.sum]
)


ONE = tensor([1.0])


def assert_handed_on(calls, pure=False):
    """Assert that a plan of a step gives the step what it is given, in every call."""
    plan = capture(lambda x, *others: [x * 2, *others], pure=pure)
    for inputs in calls:
        product, *found = plan(ONE, *inputs)
        assert product.item() == 2
        assert len(found) == len(inputs)
        for a, b in zip(found, inputs, strict=True):
            assert type(a) is type(b)
            assert a is b or repr(a) == repr(b)
    assert plan.ready


def assert_kept_apart(a, b):
    """Assert that a pure plan knows from which of two numbers it has been made."""
    plan = capture(lambda x, s: x * 2 if type(s) is type(a) and repr(s) == repr(a) else x + 5, pure=True)
    same = type(a) is type(b) and repr(a) == repr(b)
    for s, expected in ((a, 2), (a, 2), (a, 2), (b, 2 if same else 6), (a, 2), (b, 2 if same else 6)):
        assert plan(ONE, s).item() == expected
    assert plan.ready


@pytest.mark.slow
@given(some.lists(some.one_of(arrays(), numbers, others), max_size=4))
def test_every_kind_of_inputs_is_handed_on(inputs):
    assert_handed_on([inputs] * 4)


@pytest.mark.slow
@given(numbers, numbers)
def test_numbers_are_the_same_if_their_class_and_text_are(a, b):
    assert_handed_on([[a], [a], [a], [b], [a], [b], [b]])
    assert_kept_apart(a, b)


PAIRS = [
    (0.0, -0.0),
    (complex(1, 0.0), complex(1, -0.0)),
    (np.float32(0.0), np.float32(-0.0)),
    (decimal.Decimal("0"), decimal.Decimal("-0")),
    (float("nan"), 0.0),
    (1, True),
    (1, 1.0),
]


@pytest.mark.parametrize(("a", "b"), [*PAIRS, *[(b, a) for a, b in PAIRS]])
def test_what_is_equal_but_not_the_same_is_kept_apart(a, b):
    assert_handed_on([[a], [a], [a], [b], [a], [b], [b]])
    assert_kept_apart(a, b)


def test_a_pure_step_may_return_a_number_that_it_is_given():
    assert_handed_on([[1], [1], [1], [2], [1], [2], [2]], pure=True)


def test_zero_and_minus_zero_are_two_programs():
    plan = capture(lambda x, s: x * s)
    for s in (0.0, 0.0, 0.0, 0.0):
        plan(tensor([1.0]), s)

    assert [np.signbit(plan(tensor([1.0]), s).item()) for s in (0.0, -0.0, 0.0, -0.0)] == [False, True] * 2


def test_nan_is_one_program():
    plan = capture(lambda x, s: x * s)
    for _ in range(70):
        result = plan(tensor([1.0]), float("nan"))

    assert plan.ready
    assert np.isnan(result.item())


@pytest.mark.parametrize(
    "form", [lambda x: x.view(np.matrix), lambda x: x.view(np.memmap), lambda x: x.view(np.recarray)]
)
def test_arrays_of_other_classes_are_arrays(form):
    plan = capture(lambda x: tensor(2.0) * x)

    results = [plan(form(np.full((1, 2), float(i)))) for i in range(70)]

    assert plan.ready
    assert [x.tolist() for x in results] == [[[2.0 * i, 2.0 * i]] for i in range(70)]


@pytest.mark.parametrize("dtype", [">f8", ">f4"])
@pytest.mark.parametrize(
    "compute", [lambda x: (x * 2 + 1).sum(), lambda x: x.exp().mean(0), lambda x: x @ x.T]
)
def test_another_order_of_bytes_gives_the_bits_of_the_eager_step(compute, dtype):
    manual_seed(0)
    rng, plan = np.random.default_rng(0), capture(lambda x: compute(tensor(x)))

    for _ in range(70):
        x = rng.normal(size=(5, 3000 // 5 * 7)).astype(dtype)
        result = plan(x)
        np.testing.assert_array_equal(result.raw, compute(tensor(x)).raw)

    assert plan.ready


@pytest.mark.parametrize("pure", [False, True])
def test_a_mask_is_refused_also_by_a_plan_that_is_ready(pure):
    plan = capture(lambda x: tensor(x) * 2, pure=pure)
    for _ in range(4):
        plan(np.ones(2))
    masked = np.ma.masked_array(np.ones(2), [True, False])
    with pytest.raises(TypeError) as refusal:
        tensor(masked)

    with pytest.raises(TypeError) as found:
        plan(masked)

    assert str(found.value) == str(refusal.value)
