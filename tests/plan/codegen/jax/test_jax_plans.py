"""`capture(engine="jax")` does what the step as written does, and every Tensor shows the numbers of now."""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import Tensor, Value, capture, manual_seed, nn, optim, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.codegen.jax.residents import RESIDENTS, all_leave

jax = pytest.importorskip("jax", reason="the extra jax is not installed")

X = np.random.default_rng(0).normal(size=(40, 8, 4))
Y = np.random.default_rng(1).normal(size=(40, 8, 1))
CHANCES, RATES = tensor(np.full((200, 100), 0.3)), tensor(np.full((200, 100), 2.0))
CLASSES = np.random.default_rng(2).integers(0, 3, (40, 8))


@pytest.fixture(autouse=True)
def _numbers_come_back():
    before = jax.config.jax_enable_x64  # a source that ran in this process may have switched it on
    jax.config.update("jax_enable_x64", False)
    yield
    all_leave()
    jax.config.update("jax_enable_x64", before)


def numbers(x):
    """All numbers in what a case returns, as arrays by name."""
    if isinstance(x, nn.Module):
        return numbers([*x.parameters(), *x.buffers()])
    if isinstance(x, optim.Optimizer):
        return numbers([dict(x.state[p]) for group in x.param_groups for p in group["params"]])
    if isinstance(x, Tensor):
        grad = x.grad if x.is_leaf else None
        return [np.array(x.detach().numpy()), *([] if grad is None else [np.array(grad.numpy())])]
    parts = list(x.values()) if isinstance(x, dict) else list(x) if isinstance(x, list | tuple) else None
    return [np.array(x)] if parts is None else [y for part in parts for y in numbers(part)]


def assert_same(case, calls=30, rtol=1e-8, every=7, **options):
    """Whatever `run = case(wrap)` returns has the same numbers with a plan on JAX as without, where it is looked at."""
    plans = []

    def captured(step):
        plans.append(capture(step, engine="jax", **options))
        return plans[-1]

    manual_seed(0)
    run = case(lambda step: step)
    expected = [numbers(run(i)) for i in range(calls)]
    manual_seed(0)
    run = case(captured)
    for i in range(calls):
        found = run(i)
        if i % every == every - 1 or i == calls - 1:
            for a, b in zip(expected[i], numbers(found), strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(b, a, rtol, rtol, err_msg=f"call {i + 1}")
    for plan in plans:
        assert plan._pure.why == ""
        assert any(route.device is not None for route in plan._pure._routes)
    return plans


def training(wrap, optimizer="SGD", between=None, dtype=np.float64, **settings):
    """A case: the usual step, with something done between its calls."""
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1)).to(dtype)
    opt = getattr(optim, optimizer)(net.parameters(), **{"lr": 0.05, **settings})

    @wrap
    def step(x, y):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
        return loss

    def run(i):
        if between:
            between(i, net, opt)
        return step(X[i].astype(dtype), Y[i].astype(dtype)), net, opt

    run.step = step
    return run


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Adamax"])
def test_losses_parameters_gradients_and_memories_are_those_of_the_step_as_written(name):
    assert_same(lambda wrap: training(wrap, name))


def test_numbers_may_be_read_after_every_call():
    assert_same(lambda wrap: training(wrap, "Adam"), every=1)


def test_float32_stays_float32_and_jax_is_not_switched_to_64_bits():
    assert_same(lambda wrap: training(wrap, "SGD", dtype=np.float32, momentum=0.9), rtol=1e-4)

    assert jax.numpy.asarray(1.0).dtype == np.float32


def test_a_learning_rate_and_a_momentum_changed_between_calls_are_read():
    def change(i, _net, opt):
        opt.param_groups[0]["lr"] = 0.1 / (i + 1)
        if i == 20:
            opt.param_groups[0]["momentum"] = 0.5

    assert_same(lambda wrap: training(wrap, between=change, momentum=0.9))


