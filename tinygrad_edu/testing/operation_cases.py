"""Inputs and settings on which each operation on arrays is tried: away from kinks and poles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.ops import OPERATIONS


@dataclass
class OperationCase:
    """Shapes of the inputs of an operation, and its settings."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        settings = ",".join(f"{key}={value}" for key, value in self.settings.items()).replace("\n", "")
        return f"{self.name}-{'-'.join(map(str, self.shapes))}-{settings}".replace(" ", "")

    def function(self, *xs: Any) -> Any:
        """The operation on these inputs; one that reads a triangle of a matrix is a function of the symmetric part."""
        xs = tuple(map(symmetric, xs)) if self.name in SYMMETRIC else xs
        return OPERATIONS[self.name](*xs, **self.settings)

    def points(self, dtype: str = "float64") -> list[np.ndarray]:
        """Distinct numbers from -1 to 1, so that no two of them tie."""
        rng = np.random.default_rng(0)
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        points = [
            rng.permutation(np.linspace(-1, 1, n) if n != 1 else np.array([0.4])).reshape(shape).astype(dtype)
            for n, shape in zip(sizes, self.shapes, strict=True)
        ]
        if self.name == "class_cross_entropy":
            points[1] = (
                np.arange(points[1].size).reshape(points[1].shape) % points[0].shape[self.settings["dim"]]
            )
        if self.name in SYMMETRIC | INVERTED:
            points[0] = points[0] / 2 + 2 * np.eye(self.shapes[0][-2], self.shapes[0][-1], dtype=dtype)
        return points


# Of which one triangle is read, and taken for the other, too: as functions of any matrix, of its symmetric part.
SYMMETRIC = {"cholesky", "eigenvalues", "eigenvectors"}
INVERTED = {"inverse", "solve", "logabsdet", "orthonormal", "singular_vectors"}


def symmetric(x: Any) -> Any:
    """The symmetric part of matrices."""
    return (x + x.swapaxes(-1, -2)) / 2


ONE = {"stride": (1,), "dilation": (1,), "groups": 1}
TWO = {"stride": (2, 1), "dilation": (1, 2), "groups": 2}
ROWS, COLUMNS = np.array([0, 0, 1]), np.array([2, 2, 0])
MASK = np.array([[True, False, True], [False, True, False]])


def _reductions(name: str) -> list[OperationCase]:
    choices = [
        ((2, 3), None),
        ((2, 3), (0,)),
        ((2, 3), (1,)),
        ((2, 3, 4), (0, 2)),
        ((1, 3), (1,)),
        ((), None),
    ]
    return [OperationCase(name, (s,), {"dims": d, "keepdim": k}) for s, d in choices for k in (False, True)]


SCANS = ("cumsum", "cumprod", "logcumsumexp")

