"""Followed steps leave what they leave as written, bit for bit, whatever differs between the calls."""

from __future__ import annotations

import copy
import io
import itertools
import threading
import warnings

import numpy as np
import pytest

from tinygrad_edu import Tensor, load, manual_seed, nn, no_grad, optim, randn, save, tensor, zeros
from tinygrad_edu.autograd import Function
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD, Adam, lr_scheduler
from tinygrad_edu.plan import capture

X = np.random.default_rng(0).normal(size=(20, 8, 4))
Y = np.random.default_rng(1).normal(size=(20, 8, 1))


def mlp():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))


def batch(i, size=8):
    return tensor(X[i, :size]), tensor(Y[i, :size])


def training(wrap, optimizer=lambda params: SGD(params, lr=0.1), before=None, after=None, between=None):
    """A case: the usual step, with something before and after the update, and between the calls."""
    net = mlp()
    opt = optimizer(net.parameters())

    @wrap
    def step(x, y):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        if before:
            before(net, opt)
        opt.step()
        if after:
            after(net, opt)
        return loss

    def run(i):
        if between:
            between(i, net, opt)
        return step(*batch(i)), net, opt

    return run


# Optimizers.


@pytest.mark.parametrize(
    "name",
    ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"],
)
def test_every_optimizer_moves_the_parameters_by_the_same_bits(assert_same, name):
    (plan,) = assert_same(lambda wrap: training(wrap, lambda params: getattr(optim, name)(params, lr=0.05)))

    assert plan.ready


@pytest.mark.parametrize(
    "settings",
    [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}, {"maximize": True}],
)
def test_the_settings_of_sgd_are_followed(assert_same, settings):
    (plan,) = assert_same(lambda wrap: training(wrap, lambda params: SGD(params, lr=0.05, **settings)))

    assert plan.ready


def change_settings(i, _net, opt):
    opt.param_groups[0].update(lr=0.1 / (i + 1), betas=(0.9 - 0.01 * i, 0.99), weight_decay=0.1 * (i % 2))


def test_settings_that_change_between_calls_are_read_in_each(assert_same):
    assert_same(lambda wrap: training(wrap, lambda params: Adam(params, lr=0.05), between=change_settings))


def edit_state(i, net, opt):
    if i == 4:
        opt.state[net[0].weight]["exp_avg"].zero_()
    if i == 6:
        del opt.state[net[0].weight]
    if i == 8:
        opt.state.clear()


def test_the_state_of_an_optimizer_may_be_edited_between_calls(assert_same):
    assert_same(lambda wrap: training(wrap, lambda params: Adam(params, lr=0.05), between=edit_state))


def test_a_schedule_inside_the_step_is_followed(assert_same):
    def case(wrap):
        schedules = {}

        def advance(_net, opt):
            schedules.setdefault(opt, lr_scheduler.StepLR(opt, 2, 0.5)).step()

        return training(wrap, after=advance)

    (plan,) = assert_same(case)

    assert plan.ready


def test_a_step_of_lbfgs_moves_memory_by_itself_and_runs_as_written(assert_same):
    def case(wrap):
        net = mlp()
        opt = optim.LBFGS(net.parameters(), lr=0.1, max_iter=3)

        @wrap
        def step(x, y):
            def closure():
                opt.zero_grad()
                loss = F.mse_loss(net(x), y)
                loss.backward()
                return loss

            return opt.step(closure)

        return lambda i: (step(*batch(i)), net)

    with pytest.warns(UserWarning, match="a step of LBFGS"):
        assert_same(case)


def test_an_optimizer_of_the_user_is_python_that_runs(assert_same):
    class Corrected(optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 0.1})

        def step(self, _closure=None):
            with no_grad():
                for p in self.param_groups[0]["params"]:
                    state = self.state[p]
                    state["n"] = state.get("n", 0) + 1
                    state["m"] = 0.9 * state.get("m", 0) + 0.1 * p.grad
                    p.sub_(0.1 * state["m"] / (1 - 0.9 ** state["n"]))

    (plan,) = assert_same(lambda wrap: training(wrap, Corrected))

    assert plan.ready


