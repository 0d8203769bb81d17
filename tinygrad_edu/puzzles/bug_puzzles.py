"""Track 3: short programs with one planted bug, to be named and mended."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.nn import BatchNorm1d
from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.optim import SGD
from tinygrad_edu.puzzles.network_puzzles import sgd
from tinygrad_edu.puzzles.puzzle_row import Row
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor


def _three_steps(x: Array, y: Array, w: Array) -> Array:
    weights = Tensor(w, requires_grad=True)
    optimizer = SGD([weights], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        ((Tensor(x) @ weights - Tensor(y)) ** 2).mean().backward()
        optimizer.step()
    return np.array(weights.numpy(force=True))


def _after_training(x: Array, z: Array) -> Array:
    layer = BatchNorm1d(x.shape[1], affine=False).double()
    layer(Tensor(x))
    return np.array(layer.eval()(Tensor(z)).numpy(force=True))


def _product_gradient(x: Array, w: Array, g: Array) -> Array:
    inputs = Tensor(x.astype(float), requires_grad=True)
    (inputs * Tensor(w) * Tensor(g)).sum().backward()
    assert inputs.grad is not None
    return np.array(inputs.grad.numpy())


# fmt: off
ROWS = (
    Row("bug-step", "A step of gradient descent", "A step of gradient descent with lr = 0.1.",
        {"w": "K", "g": "K"}, "w", None, "lr = 0.1\nreturn w - lr * g",
        ("Does the loss fall?", "Look at the last line."),
        {"the gradient, not the weights after the step": "1 * g"},
        reference=lambda w, g: sgd(w, [g]), bug=("w - lr", "w + lr", "a wrong sign")),
    Row("bug-mean", "The gradient of a mean", "L = mean((x @ w − y)²). The gradient of w.",
        {"x": "N K", "w": "K", "y": "N"}, "w", lambda x, w, y: ((x @ w - y) ** 2).mean(),
        "error = x @ w - y\nreturn 2 * x.T @ error / len(x)",
        ("Try it with every example twice.", "What makes a mean of a sum?"),
        {"the gradient divided by K, not by N": "2 * x.T @ (x @ w - y) / len(w)"},
        bug=(" / len(x)", "", "a missing factor 1/N")),
    Row("bug-product", "The gradient of a weight matrix", "z = x @ W. The gradient of W, of the shape of W.",
        {"x": "N K", "W": "K M", "g": "N M"}, "W", lambda x, W: x @ W, "dW = x.T @ g\nreturn dW",
        ("Compare the shapes.", "Which factor comes first?"),
        {"the numbers in the right shape but the wrong order: reshape is no transpose":
             "(g.T @ x).reshape(W.shape)"},
        bug=("x.T @ g", "g.T @ x", "a transposed gradient")),
    Row("bug-twice", "A tensor used twice", "y = x · tanh(x). The gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: x * x.tanh(),
        "h = np.tanh(x)\ndx = g * h\ndx = dx + g * x * (1 - h**2)\nreturn dx",
        ("x is used in two places.", "What happens with the first dx?"),
        {"the gradient of the first factor only": "g * np.tanh(x)"},
        bug=("dx = dx + g", "dx = g", "a missing accumulation: one of two gradients is overwritten")),
    Row("bug-training", "Three steps of training", "Three steps with lr = 0.1 on L = mean((x @ w − y)²). The weights.",
        {"x": "N K", "y": "N", "w": "K"}, "w", None,
        "grad = np.zeros_like(w)\nfor step in range(3):\n    grad[:] = 0\n    grad += 2 * x.T @ (x @ w - y) / len(x)\n"
        "    w = w - 0.1 * grad\nreturn w",
        ("The first step is right.", "What is in grad when the second step begins?"),
        {"one step, not three": "w - 0.1 * 2 * x.T @ (x @ w - y) / len(x)"},
        reference=_three_steps, bug=("    grad[:] = 0\n", "", "a forgotten zero_grad")),
    Row("bug-softmax", "Softmax and cross-entropy", "L = mean cross-entropy of the logits z with class numbers y."
        " The gradient of z.",
        {"z": "N K", "y": "N<K"}, "z", cross_entropy,
        "p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)\np[np.arange(len(z)), y] -= 1\nreturn p / len(z)",
        ("What do the numbers of a row of p add up to?", "Look at the axis."),
        {"a softmax over the whole batch":
             "p = np.exp(z) / np.exp(z).sum()\np[np.arange(len(z)), y] -= 1\nreturn p / len(z)"},
        bug=("axis=1", "axis=0", "a softmax over the wrong axis")),
    Row("bug-share", "Shares of a sum", "share = exp(x) / sum of exp(x) in its row, y = share². The gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: x.softmax(1) ** 2,
        "e = np.exp(x)\nshare = e / e.sum(axis=1, keepdims=True)\nd = 2 * g * share\n"
        "return share * (d - (d * share).sum(axis=1, keepdims=True))",
        ("x is in the denominator, too.", "Which term comes from the denominator?"),
        {"the gradient without the 2 of the square":
             "e = np.exp(x)\nshare = e / e.sum(axis=1, keepdims=True)\nd = g * share\n"
             "return share * (d - (d * share).sum(axis=1, keepdims=True))"},
        bug=("(d - (d * share).sum(axis=1, keepdims=True))", "d", "a detached path: a result is taken as a constant")),
    Row("bug-scaled", "A scaled tanh", "y = 2 tanh(x). The gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: 2 * x.tanh(),
        "h = np.tanh(x)\ny = 2 * h\nreturn g * 2 * (1 - h**2)",
        ("What is in h when the gradient is computed?", "Which line changes an array that is still needed?"),
        {"the gradient without the factor 2": "g * (1 - np.tanh(x) ** 2)"},
        bug=("y = 2 * h", "h *= 2", "an in-place change of a value that the backward pass needs")),
    Row("bug-buffer", "A buffer for a gradient", "y = x * w, and x holds whole numbers. The gradient of x.",
        {"x": "N K<9", "w": "K", "g": "N K"}, "x", None,
        "dx = np.zeros(x.shape)\ndx[:] = g * w\nreturn dx",
        ("Print the gradient.", "What is the dtype of the buffer?"),
        {"g alone: the factor w is missing": "1 * g"},
        reference=_product_gradient,
        bug=("np.zeros(x.shape)", "np.zeros_like(x)", "a wrong dtype: whole numbers cut the decimals off")),
    Row("bug-mode", "Batch norm after training", "A batch norm was trained on one batch, x. Its result for z in eval"
        " mode, where the kept mean and variance began at 0 and 1, and moved by a tenth of the way, as in PyTorch.",
        {"x": "T K", "z": "N K"}, "z", None,
        "mean = 0.1 * x.mean(axis=0)\nvar = 0.9 + 0.1 * x.var(axis=0, ddof=1)\nreturn (z - mean) / np.sqrt(var + 1e-5)",
        ("Give it one row of z alone.", "Which numbers does eval mode subtract, and divide by?"),
        {"the kept variance with 1/N: it is kept with 1/(N − 1)":
             "return (z - 0.1 * x.mean(0)) / np.sqrt(0.9 + 0.1 * x.var(0) + 1e-5)",
         "the mean and variance of x, where the kept ones have moved by a tenth only":
             "return (z - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)"},
        reference=_after_training,
        bug=("(z - mean) / np.sqrt(var + 1e-5)", "(z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)",
             "train mode in place of eval mode")),
)
# fmt: on
