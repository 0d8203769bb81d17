"""NumPy's products and linear algebra on Tensors, and all else that PyTorch has under the same name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.ops import contractions
from tinygrad_edu.tensor.numpy_ufuncs import functional, linalg, numpys, tensors, torch

# Functions that PyTorch has under the same name, with other names for some arguments.
RENAMED = (
    "column_stack dstack hstack i0 kron nan_to_num nanmean nansum sinc stack tril triu vstack "
    "linalg.cholesky linalg.det linalg.eigh linalg.eigvalsh linalg.inv linalg.matrix_norm "
    "linalg.norm linalg.pinv linalg.slogdet linalg.svdvals linalg.vector_norm"
)
_NAMES = {"axis": "dim", "keepdims": "keepdim", "k": "diagonal"}


def _renamed(name: str) -> Callable[..., Any]:
    """PyTorch's function `name` in NumPy's words; what NumPy requires are operands, the rest are settings."""
    module, _, own = name.rpartition(".")
    ours = getattr(linalg if module else torch, own)
    theirs = inspect.signature(numpys(name))
    known = inspect.signature(ours).parameters
    required = [p.name for p in theirs.parameters.values() if p.default is p.empty]
    settings = {
        p: _NAMES.get(p, p) for p in theirs.parameters if p not in required and _NAMES.get(p, p) in known
    }

    def renamed(*args: Any, **options: Any) -> Any:
        given = theirs.bind(*args, **options).arguments
        operands = [
            tensors(*x) if isinstance(x, list | tuple) else tensors(x)[0] for x in map(given.get, required)
        ]
        return ours(*operands, **{settings[p]: x for p, x in given.items() if p in settings})

    renamed.__signature__ = theirs.replace(  # type: ignore[attr-defined]
        parameters=[p for name, p in theirs.parameters.items() if name in required or name in settings]
    )
    return renamed


def _dot(a: Any, b: Any) -> Any:
    """np.dot: each row of `a` with each column of `b`, also of stacks, where `a @ b` is another product."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(a) > 1 and np.ndim(b) > 2:
        return torch.tensordot(*tensors(a, b), ([-1], [-2]))
    return contractions.matmul(a, b)


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    dims = axes if isinstance(axes, int) else [[int(i) for i in np.atleast_1d(part)] for part in axes]
    return torch.tensordot(*tensors(a, b), dims)


def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = tensors(a, b)
    pair = torch.broadcast_tensors(a.movedim(axisa, -1), b.movedim(axisb, -1))
    return linalg.cross(*pair).movedim(-1, axisc)


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """np.convolve: the sums of the products of `a` with `v` written backwards and moved along."""
    a, v = tensors(a, v)
    a, v = (v, a) if len(v) > len(a) else (a, v)
    edge = {"full": 0, "same": (len(v) - 1) // 2, "valid": len(v) - 1}[mode]
    full = functional.conv1d(a.reshape(1, 1, -1), v.flip(0).reshape(1, 1, -1), padding=len(v) - 1).flatten()
    return full[edge : edge + {"full": len(full), "same": len(a), "valid": len(a) - len(v) + 1}[mode]]


def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """np.correlate: the sums of the products of `a` with `v` moved along; of the shorter with the longer, backwards."""
    return _convolve(a, np.flip(v), mode) if len(a) >= len(v) else np.flip(_correlate(v, a, mode))


def _einsum(*operands: Any, optimize: Any = False) -> Any:
    del optimize
    return torch.einsum(*(x if isinstance(x, str | list | tuple) else tensors(x)[0] for x in operands))


def _solve(a: Any, b: Any) -> Any:
    """np.linalg.solve: `b` is one vector, or a stack of matrices."""
    a, b = tensors(a, b)
    if b.ndim == a.ndim - 1 > 1:
        b = b.expand(*a.shape[:-2], *b.shape[-2:])
    return linalg.solve(a, b)


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    return linalg.svd(a, full_matrices) if compute_uv else linalg.svdvals(a)


# By NumPy's names.
LINEAR_ALGEBRA: dict[str, Callable[..., Any]] = {
    **{name: _renamed(name) for name in RENAMED.split()},
    "dot": _dot,
    "inner": lambda a, b, /: torch.inner(*tensors(a, b)),  # NumPy says its signature from 2.4 on
    "convolve": _convolve,
    "correlate": _correlate,
    "vdot": lambda a, b: contractions.matmul(np.ravel(a), np.ravel(b)),
    "outer": lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    "cross": _cross,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "linalg.solve": _solve,
    "linalg.qr": lambda a, mode="reduced": linalg.qr(a, mode).R if mode == "r" else linalg.qr(a, mode),
    "linalg.svd": _svd,
    "linalg.multi_dot": lambda arrays: torch.chain_matmul(*tensors(*arrays)),
    "linalg.matrix_power": linalg.matrix_power,
    "linalg.diagonal": lambda x, offset=0: x.diagonal(offset, -2, -1),
    "linalg.trace": lambda x, offset=0: x.diagonal(offset, -2, -1).sum(-1),
    "linalg.outer": np.outer,
    "linalg.cross": lambda a, b, axis=-1: _cross(a, b, axis=axis),
    "linalg.matmul": contractions.matmul,
    "linalg.vecdot": lambda a, b, axis=-1: linalg.vecdot(*tensors(a, b), dim=axis),
    "linalg.tensordot": _tensordot,
    "linalg.matrix_transpose": lambda x: x.mT,
}
