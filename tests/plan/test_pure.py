"""Pure plans skip the step's Python: right for pure steps, and found out soon where a step is not."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, optim, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.c.compiler import compiler

X = np.random.default_rng(0).normal(size=(60, 8, 4))
Y = np.random.default_rng(1).normal(size=(60, 8, 1))


def batch(i):
    return tensor(X[i]), tensor(Y[i])


def training(wrap, optimizer="SGD", between=None):
    """A case: the usual step, with something done between its calls."""
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = getattr(optim, optimizer)(net.parameters(), lr=0.05)

    def step(x, y):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
        return loss

    step = wrap(step)

    def run(i):
        if between:
            between(i, net, opt)
        return step(*batch(i)), net, opt

    return run


# Pure steps.


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad"])
def test_a_pure_step_leaves_the_same_bits(assert_same, name):
    (plan,) = assert_same(lambda wrap: training(wrap, name), calls=30, pure=True)

    assert plan.ready


@pytest.mark.parametrize(
    ("check", "expected"),
    [("often", [4, 5, 7, 11, 19, 27]), ("sometimes", [4, 5, 7, 11, 19]), ("never", [])],
)
def test_replays_are_checked_at_1_2_4_8_and_then_as_often_as_asked(check, expected):
    count = np.zeros(1)  # the guard does not look into arrays

    @capture(pure=True, check=check)
    def step(x):
        count[0] += 1
        return 2 * x

    calls = []
    for number in range(1, 31):
        before = count[0]
        step(tensor(X[number]))
        calls += [number] * int(count[0] - before)

    assert calls == [1, 2, 3, *expected]  # as written, recorded, followed


def test_an_unknown_check_is_refused():
    with pytest.raises(ValueError, match="check 'often', 'sometimes' or 'never', got 'daily'"):
        capture(lambda x: x, pure=True, check="daily")


def test_a_learning_rate_changed_between_calls_is_read(assert_same):
    def decay(i, _net, opt):
        opt.param_groups[0]["lr"] = 0.1 / (i + 1)

    assert_same(lambda wrap: training(wrap, between=decay), calls=20, pure=True)


def test_layers_may_be_frozen_between_calls(assert_same):
    def freeze(i, net, _opt):
        net[0].requires_grad_(i not in (7, 8, 15))

    assert_same(lambda wrap: training(wrap, between=freeze), calls=20, pure=True)


def test_parameters_may_be_loaded_between_calls(assert_same):
    def load(i, net, _opt):
        if i == 9:
            net.load_state_dict({name: 0.5 * x for name, x in net.state_dict().items()})

    assert_same(lambda wrap: training(wrap, between=load), calls=15, pure=True)


def test_named_arguments_come_in_any_order(assert_same):
    def case(wrap):
        @wrap
        def step(*, a, b):
            return {"difference": a["x"] - b, "sum": a["x"] + a["y"]}

        def run(i):
            a, b = (tensor(x) for x in (X[i], X[i + 1]))
            nested = {"x": a, "y": b} if i % 2 else {"y": b, "x": a}
            return step(a=nested, b=b) if i % 3 else step(b=b, a=nested)

        return run

    (plan,) = assert_same(case, calls=20, pure=True)

    assert plan.ready


def test_calls_from_several_threads_do_not_share_memory():
    w = tensor(X[0, 0])
    plan = capture(lambda x: (x @ w).exp().sum(), pure=True)
    inputs = [tensor(x) for x in np.random.default_rng(0).normal(size=(8, 2000, 4))]
    expected = [(x @ w).exp().sum().item() for x in inputs]
    for x in inputs:
        plan(x)
    wrong = []

    def work(i):
        wrong.extend(i for _ in range(100) if plan(inputs[i]).item() != expected[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


# Steps that are not pure.


def followed(case, reason, assert_same, calls=16):
    with pytest.warns(UserWarning, match=reason):
        (plan,) = assert_same(case, calls=calls, pure=True)
    assert plan._pure.why


def test_a_step_that_reads_a_number_is_followed(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            total = x.sum()
            return x / total if total.item() > 1 else x

        return lambda i: step(tensor(X[i]))

    followed(case, "it reads numbers of its results", assert_same)


def test_a_step_that_counts_is_followed(assert_same):
    def case(wrap):
        counts = {"calls": 0}

        @wrap
        def step(x):
            counts["calls"] += 1
            return x * 2

        return lambda i: (step(tensor(X[i])), dict(counts))

    followed(case, "it changes calls|what it reads changes", assert_same)


def test_a_step_that_takes_from_an_iterator_is_followed(assert_same):
    def case(wrap):
        batches = (tensor(x) for x in X)

        @wrap
        def step():
            return next(batches) * 2

        return lambda i: step()

    followed(case, "it reaches a generator|makes other numbers", assert_same)


def test_a_step_that_returns_a_graph_is_followed(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)
        output = wrap(lambda x: net(x).sum())

        def run(i):
            net.zero_grad()
            output(tensor(X[i])).backward()
            return net

        return run

    followed(case, "returns a graph on which backward", assert_same)


def test_the_outputs_of_a_network_are_pure_under_no_grad(assert_same):
    def case(wrap):
        net = nn.Linear(4, 1)

        @wrap
        def step(x):
            with no_grad():
                return net(x)

        return lambda i: step(tensor(X[i]))

    (plan,) = assert_same(case, pure=True)

    assert not plan._pure.why


def test_a_step_that_returns_its_input_returns_that_very_tensor():
    plan = capture(lambda x: (x, 2 * x), pure=True)

    inputs = [tensor(row) for row in X[:6]]

    with pytest.warns(UserWarning, match="returns what was there before"):
        found = [plan(x)[0] for x in inputs]

    assert all(a is b for a, b in zip(found, inputs))


def test_a_step_that_overwrites_its_input_is_followed(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            x *= 2
            return x.sum()

        def run(i):
            x = tensor(X[i])
            return step(x), x

        return run

    followed(case, "overwrites what it was given", assert_same)


def test_a_step_that_adds_to_older_gradients_is_followed(assert_same):
    def case(wrap):
        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)

        @wrap
        def step(x):
            loss = (w * x).sum()
            loss.backward()
            return loss

        return lambda i: (step(tensor(X[i])), w)

    followed(case, "depends on more than its inputs", assert_same)


def test_a_factor_that_hides_from_the_guard_is_noticed_within_eight_calls():
    hidden = threading.local()
    hidden.factor = 2.0
    plan = capture(lambda x: hidden.factor * x, pure=True)
    x = tensor([1.0])
    for _ in range(40):
        plan(x)
    hidden.factor = 3.0

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [plan(x).item() for _ in range(9)]

    assert found[-1] == 3.0
    assert plan(x).item() == 3.0


def test_the_result_of_a_check_is_that_of_the_step_as_written():
    hidden = threading.local()
    hidden.factor = 2.0
    w = tensor([1.0], requires_grad=True)
    opt = SGD([w], lr=1.0)

    @capture(pure=True)
    def step(x):
        opt.zero_grad()
        loss = (w * x).sum() * hidden.factor
        loss.backward()
        opt.step()
        return loss

    x = tensor([1.0])
    for _ in range(6):
        step(x)
    hidden.factor, caught = 3.0, []

    while not caught:
        before = w.item()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            loss = step(x)

    assert "depends on more than its inputs" in str(caught[0].message)
    assert loss.item() == 3 * before
    assert w.item() == before - 3


no_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
ENGINES = ["numpy", pytest.param("c", marks=no_compiler)]


def classifier(engine):
    """A pure step on logits by class numbers, after its program was made."""
    w = tensor(np.zeros((4, 3)), requires_grad=True)
    opt = SGD([w], lr=0.1)

    def step(x, y):
        opt.zero_grad()
        loss = F.cross_entropy(x @ w, y)
        loss.backward()
        opt.step()
        return loss

    plan = capture(step, pure=True, engine=engine)
    for _ in range(5):
        plan(X[0], np.arange(8) % 3)
    assert plan.ready
    return plan, w


@pytest.mark.parametrize("engine", ENGINES)
def test_a_class_number_out_of_range_is_refused_in_a_program_before_the_weights_move(engine):
    plan, w = classifier(engine)
    before = w.detach().numpy().copy()

    with pytest.raises((ValueError, IndexError), match="cross_entropy needs class numbers from 0 to 2"):
        plan(X[0], np.array([0, 1, 2, 0, 1, 2, 0, 3]))

    np.testing.assert_array_equal(w.detach().numpy(), before)


@pytest.mark.parametrize("engine", ENGINES)
def test_class_numbers_that_are_ignored_from_now_on_do_not_count_in_a_program(engine):
    plan, w = classifier(engine)
    numbers = np.array([0, 1, 2, -100, -100, 2, 0, 1])
    expected = F.cross_entropy(tensor(X[0]) @ w.detach(), numbers).item()

    assert plan(X[0], numbers).item() == pytest.approx(expected, rel=1e-14)
