"""Saved plans go on as the plan would, to the last bit, where none of the user's code exists."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.plan.conftest import bits
from tests.plan.saved.saved_steps import CASES, X, Y, groups, pictures, ready, trained
from tinygrad_edu import capture, load_plan, manual_seed, nn, optim, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.plan.codegen.c.compiler import compiler

ELSEWHERE = """
import sys
import numpy as np
from tinygrad_edu import load_plan

batches = np.load(sys.argv[2])
plan = load_plan(sys.argv[1])
losses = [plan(batches[f"x{i}"], batches[f"y{i}"]).numpy() for i in range(len(batches.files) // 2)]
states = plan.state_dict("net")
gradients = {f"grad of {name}": x.grad.numpy() for name, x in states.items() if x.grad is not None}
np.savez(sys.argv[2], losses=losses, **{name: x.detach().numpy() for name, x in states.items()}, **gradients)
plan.save(sys.argv[1])
"""


def of_network(net):
    gradients = {
        f"grad of {name}": p.grad.numpy() for name, p in net.named_parameters() if p.grad is not None
    }
    return {name: x.numpy() for name, x in net.state_dict().items()} | gradients


@pytest.fixture
def file(tmp_path):
    return tmp_path / "step.npz"


@pytest.mark.slow
@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_saved_plan_goes_on_to_the_last_bit_in_a_process_without_the_step(case, pure, file, tmp_path):
    plan, net, batches = ready(CASES[case], pure=pure)
    arrays = {f"{name}{i}": x for i, batch in enumerate(batches) for name, x in zip("xy", batch)}
    np.savez(tmp_path / "batches.npz", **arrays)

    plan.save(file)
    command = [sys.executable, "-c", ELSEWHERE, file, tmp_path / "batches.npz"]
    subprocess.run(command, check=True, timeout=60)

    found = dict(np.load(tmp_path / "batches.npz"))
    np.testing.assert_array_equal(found.pop("losses"), [plan(*batch).item() for batch in batches])
    assert bits(found) == bits(of_network(net))
    again, batch = load_plan(file), batches[0]
    assert bits(again(*batch).numpy()) == bits(plan(*batch).detach().numpy())


def test_states_load_into_the_model(file):
    plan, net, _ = ready(pictures)
    plan.save(file)
    _, other, _ = pictures()

    other.load_state_dict(load_plan(file).state_dict("net"))

    assert bits(dict(other.state_dict())) == bits(dict(net.state_dict()))


def test_states_are_those_of_today_with_what_the_optimizer_remembers(file):
    plan, net, batches = ready(CASES["momentum"])
    plan.save(file)
    loaded = load_plan(file)
    before = loaded.state_dict()["net.0.weight"].tolist()

    loaded(*batches[0])

    assert before == net[0].weight.tolist() != loaded.state_dict()["net.0.weight"].tolist()
    assert list(loaded.state_dict())[-4:] == [
        f"net.{n}_momentum" for n in ("0.weight", "0.bias", "2.weight", "2.bias")
    ]
    assert list(loaded.state_dict("net.0")) == ["weight", "bias"]
    with pytest.raises(ValueError, match=r"step has no states of 'model', but net.0.weight, net.0.bias, "):
        loaded.state_dict("model")


def test_methods_of_modules_have_paths_without_a_name_before_them(file):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def predict(self, x):
            return self.layer(x).softmax(-1)

    net = Net()
    plan = capture(net.predict)
    expected = [plan(X[0]) for _ in range(3)][-1]
    plan.save(file)

    loaded = load_plan(file)

    assert bits(loaded(X[0]).numpy()) == bits(expected.detach().numpy())
    assert list(loaded.state_dict("")) == ["layer.weight", "layer.bias"]


def test_attributes_of_the_object_give_names_and_not_variables_that_are_called_the_same(file, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "net", nn.Linear(1, 1), raising=False)

    class Trainer:
        def __init__(self):
            self.net = nn.Linear(4, 3)
            self.optimizer = optim.SGD(self.net.parameters(), lr=0.1, momentum=0.5)

        @capture
        def step(self, x, y):
            return trained(self.net, self.optimizer, F.mse_loss)[0](x, y)

    trainer = Trainer()
    for batch in zip(X[:4], Y):
        trainer.step(*batch)
    trainer.step.save(file)

    names = list(load_plan(file).state_dict())

    assert names == ["net.weight", "net.bias", "net.weight_momentum", "net.bias_momentum"]


def test_a_changed_learning_rate_is_saved_and_can_be_set(file):
    manual_seed(0)
    net, data = nn.Linear(4, 3), list(zip(X, Y))
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    plan = capture(trained(net, optimizer, F.mse_loss)[0])
    for batch in data[:4]:
        plan(*batch)
    optimizer.param_groups[0]["lr"] = 0.05
    plan.save(file)
    loaded = load_plan(file)
    assert loaded.hyperparameters == {"momentum": 0.9, "lr": 0.05}

    for i, batch in enumerate(data[4:]):
        loaded.hyperparameters["lr"] = optimizer.param_groups[0]["lr"] = 0.1 / (i + 1)
        assert loaded(*batch).item() == plan(*batch).item()


def test_each_group_has_its_learning_rate(file):
    ready(groups)[0].save(file)

    assert sorted(load_plan(file).hyperparameters.items()) == [
        ("lr", 0.3),
        ("lr_2", 0.1),
        ("momentum", 0.9),
        ("momentum_2", 0.9),
    ]


def test_results_come_in_their_lists_tuples_and_dicts(file):
    w = tensor([[1.0, 2.0]], requires_grad=True)

    def step(batch, scale):
        y = batch["x"] * w
        return {"sum": y.sum(), "parts": [(y, scale * y), y.exp(), None]}

    plan = capture(step)
    expected = [plan({"x": tensor(X[0, :, :2])}, 2) for _ in range(3)][-1]
    plan.save(file)

    loaded = load_plan(file)

    assert bits(loaded({"x": X[0, :, :2]}, 2)["parts"][0][1].numpy()) == bits(
        expected["parts"][0][1].detach().numpy()
    )
    assert loaded({"x": X[0, :, :2]}, 2)["parts"][2] is None
    with pytest.raises(
        ValueError, match=r"saved with batch\['x'\] of shape \(8, 2\) and float64, got shape \(8, 4\)"
    ):
        loaded({"x": X[0]}, 2)
    with pytest.raises(ValueError, match="saved with scale = 2, got 3; save a plan for each value"):
        loaded({"x": X[0, :, :2]}, 3)
    with pytest.raises(TypeError, match=r"inputs \(batch\['x'\], scale\), got .*call it with the same"):
        loaded(X[0], 2)


def test_the_layout_of_arrays_in_memory_is_kept(file):
    w = tensor(np.asfortranarray(np.random.default_rng(0).normal(size=(4, 3, 2))).transpose(1, 0, 2))
    plan = capture(lambda x: (x.permute(2, 0, 1) * w).sum(0).exp())
    x = np.asfortranarray(np.random.default_rng(1).normal(size=(4, 2, 3)))
    expected = [plan(tensor(x)) for _ in range(3)][-1]
    plan.save(file)

    loaded = load_plan(file)

    found = loaded(x)
    assert bits(found.numpy()) == bits(expected.numpy())
    assert found.numpy().strides == expected.numpy().strides


def test_states_that_share_memory_still_do(file):
    w = tensor([1.0, 2.0])
    same = w.detach()

    @capture
    def step(x):
        w.add_(x)
        return same * 2

    for _ in range(4):
        step(tensor([1.0, 1.0]))
    step.save(file)

    loaded = load_plan(file)

    assert loaded(np.ones(2)).tolist() == step(tensor([1.0, 1.0])).tolist()


def test_a_state_that_is_returned_is_a_copy_of_its_numbers(file):
    w = tensor([1.0, 2.0])
    plan = capture(lambda x: (x + 1, w.detach()))
    for _ in range(4):
        plan(tensor([0.0]))
    plan.save(file)
    loaded = load_plan(file)

    _, found = loaded(np.zeros(1))

    found.mul_(10)
    assert loaded.state_dict()["state"].tolist() == w.tolist()


@pytest.mark.parametrize("kind", ["PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_generators_of_all_kinds_go_on(kind, file):
    generator = np.random.Generator(getattr(np.random, kind)(3))
    plan = capture(lambda x: x + torch.randn(3, generator=generator))
    for _ in range(4):
        plan(np.zeros(3))

    plan.save(file)

    loaded = load_plan(file)
    for _ in range(3):
        assert loaded(np.zeros(3)).tolist() == plan(np.zeros(3)).tolist()


@pytest.mark.skipif(compiler() is None, reason="needs a C compiler")
def test_a_plan_in_c_is_saved_as_its_numpy_program(file):
    plan, net, batches = ready(CASES["SGD"], calls=7, engine="c")
    plan.save(file)

    loaded = load_plan(file)

    assert loaded.state_dict("net")["0.weight"].tolist() == net[0].weight.tolist()
    assert loaded(*batches[0]).item() == pytest.approx(plan(*batches[0]).item(), rel=1e-12)


def test_the_source_of_a_saved_plan_is_that_of_the_plan(file):
    plan, _, _ = ready(CASES["momentum"])
    plan.save(file)

    assert load_plan(file).source() == plan.source()
    assert "static double net_0_weight[24];" in load_plan(file).source("c")
    assert repr(load_plan(file)) == f"<saved plan of step: {len(plan.program.calls)} calls>"
