"""The source for JAX is a pure function: the same numbers under `jax.jit`, on four devices and in two processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from tinygrad_edu import manual_seed, nn, tensor
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.special_functions import Special
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.jax.jax_kernels import jax_kernel
from tinygrad_edu.plan.codegen.program_source import Source

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 3)), np.eye(3)[RNG.integers(0, 3, 8)]
STEPS = 5

# Run in a process of its own: how many devices there are is settled when JAX starts.
COMMON = """
import numpy, sys
import jax
data = numpy.load("data.npz")
source = open("program.py").read()
scope = {}
exec(source, scope)
step = jax.jit(scope["step"])
state = {name[6:]: data[name] for name in data.files if name.startswith("state ")}
def run(x, y, state):
    losses = []
    for _ in range(5):
        (loss,), new = step(x, y, state, {"lr": 0.1})
        state = {name: new[name] for name in state}
        losses.append(float(loss))
    return losses
"""
ONE = COMMON + "print(run(data['x'], data['y'], state))"
SHARDED = (
    COMMON
    + """
from jax.sharding import Mesh, NamedSharding, PartitionSpec
mesh = Mesh(numpy.array(jax.devices()), ("batch",))
rows, same = NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
x, y = jax.device_put(data["x"], rows), jax.device_put(data["y"], rows)
state = jax.device_put(state, same)
assert len(jax.devices()) == 4 and len(x.addressable_shards) == 4
assert "all-reduce" in step.lower(x, y, state, {"lr": 0.1}).compile().as_text()
print(run(x, y, state))
"""
)
DISTRIBUTED = (
    """
import sys
import jax
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(f"127.0.0.1:{sys.argv[2]}", num_processes=2, process_id=int(sys.argv[1]))
"""
    + COMMON
    + """
from jax.sharding import Mesh, NamedSharding, PartitionSpec
assert jax.process_count() == 2
mesh = Mesh(numpy.array(jax.devices()), ("batch",))
rows, same = NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
half = slice(0, 4) if jax.process_index() == 0 else slice(4, 8)
x = jax.make_array_from_process_local_data(rows, data["x"][half])
y = jax.make_array_from_process_local_data(rows, data["y"][half])
state = {name: jax.make_array_from_process_local_data(same, array) for name, array in state.items()}
print(run(x, y, state))
"""
)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A folder with the program, its data, and the losses that the plan goes on to give."""
    pytest.importorskip("jax", reason="the extra jax is not installed")
    manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 3))
    optimizer = SGD(net.parameters(), lr=0.1, momentum=0.9)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return written(tmp_path_factory.mktemp("jax"), step, X, Y)


def written(folder, step, x, y):
    """The folder, with the program of a step and its data, and the losses that the plan goes on to give."""
    plan = capture(step)
    for _ in range(4):
        plan(tensor(x), tensor(y))
    source = Source(plan.program, step, "jax")
    (folder / "program.py").write_text(source.text, encoding="utf-8")
    arrays = {f"state {path}": slot.tensor.raw for path, slot in source.states.items()}
    np.savez(folder / "data.npz", x=x, y=y, **arrays)
    return folder, [plan(tensor(x), tensor(y)).item() for _ in range(STEPS)]


def start(folder, script, *arguments, devices=1):
    environment = {
        **os.environ,
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "JAX_PLATFORMS": "cpu",
    }
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def losses(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return eval(out.strip().splitlines()[-1])


def test_the_jitted_step_gives_the_numbers_of_the_plan(program):
    folder, expected = program

    np.testing.assert_allclose(losses(start(folder, ONE)), expected, rtol=1e-12)


def test_an_lstm_is_known_to_jax(tmp_path):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    manual_seed(0)
    layer, head = nn.LSTM(3, 4), nn.Linear(4, 3)
    optimizer = SGD([*layer.parameters(), *head.parameters()], lr=0.1)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(layer(x)[0][-1]), y)
        loss.backward()
        optimizer.step()
        return loss

    folder, expected = written(tmp_path, step, RNG.normal(size=(5, 8, 3)), Y)

    np.testing.assert_allclose(losses(start(folder, ONE)), expected, rtol=1e-12)


