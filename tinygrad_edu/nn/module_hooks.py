"""Hooks of modules: functions of a user's program that see, and may replace, what goes in and out, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.autograd.custom_function import Function
from tinygrad_edu.engine.hooks import RemovableHandle
from tinygrad_edu.tensor.tensor import Tensor


class Hooks:
    """The hooks of one module, in the order in which they run."""

    def __init__(self) -> None:
        self.forward_pre: dict[int, tuple[Callable[..., Any], bool]] = {}  # a hook, and if it takes keywords
        self.forward: dict[
            int, tuple[Callable[..., Any], bool, bool]
        ] = {}  # ..., and if it runs after an error
        self.backward_pre: dict[int, Callable[..., Any]] = {}
        self.backward: dict[int, Callable[..., Any]] = {}

    def call(self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """`module.forward(*inputs, **options)` with all hooks around it."""
        try:
            inputs, options = self._before(module, inputs, options)
            border = Border(self, module) if self.backward or self.backward_pre else None
            inputs = border.enter(inputs) if border else inputs
            result = self._after(module, inputs, options, module.forward(*inputs, **options))
            return border.leave(result) if border else result
        except Exception:
            for hook, with_kwargs, always in list(self.forward.values()):
                if always:
                    hook(module, inputs, *([options] if with_kwargs else []), None)
            raise

    def _before(self, module: Any, inputs: Any, options: Any) -> tuple[Any, Any]:
        for hook, with_kwargs in list(self.forward_pre.values()):
            given = hook(module, inputs, options) if with_kwargs else hook(module, inputs)
            if given is not None and with_kwargs:
                if not isinstance(given, tuple) or len(given) != 2:
                    raise TypeError(
                        f"a forward pre-hook of {type(module).__name__} registered with with_kwargs=True returns None "
                        f"or two values, the inputs and the keywords, got {short(given)}; write return args, kwargs"
                    )
                inputs, options = given
            elif given is not None:
                inputs = given if isinstance(given, tuple) else (given,)
        return inputs, options

    def _after(self, module: Any, inputs: Any, options: Any, result: Any) -> Any:
        for hook, with_kwargs, _ in list(self.forward.values()):
            given = hook(module, inputs, *([options] if with_kwargs else []), result)
            result = result if given is None else given
        return result

    def saw_gradients(self, module: Any, grad_input: Any, grad_output: Any) -> Any:
        """The gradients of the inputs after the backward hooks."""
        for hook in list(self.backward.values()):
            grad_input = _replaced(module, "backward hook", grad_input, hook(module, grad_input, grad_output))
        return grad_input


def _replaced(module: Any, kind: str, grads: tuple[Any, ...], given: Any) -> tuple[Any, ...]:
    """The gradients after a hook returned `given`: as many as before."""
    if given is None:
        return grads
    new = given if isinstance(given, tuple) else (given,)
    if len(new) != len(grads):
        raise RuntimeError(
            f"a {kind} of {type(module).__name__} returns None or {len(grads)} gradients, one for each it was given, "
            f"got {len(new)}"
        )
    return new


class Border:
    """What one call passes on its way in and out, so that gradients meet the hooks on their way back."""

    def __init__(self, hooks: Hooks, module: Any) -> None:
        self.hooks, self.module = hooks, module
        self.grad_output: tuple[Any, ...] | None = None  # before a gradient has come back to the results
        self.places: list[int] = []  # of the inputs that get a gradient
        self.count = 0  # of all inputs
        self.result_places: list[int] = []
        self.result_count = 0

    def enter(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, as results of a node at which the backward hooks run."""
        self.count = len(inputs)
        self.places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
        if not self.places:
            return inputs
        passed = list(inputs)
        for i, x in zip(self.places, ModuleInput.apply(self, *(inputs[i] for i in self.places))):
            passed[i] = x
        return tuple(passed)

    def leave(self, result: Any) -> Any:
        """The result, or the Tensors of a tuple, as results of a node that keeps their gradients for the hooks."""
        results = result if isinstance(result, tuple) else (result,)
        places = [i for i, y in enumerate(results) if isinstance(y, Tensor) and y.requires_grad]
        if not places:
            return result
        self.result_places, self.result_count = places, len(results)
        passed = list(results)
        for i, y in zip(places, ModuleOutput.apply(self, *(results[i] for i in places))):
            passed[i] = y
        return type(result)(passed) if isinstance(result, tuple) else passed[0]

    def at_output(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The gradients of the results, as the hooks before the walk through the module leave them."""
        every = _spread(grads, self.result_places, self.result_count)
        for hook in list(self.hooks.backward_pre.values()):
            every = _replaced(self.module, "backward pre-hook", every, hook(self.module, every))
        self.grad_output = every
        if not self.places:
            self.hooks.saw_gradients(self.module, (None,) * self.count, every)
        return tuple(every[i] for i in self.result_places)

    def at_input(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The gradients of the inputs, as the hooks leave them; none runs if the results are a list or a dict."""
        if self.grad_output is None:
            return grads
        every = _spread(grads, self.places, self.count)
        every = self.hooks.saw_gradients(self.module, every, self.grad_output)
        return tuple(every[i] for i in self.places)


def _spread(grads: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
    """`count` gradients: those given, in their places, and None elsewhere."""
    every: list[Any] = [None] * count
    for i, g in zip(places, grads):
        every[i] = g
    return tuple(every)


class ModuleInput(Function):
    """The inputs of a module as they are; on the way back its backward hooks run here."""

    @staticmethod
    def forward(ctx: Any, border: Border, *xs: Tensor) -> tuple[Tensor, ...]:
        """The inputs."""
        ctx.border = border
        return tuple(x.detach() for x in xs)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        """The gradients after the hooks."""
        return (None, *ctx.border.at_input(grads))


class ModuleOutput(Function):
    """The results of a module as they are; on the way back the hooks learn their gradients here."""

    @staticmethod
    def forward(ctx: Any, border: Border, *ys: Tensor) -> tuple[Tensor, ...]:
        """The results."""
        ctx.border = border
        return tuple(y.detach() for y in ys)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        """The gradients after the hooks."""
        return (None, *ctx.border.at_output(grads))


class Hookable:
    """The part of Module with which hooks are registered."""

    _hooks: Hooks | None = None

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before `forward`; what it returns, unless None, becomes the inputs."""
        return RemovableHandle(self._own_hooks().forward_pre, (hook, with_kwargs), first=prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, inputs, result)` after `forward`; what it returns, unless None, becomes the result."""
        return RemovableHandle(self._own_hooks().forward, (hook, with_kwargs, always_call), first=prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` before gradients go through; what it returns replaces them."""
        return RemovableHandle(self._own_hooks().backward_pre, hook, first=prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known.

        What it returns, unless None, replaces the gradients of the inputs. Both are tuples, with None for what is no
        Tensor or has no gradient.
        """
        return RemovableHandle(self._own_hooks().backward, hook, first=prepend)

    register_backward_hook = register_full_backward_hook

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            vars(self)["_hooks"] = Hooks()
        assert self._hooks is not None
        return self._hooks
