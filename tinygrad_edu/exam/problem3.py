"""Problem 3: one epoch of training from the printed weights, and the most likely formula of the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tinygrad_edu.autograd import grad
from tinygrad_edu.exam.network import NeuralNetwork, loss_CCE, sigmoid, softmax
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.exam.paper_functions import NATS_PER_UNIT
from tinygrad_edu.tensor.tensor import Tensor, tensor

Measures = Callable[[NeuralNetwork], dict[str, Tensor]]


class Parameters(NamedTuple):
    """Numbers for the network's parameters; or the largest distance of each from such numbers."""

    W1: np.ndarray
    W2: np.ndarray
    B: np.ndarray
    C: np.ndarray


class Start(NamedTuple):
    """Parameters known only as printed: within `radius` of `centre`."""

    centre: Parameters
    radius: Parameters


def network(parameters: Parameters) -> NeuralNetwork:
    """The network of Problem 3 with these parameters."""
    result = NeuralNetwork(3, 3, [2], [sigmoid, softmax], loss_CCE, random_initialize=False)
    result.set_parameters([parameters.W1, parameters.W2], [parameters.B, parameters.C])
    return result


def initial() -> Start:
    """The weights and biases as printed before training."""
    printed = [Problem3.INITIAL[name] for name in Parameters._fields]
    return Start(
        Parameters(*(p.values for p in printed)),
        Parameters(*(np.full(p.values.shape, p.half_unit) for p in printed)),
    )


def after_papers_step() -> Start:
    """The parameters after the paper's own step: W1 as printed, the others less their printed gradient."""
    centre, radius = initial()
    gradients = {name: Problem3.GRADIENTS[f"dL/d{name}"] for name in Parameters._fields}
    moved = [p - Problem3.LR * gradients[name].values for name, p in centre._asdict().items()]
    spread = [r + Problem3.LR * gradients[name].half_unit for name, r in radius._asdict().items()]
    moved[0], spread[0] = Problem3.W1_NEW.values, np.full(centre.W1.shape, Problem3.W1_NEW.half_unit)
    return Start(Parameters(*moved), Parameters(*spread))


def after_true_step() -> Parameters:
    """The weights and biases after one epoch of training by the engine."""
    result = network(initial().centre)
    result.train(
        Problem3.X, Problem3.Y, None, None, Problem3.EPOCHS, Problem3.BATCH_SIZE, Problem3.LR, verbose=False
    )
    return Parameters(*(np.array(p.detach()) for p in (*result.weights, *result.biases)))


def further_training(epochs: int) -> list[float]:
    """The mean loss in bits before training and after each of `epochs` epochs, by the engine."""
    result = network(initial().centre)
    X, Y = Problem3.X, Problem3.Y
    start = result.mean_loss(X, Y)
    return [start, *result.train(X, Y, None, None, epochs, Problem3.BATCH_SIZE, Problem3.LR, verbose=False)]


class LossReading(NamedTuple):
    """The loss at one point of training: averaged in both units, and summed in bits."""

    when: str
    bits: float
    nats: float
    sum_bits: float


def readings() -> list[LossReading]:
    """Before the step, after the paper's own, and after a step along the true gradient."""
    points = {
        "before the step": initial().centre,
        "after the paper's step": after_papers_step().centre,
        "after a step along the true gradient": after_true_step(),
    }
    found = []
    for when, parameters in points.items():
        mean = network(parameters).mean_loss(Problem3.X, Problem3.Y)
        found.append(LossReading(when, mean, mean * NATS_PER_UNIT["bits"], mean * len(Problem3.X)))
    return found


# What can be measured on the network, each as a Tensor with its graph.


def forward(network: NeuralNetwork) -> dict[str, Tensor]:
    """Z1, H1, Z2, Yhat, Yhat - Y and the losses (bits), named as the paper prints them."""
    Yhat = network.feed_forward(Problem3.X)
    Z1, Z2 = network.layers
    losses = network.loss_fn(tensor(Problem3.Y), Yhat)
    values = {"Z1": Z1, "H1": network.activ_fns[0](Z1), "Z2": Z2, "Yhat": Yhat, "Yhat - Y": Yhat - Problem3.Y}
    return values | {"Loss": losses.mean(), "L_avg": losses.sum()}


def gradients(network: NeuralNetwork) -> dict[str, Tensor]:
    """The mean gradient (nats) by every parameter, by the engine; and W1 after one step along it."""
    parameters = [*network.weights, *network.biases]
    loss = network.objective(Problem3.X, Problem3.Y)
    gradients = grad(loss, parameters, create_graph=True)
    found = {f"dL/d{name}": g for name, g in zip(Parameters._fields, gradients, strict=True)}
    return {**found, "W1_new": network.weights[0] - Problem3.LR * found["dL/dW1"]}


def batch_means(network: NeuralNetwork) -> dict[str, Tensor]:
    """The same products, of batch means: the most likely way to the printed numbers. These are not gradients.

        delta2 = mean(Yhat - Y)                         dL/dC = delta2,  dL/dW2 = mean(H1).T @ delta2
        delta1 = delta2 @ W2.T * h * (1 - h), h = mean(H1)   dL/dB = delta1,  dL/dW1 = mean(X).T @ delta1

    The mean of outer products is this plus the covariance of the two factors over the batch.
    """
    Yhat = network.feed_forward(Problem3.X)
    h = network.activ_fns[0](network.layers[0]).mean(0, keepdim=True)
    x = tensor(Problem3.X).mean(0, keepdim=True)
    delta2 = (Yhat - Problem3.Y).mean(0, keepdim=True)
    delta1 = delta2 @ network.weights[1].T * h * (1 - h)
    return {"dL/dW1": x.T @ delta1, "dL/dW2": h.T @ delta2, "dL/dB": delta1, "dL/dC": delta2}
