"""Weight and spectral normalization as they were before parametrizations: the weight is computed before each call."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.utils.weight_norms import as_matrix, norm_except_dim, power_iteration, random_direction
from tinygrad_edu.tensor.tensor import Tensor


class _Hook:
    """Computes the weight called `name` before each call of a module; kept there under `_weight_hooks`."""

    call = ""

    def __init__(self, module: Any, name: str) -> None:
        if name in hooks_of(module):
            raise RuntimeError(
                f"{self.call} needs a weight without such a norm, but {name!r} of {type(module).__name__} has one"
            )
        weight = module._parameters.get(name)
        if weight is None:
            raise ValueError(f"{self.call} needs a parameter of {type(module).__name__}, got {name!r}")
        self.name = name
        delattr(module, name)
        self.start(module, weight)
        vars(module)[name] = self.weight(module)
        self.handle = module.register_forward_pre_hook(self)
        hooks_of(module)[name] = self

    def __call__(self, module: Any, _inputs: Any) -> None:
        vars(module)[self.name] = self.weight(module)

    def removed(self, module: Any) -> None:
        """Make the weight, as it is now, an ordinary parameter again."""
        weight = self.last_weight(module).detach().clone()
        self.handle.remove()
        del vars(module)[self.name], hooks_of(module)[self.name]
        for suffix in self.suffixes:
            delattr(module, f"{self.name}_{suffix}")
        setattr(module, self.name, Parameter(weight))

    suffixes: tuple[str, ...] = ()

    def start(self, module: Any, weight: Parameter) -> None:
        """Register what the weight is computed from."""
        raise NotImplementedError

    def weight(self, module: Any) -> Tensor:
        """The weight for the next call."""
        raise NotImplementedError

    def last_weight(self, module: Any) -> Tensor:
        """The weight as it stands."""
        return self.weight(module)


def hooks_of(module: Any) -> dict[str, _Hook]:
    """The normalizations of a module by the names of the weights."""
    return vars(module).setdefault("_weight_hooks", {})


class _WeightNormHook(_Hook):
    call, suffixes = "weight_norm", ("g", "v")

    def __init__(self, module: Any, name: str, dim: int | None) -> None:
        self.dim = -1 if dim is None else dim
        super().__init__(module, name)

    def start(self, module: Any, weight: Parameter) -> None:
        module.register_parameter(f"{self.name}_g", Parameter(norm_except_dim(weight.detach(), self.dim)))
        module.register_parameter(f"{self.name}_v", Parameter(weight.detach()))

    def weight(self, module: Any) -> Tensor:
        g, v = (getattr(module, f"{self.name}_{suffix}") for suffix in self.suffixes)
        return v * (g / norm_except_dim(v, self.dim))


class _SpectralNormHook(_Hook):
    call, suffixes = "spectral_norm", ("orig", "u", "v")

    def __init__(self, module: Any, name: str, steps: int, eps: float, dim: int) -> None:
        self.steps, self.eps, self.dim = steps, eps, dim
        super().__init__(module, name)

    def start(self, module: Any, weight: Parameter) -> None:
        module.register_parameter(f"{self.name}_orig", weight)
        rows, columns = as_matrix(weight.detach(), self.dim).shape
        module.register_buffer(f"{self.name}_u", random_direction(rows, weight, self.eps))
        module.register_buffer(f"{self.name}_v", random_direction(columns, weight, self.eps))

    def weight(self, module: Any) -> Tensor:
        if module.training and hasattr(self, "handle"):
            u, v = (getattr(module, f"{self.name}_{suffix}") for suffix in "uv")
            matrix = as_matrix(getattr(module, f"{self.name}_orig").detach(), self.dim)
            _iterated(matrix, u, v, self.steps, self.eps)
        return self.last_weight(module)

    def last_weight(self, module: Any) -> Tensor:
        weight, u, v = (getattr(module, f"{self.name}_{suffix}") for suffix in self.suffixes)
        return weight / (u.clone() * (as_matrix(weight, self.dim) @ v.clone())).sum()


def _iterated(matrix: Tensor, u: Tensor, v: Tensor, steps: int, eps: float) -> None:
    """The power iteration on the transposed matrix: v is found first, then u."""
    power_iteration(matrix.T, v, u, steps, eps)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let the weight be `g v / |v|`, computed before each call from the parameters `weight_g` and `weight_v`.

    `parametrizations.weight_norm` does the same whenever the weight is read.
    Source: Salimans and Kingma, Weight Normalization (2016).
    """
    _WeightNormHook(module, name, dim)
    return module


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide the weight by its greatest singular value, computed before each call from the parameter `weight_orig`.

    `parametrizations.spectral_norm` does the same whenever the weight is read.
    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks (2018).
    """
    if n_power_iterations < 1:
        raise ValueError(f"spectral_norm needs n_power_iterations of 1 or more, got {n_power_iterations}")
    rows = int("ConvTranspose" in type(module).__name__) if dim is None else dim
    _SpectralNormHook(module, name, n_power_iterations, eps, rows)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight an ordinary parameter again."""
    return _removed("remove_weight_norm", _WeightNormHook, module, name)


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight an ordinary parameter again."""
    return _removed("remove_spectral_norm", _SpectralNormHook, module, name)


def _removed(call: str, kind: type[_Hook], module: Module, name: str) -> Module:
    hook = hooks_of(module).get(name)
    if not isinstance(hook, kind):
        raise ValueError(f"{call} needs a weight with that norm, got {name!r} of {type(module).__name__}")
    hook.removed(module)
    return module
