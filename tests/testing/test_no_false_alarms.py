"""Right functions of odd form, and all operations at drawn points: none is called wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_edu as torch
from tinygrad_edu import Value, autograd, nn, tensor
from tinygrad_edu.autograd import Function
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.testing import gradient_verdict

F = nn.functional
ZERO = [0.0, 1.0, -1.0]


class Clipped(Function):
    """An exponential whose gradient is cut off where the result is."""

    @staticmethod
    def forward(ctx, x):
        y = x.exp().clamp(max=2)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y * (y < 2)


def newton(x):
    y = x * 0 + 1
    for _ in range(12):
        y = (y + x / y) / 2
    return y


def penalty(x):
    x = x if x.requires_grad else x.detach().requires_grad_()
    (g,) = autograd.grad((x**3).sum(), x, create_graph=True)
    return g * x


def asks_for_a_gradient(x):
    (g,) = autograd.grad((x**3).sum(), x, create_graph=True)
    return g * x


def in_place(x):
    y = x * 2
    y[0] = x[1] * x[2]
    y.mul_(x)
    return y


def branches(x):
    return x * x if x.sum().item() > 0 else x.exp()


def seeded(x):
    torch.manual_seed(0)
    return x * torch.rand(3) + F.dropout(x, 0.5)


def doubled(x):
    for _ in range(60):
        x = (x + x) * 0.5
    return x


def looks_at_requires_grad(x):
    return x * x if x.requires_grad else x


FUNCTIONS = {
    "relu at 0": (lambda x: x.relu(), "kink", [ZERO]),
    "abs at 0": (lambda x: x.abs(), "agrees", [ZERO]),
    "relu(x) - relu(-x) at 0": (lambda x: x.relu() - (-x).relu(), "kink", [ZERO]),
    "a maximum of equals": (lambda x: x.amax(), "agrees", [[1.0, 1.0, 0.5]]),
    "the first maximum": (lambda x: x.max(0)[0], "kink", [[1.0, 1.0, 0.5]]),
    "two that tie": (lambda x, y: x.maximum(y), "agrees", [ZERO, [0.0, 0.5, 0.5]]),
    "sin(1e6 x)": (lambda x: (1e6 * x).sin(), "agrees", [[0.3, 0.7, 0.0]]),
    "sin(2 pi 4096 x)": (lambda x: (2 * np.pi * 4096 * x).sin(), "agrees", [[0.3, 0.7, 0.0]]),
    "float32 inside": (lambda x: x.float().exp().double(), "rounding", [ZERO]),
    "float16 inside": (lambda x: (x.half() * 3).double(), "rounding", [[0.3, 1.1, -0.7]]),
    "log near 0": (lambda x: x.log(), "agrees", [[1e-6, 1e-9, 0.1]]),
    "log at 0": (lambda x: x.log(), "outside the domain", [[0.0, 1.0]]),
    "sqrt at 0": (lambda x: x.sqrt(), "pole", [[0.0, 1.0]]),
    "asin at 1": (lambda x: x.asin(), "pole", [[1.0, 0.5, -1.0]]),
    "1 / x near and at 0": (lambda x: 1 / x, "outside the domain", [[1e-6, 0.0, 2.0]]),
    "a norm of zeros": (lambda x: x.norm(), "agrees", [[0.0, 0.0]]),
    "|x| ** 1.5 at 0": (lambda x: x.abs() ** 1.5, "agrees", [[0.0, 0.5]]),
    "floor at 1": (lambda x: x.floor() * x, "jump", [[1.0, 2.5]]),
    "sorted equals": (lambda x: x.sort()[0], "kink", [[0.0, 0.0, 1.0]]),
    "where on both sides": (lambda x: torch.where(x > 0, x.exp(), 1 + x), "agrees", [ZERO]),
    "a square root by Newton": (newton, "agrees", [[0.3, 2.0, 5.0]]),
    "a gradient inside": (penalty, "agrees", [[0.3, 2.0, -1.0]]),
    "a gradient asked of the input": (asks_for_a_gradient, "agrees", [[0.3, 2.0, -1.0]]),
    "in place": (in_place, "agrees", [[0.3, 2.0, -1.0]]),
    "branches": (branches, "agrees", [[0.3, 2.0, -1.0]]),
    "random with a seed": (seeded, "agrees", [[0.3, 2.0, -1.0]]),
    "60 doublings": (doubled, "agrees", [[0.3, 2.0, -1.0]]),
    "of a dict": (lambda d: {"a": d["w"] * d["b"], "n": d["w"] > 0}, "agrees", [{"w": tensor([1.0, 2.0]), "b": 3.0}]),
    "of a tuple": (lambda pair, k: (pair[0] @ pair[1], k), "agrees", [(tensor([1.0, 2.0]), tensor([3.0, 0.5])), 2]),
    "of nothing": (lambda x: x * 2, "agrees", [np.zeros((0, 3))]),
    "a constant": (lambda x: x * 0 + 1, "agrees", [ZERO]),
    "written in NumPy": (lambda x: np.mean(np.exp(-x) / (1 + np.exp(-x)), axis=0), "agrees", [ZERO]),
    "not contiguous": (lambda x: x.T @ x, "agrees", [np.arange(6.0).reshape(2, 3).T]),
    "requires_grad inside, alike": (lambda x, y: x - y if x.requires_grad else x * 0, "agrees", [[0.3], [0.3]]),
    "requires_grad inside": (looks_at_requires_grad, "agrees", [[0.3, 2.0]]),
    "a Function": (Clipped.apply, "agrees", [[0.3, 2.0, -1.0]]),
    "of Values": (lambda a, b: [a.relu() * b, (a - b) ** 3 / b], "kink", [Value(0.0), Value(0.7)]),
    "large and small": (lambda x, y: x * 1e12 + y * 1e-9, "agrees", [[0.3, 2.0], [1e-9, 1e9]]),
    "a hook that does nothing": (lambda x: (x * 2).exp(), "agrees", [np.float32([0.1, 0.2])]),
    "batch norm": (nn.BatchNorm1d(3), "agrees", [np.random.default_rng(0).normal(size=(4, 3))]),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_function_of_odd_form_is_not_called_wrong(name):
    function, kind, inputs = FUNCTIONS[name]

    verdict = gradient_verdict(function, *inputs)

    assert verdict, str(verdict)
    assert verdict.kind == kind, str(verdict)


SMOOTH = "a square root by Newton", "in place", "of a dict", "batch norm", "a gradient inside", "a Function"


@pytest.mark.parametrize("name", SMOOTH)
def test_nor_is_its_second_derivative(name):
    function, _, inputs = FUNCTIONS[name]

    assert gradient_verdict(function, *inputs, order=2)


# Without those whose derivative by the first input is unknown, and without the neighbour of a number, whose slope of 1
# is none to learn by: here as in PyTorch nothing flows back.
SLOPED = [
    op
    for op in OPERATIONS.values()
    if isinstance(op, Elementwise)
    and op.name != "nextafter"
    and op.differentiable
    and "f" in op.kinds
    and unknown_derivative not in op.rules
]
NUMBERS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, 1e-3, 1e-6, 1e-12, 10.0, 100.0, -1e4]),
    st.integers(-3000, 3000).map(lambda n: n / 1000),
    st.integers(-50_000, 50_000).map(lambda n: n / 1000),
)


# Inputs at which a right rule is called wrong, or has a slope that PyTorch has and mathematics has not.
_STEPS = (1, lambda x: np.abs(x) < 1e-3)  # jumps that float64 cannot tell apart
_ZERO = (0, lambda x: x == 0)  # of two zeros the gradient is nan
UNUSUAL = {
    **dict.fromkeys(("floor_divide", "fmod", "remainder", "trunc_divide"), _STEPS),
    **dict.fromkeys(("hypot", "xlogy"), _ZERO),
    "xlog1py": (1, lambda x: x == -1),  # where the logarithm is infinite: nan times 0
    "binary_cross_entropy": (0, lambda x: np.isin(x, [0, 1])),  # a slope of 0 where log is bounded
}


def judged(op, data):
    inputs = [np.array(data.draw(st.lists(NUMBERS, min_size=2, max_size=2))) for _ in op.rules]
    if op.name == "where":
        inputs[0] = inputs[0] > 0
    if op.name in UNUSUAL:
        position, unusual = UNUSUAL[op.name]
        inputs[position] = np.where(unusual(inputs[position]), 0.5, inputs[position])

    verdict = gradient_verdict(op, *inputs)

    assert verdict, f"{op.name}{inputs}: {verdict}"


def many(examples):
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )


@many(60)
@given(op=st.sampled_from(SLOPED), data=st.data())
def test_no_operation_is_called_wrong_anywhere(op, data):
    judged(op, data)


@pytest.mark.slow
@many(3_000)
@given(op=st.sampled_from(SLOPED), data=st.data())
def test_no_operation_is_called_wrong_at_thousands_of_points(op, data):
    judged(op, data)
