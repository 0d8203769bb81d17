"""The base of all optimizers: parameter groups, state per parameter, and one update rule written as an expression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.grad_mode import current, enable_grad, no_grad
from tinygrad_edu.engine.interrupts import uninterrupted
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.versions import MAX_KEPT_NUMBERS, note_overwritten
from tinygrad_edu.hints.not_zeroed import GradientUse, warn_used
from tinygrad_edu.optim.remembered import State
from tinygrad_edu.optim.saved_state import check_layout, own_settings, packed, unpacked
from tinygrad_edu.optim.settings import Group, Settings, as_read
from tinygrad_edu.optim.step_hooks import Hooks, StepHooks, hooked, hooks_of
from tinygrad_edu.tensor.tensor import Tensor

Update = Callable[[Data, Data, State], Data]


class _Required:
    def __repr__(self) -> str:
        return "<required parameter>"


required: Any = _Required()  # a default that every group must replace


class Optimizer(StepHooks):
    """Moves parameters along their gradients.

    A subclass says in `rule` how one parameter moves. As with derivative rules, what is passed in decides what
    happens: raw arrays in a normal step, Tensors when somebody watches. Or it has a `step` of its own, as in PyTorch.
    """

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.state: defaultdict[Any, State] = defaultdict(dict)
        self._hooks: Hooks = {}
        self._opt_called = False
        for group in _groups_of(type(self).__name__, params):
            self.add_param_group(group)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "step" in vars(cls):
            cls.step = hooked(cls.step)  # type: ignore[method-assign]

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles, which have no hooks."""
        return {**vars(self), "_hooks": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def rule(self, group: Group) -> Update:
        """The update rule of `group`: a function `(p, g, state) -> step`; p becomes p - step.

        It may change `p` and what is in `state` by `+=` and the like, which arrays and Tensors both understand.
        """
        raise NotImplementedError

    def check(self, group: Group) -> None:
        """Raise `ValueError` for settings outside their range."""

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own; settings not given are the optimizer's."""
        name = type(self).__name__
        if not isinstance(param_group, dict) or "params" not in param_group:
            raise TypeError(f'{name} needs a group like {{"params": [...]}}, got {short(param_group)}')
        params, names = _with_names(name, param_group["params"])
        known = {p for other in self.param_groups for p in other["params"]}
        for p in params:
            _check_parameter(name, p, known)
            known.add(p)
        if any(("param_names" in other) != bool(names) for other in self.param_groups):
            raise ValueError(f"{name} needs names for the parameters of all groups, or of none")
        settings = {key: x for key, x in param_group.items() if key != "params"}
        named = {"param_names": names} if names else {}
        group = {
            "params": params,
            **named,
            **settings,
            **{k: v for k, v in self.defaults.items() if k not in settings},
        }
        if missing := [key for key, value in group.items() if value is required]:
            raise ValueError(
                f"{name} needs {missing[0]} for each group, got none; write {name}(..., {missing[0]}=...)"
            )
        self.check(group)
        # Another list, as a plan sees that it is another.
        self.param_groups = [*self.param_groups, Settings(group)]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or overwrite them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = p.gradient_use = None
                elif p.grad is not None:
                    p.grad = p.grad.detach().zero_()

    @hooked
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; `closure` recomputes the loss and is called first."""
        loss = None if closure is None else self._recomputed(closure)
        if closure is not None and current().follower is not None and not self._hooks:
            self.step()  # as one event
            return loss
        with uninterrupted():
            self._move_parameters()
        return loss

    def _move_parameters(self) -> None:
        """Move every parameter that has a gradient."""
        watched, states, moved, before = bool(current().watchers), self.state, [], []
        for group in self.param_groups:
            of_array = of_number = self.rule(as_read(group, watched))
            if isinstance(group.get("lr"), Tensor) and not watched:
                of_number = self.rule(as_read(group, watched, single=True))
            for p in group["params"]:
                g = p._grad
                if g is None:
                    continue
                raw = p.raw
                moved.append(p)
                before.append(raw.copy() if raw.size <= MAX_KEPT_NUMBERS else None)  # as `copied` does
                if watched:
                    with no_grad():
                        p.assign(p - of_array(p, p.grad, states[p]))
                else:
                    step_of = of_array if raw.ndim else of_number
                    raw -= step_of(raw, g if g.__class__ is not Tensor else g.raw, states[p])
        if not watched:  # `assign` has told it
            note_overwritten(moved, before=before)
        self._note_used(moved)

    def _note_used(self, moved: list[Tensor]) -> None:
        """Note that the gradients of these parameters were used, and warn if old gradients were among them."""
        if moved:
            if moved[0].gradient_use is GradientUse.ADDED_TO:
                warn_used(type(self).__name__)
            moved[0].gradient_use = GradientUse.USED  # the first stands for all

    def _recomputed(self, closure: Callable[[], Any]) -> Any:
        if not callable(closure):
            name = type(self).__name__
            raise TypeError(
                f"{name}.step takes a function that recomputes the loss, got {short(closure)}; use step()"
            )
        with enable_grad():
            return closure()

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [*[""] * (i > 0), f"Parameter Group {i}"]
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])

    def state_dict(self) -> dict[str, Any]:
        """Settings and state in PyTorch's layout, copied, with parameters numbered in order."""
        for hook in hooks_of(self._hooks, "save_pre"):
            hook(self)
        return self._pass_through("save_post", packed(self.param_groups, self.state))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over settings and state saved by `state_dict`, here or in PyTorch; nothing changes if they do not fit.

        Raises `ValueError` if the groups, their settings or the shapes of the state are others.
        """
        name = type(self).__name__
        state_dict = self._pass_through("load_pre", state_dict)
        check_layout(name, self.param_groups, state_dict, self.defaults)
        saved = [own_settings(group) for group in state_dict["param_groups"]]
        for group, settings in zip(self.param_groups, saved, strict=True):
            self.check({**group, **settings})
        state = unpacked(name, self.param_groups, state_dict)
        for group, settings in zip(self.param_groups, saved, strict=True):
            group.update(settings)
        self.state = defaultdict(dict, state)
        for hook in hooks_of(self._hooks, "load_post"):
            hook(self)


def _groups_of(name: str, params: Any) -> list[Group]:
    """The groups that an optimizer called `name` is given: one, if it is given parameters."""
    if isinstance(params, Tensor):
        raise TypeError(f"{name} needs a list of parameters, got a single one; write {name}([w], ...)")
    if hasattr(params, "parameters") or not isinstance(params, Iterable) or isinstance(params, str):
        raise TypeError(
            f"{name} needs a list of parameters, got {type(params).__name__}; write {name}(net.parameters(), ...)"
        )
    groups = list(params)
    if not groups:
        raise ValueError(f"{name} needs at least one parameter, got an empty list; is it the right module?")
    return groups if isinstance(groups[0], dict) else [{"params": groups}]


def _with_names(name: str, params: Any) -> tuple[list[Any], list[str]]:
    """The parameters of a group, and their names if they come as `net.named_parameters()`."""
    if isinstance(params, set | frozenset):
        raise TypeError(f"{name} needs its parameters in an order, got a set, which has none; use a list")
    given = [params] if isinstance(params, Tensor) else list(params)
    pairs = [x for x in given if isinstance(x, tuple) and len(x) == 2]
    if pairs and len(pairs) != len(given):
        raise ValueError(f"{name} needs names for all parameters of a group, or for none")
    return ([p for _, p in pairs], [key for key, _ in pairs]) if pairs else (given, [])


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
