"""What a step on Tensors is given: every kind of input is known again, and none is taken for another."""

from __future__ import annotations

import decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tinygrad_edu.plan.guards import compiled_guards
from tinygrad_edu.plan.tensor_inputs import Inputs

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


@given(some.lists(some.one_of(arrays(), numbers, others), max_size=4))
def test_every_kind_of_inputs_is_known_again(inputs):
    kind, tests = Inputs(tuple(inputs)), compiled_guards.Tests()
    kind.add_to(tests)

    found = kind.arrays(tuple(inputs))

    assert found is not None
    assert len(found) == len(inputs)
    kind.enter(found)
    for place, x in zip(kind.arguments, inputs):
        if isinstance(place, Tensor):
            np.testing.assert_array_equal(place.raw, getattr(x, "raw", x))


@given(numbers, numbers)
def test_numbers_are_the_same_if_their_class_and_text_are(a, b):
    same = type(a) is type(b) and repr(a) == repr(b)
    kind, tests = Inputs((a,)), compiled_guards.Tests()
    kind.add_to(tests)
    quickly = compiled_guards.compiled("quickly", f"def quickly(x0):\n    return {tests}", tests.scope)

    assert (kind.arrays((b,)) is not None) == same
    assert not quickly(b) or same
    assert quickly(a)


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
    assert Inputs((a,)).arrays((a,)) is not None
    assert Inputs((a,)).arrays((b,)) is None


def test_zero_and_minus_zero_are_two_programs():
    plan = capture(lambda x, s: x * s)
    for s in (0.0, 0.0, 0.0, 0.0):
        plan(np.ones(1), s)

    assert [np.signbit(plan(np.ones(1), s).item()) for s in (0.0, -0.0, 0.0, -0.0)] == [False, True] * 2


def test_nan_is_one_program():
    plan = capture(lambda x, s: x * s)
    for _ in range(70):
        result = plan(np.ones(1), float("nan"))

    assert plan.ready
    assert np.isnan(result.item())


@pytest.mark.parametrize(
    "form", [lambda x: x.view(np.matrix), lambda x: x.view(np.memmap), lambda x: x.view(np.recarray)]
)
def test_arrays_of_other_classes_are_arrays(form):
    plan = capture(lambda x: x * 2)

    results = [plan(form(np.full((1, 2), float(i)))) for i in range(70)]

    assert plan.ready
    assert [x.tolist() for x in results] == [[[2.0 * i, 2.0 * i]] for i in range(70)]


@pytest.mark.parametrize("dtype", [">f8", ">f4"])
@pytest.mark.parametrize(
    "compute", [lambda x: (x * 2 + 1).sum(), lambda x: x.exp().mean(0), lambda x: x @ x.T]
)
def test_another_order_of_bytes_gives_the_bits_of_the_eager_step(compute, dtype):
    manual_seed(0)
    rng, plan = np.random.default_rng(0), capture(compute)

    for _ in range(70):
        x = rng.normal(size=(5, 3000 // 5 * 7)).astype(dtype)
        result = plan(x)
        np.testing.assert_array_equal(result.raw, compute(Tensor(x)).raw)

    assert plan.ready


def test_a_mask_is_refused_also_by_a_plan_that_is_ready():
    plan = capture(lambda x: x * 2)
    for _ in range(4):
        plan(np.ones(2))

    with pytest.raises(TypeError, match=r"got a masked array; use array.filled"):
        plan(np.ma.masked_array(np.ones(2), [True, False]))
