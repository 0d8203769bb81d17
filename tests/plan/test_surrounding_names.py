"""What a step names around itself is part of its plan: another flag, mode or object is another program."""

from __future__ import annotations

import functools
import types

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, set_default_dtype, tensor, zeros
from tinygrad_edu.nn import Parameter
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture

ONE = tensor([1.0, 1.0])
flag = False
factor = 2.0
config = types.SimpleNamespace(inner=types.SimpleNamespace(flag=False))
weight = tensor([1.0, 1.0])


class Scaled(nn.Module):
    """Times a number, in use; times a hundred in training."""

    def __init__(self, by):
        super().__init__()
        self.by = by

    def forward(self, x):
        return x * (100 if self.training else self.by)


class Trainer:
    scale = 2

    def __init__(self):
        self.net = Scaled(3)

    def step(self, x):
        return self.net(x) * self.scale

    def __call__(self, x):
        return x * self.scale


def helper(x):
    return x * factor


def after(plan, change, *, runs=4):
    """The first number of what the plan returns: always, and after the change."""
    before = {plan(ONE).raw.flat[0] for _ in range(runs)}
    assert plan.ready
    change()
    return [*before, *{plan(ONE).raw.flat[0] for _ in range(runs)}]


def set_global(name, value):
    globals()[name] = value


def test_a_global_flag_chooses_the_program():
    plan = capture(lambda x: x * 2 if flag else x * 1)

    assert after(plan, lambda: set_global("flag", True)) == [1, 2]
    assert after(plan, lambda: set_global("flag", False)) == [2, 1]


def test_a_closure_variable_chooses_the_program():
    mode = "small"

    def change():
        nonlocal mode
        mode = "large"

    assert after(capture(lambda x: x * (2 if mode == "small" else 20)), change) == [2, 20]


def test_a_number_read_by_a_function_that_the_step_names_is_noticed():
    assert after(capture(lambda x: -helper(x)), lambda: set_global("factor", 7.0)) == [-2, -7]
    set_global("factor", 2.0)


def test_a_number_read_inside_a_comprehension_is_noticed():
    plan = capture(lambda x: sum([x * factor for _ in range(2)]))

    assert after(plan, lambda: set_global("factor", 7.0)) == [4, 14]
    set_global("factor", 2.0)


def test_an_attribute_of_an_attribute_is_noticed():
    plan = capture(lambda x: x * 2 if config.inner.flag else x * 1)

    assert after(plan, lambda: setattr(config.inner, "flag", True)) == [1, 2]
    config.inner.flag = False


@pytest.mark.parametrize(
    "of",
    [lambda t: t.step, lambda t: functools.partial(t.step), lambda t: t],
    ids=["method", "partial", "call"],
)
def test_attributes_of_the_object_of_a_method_are_noticed(of):
    trainer = Trainer()
    trainer.net.eval()
    plan = capture(of(trainer))

    first, second = after(plan, lambda: setattr(trainer, "scale", 5))

    assert second / first == 2.5


class Inner(nn.Module):
    """Asks its flag from inside a function and a comprehension of its own."""

    def __init__(self):
        super().__init__()
        self.flag = 2
        self.parts = nn.ModuleList([Scaled(1)])

    def forward(self, x):
        chosen = lambda: self.flag  # noqa: E731
        return sum([part(x) * self.flag for part in self.parts]) * chosen()


def test_an_attribute_read_inside_an_inner_function_is_noticed():
    net = Inner().eval()

    assert after(capture(net), lambda: setattr(net, "flag", 3)) == [4, 9]


def test_the_mode_of_a_module_met_by_no_name_is_noticed():
    hidden = {"nets": [[Scaled(7)]]}

    assert after(capture(lambda x: -hidden["nets"][0][0](x)), hidden["nets"][0][0].eval) == [-100, -7]


def test_train_and_eval_are_two_programs():
    net = nn.Sequential(Scaled(1), Scaled(2))
    plan = capture(net)

    assert after(plan, net.eval) == [10_000, 2]
    assert after(plan, net.train) == [2, 10_000]


def test_the_mode_of_a_module_that_the_step_only_asks_is_noticed():
    net = Scaled(1)
    plan = capture(lambda x: x * 2 if net.training else x)

    assert after(plan, net.eval) == [2, 1]


def test_the_mode_of_a_module_in_a_list_is_noticed():
    nets = [Scaled(1)]

    assert after(capture(lambda x: -nets[0](x)), nets[0].eval) == [-100, -1]


def test_a_number_of_a_module_is_noticed():
    net = Scaled(3).eval()

    assert after(capture(net), lambda: setattr(net, "by", 4)) == [3, 4]


def test_another_default_dtype_is_noticed():
    plan = capture(lambda x: zeros(2))
    for _ in range(3):
        plan(ONE)
    set_default_dtype(np.float32)
    try:
        dtypes = [plan(ONE).dtype for _ in range(4)]
    finally:
        set_default_dtype(np.float64)

    assert set(dtypes) == {np.dtype(np.float32)}
    assert plan(ONE).dtype == np.float64


def test_another_parameter_in_its_place_is_followed():
    net = nn.Linear(2, 1, bias=False)
    net.weight = Parameter([[1.0, 2.0]])

    assert after(capture(net), lambda: setattr(net, "weight", Parameter([[10.0, 20.0]]))) == [3, 30]


