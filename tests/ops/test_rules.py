"""Every operation has a row in one of two tables; every rule is held against differences and its promises."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
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

# One number for each input, away from kinks and poles; where the usual ones are not.
_UNUSUAL: dict[str, tuple[float, ...]] = {
    "absolute": (-0.7,),
    "binary_cross_entropy": (0.3, 0.8),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor"), (True, False)),
    **dict.fromkeys(("bessel_y0", "bessel_y1", "digamma", "lgamma"), (1.3,)),
    **dict.fromkeys(("igamma", "igammac"), (1.3, 0.7)),
    "invert": (True,),
    **dict.fromkeys(("modified_bessel_k0", "modified_bessel_k1"), (1.3,)),
    "power": (0.6, -1.2),
    **dict.fromkeys(("scaled_modified_bessel_k0", "scaled_modified_bessel_k1"), (1.3,)),
    "where": (1, 0.3, -1.2),
    **dict.fromkeys(("xlog1py", "xlogy"), (0.3, 1.2)),
    "zeta": (3.3, 1.2),
    "acosh": (1.6,),
    **dict.fromkeys(("ceil", "floor", "trunc"), (0.4,)),
    "floor_divide": (10.0, 4.0),  # a quotient between 2 and 3, also if both are moved by 0.25
    **dict.fromkeys(("fmod", "remainder", "trunc_divide"), (-10.0, 4.0)),
    "gcd": (12, 18),
    "lcm": (4, 6),
    **dict.fromkeys(("left_shift", "right_shift"), (5, 2)),
    "round": (0.1,),
}
POINTS: dict[str, tuple[float, ...]] = {
    name: _UNUSUAL.get(name, (0.3, -1.2)[: len(op.rules)])
    for name, op in OPERATIONS.items()
    if isinstance(op, Elementwise)
}


@dataclass
class Case:
    """Shapes of the inputs (a dtype other than float64 after the shape), and the settings."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.settings.items()).replace("\n", "")
        return f"{self.name}-{'-'.join(map(str, self.shapes))}-{settings}".replace(" ", "")

    def points(self, dtype: str = "float64") -> list[np.ndarray]:
        """Distinct numbers from -1 to 1, so that no two of them tie."""
        rng = np.random.default_rng(0)
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        points = [
            rng.permutation(np.linspace(-1, 1, n) if n != 1 else np.array([0.4])).reshape(shape).astype(dtype)
            for n, shape in zip(sizes, self.shapes, strict=True)
        ]
        if self.name == "class_cross_entropy":
            points[1] = (
                np.arange(points[1].size).reshape(points[1].shape) % points[0].shape[self.settings["dim"]]
            )
        if self.name in SYMMETRIC | INVERTED:
            points[0] = points[0] / 2 + 2 * np.eye(*self.shapes[0][-2:], dtype=dtype)
        return points


# Of which one triangle is read, and taken for the other, too: as functions of any matrix, of its symmetric part.
SYMMETRIC = {"cholesky", "eigenvalues", "eigenvectors"}
INVERTED = {"inverse", "solve", "logabsdet", "orthonormal", "singular_vectors"}


def symmetric(x: Any) -> Any:
    """The symmetric part of matrices."""
    return (x + x.swapaxes(-1, -2)) / 2


ONE = {"stride": (1,), "dilation": (1,), "groups": 1}
TWO = {"stride": (2, 1), "dilation": (1, 2), "groups": 2}
ROWS, COLUMNS = np.array([0, 0, 1]), np.array([2, 2, 0])
MASK = np.array([[True, False, True], [False, True, False]])


def _reductions(name: str) -> list[Case]:
    choices = [
        ((2, 3), None),
        ((2, 3), (0,)),
        ((2, 3), (1,)),
        ((2, 3, 4), (0, 2)),
        ((1, 3), (1,)),
        ((), None),
    ]
    return [Case(name, (s,), {"dims": d, "keepdim": k}) for s, d in choices for k in (False, True)]


SCANS = ("cumsum", "cumprod", "logcumsumexp")