def test_windows_and_convolutions_are_known_to_jax(tmp_path):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    shapes = ((2, 1, 3, 3), (2,), (2, 1, 2, 2), (18, 3))
    w, b, t, v = parameters = [tensor(RNG.normal(size=shape), requires_grad=True) for shape in shapes]
    optimizer, f = SGD(parameters, lr=0.1), nn.functional

    def step(x, y):
        optimizer.zero_grad()
        h = f.max_pool2d(f.conv2d(x, w, b).relu(), 2)
        h = f.avg_pool2d(f.conv_transpose2d(h, t), 2, 1)
        loss = f.cross_entropy(f.interpolate(h, size=(3, 6), mode="bilinear").flatten(1) @ v, y)
        loss.backward()
        optimizer.step()
        return loss

    folder, expected = written(tmp_path, step, RNG.normal(size=(4, 1, 8, 8)), np.eye(3)[[0, 1, 2, 0]])

    np.testing.assert_allclose(losses(start(folder, ONE)), expected, rtol=1e-9)


def test_a_convolution_alone_is_known_to_jax(tmp_path):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    w, v = parameters = [
        tensor(RNG.normal(size=shape), requires_grad=True) for shape in ((2, 1, 3, 3), (72, 3))
    ]
    optimizer, f = SGD(parameters, lr=0.1), nn.functional

    def step(x, y):
        optimizer.zero_grad()
        loss = f.cross_entropy(f.conv2d(x, w).flatten(1) @ v, y)
        loss.backward()
        optimizer.step()
        return loss

    folder, expected = written(tmp_path, step, RNG.normal(size=(4, 1, 8, 8)), np.eye(3)[[0, 1, 2, 0]])

    np.testing.assert_allclose(losses(start(folder, ONE)), expected, rtol=1e-9)


def test_a_batch_sharded_over_four_devices_gives_the_same_losses(program):
    folder, expected = program

    np.testing.assert_allclose(losses(start(folder, SHARDED, devices=4)), expected, rtol=1e-12)


def test_two_processes_with_half_the_batch_each_give_the_same_losses(program):
    folder, expected = program
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    processes = [start(folder, DISTRIBUTED, i, port) for i in range(2)]

    for process in processes:
        np.testing.assert_allclose(losses(process), expected, rtol=1e-12)


def test_another_dialect_is_refused():
    plan = capture(lambda x: x * 2.0)
    for _ in range(3):
        plan(tensor([1.0, 1.0]))

    with pytest.raises(ValueError, match="source needs 'numpy', 'jax' or 'c', got 'torch'"):
        plan.source("torch")


SPECIAL = [name for name, op in OPERATIONS.items() if isinstance(op, Special)]


@pytest.mark.parametrize("name", [name for name in SPECIAL if OPERATIONS[name].readings.jax])
def test_special_functions_are_those_of_jax(name):
    scipy = pytest.importorskip("jax.scipy")
    scope = {"jax": type(scipy)("jax")}
    scope["jax"].scipy = scipy
    exec(jax_kernel(OPERATIONS[name]), scope)
    x = [np.float32([2.5, 3.5]), np.float32([0.7, 4.0])][-len(OPERATIONS[name].rules) :]
    x = [np.float32([0.3, 0.6])] if name in ("erfinv", "logit", "ndtri") else x

    np.testing.assert_allclose(scope[name](*x), OPERATIONS[name](*x), rtol=2e-5, atol=1e-6)


def test_a_special_function_that_jax_has_not_is_named():
    w = tensor([0.5], requires_grad=True)
    plan = capture(lambda x: (OPERATIONS["bessel_y0"](w) * x).sum())
    for _ in range(3):
        plan(np.array([1.5]))

    with pytest.raises(RuntimeError, match=r"needs functions that JAX has, too, got bessel_y0"):
        plan.source("jax")
