"""The answers of `diagnose` on the paper's wrong results, from the printed numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exam import problem2, problem3
from tinygrad_edu.exam.paper import Problem1, Problem2, Problem3
from tinygrad_edu.explanation.diagnosis import Diagnosis, diagnose
from tinygrad_edu.tensor.tensor import Tensor

ALL = problem3.Parameters._fields
NOT_ENOUGH = "not enough"
INTRODUCTION = (
    "What diagnose, which knows the catalogue of mistakes but not this paper, says of the printed numbers:"
)


class Answer(NamedTuple):
    """An answer of `diagnose`: the evidence it was given, its certainty, and its text."""

    given: str
    certainty: str  # "certain", "most likely" or "not enough"
    text: str


def _answer(given: str, certainty: str, found: Diagnosis) -> Answer:
    certainty = NOT_ENOUGH if found.verdict == "unknown" else certainty
    return Answer(given, certainty, " ".join(found.text().split("\n")))


def _without_places(loss: Tensor) -> Tensor:
    """`loss` without the lines of this package that computed it: the names of the paper are enough."""
    for node in newest_first(loss):
        node.call_site = None
    return loss


@cache
def of_problem2() -> tuple[Answer, ...]:
    """The printed dL/dW1, with the H of Problem 1 lying around. Certain: the paper prints the line itself."""
    solution = problem2.solve()
    printed = Problem2.GRADIENT_MEAN
    found = diagnose(
        _without_places(solution.mean), {solution.W1: printed.values}, digits=printed.decimals,
        given={"H": Problem1.H}, time_limit=None,
    )  # fmt: skip
    return (
        _answer("the printed dL/dW1, and that an H = [2, 2, 2] was left from Problem 1", "certain", found),
    )


@cache
def of_gradients() -> tuple[Answer, ...]:
    """The printed gradients of Problem 3, all together and one by one; the loss in nats.

    Most likely, not certain: every printed number fits some weights that round to the printed ones, but no such
    weights are known that give all of them at once.
    """
    network = problem3.network(problem3.initial().centre)
    loss = _without_places(network.objective(Problem3.X, Problem3.Y))
    parameters = dict(zip(ALL, (*network.weights, *network.biases), strict=True))
    together = _answer("all four printed gradients", "most likely", _diagnosed(loss, parameters, ALL))
    alone = ("W1", "W2", "B")
    return (
        together,
        *(_answer(f"dL/d{x} alone", "most likely", _diagnosed(loss, parameters, [x])) for x in alone),
    )


@cache
def of_units() -> tuple[Answer, ...]:
    """The printed gradients of Problem 3 beside the loss that is printed, which is in bits."""
    network = problem3.network(problem3.initial().centre)
    loss = _without_places(network.loss_fn(Problem3.Y, network.feed_forward(Problem3.X)).mean())
    loss.name = "L"
    parameters = dict(zip(ALL, (*network.weights, *network.biases), strict=True))
    given = "all four printed gradients, beside the loss in bits as the paper computes it"
    return (_answer(given, "most likely", _diagnosed(loss, parameters, ALL)),)


def _diagnosed(loss: Tensor, parameters: dict[str, Tensor], names: Sequence[str]) -> Diagnosis:
    """The diagnosis of printed gradients, of weights that are only known as printed."""
    printed: dict[Variable, tuple[object, int]] = {
        parameters[name]: Problem3.GRADIENTS[f"dL/d{name}"] for name in names
    }
    return diagnose(
        loss,
        {x: values for x, (values, _) in printed.items()},
        digits={x: decimals for x, (_, decimals) in printed.items()},
        rounded={x: Problem3.INITIAL[name].decimals for name, x in parameters.items()},
        time_limit=None,
    )
