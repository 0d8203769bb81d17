"""Track 1: the rules of operations, as products of a gradient with a Jacobian, and as Jacobians."""

from __future__ import annotations

from tinygrad_edu.exercise import jacobian_puzzles
from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.puzzles.puzzle_row import Row
from tinygrad_edu.tensor.functions.public import MODULES
from tinygrad_edu.tensor.tensor import Tensor

SOFTMAX = "p = np.exp(x - x.max(-1, keepdims=True))\np = p / p.sum(-1, keepdims=True)\n"
NORM = (
    "s = np.sqrt(x.var(-1, keepdims=True) + 1e-5)\ny = (x - x.mean(-1, keepdims=True)) / s\n"
    "mean = lambda a: a.mean(-1, keepdims=True)\n"
)


def _norm(x: Tensor) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred / ((centred * centred).mean(-1, keepdim=True) + 1e-5) ** 0.5


def _conv(x: Tensor, w: Tensor) -> Tensor:
    n = x.shape[0] - 2
    return x[:n] * w[0] + x[1 : n + 1] * w[1] + x[2:] * w[2]


def _jacobian(name: str, shapes: dict[str, str], solution: str, puzzle: JacobianPuzzle) -> Row:
    """The puzzle of `exercise`, on numbers of several sizes."""
    hints = (puzzle.hints[0], puzzle.hints[1])
    first = next(iter(shapes))
    text = puzzle.text + " The numbers of a matrix are read row by row."
    return Row(
        name, puzzle.title, text, shapes, first, puzzle.function, solution, hints, puzzle.mistakes, jacobian=True
    )  # fmt: skip


