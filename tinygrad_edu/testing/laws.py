"""Laws that derivatives obey, each a function of a `Trial` that returns what is broken, in words, or nothing."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.autograd.functional import jvp, vjp
from tinygrad_edu.plan import capture
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing.trial import Trial

Law = Callable[[Trial], str]
CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-12, "equal_nan": True}
SINGLE: dict[str, Any] = {
    "rtol": 1e-3,
    "atol": 1e-4,
    "equal_nan": True,
}  # in float32
CALLS = 4  # of a plan, until it has been recorded and replayed


def each_input_alone(trial: Trial) -> str:
    """The gradient of an input is the same whether or not others require one."""
    whole = trial.gradients(trial.copies())
    for place in trial.floats:
        alone = trial.gradients(trial.copies(), [place])[place]
        if not np.allclose(alone, whole[place], **CLOSE):
            return f"the gradient of input {place} is another one if only that input requires one"
    return ""


def forward_is_reverse(trial: Trial) -> str:
    """<u, J v> = <Jᵀ u, v> for random u and v: forward mode against reverse mode."""
    rng = np.random.default_rng(1)
    v = [Tensor(rng.normal(size=trial.arrays[i].shape)) for i in trial.floats]
    u = tuple(map(Tensor, trial.weights))

    def function(*xs: Tensor) -> Any:
        waiting = iter(xs)
        parts = [next(waiting) if i in trial.floats else Tensor(x) for i, x in enumerate(trial.arrays)]
        return tuple(trial.results(parts))

    points = tuple(Tensor(trial.arrays[i]) for i in trial.floats)
    pushed = jvp(function, points, tuple(v))[1]
    pulled = vjp(function, points, u)[1]
    forward = sum(float((a.raw * b.raw).sum()) for a, b in zip(u, pushed))
    back = sum(float((a.raw * b.raw).sum()) for a, b in zip(pulled, v))
    same = np.isclose(forward, back, rtol=1e-7, atol=1e-9) or not np.isfinite([forward, back]).all()
    return "" if same else f"forward mode gives {forward:.9g} for uᵀ J v, reverse mode {back:.9g}"


def gradients_add_up(trial: Trial) -> str:
    """`backward()` adds to the `.grad` that is there."""
    whole = trial.gradients(trial.copies())
    xs = [Tensor(x, requires_grad=i in trial.floats) for i, x in enumerate(trial.arrays)]
    for i in trial.floats:
        xs[i].grad = Tensor(np.ones_like(trial.arrays[i]))
    total = trial.total(xs)
    if total.requires_grad:
        total.backward()
    for i in trial.floats:
        grad = xs[i].grad
        if grad is None or not np.allclose(grad.raw, whole[i] + 1, **CLOSE):
            return f"backward() does not add to the gradient that input {i} has"
    return ""


def inputs_are_kept(trial: Trial) -> str:
    """No input is overwritten; arrays that cannot be are taken, too."""
    arrays = trial.copies()
    for array in arrays:
        array.flags.writeable = False
    try:
        found = trial.gradients(arrays)
    except ValueError as error:
        return f"it writes into its inputs: {error}" if "read-only" in str(error) else _raise(error)
    whole = trial.gradients(trial.copies())
    return _first_difference(found, whole, CLOSE, "read-only inputs")


def layout_does_not_matter(trial: Trial) -> str:
    """Inputs that lie in memory in another order, or apart, give the same."""
    whole = trial.gradients(trial.copies())
    for words, laid_out in (
        ("inputs in Fortran's order", _by_columns),
        ("inputs with gaps", _with_gaps),
    ):
        found = trial.gradients([laid_out(x) for x in trial.copies()])
        if problem := _first_difference(found, whole, CLOSE, words):
            return problem
    return ""


def dtypes_are_kept(trial: Trial) -> str:
    """The gradients of float32 are float32, and about the same."""
    arrays = [x.astype(np.float32) if i in trial.floats else x for i, x in enumerate(trial.copies())]
    with np.errstate(all="ignore"):
        found = trial.gradients(arrays)
    for i, g in found.items():
        if g.dtype != np.float32:
            return f"the gradient of input {i}, of float32, is {g.dtype}"
    whole = trial.gradients(trial.copies())
    finite = all(np.isfinite(x).all() for g in (found, whole) for x in g.values())
    return _first_difference(found, whole, SINGLE, "inputs of float32") if finite else ""


def plan_is_the_step(trial: Trial) -> str:
    """A plan of the step gives what the step gives as written."""
    return _planned(trial, "numpy")


def jax_is_the_step(trial: Trial) -> str:
    """A plan on JAX gives it, too; nothing is said where JAX is not installed."""
    return _planned(trial, "jax") if importlib.util.find_spec("jax") else ""


def _planned(trial: Trial, engine: str) -> str:
    def step(*xs: Tensor) -> Any:
        tracked = [x.detach().requires_grad_() if x.dtype.kind == "f" else x for x in xs]
        total = trial.total(tracked)
        if total.requires_grad:
            total.backward()
        return [total.detach(), *(tracked[i].grad for i in trial.floats if tracked[i].grad is not None)]

    expected = [y.raw for y in step(*map(Tensor, trial.copies()))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of steps that are not worth a plan, or that run on NumPy after all
        plan = capture(step, engine=engine)
        for _ in range(CALLS):
            found = [y.numpy(force=True) for y in plan(*map(Tensor, trial.copies()))]
    close = CLOSE if engine == "numpy" else {**CLOSE, "rtol": 1e-6, "atol": 1e-9}
    if len(found) == len(expected) and all(np.allclose(a, b, **close) for a, b in zip(found, expected)):
        return ""
    return f"a plan{' on JAX' * (engine == 'jax')} gives other numbers than the step as written"


def _first_difference(found: dict[int, Any], whole: dict[int, Any], close: Any, words: str) -> str:
    wrong = [i for i, g in found.items() if not np.allclose(g, whole[i], **close)]
    return f"with {words} the gradient of input {wrong[0]} is another one" if wrong else ""


def _by_columns(x: Any) -> Any:
    return np.array(x, order="F")


def _with_gaps(x: Any) -> Any:
    return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x


def _raise(error: Exception) -> str:
    raise error


LAWS: dict[str, Law] = {
    "each input alone": each_input_alone,
    "forward mode is reverse mode": forward_is_reverse,
    "gradients add up": gradients_add_up,
    "inputs are kept": inputs_are_kept,
    "layout does not matter": layout_does_not_matter,
    "dtypes are kept": dtypes_are_kept,
    "a plan is the step": plan_is_the_step,
    "JAX is the step": jax_is_the_step,
}
