"""Saved plans go on as the plan would, to the last bit, where none of the user's code exists; files are not trusted."""

from __future__ import annotations

import functools
import io
import subprocess
import sys
import tracemalloc
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as torch
from tests.plan.conftest import bits
from tinygrad_edu import Value, capture, load, load_plan, manual_seed, nn, optim, save, tensor
from tinygrad_edu.engine.operation import operation
from tinygrad_edu.nn import functional as F
from tinygrad_edu.plan.codegen.c.compiler import compiler

X = np.random.default_rng(0).normal(size=(12, 8, 4))
Y = np.random.default_rng(1).normal(size=(12, 8, 3))
CLASSES = np.random.default_rng(2).integers(0, 3, (12, 8))
PICTURES = np.random.default_rng(3).normal(size=(12, 5, 2, 8, 8)).astype(np.float32)
TOKENS = np.random.default_rng(4).integers(0, 7, (12, 3, 5))


def trained(net, optimizer, loss_of):
    """A training step."""

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_of(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, net


def perceptron(make):
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    return *trained(net, make(net.parameters()), F.mse_loss), list(zip(X, Y))


def classes():
    net = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    optimizer = optim.AdamW(net.parameters(), lr=0.05, betas=(0.8, 0.9))
    return *trained(net, optimizer, nn.CrossEntropyLoss()), list(zip(X, CLASSES))


def pictures():
    parts = [nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    net = nn.Sequential(*parts, nn.Dropout(0.2), nn.Linear(64, 3)).float()
    optimizer = optim.RMSprop(net.parameters(), lr=0.01)
    return *trained(net, optimizer, nn.CrossEntropyLoss()), list(zip(PICTURES, CLASSES[:, :5]))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.head = nn.Linear(5, 3)

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0][:, -1])


def texts():
    net = Reader()
    optimizer = optim.NAdam(net.parameters(), lr=0.02)
    return *trained(net, optimizer, F.cross_entropy), list(zip(TOKENS, CLASSES[:, :3]))


def noise():
    net = nn.Linear(4, 3)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(7)

    def step(x, y):
        optimizer.zero_grad()
        x = tensor(x) + 0.1 * torch.randn(8, 4, generator=generator) + torch.rand(8, 1)
        loss = F.smooth_l1_loss(net(x), tensor(y))
        loss.backward()
        optimizer.step()
        return loss

    return step, net, list(zip(X, Y))


def groups():
    net = nn.Sequential(nn.Linear(4, 6), nn.Sigmoid(), nn.Linear(6, 3))
    parameters = [{"params": net[0].parameters(), "lr": 0.3}, {"params": net[2].parameters()}]
    optimizer = optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True)
    return *trained(net, optimizer, F.mse_loss), list(zip(X, Y))


