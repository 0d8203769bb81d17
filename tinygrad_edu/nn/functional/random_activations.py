"""Activations that draw random numbers, from a given generator or from the one behind `manual_seed`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops.elementwise import greater, log, where
from tinygrad_edu.ops.index import one_hot
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.activation_functions import activation, leaky_relu, overwriting, stored
from tinygrad_edu.tensor.random_tensors import rand
from tinygrad_edu.tensor.tensor import Tensor


@activation("rrelu")
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: Any = None,
) -> Tensor:
    """x above 0; below, x times a slope between lower and upper, drawn for each number while training.

    Source: Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network (2015).
    """
    if lower > upper:
        raise ValueError(f"rrelu needs lower of at most upper, got {lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    slopes = lower + (upper - lower) * rand(*input.shape, generator=generator, dtype=input.dtype)
    return stored(input, inplace, where(greater(input, 0), input, slopes * input))


activation("rrelu_")(overwriting(rrelu))


@activation()
def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,  # noqa: ARG001 - PyTorch's, of no effect there either
    dim: int = -1,
    *,
    generator: Any = None,
) -> Tensor:
    """A sample of softmax(logits) with a derivative: softmax((logits + noise) / tau), one-hot if `hard`.

    The noise is -log(-log(u)) for u uniform in (0, 1). One-hot samples pass the gradient of the soft ones.
    Source: Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax (2017).
    """
    place = one_dim("gumbel_softmax", dim, logits.ndim)
    noise = -log(-log(rand(*logits.shape, generator=generator, dtype=logits.dtype)))
    soft = ((logits + noise) / tau).softmax(place)
    if not hard:
        return soft
    (classes,) = logits.shape[place : place + 1] or (1,)
    certain = one_hot(soft.argmax(place), classes=classes, dim=place, dtype=logits.dtype).reshape(
        logits.shape
    )
    return certain - soft.detach() + soft
