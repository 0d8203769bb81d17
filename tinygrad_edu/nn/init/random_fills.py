"""Random first numbers of a given distribution, and random matrices that are orthogonal or sparse."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tinygrad_edu.nn.init.filling import filling, need_dims
from tinygrad_edu.tensor.functions.decompositions import qr
from tinygrad_edu.tensor.random_tensors import rand, randn
from tinygrad_edu.tensor.tensor import Tensor


@filling
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """U(a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@filling
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """N(mean, std^2)."""
    return tensor.normal_(mean, std, generator=generator)


@filling
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """N(mean, std^2) of which only what lies in [a, b] is drawn: `a` and `b` are limits, and not numbers of `std`.

    With the distribution function F, F(x) is uniform between F(a) and F(b).
    """
    if not (std > 0 and a <= b):
        raise ValueError(f"trunc_normal_ needs std above 0 and a <= b, got std={std}, a={a}, b={b}")
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            f"trunc_normal_ with mean {mean} draws between {a} and {b}, more than 2 std={std} away from it: the "
            "numbers come from the far end of the distribution, where they are rounded coarsely",
            stacklevel=3,
        )
    # 2 F(x) - 1, whose inverse is erfinv
    low, high = (math.erf((x - mean) / (std * math.sqrt(2))) for x in (a, b))
    share = rand(*tensor.shape, generator=generator, dtype="float64") * (high - low) + low
    return tensor.copy_((share.erfinv() * (std * math.sqrt(2)) + mean).clamp(a, b))


@filling
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """`gain` times a random matrix with orthogonal rows, or columns where these are fewer.

    Dimensions from the second on count as columns. Q of the QR decomposition of a normal matrix, with the signs that
    make all such matrices alike.
    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear networks (2013).
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ needs a tensor of at least 2 dimensions, got shape {tensor.shape}")
    if not tensor.numel():
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    drawn = randn(max(rows, columns), min(rows, columns), generator=generator, dtype="float64")
    q, r = qr(drawn)
    q = q * r.diagonal().sign()
    return tensor.copy_(gain * (q if rows >= columns else q.T).reshape(tensor.shape))


@filling
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """N(0, std^2) of which in each column the share `sparsity`, rounded up, is 0. For 2 dimensions.

    Source: Martens, Deep learning via Hessian-free optimization (2010).
    """
    need_dims("sparse_", tensor, 2)
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_ needs sparsity as a share from 0 to 1, got {sparsity}")
    rows, columns = tensor.shape
    tensor.normal_(0, std, generator=generator)
    order = rand(rows, columns, generator=generator).argsort(0)  # each column a random permutation
    return tensor.masked_fill_(order < math.ceil(sparsity * rows), 0)