CASES = {
    "SGD": lambda: perceptron(lambda p: optim.SGD(p, lr=0.1)),
    "momentum": lambda: perceptron(lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
    "Adam": lambda: perceptron(lambda p: optim.Adam(p, lr=0.05)),
    "classes": classes,
    "pictures": pictures,
    "texts": texts,
    "noise": noise,
    "groups": groups,
}

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


def ready(case, calls=5, **options):
    """The plan of a case, called some times; its network, and the batches that come then."""
    manual_seed(0)
    step, net, batches = case()
    plan = capture(step, **options)
    for batch in batches[:calls]:
        plan(*batch)
    return plan, net, batches[calls:]


def of_network(net):
    gradients = {
        f"grad of {name}": p.grad.numpy() for name, p in net.named_parameters() if p.grad is not None
    }
    return {name: x.numpy() for name, x in net.state_dict().items()} | gradients


@pytest.fixture
def file(tmp_path):
    return tmp_path / "step.npz"


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


# What cannot be saved.


class Pair(namedtuple("Pair", "a b")):
    pass


def own_operation():
    @operation(lambda g, _y, _x: 2 * g)
    def twice(x):
        return 2 * x

    return lambda x: twice(x).sum()


def reading():
    def step(x):
        y = x.sum()
        return x * 2 if y.item() > -1e9 else x

    return step


def changing():
    batches = iter(X)
    return lambda x: x + tensor(next(batches))


def numbers_beside():
    return lambda x: (x.sum(), len(x))


def gradient_of_an_input():
    def step(x):
        x.requires_grad_()
        loss = (x * x).sum()
        loss.backward()
        return loss

    return step


def part_of_another():
    whole = tensor(np.zeros((2, 8, 4)))
    row = whole[0]

    def step(x):
        row.add_(x)
        return whole * 2

    return step


def own_class():
    return lambda x: Pair(x + 1, x - 1)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            own_operation,
            "operations of the library, but twice, at test_saved_plan.py:.*, is one of your own; write it",
        ),
        (reading, "this one reads numbers of its results, to print or to decide; return them instead"),
        (changing, "its Python makes other numbers or arrays in every call; hand them in as inputs"),
        (numbers_beside, "this one returns 8, too, which no operation of it makes; leave it out"),
        (gradient_of_an_input, "the step leaves that of an input, or of a Tensor that it makes"),
        (part_of_another, "is a part of .*, which the step overwrites; clone"),
        (own_class, "what it returns has Pair .*, which would need the code of its class"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_what_is_no_program_is_refused_before_anything_is_written(case, message, file):
    plan = capture(case())
    file.write_bytes(b"old")
    for _ in range(4):
        plan(tensor(X[0]))

    with pytest.raises((RuntimeError, TypeError), match=rf"save needs .*{message}"):
        plan.save(file)
    assert file.read_bytes() == b"old"


def test_a_warning_says_if_the_last_call_was_one_of_several_kinds(file):
    calls = []

    @capture
    def step(x):
        calls.append(1)
        return x.exp() if len(calls) % 3 else x.sin()

    for _ in range(10):
        step(tensor(X[0]))

    with pytest.warns(
        UserWarning, match="save writes what the last call did, which is one of 2 ways that calls with"
    ):
        step.save(file)
    assert bits(load_plan(file)(X[0]).numpy()) == bits(np.exp(X[0]))


def test_other_batch_sizes_are_other_programs(file):
    plan, _, batches = ready(classes)
    for rows in (3, 3, 3, 8):
        plan(*(part[:rows] for part in batches[0]))

    plan.save(file)

    loaded = load_plan(file)
    with pytest.raises(
        ValueError, match=r"step was saved with x of shape \(8, 4\) and float64, got shape \(3, 4\)"
    ):
        loaded(X[0, :3], CLASSES[0, :3])
    with pytest.raises(
        ValueError, match=r"with x of shape \(8, 4\) and float64, got shape \(8, 4\) and float32"
    ):
        loaded(X[0].astype(np.float32), CLASSES[0])
    with pytest.raises(TypeError, match=r"step needs y as an array or Tensor, got int 3"):
        loaded(X[0], 3)
    with pytest.raises(ValueError, match="class numbers from 0 to 2, got 5"):
        loaded(X[0], np.full(8, 5))


def test_a_plan_without_a_program_is_refused(file):
    with pytest.raises(
        RuntimeError, match=r"no program yet; call it with the same kind of inputs until plan.ready"
    ):
        capture(lambda x: x).save(file)


def test_a_step_on_values_is_refused(file):
    w = Value(2.0)
    plan = capture(lambda x: w * x)
    for _ in range(4):
        plan(3.0)

    with pytest.raises(
        RuntimeError, match=r"save is for steps on Tensors, but this one is on Values; save their data"
    ):
        plan.save(file)


def test_a_plan_on_jax_is_refused(file):
    pytest.importorskip("jax")

    with pytest.raises(RuntimeError, match=r"this plan runs on JAX; capture the step without engine"):
        capture(lambda x: x, engine="jax").save(file)


def test_an_object_as_an_input_is_refused(file):
    net = nn.Linear(4, 3)
    plan = capture(lambda model, x: model(x))
    for _ in range(4):
        plan(net, tensor(X[0]))

    with pytest.raises(
        TypeError, match=r"plain values, but model is Linear .*; let the step find it by name"
    ):
        plan.save(file)


# Files that are not what they should be.


@functools.cache
def saved():
    """The bytes of a saved plan."""
    memory = io.BytesIO()
    ready(classes)[0].save(memory)
    return memory.getvalue()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_flipped_bit_is_noticed_or_changes_nothing(place, bit):
    changed = bytearray(saved())
    changed[place % len(changed)] ^= 1 << bit

    try:
        loaded = load_plan(io.BytesIO(changed))
    except ValueError:
        return
    assert loaded(X[0], CLASSES[0]).item() == load_plan(io.BytesIO(saved()))(X[0], CLASSES[0]).item()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_that_is_cut_off_is_refused(end):
    with pytest.raises(ValueError, match=r"load_plan needs a file that plan\.save wrote"):
        load_plan(io.BytesIO(saved()[: end % len(saved())]))


def test_a_file_of_something_else_is_refused(file):
    save({"w": tensor([1.0])}, file)

    with pytest.raises(
        ValueError, match=r"load_plan needs .*step.npz.* is none: it holds a dict; load reads it"
    ):
        load_plan(file)
    with pytest.raises(FileNotFoundError):
        load_plan(file.with_name("other.npz"))


def put(*path):
    """A change of a blueprint: the last of `path` is put where the others lead."""

    def change(content):
        for key in path[:-2]:
            content = content[key]
        content[path[-2]] = path[-1]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("plan", 2), "it is of version 2, and this is 1"),
        (put("calls", 0, "operation", "system"), "'system'"),
        (put("calls", 0, "settings", {"x=print(1), y": 2}), "as the name of a setting"),
        (put("calls", 0, "line", "x\nimport os"), "as a name"),
        (put("calls", 0, "arguments", ({"result": 0},)), "number 0 of 0"),
        (put("calls", 0, "arguments", ({"state": -1},)), "number -1 of"),
        (put("calls", 0, "arguments", ({"explosion": 0},)), "its call 1, .*explosion"),
        (put("calls", 0, "arguments", ()), "its call 1, of .* cannot be made"),
        (put("returned", {"result": 10**9}), "number 1000000000 of"),
        (put("gradients", [(0, 1)]), "it has 1 where an array is needed"),
        (put("arguments", 0, "shape", (8, 5)), "its call .* cannot be made"),
        (put("arguments", 0, "shape", (10**9, 10**9)), "its arrays need more than max_bytes"),
        (put("arguments", 0, "shape", (-8, 4)), r"an array of shape \(-8, 4\)"),
        (put("arguments", 0, "dtype", np.dtype("U3")), "as an argument"),
        (put("arguments", 0, "order", (0, 0)), r"\(0, 0\) is no order of 2 dimensions"),
        (put("states", 0, "order", (5, 7)), r"\(5, 7\) is no order of 2 dimensions"),
        (put("states", 0, "same", 3), "number 3 of 0"),
        (put("states", 0, "names", ['"]; x = ["']), "as a name"),
        (put("settings", "lr", "fast"), "could not convert"),
        (put("calls", []), "number [0-9]+ of 0"),
        (put("name", nn.ReLU()), "it holds an object of class ReLU, whose pickle could run any code"),
    ],
)
def test_a_hostile_file_is_refused(change, message, file):
    content = load(io.BytesIO(saved()))
    change(content)
    save(content, file)

    with pytest.raises(
        ValueError, match=f"load_plan needs a file that plan.save wrote, .* is none: .*{message}"
    ):
        load_plan(file)


