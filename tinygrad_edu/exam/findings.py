"""The three places where the paper is wrong: the printed numbers, the true ones, and the computed reason."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinygrad_edu.exam import diagnoses, problem2, problem3
from tinygrad_edu.exam.compare import agree
from tinygrad_edu.exam.paper import Printed, Problem2, Problem3
from tinygrad_edu.exam.paper_rounding import Interval, attained
from tinygrad_edu.text.numbers import number


class NamedArray(NamedTuple):
    """An array with a name and a number of decimals, to be shown."""

    name: str
    values: np.ndarray
    decimals: int


class Evidence(NamedTuple):
    """One step of an argument: its certainty, its text, and the numbers under it."""

    certainty: str  # "certain" or "most likely"
    text: str
    arrays: tuple[NamedArray, ...] = ()


class Finding(NamedTuple):
    """One error of the paper: its evidence, the lesson, and the answers of `diagnose` on the printed numbers alone."""

    problem: int
    title: str
    sentence: str
    evidence: tuple[Evidence, ...]
    lesson: str
    answers: tuple[diagnoses.Answer, ...] = ()


def findings() -> list[Finding]:
    """The three findings, in the paper's order."""
    return [stale_h(), products_of_means(), bits()]


def _hits(numbers: list[np.ndarray], printed: list[Printed]) -> tuple[int, int]:
    """The count of numbers that, rounded as printed, are the printed ones; and the count of all."""
    same = [np.round(x, p.decimals) == p.values for x, p in zip(numbers, printed, strict=True)]
    return sum(int(s.sum()) for s in same), sum(s.size for s in same)


def stale_h() -> Finding:
    """Problem 2: the gradient is computed with a left-over H."""
    printed = [*Problem2.GRADIENT_PER_EXAMPLE, Problem2.GRADIENT_MEAN]
    each, mean = problem2.paper_formula()
    same, total = _hits([*each, mean], printed)
    smooth, smooth_mean = problem2.paper_formula(inner_rounding=False)
    without, _ = _hits([*smooth, smooth_mean], printed)
    wrong, true = Problem2.GRADIENT_MEAN.values, problem2.gradient_mean()
    times = np.abs(wrong).max() / np.abs(true).max()
    return Finding(
        2,
        "Problem 2, dL/dW1: a left-over H",
        f"It is computed with the H = [2, 2, 2] of Problem 1: its largest number is {times:,.0f} times the true one.",
        (
            Evidence(
                "certain",
                "The paper's own line, evaluated with the H = [2, 2, 2] left over from Problem 1, gives"
                f" {same} of the {total} printed numbers.",
                (NamedArray("printed", wrong, 3), NamedArray("its line with H = [2, 2, 2]", mean, 3)),
            ),
            Evidence(
                "certain",
                f"Its inner np.round(..., 3) matters: without it, {total - without} numbers would be printed"
                f" differently ({number(smooth[0, 0, 1], 4)} is -0.29 to two decimals, but -0.285 after the"
                " first rounding, and that is printed as -0.28).",
            ),
            Evidence(
                "certain",
                "As written, (3, 3) @ (3,) leaves one number per example, and the outer product puts these"
                " three where hidden units belong. Even with H1 for H the line would be wrong: * and @ bind"
                " equally, from the left, so H1 would enter as a matrix product, and dL/dz1 would be"
                f" {_with_right_h():.3f} times too large. (The columns of the true gradient are equal because"
                " all weights start equal.)",
                (NamedArray("true, by the engine", true, 6),),
            ),
            Evidence(
                "certain",
                "The sign is that of Y - yhat where yhat - Y is the derivative; 1 - H = -1 happens to turn"
                f" it back. The largest printed number is {times:,.0f} times the largest true one.",
            ),
        ),
        "Give every array a name of its own, and check the shape of every product: a left-over variable of a "
        "fitting shape raises no error.",
        diagnoses.of_problem2(),
    )


def _with_right_h() -> float:
    """The factor, on average, by which the paper's line would be wrong with H1 for H and the right sign."""
    solution = problem2.solve()
    Y, W2 = Problem2.Y, Problem2.W2
    yhat, H1 = (np.array(x.detach()) for x in (solution.yhat, solution.H1))
    line = (yhat - Y) * W2.T @ H1 * (1 - H1)
    true = (yhat - Y) * W2.T * (H1 * (1 - H1))
    return float((line / true).mean())


def products_of_means() -> Finding:
    """Problem 3: the gradients are not means of outer products."""
    start = problem3.initial()
    network = problem3.network(start.centre)
    true = {name: x.detach().numpy() for name, x in problem3.gradients(network).items()}
    means = {name: x.detach().numpy() for name, x in problem3.batch_means(network).items()}
    allowed = attained(problem3.batch_means, start)
    return Finding(
        3,
        "Problem 3, dL/dW1, dL/dW2 and dL/dB: products of means, not means of products",
        "Most likely the batch was averaged before the outer product: the first number of dL/dW1 is printed as"
        f" {Problem3.GRADIENTS['dL/dW1'].values[0, 0]:.4f}, and is {true['dL/dW1'][0, 0]:.4f}.",
        (
            _true_gradients(true),
            _rank_one(true["dL/dW1"]),
            _means_of_batch(means, allowed),
            _mean_bias(means, allowed),
            _new_weights(),
        ),
        "The gradient of a mean loss is the mean of the outer products. The product of the means lacks their"
        " covariance over the batch, and it is the covariance that tells one class from another.",
        diagnoses.of_gradients(),
    )


def _true_gradients(true: dict[str, np.ndarray]) -> Evidence:
    return Evidence(
        "certain",
        "The true gradients from the printed weights. What their rounding allows (in the table) stays far"
        " from the printed dL/dW1; dL/dC agrees.",
        tuple(NamedArray(name, true[name], 4) for name in ("dL/dW1", "dL/dW2", "dL/dB")),
    )


