"""The exam's printed arrays come back with their true causes."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.exam.paper import Problem2, Problem3


def problem_2():
    X, Y = tensor(Problem2.X, name="X"), tensor(Problem2.Y, name="Y")
    W1 = tensor(np.ones((4, 3)), requires_grad=True, name="W1")
    H1 = (X @ W1).sigmoid()
    yhat = (H1 @ tensor(np.ones((3, 1)), name="W2")).sigmoid()
    loss = (-(Y * yhat.log()) - (1 - Y) * (1 - yhat).log()).mean()
    return loss, W1, {"H1": H1, "yhat": yhat}


def problem_3():
    """The loss from the printed weights, and the parameters by name."""
    p = {
        name: tensor(np.array(Problem3.INITIAL[name].values, float), requires_grad=True, name=name)
        for name in ("W1", "W2", "B", "C")
    }
    H1 = (tensor(Problem3.X, name="X") @ p["W1"] + p["B"]).sigmoid()
    Yhat = (H1 @ p["W2"] + p["C"]).softmax(1)
    return -(tensor(Problem3.Y, name="Y") * Yhat.log()).sum(1).mean(), p, {"H1": H1, "Yhat": Yhat}


def ask(*names):
    """`diagnose` on the printed gradients of these parameters, known as printed."""
    loss, p, between = problem_3()
    printed = {name: Problem3.GRADIENTS[f"dL/d{name}"] for name in names}
    return diagnose(
        loss,
        {p[name]: np.reshape(found.values, p[name].shape) for name, found in printed.items()},
        digits={p[name]: found.decimals for name, found in printed.items()},
        rounded={name: Problem3.INITIAL[name].decimals for name in p},
        names=between,
    )


def test_problem_2_used_the_h_left_over_from_problem_1_and_lost_the_sign():
    loss, W1, between = problem_2()

    found = diagnose(
        loss, W1, Problem2.GRADIENT_MEAN.values, digits=3, given={"H": np.array([2.0, 2, 2])}, names=between
    )

    assert found.verdict == "mistake"
    assert "H for H1" in str(found)
    assert "the sign is lost" in str(found)
    assert "@ for *" in str(found)


def test_without_the_left_over_array_nothing_is_guessed():
    loss, W1, between = problem_2()

    found = diagnose(loss, W1, Problem2.GRADIENT_MEAN.values, digits=3, names=between)

    assert found.verdict == "unknown"


@pytest.mark.slow
@pytest.mark.parametrize("names", [("W1",), ("W1", "W2", "B", "C")])
def test_problem_3_averaged_the_batch_before_it_multiplied(names):
    found = ask(*names)

    assert found.verdict == "mistake"
    assert "the batch is averaged before anything is multiplied" in str(found)
    assert found.explanations[0].catalogue == 6


def test_the_gradient_of_c_is_right():
    assert ask("C").right


@pytest.mark.slow
def test_two_decimals_of_a_small_array_accuse_nobody():
    assert ask("W2").verdict == "unknown"


def test_the_loss_of_problem_3_is_in_bits():
    loss, _, _ = problem_3()

    found = diagnose(loss, forward={loss: loss.item() / np.log(2)})

    assert "1/ln 2" in str(found)
    assert found.explanations[0].catalogue == 28
