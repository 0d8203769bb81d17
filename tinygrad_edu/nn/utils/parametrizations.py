"""Ready parametrizations, as `torch.nn.utils.parametrizations`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.functional import normalize
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.utils.parametrize import register_parametrization
from tinygrad_edu.nn.utils.weight_norms import as_matrix, norm_except_dim, power_iteration, random_direction
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    """`g v / |v|`."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        """The weight."""
        return weight_v * (weight_g / norm_except_dim(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """`(g, v)`."""
        return norm_except_dim(weight, self.dim), weight


class _SpectralNorm(Module):
    """`weight / σ`, with the greatest singular value σ by power iteration."""

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        self.dim = dim % weight.ndim
        self.eps, self.n_power_iterations = eps, n_power_iterations
        if weight.ndim > 1:
            matrix = as_matrix(weight.detach(), self.dim)
            self.register_buffer("_u", random_direction(matrix.shape[0], matrix, eps))
            self.register_buffer("_v", random_direction(matrix.shape[1], matrix, eps))
            power_iteration(matrix, self._u, self._v, 15, eps)

    def forward(self, weight: Tensor) -> Tensor:
        """The weight, whose greatest singular value is 1."""
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            power_iteration(matrix.detach(), self._u, self._v, self.n_power_iterations, self.eps)
        u, v = (
            self._u.clone(),
            self._v.clone(),
        )  # the next iteration overwrites them, perhaps before backward()
        return weight / (u * (matrix @ v)).sum()

    def right_inverse(self, value: Tensor) -> Tensor:
        """The value itself, which is normalized anew."""
        return value


def _weight(call: str, module: Module, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{call} needs a parameter of {type(module).__name__}, got {name!r}")
    return weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let the weight be `g v / |v|`: its length g (`original0`) and its direction v (`original1`) are learned apart.

    One length for each place of `dim`, or one for all with None.
    Source: Salimans and Kingma, Weight Normalization (2016).
    """
    _weight("weight_norm", module, name)
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide the weight by its greatest singular value, with `dim` as rows and all other dimensions as columns.

    Found by power iteration, `n_power_iterations` steps whenever the weight is read while training. `dim` is 1 for
    transposed convolutions, else 0.
    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks (2018).
    """
    weight = _weight("spectral_norm", module, name)
    if n_power_iterations < 1:
        raise ValueError(f"spectral_norm needs n_power_iterations of 1 or more, got {n_power_iterations}")
    rows: Any = int("ConvTranspose" in type(module).__name__) if dim is None else dim
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, rows, eps))