def test_another_layer_in_its_place_is_followed():
    net = nn.Sequential(Scaled(1), Scaled(2)).eval()

    assert after(capture(net), lambda: setattr(net, "1", Scaled(5).eval())) == [2, 5]


def test_another_tensor_under_the_same_name_is_followed():
    plan = capture(lambda x: x * weight)

    assert after(plan, lambda: set_global("weight", tensor([5.0, 5.0]))) == [1, 5]


def test_whether_a_parameter_gets_a_gradient_is_noticed():
    w, v = tensor([2.0], requires_grad=True), tensor([3.0], requires_grad=True)

    @capture
    def step(x):
        for p in (w, v):
            p.zero_grad()
        loss = (w * v * x).sum()
        loss.backward()
        return w.requires_grad, loss

    for _ in range(4):
        step(np.ones(1))
    w.requires_grad_(False)

    assert step(np.ones(1))[0] is False
    assert (w.grad, v.grad.tolist()) == (None, [2])


def test_a_mode_that_the_step_sets_is_set_by_its_replays():
    net = nn.Sequential(Scaled(1), Scaled(2))

    @capture
    def evaluate(x):
        net.eval()
        return net(x)

    for _ in range(6):
        net.train()
        assert evaluate(ONE).tolist() == [2, 2]
        assert net.training is False
    assert evaluate.ready


def test_a_number_that_the_step_sets_is_set_by_its_replays():
    first = True

    @capture
    def step(x):
        nonlocal first
        was, first = first, False
        return x * (5 if was else 1)

    found = []
    for i in range(12):
        first = i % 3 == 0
        found.append((step(ONE).raw[0], first))

    assert found == [(5, False), (1, False), (1, False)] * 4


def test_a_number_as_input_may_always_be_another():
    plan = capture(lambda x, n: x * n)

    assert [plan(ONE, float(n)).tolist() for n in range(70)] == [[n, n] for n in range(70)]
    assert plan.ready


def test_a_training_loop_with_modes_equals_the_eager_one_bit_for_bit():
    def make(wrap):
        net = nn.Sequential(nn.Linear(2, 3), Scaled(0.5), nn.Linear(3, 1))
        for i, p in enumerate(net.parameters()):
            p.data.fill_(0.01 * (i + 1))
        optimizer = SGD(net.parameters(), lr=1e-5)

        @wrap
        def step(x):
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        return net, step, wrap(net)

    x = tensor(np.arange(6.0).reshape(3, 2))
    histories = []
    for wrap in (capture, lambda f: f):
        net, step, forward = make(wrap)
        history = []
        for _ in range(5):
            net.train()
            history += [step(x).item(), step(x).item()]
            net.eval()
            history += [step(x).item(), *forward(x).raw.ravel()]
        histories.append([*history, *[n for p in net.parameters() for n in p.raw.ravel()]])

    np.testing.assert_array_equal(*histories)


def trained(change, *, options=None):
    """The weights after training with a plan and without, where `change(net, optimizer)` comes in between."""
    found = []
    for wrapped in (capture, lambda step: step):
        net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
        for i, p in enumerate(net.parameters()):
            p.data = np.linspace(-1, 1, p.numel()).reshape(p.shape) + i
        optimizer = SGD(net[2].parameters(), lr=0.1, **options or {})

        @wrapped
        def step(x, net=net, optimizer=optimizer):
            net.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        for i in range(12):
            if i == 5:
                change(net, optimizer)
            step(tensor([[1.0, i], [0.5, -1.0]]))
        found.append([p.tolist() for p in net.parameters()])
    return found


def freeze(net, _):
    net[2].weight.requires_grad_(False)


def add_group(net, optimizer):
    optimizer.add_param_group({"params": list(net[0].parameters()), "lr": 0.01})


def load_state(_, optimizer):
    optimizer.load_state_dict(optimizer.state_dict())


def forget_state(_, optimizer):
    optimizer.state = type(optimizer.state)(dict)


def clear_state(_, optimizer):
    optimizer.state.clear()


def extend_group(net, optimizer):
    optimizer.param_groups[0]["params"].extend(net[0].parameters())


@pytest.mark.parametrize("change", [freeze, add_group, load_state, forget_state, clear_state, extend_group])
def test_what_an_optimizer_moves_and_how_is_noticed(change):
    planned, eager = trained(change, options={"momentum": 0.9})

    assert planned == eager


def test_whether_a_graph_is_recorded_is_noticed():
    w = tensor([1.0, 1.0], requires_grad=True)
    plan = capture(lambda x: (w * x, (w * x).requires_grad))

    for _ in range(4):
        assert plan(ONE)[1] is True
    with no_grad():
        assert plan(ONE)[1] is False


def test_an_object_among_the_inputs_is_noticed():
    trainer = Trainer()
    plan = capture(lambda x, trainer: x * trainer.scale)
    before = [plan(ONE, trainer).raw[0] for _ in range(4)]
    trainer.scale = 5

    assert [*before, plan(ONE, trainer).raw[0]] == [2, 2, 2, 2, 5]


def test_a_default_of_the_step_is_noticed():
    config = types.SimpleNamespace(factor=2.0)

    def step(x, config=config):
        return x * config.factor

    assert after(capture(step), lambda: setattr(config, "factor", 5.0)) == [2, 5]


def test_another_name_for_the_same_thing_is_followed():
    def step(x):
        it = config.inner
        return x * (7 if it.flag else 2)

    try:
        assert after(capture(step), lambda: setattr(config.inner, "flag", True)) == [2, 7]
    finally:
        config.inner.flag = False
