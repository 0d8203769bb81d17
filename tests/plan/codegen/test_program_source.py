"""The source of a plan runs on its own, with NumPy alone, and gives identical bits."""

from __future__ import annotations

import functools
import inspect
import subprocess
import sys

import numpy as np
import pytest

from tests.ops import test_rules as _RULES
from tinygrad_edu import Tensor, manual_seed, nn, rand, randn, tensor
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.kernel_source import kernels
from tinygrad_edu.plan.codegen.program_source import Source

X = np.array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
Y = np.repeat(np.eye(3), 2, axis=0)


def captured(momentum=0.9):
    manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3))
    optimizer = SGD(net.parameters(), lr=0.1, momentum=momentum)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    plan = capture(step)
    for _ in range(4):
        plan(X, Y)
    return net, plan, step


def test_the_source_gives_identical_bits_step_after_step():
    net, plan, step = captured()
    source = Source(plan.program, step)
    scope = {}
    exec(source.text, scope)
    state = {path: slot.tensor.raw.copy() for path, slot in source.states.items()}

    for _ in range(3):
        (loss,) = scope["step"](X, Y, state, {"lr": 0.1})
        assert loss == plan(X, Y).item()
        for path, p in net.named_parameters():
            np.testing.assert_array_equal(state[f"net.{path}"], p.raw)
            np.testing.assert_array_equal(state[f"grad of net.{path}"], p.raw_grad())


def test_the_source_needs_numpy_only(tmp_path):
    _, plan, _ = captured(momentum=0)
    file = tmp_path / "program.py"
    file.write_text(plan.source() + "\nimport sys\nprint('tinygrad_edu' in sys.modules)\n", encoding="utf-8")

    found = subprocess.run(
        [sys.executable, "-I", str(file)], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert found.stdout.strip() == "False"


def test_the_source_reads_like_a_program():
    _, plan, _ = captured(momentum=0)

    text = plan.source()

    assert 'net_0_weight = state["net.0.weight"]' in text
    assert "linear_1 = linear(x, net_0_weight, net_0_bias)  # test_program_source.py:" in text
    assert "grad_net_2_bias = column_sums(" in text


def test_an_operation_without_a_named_function_cannot_be_written_down():
    odd = Elementwise(lambda x: np.exp(-x), lambda x: x, lambda g, y, _x: -g * y, name="odd")
    plan = capture(lambda x: odd(x * 1.0))
    for _ in range(3):
        plan(tensor([1.0]))

    with pytest.raises(RuntimeError, match=r"source\(\) needs functions defined at the top of a file"):
        plan.source()


def test_unnamed_parameters_groups_and_negative_numbers_are_told_apart():
    ws = [tensor([float(i + 1)], requires_grad=True) for i in range(3)]
    optimizer = SGD([{"params": [w], "lr": 0.1 * (i + 1)} for i, w in enumerate(ws)])

    def step(x):
        optimizer.zero_grad()
        loss = sum((w * x) ** 2 for w in ws).sum() + ((-3.0) ** x).sum()
        loss.backward()
        optimizer.step()
        return loss

    plan = capture(step)
    x = np.array([2.0])
    for _ in range(4):
        plan(tensor(x))
    source = Source(plan.program, step)
    scope = {}
    exec(source.text, scope)
    state = {path: slot.tensor.raw.copy() for path, slot in source.states.items()}
    settings = {name: setting.read() for name, setting in source.settings.items()}

    (loss,) = scope["step"](x, state, settings)

    assert loss == plan(tensor(x)).item()
    for path, slot in source.states.items():
        np.testing.assert_array_equal(state[path], slot.tensor.raw)
        np.testing.assert_array_equal(state[f"grad of {path}"], slot.tensor.raw_grad())


def test_overwriting_a_part_of_a_tensor_cannot_be_written_for_jax():
    w = tensor([1.0, 2.0])

    @capture
    def step(x):
        w[:1].add_(x)
        return w * 1.0

    for _ in range(3):
        step(tensor([1.0]))

    assert step(tensor([1.0])).tolist() == [5, 2]
    with pytest.raises(
        RuntimeError, match=r"source\('jax'\) cannot overwrite a part of a tensor, as at .*:\d+"
    ):
        step.source("jax")


def test_one_number_everywhere_is_written_for_jax_too():
    w = tensor([1.0, 2.0], name="w")

    @capture
    def step(x):
        w.fill_(3)
        return w * x

    for _ in range(3):
        step(tensor([1.0, 2.0]))

    assert "w[...] = 3.0" in step.source()
    assert "w = np.full_like(w, 3.0)" in step.source("jax")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arrays", "settings"), _RULES.rows())
def test_every_operation_is_written_down_with_identical_bits(name, arrays, settings):
    params = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]

    def step(weight):
        for p in params:
            p.zero_grad()
        result = OPERATIONS[name](*params, **settings)
        loss = (result * weight).sum()
        loss.backward()
        return loss, result

    plan = capture(step)
    for _ in range(3):
        plan(np.array(1.5))
    source = Source(plan.program, step)
    scope = {}
    exec(source.text, scope)
    state = {path: slot.tensor.raw.copy() for path, slot in source.states.items()}

    found = scope["step"](np.array(2.5), state, {})

    for a, b in zip(found, plan(np.array(2.5)), strict=True):
        np.testing.assert_array_equal(a, b.raw)
    for path, slot in source.states.items():
        if slot.tensor.requires_grad:
            np.testing.assert_array_equal(state[f"grad of {path}"], slot.tensor.raw_grad())


