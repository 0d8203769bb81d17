"""The base of all optimizers: parameter groups, state per parameter, and one update rule written as an expression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from reprlib import repr as short
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.grad_mode import current, enable_grad, no_grad
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.versions import note_overwritten
from tinygrad_edu.hints.not_zeroed import GradientUse, warn_used
from tinygrad_edu.tensor.tensor import Tensor

Group = dict[str, Any]
State = dict[str, Any]
Update = Callable[[Data, Data, State], Data]


class _Settings(Group):
    """A group in which NumPy's numbers become Python's as they are put in.

    They would make a step on float32 compute in float64, and be another step than what watchers see.
    """

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.update(group)

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, np.integer | np.floating):
            value = float(value) if isinstance(value, np.floating) else int(value)
        if key == "lr" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise TypeError(f"an optimizer needs lr as a number, got {type(value).__name__} {short(value)}")
        super().__setitem__(key, value)

    def update(self, *groups: Any, **settings: Any) -> None:
        """Put in several settings."""
        for key, value in dict(*groups, **settings).items():
            self[key] = value

    def __ior__(self, group: Any) -> Self:  # type: ignore[override,misc]
        self.update(group)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The setting, put in if there is none."""
        if key not in self:
            self[key] = default
        return self[key]


def recalled(state: State, key: str, g: Data) -> Data:
    """The value kept under `key`, in the form of `g`, raw or as a Tensor; None if there is none."""
    kept = state.get(key)
    return kept.raw if kept is not None and not isinstance(g, Tensor) else kept


def remember(state: State, key: str, value: Data) -> None:
    """Keep `value`, raw or a Tensor, under `key`: always in the same Tensor, so that a plan finds it again."""
    if key in state:
        state[key].assign(value)
    else:
        state[key] = value.clone() if isinstance(value, Tensor) else Tensor(value)
        state[key].name = key