# Gradients.


def halve(net, _opt):
    for p in net.parameters():
        p.grad.mul_(0.5)


def replace(net, _opt):
    for p in net.parameters():
        p.grad = 0.5 * p.grad + 0.01


def add_noise(net, _opt):
    for p in net.parameters():
        p.grad += 0.01 * randn(*p.shape)


def clip(net, _opt):
    nn.utils.clip_grad_norm_(net.parameters(), 0.3)


@pytest.mark.parametrize("before", [halve, replace, add_noise, clip])
def test_gradients_may_be_changed_before_the_update(assert_same, before):
    (plan,) = assert_same(lambda wrap: training(wrap, before=before))

    assert plan.ready


@pytest.mark.parametrize("holders", [1, 2, 3])
def test_a_gradient_that_the_step_keeps_has_its_numbers_after_the_call(assert_same, holders):
    def case(wrap):
        kept = []
        run = training(wrap, before=lambda net, _opt: kept.extend(holders * [net[0].weight.grad]))
        return lambda i: (run(i), list(kept))

    (plan,) = assert_same(case)

    assert plan.ready


def test_gradients_add_up_over_calls(assert_same):
    def case(wrap):
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1)
        counter = itertools.count(1)

        @wrap
        def step(x, y):
            loss = F.mse_loss(net(x), y) / 3
            loss.backward()
            if next(counter) % 3 == 0:
                opt.step()
                opt.zero_grad()
            return loss

        return lambda i: (step(*batch(i)), net)

    assert_same(case)


def test_a_hook_that_is_registered_later_is_called(assert_same):
    def case(wrap):
        seen = []

        def between(i, net, _opt):
            if i == 4:
                net[0].weight.register_hook(lambda g: 0.5 * g)
                net[2].weight.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.sum().item()))

        run = training(wrap, between=between)
        return lambda i: (run(i), list(seen))

    assert_same(case, calls=6)


def test_hooks_of_a_module_see_the_gradients_of_each_call(assert_same):
    def case(wrap):
        seen = []

        def between(i, net, _opt):
            if i == 0:
                net[2].register_full_backward_hook(lambda _m, _gi, go: seen.append(go[0].sum().item()))

        run = training(wrap, between=between)
        return lambda i: (run(i), list(seen))

    assert_same(case, calls=6)


def test_a_function_of_the_user_goes_back_with_what_it_kept_in_this_call(assert_same):
    def case(wrap):
        class Scaled(Function):
            @staticmethod
            def forward(ctx, x, scale):
                ctx.scale = scale
                return x * scale

            @staticmethod
            def backward(ctx, g):
                return ctx.scale * g, None

        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)

        @wrap
        def step(x, scale):
            w.grad = None
            loss = Scaled.apply(w * x, scale).sum()
            loss.backward()
            return loss

        return lambda i: (step(tensor(X[i]), i + 0.5), w)

    assert_same(case, calls=6)


def freeze(i, net, _opt):
    net[0].requires_grad_(i not in (4, 5, 9))


def test_layers_may_be_frozen_between_calls(assert_same):
    assert_same(lambda wrap: training(wrap, between=freeze))


# Memory.


