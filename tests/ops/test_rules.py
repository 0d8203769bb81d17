"""Every operation has a row in one of two tables; every rule is held against differences and its promises."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.hints import warnings
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.elementwise_points import POINTS
from tinygrad_edu.testing.operation_cases import CASES

# Without a derivative by the first input.
UNKNOWN = [name for name in POINTS if unknown_derivative in OPERATIONS[name].rules]
SLOPED = [name for name in POINTS if OPERATIONS[name].differentiable and name not in UNKNOWN]
DIFFERENTIABLE = [case for case in CASES if OPERATIONS[case.name].differentiable]


def test_every_other_operation_has_a_case():
    others = {name for name, op in OPERATIONS.items() if not isinstance(op, Elementwise)}

    assert others == {case.name for case in CASES}


def test_every_operation_has_a_docstring_or_is_one_row():
    undocumented = [name for name, op in OPERATIONS.items() if not op.__doc__]

    assert undocumented == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_know_their_own_name(name):
    assert OPERATIONS[name].name == name
    assert repr(OPERATIONS[name]) == f"<operation {name}>"


# Against central differences.


@pytest.mark.parametrize(
    "name", [name for name, point in POINTS.items() if float in map(type, point) and name not in UNKNOWN]
)
def test_rule_matches_finite_differences_twice(name):
    points = [np.full((2, 3), x) if isinstance(x, float) else np.full((2, 3), x, bool) for x in POINTS[name]]

    check_gradients(OPERATIONS[name], *points, order=2)


PAIRS = [
    ((2, 3), (3,)),
    ((2, 3), (1, 3)),
    ((2, 3), (2, 1)),
    ((2, 3), ()),
    ((3,), (2, 3)),
    ((), (2,)),
    ((2, 1), (3,)),
]


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", [name for name in SLOPED if len(POINTS[name]) == 2])
def test_broadcast_gradients_match_finite_differences_twice(name, shapes):
    rng = np.random.default_rng(0)
    points = [
        x + rng.uniform(-0.2, 0.2, shape) for x, shape in zip(POINTS[name], shapes, strict=True)
    ]  # stays away from kinks

    check_gradients(OPERATIONS[name], *points, order=2)


# A point moved by less than its distance to the nearest kink or pole: all are at least 0.3 away from theirs.
MOVES = st.lists(st.floats(-0.25, 0.25), min_size=6, max_size=6)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SLOPED if name != "where"])
@settings(deadline=None, max_examples=15)
@given(moves=st.tuples(MOVES, MOVES, MOVES))
def test_rule_matches_finite_differences_around_its_point(name, moves):
    points = [x + np.reshape(move, (2, 3)) for x, move in zip(POINTS[name], moves, strict=False)]

    check_gradients(OPERATIONS[name], *points, rtol=1e-5)


@pytest.mark.parametrize("shapes", [((2, 1), (3,), ()), ((), (2, 3), (3,)), ((3,), (), (2, 1))], ids=str)
def test_where_broadcasts_all_three_inputs(shapes):
    condition, x, y = shapes
    rng = np.random.default_rng(0)

    check_gradients(OPERATIONS["where"], rng.random(condition) > 0.5, rng.random(x), rng.random(y), order=2)


@pytest.mark.slow
@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_rule_of_a_tensor_operation_matches_finite_differences_twice(case):
    check_gradients(case.function, *case.points(), order=2)


@pytest.mark.parametrize("name", [name for name, op in OPERATIONS.items() if not op.differentiable])
def test_what_has_no_slope_ends_the_graph(name):
    if name in POINTS:
        points, settings = [np.array(float(x)) for x in POINTS[name]], {}
    else:
        case = next(case for case in CASES if case.name == name)
        points, settings = case.points(), case.settings

    if "f" not in OPERATIONS[name].kinds or name == "permutation":
        pytest.skip("floats have no bits to be combined, and are no numbers of rows")
    result = OPERATIONS[name](*(Tensor(x, requires_grad=True) for x in points), **settings)

    assert not result.requires_grad
    with pytest.raises(
        RuntimeError, match=f"the graph was cut by {name}, whose derivative is zero or undefined"
    ):
        result.backward()


# What a rule promises.


class Poison:
    """What stands where a rule says it reads nothing: any use is an error."""

    def _refuse(self, *_args: Any, **_settings: Any) -> Any:
        raise AssertionError("a rule used a value whose name starts with _")

    __getattr__ = __add__ = __radd__ = __mul__ = __rmul__ = __neg__ = __sub__ = __rsub__ = _refuse
    __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = __pow__ = __getitem__ = __bool__ = _refuse
    __array__ = __len__ = __iter__ = __float__ = __gt__ = __lt__ = __ge__ = __le__ = _refuse
    __eq__ = _refuse
    __hash__ = object.__hash__


class Outline:
    """What stands where a rule says it reads only the outline: shape, dtype, ndim."""

    def __init__(self, array: np.ndarray) -> None:
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim


def masked_by(label: str, value: np.ndarray) -> Any:
    """As much of a value as a rule may see by the name of its parameter."""
    return Outline(np.asarray(value)) if label == "like" else Poison() if label.startswith("_") else value


def rows(dtype: str = "float64") -> list[Any]:
    """(name, input arrays, settings) of every differentiable row of both tables."""
    elementwise = [
        pytest.param(name, [np.full((2, 3), x, bool if x == 1 else dtype) for x in POINTS[name]], {}, id=name)
        for name in SLOPED
    ]
    others = [
        pytest.param(case.name, case.points(dtype), case.settings, id=str(case)) for case in DIFFERENTIABLE
    ]
    return elementwise + others


def rules_of(name: str, count: int) -> list[tuple[int, Any]]:
    """(position, rule) of every input that has one."""
    rules = zip(range(count), OPERATIONS[name].rules)  # inputs may be left out, or be many
    return [(i, rule) for i, rule in rules if rule is not None]


def with_common(name: str, arrays: list[np.ndarray], settings: dict[str, Any]) -> list[np.ndarray]:
    """What the forward function and the rules are given: the inputs, and what is computed once for both."""
    common = OPERATIONS[name].common
    return arrays if common is None else [*arrays, common(*arrays, **settings)]


def frozen(values: list[Any]) -> list[Any]:
    """Read-only copies; of a tuple, a tuple of them."""
    copies = [tuple(frozen(list(value))) if isinstance(value, tuple) else np.array(value) for value in values]
    for copy in copies:
        if isinstance(copy, np.ndarray):
            copy.flags.writeable = False
    return copies


@pytest.mark.parametrize(("name", "arrays", "settings"), rows())
def test_a_rule_reads_only_what_its_parameters_say(name, arrays, settings):
    operation, inputs = OPERATIONS[name], with_common(name, arrays, settings)
    values = [operation.forward(*inputs, **settings), *inputs]
    g = np.ones_like(values[0])

    for position, rule in rules_of(name, len(arrays)):
        parameters = [p for p in inspect.signature(rule).parameters.values() if p.kind != p.KEYWORD_ONLY][1:]
        labels = [parameters[min(i, len(parameters) - 1)].name for i in range(len(values))]  # or one for many
        masked = [masked_by(label, value) for label, value in zip(labels, values, strict=True)]
        read = {i for i, (x, value) in enumerate(zip(masked, values, strict=True)) if x is value}

        assert read & set(range(len(arrays) + 1)) <= set(operation.reads(position, len(arrays)))
        assert read == set(operation.reads(position, len(arrays))) or operation.common is not None
        np.testing.assert_array_equal(rule(g, *masked, **settings), rule(g, *values, **settings))


def as_tensors(value: Any) -> Any:
    return tuple(map(Tensor, value)) if isinstance(value, tuple) else Tensor(value)


@pytest.mark.parametrize(("name", "arrays", "settings"), rows())
def test_rules_and_forward_modify_nothing(name, arrays, settings):
    inputs = frozen(with_common(name, frozen(arrays), settings))

    result = frozen([OPERATIONS[name].forward(*inputs, **settings)])[0]
    upstream = frozen([np.ones_like(result)])[0]

    for _, rule in rules_of(name, len(arrays)):
        rule(upstream, result, *inputs, **settings)  # writing would raise


@pytest.mark.parametrize(("name", "arrays", "settings"), rows())
def test_a_tensor_only_rule_returns_the_exact_input_shape(name, arrays, settings):
    inputs = with_common(name, arrays, settings)
    result = np.asarray(OPERATIONS[name].forward(*inputs, **settings))

    for position, rule in rules_of(name, len(arrays)):
        assert np.shape(rule(np.ones_like(result), result, *inputs, **settings)) == arrays[position].shape


@pytest.mark.parametrize(("name", "arrays", "settings"), rows("float32"))
def test_float32_stays_float32_forward_and_backward(name, arrays, settings):
    if name == "cast":
        settings = {"dtype": np.dtype(np.float32)}
    inputs = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]

    result = OPERATIONS[name](*inputs, **settings)
    values = [np.ones_like(result.raw), result.raw, *with_common(name, arrays, settings)]
    shares = [rule(*values, **settings) for _, rule in rules_of(name, len(arrays))]
    result.sum().backward()

    assert result.dtype == np.float32
    assert [share.dtype for share in shares] == [np.float32] * len(shares)
    assert all(x.grad.dtype == np.float32 for x in inputs if x.requires_grad)


@pytest.mark.parametrize(("name", "arrays", "settings"), rows())
def test_arrays_and_tensors_through_a_rule_agree(name, arrays, settings):
    inputs = with_common(name, arrays, settings)
    result = np.asarray(OPERATIONS[name].forward(*inputs, **settings))
    g = np.random.default_rng(0).normal(size=result.shape)

    for _, rule in rules_of(name, len(arrays)):
        on_arrays = rule(g, result, *inputs, **settings)
        on_tensors = rule(Tensor(g), Tensor(result), *map(as_tensors, inputs), **settings)

        assert isinstance(on_tensors, Tensor)
        np.testing.assert_allclose(on_tensors.raw, on_arrays, rtol=1e-15)


# Exact small numbers.


def gradients_of(result: Tensor, *inputs: Tensor) -> list[Any]:
    result.backward()
    return [x.grad.tolist() for x in inputs]


def test_gradients_of_a_product_with_exact_numbers():
    x, y = Tensor([2.0, 3.0], requires_grad=True), Tensor([5.0, 7.0], requires_grad=True)

    assert gradients_of((x * y).sum(), x, y) == [[5, 7], [2, 3]]


def test_gradients_of_a_quotient_with_exact_numbers():
    x, y = Tensor(6.0, requires_grad=True), Tensor(2.0, requires_grad=True)

    assert gradients_of(x / y, x, y) == [0.5, -1.5]


def test_gradient_of_a_power_with_exact_numbers():
    x = Tensor([0.0, 1.0, -2.0], requires_grad=True)

    assert gradients_of((x**3).sum(), x) == [[0, 3, 12]]


@pytest.mark.parametrize(("exponent", "expected"), [(0, 0.0), (1, 1.0), (2, 0.0), (3.0, 0.0)])
def test_the_slope_of_a_power_at_zero_is_exact(exponent, expected):
    x = Tensor(0.0, requires_grad=True)

    assert gradients_of(x**exponent, x) == [expected]


def test_the_exponent_of_zero_gets_no_gradient():
    x, y = Tensor(0.0, requires_grad=True), Tensor(2.0, requires_grad=True)

    assert gradients_of(x**y, x, y) == [0, 0]


def test_a_matrix_product_with_exact_numbers():
    x = Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    w = Tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]], requires_grad=True)

    assert gradients_of((x @ w).sum(), x, w) == [[[1, 3, 3]], [[1, 1], [2, 2], [3, 3]]]


def test_softmax_of_equal_logits_has_slope_a_quarter():
    x = Tensor([0.0, 0.0], requires_grad=True)

    assert gradients_of(x.softmax(0)[0], x) == [[0.25, -0.25]]


@pytest.mark.parametrize("name", ["amax", "amin"])
def test_equal_extremes_share_the_gradient_evenly(name):
    x = Tensor([[3.0, 3.0, 3.0], [3.0, 3.0, 3.0]], requires_grad=True)

    getattr(x, name)(1).backward([3.0, 6.0])

    assert x.grad.tolist() == [[1, 1, 1], [2, 2, 2]]


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_at_a_tie_each_side_gets_half(name):
    x, y = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)

    assert gradients_of(getattr(x, name)(y).sum(), x, y) == [[0.5], [0.5]]


@pytest.mark.parametrize(
    ("name", "of_x", "of_y"), [("maximum", [0, 7, 7], [7, 0, 0]), ("minimum", [7, 0, 0], [0, 7, 7])]
)
def test_the_side_that_is_not_taken_gets_exactly_nothing(name, of_x, of_y):
    x, y = Tensor([1.0, 2.0, -1.0], requires_grad=True), Tensor([3.0, 1.0, -2.0], requires_grad=True)

    assert gradients_of((getattr(x, name)(y) * 7).sum(), x, y) == [of_x, of_y]


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("abs", 0)])
def test_slope_at_the_kink_is_pytorchs(name, slope):
    x = Tensor(0.0, requires_grad=True)

    assert gradients_of(getattr(x, name)(), x) == [slope]


def test_the_branch_not_taken_never_makes_a_nan():
    x = Tensor([0.0, -1.0], requires_grad=True)

    with np.errstate(divide="ignore"), warnings.off():
        gradients_of(x.relu().log().sum(), x)

    assert x.grad.tolist() == [0, 0]


def test_where_gives_an_exact_zero_to_the_branch_not_taken_even_from_infinity():
    x, y = Tensor([4.0, 1.0], requires_grad=True), Tensor([1.0, 0.0], requires_grad=True)

    with np.errstate(divide="ignore"):
        gradients_of(x.where(np.array([True, False]), y).sqrt().sum(), x, y)

    assert x.grad.tolist() == [0.25, 0]
    assert y.grad.tolist() == [0, np.inf]


def test_stable_forms_do_not_overflow():
    x = Tensor([1000.0, -1000.0], requires_grad=True)

    np.testing.assert_allclose(x.sigmoid().raw, [1, 0], atol=1e-300)
    np.testing.assert_array_equal(x.softmax(0).raw, [1, 0])
    np.testing.assert_array_equal(x.log_softmax(0).raw, [0, -2000])
    assert x.logsumexp(0).item() == 1000
    assert gradients_of(x.logsumexp(0) + OPERATIONS["relu"](x).sum(), x) == [[2, 0]]
    assert OPERATIONS["softplus"](x).tolist() == [1000, 0]


def test_logsumexp_keeps_the_dimensions_of_size_1_that_it_does_not_reduce():
    assert Tensor(np.zeros((1, 3, 1))).logsumexp(1).shape == (1, 1)


def test_logsumexp_of_minus_infinities_is_minus_infinity():
    with np.errstate(divide="ignore"):
        assert Tensor([-np.inf, -np.inf]).logsumexp(0).item() == -np.inf
