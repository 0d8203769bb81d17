from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exercise import load
from tinygrad_edu.exercise.batch_norm_by_hand import INTERMEDIATES

EXERCISE = load("makemore-4")


def by_hand():
    """Every gradient in plain NumPy, one after the other."""
    v = {name: x.raw for name, x in EXERCISE._named.tensors.items()}
    X, Y = EXERCISE.data["X"], EXERCISE.data["Y"]
    n, letters = len(X), EXERCISE.data["C"].shape[0]
    g = {"dlogprobs": -np.eye(letters)[Y] / n}
    g["dprobs"] = g["dlogprobs"] / v["probs"]
    g["dcounts_sum_inv"] = (g["dprobs"] * v["counts"]).sum(1, keepdims=True)
    g["dcounts_sum"] = -g["dcounts_sum_inv"] * v["counts_sum"] ** -2
    g["dcounts"] = g["dprobs"] * v["counts_sum_inv"] + g["dcounts_sum"]
    g["dnorm_logits"] = g["dcounts"] * v["counts"]
    g["dlogit_maxes"] = -g["dnorm_logits"].sum(1, keepdims=True)
    g["dlogits"] = g["dnorm_logits"] + g["dlogit_maxes"] * np.eye(letters)[v["logits"].argmax(1)]
    g["dh"], g["W2"], g["b2"] = g["dlogits"] @ v["W2"].T, v["h"].T @ g["dlogits"], g["dlogits"].sum(0)
    g["dhpreact"] = g["dh"] * (1 - v["h"] ** 2)
    g["bngain"] = (g["dhpreact"] * v["bnraw"]).sum(0, keepdims=True)
    g["bnbias"] = g["dhpreact"].sum(0, keepdims=True)
    g["dbnraw"] = g["dhpreact"] * v["bngain"]
    g["dbnvar_inv"] = (g["dbnraw"] * v["bndiff"]).sum(0, keepdims=True)
    g["dbnvar"] = -0.5 * g["dbnvar_inv"] * (v["bnvar"] + 1e-5) ** -1.5
    g["dbndiff2"] = np.ones((n, 1)) * g["dbnvar"] / (n - 1)
    g["dbndiff"] = g["dbnraw"] * v["bnvar_inv"] + 2 * v["bndiff"] * g["dbndiff2"]
    g["dbnmeani"] = -g["dbndiff"].sum(0, keepdims=True)
    g["dhprebn"] = g["dbndiff"] + g["dbnmeani"] / n
    g["dembcat"], g["W1"] = g["dhprebn"] @ v["W1"].T, v["embcat"].T @ g["dhprebn"]
    g["b1"], g["demb"] = g["dhprebn"].sum(0), g["dembcat"].reshape(v["emb"].shape)
    g["C"] = np.zeros_like(v["C"])
    np.add.at(g["C"], X, g["demb"])
    return g


def test_all_26_gradients_by_hand_are_right():
    answers = by_hand()

    result = EXERCISE.check(answers)

    assert list(answers) == list(INTERMEDIATES)
    assert (result.points, result.possible, result.right) == (26, 26, True)


def test_gradients_may_be_handed_in_one_after_the_other():
    answers = by_hand()

    result = EXERCISE.check({name: answers[name] for name in ("dlogprobs", "dprobs", "b1")})

    assert result.points == 3


def test_no_weight_is_zero_and_every_letter_is_used():
    data = EXERCISE.data

    assert all(np.abs(data[name]).min() > 0 for name in data if name not in ("X", "Y"))
    assert set(data["X"].ravel()) == set(data["Y"]) == set(range(5))


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("dcounts", lambda g, v: g["dprobs"] * v["counts_sum_inv"], "counts reaches the loss by 2 paths"),
        ("dhpreact", lambda g, _: g["dh"], "the tanh derivative left out"),
        ("bngain", lambda g, v: g["dhpreact"] * v["bnraw"], "not summed over the batch"),
        ("dlogprobs", lambda g, _: 9 * g["dlogprobs"], "the 1/N is missing"),
    ],
)
def test_a_mistake_on_the_way_is_named(name, wrong, words):
    v = {key: x.raw for key, x in EXERCISE._named.tensors.items()}

    graded = EXERCISE.check({name: wrong(by_hand(), v)}, 3).arrays[name]

    assert words in graded.reason(3)