@pytest.mark.parametrize(
    ("operation", "arguments", "options"),
    [
        ("expand", 0, {"shape": (10**6, 10**6)}),
        ("one_hot", 0, {"classes": 10**12}),
        ("windows", 0, {"size": (2,), "stride": [-4], "dilation": (1,)}),
        ("windows", 0, {"size": (2,), "stride": (1,), "dilation": (-(10**9),)}),
    ],
)
def test_no_memory_is_taken_on_the_word_of_a_file(operation, arguments, options, file):
    content = load(io.BytesIO(saved()))
    given = {"input": arguments}
    content["calls"].insert(
        0, {"operation": operation, "arguments": (given,), "settings": options, "line": ""}
    )
    content["calls"].insert(
        1, {"operation": "exp", "arguments": ({"result": 0},), "settings": {}, "line": ""}
    )
    save(content, file)

    tracemalloc.start()
    with pytest.raises(ValueError, match="load_plan needs"):
        load_plan(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10**7


def test_more_memory_may_be_allowed(file):
    ready(classes)[0].save(file)

    with pytest.raises(
        ValueError, match="its arrays need more than max_bytes; pass a larger max_bytes if you trust"
    ):
        load_plan(file, max_bytes=100)
    assert load_plan(file, max_bytes=10**6)(X[0], CLASSES[0]).shape == ()