CASES = [
    *(case for name in ("sum", "mean", "amax", "amin", "logsumexp") for case in _reductions(name)),
    *(Case(name, ((2, 3, 4),), {"dim": d}) for name in ("softmax", "log_softmax") for d in (0, 1, 2)),
    *(Case(name, ((2, 3),), {"dim": 1, "keepdim": True}) for name in ("argmax", "argmin")),
    *(Case(name, ((2, 3),), {"dims": (1,), "keepdim": True}) for name in ("any", "all")),
    *(
        Case(name, (s,), {"dim": d})
        for name in SCANS
        for s, d in [((3,), 0), ((2, 3, 4), 1), ((2, 1), 1), ((2, 0), 1)]
    ),
    Case("recurrence", ((2, 2, 4), (2, 3, 4)), {"dim": 1}),
    Case("recurrence", ((0,), (1,)), {"dim": 0}),
    *(
        Case("prod", (s,), {"dim": d, "keepdim": k})
        for s, d in [((3,), 0), ((2, 3, 4), 1), ((2, 2), 1)]
        for k in (False, True)
    ),
    *(Case("prod", ((3, n),), {"dim": 1, "keepdim": True}) for n in (0, 1)),
    Case("running_place", ((2, 3),), {"dim": 1, "least": True}),
    Case("distinct", ((2, 3),), {"dim": 1, "which": "values"}),
    Case("bincount", ((1,), (1,)), {"minlength": 2}),
    Case("bin_edges", ((3,),), {"bins": 2, "limits": None, "margin": 1.0}),
    Case("histogram", ((3,), (3,), (2,)), {"density": False}),
    Case("one_hot", ((2, 3),), {"classes": 4, "dim": 1, "dtype": np.dtype(np.float64)}),
    Case("reshape", ((2, 3),), {"shape": (3, 2)}),
    Case("reshape", ((2, 3),), {"shape": (-1,)}),
    Case("reshape", ((1,),), {"shape": ()}),
    Case("permute", ((2, 3, 4),), {"dims": (2, 0, 1)}),
    Case("permute", ((),), {"dims": ()}),
    Case("expand", ((3,),), {"shape": (2, 3)}),
    Case("expand", ((2, 1),), {"shape": (4, 2, 3)}),
    Case("expand", ((),), {"shape": (2,)}),
    Case("cast", ((2, 3),), {"dtype": np.dtype(np.float64)}),
    Case("cast_whole", ((2, 3),), {"dtype": np.dtype(np.int64)}),
    Case("cat", ((2, 3), (1, 3), (2, 3)), {"dim": 0}),
    Case("cat", ((2, 3), (2, 0), (2, 4)), {"dim": 1}),
    Case("take", ((2, 3),), {"index": 1}),
    Case("take", ((2, 3),), {"index": (slice(None), slice(None, None, -2))}),
    Case("take", ((2, 3),), {"index": (0, 1)}),
    Case("take", ((2, 3),), {"index": (None, Ellipsis, 0)}),
    Case("take", ((2, 3),), {"index": ROWS}),
    Case("take", ((2, 3),), {"index": (ROWS, COLUMNS)}),
    Case("take", ((2, 3),), {"index": (slice(None), COLUMNS)}),
    Case("take", ((2, 3),), {"index": MASK}),
    Case("take", ((2, 3),), {"index": np.zeros(0, int)}),
    Case("take", ((),), {"index": ()}),
    Case("scatter", ((3, 2),), {"index": ROWS, "shape": (4, 2)}),
    Case("scatter", ((3,),), {"index": MASK, "shape": (2, 3)}),
    Case("scatter", ((3,),), {"index": (ROWS, COLUMNS), "shape": (2, 3)}),
    Case("put", ((2, 3), (3,)), {"index": 1}),
    Case("put", ((2, 3), (2, 2)), {"index": (slice(None), slice(None, None, -2))}),
    Case("put", ((2, 3), (3,)), {"index": MASK}),
    Case("put", ((4, 2), (3, 2)), {"index": ROWS}),
    Case("put", ((2, 3), (2, 3)), {"index": ...}),
    Case("last_writes", ((3, 2),), {"index": ROWS, "shape": (4, 2)}),
    Case("diagonal", ((3, 3),)),
    Case("diagonal", ((2, 4, 4),)),
    Case("within", ((1,),), {"call": "gather", "dim": 0, "size": 2}),
    Case("argsort", ((2, 3),), {"dim": 1}),
    Case("searchsorted", ((2,), (3,)), {"side": "left"}),
    Case("nonzero", ((2, 3),)),
    Case("extreme_at", ((2, 3), (3,)), {"index": (ROWS, COLUMNS), "least": False}),
    Case("extreme_at", ((2, 3), (3, 3)), {"index": ROWS, "least": True}),
    Case("matmul", ((3,), (3,))),
    Case("matmul", ((2, 3), (3,))),
    Case("matmul", ((3,), (3, 4))),
    Case("matmul", ((2, 3), (3, 4))),
    Case("matmul", ((5, 2, 3), (3,))),
    Case("matmul", ((3,), (5, 3, 2))),
    Case("matmul", ((5, 2, 3), (3, 4))),
    Case("matmul", ((2, 3), (5, 3, 4))),
    Case("matmul", ((5, 2, 3), (5, 3, 4))),
    Case("matmul", ((1, 2, 3), (5, 3, 4))),
    Case("matmul", ((5, 2, 3), (1, 3, 4))),
    Case("matmul", ((2, 1, 2, 3), (3, 3, 2))),
    Case("matmul", ((2, 1, 3), (4, 1, 3, 2))),
    Case("matmul", ((2, 2, 2, 3), (3,))),
    Case("matmul", ((3,), (2, 2, 3, 1))),
    Case("matmul", ((1,), (1,))),
    Case("column_sums", ((4, 3),)),
    Case("column_sums", ((0, 3),)),
    Case("linear", ((4, 3), (2, 3), (2,))),
    Case("linear", ((4, 3), (2, 3))),
    Case("linear", ((3,), (2, 3), (2,))),
    Case("linear", ((5, 4, 3), (2, 3), (2,))),
    Case("cross_entropy", ((2, 3), (2, 3), ()), {"dim": 1}),
    Case("cross_entropy", ((2, 3, 4), (2, 3, 4), ()), {"dim": 1}),
    Case("cross_entropy", ((3,), (3,), ()), {"dim": 0}),
    Case("class_cross_entropy", ((2, 3), (2,)), {"dim": 1, "ignore_index": -100}),
    Case("class_cross_entropy", ((2, 3, 4), (2, 4)), {"dim": 1, "ignore_index": -100}),
    Case("class_cross_entropy", ((3,), ()), {"dim": 0, "ignore_index": -100}),
    *(Case("standardize", ((2, 3, 4),), {"dims": d, "eps": 0.1}) for d in ((2,), (0, 2), (0, 1, 2))),
    Case("lstm", ((3, 2, 8), (8, 2), (2, 2), (2, 2))),
    Case("lstm", ((1, 1, 12), (12, 3), (1, 3), (1, 3))),
    Case("lstm_steps", ((3, 2, 8), (8, 2), (2, 2), (2, 2))),
    Case("lstm_back", ((2, 3, 2, 2), (8, 2), (46, 2))),
    *(Case("lower", (shape,), {"diagonal": d}) for shape in ((3, 4), (2, 4, 3)) for d in (0, -1)),
    *(Case(name, (shape,)) for name in ("inverse", "matrix_exp") for shape in ((3, 3), (2, 3, 3), (0, 0))),
    Case("solve", ((3, 3), (3, 2))),
    Case("solve", ((0, 0), (0, 0))),
    Case("solve", ((2, 3, 3), (3, 3))),
    Case("solve", ((2, 3, 3), (2, 3, 1))),
    *(Case("pinverse", (shape,), {"atol": 0.0, "rtol": 1e-9}) for shape in ((3, 2), (2, 2, 3), (3, 3))),
    *(
        Case(name, (shape,))
        for name in ("cholesky", "eigenvalues", "eigenvectors")
        for shape in ((3, 3), (2, 3, 3))
    ),
    *(
        Case(name, (shape,))
        for name in ("singular_values", "singular_vectors")
        for shape in ((3, 3), (2, 3, 2), (2, 4))
    ),
    Case("inverse_gaps", ((2, 3),)),
    *(Case("orthonormal", (shape,)) for shape in ((3, 3), (2, 4, 3), (2, 0))),
    *(
        Case(name, (shape,))
        for name in ("determinant", "cofactors", "logabsdet", "sign_of_determinant")
        for shape in ((3, 3), (2, 2, 2), (1, 1))
    ),
    Case("complement", ((4, 3),)),
    Case("windows", ((2, 5),), {"size": (2,), "stride": (1,), "dilation": (2,)}),
    Case("windows", ((4, 5),), {"size": (2, 3), "stride": (3, 2), "dilation": (1, 1)}),
    Case("overlap_add", ((2, 2, 3),), {"size": (2,), "stride": (1,), "dilation": (2,), "shape": (5,)}),
    Case(
        "overlap_add",
        ((2, 3, 1, 2),),
        {"size": (2, 3), "stride": (3, 2), "dilation": (1, 1), "shape": (4, 6)},
    ),
    Case("window_argmax", ((2, 3),), {"rows": (((0, 1), (1, 2)),)}),
    Case("unpool", ((3,),), {"index": (ROWS, np.array([0, 1, 0])), "shape": (2, 3)}),
    Case("convolve", ((2, 2, 4), (3, 2, 2), (3,)), ONE),
    Case("convolve", ((2, 2, 4), (3, 2, 2)), ONE),
    Case("convolve", ((1, 4, 5, 5), (2, 2, 2, 2), (2,)), TWO),
    Case("convolve_back", ((2, 3, 3), (3, 2, 2)), {**ONE, "shape": (4,)}),
    Case("convolve_back", ((1, 2, 2, 3), (2, 2, 2, 2)), {**TWO, "shape": (5, 5)}),
    Case("convolve_back", ((9, 3, 2), (3, 1, 2)), {**ONE, "shape": (3,)}),
    Case("convolve_back", ((8, 1, 2, 2), (1, 1, 2, 2)), {**TWO, "groups": 1, "shape": (5, 4)}),
    Case("convolve_kernels", ((2, 3, 3), (2, 2, 4)), {**ONE, "size": (2,)}),
    Case("convolve_kernels", ((1, 2, 2, 3), (1, 4, 5, 5)), {**TWO, "size": (2, 2)}),
]

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


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_rule_of_a_tensor_operation_matches_finite_differences_twice(case):
    def function(*xs):
        xs = tuple(map(symmetric, xs)) if case.name in SYMMETRIC else xs
        return OPERATIONS[case.name](*xs, **case.settings)

    check_gradients(function, *case.points(), order=2)


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