def outer_residual() -> tuple[np.ndarray, np.ndarray]:
    """Printed dL/dW1 - mean(X).T @ printed dL/dB; and how large that may be by the printed digits alone."""
    W1, B = Problem3.GRADIENTS["dL/dW1"], Problem3.GRADIENTS["dL/dB"]
    x = Problem3.X.mean(axis=0, keepdims=True).T
    return W1.values - x @ B.values, W1.half_unit + x * np.full(B.values.shape, B.half_unit)


def _rank_one(true: np.ndarray) -> Evidence:
    residual, allowed = outer_residual()
    x = Problem3.X.mean(axis=0, keepdims=True).T
    strength = np.linalg.svd(true, compute_uv=False)
    return Evidence(
        "certain",
        "Every row of the printed dL/dW1 is the mean of that column of X times the printed dL/dB, a matrix"
        f" of rank 1: the largest residual is {np.abs(residual).max():.6f}, and the printed digits allow"
        f" {allowed.max():.6f}. The true one has rank 2 (singular values {strength[0]:.4f} and"
        f" {strength[1]:.4f}).",
        (
            NamedArray("printed dL/dW1", Problem3.GRADIENTS["dL/dW1"].values, 4),
            NamedArray("mean(X)ᵀ × printed dL/dB", x @ Problem3.GRADIENTS["dL/dB"].values, 6),
            NamedArray("residual", residual, 6),
        ),
    )


def _means_of_batch(means: dict[str, np.ndarray], allowed: dict[str, Interval]) -> Evidence:
    W2, low = Problem3.GRADIENTS["dL/dW2"], allowed["dL/dW2"].low[1, 2]
    same = int(agree(means["dL/dW2"], W2).sum())
    return Evidence(
        "most likely",
        "The batch was averaged before the outer product. Instead of the mean of h.T @ (yhat - y) over"
        f" examples, mean(H1).T @ mean(Yhat - Y) gives {same} of the {W2.values.size} numbers of dL/dW2, the"
        " others off by one in the last digit. One doubt stays: for the last number the rounding of the"
        f" printed weights allows {low:.5f} or more, and the printed {W2.values[1, 2]} stands for"
        f" {W2.values[1, 2] + W2.half_unit:.3f} at most. The source of the paper's nn is not known.",
        (
            NamedArray("printed dL/dW2", W2.values, 2),
            NamedArray("mean(H1)ᵀ × mean(Yhat - Y)", means["dL/dW2"], 4),
            NamedArray("residual", W2.values - means["dL/dW2"], 4),
        ),
    )


def _mean_bias(means: dict[str, np.ndarray], allowed: dict[str, Interval]) -> Evidence:
    B, (low, high) = Problem3.GRADIENTS["dL/dB"], allowed["dL/dB"]
    fits = bool(np.all((low <= B.values + B.half_unit) & (high >= B.values - B.half_unit)))
    return Evidence(
        "most likely",
        f"dL/dB computed from the same means {'fits' if fits else 'does not fit'} the printed one within the"
        " rounding of the printed weights; the first number of the true dL/dB does not.",
        (
            NamedArray("printed dL/dB", B.values, 4),
            NamedArray("from batch means", means["dL/dB"], 4),
            NamedArray("residual", B.values - means["dL/dB"], 4),
            NamedArray("at least", low, 4),
            NamedArray("at most", high, 4),
        ),
    )


def step_residual() -> np.ndarray:
    """Printed W1 - printed dL/dW1 - printed W1_new: zero up to three roundings."""
    W1, g = Problem3.INITIAL["W1"].values, Problem3.GRADIENTS["dL/dW1"].values
    return np.asarray(W1 - Problem3.LR * g - Problem3.W1_NEW.values)


def _new_weights() -> Evidence:
    return Evidence(
        "certain",
        "W1_new inherits the error: printed W1 - printed dL/dW1 is the printed W1_new up to "
        f"{np.abs(step_residual()).max():.4f}, and three numbers rounded to four decimals allow 0.00015.",
    )


def bits() -> Finding:
    """Problem 3: the loss is in bits, a sum is called an average, and it is taken after the step."""
    before, paper, _ = problem3.readings()
    allowed = attained(problem3.forward, problem3.after_papers_step())["L_avg"]
    return Finding(
        3,
        "Problem 3, the loss: bits, and a sum called L_avg",
        f"The loss of 1.5997 is in bits ({paper.nats:.4f} nats), and L_avg = {Problem3.LOSS_AVG.values:.3f} is the sum"
        f" over {len(Problem3.X)} examples.",
        (
            Evidence(
                "certain",
                f"The printed 1.5997 is in bits, log base 2: the engine's loss is {paper.bits:.4f} bits per"
                f" example, which is {paper.nats:.4f} nats. The gradients are in nats: dL/dC = mean(Yhat - Y)"
                " holds only there.",
            ),
            Evidence(
                "certain",
                f"The printed L_avg = {Problem3.LOSS_AVG.values:.6f} is the sum over the 6 examples, 6 ×"
                f" 1.5997, in bits (weights that round to the printed ones allow {allowed.low:.3f} to"
                f" {allowed.high:.3f}); in nats the sum is {paper.nats * 6:.3f}.",
            ),
            Evidence(
                "certain",
                f"Loss, Z1, H1, Z2 and Yhat are those after the step: before it the loss is {before.bits:.4f}"
                " bits. feed_forward runs after train.",
            ),
        ),
        "Say the unit of a loss, and whether it is a sum or a mean: a learning rate means nothing without"
        " them.",
        diagnoses.of_units(),
    )