def test_an_input_is_overwritten_in_every_call_not_that_of_the_first(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            x *= 2
            x[0] = 7
            return x.sum()

        def run(i):
            x = tensor(X[i])
            return step(x), x

        return run

    (plan,) = assert_same(case)

    assert plan.ready


def test_inputs_that_share_memory_with_what_is_overwritten_are_seen(assert_same):
    def case(wrap):
        @wrap
        def step(x, y):
            x += 1
            return (x * y).sum(), y.sum()

        def run(i):
            x = tensor(X[i])
            return step(x, [tensor(X[0]), x, x[:]][i % 3]), x

        return run

    assert_same(case)


def test_an_input_may_be_a_parameter_that_is_overwritten(assert_same):
    def case(wrap):
        w = tensor(X[0, :4, :1], requires_grad=True)

        @wrap
        def step(x, y):
            w.grad = None
            loss = F.mse_loss(x @ w, y)
            loss.backward()
            with no_grad():
                w.sub_(0.1 * w.grad)
            return loss, y.sum()

        return lambda i: (step(tensor(X[i, :4]), w.detach() if i % 2 else tensor(Y[i, :4])), w)

    assert_same(case)


def test_one_tensor_in_two_places_does_not_spoil_the_program_for_two(assert_same):
    def case(wrap):
        @wrap
        def step(x, y, more):
            h = x * y
            return h + 1 if more else h

        def run(i):
            x, y = tensor(X[i]), tensor(X[i + 1])
            return step(x, x if i == 2 else y, i >= 2)

        return run

    assert_same(case, calls=6)


def test_data_that_was_put_aside_comes_back(assert_same):
    def case(wrap):
        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)

        @wrap
        def step(x):
            w.grad = None
            before = w.data
            w.data = w.data + 0.1
            loss = ((w * x) ** 2).sum()
            loss.backward()
            w.data = before
            return loss

        return lambda i: (step(tensor(X[i])), w)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(case)


def test_a_buffer_that_counts_is_followed(assert_same):
    def case(wrap):
        net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.3), nn.Linear(6, 1))
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        def run(i):
            net.train(i % 4 != 3)
            return step(*batch(i)), net

        return run

    (plan,) = assert_same(case)

    assert plan.ready


# Python.


def test_numbers_that_change_from_call_to_call_are_inputs(assert_same):
    def case(wrap):
        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)

        @wrap
        def step(x, k):
            w.grad = None
            loss = ((w * x) ** k).sum() / (k + 1) + (w * x).clamp(-k, k).sum()
            loss.backward()
            return loss

        return lambda i: (step(tensor(np.abs(X[i]) + 0.1), 1.5 + i), w)

    (plan,) = assert_same(case)

    assert plan.ready


@pytest.mark.parametrize(
    "numbers", [(2, 2.0, True), (0.0, -0.0), (np.float64(2), 2, np.float64(3)), (2, 2, np.float64(2), 2.0)]
)
def test_equal_numbers_of_other_types_are_other_numbers(assert_same, numbers):
    def case(wrap):
        @wrap
        def step(x, k):
            return x * k, x / (k + 1), (x.detach() * 0 + 1).long() * k

        return lambda i: step(tensor(X[i]), numbers[i % len(numbers)])

    assert_same(case)


def test_the_last_batch_may_be_smaller(assert_same):
    def case(wrap):
        net = mlp()
        opt = Adam(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        return lambda i: (step(*batch(i, 3 if i % 4 == 3 else 8)), net, opt)

    (plan,) = assert_same(case)

    assert plan.ready


def test_a_loop_over_time_has_a_program_for_every_length(assert_same):
    def case(wrap):
        cell = nn.RNNCell(4, 5)
        opt = SGD(cell.parameters(), lr=0.1)

        @wrap
        def step(sequence):
            opt.zero_grad()
            h = zeros(1, 5)
            for x in sequence:
                h = cell(x.reshape(1, 4), h)
            loss = (h**2).mean()
            loss.backward()
            opt.step()
            return loss

        return lambda i: (step(tensor(X[i, : 2 + i % 3])), cell)

    (plan,) = assert_same(case)

    assert plan.ready


@pytest.mark.slow
@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
def test_recurrent_layers_are_followed_through_the_tuples_they_return(assert_same, layer):
    def case(wrap):
        net = layer(4, 5, batch_first=True)
        opt = Adam(net.parameters(), lr=0.05)

        @wrap
        def step(x):
            opt.zero_grad()
            out, _ = net(x)
            loss = (out[:, -1] ** 2).mean()
            loss.backward()
            opt.step()
            return loss

        return lambda i: (step(tensor(X[i : i + 3])), net)

    (plan,) = assert_same(case)

    assert plan.ready


def test_an_error_in_the_step_leaves_what_was_done_before_it(assert_same):
    def case(wrap):
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y, place):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            if place == 1:
                raise KeyError("before the update")
            opt.step()
            if place == 2:
                raise KeyError("after the update")
            return loss

        def run(i):
            try:
                result = step(*batch(i), i % 4)
            except KeyError as error:
                result = str(error)
            return result, net

        return run

    assert_same(case)