class Optimizer:
    """Moves parameters along their gradients.

    A subclass says in `rule` how one parameter moves. As with derivative rules, what is passed in decides what
    happens: raw arrays in a normal step, Tensors when somebody watches.
    """

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name} needs a list of parameters, got a single one; write {name}([w], ...)")
        if hasattr(params, "parameters") or not isinstance(params, Iterable):
            raise TypeError(
                f"{name} needs a list of parameters, got {type(params).__name__}; write {name}(net.parameters(), ...)"
            )
        groups = list(params)
        if not groups:
            raise ValueError(
                f"{name} needs at least one parameter, got an empty list; is it the right module?"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def rule(self, group: Group) -> Update:
        """The update rule of `group`: a function `(p, g, state) -> step`; p becomes p - step."""
        raise NotImplementedError

    def check(self, group: Group) -> None:
        """Raise `ValueError` for settings outside their range."""

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own; settings not given are the optimizer's."""
        name = type(self).__name__
        if not isinstance(param_group, dict) or "params" not in param_group:
            raise TypeError(f'{name} needs a group like {{"params": [...]}}, got {short(param_group)}')
        unknown = param_group.keys() - {"params", *self.defaults}
        if unknown:
            raise TypeError(
                f"{name} has no setting {sorted(unknown)[0]!r}; it has {', '.join(self.defaults)}"
            )
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {p for other in self.param_groups for p in other["params"]}
        for p in params:
            _check_parameter(name, p, known)
            known.add(p)
        group = {**self.defaults, **param_group, "params": params}
        self.check(group)
        # Another list, as a plan sees that it is another.
        self.param_groups = [*self.param_groups, _Settings(group)]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or overwrite them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = p.gradient_use = None
                elif p.grad is not None:
                    p.grad = p.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; `closure` recomputes the loss and is called first."""
        loss = None if closure is None else self._recomputed(closure)
        watched, states, moved = current().watchers, self.state, []
        for group in self.param_groups:
            step_of = self.rule({**group, "lr": Hyperparameter(group, "lr")} if watched else group)
            for p in group["params"]:
                g = p._grad
                if g is None:
                    continue
                moved.append(p)
                if watched:
                    with no_grad():
                        p.assign(p - step_of(p, p.grad, states[p]))
                else:
                    raw = p.raw
                    raw -= step_of(raw, g if g.__class__ is not Tensor else g.raw, states[p])
        note_overwritten(moved)
        if moved:
            if moved[0].gradient_use is GradientUse.ADDED_TO:
                warn_used(type(self).__name__)
            moved[0].gradient_use = GradientUse.USED  # the first stands for all
        return loss

    def _recomputed(self, closure: Callable[[], Any]) -> Any:
        if not callable(closure):
            name = type(self).__name__
            raise TypeError(
                f"{name}.step takes a function that recomputes the loss, got {short(closure)}; use step()"
            )
        with enable_grad():
            return closure()

    def __repr__(self) -> str:
        groups = [
            ", ".join(
                [f"{len(group['params'])} parameters", *(f"{key}={group[key]}" for key in self.defaults)]
            )
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(groups)})"

    def state_dict(self) -> dict[str, Any]:
        """Settings and state, copied to plain arrays, with parameters numbered in order."""
        number = {p: i for i, p in enumerate(p for group in self.param_groups for p in group["params"])}
        groups = [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]
        state = {
            number[p]: {key: np.array(x.raw) if isinstance(x, Tensor) else x for key, x in kept.items()}
            for p, kept in self.state.items()
            if kept
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over settings and state saved by `state_dict`; nothing changes if they do not fit.

        Raises `ValueError` if the groups, their settings or the shapes of the state are others.
        """
        params = [p for group in self.param_groups for p in group["params"]]
        self._check_state(state_dict, params)
        for group, saved in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({key: value for key, value in saved.items() if key != "params"})
        self.state = defaultdict(dict)
        for i, kept in state_dict["state"].items():
            self.state[params[int(i)]] = {
                key: Tensor(x) if isinstance(x, np.ndarray) else x for key, x in kept.items()
            }

    def _check_state(self, state_dict: dict[str, Any], params: list[Tensor]) -> None:
        name = type(self).__name__
        if not isinstance(state_dict, dict) or not {"state", "param_groups"} <= state_dict.keys():
            raise ValueError(f"{name} needs what state_dict() returned, got {short(state_dict)}")
        saved = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in self.param_groups]
        if [len(group["params"]) for group in saved] != sizes:
            raise ValueError(
                f"{name} needs the state of {sizes} parameters in its groups, got {[len(g['params']) for g in saved]}"
            )
        for group in saved:
            if group.keys() != {"params", *self.defaults}:
                raise ValueError(
                    f"{name} needs the settings {', '.join(self.defaults)}, got {', '.join(group)}"
                )
            self.check(group)
        for i, kept in state_dict["state"].items():
            if not 0 <= int(i) < len(params):
                raise ValueError(f"{name} has {len(params)} parameters, but the state is of number {i}")
            shape = params[int(i)].shape
            for key, value in kept.items():
                if np.shape(value) not in ((), shape):
                    raise ValueError(f"{name} needs {key} of shape {shape}, got {np.shape(value)}")


def _check_parameter(name: str, p: Any, known: set[Tensor]) -> None:
    """Raise an error if the optimizer called `name` cannot move `p`, or moves it already."""
    if not isinstance(p, Tensor):
        raise TypeError(f"{name} needs Tensors as parameters, got {type(p).__name__} {short(p)}")
    if not p.is_leaf:
        raise ValueError(
            f"{name} needs leaves, but {p.described()} is the result of {p.grad_fn.name}; "  # type: ignore[union-attr]
            "hand over the tensor you created, and update it in no_grad() with w -= ..., not w = w - ..."
        )
    if p in known:
        raise ValueError(f"{name} needs each parameter once, but {p.described()} is given twice")
