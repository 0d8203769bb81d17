from __future__ import annotations

import numpy as np
import pytest

from tests.exercise.conftest import K, N, network, numbers
from tinygrad_edu import nn
from tinygrad_edu.exercise import Exercise
from tinygrad_edu.exercise.value_mistakes import value_mistakes

RNG = np.random.default_rng(0)


def softmax(z, axis=1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def fused(X, Y, W):
    z = X @ W
    return nn.functional.cross_entropy(z, Y), {"z": z}


def squared(X, Y, W):
    return ((X @ W - Y) ** 2).mean() / 2


def squared_without(X, Y, W):
    return ((X @ W - Y) ** 2).mean()


def binary(X, Y, W):
    p = (X @ W).sigmoid()
    return nn.functional.binary_cross_entropy(p, Y), {"p": p}


def in_bits(X, Y, W):
    return -(Y * (X @ W).softmax(1).log2()).sum(1).mean()


def divided(X, Y, W):
    return nn.functional.cross_entropy(X @ W, Y) / np.log(2)


DATA = {"X": RNG.normal(size=(9, 3)).round(2), "W": RNG.normal(size=(3, 5)).round(2)}
CLASSES = {**DATA, "Y": np.eye(5)[[0, 1, 2, 3, 4, 0, 1, 2, 3]]}
REAL = {**DATA, "Y": RNG.normal(size=(9, 5)).round(2)}
BITS = {**DATA, "Y": RNG.integers(0, 2, (9, 5)) * 1.0}
z, p = DATA["X"] @ DATA["W"], softmax(DATA["X"] @ DATA["W"])
CE = -np.log(p[CLASSES["Y"] > 0]).mean()
MSE = ((z - REAL["Y"]) ** 2).mean()
SIGMOID = 1 / (1 + np.exp(-z))
BCE = -(BITS["Y"] * np.log(SIGMOID) + (1 - BITS["Y"]) * np.log(1 - SIGMOID)).mean()

ACCURACY = (p.argmax(1) == CLASSES["Y"].argmax(1)).mean()
ERROR_RATE = (SIGMOID.round() != BITS["Y"]).mean()


def cross_entropy(p):
    return -np.log(p[CLASSES["Y"] > 0]).mean()


# function, data, the value asked, the answer, and the mistake in it
CASES = {
    "nats by division": (divided, CLASSES, "L", CE, "the natural logarithm in place of the logarithm to base 2"),
    "bits": (fused, CLASSES, "L", CE / np.log(2), "base 2 in place of the natural logarithm: in bits, not in nats"),
    "base 10": (fused, CLASSES, "L", CE / np.log(10), "the logarithm to base 10 in place of the natural"),
    "nats": (in_bits, CLASSES, "L", CE, "the natural logarithm in place of the logarithm to base 2"),
    "sum": (fused, CLASSES, "L", 9 * CE, "the loss is a mean over 9 examples, and the 1/N is missing"),
    "sum of squares": (squared_without, REAL, "L", 45 * MSE, "a sum in place of the mean"),
    "over N K": (fused, CLASSES, "L", CE / 5, "the mean over 5 outputs is taken"),
    "over N only": (squared_without, REAL, "L", 5 * MSE, "or is missing though it has one"),
    "minus": (fused, CLASSES, "L", -CE, "the sign is lost"),
    "with 1/2": (squared_without, REAL, "L", MSE / 2, "a factor 1/2 that is not in the formula"),
    "without 1/2": (squared, REAL, "L", MSE, "the factor 1/2 of the squares is missing"),
    "root": (squared_without, REAL, "L", np.sqrt(MSE), "the square root"),
    "axis of a fused softmax": (fused, CLASSES, "L", cross_entropy(softmax(z, 0)), "a softmax over axis 0"),
    "axis of a softmax": (network, None, "p", None, "a softmax over axis 0"),
    "everything": (fused, CLASSES, "L", cross_entropy(softmax(z, None)), "a softmax over everything"),
    "probabilities": (fused, CLASSES, "z", p, "the probabilities, not the scores"),
    "scores": (binary, BITS, "p", z, "the scores, not the probabilities"),
    "binary in bits": (binary, BITS, "L", BCE / np.log(2), "in bits, not in nats"),
    "accuracy": (fused, CLASSES, "L", ACCURACY, "share of predictions that are right"),
    "error rate": (binary, BITS, "L", ERROR_RATE, "share of predictions that are wrong"),
    "decimal point": (fused, CLASSES, "L", CE / 10, "the decimal point is at another place"),
    "perplexity": (fused, CLASSES, "L", np.exp(CE), "the perplexity, not the loss"),
    "another value": (network, None, "a1", None, "It equals z1, not a1"),
}  # fmt: skip


def handed_in(case):
    function, data, name, answer, words = CASES[case]
    data = data or numbers()
    exercise = Exercise(function, data, [name], parameters=[key for key in data if key[0] in "Wb"])
    if answer is None:
        z1 = data["X"] @ data["W1"] + data["b1"]
        z2 = 1 / (1 + np.exp(-z1)) @ data["W2"] + data["b2"]
        answer = {"p": softmax(z2, 0), "a1": z1}[name]
    return exercise, name, np.asarray(answer), words


@pytest.mark.parametrize("case", CASES)
def test_a_known_mistake_in_a_value_is_named(case):
    exercise, name, answer, words = handed_in(case)

    graded = exercise.check({name: answer.round(4)}, 3).arrays[name]

    assert graded.verdict == "partly"
    assert words in graded.reason(3)


@pytest.mark.parametrize("case", CASES)
def test_a_known_mistake_is_not_named_from_few_digits(case):
    exercise, name, answer, _ = handed_in(case)

    graded = exercise.check({name: answer.round(0)}, 3).arrays[name]

    assert not graded.explanations or graded.true.size > 1


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_wrong_numbers_by_chance_are_explained_by_nothing(case):
    exercise, name, _, _ = handed_in(case)
    true, rng = exercise.solution()[name], np.random.default_rng(1)
    answers = [(true + rng.normal(size=true.shape)).round(4) for _ in range(20)]

    assert not any(exercise.check({name: answer}).arrays[name].explanations for answer in answers)


def test_no_mistake_of_a_value_gives_one_number_twice():
    exercise = Exercise(network, numbers(), ["L"], parameters=["W1"])

    found = value_mistakes(exercise.gradients.suspects.facts, exercise.values["L"])

    assert len(found) > 15
    assert len({(m.id, round(float(m.value), 9)) for m in found}) == len(found)
    assert {N, K} & {round(float(m.value) / exercise.loss.item()) for m in found}


def test_mistakes_that_give_the_same_number_are_all_named():
    """With ten examples, a lost mean moves the decimal point."""
    X = RNG.normal(size=(10, 3)).round(2)
    exercise = Exercise(fused, {**DATA, "X": X, "Y": np.eye(5)[np.arange(10) % 5]}, ["L"], parameters=["W"])

    reason = exercise.check({"L": round(10 * exercise.loss.item(), 4)}, 3).arrays["L"].reason(3)

    assert "These explain it equally well" in reason
    assert "the 1/N is missing" in reason
    assert "the decimal point is at another place" in reason