def test_layers_may_be_frozen_between_calls():
    def freeze(i, net, _opt):
        if i in (20, 24):
            net[0].requires_grad_(i == 24)

    assert_same(lambda wrap: training(wrap, between=freeze))


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.load_state_dict({name: 0.5 * x for name, x in net.state_dict().items()}),
        lambda net: net[0].weight.data.mul_(0.5),
        lambda net: setattr(net[0].weight, "data", 0.5 * net[0].weight.data),
        lambda net: net.apply(lambda m: nn.init.ones_(m.weight) if isinstance(m, nn.Linear) else None),
        lambda net: net[2].weight.raw.__setitem__(0, 1.0),
        lambda net: net.zero_grad(),
        lambda net: [p.grad.mul_(2) for p in net.parameters()],
    ],
    ids=["load_state_dict", "data.mul_", "data=", "init", "raw", "zero_grad", "grad.mul_"],
)
def test_what_is_overwritten_between_calls_goes_back_to_the_device(change):
    def between(i, net, _opt):
        if i == 17:
            with torch.no_grad():
                change(net)

    assert_same(lambda wrap: training(wrap, "Adam", between=between))


def test_whoever_held_a_part_of_a_parameter_before_sees_the_numbers_of_now():
    def case(wrap):
        held = []
        run = training(
            wrap, between=lambda i, net, _: i == 5 and held.extend([net[0].weight.detach(), net.state_dict()])
        )
        return lambda i: (run(i)[0], list(held))

    assert_same(case)


def test_a_part_of_a_parameter_can_be_written_to():
    def case(wrap):
        held = []

        def between(i, net, _opt):
            if i == 5:
                held.append(net[0].weight.data[1])
            if i == 19:
                held[0].fill_(0.25)

        return training(wrap, between=between)

    assert_same(case)


def test_copies_have_the_numbers_of_now_and_stay_as_they_are():
    def case(wrap):
        copies = []

        def between(i, net, _opt):
            if i == 18:
                copies.append(copy.deepcopy(net))

        run = training(wrap, between=between)
        return lambda i: (run(i)[0], list(copies))

    assert_same(case)


