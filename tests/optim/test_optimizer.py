"""What all optimizers share: groups, gradients forgotten, saved state, being watched, and what is no parameter."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import is_grad_enabled, nn, no_grad, ones, tensor
from tinygrad_edu.engine.grad_mode import watch
from tinygrad_edu.optim import SGD, Adam, Optimizer


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


def stepped(p, gradient, optimizer):
    p.grad = gradient
    optimizer.step()
    return p.tolist()


# Steps.


class Halve(Optimizer):
    """The least an optimizer must say."""

    def __init__(self, params):
        super().__init__(params, {"lr": 0.5})

    def rule(self, group):
        return lambda p, g, state: group["lr"] * g


def test_a_new_optimizer_is_one_rule():
    w = leaf([1.0, 2.0])

    assert stepped(w, [1.0, 2.0], Halve([w])) == [0.5, 1]


def test_the_rule_must_be_written():
    with pytest.raises(NotImplementedError):
        Optimizer([leaf(1.0)], {}).step()


def test_a_step_changes_the_numbers_in_place_and_keeps_the_gradient():
    w = leaf([1.0])
    alias = w.detach()

    stepped(w, [2.0], SGD([w], lr=0.5))

    assert (alias.tolist(), w.grad.tolist(), w.requires_grad, w.is_leaf) == ([0], [2], True, True)


def test_before_backward_a_step_does_nothing():
    w = leaf([1.0])

    assert SGD([w], lr=0.5).step() is None
    assert w.tolist() == [1]


def test_a_closure_is_called_once_while_recording_and_its_loss_returned():
    w, calls = leaf([1.0]), []
    optimizer = SGD([w], lr=0.25)

    def closure():
        calls.append(is_grad_enabled())
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with no_grad():
        loss = optimizer.step(closure)

    assert (calls, loss.item(), w.tolist()) == ([True], 1, [0.5])


def test_the_learning_rate_can_be_changed_on_the_way():
    w = leaf([1.0])
    optimizer = SGD([w], lr=1.0)

    optimizer.param_groups[0]["lr"] = 0.25

    assert stepped(w, [1.0], optimizer) == [0.75]


def test_a_step_between_forward_and_backward_is_noticed():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    optimizer = SGD(net.parameters(), lr=0.1)
    net(ones(1, 2)).sum().backward()
    loss = net(ones(1, 2)).sum()

    optimizer.step()

    with pytest.raises(
        RuntimeError,
        match=r"backward needs the numbers that linear .* was overwritten at test_optimizer.py:\d+",
    ):
        loss.backward()


def test_a_step_that_moves_nothing_is_no_change():
    w = leaf([1.0])
    loss = (w * w).sum()

    SGD([w], lr=0.1).step()
    loss.backward()

    assert w.grad.tolist() == [2]


# Gradients forgotten.


def test_zero_grad_forgets_or_overwrites():
    w, unused = leaf([1.0]), leaf([1.0])
    optimizer = SGD([w, unused], lr=0.1)
    (w * 3).sum().backward()
    gradient = w.grad

    optimizer.zero_grad(set_to_none=False)
    assert (w.grad.tolist(), gradient.tolist(), unused.grad) == ([0], [0], None)

    (w * 3).sum().backward()
    optimizer.zero_grad()
    assert w.grad is None


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_zero_grad_drops_the_graph_of_a_gradient():
    w = leaf([2.0])
    (w**3).sum().backward(create_graph=True)

    SGD([w], lr=0.1).zero_grad(set_to_none=False)

    assert (w.grad.tolist(), w.grad.requires_grad) == ([0], False)


# Groups.


def test_groups_have_settings_of_their_own():
    w, b = leaf([1.0]), leaf([1.0])
    optimizer = SGD([{"params": [w], "lr": 1.0}, {"params": b}], lr=0.1, weight_decay=0.5)
    w.grad, b.grad = [2.0], [2.0]

    optimizer.step()

    assert [group["lr"] for group in optimizer.param_groups] == [1.0, 0.1]
    assert w.tolist() == [1 - (2 + 0.5)]
    assert b.tolist() == [1 - 0.1 * (2 + 0.5)]


def test_a_group_can_be_added_and_may_come_from_a_generator():
    net, head = nn.Linear(2, 2), nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1)

    optimizer.add_param_group({"params": head.parameters(), "lr": 0.5})

    assert [len(group["params"]) for group in optimizer.param_groups] == [2, 2]
    assert optimizer.param_groups[1]["lr"] == 0.5


def test_a_group_that_is_refused_is_not_added():
    w, b = leaf([1.0]), leaf([1.0])
    optimizer = SGD([w], lr=0.1)

    with pytest.raises(ValueError, match="SGD needs lr of 0 or more, got -1"):
        optimizer.add_param_group({"params": [b], "lr": -1})

    assert len(optimizer.param_groups) == 1


def test_one_parameter_may_have_two_optimizers():
    w = leaf([1.0])
    first, second = SGD([w], lr=0.5), SGD([w], lr=0.25)
    w.grad = [1.0]

    first.step()
    second.step()

    assert w.tolist() == [0.25]


# Saved state.


def trained(steps, w=None):
    w = leaf([1.0, -1.0]) if w is None else w
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    for _ in range(steps):
        stepped(w, [1.0, 2.0], optimizer)
    return w, optimizer


def test_training_goes_on_from_saved_state_as_if_never_interrupted():
    w, optimizer = trained(2)
    saved, numbers = optimizer.state_dict(), w.tolist()
    expected = stepped(w, [1.0, 2.0], optimizer)

    fresh = leaf(numbers)
    other = SGD([fresh], lr=123.0)
    other.load_state_dict(saved)

    assert stepped(fresh, [1.0, 2.0], other) == expected
    assert other.param_groups[0]["lr"] == 0.1


def test_saved_state_is_plain_data_that_later_steps_do_not_change():
    w, optimizer = trained(1)

    saved = optimizer.state_dict()
    stepped(w, [1.0, 2.0], optimizer)

    assert saved["param_groups"] == [
        {
            "lr": 0.1,
            "momentum": 0.9,
            "dampening": 0,
            "weight_decay": 0,
            "nesterov": False,
            "maximize": False,
            "foreach": None,
            "differentiable": False,
            "fused": None,
            "params": [0],
        }
    ]
    assert saved["state"][0]["momentum_buffer"].tolist() == [1, 2]


def test_parameters_are_numbered_through_all_groups():
    a, b, c = leaf([1.0]), leaf([1.0]), leaf([1.0])
    optimizer = SGD([{"params": [a, b]}, {"params": [c]}], lr=0.1, momentum=0.9)
    c.grad = [1.0]

    optimizer.step()

    saved = optimizer.state_dict()
    assert [group["params"] for group in saved["param_groups"]] == [[0, 1], [2]]
    assert list(saved["state"]) == [2]


def misfit(**changes):
    saved = trained(1)[1].state_dict()
    saved["param_groups"][0].update(changes)
    return saved


MISFITS = {
    "another number of parameters": (
        lambda: SGD([leaf(1.0), leaf(2.0)]).state_dict(),
        r"SGD needs the state of \[1\] parameters in its groups, got \[2\]",
    ),
    "another number of groups": (
        lambda: SGD([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}]).state_dict(),
        r"SGD needs the state of \[1\] parameters in its groups, got \[1, 1\]",
    ),
    "a setting out of range": (lambda: misfit(lr=-1), "SGD needs lr of 0 or more, got -1"),
    "the settings of another optimizer": (
        lambda: Adam([leaf([1.0])]).state_dict(),
        "SGD needs the settings lr, momentum, .*, got .*betas.*, without dampening, momentum, nesterov",
    ),
    "another shape": (
        lambda: {**misfit(), "state": {0: {"momentum_buffer": np.ones(3)}}},
        r"SGD needs momentum_buffer of shape \(2,\), got \(3,\)",
    ),
    "state of a parameter that is not there": (
        lambda: {**misfit(), "state": {1: {"momentum_buffer": np.ones(2)}}},
        "SGD has 1 parameters, but the state is of number 1",
    ),
    "nothing": (dict, r"SGD needs what state_dict\(\) returned, got \{\}"),
    "a list": (list, r"SGD needs what state_dict\(\) returned, got \[\]"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_state_that_does_not_fit_is_refused_and_nothing_changes(name):
    make, message = MISFITS[name]
    _, optimizer = trained(2)
    before = optimizer.state_dict()

    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(make())

    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    assert after["state"][0]["momentum_buffer"].tolist() == before["state"][0]["momentum_buffer"].tolist()


# Watched.


def test_a_watcher_sees_the_update():
    w = leaf([1.0, 2.0], name="w")
    optimizer = SGD([w], lr=0.5, weight_decay=0.1)
    (w * w).sum().backward()
    notes = []

    with watch(lambda operation, inputs, settings, result: notes.append((operation.name, inputs, result))):
        optimizer.step()

    assert [name for name, *_ in notes] == ["multiply", "add", "multiply", "subtract", "assign"]
    assert notes[3][1][0] is w
    assert notes[-1][2] is w
    assert not any(getattr(x, "requires_grad", False) for _, _, x in notes[:-1])


def test_a_watched_step_is_noticed_like_any_other():
    w = leaf([1.0])
    loss = (w * w).sum()
    w.grad = [1.0]

    with watch(lambda *note: None):
        SGD([w], lr=0.1).step()

    with pytest.raises(RuntimeError, match=r"overwritten at test_optimizer.py:\d+"):
        loss.backward()


def test_a_watched_training_loop_gives_identical_bits():
    def train(seed):
        rng = np.random.default_rng(seed)
        net = nn.Sequential(nn.Linear(3, 4, generator=rng), nn.Tanh(), nn.Linear(4, 2, generator=rng))
        optimizer = SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
        x, losses = tensor(rng.normal(size=(8, 3))), []
        for _ in range(5):
            loss = nn.CrossEntropyLoss()(net(x), rng.integers(0, 2, 8))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, [p.tolist() for p in net.parameters()]

    plain = train(0)
    with watch(lambda *note: None):
        watched = train(0)

    assert watched == plain


# Refusals.


def computed():
    return leaf([1.0], name="w") * 2


REFUSED = [
    (
        lambda: SGD(leaf([1.0])),
        TypeError,
        r"SGD needs a list of parameters, got a single one; write SGD\(\[w\], ...\)",
    ),
    (
        lambda: SGD([]),
        ValueError,
        "SGD needs at least one parameter, got an empty list; is it the right module",
    ),
    (lambda: SGD(nn.ReLU().parameters()), ValueError, "SGD needs at least one parameter, got an empty list"),
    (
        lambda: SGD(nn.Sequential(nn.Linear(2, 1))),
        TypeError,
        r"SGD needs a list of parameters, got Sequential; write SGD\(net.parameters\(\), ...\)",
    ),
    (
        lambda: SGD(nn.Linear(2, 1).parameters),
        TypeError,
        r"SGD needs a list of parameters, got method; write SGD\(net.parameters\(\), ...\)",
    ),
    (lambda: SGD(None), TypeError, "SGD needs a list of parameters, got NoneType"),
    (lambda: SGD([1.0]), TypeError, "SGD needs Tensors as parameters, got float 1.0"),
    (lambda: SGD([np.ones(2)]), TypeError, "SGD needs Tensors as parameters, got ndarray"),
    (
        lambda: SGD([("w", leaf(1.0)), leaf(1.0)]),
        ValueError,
        "SGD needs names for all parameters of a group, or for none",
    ),
    (
        lambda: SGD([{"params": [("w", leaf(1.0))]}, {"params": [leaf(1.0)]}]),
        ValueError,
        "SGD needs names for the parameters of all groups, or of none",
    ),
    (lambda: SGD([{"params": {leaf(1.0)}}]), TypeError, "SGD needs its parameters in an order, got a set"),
    (
        lambda: SGD([computed()]),
        ValueError,
        r"SGD needs leaves, but a tensor of shape \(1,\) is the result of multiply; hand over the tensor you created",
    ),
    (lambda: SGD([{"lr": 0.1}]), TypeError, r'SGD needs a group like \{"params": \[...\]\}, got'),
    (
        lambda: SGD([{"params": [leaf(1.0)]}, leaf(1.0)]),
        TypeError,
        r'SGD needs a group like \{"params": \[...\]\}',
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_is_no_parameter_is_refused_with_what_to_write(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("groups", [lambda w: [w, w], lambda w: [{"params": [w]}, {"params": [w]}]])
def test_a_parameter_given_twice_is_refused(groups):
    with pytest.raises(
        ValueError, match=r"SGD needs each parameter once, but 'w' of shape \(1,\) is given twice"
    ):
        SGD(groups(leaf([1.0], name="w")))


def test_step_refuses_a_loss_in_place_of_a_function():
    optimizer = SGD([tensor([1.0], requires_grad=True)])

    with pytest.raises(
        TypeError, match=r"SGD.step takes a function that recomputes the loss, got .*; use step\(\)"
    ):
        optimizer.step(tensor(1.0))


def test_the_repr_is_pytorchs():
    optimizer = SGD([{"params": [leaf(1.0)], "lr": 0.5}, {"params": [leaf(1.0)]}], momentum=0.9)

    assert (
        repr(optimizer)
        == """SGD (
Parameter Group 0
    dampening: 0
    differentiable: False
    foreach: None
    fused: None
    lr: 0.5
    maximize: False
    momentum: 0.9
    nesterov: False
    weight_decay: 0

Parameter Group 1
    dampening: 0
    differentiable: False
    foreach: None
    fused: None
    lr: 0.001
    maximize: False
    momentum: 0.9
    nesterov: False
    weight_decay: 0
)"""
    )


PUTS = {
    "=": lambda group, value: group.__setitem__("lr", value),
    "update": lambda group, value: group.update(lr=value),
    "update from a dict": lambda group, value: group.update({"lr": value}),
    "|=": lambda group, value: group.__ior__({"lr": value}),
    "setdefault": lambda group, value: (group.pop("lr"), group.setdefault("lr", value)),
}


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
def test_a_setting_that_is_put_in_is_pythons_number(put):
    group = SGD([leaf([1.0])], lr=0.5).param_groups[0]

    put(group, np.float32(0.25))

    assert (group["lr"], type(group["lr"])) == (0.25, float)


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
@pytest.mark.parametrize("lr", ["0.1", None, True, np.array(0.1)], ids=repr)
def test_a_learning_rate_that_is_no_number_is_refused_where_it_is_put_in(lr, put):
    group = SGD([leaf([1.0])], lr=0.5).param_groups[0]

    with pytest.raises(TypeError, match=f"an optimizer needs lr as a number, got {type(lr).__name__}"):
        put(group, lr)


def test_setdefault_leaves_a_setting_as_it_is():
    group = SGD([leaf([1.0])], lr=0.5).param_groups[0]

    assert group.setdefault("lr", 0.1) == 0.5
    assert group["lr"] == 0.5


def test_a_whole_number_of_numpy_stays_whole():
    group = SGD([leaf([1.0])], lr=0.5).param_groups[0]

    group["momentum"] = np.int64(0)

    assert type(group["momentum"]) is int