def test_what_another_thread_computes_in_the_step_is_right(assert_same):
    def case(wrap):
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            h, found = net[0](x), []
            thread = threading.Thread(target=lambda: found.append(net[2](h.tanh())))
            thread.start()
            thread.join()
            loss = F.mse_loss(found[0], y)
            loss.backward()
            opt.step()
            return loss

        return lambda i: (step(*batch(i)), net)

    assert_same(case, calls=5)


def test_names_and_other_attributes_of_results_are_kept_where_the_step_goes_on_as_written():
    @capture
    def step(x, k):
        h = x * 2
        h.name, h.mine = "h", 3
        return (h + 1 if k > 2 else h * 1), h

    for k in range(5):
        _, h = step(tensor([1.0]), k)
        assert (h.name, h.mine) == ("h", 3)


# Copies.


def test_a_copy_of_a_parameter_in_the_step_is_made_after_the_update(assert_same):
    def case(wrap):
        kept = []

        def keep(net, _opt):
            kept.append(copy.deepcopy(net))

        run = training(wrap, after=keep)
        return lambda i: (run(i), kept[-1])

    assert_same(case, calls=5)


def test_a_checkpoint_that_is_saved_in_the_step_holds_tensors():
    net = mlp()
    opt = SGD(net.parameters(), lr=0.1)
    files = []

    @capture
    def step(x, y):
        opt.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        opt.step()
        files.append(io.BytesIO())
        save(net.state_dict(), files[-1])
        return loss

    for i in range(4):
        step(*batch(i))
        files[-1].seek(0)
        assert {type(x) for x in load(files[-1]).values()} == {Tensor}


def test_the_state_of_an_optimizer_is_saved_as_it_is_after_the_update(assert_same):
    def case(wrap):
        kept = []

        def keep(_net, opt):
            kept.append(opt.state_dict())

        run = training(wrap, lambda params: Adam(params, lr=0.05), after=keep)
        return lambda i: (run(i), kept[-1]["state"])

    assert_same(case)


def test_draws_come_in_the_order_of_the_step(assert_same):
    def case(wrap):
        @wrap
        def step(x):
            return x * randn(4) + (randn(8, 1) > 0).double()

        def run(i):
            if i == 6:
                manual_seed(5)
            return step(tensor(X[i])), randn(1)

        return run

    (plan,) = assert_same(case)

    assert plan.ready


def test_weights_that_a_program_moved_before_an_error_are_moved_once():
    def make(wrap):
        w = tensor(np.arange(3.0), requires_grad=True)

        @wrap
        def step(rows):
            w.grad = None
            (w * w).sum().backward()
            with no_grad():
                w.sub_(0.1 * w.grad)
            return w.detach()[rows].sum()

        def run(i):
            try:
                return step(np.array([0, 7 if i == 5 else 2])).item(), w.detach().numpy().copy()
            except IndexError:
                return "no such row", w.detach().numpy().copy()

        return run

    plans = []
    as_written, planned = make(lambda f: f), make(lambda f: plans.append(capture(f)) or plans[0])

    for i in range(8):
        (a, v), (b, w) = as_written(i), planned(i)
        assert a == b
        np.testing.assert_array_equal(v, w)
    assert plans[0].ready


@pytest.mark.slow
def test_a_step_with_hundreds_of_programs_is_left_alone():
    plan = capture(lambda x: x * 2)

    with pytest.warns(UserWarning, match="leaves .* alone"):
        shapes = [plan(zeros(n)).shape for n in range(1, 300) for _ in range(2)]

    assert shapes == [(n,) for n in range(1, 300) for _ in range(2)]


def test_a_step_with_a_closure_is_followed(assert_same):
    def case(wrap):
        net = mlp()
        opt = Adam(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            def closure():
                opt.zero_grad()
                loss = F.mse_loss(net(x), y)
                loss.backward()
                return loss

            return opt.step(closure)

        return lambda i: (step(*batch(i)), net)

    (plan,) = assert_same(case)

    assert plan.ready
