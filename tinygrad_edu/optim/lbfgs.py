"""L-BFGS: Newton's method with a Hessian guessed from the last steps and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import kept_numbers, note_overwritten
from tinygrad_edu.optim.line_search import Point, strong_wolfe
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.optim.remembered import State
from tinygrad_edu.optim.settings import Group, check_settings
from tinygrad_edu.tensor.tensor import Tensor, around

_LEAST_CURVATURE = 1e-10  # of a step that is remembered


class LBFGS(Optimizer):
    """`p = p + t * d`, up to `max_iter` times in one step, with `closure` recomputing the loss each time.

    d = -H g, where H stands for the inverse of the Hessian: the identity, scaled, and changed by the last
    `history_size` pairs of what p and g have moved by. t = lr, in the first step times min(1, 1 / sum(|g|)), or what a
    line search finds with `line_search_fn="strong_wolfe"`. A step ends when the greatest |g| is at most
    `tolerance_grad`, when loss or p change by less than `tolerance_change`, or after `max_eval` losses
    (max_iter * 5 // 4).
    State, of the first parameter: `n_iter`, `func_evals`, `d`, `t`, `old_dirs`, `old_stps`, `ro`, `H_diag`,
    `prev_flat_grad`, `prev_loss`.
    Raises `ValueError` for more than one group or a negative lr, `TypeError` for a step without a closure.
    Not for plans: how often it computes the loss depends on the numbers.
    Source: Nocedal and Wright, Numerical optimization (2006), algorithms 7.4 and 7.5.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        settings = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Refuse settings outside their range, and a second group."""
        check_settings("LBFGS", group)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS needs line_search_fn as None or 'strong_wolfe', got {group['line_search_fn']!r}"
            )
        if self.param_groups and group["params"] is not self.param_groups[0]["params"]:
            raise ValueError("LBFGS needs all parameters in one group, got a second one")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move all parameters; returns the loss from before, which `closure` computes with its gradients."""
        if closure is None:
            raise TypeError(
                "LBFGS.step needs a function that recomputes the loss, got None; "
                "write step(closure), where closure() calls zero_grad() and backward() and returns the loss"
            )
        loss = self._recomputed(closure)
        params = self.param_groups[0]["params"]
        places, state = [p.raw.copy() for p in params], dict(self.state[params[0]])
        try:
            with kept_numbers(params):
                Descent(self, lambda: self._recomputed(closure)).run(float(loss))
        except BaseException:  # an error of the closure, or Ctrl-C in the middle of a search
            self._take_back(places, state)
            raise
        return loss

    def _take_back(self, places: list[np.ndarray], state: State) -> None:
        """Let everything be as it was before a step."""
        params = self.param_groups[0]["params"]
        for p, place in zip(params, places):
            p.raw[...] = place
        self.state[params[0]] = state
        note_overwritten(params)


class Descent:
    """One call of `LBFGS.step`, on the numbers of all parameters in one row."""

    def __init__(self, optimizer: LBFGS, loss_now: Callable[[], Any]) -> None:
        self._group = optimizer.param_groups[0]
        self._params: list[Tensor] = self._group["params"]
        self._state: State = optimizer.state[self._params[0]]
        self._note_used, self._loss_now = optimizer._note_used, loss_now
        lr = self._group["lr"]
        self._lr = lr.raw.item() if isinstance(lr, Tensor) else lr

    def run(self, loss: float) -> None:
        """Move the parameters; `loss` is the present one, whose gradients are there."""
        state, group, g = self._state, self._group, self._gradient()
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        state["func_evals"] += 1
        evaluations = 1
        if _is_small(g, group["tolerance_grad"]):
            return
        for i in range(group["max_iter"]):
            d = self._direction(g)
            first = state["n_iter"] == 1
            t = min(1.0, 1.0 / np.abs(g).sum()) * self._lr if first else self._lr
            before, slope = loss, g @ d
            self._remember(d=around(d), t=t, prev_flat_grad=around(g), prev_loss=loss)
            if slope > -group["tolerance_change"]:
                return
            last = i + 1 == group["max_iter"]
            point, count = self._moved(Point(0, loss, g, slope), t, d, group["max_eval"] - evaluations, last)
            loss, g, t = point.loss, point.gradient, point.t
            self._remember(t=t)
            evaluations += count
            state["func_evals"] += count
            small = _is_small(g, group["tolerance_grad"]) or _is_small(d * t, group["tolerance_change"])
            if evaluations >= group["max_eval"] or small or abs(loss - before) < group["tolerance_change"]:
                return

    def _moved(self, start: Point, t: Any, d: np.ndarray, most: int, last: bool) -> tuple[Point, int]:
        """The point along `d` that the parameters are moved to, and how many losses were computed for it."""
        if self._group["line_search_fn"]:
            places = [p.raw.copy() for p in self._params]

            def evaluate(t: Any) -> Point:
                self._add(t, d)
                loss, g = float(self._loss_now()), self._gradient()
                for p, place in zip(self._params, places, strict=True):
                    p.raw[...] = place
                return Point(t, loss, g, g @ d)

            point, count = strong_wolfe(evaluate, start, t, np.abs(d).max(), most)
            self._add(point.t, d)
            return point, count
        self._add(t, d)
        if last:  # what the loss is there, nobody asks any more
            return start._replace(t=t), 0
        return Point(t, float(self._loss_now()), self._gradient(), None), 1

    def _direction(self, g: np.ndarray) -> np.ndarray:
        """-H g, by two loops over the pairs that are remembered; the last one becomes such a pair before."""
        state = self._state
        state["n_iter"] += 1
        if state["n_iter"] == 1:
            self._remember(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        y, s = g - state["prev_flat_grad"].raw, state["d"].raw * _number(state["t"])
        curvature = y @ s
        if curvature > _LEAST_CURVATURE:
            for key, new in (("old_dirs", around(y)), ("old_stps", around(s)), ("ro", float(1 / curvature))):
                state[key] = [*state[key], new][-self._group["history_size"] :]
            state["H_diag"] = float(curvature / (y @ y))
        pairs = [
            (y.raw, s.raw, _number(r)) for y, s, r in zip(state["old_dirs"], state["old_stps"], state["ro"])
        ]
        d, weights = -g, []
        for y, s, r in reversed(pairs):
            weights.append(s @ d * r)
            d = d - weights[-1] * y
        d = d * _number(state["H_diag"])
        for (y, s, r), weight in zip(pairs, reversed(weights), strict=True):
            d = d + (weight - y @ d * r) * s
        return d

    def _remember(self, **values: Any) -> None:
        self._state.update(values)

    def _gradient(self) -> np.ndarray:
        """All gradients in one row; zeros where there is none."""
        parts = [p.raw_grad() if p._grad is not None else np.zeros_like(p.raw) for p in self._params]
        return np.concatenate([np.ravel(x) for x in parts])

    def _add(self, t: Any, d: np.ndarray) -> None:
        """p = p + t * d."""
        start = 0
        for p in self._params:
            p.raw += (t * d[start : start + p.raw.size]).reshape(p.raw.shape)
            start += p.raw.size
        note_overwritten(self._params)
        self._note_used(self._params)


def _number(x: Any) -> float:
    return float(x.raw.item() if isinstance(x, Tensor) else x)


def _is_small(x: np.ndarray, tolerance: float) -> bool:
    return bool(np.abs(x).max() <= tolerance)
