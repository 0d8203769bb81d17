"""Track 2: backpropagation through networks and training steps."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.optim import SGD
from tinygrad_edu.puzzles.puzzle_row import Row
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

NEURON = "h = np.tanh(x @ w)\n"
NORM = "s = np.sqrt(x.var(0) + 1e-5)\ny = (x - x.mean(0)) / s\n"
ATTENTION = (
    "s = q @ k.T / np.sqrt(q.shape[1])\np = np.exp(s - s.max(1, keepdims=True))\np = p / p.sum(1, keepdims=True)\n"
    "dp = g @ v.T\n"
)
SHARED = "a = np.tanh(x @ W)\nb = np.tanh(a @ W)\ndb = g * (1 - b**2)\nda = db @ W.T * (1 - a**2)\n"
TIME = "h = [np.zeros_like(x[0])]\nfor t in range(len(x)):\n    h.append(np.tanh(x[t] + h[-1] @ U))\n"
SOFTMAX = "p = np.exp(z - z.max(1, keepdims=True))\np = p / p.sum(1, keepdims=True)\none_hot = np.eye(z.shape[1])[y]\n"


def _batch_norm(x: Tensor) -> Tensor:
    centred = x - x.mean(0)
    return centred / ((centred * centred).mean(0) + 1e-5) ** 0.5


def _through_time(x: Tensor, U: Tensor) -> Tensor:
    h = x[0] * 0.0
    for t in range(x.shape[0]):
        h = (x[t] + h @ U).tanh()
    return h


def sgd(w: Array, gradients: list[Array], momentum: float = 0.0) -> Array:
    """The weights after a step of SGD with lr = 0.1 for each gradient."""
    weights = Tensor(w, requires_grad=True)
    optimizer = SGD([weights], lr=0.1, momentum=momentum)
    for gradient in gradients:
        weights.grad = Tensor(gradient)
        optimizer.step()
    return np.array(weights.numpy(force=True))


# fmt: off
ROWS = (
    Row("neuron", "One neuron", "h = tanh(x @ w), L = mean((h − y)²) over the examples. Find the gradient of w.",
        {"x": "N K", "w": "K", "y": "N"}, "w", lambda x, w, y: (((x @ w).tanh() - y) ** 2).mean(),
        NEURON + "return x.T @ (2 * (h - y) * (1 - h**2)) / len(x)",
        ("Go back from L: the square, tanh, the product.", "The derivative of tanh is 1 − h²."),
        {"the gradient without 1 − h², the derivative of tanh": NEURON + "return x.T @ (2 * (h - y)) / len(x)",
         "half of the gradient: the 2 of the square is missing":
             NEURON + "return x.T @ ((h - y) * (1 - h**2)) / len(x)",
         "the gradient of a sum: 1/N is missing": NEURON + "return x.T @ (2 * (h - y) * (1 - h**2))"}),
    Row("bias", "A linear layer with bias", "z = x @ W + b, L = mean((z − y)²) of all numbers. Find the gradient of b.",
        {"x": "N K", "W": "K M", "b": "M", "y": "N M"}, "b", lambda x, W, b, y: ((x @ W + b - y) ** 2).mean(),
        "(2 * (x @ W + b - y) / y.size).sum(axis=0)",
        ("The mean is over N·M numbers.", "b is used by every example: add up over them."),
        {"divided by N, not by the count of all numbers": "(2 * (x @ W + b - y) / len(y)).sum(axis=0)",
         "a mean over the examples, where the sum is right": "(2 * (x @ W + b - y) / y.size).mean(axis=0)"}),
    Row("two-layers", "Two layers with ReLU", "h = relu(x @ W1), L = sum((h @ W2 − y)²) / N. Find the gradient of W1.",
        {"x": "N K", "W1": "K T", "W2": "T M", "y": "N M"}, "W1",
        lambda x, W1, W2, y: (((x @ W1).relu() @ W2 - y) ** 2).sum() / x.shape[0],
        "z = x @ W1\nd = 2 * (np.maximum(z, 0) @ W2 - y) / len(x)\nreturn x.T @ (d @ W2.T * (z > 0))",
        ("First the gradient of h, then that of x @ W1.", "ReLU lets a gradient through where its input is positive."),
        {"the gradient without the derivative of ReLU":
             "z = x @ W1\nd = 2 * (np.maximum(z, 0) @ W2 - y) / len(x)\nreturn x.T @ (d @ W2.T)",
         "the gradient of a sum: 1/N is missing":
             "z = x @ W1\nd = 2 * (np.maximum(z, 0) @ W2 - y)\nreturn x.T @ (d @ W2.T * (z > 0))"}),
    Row("shared-weight", "One weight used twice", "a = tanh(x @ W), b = tanh(a @ W). Find the gradient of W.",
        {"x": "N K", "W": "K K", "g": "N K"}, "W", lambda x, W: ((x @ W).tanh() @ W).tanh(),
        SHARED + "return a.T @ db + x.T @ da",
        ("Find the gradient as if there were two weights.", "The gradient of W is the sum of both."),
        {"the gradient of the last use only": SHARED + "return a.T @ db",
         "the gradient of the first use only": SHARED + "return x.T @ da"}),
    Row("residual", "A residual connection", "y = x + tanh(x @ W). Find the gradient of x.",
        {"x": "N K", "W": "K K", "g": "N K"}, "x", lambda x, W: x + (x @ W).tanh(),
        "h = np.tanh(x @ W)\nreturn g + (g * (1 - h**2)) @ W.T",
        ("x reaches y in two ways.", "One of them has the derivative 1."),
        {"the gradient without the skip connection": "h = np.tanh(x @ W)\nreturn (g * (1 - h**2)) @ W.T",
         "the gradient without 1 − h², the derivative of tanh": "g + g @ W.T"}),
    Row("batch-norm", "Batch norm", "y = (x − m) / s of each column, with s = √(v + 0.00001), where v has 1/N."
        " Find the gradient of x.",
        {"x": "T K", "g": "T K"}, "x", _batch_norm, NORM + "return (g - g.mean(0) - y * (g * y).mean(0)) / s",
        ("Every example is in the mean and in the variance.", "Subtract two means over the batch from g."),
        {"the gradient with mean and variance taken as constants": NORM + "return g / s",
         "the gradient with s taken as a constant": NORM + "return (g - g.mean(0)) / s",
         "sums in place of the means over the batch": NORM + "return (g - g.sum(0) - y * (g * y).sum(0)) / s"}),
    Row("attention", "An attention head", "p = softmax(q @ k.T / √d) of each row, y = p @ v, where d is the number of"
        " columns of q. Find the gradient of q.",
        {"q": "T K", "k": "N K", "v": "N M", "g": "T M"}, "q",
        lambda q, k, v: (q @ k.T / q.shape[1] ** 0.5).softmax(-1) @ v,
        ATTENTION + "ds = p * (dp - (dp * p).sum(1, keepdims=True))\nreturn ds @ k / np.sqrt(q.shape[1])",
        ("Three steps: the product with v, softmax, the scores.", "The scores are divided by √d: their gradient, too."),
        {"the gradient without 1/√d":
             ATTENTION + "return (p * (dp - (dp * p).sum(1, keepdims=True))) @ k",
         "the gradient with the diagonal of softmax only":
             ATTENTION + "return (dp * p * (1 - p)) @ k / np.sqrt(q.shape[1])"}),
    Row("rnn-step", "A step of a recurrent network", "n = tanh(x @ W + h @ U). Find the gradient of U.",
        {"x": "N K", "W": "K M", "h": "N M", "U": "M M", "g": "N M"}, "U",
        lambda x, W, h, U: (x @ W + h @ U).tanh(),
        "n = np.tanh(x @ W + h @ U)\nreturn h.T @ (g * (1 - n**2))",
        ("First through tanh, then through the product.", "What is U multiplied with?"),
        {"the gradient without 1 − n², the derivative of tanh": "h.T @ g",
         "the gradient with the derivative of tanh at the old state h": "h.T @ (g * (1 - h**2))"}),
    Row("through-time", "Backpropagation through time", "h = 0; for each t: h = tanh(x[t] + h @ U). The gradient of the"
        " last h is g. Find the gradient of U.",
        {"x": "T N M", "U": "M M", "g": "N M"}, "U", _through_time,
        TIME + "dU, dh = np.zeros_like(U), g\nfor t in reversed(range(len(x))):\n    dz = dh * (1 - h[t + 1]**2)\n"
        "    dU += h[t].T @ dz\n    dh = dz @ U.T\nreturn dU",
        ("Keep all states of the way forward.", "Walk back through the steps; dU is a sum over all of them."),
        {"the gradient of the last step only": TIME + "return h[-2].T @ (g * (1 - h[-1]**2))",
         "the gradient without the derivative of tanh":
             TIME + "dU, dh = np.zeros_like(U), g\nfor t in reversed(range(len(x))):\n    dU += h[t].T @ dh\n"
             "    dh = dh @ U.T\nreturn dU"}),
    Row("embedding", "A mean of embeddings", "y = E[i].mean(axis=0). Find the gradient of E.",
        {"i": "T<K", "E": "K M", "g": "M"}, "E", lambda i, E: E[i].mean(0),
        "d = np.zeros_like(E)\nnp.add.at(d, i, g / len(i))\nreturn d",
        ("A mean of T rows, each by its number.", "A row that is taken twice gets two shares."),
        {"the gradient of a sum: 1/T is missing": "d = np.zeros_like(E)\nnp.add.at(d, i, g)\nreturn d",
         "overwritten: a row taken twice gets two shares": "d = np.zeros_like(E)\nd[i] += g / len(i)\nreturn d"}),
    Row("cross-entropy", "Cross-entropy from logits", "L = mean over the examples of −log softmax(z)[y], where y are"
        " class numbers. Find the gradient of z.",
        {"z": "N K", "y": "N<K"}, "z", cross_entropy, SOFTMAX + "return (p - one_hot) / len(z)",
        ("−log p_y = −z_y + log Σ exp(z_j).", "Probabilities minus targets, and the mean."),
        {"the gradient of a sum: 1/N is missing": SOFTMAX + "return p - one_hot",
         "the gradient without the targets": SOFTMAX + "return p / len(z)"}),
    Row("weight-decay", "A penalty on weights", "L = mean((x @ w − y)²) + 0.1 · sum(w²). Find the gradient of w.",
        {"x": "N K", "w": "K", "y": "N"}, "w", lambda x, w, y: ((x @ w - y) ** 2).mean() + 0.1 * (w**2).sum(),
        "2 * x.T @ (x @ w - y) / len(x) + 0.2 * w",
        ("w reaches L in two ways.", "The derivative of 0.1 w² is not 0.1 w."),
        {"the gradient with 0.1 w: the 2 of the square is missing": "2 * x.T @ (x @ w - y) / len(x) + 0.1 * w",
         "the gradient without the penalty": "2 * x.T @ (x @ w - y) / len(x)"}),
    Row("momentum", "Two steps with momentum", "SGD with lr = 0.1 and momentum 0.9, as in PyTorch: v = 0.9 v + g, then"
        " w = w − lr v; v starts at 0. Find w after the gradients g1 and g2.",
        {"w": "K", "g1": "K", "g2": "K"}, "w", None, "w - 0.1 * g1 - 0.1 * (0.9 * g1 + g2)",
        ("What is v after the first step?", "The second step has a part of the first gradient, too."),
        {"two steps without momentum": "w - 0.1 * g1 - 0.1 * g2",
         "momentum as an average, with (1 − 0.9) g": "w - 0.1 * 0.1 * g1 - 0.1 * (0.9 * 0.1 * g1 + 0.1 * g2)"},
        reference=lambda w, g1, g2: sgd(w, [g1, g2], momentum=0.9)),
)
# fmt: on