CASES = [
    *(case for name in ("sum", "mean", "amax", "amin", "logsumexp") for case in _reductions(name)),
    *(
        OperationCase(name, ((2, 3, 4),), {"dim": d})
        for name in ("softmax", "log_softmax")
        for d in (0, 1, 2)
    ),
    *(OperationCase(name, ((2, 3),), {"dim": 1, "keepdim": True}) for name in ("argmax", "argmin")),
    *(OperationCase(name, ((2, 3),), {"dims": (1,), "keepdim": True}) for name in ("any", "all")),
    *(
        OperationCase(name, (s,), {"dim": d})
        for name in SCANS
        for s, d in [((3,), 0), ((2, 3, 4), 1), ((2, 1), 1), ((2, 0), 1)]
    ),
    OperationCase("recurrence", ((2, 2, 4), (2, 3, 4)), {"dim": 1}),
    OperationCase("recurrence", ((0,), (1,)), {"dim": 0}),
    *(
        OperationCase("prod", (s,), {"dim": d, "keepdim": k})
        for s, d in [((3,), 0), ((2, 3, 4), 1), ((2, 2), 1)]
        for k in (False, True)
    ),
    *(OperationCase("prod", ((3, n),), {"dim": 1, "keepdim": True}) for n in (0, 1)),
    OperationCase("running_place", ((2, 3),), {"dim": 1, "least": True}),
    OperationCase("distinct", ((2, 3),), {"dim": 1, "which": "values"}),
    OperationCase("bincount", ((1,), (1,)), {"minlength": 2}),
    OperationCase("bin_edges", ((3,),), {"bins": 2, "limits": None, "margin": 1.0}),
    OperationCase("histogram", ((3,), (3,), (2,)), {"density": False}),
    OperationCase("one_hot", ((2, 3),), {"classes": 4, "dim": 1, "dtype": np.dtype(np.float64)}),
    OperationCase("reshape", ((2, 3),), {"shape": (3, 2)}),
    OperationCase("reshape", ((2, 3),), {"shape": (-1,)}),
    OperationCase("reshape", ((1,),), {"shape": ()}),
    OperationCase("permute", ((2, 3, 4),), {"dims": (2, 0, 1)}),
    OperationCase("permute", ((),), {"dims": ()}),
    OperationCase("expand", ((3,),), {"shape": (2, 3)}),
    OperationCase("expand", ((2, 1),), {"shape": (4, 2, 3)}),
    OperationCase("expand", ((),), {"shape": (2,)}),
    OperationCase("cast", ((2, 3),), {"dtype": np.dtype(np.float64)}),
    OperationCase("cast_whole", ((2, 3),), {"dtype": np.dtype(np.int64)}),
    OperationCase("cat", ((2, 3), (1, 3), (2, 3)), {"dim": 0}),
    OperationCase("cat", ((2, 3), (2, 0), (2, 4)), {"dim": 1}),
    OperationCase("take", ((2, 3),), {"index": 1}),
    OperationCase("take", ((2, 3),), {"index": (slice(None), slice(None, None, -2))}),
    OperationCase("take", ((2, 3),), {"index": (0, 1)}),
    OperationCase("take", ((2, 3),), {"index": (None, Ellipsis, 0)}),
    OperationCase("take", ((2, 3),), {"index": ROWS}),
    OperationCase("take", ((2, 3),), {"index": (ROWS, COLUMNS)}),
    OperationCase("take", ((2, 3),), {"index": (slice(None), COLUMNS)}),
    OperationCase("take", ((2, 3),), {"index": MASK}),
    OperationCase("take", ((2, 3),), {"index": np.zeros(0, int)}),
    OperationCase("take", ((),), {"index": ()}),
    OperationCase("scatter", ((3, 2),), {"index": ROWS, "shape": (4, 2)}),
    OperationCase("scatter", ((3,),), {"index": MASK, "shape": (2, 3)}),
    OperationCase("scatter", ((3,),), {"index": (ROWS, COLUMNS), "shape": (2, 3)}),
    OperationCase("put", ((2, 3), (3,)), {"index": 1}),
    OperationCase("put", ((2, 3), (2, 2)), {"index": (slice(None), slice(None, None, -2))}),
    OperationCase("put", ((2, 3), (3,)), {"index": MASK}),
    OperationCase("put", ((4, 2), (3, 2)), {"index": ROWS}),
    OperationCase("put", ((2, 3), (2, 3)), {"index": ...}),
    OperationCase("last_writes", ((3, 2),), {"index": ROWS, "shape": (4, 2)}),
    OperationCase("diagonal", ((3, 3),)),
    OperationCase("diagonal", ((2, 4, 4),)),
    OperationCase("within", ((1,),), {"call": "gather", "dim": 0, "size": 2}),
    OperationCase("argsort", ((2, 3),), {"dim": 1}),
    OperationCase("searchsorted", ((2,), (3,)), {"side": "left"}),
    OperationCase("nonzero", ((2, 3),)),
    OperationCase("extreme_at", ((2, 3), (3,)), {"index": (ROWS, COLUMNS), "least": False}),
    OperationCase("extreme_at", ((2, 3), (3, 3)), {"index": ROWS, "least": True}),
    OperationCase("matmul", ((3,), (3,))),
    OperationCase("matmul", ((2, 3), (3,))),
    OperationCase("matmul", ((3,), (3, 4))),
    OperationCase("matmul", ((2, 3), (3, 4))),
    OperationCase("matmul", ((5, 2, 3), (3,))),
    OperationCase("matmul", ((3,), (5, 3, 2))),
    OperationCase("matmul", ((5, 2, 3), (3, 4))),
    OperationCase("matmul", ((2, 3), (5, 3, 4))),
    OperationCase("matmul", ((5, 2, 3), (5, 3, 4))),
    OperationCase("matmul", ((1, 2, 3), (5, 3, 4))),
    OperationCase("matmul", ((5, 2, 3), (1, 3, 4))),
    OperationCase("matmul", ((2, 1, 2, 3), (3, 3, 2))),
    OperationCase("matmul", ((2, 1, 3), (4, 1, 3, 2))),
    OperationCase("matmul", ((2, 2, 2, 3), (3,))),
    OperationCase("matmul", ((3,), (2, 2, 3, 1))),
    OperationCase("matmul", ((1,), (1,))),
    OperationCase("column_sums", ((4, 3),)),
    OperationCase("column_sums", ((0, 3),)),
    OperationCase("linear", ((4, 3), (2, 3), (2,))),
    OperationCase("linear", ((4, 3), (2, 3))),
    OperationCase("linear", ((3,), (2, 3), (2,))),
    OperationCase("linear", ((5, 4, 3), (2, 3), (2,))),
    OperationCase("cross_entropy", ((2, 3), (2, 3), ()), {"dim": 1}),
    OperationCase("cross_entropy", ((2, 3, 4), (2, 3, 4), ()), {"dim": 1}),
    OperationCase("cross_entropy", ((3,), (3,), ()), {"dim": 0}),
    OperationCase("class_cross_entropy", ((2, 3), (2,)), {"dim": 1, "ignore_index": -100}),
    OperationCase("class_cross_entropy", ((2, 3, 4), (2, 4)), {"dim": 1, "ignore_index": -100}),
    OperationCase("class_cross_entropy", ((3,), ()), {"dim": 0, "ignore_index": -100}),
    *(OperationCase("standardize", ((2, 3, 4),), {"dims": d, "eps": 0.1}) for d in ((2,), (0, 2), (0, 1, 2))),
    OperationCase("lstm", ((3, 2, 8), (8, 2), (2, 2), (2, 2))),
    OperationCase("lstm", ((1, 1, 12), (12, 3), (1, 3), (1, 3))),
    OperationCase("lstm_steps", ((3, 2, 8), (8, 2), (2, 2), (2, 2))),
    OperationCase("lstm_back", ((2, 3, 2, 2), (8, 2), (46, 2))),
    *(OperationCase("lower", (shape,), {"diagonal": d}) for shape in ((3, 4), (2, 4, 3)) for d in (0, -1)),
    *(
        OperationCase(name, (shape,))
        for name in ("inverse", "matrix_exp")
        for shape in ((3, 3), (2, 3, 3), (0, 0))
    ),
    OperationCase("solve", ((3, 3), (3, 2))),
    OperationCase("solve", ((0, 0), (0, 0))),
    OperationCase("solve", ((2, 3, 3), (3, 3))),
    OperationCase("solve", ((2, 3, 3), (2, 3, 1))),
    *(
        OperationCase("pinverse", (shape,), {"atol": 0.0, "rtol": 1e-9})
        for shape in ((3, 2), (2, 2, 3), (3, 3))
    ),
    *(
        OperationCase(name, (shape,))
        for name in ("cholesky", "eigenvalues", "eigenvectors")
        for shape in ((3, 3), (2, 3, 3))
    ),
    *(
        OperationCase(name, (shape,))
        for name in ("singular_values", "singular_vectors")
        for shape in ((3, 3), (2, 3, 2), (2, 4))
    ),
    OperationCase("inverse_gaps", ((2, 3),)),
    *(OperationCase("orthonormal", (shape,)) for shape in ((3, 3), (2, 4, 3), (2, 0))),
    *(
        OperationCase(name, (shape,))
        for name in ("determinant", "cofactors", "logabsdet", "sign_of_determinant")
        for shape in ((3, 3), (2, 2, 2), (1, 1))
    ),
    OperationCase("complement", ((4, 3),)),
    OperationCase("windows", ((2, 5),), {"size": (2,), "stride": (1,), "dilation": (2,)}),
    OperationCase("windows", ((4, 5),), {"size": (2, 3), "stride": (3, 2), "dilation": (1, 1)}),
    OperationCase(
        "overlap_add", ((2, 2, 3),), {"size": (2,), "stride": (1,), "dilation": (2,), "shape": (5,)}
    ),
    OperationCase(
        "overlap_add",
        ((2, 3, 1, 2),),
        {"size": (2, 3), "stride": (3, 2), "dilation": (1, 1), "shape": (4, 6)},
    ),
    OperationCase("window_argmax", ((2, 3),), {"rows": (((0, 1), (1, 2)),)}),
    OperationCase("unpool", ((3,),), {"index": (ROWS, np.array([0, 1, 0])), "shape": (2, 3)}),
    OperationCase("convolve", ((2, 2, 4), (3, 2, 2), (3,)), ONE),
    OperationCase("convolve", ((2, 2, 4), (3, 2, 2)), ONE),
    OperationCase("convolve", ((1, 4, 5, 5), (2, 2, 2, 2), (2,)), TWO),
    OperationCase("convolve_back", ((2, 3, 3), (3, 2, 2)), {**ONE, "shape": (4,)}),
    OperationCase("convolve_back", ((1, 2, 2, 3), (2, 2, 2, 2)), {**TWO, "shape": (5, 5)}),
    OperationCase("convolve_back", ((9, 3, 2), (3, 1, 2)), {**ONE, "shape": (3,)}),
    OperationCase("convolve_back", ((8, 1, 2, 2), (1, 1, 2, 2)), {**TWO, "groups": 1, "shape": (5, 4)}),
    OperationCase("convolve_kernels", ((2, 3, 3), (2, 2, 4)), {**ONE, "size": (2,)}),
    OperationCase("convolve_kernels", ((1, 2, 2, 3), (1, 4, 5, 5)), {**TWO, "size": (2, 2)}),
]
