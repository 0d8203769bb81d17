"""Functions of a user's program that run before and after a step, and when state is saved or loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.hooks import RemovableHandle

Hooks = dict[str, dict[int, Callable[..., Any]]]


def hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """The method `step` of an optimizer with its hooks around it; it notes that the optimizer has taken a step."""

    @functools.wraps(step)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._opt_called = True  # schedulers warn if they step before
        hooks = self._hooks
        follower = current().follower
        if follower is not None and follower.active and follower.update(self, not (hooks or args or kwargs)):
            return None
        if not hooks:
            return step(self, *args, **kwargs)
        for hook in hooks_of(hooks, "step_pre"):
            replaced = hook(self, args, kwargs)
            if replaced is not None:
                args, kwargs = _arguments(self, replaced)
        result = step(self, *args, **kwargs)
        for hook in hooks_of(hooks, "step_post"):
            hook(self, args, kwargs)
        return result

    return call


def _arguments(optimizer: Any, replaced: Any) -> tuple[Any, Any]:
    if not isinstance(replaced, tuple) or len(replaced) != 2:
        raise RuntimeError(
            f"a step_pre_hook of {type(optimizer).__name__} needs to return None or (args, kwargs), got {replaced!r}"
        )
    return replaced


def hooks_of(hooks: Hooks, moment: str) -> list[Callable[..., Any]]:
    """The hooks of one moment, in order: they may remove themselves."""
    return list(hooks.get(moment, {}).values())


class StepHooks:
    """The part of an optimizer that keeps hooks. Each `register_...` returns a handle with `remove()`."""

    _hooks: Hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return new `(args, kwargs)` for it."""
        return self._register("step_pre", hook, False)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return self._register("step_post", hook, False)

    def register_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict()`."""
        return self._register("save_pre", hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after `state_dict()`; what it returns replaces the dict, if anything."""
        return self._register("save_post", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before loading; what it returns is loaded instead, if anything."""
        return self._register("load_pre", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(optimizer)` after loading."""
        return self._register("load_post", hook, prepend)

    def _register(self, moment: str, hook: Callable[..., Any], prepend: bool) -> RemovableHandle:
        if not callable(hook):
            raise TypeError(f"{type(self).__name__} needs a function as a hook, got {hook!r}")
        return RemovableHandle(self._hooks.setdefault(moment, {}), hook, first=prepend)

    def _pass_through(self, moment: str, state_dict: Any) -> Any:
        """The dict after the hooks of a moment, each of which may put another in its place."""
        for hook in hooks_of(self._hooks, moment):
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        return state_dict
