"""Checkpoints: a part of a model keeps no graph, and is computed a second time in the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tinygrad_edu.autograd.custom_function import Function
from tinygrad_edu.autograd.derivatives import grad
from tinygrad_edu.engine.grad_mode import current, enable_grad, unrecorded, watch
from tinygrad_edu.tensor.nested import leaves, rebuilt
from tinygrad_edu.tensor.random_tensors import fork_rng, get_rng_state, set_rng_state
from tinygrad_edu.tensor.tensor import Tensor


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,  # noqa: ARG001 - PyTorch's two ways of doing the same
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)` without its graph: `backward()` calls it again for the gradients.

    It saves the memory of what is computed inside, and costs a second forward pass. Random numbers are the same in
    both passes unless `preserve_rng_state=False`.
    """
    state = get_rng_state() if preserve_rng_state else None
    sources: dict[Tensor, None] = dict.fromkeys(x for x in leaves(args) if x.requires_grad)

    def note(_operation: Any, inputs: tuple[Any, ...], _settings: Any, _result: Any) -> None:
        sources.update(dict.fromkeys(x for x in inputs if isinstance(x, Tensor) and x.requires_grad))

    with unrecorded(), watch(note):
        output = function(*args, **kwargs)
    if not sources or not current().recording:
        return output
    again = partial(_recomputed, partial(function, **kwargs), args, state)
    results = _Checkpoint.apply(tuple(leaves(output)), again, *sources)
    return rebuilt(output, iter(results))


class _Checkpoint(Function):
    """The results of a function, which is called again for their gradients."""

    @staticmethod
    def forward(ctx: Any, results: tuple[Tensor, ...], again: Any, *sources: Tensor) -> tuple[Tensor, ...]:
        ctx.again, ctx.sources = again, sources
        return results

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        second = current().recording
        with enable_grad():
            results, sources = ctx.again(ctx.sources, second)
            tracked = [(y, g) for y, g in zip(results, gradients, strict=True) if y.requires_grad]
            ys, gs = zip(*tracked)
            return (None, None, *grad(ys, sources, list(gs), create_graph=second, allow_unused=True))


def _recomputed(
    run: Any, args: Any, state: Any, sources: tuple[Tensor, ...], second: bool
) -> tuple[list[Tensor], list[Tensor]]:
    """The results anew, and the Tensors to differentiate by: those given, or copies of them without their graphs."""
    own = {x: x if second or x.operation is None else x.detach().requires_grad_() for x in sources}
    with fork_rng(enabled=state is not None):  # afterwards the default generator is as it is now
        if state is not None:
            set_rng_state(state)
        output = run(*rebuilt(args, (own.get(x, x) for x in leaves(args))))
    return list(leaves(output)), list(own.values())
