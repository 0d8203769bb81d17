"""The methods by which a user's program asks for gradients and is told of them: `requires_grad_`, hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.hooks import RemovableHandle

Hook = Callable[[Any], Any]


class GradientHooks(Variable):
    """The part of Tensor that tells of its gradient."""

    grad_hooks: dict[int, Hook] | None = None  # of a leaf: called when `.grad` was added to

    grad: Any

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch on or off whether a leaf gets a gradient."""
        if not requires_grad and self.operation is not None:
            raise RuntimeError(
                "requires_grad_(False) needs a leaf, but this tensor was computed; use detach()"
            )
        if requires_grad and self.raw.dtype.kind != "f":
            raise TypeError(
                f"requires_grad_ needs a floating dtype, got {self.raw.dtype}; use x.double() first"
            )
        self.requires_grad = bool(requires_grad)
        return self

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad)` whenever the gradient of this tensor is computed; what it returns replaces the gradient."""
        self._check_tracked("register_hook")
        if self.hooks is None:
            self.hooks = {}
        return RemovableHandle(self.hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(tensor)` after `backward()` has added to the `.grad` of this leaf."""
        self._check_tracked("register_post_accumulate_grad_hook")
        if self.operation is not None:
            raise RuntimeError(
                f"register_post_accumulate_grad_hook needs a leaf, but {self.described()} was computed; "
                "use register_hook"
            )
        if self.grad_hooks is None:
            self.grad_hooks = {}
        return RemovableHandle(self.grad_hooks, hook)

    def retain_grad(self) -> None:
        """Nothing to do: every tensor of a graph keeps its gradient here, inner ones too."""
        self._check_tracked("retain_grad")

    @property
    def retains_grad(self) -> bool:
        """True for a computed tensor in a graph: it keeps its gradient."""
        return self.requires_grad and self.operation is not None

    def _check_tracked(self, call: str) -> None:
        if not self.requires_grad:
            raise RuntimeError(
                f"{call} needs a tensor that requires a gradient, but {self.why_no_gradient()}"
            )
