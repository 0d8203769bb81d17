"""The gradient that flows out of a Tensor: `backward`, `.grad` and hooks, and who owns the arrays after it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.backward import gradients, limited
from tinygrad_edu.engine.detachment import release
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import ACCUMULATE, Variable, announce
from tinygrad_edu.engine.hooks import RemovableHandle
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.promise import Promise
from tinygrad_edu.hints.growing_graph import EVERY, calls, notice
from tinygrad_edu.hints.kept_graphs import gradients_with_graph
from tinygrad_edu.hints.not_finite import check_walk, warn_not_finite
from tinygrad_edu.hints.not_zeroed import Use, added_to

Hook = Callable[[Any], Any]


@functools.cache
def _one(kind: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """The gradient of a single number with respect to itself; rules never modify what they are given."""
    one = np.ones(shape, dtype)
    one.flags.writeable = False
    return kind.around(one)


def flow(call: str, result: Any, gradient: Any, create_graph: bool, wanted: Any = None) -> dict[Any, Any]:
    """The gradient of `result` with respect to everything it was computed from, checked at the door.

    With `wanted`, of what was computed only with respect to these.
    """
    _check_tracked(call, result, "depends on one with requires_grad=True")
    if gradient is None:
        if result.form.size != 1:
            raise RuntimeError(
                f"{call} needs a single number, but the tensor has shape {result.shape}; "
                "take its sum or mean first, or pass gradient="
            )
        gradient = _one(result.result_kind, result.form.shape, result.form.dtype)
    else:
        gradient = _seed(call, result, gradient)
    follower = current().follower
    if follower is not None and follower.active:
        return follower.flow(result, gradient, create_graph)
    return walked(result, gradient, create_graph, wanted)


def _seed(call: str, result: Any, gradient: Any) -> Any:
    """The gradient that flows into `result`, as a Tensor of its shape."""
    kind: Any = result.result_kind
    seed = gradient if isinstance(gradient, kind) else kind(gradient, result.dtype)
    if seed.shape != result.shape:
        raise ValueError(
            f"{call} needs a gradient of shape {result.shape}, that of the tensor, got {seed.shape}"
        )
    return seed


def _asked(result: Any, gradient: Any, create_graph: bool, inputs: Any) -> tuple[Any, bool, Any] | None:
    """What a call of `backward` asks for beside the gradients of all leaves; None if that is all."""
    if gradient is None and inputs is None and not create_graph:
        return None
    seed = None if gradient is None else _seed("backward", result, gradient)
    return seed, create_graph, [inputs] if isinstance(inputs, Variable) else inputs


def walked(result: Any, gradient: Any, create_graph: bool, wanted: Any = None) -> dict[Any, Any]:
    """The same from a gradient of the right shape."""
    if current().watchers:
        check_walk(result, gradient)
    elif not create_graph:
        return gradients(result, gradient.raw[()], wanted=wanted)  # one number as a number, which is quicker
    with grad_mode.walk(records=create_graph):
        return gradients(result, gradient, create_graph=create_graph, wanted=wanted)


def _check_tracked(call: str, x: Any, why: str = "requires a gradient") -> None:
    if not x.requires_grad:
        raise RuntimeError(f"{call} needs a tensor that {why}, but {x.why_no_gradient()}")


def _each_its_own(grads: dict[Variable, Any]) -> dict[Variable, Any]:
    """Gradients as Variables, for the leaves: none shared, as each may be overwritten.

    Raw for all others: an inner tensor that held its own graph would never be freed.
    """
    owned: set[int] = set()
    for node, g in grads.items():
        if node.operation is not None:
            grads[node] = g.raw
        elif id(g) in owned or g.raw.base is not None or not g.raw.flags.writeable:
            grads[node] = g.clone()
        owned.add(id(g))
    return grads


before_backward: list[Callable[[Any], None]] = []  # who is told of a tensor from which `backward()` starts


class Gradients(Variable):
    """The methods by which a user's program asks for gradients and is told of them."""

    gradient_use: Use = None
    grad_hooks: dict[int, Hook] | None = None  # of a leaf: called when `.grad` was added to

    @property
    def is_leaf(self) -> bool:
        """True if the user created it: no recorded operation computed it."""
        return self.operation is None

    @property
    def grad_fn(self) -> Operation | None:
        """The operation that computed it; None for a leaf."""
        return self.operation

    @property
    def retains_grad(self) -> bool:
        """True for a computed tensor in a graph: it keeps its gradient."""
        return self.requires_grad and self.operation is not None

    @property
    def grad(self) -> Self | None:
        """d(result of backward) / d(self); None before `backward()`. Leaves add up over several calls."""
        kind: Any = self.result_kind
        g = self._grad
        if isinstance(g, Promise):
            self._grad = g.kept()
        elif g is not None and not isinstance(g, kind):
            # In memory of its own: a rule may have handed one array to two inputs.
            self._grad = kind.around(np.array(g))
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None:
            kind: Any = self.result_kind
            value = value if isinstance(value, kind) else kind(value, self.raw.dtype)
            if value.shape != self.raw.shape:
                raise ValueError(f"grad needs the shape of its tensor, {self.raw.shape}, got {value.shape}")
        self._grad, self.gradient_use = value, None

    def raw_grad(self) -> Any:
        """The gradient as a raw array, not to be modified; None before `backward()`."""
        g = self.grad if isinstance(self._grad, Promise) else self._grad
        return g.raw if isinstance(g, Variable) else g

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch on or off whether a leaf gets a gradient."""
        if not requires_grad and self.operation is not None:
            raise RuntimeError(
                "requires_grad_(False) needs a leaf, but this tensor was computed; use detach()"
            )
        if requires_grad and self.form.dtype.kind != "f":
            raise TypeError(
                f"requires_grad_ needs a floating dtype, got {self.form.dtype}; use x.double() first"
            )
        self.requires_grad = bool(requires_grad)
        follower = current().follower
        if follower is not None and follower.active:
            follower.note_marked(self)
        return self

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Variable | Sequence[Variable] | None = None,
    ) -> None:
        """Put d self / d x into `x.grad`, for every x that self was computed from.

        `gradient` is dL / d self, of the shape of self; it may be left out if self is one number. Leaves add up over
        several calls, inner tensors start anew. The graph is kept unless `retain_graph=False`. With `create_graph`
        the gradients of leaves have a graph themselves. `inputs`: only these leaves.
        Raises `RuntimeError` if self needs no gradient, is not one number, or if numbers were changed meanwhile.
        """
        for note in before_backward:
            note(self)
        follower = current().follower
        if follower is not None and follower.active:
            if retain_graph is False:
                follower.stop("backward() with retain_graph=False")
            elif follower.backward(self, _asked(self, gradient, create_graph, inputs)):
                return
        if isinstance(gradient, Variable):
            gradient = gradient.clone()  # type: ignore[attr-defined] # as it may become the gradient of a leaf
        found = flow("backward", self, gradient, create_graph)
        if gradient is None and not isfinite(self.raw.item()):
            warn_not_finite(self)
        if not next(calls) % EVERY:
            notice(self, len(found))
        if create_graph or current().watchers:
            found = _each_its_own(found)
        if inputs is not None:
            found = limited(found, inputs)
        for node, g in found.items():
            if node._grad is None or node.operation is not None:
                node._grad = g
            else:
                announce(ACCUMULATE, node)
                node.gradient_use = added_to(node)
                node._grad = (node._grad if isinstance(g, Variable) else node.raw_grad()) + g
            if node.grad_hooks:
                for hook in list(node.grad_hooks.values()):
                    hook(node)
        if retain_graph is False:
            release(found)
        if create_graph:
            gradients_with_graph(found.values())

    # Hooks.

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad)` whenever the gradient of this tensor is computed; what it returns replaces the gradient."""
        _check_tracked("register_hook", self)
        Node.hooked = True
        self.hooks = {} if self.hooks is None else self.hooks
        return RemovableHandle(self.hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(tensor)` after `backward()` has added to the `.grad` of this leaf."""
        _check_tracked("register_post_accumulate_grad_hook", self)
        if self.operation is not None:
            raise RuntimeError(
                f"register_post_accumulate_grad_hook needs a leaf, but {self.described()} was computed; "
                "use register_hook"
            )
        self.grad_hooks = {} if self.grad_hooks is None else self.grad_hooks
        return RemovableHandle(self.grad_hooks, hook)

    def retain_grad(self) -> None:
        """Nothing to do: every tensor of a graph keeps its gradient here, inner ones too."""
        _check_tracked("retain_grad", self)
