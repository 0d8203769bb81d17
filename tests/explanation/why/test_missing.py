"""Each reason why a tensor gets no gradient has an answer of its own."""

from __future__ import annotations

import re
import typing

import numpy as np
import pytest

from tinygrad_edu import OPERATIONS, nn, no_grad, tensor, why_no_grad
from tinygrad_edu.explanation.why.missing import Cause

X = tensor(np.ones((4, 3)), name="X")


@pytest.fixture
def W():
    return tensor(np.ones((3, 2)), requires_grad=True, name="W")


CUTS = {
    "argmax": (
        lambda x: x.argmax(dim=1).double().mean(),
        r"argmax, whose derivative is zero.*mean ← cast ← argmax",
    ),
    "detach": (lambda x: x.detach().mean(), r"detach\(\) at .*mean ← detach\(\)"),
    "greater": (lambda x: (x > 0).double().sum(), r"greater"),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_is_named_with_the_way_to_it(name, W):
    cut, words = CUTS[name]

    answer = str(why_no_grad(cut(X @ W), W))

    assert answer.startswith("W: no gradient")
    assert re.search(words, answer)


def test_no_grad_is_named_with_its_line(W):
    with no_grad():
        loss = (X @ W).sum()

    assert "the graph was cut by no_grad() at test_missing.py:" in str(why_no_grad(loss, W))


def test_an_answer_ends_as_a_sentence_does(W):
    assert str(why_no_grad((X @ W).detach().sum(), W)).endswith("if gradients shall pass.")
    assert str(why_no_grad((X @ W).sum(), W)).endswith("; call loss.backward().")


def test_before_backward_there_is_no_gradient_yet(W):
    assert str(why_no_grad((X @ W).sum(), W)).startswith("W: no gradient yet")


def test_after_backward_it_is_there(W):
    loss = (X @ W).sum()
    loss.backward()

    assert str(why_no_grad(loss, W)).startswith("W: gets a gradient, of shape (3, 2)")


def test_dead_units_are_called_dead(W):
    assert "the units are dead" in str(why_no_grad((X @ W - 100).relu().sum(), W))


def test_what_was_not_used_is_said_not_to_be(W):
    assert "The loss does not depend on it" in str(why_no_grad((X * 2).sum(), W))


def test_a_plain_number_remembers_nothing(W):
    assert "The loss is a plain float, which remembers nothing" in str(why_no_grad((X @ W).sum().item(), W))


def test_a_parameter_of_a_module_is_asked_for_as_any_tensor():
    layer = nn.Linear(3, 2)

    assert "no gradient yet" in str(why_no_grad(layer(X).sum(), layer.weight))


# Every cause, with its whole answer.

UPDATE = "write with no_grad(): w -= lr * w.grad, which changes the numbers and keeps the tensor, or use SGD."
SWITCHED_ON = (
    "W: no gradient. The loss is a leaf: requires_grad=True was set on the finished number, which does not bring back "
    "how it was computed"
)
REPLACED = (
    "no gradient. A subtraction inside no_grad() at HERE made a new tensor in place of it, which needs no gradient. If "
    f"that line is an update, {UPDATE}"
)
NOT_USED = "W: no gradient. The loss does not depend on it. "
LOST = (
    "Was it used at all? What goes through .item(), float() or .numpy() is a plain number and remembers nothing, and "
    "requires_grad_() after the loss was computed comes too late."
)
MAYBE = (
    "W: no gradient. It is not among what the loss still remembers, and the graph was cut by {} at HERE: if it was "
    "used before, that is why. Looking backward from the loss: "
)
NO_HISTORY = "no gradient. It has no history itself: the graph was cut by "


def parameter(name="W"):
    return tensor(np.ones((3, 2)), requires_grad=True, name=name)


def trained(loss_of):
    """A loss after backward(), and its parameter."""
    w = parameter()
    loss = loss_of(w)
    loss.backward()
    return loss, w


def leaf_since():
    w = parameter()
    return (X @ w).sum().detach().requires_grad_(), w


def the_loss_itself():
    w = tensor(3.0, requires_grad=True, name="W")
    return w, w


def a_result_as_itself():
    y = parameter().sum()
    y.name = "y"
    return y, y


def leaf_from_the_start():
    return tensor(3.0, requires_grad=True), parameter()


def replaced(asked):
    _, w = trained(lambda w: (X @ w).sum())
    with no_grad():
        new = w - 0.1 * w.grad
    return (X @ new).sum(), {"old": w, "new": new}[asked]


def remembers_the_step_before():
    _, w = trained(lambda w: (X @ w).sum())
    w = w - 0.1 * w.grad
    w.name = "W"
    return (X @ w).sum(), w


def zeroed():
    loss, w = trained(lambda w: (X @ w).sum())
    w.grad.zero_()
    return loss, w


def constant():
    c = tensor(np.ones((3, 2)), name="c")
    return (X @ c).sum(), c


def without_history(of):
    w = parameter()
    return (X @ w).sum(), of(w)


def computed(loss_of):
    w = parameter()
    return loss_of(w), w


def a_condition():
    w = tensor([0.0, 1.0], requires_grad=True, name="W")
    return OPERATIONS["where"](w, tensor([1.0, 2.0], requires_grad=True), 0).sum(), w


def released():
    w = parameter()
    loss = (X @ w).sum()
    loss.backward(retain_graph=False)
    return loss, w


def cut_and_gone():
    w, other = parameter(), tensor(1.0, requires_grad=True)
    return (X @ w).detach().sum() * other, w


def cut_and_known():
    w, other = parameter(), tensor(1.0, requires_grad=True)
    h = X @ w
    return h.detach().sum() * other, w, h  # h is kept


def among_others(count):
    others = [tensor(1.0, requires_grad=True, name=f"v{i}") for i in range(count)]
    return sum(others[1:], others[0]), parameter()


CAUSES = {
    "switched on": (
        leaf_since,
        "switched on",
        f"{SWITCHED_ON} (the graph was cut by detach() at HERE). Leave that line out and mend the cut.",
    ),
    "a leaf as loss": (
        leaf_from_the_start,
        "switched on",
        f"{SWITCHED_ON}. Leave that line out and mend the cut.",
    ),
    "the loss itself": (
        the_loss_itself,
        "is the loss",
        "W: is the loss itself, a leaf. backward() gives it the gradient 1.",
    ),
    "the loss itself, computed": (
        a_result_as_itself,
        "not called",
        "y: no gradient yet. Looking backward from the loss: y; call loss.backward().",
    ),
    "replaced by an update": (lambda: replaced("old"), "replaced", f"W: {REPLACED}"),
    "made by an update": (lambda: replaced("new"), "replaced", f"w: {REPLACED}"),
    "an update in the graph": (
        remembers_the_step_before,
        "replaced",
        "W: the result of a subtraction at HERE, no longer the leaf you created. It gets a gradient, but remembers "
        f"every step and is not what an optimizer holds. If that line is an update, {UPDATE}",
    ),
    "zeroed": (
        zeroed,
        "zeroed",
        "W: gradient overwritten with zeros, after backward() or before it was called. Looking backward from the loss: "
        "sum ← matmul ← W.",
    ),
    "a constant": (
        constant,
        "no requires_grad",
        "c: no gradient. Its requires_grad is False, so it counts as a constant. Create it with requires_grad=True, or "
        "call requires_grad_() before the loss is computed.",
    ),
    "detached itself": (
        lambda: without_history(lambda w: w.detach()),
        "cut",
        f"W: {NO_HISTORY}detach() at HERE. Leave detach() (or .data) out if gradients shall pass.",
    ),
    "computed without derivative": (
        lambda: without_history(lambda w: w.argmin()),
        "cut",
        f"w: {NO_HISTORY}argmin, whose derivative is zero or undefined, at HERE. Compute the loss from the scores "
        "themselves, as cross_entropy does.",
    ),
    "saturated": (
        lambda: computed(lambda w: (X @ w * 1000).sigmoid().sum()),
        "zero",
        "W: a gradient of exactly zero. sigmoid at HERE is saturated: its result is so near its limit that the "
        "derivative is 0. Looking backward from the loss: sum ← sigmoid ← multiply ← matmul ← W.",
    ),
    "multiplied by 0": (
        lambda: computed(lambda w: (X @ w * 0).sum()),
        "zero",
        "W: a gradient of exactly zero. multiply at HERE hands on only zeros: its derivative is 0 at these numbers. "
        "Looking backward from the loss: sum ← multiply ← matmul ← W.",
    ),
    "dead": (
        lambda: computed(lambda w: (X @ w - 100).relu().sum()),
        "zero",
        "W: a gradient of exactly zero. Every number that relu at HERE takes is 0 or less, where its derivative is 0: "
        "the units are dead. Try other starting weights, a smaller learning rate or another activation. Looking "
        "backward from the loss: sum ← relu ← subtract ← matmul ← W.",
    ),
    "cancelled": (
        lambda: computed(lambda w: (X @ w - X @ w).sum()),
        "zero",
        "W: a gradient of exactly zero. The shares of its uses cancel. Looking backward from the loss: "
        "sum ← subtract ← matmul ← W.",
    ),
    "a condition": (
        a_condition,
        "no rule",
        "W: no gradient. It only decides which numbers are taken, and that has no derivative. Looking backward from "
        "the loss: sum ← where ← W.",
    ),
    "released": (
        released,
        "cut",
        "W: no gradient: the graph was cut by backward(retain_graph=False) at HERE. Leave retain_graph=False out, or "
        "compute the loss again.",
    ),
    "cut and gone": (
        cut_and_gone,
        "perhaps cut",
        MAYBE.format("detach()")
        + "multiply ← sum ← detach() (HERE). Leave detach() (or .data) out if gradients shall pass.",
    ),
    "cut and known": (
        cut_and_known,
        "cut",
        "W: no gradient: the graph was cut by detach() at HERE. Looking backward from the loss: "
        "multiply ← sum ← detach() (HERE). Leave detach() (or .data) out if gradients shall pass.",
    ),
    "copied": (
        lambda: computed(lambda w: tensor((X @ w).sum()) * 2),
        "perhaps cut",
        MAYBE.format("tensor(...)")
        + "multiply ← tensor(...) (HERE). tensor(x) copies the numbers only: use x itself, and stack or cat for "
        "several.",
    ),
    "rounded": (
        lambda: computed(lambda w: (X @ w).round().sum()),
        "zero",
        "W: a gradient of exactly zero. round at HERE is a step: its derivative is 0 everywhere. Use something smooth. "
        "Looking backward from the loss: sum ← round ← matmul ← W.",
    ),
    "compared": (
        lambda: computed(lambda w: (X @ w > 0).sum()),
        "perhaps cut",
        MAYBE.format("greater, whose derivative is zero or undefined,")
        + "sum ← greater (HERE). greater is a step: small changes of its input change nothing. Use something smooth.",
    ),
    "not used": (
        lambda: computed(lambda w: (X * 2).sum()),
        "not used",
        f"{NOT_USED}Nothing that it was computed from has requires_grad=True. {LOST}",
    ),
    "not used among four": (
        lambda: among_others(4),
        "not used",
        f"{NOT_USED}It was computed from 'v3' of shape (), 'v2' of shape (), 'v0' of shape (), 'v1' of shape (). "
        f"{LOST}",
    ),
    "not used among many": (
        lambda: among_others(6),
        "not used",
        f"{NOT_USED}It was computed from 'v5' of shape (), 'v4' of shape (), 'v3' of shape (), 'v2' of shape () and "
        f"others. {LOST}",
    ),
}


@pytest.mark.filterwarnings("ignore:.*copies the numbers")
@pytest.mark.parametrize(("build", "cause", "text"), CAUSES.values(), ids=CAUSES)
def test_every_cause_has_an_answer_of_its_own(build, cause, text):
    loss, w, *_kept = build()

    answer = why_no_grad(loss, w)

    assert re.sub(r"test_missing\.py:\d+", "HERE", str(answer)) == text
    assert answer.cause == cause


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_what_is_saturated_is_said_to_be(name, W):
    scores = X @ W * tensor([1000.0, -1000.0])
    h = scores.softmax(1) if name == "softmax" else getattr(scores, name)()

    assert f"a gradient of exactly zero. {name} at test_missing.py:" in str(why_no_grad((h * h).sum(), W))
    assert "is saturated: its result is so near its limit" in str(why_no_grad((h * h).sum(), W))


def test_a_tensor_of_the_same_name_and_shape_is_pointed_out():
    text = str(why_no_grad((X @ parameter()).sum(), parameter()))

    assert text == (
        f"{NOT_USED}It was computed from 'W' of shape (3, 2). One of them has the same name and shape: was this one "
        "made anew since?"
    )


def test_the_gradient_of_the_loss_by_itself_is_1():
    loss, w = the_loss_itself()
    loss.backward()

    assert "backward() gives it the gradient 1" in str(why_no_grad(loss, w))
    assert w.grad == 1


def test_every_cause_that_can_be_named_has_an_example():
    covered = {cause for _, cause, _ in CAUSES.values()}

    assert covered | {"gets gradient", "a number"} == set(typing.get_args(Cause))


# Who is asked for.


def test_a_tensor_without_a_name_is_called_as_the_caller_calls_it():
    mine, other = (tensor(np.ones((3, 2)), requires_grad=True) for _ in "ab")

    loss = (X @ mine).sum()

    answers = [why_no_grad(loss, mine), why_no_grad(loss, other, "yours"), why_no_grad(loss, parameter(None))]

    assert [answer.who for answer in answers] == ["mine", "yours", "W"]


def test_all_parameters_of_a_module_are_answered_and_like_answers_share_a_line():
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    net[2].requires_grad_(False)
    loss = net(X).sum()

    answers = why_no_grad(loss, net)

    assert list(answers) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [answer.cause for answer in answers.values()] == ["not called"] * 2 + ["no requires_grad"] * 2
    assert str(answers).splitlines() == [
        str(answers["0.weight"]),
        str(answers["0.bias"]),
        str(answers["2.bias"]).replace("2.bias", "2.weight, 2.bias"),
    ]


def test_one_parameter_of_a_module_is_asked_for_by_its_path():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    loss = net(X).sum()

    assert str(why_no_grad(loss, net, "0.bias")) == str(why_no_grad(loss, net)["0.bias"])
    with pytest.raises(
        ValueError,
        match=r"why_no_grad needs the path of a parameter, got 'bias'; there are 0.weight, 0.bias$",
    ):
        why_no_grad(loss, net, "bias")


def test_only_a_tensor_or_a_module_can_be_asked_for(W):
    with pytest.raises(TypeError, match=r"why_no_grad needs a Tensor or a module as W, got list \['W'\]"):
        why_no_grad((X @ W).sum(), ["W"])


def test_asking_changes_nothing(W):
    loss = (X @ W).sum()

    why_no_grad(loss, W)

    assert (W.grad, loss.grad) == (None, None)