def test_an_eager_step_and_a_plan_on_numpy_go_on_where_it_stopped():
    net = nn.Linear(4, 1)
    opt = optim.SGD(net.parameters(), lr=0.1)

    def step(x, y):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
        return loss

    steps = [capture(step, engine="jax"), step, capture(step), capture(step, pure=True)]
    found = [steps[i // 5 % 4](X[i], Y[i]).item() for i in range(40)]
    manual_seed(0)
    net.load_state_dict({k: torch.zeros_like(v) for k, v in net.state_dict().items()})
    plans = [steps[i // 5 % 4](X[i], Y[i]).item() for i in range(40)]
    net.load_state_dict({k: torch.zeros_like(v) for k, v in net.state_dict().items()})

    np.testing.assert_allclose(plans, [step(X[i], Y[i]).item() for i in range(40)], rtol=1e-9)
    assert len(found) == 40


def test_two_plans_on_jax_hand_parameters_to_each_other():
    def case(wrap):
        net = nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.Linear(6, 1)).double()
        opt = optim.Adam(net.parameters(), lr=0.05)

        @wrap
        def train(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        @wrap
        def evaluate(x, y):
            with torch.no_grad():
                return {"loss": F.mse_loss(net(x), y), "outputs": net(x)}

        return lambda i: (train(X[i], Y[i]), evaluate(X[i], Y[i]) if i % 3 == 0 else 0, net)

    assert_same(case, calls=40)


def test_batch_norm_and_classes_in_numbers():
    def case(wrap):
        net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3)).double()
        opt = optim.AdamW(net.parameters(), lr=0.01)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
            return loss, net[0].weight.detach() * 2

        return lambda i: (step(tensor(X[i]), tensor(CLASSES[i])), net, opt)

    assert_same(case)


def test_each_batch_size_has_a_program():
    def case(wrap):
        net = nn.Linear(4, 1).double()
        opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        def run(i):
            rows = 3 if i % 4 == 3 else 8
            return step(X[i, :rows], Y[i, :rows]), net, opt

        return run

    (plan,) = assert_same(case, calls=40)

    assert len(plan._pure._routes) == 2


def test_a_tensor_that_comes_again_stays_on_the_device_until_it_is_written_to():
    def case(wrap):
        net = nn.Linear(4, 1).double()
        opt = optim.SGD(net.parameters(), lr=0.1)
        x, y = tensor(X[0]), tensor(Y[0])
        row = x[2]

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        def run(i):
            if i == 20:
                row.fill_(3.0)
            if i == 25:
                y.mul_(2.0)
            return step(x, y), net, x

        return run

    assert_same(case, calls=32)


def test_arrays_of_jax_are_inputs():
    plan = capture(lambda x: (2 * x).sum(), engine="jax")

    found = [plan(jax.numpy.asarray(np.float32(X[i]))).item() for i in range(20)]

    np.testing.assert_allclose(found, 2 * X[:20].sum((1, 2)), rtol=1e-5)


def test_no_one_else_need_know_the_plan_for_numbers_to_come_back():
    run = training(capture(engine="jax"))
    for i in range(20):
        _, net, _ = run(i)
    assert RESIDENTS
    before = copy.deepcopy(net)
    for i in range(3):
        run(i)
    now = id(net[0].weight) in RESIDENTS
    del run

    assert now
    assert id(net[0].weight) not in RESIDENTS
    assert not torch.equal(net[0].weight, before[0].weight)


# Random numbers.


@pytest.mark.filterwarnings("ignore:Dropout is in training mode")
def test_dropout_draws_anew_in_every_call_and_the_same_after_the_same_seed():
    drop = nn.Dropout(0.25)
    plan = capture(drop.__call__, engine="jax", check="never")
    ones = torch.ones(100, 100)
    with torch.no_grad():
        for _ in range(6):
            plan(ones)
        manual_seed(1)
        first = [plan(ones).numpy() for _ in range(2)]
        manual_seed(1)
        second = [plan(ones).numpy() for _ in range(2)]

    assert plan._pure._routes[0].device is not None
    assert abs((first[0] == 0).mean() - 0.25) < 0.03
    assert (first[0] != first[1]).any()
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("draw", "mean", "std"),
    [
        (lambda x: torch.rand(200, 100) + 0 * x, 0.5, 12**-0.5),
        (lambda x: torch.randn(200, 100) + 0 * x, 0, 1),
        (lambda x: torch.randint(2, 5, (200, 100)) + 0 * x, 3, (2 / 3) ** 0.5),
        (lambda x: CHANCES.bernoulli() + 0 * CHANCES * x, 0.3, 0.21**0.5),
        (lambda x: torch.poisson(RATES) + 0 * RATES * x, 2, 2**0.5),
    ],
    ids=["rand", "randn", "randint", "bernoulli", "poisson"],
)
def test_draws_of_jax_have_the_same_distribution(draw, mean, std):
    plan = capture(draw, engine="jax")
    for _ in range(4):
        plan(tensor([0.0]))

    found = np.array([plan(tensor([0.0])).numpy() for _ in range(3)])

    assert plan._pure._routes[0].device is not None
    np.testing.assert_allclose([found.mean(), found.std()], [mean, std], atol=0.02)


# check.


@pytest.mark.parametrize("engine", ["jax", "c"])
def test_check_finds_next_to_no_difference_and_changes_nothing(engine, capsys):
    run = training(capture(engine=engine), "Adam")
    for i in range(12):
        _, net, _ = run(i)
    plan = run.step
    before = numbers(net)

    found = plan.check(X[0], Y[0])

    assert max(found.values()) < 1e-12
    assert {"result", "net.0.weight", "grad of net.0.weight", "net.2.bias_exp_avg"} <= found.keys()
    assert "net.0.weight" in capsys.readouterr().out
    for a, b in zip(before, numbers(net), strict=True):
        np.testing.assert_array_equal(a, b)


def test_check_needs_an_engine_and_no_random_numbers():
    plan = capture(lambda x: 2 * x, pure=True)
    dropping = capture(nn.Dropout(0.5).__call__, engine="jax")
    for _ in range(3):
        plan(tensor(X[0]))
        dropping(tensor(X[0]))

    with pytest.raises(RuntimeError, match="calls that an engine replays"):
        plan.check(tensor(X[0]))
    with pytest.raises(RuntimeError, match="without random numbers"):
        dropping.check(tensor(X[0]))


# What JAX cannot do, and what is no pure step.


def test_an_operation_without_jax_is_named_and_the_plan_runs_on_numpy():
    w = tensor([0.5], requires_grad=True)
    plan = capture(lambda x: (OPERATIONS["bessel_y0"](w) * x).sum().detach(), engine="jax")

    plan(np.array([1.5]))
    plan(np.array([1.5]))
    with pytest.warns(RuntimeWarning, match="bessel_y0; the plan runs on NumPy"):
        plan(np.array([1.5]))

    assert plan(np.array([2.0])).item() == pytest.approx(2 * OPERATIONS["bessel_y0"](w).item())


def test_without_jax_one_line_says_how_to_get_it():
    program = """
import sys
sys.modules["jax"] = None
from tinygrad_edu import capture
try:
    capture(lambda x: x, engine="jax")
except ImportError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout == "engine='jax' needs JAX, the extra jax: pip install 'tinygrad_edu[jax]'\n"


def test_replays_are_checked_at_1_2_4_8_and_so_on():
    count = np.zeros(1)  # the guard does not look into arrays

    @capture(engine="jax")
    def step(x):
        count[0] += 1
        return 2 * x

    calls = []
    for number in range(1, 40):
        before = count[0]
        step(tensor(X[number]))
        calls += [number] * int(count[0] - before)

    assert calls == [1, 2, 3, 4, 5, 7, 11, 19, 35]


def test_a_factor_that_changes_is_noticed_within_eight_calls():
    factor = 1.0

    @capture(engine="jax")
    def step(x):
        return factor * x

    for i in range(20):
        step(tensor(X[i]))
    factor = 2.0
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = [np.array_equal(step(tensor(X[i])).numpy(), 2 * X[i]) for i in range(16)]

    assert all(found[8:])
    assert "factor changed" in str(heard[0].message)


def test_a_step_that_counts_is_followed():
    count = [0]

    @capture(engine="jax")
    def step(x):
        count[0] += 1
        return count[0] * x

    with pytest.warns(UserWarning, match="follows .*step from now on"):
        found = [step(tensor(X[i])).numpy() for i in range(20)]

    np.testing.assert_array_equal(found, [(i + 1) * X[i] for i in range(20)])


def test_a_call_inside_no_grad_is_another_kind_of_call():
    net = nn.Linear(4, 1).double()
    plan = capture(lambda x: net(x).sum(), engine="jax")
    x = tensor(X[0])
    with torch.no_grad():
        for _ in range(12):
            plan(x)

    with pytest.warns(UserWarning, match="returns a graph on which backward"):
        found = [plan(x) for _ in range(3)]

    assert all(y.requires_grad for y in found)


def test_a_step_may_have_the_name_of_a_method_that_it_calls():
    scope = {"opt": optim.SGD([tensor([1.0], requires_grad=True)], lr=0.1), "capture": capture}
    text = "def step(x):\n    opt.zero_grad()\n    (p,) = opt.param_groups[0]['params']\n"
    exec(text + "    (p * x).sum().backward()\n    opt.step()\n\n\nstep = capture(step, pure=True)", scope)

    for _ in range(6):
        scope["step"](tensor([1.0]))

    assert scope["step"]._pure.why == ""


def test_a_step_on_values_runs_on_numpy_with_a_warning():
    p, q = Value(2.0), Value(3.0)
    plan = capture(lambda: p * q, engine="jax")

    with pytest.warns(
        RuntimeWarning, match=r"works on Values, and engine='jax' is for Tensors; the plan runs"
    ):
        plan()

    assert (plan().data, plan().data) == (6.0, 6.0)
    assert plan.ready
