"""Several arrays judged together, and what is held back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import cross_entropy

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 1, 0]]


def network():
    """The loss of two layers, with a penalty on the weights, and these."""
    w1, w2 = (
        tensor(rng.normal(size=shape), requires_grad=True, name=name)
        for name, shape in (("W1", (4, 6)), ("W2", (6, 3)))
    )
    loss = cross_entropy((tensor(X) @ w1).tanh() @ w2, tensor(Y)) + 0.1 * ((w1**2).sum() + (w2**2).sum())
    loss.backward()
    return loss, w1, w2


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def test_more_right_arrays_never_make_it_worse():
    loss, w1, w2 = network()
    h = np.tanh(X @ w1.raw)
    delta = (softmax(softmax(h @ w2.raw)) - Y) / 5 @ w2.raw.T * (1 - h * h)
    wrong = np.round(X.T @ delta + 0.2 * w1.raw, 4)

    alone = diagnose(loss, w1, wrong)
    beside = diagnose(loss, {w1: wrong, w2: np.round(w2.grad.numpy(), 4)})

    assert [e.mistake for e in alone.explanations] == ["softmax-twice"]
    assert [e.mistake for e in beside.explanations] == ["softmax-twice"]
    assert beside.explanations[0].sentence.endswith(", in dW1 only")


def test_two_mistakes_in_two_arrays_are_told_array_by_array():
    loss, w1, w2 = network()

    found = diagnose(loss, {w1: np.round(-w1.grad.numpy(), 4), w2: np.round(2 * w2.grad.numpy(), 4)})

    lines = str(found).splitlines()
    assert found.verdict == "tie"
    assert lines[2] == "W2: These explain it equally well:"
    assert [line[:18] for line in lines if line.startswith("W1: It")] == ["W1: It equals -1 t"]


@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
def test_a_second_mistake_further_back_is_named_beside_the_first(columns):
    turn = np.transpose if columns else np.asarray
    a, b = rng.normal(size=(4, 6)), rng.normal(size=(6, 3))
    w1, w2 = (tensor(turn(w), requires_grad=True, name=n) for n, w in (("W1", a), ("W2", b)))
    x, y = tensor(turn(X), name="X"), tensor(turn(Y), name="Y")
    h = (w1 @ x if columns else x @ w1).sigmoid()
    p = (w2 @ h if columns else h @ w2).sigmoid()
    loss = ((p - y) ** 2).mean()
    hidden, out = np.asarray(turn(h.raw)), np.asarray(turn(p.raw))
    delta = 2 * (out - Y) / Y.size  # the sigmoid derivative is forgotten
    back = (
        delta @ (b - 0.5 * hidden.T @ delta).T * hidden * (1 - hidden)
    )  # and the weights are updated too early
    answers = {w2: np.round(turn(hidden.T @ delta), 7), w1: np.round(turn(X.T @ back), 7)}

    found = diagnose(loss, answers, names={"h": h, "p": p})

    assert [e.mistake for e in found.explanations] == ["sigmoid-derivative-forgotten", "updated-weights"]
    assert "W1: Given that, it equals the true gradient with W2 already updated (lr = 0.5)" in str(found)


def test_numbers_that_a_mistake_gives_as_they_are_written_were_not_rounded():
    w = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    loss = ((tensor(X) @ w - tensor(Y)) ** 2).sum() + 0.3 * w.abs().sum()

    found = diagnose(loss, w, 0.3 * np.sign(w.raw))

    assert found.verdict == "mistake"
    assert found.explanations[0].sentence.startswith(
        "It equals the penalty alone, without the rest of the loss"
    )


def test_what_fits_on_few_digits_is_listed_but_accuses_nobody():
    loss, w1, _ = network()
    small = 1.2 * 0.5 / np.abs(w1.grad.numpy()).max()

    found = diagnose(small * loss, w1, np.round(-small * w1.grad.numpy(), 0), digits=0)

    assert (found.verdict, found.explanations, found.guilty) == ("unknown", [], [])
    assert "Too little is given to name a mistake" in found.reason
    assert "What would fit, perhaps by chance:\n(a) It equals" in str(found)
    assert "What would fit" not in found.text(2)
    assert len(json.loads(found.to_json())["possible"]) == len(found.possible) > 0
    assert "possible" not in found.to_dict(2)


def test_two_numbers_beside_right_ones_are_enough_if_little_else_could_have_gone_wrong():
    x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    w = tensor(rng.normal(size=(4, 2)), requires_grad=True, name="W")
    b = tensor(rng.normal(size=2), requires_grad=True, name="b")
    loss = ((tensor(x) @ w + b - tensor(y)) ** 2).mean()
    loss.backward()
    right, averaged = np.round(w.grad.numpy(), 4), np.round(b.grad.numpy() / 5, 4)

    alone, beside = diagnose(loss, b, averaged), diagnose(loss, {w: right, b: averaged})

    assert alone.verdict == "unknown"
    assert [e.mistake for e in beside.explanations] == ["bias-averaged"]


def test_why_arrays_are_not_explained_is_said_array_by_array():
    loss, w1, w2 = network()

    found = diagnose(loss, {w1: rng.normal(size=(4, 6)), w2: np.zeros((6, 3))})

    assert "W2: All of it is zero, and the gradient is not." in str(found)
    assert "W1: No known mistake explains this." in str(found)


def test_zeros_are_told_from_wrong_numbers():
    loss, w1, _ = network()

    assert diagnose(loss, w1, np.zeros((4, 6))).reason == "All of it is zero, and the gradient is not."


@pytest.mark.parametrize(
    ("decimals", "word"), [(4, "right"), (3, "undecided"), (2, "undecided"), (1, "wrong")]
)
def test_zeros_may_be_small_numbers_that_were_rounded(decimals, word):
    loss, w1, w2 = network()
    loss.backward(retain_graph=True)
    largest = max(np.abs(w.grad.numpy()).max() for w in (w1, w2))
    small = loss * (0.4 * 10.0**-decimals / largest)

    found = diagnose(small, {w1: np.zeros((4, 6)), w2: np.zeros((6, 3))})

    assert [array.verdict for array in found.arrays.values()] == [word, word]
    assert found.text(0) == word
    assert ("right if it was rounded to so few, wrong if nothing was computed" in str(found)) == (
        word == "undecided"
    )


@pytest.mark.parametrize("zeros", [[["0.00000000"] * 6] * 4, np.zeros((4, 6))])
def test_zeros_with_their_decimals_said_are_wrong(zeros):
    loss, w1, _ = network()
    digits = {} if isinstance(zeros, list) else {"digits": 8}

    assert diagnose(loss * 0.001, w1, zeros, **digits).arrays["W1"].verdict == "wrong"


# Inner gradients.


def inner():
    """Two layers and their loss: the tensors by name, and the true gradients."""
    w1, w2 = (tensor(rng.normal(size=shape), requires_grad=True) for shape in ((4, 6), (6, 3)))
    h = (tensor(X) @ w1).tanh()
    z = h @ w2
    loss = cross_entropy(z, tensor(Y))
    loss.backward()
    t = {"L": loss, "z": z, "h": h, "W1": w1, "W2": w2}
    return t, {name: x.grad.numpy() for name, x in t.items()}


def verdicts(t, **answers):
    """The word for each array that was handed in, rounded to 4 decimals."""
    rounded = {name: np.round(array, 4) for name, array in answers.items()}
    found = diagnose(t["L"], {t[name]: array for name, array in rounded.items()}, names=t)
    return found, {name: array.verdict for name, array in found.arrays.items()}


def test_a_constant_that_a_later_line_takes_back_is_right_with_a_note():
    t, true = inner()

    found, words = verdicts(t, z=5 * true["z"], W2=true["W2"])

    assert (found.right, words) == (True, {"z": "right", "W2": "right"})
    assert str(found) == "z: right (up to a constant that a later line takes back).\nW2: right."


def test_a_constant_that_no_later_line_takes_back_is_a_mistake():
    t, true = inner()

    alone, _ = verdicts(t, z=5 * true["z"])
    followed, words = verdicts(t, z=5 * true["z"], W2=5 * true["W2"])

    assert [e.mistake for e in alone.explanations] == ["mean-missing"]
    assert [e.mistake for e in followed.explanations] == ["mean-missing"]
    assert words == {"z": "wrong", "W2": "consistent-with-earlier"}


def test_a_constant_excuses_no_other_inner_gradient_that_is_wrong():
    t, true = inner()

    _, words = verdicts(t, z=5 * true["z"], h=true["h"] ** 2, W2=true["W2"])

    assert words == {"z": "wrong", "h": "wrong", "W2": "right"}


@pytest.mark.parametrize(("first", "later"), [(6, 2), (4, 4), (1, 6)])
def test_what_was_computed_from_a_wrong_array_follows_from_it_within_the_rounding_of_both(first, later):
    t, _ = inner()
    own = rng.normal(size=(5, 3))
    answers = {t["z"]: np.round(own, first), t["W2"]: np.round(t["h"].raw.T @ own, later)}

    found = diagnose(t["L"], answers, names=t)

    assert {name: array.verdict for name, array in found.arrays.items()} == {
        "z": "wrong",
        "W2": "consistent-with-earlier",
    }
    assert "W2: follows from the mistake before it." in str(found)


def test_what_was_not_computed_from_a_wrong_array_does_not_follow_from_it():
    t, _ = inner()
    own = rng.normal(size=(5, 3))

    _, words = verdicts(t, z=own, W2=1.3 * t["h"].raw.T @ own)

    assert words == {"z": "wrong", "W2": "wrong"}


def test_zeros_in_place_of_small_numbers_may_be_rounded():
    v = tensor(rng.normal(size=3), requires_grad=True, name="v")
    loss = (v * tensor([0.0045, 0.0612, -0.2134])).sum()

    found = diagnose(loss, v, [0.0, 0.0612, -0.2134])

    assert found.verdict == "unknown"
    assert "Every wrong number is a zero, though: if that was rounded, hand in more decimals." in found.reason


def test_zeros_agree_with_a_gradient_that_rounds_to_them_and_so_would_an_empty_answer():
    loss, w1, w2 = network()
    tiny = loss * 1e-6

    found = diagnose(tiny, {w1: np.zeros(w1.shape), w2: np.zeros(w2.shape)})

    assert found.right
    assert "so do zeros that were never computed" in str(found)


def test_zeros_are_no_rounded_numbers_beside_an_array_with_all_its_digits():
    loss, w1, w2 = network()
    (loss * 1e-6).backward()

    found = diagnose(loss * 1e-6, {w1: np.zeros(w1.shape), w2: w2.grad.raw})

    assert not found.right


def test_an_array_that_rounds_to_zeros_beside_one_that_does_not_has_a_note():
    v, w = (tensor([1.0, 2.0, 3.0], requires_grad=True, name=name) for name in "vw")
    loss = (v * 1e-7 + w * tensor([0.25, 0.5, -1.5])).sum()

    found = diagnose(loss, {v: [0.0, 0.0, 0.0], w: [0.25, 0.5, -1.5]}, digits=2)

    assert found.right
    assert found.arrays["v"].note == "at these digits all zeros, as is an array that was never computed"