@pytest.mark.slow
def test_all_operations_can_be_written_down_in_one_file():
    imports, definitions = kernels(OPERATIONS.items())

    exec("\n".join([*imports, *definitions]), {})  # their helpers and constants have names of their own


def test_random_numbers_are_drawn_from_the_generators_of_the_state():
    mine = np.random.default_rng(5)
    net = nn.Sequential(nn.Dropout(0.3), nn.Dropout(0.5, generator=mine))

    def step(x):
        return net(x) + rand(3, dtype=np.float32) + randn(2, 1, generator=mine)

    plan = capture(step)
    for _ in range(3):
        plan(np.ones((2, 3)))
    source = Source(plan.program, step)
    scope = {}
    exec(source.text, scope)
    state = {"generator": np.random.default_rng(7), "generator_2": np.random.default_rng(8)}

    found = [scope["step"](np.ones((2, 3)), state, {})[0] for _ in range(3)]
    manual_seed(7)
    mine.bit_generator.state = np.random.default_rng(8).bit_generator.state

    assert source.generators == {"generator": None, "generator_2": mine}
    for result in found:
        np.testing.assert_array_equal(result, plan(np.ones((2, 3))).raw)
    assert "normal(jax.random.fold_in(generator_2, " in plan.source("jax")


def program(step, *inputs):
    """The function `step` of the source of a plan that was made with these inputs."""
    plan = capture(step)
    for _ in range(3):
        plan(*inputs)
    scope = {}
    exec(plan.source(), scope)
    return scope["step"]


class Halved:
    def __call__(self, x):
        return x / 2


@pytest.mark.parametrize(
    "step",
    [Halved(), functools.partial(lambda by, x: x / by, 2), nn.Sequential(nn.Tanh())],
    ids=["object", "partial", "module"],
)
def test_whatever_can_be_called_has_a_source(step):
    (found,) = program(step, tensor(np.ones(3)))(np.array([2.0, 4.0, 6.0]), {}, {})

    np.testing.assert_array_equal(found, step(tensor([2.0, 4.0, 6.0])).raw)


def test_numbers_among_the_inputs_do_not_move_the_names():
    step = program(lambda by, x, y: x * by - y, 2.0, tensor(np.ones(2)), tensor(np.ones(2)))

    assert list(inspect.signature(step).parameters) == ["x", "y", "state", "settings"]


def test_constants_that_are_not_finite_are_written():
    (found,) = program(lambda x: x + tensor([np.inf, -np.inf, np.nan]), np.ones(3))(np.ones(3), {}, {})

    np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan])


def test_a_pure_function_keeps_the_dtype_of_what_it_overwrites():
    total = tensor(np.ones(2, dtype=np.float32))

    @capture
    def step(x):
        total.data.add_(x)

    for _ in range(3):
        step(np.ones(2))

    assert "dtype=np.float32" in step.source("jax")


def test_a_view_taken_before_its_tensor_is_overwritten_cannot_be_read_by_a_pure_function():
    w = tensor([[1.0, 2.0], [3.0, 4.0]])

    @capture
    def step(x):
        row = w[0]
        w.mul_(0.5)
        return row * x

    for _ in range(3):
        step(np.ones(2))

    with pytest.raises(
        RuntimeError, match=r"cannot read a part of a tensor, .* take it afterwards, or clone\(\)"
    ):
        step.source("jax")


class Trainer:
    def __init__(self, net):
        self.net = net

    def step(self, x):
        self.net.zero_grad()
        loss = self.net(x).sum()
        loss.backward()
        return loss


class Own(nn.Linear):
    def step(self, x):
        return self(x).sum()


@pytest.mark.parametrize(
    ("step", "names"),
    [
        (
            Trainer(nn.Sequential(nn.Linear(2, 1))).step,
            ["net_0_weight", "net_0_bias", '"grad of net.0.bias"'],
        ),
        (Own(2, 1).step, ["weight", "bias"]),
    ],
    ids=["of an object", "of a module"],
)
def test_parameters_are_named_in_the_source_of_a_method(step, names):
    plan = capture(step)
    while not plan.ready:
        plan(np.ones((3, 2)))

    assert [name for name in names if name not in plan.source()] == []
    assert "state_" not in plan.source()
