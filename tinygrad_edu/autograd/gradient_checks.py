"""`gradcheck` and `gradgradcheck`: PyTorch's names for the comparison with central differences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tinygrad_edu.autograd.evaluation import leaves
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing import check_gradients


class GradcheckError(RuntimeError):
    """A gradient that differs from central differences."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,  # noqa: ARG001 - the step is chosen for float64
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    order: int = 1,
    **_pytorchs: Any,
) -> bool:
    """True if the gradients of `func` by all inputs that require one agree with central differences, in float64.

    Raises `GradcheckError`, which names the worst number, or returns False unless `raise_exception`;
    `ValueError` if no input requires a gradient. See `testing.check_gradients`.
    """
    given = inputs if isinstance(inputs, tuple | list) else (inputs,)
    chosen = [i for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    if not chosen:
        raise ValueError("gradcheck needs at least one input that requires a gradient, got none")

    def result(number: int, *points: Tensor) -> Any:
        args = list(given)
        for i, point in zip(chosen, points, strict=True):
            args[i] = point
        return [y for y in leaves(func(*args)) if y.dtype.kind == "f"][number]

    points = [given[i].detach() for i in chosen]
    count = len([y for y in leaves(func(*given)) if y.dtype.kind == "f"])
    try:
        for number in range(count):
            check_gradients(partial(result, number), *points, order=order, rtol=rtol, atol=atol)
    except AssertionError as error:
        if raise_exception:
            raise GradcheckError(str(error)) from error
        return False
    return True


def gradgradcheck(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, **options: Any) -> bool:  # noqa: ARG001
    """`gradcheck`, and the same for the gradients of the gradients; what flows back is drawn."""
    return gradcheck(func, inputs, **{**options, "order": 2})