# fmt: off
ROWS = (
    Row("sum", "Sum over an axis", "y = x.sum(axis=1). Find the gradient of x from the gradient g of y.",
        {"x": "N K", "g": "N"}, "x", lambda x: x.sum(1), "g[:, None] * np.ones_like(x)",
        ("By how much does y_i grow if x_ij grows by 1?", "Every number of a row gets the same gradient."),
        {"the rule of the mean: the factor 1/K belongs to a mean": "g[:, None] * np.ones_like(x) / x.shape[1]",
         "g times x: the derivative of a sum is 1": "g[:, None] * x"}),
    Row("mean", "Mean over the batch", "y = x.mean(axis=0). Find the gradient of x from the gradient g of y.",
        {"x": "N K", "g": "K"}, "x", lambda x: x.mean(0), "np.ones_like(x) * g / len(x)",
        ("A mean is a sum times a constant.", "The constant is one over how many numbers a mean is taken of."),
        {"the rule of the sum: the factor 1/N is missing": "np.ones_like(x) * g",
         "divided by the count of all numbers, N·K, not by N": "np.ones_like(x) * g / x.size"}),
    Row("broadcast", "A vector added to each row", "y = x + b, where b has one row. Find the gradient of b.",
        {"x": "N K", "b": "K", "g": "N K"}, "b", lambda x, b: x + b, "g.sum(axis=0)",
        ("b is used once for each example.", "A tensor that is used several times gets the sum of its gradients."),
        {"a mean over the examples, not the sum": "g.mean(axis=0)",
         "the gradient of the first example only": "g[0]"}),
    Row("scale", "Each row times a vector", "y = x * s, where s has one row. Find the gradient of s.",
        {"x": "N K", "s": "K", "g": "N K"}, "s", lambda x, s: x * s, "(g * x).sum(axis=0)",
        ("What is the derivative of x_ij s_j by s_j?", "Multiply first, then add up over the examples."),
        {"the sum of g: the factor x is missing": "g.sum(axis=0)",
         "the product of sums, not the sum of products": "g.sum(axis=0) * x.sum(axis=0)"}),
    Row("matmul-left", "Matrix product, the left factor", "C = A @ B. Find the gradient of A.",
        {"A": "N K", "B": "K M", "g": "N M"}, "A", lambda A, B: A @ B, "g @ B.T",
        ("The shapes leave only one product of g and B.", "g is N×M, A is N×K: what of B is M×K?"),
        {"divided by N: no mean was taken": "g @ B.T / len(A)",
         "the transposed gradient": "B @ g.T"}),
    Row("matmul-right", "Matrix product, the right factor", "C = A @ B. Find the gradient of B.",
        {"A": "N K", "B": "K M", "g": "N M"}, "B", lambda A, B: A @ B, "A.T @ g",
        ("The shapes leave only one product of A and g.", "The sum over the examples is inside the matrix product."),
        {"the product of batch means: a product of means is no mean of products": "np.outer(A.mean(0), g.mean(0))",
         "divided by N: no mean was taken": "A.T @ g / len(A)"}),
    Row("transpose", "Transpose", "y = x.T. Find the gradient of x.",
        {"x": "N K", "g": "K N"}, "x", lambda x: x.T, "g.T",
        ("y_ji is x_ij: where does its gradient belong?", "Undo what the forward pass did."),
        {"reshape in place of a transpose: the numbers stand in another order": "g.reshape(x.shape)",
         "g times x: the derivative of a moved number is 1": "g.T * x"}),
    Row("softmax", "Softmax of each row", "p = softmax(x) of each row. Find the gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: x.softmax(-1),
        SOFTMAX + "return p * (g - (g * p).sum(-1, keepdims=True))",
        ("The Jacobian of a row is diag(p) − p pᵀ.", "Multiply g with it, without making the matrix."),
        {"the diagonal only: p_i depends on the other x_j, too": SOFTMAX + "return g * p * (1 - p)",
         "g times p: the sum over the row is not subtracted": SOFTMAX + "return g * p",
         "the sum over the whole batch, not over the row": SOFTMAX + "return p * (g - (g * p).sum())"}),
    Row("log-softmax", "Log-softmax of each row", "y = log(softmax(x)) of each row. Find the gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: x.log_softmax(-1),
        SOFTMAX + "return g - p * g.sum(-1, keepdims=True)",
        ("y_i = x_i − log Σ exp(x_j).", "The derivative of the second term by x_j is p_j."),
        {"g − p: the sum of g over the row is missing": SOFTMAX + "return g - p",
         "the rule of softmax, not of its logarithm":
             SOFTMAX + "return p * (g - (g * p).sum(-1, keepdims=True))"}),
    Row("max", "Maximum of each row", "y = x.max(axis=1). Find the gradient of x (no two numbers are equal).",
        {"x": "N K", "g": "N"}, "x", lambda x: x.amax(1), "g[:, None] * (x == x.max(1, keepdims=True))",
        ("If a number that is not the largest grows a little, y stays.", "Make a mask of the largest numbers."),
        {"the rule of the sum: only the largest number gets the gradient": "g[:, None] * np.ones_like(x)",
         "times x: the derivative of the largest number is 1":
             "g[:, None] * x * (x == x.max(1, keepdims=True))"}),
    Row("gather", "Rows by number", "y = E[i], where a row may be taken several times. Find the gradient of E.",
        {"i": "T<K", "E": "K M", "g": "T M"}, "E", lambda i, E: E[i],
        "d = np.zeros_like(E)\nnp.add.at(d, i, g)\nreturn d",
        ("A row that is taken twice is used twice.", "`d[i] += g` adds only once for each row; NumPy has `np.add.at`."),
        {"overwritten: a row taken twice receives both gradients": "d = np.zeros_like(E)\nd[i] += g\nreturn d",
         "a gradient for every row, taken or not": "np.ones_like(E) * g.sum(0)"}),
    Row("concatenate", "Two matrices side by side", "y = concatenate([a, b], axis=1). Find the gradient of b.",
        {"a": "N K", "b": "N M", "g": "N K+M"}, "b", lambda a, b: MODULES[""]["cat"]([a, b], 1), "g[:, a.shape[1]:]",
        ("Which columns of y are those of b?", "Cut g where the matrices meet."),
        {"the first columns, which belong to a": "g[:, :b.shape[1]]",
         "times b: the derivative of a copied number is 1": "g[:, a.shape[1]:] * b"}),
    Row("cumsum", "Running sums", "y_j = x_1 + ... + x_j in each row. Find the gradient of x.",
        {"x": "N K", "g": "N K"}, "x", lambda x: x.cumsum(1), "np.flip(np.cumsum(np.flip(g, 1), 1), 1)",
        ("In which y is x_1? In which is the last x?", "The gradient is a running sum, too, from the other end."),
        {"a running sum from the wrong end": "np.cumsum(g, 1)",
         "g alone: x_j is in all later sums, too": "1 * g"}),
    Row("layer-norm", "Layer norm of each row",
        "y = (x − m) / s of each row, with its mean m and s = √(v + 0.00001), where v has 1/K. Find the gradient of x.",
        {"x": "N T", "g": "N T"}, "x", _norm, NORM + "return (g - mean(g) - y * mean(g * y)) / s",
        ("x_j is in y_i up to three times: itself, in m and in s.", "Subtract two means from g, one of them times y."),
        {"the gradient with m taken as a constant": NORM + "return (g - y * mean(g * y)) / s",
         "the gradient with s taken as a constant": NORM + "return (g - mean(g)) / s",
         "the gradient times s: the division is missing": NORM + "return g - mean(g) - y * mean(g * y)"}),
    Row("conv1d", "Convolution as a window", "y_t = x_t w_0 + x_{t+1} w_1 + x_{t+2} w_2. Find the gradient of x.",
        {"x": "T", "w": "3", "g": "T-2"}, "x", _conv, "np.convolve(g, w)",
        ("x_t is in y_t, y_{t−1} and y_{t−2}.", "The gradient is a convolution of g and w with all overlaps."),
        {"the kernel the wrong way round": "np.convolve(g, w[::-1])",
         "the middle of the window only": "np.pad(g, 1) * w[1]"}),
    _jacobian("softmax-jacobian", {"z": "K"}, "p = np.exp(z) / np.exp(z).sum()\nreturn np.diag(p) - np.outer(p, p)",
              jacobian_puzzles.SOFTMAX),
    _jacobian("layer-norm-jacobian", {"x": "T"},
              "s = np.sqrt(x.var() + 1e-5)\ny = (x - x.mean()) / s\nn = len(x)\n"
              "return (np.eye(n) - 1 / n - np.outer(y, y) / n) / s", jacobian_puzzles.LAYER_NORM),
    _jacobian("matmul-jacobian", {"A": "N K", "B": "K M"}, "np.kron(np.eye(len(A)), B.T)", jacobian_puzzles.MATMUL),
)
# fmt: on
