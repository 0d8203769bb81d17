"""Cases of pooling, of means over windows, and of the ways back."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, integers, refused
from tests.pytorch.cases.convolution import called

FULL = ((), (2,))  # PyTorch's indices cannot be had of a batch of none


def pooled(draw, n, dtypes=(np.float64, np.float32), distinct=False, batches=((), (2,), (0,))):
    """What is pooled, and the kernel."""
    kernel = [draw(st.integers(1, 3)) for _ in range(n)]
    sizes = [2 * (k - 1) + 1 + draw(st.integers(0, 3)) for k in kernel]
    shape, dtype = (*draw(st.sampled_from(batches)), 2, *sizes), draw(st.sampled_from(dtypes))
    if dtype is np.int64:
        return draw(integers(shape=shape, low=-9, high=9)), kernel
    return draw(floats(shape=shape, dtype=dtype, distinct=distinct)), kernel


def steps(draw, kernel):
    """Stride and padding, some of the time."""
    found = {}
    if draw(st.booleans()):
        found["stride"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        found["padding"] = tuple(k // 2 for k in kernel)
    if draw(st.booleans()):
        found["ceil_mode"] = True
    return found


def of_dim(n):
    numbers = (np.float64, np.float32, *([np.int64] if n > 1 else []))

    @case(f"nn.functional.max_pool{n}d")
    def _(draw):
        x, kernel = pooled(draw, n, numbers, distinct=True)
        options = steps(draw, kernel) | {"dilation": draw(st.integers(1, 2))}
        return [x, tuple(kernel)], options | {"return_indices": x.size > 0 and draw(st.booleans())}

    @case(f"nn.functional.max_pool{n}d_with_indices")
    def _(draw):
        x, kernel = pooled(draw, n, distinct=True, batches=FULL)
        return [x, kernel[0] if len(set(kernel)) == 1 else kernel], steps(draw, kernel)

    @case(f"nn.functional.avg_pool{n}d")
    def _(draw):
        x, kernel = pooled(draw, n, (np.float64, np.float32, np.int64))
        options = steps(draw, kernel) | {"count_include_pad": draw(st.booleans())}
        if n > 1 and draw(st.booleans()):
            options["divisor_override"] = draw(st.sampled_from([3, -2]))
        return [x, tuple(kernel)], options

    @case(f"nn.functional.lp_pool{n}d", smooth=False)
    def _(draw):
        x, kernel = pooled(draw, n, distinct=True, batches=FULL)
        power = draw(st.sampled_from([1, 2.0, 3, math.inf, -math.inf]))
        stride = {"stride": draw(st.integers(1, 3))} if draw(st.booleans()) else {}
        return [x + 3, power, tuple(kernel) if n > 1 else kernel[0]], {
            **stride,
            "ceil_mode": draw(st.booleans()),
        }

    @case(f"nn.functional.max_unpool{n}d")
    def _(draw):
        kernel = [draw(st.integers(1, 3)) for _ in range(n)]
        sizes = [draw(st.integers(1, 3)) for _ in range(n)]
        whole = [k * m + draw(st.integers(0, k - 1)) for k, m in zip(kernel, sizes)]
        shape = (*draw(st.sampled_from([(), (2,)])), 2, *sizes)
        grid = np.ix_(*[np.arange(m) * k for k, m in zip(kernel, sizes)])
        places = np.broadcast_to(np.ravel_multi_index(grid, whole), shape).copy()
        return [draw(floats(shape=shape)), places, tuple(kernel)], {"output_size": tuple(whole)}

    @case(f"nn.functional.adaptive_max_pool{n}d")
    def _(draw):
        x, size = adaptive(draw, n)
        return [x, size], {"return_indices": draw(st.booleans())}

    case(f"nn.functional.adaptive_max_pool{n}d_with_indices")(lambda draw: (list(adaptive(draw, n)), {}))
    case(f"nn.functional.adaptive_avg_pool{n}d")(lambda draw: (list(adaptive(draw, n)), {}))


def adaptive(draw, n):
    """What is pooled, and the size of the result."""
    sizes = [draw(st.integers(1, 6)) for _ in range(n)]
    shape = (*draw(st.sampled_from([(), (2,)])), 2, *sizes)
    size = tuple(draw(st.integers(1, 4)) for _ in range(n))
    if n > 1 and draw(st.booleans()):
        size = (None, *size[1:])
    return draw(floats(shape=shape, distinct=True)), size[0] if size[0] == size[-1] else size


for n in (1, 2, 3):
    of_dim(n)


@case("nn.functional.local_response_norm")
def _(draw):
    sizes = draw(st.sampled_from([(2, 3, 2), (1, 4, 2, 2), (2, 2, 1, 2, 2)]))
    options = {"alpha": 0.3, "beta": 0.5, "k": 2.0} if draw(st.booleans()) else {}
    return [np.ascontiguousarray(draw(floats(shape=sizes))), draw(st.integers(1, 4))], options


PICTURE = (1, 2, 5, 5)
for options, message in (
    ({"kernel_size": 0}, "max_pool2d needs kernel_size of 1 or more, got 0"),
    ({"kernel_size": "2"}, "max_pool2d needs kernel_size as a whole number or 2 of them, got '2'"),
    ({"kernel_size": 2, "stride": 0}, "max_pool2d needs stride of 1 or more, got 0"),
    ({"kernel_size": 2, "dilation": 0}, "max_pool2d needs dilation of 1 or more, got 0"),
    ({"kernel_size": 2, "padding": -1}, "max_pool2d needs padding of 0 or more, got -1"),
    (
        {"kernel_size": 2, "padding": 2},
        r"max_pool2d needs padding of at most half the window \(2, 2\), got \(2, 2\)",
    ),
    (
        {"kernel_size": 6},
        r"max_pool2d needs sizes of at least \(6, 6\), padding included, got input of \(1, 2, 5, 5\)",
    ),
):
    refused("nn.functional.max_pool2d", called("max_pool2d", PICTURE, **options), message)
refused(
    "nn.functional.max_pool2d",
    called("max_pool2d", (5, 5), kernel_size=2),
    r"shape \(N, C, H, W\) or \(C, H, W\)",
)
refused(
    "nn.functional.max_pool2d",
    called("max_pool2d", PICTURE, kernel_size=2, dtype=bool),
    "needs numbers, got bool",
)
refused(
    "nn.functional.max_pool2d",
    called("max_pool2d", (1, 1, 1), kernel_size=2, dilation=3, padding=2),
    "a window of size 2 and dilation 3 with padding 2 has no number",
)
refused(
    "nn.functional.avg_pool2d",
    called("avg_pool2d", PICTURE, kernel_size=2, divisor_override=0),
    "avg_pool2d needs a divisor_override other than 0",
)
refused(
    "nn.functional.avg_pool1d",
    called("avg_pool1d", (2, 5), kernel_size=2, dtype="uint8"),
    r"avg_pool1d needs floats or signed whole numbers, got uint8",
)
refused(
    "nn.functional.adaptive_avg_pool2d",
    called("adaptive_avg_pool2d", PICTURE, output_size=0),
    r"adaptive_avg_pool2d needs output_size of 1 or more, got \[0, 0\]",
)
refused(
    "nn.functional.adaptive_max_pool1d",
    called("adaptive_max_pool1d", (2, 5), output_size=()),
    "adaptive_max_pool1d needs output_size as a whole number or 1 of them",
)
refused(
    "nn.functional.adaptive_avg_pool1d",
    called("adaptive_avg_pool1d", (2, 5), output_size=2, dtype="int64"),
    "adaptive_avg_pool1d needs floats, got int64",
)
refused(
    "nn.functional.local_response_norm",
    called("local_response_norm", (2, 3), size=2),
    r"local_response_norm needs input of shape \(N, C, ...\), got \(2, 3\)",
)
UNPOOLED = "nn.functional.max_unpool1d"
refused(
    UNPOOLED,
    lambda t: t.nn.functional.max_unpool1d(t.ones(1, 2), t.tensor([[0, 9]]), 2),
    "max_unpool1d needs indices from 0 to 3, got 0 to 9",
)
refused(
    UNPOOLED,
    lambda t: t.nn.functional.max_unpool1d(t.ones(1, 2), t.tensor([[0.0, 1.0]]), 2),
    r"max_unpool1d needs a whole number for each of \(1, 2\)",
)
refused(
    UNPOOLED,
    lambda t: t.nn.functional.max_unpool1d(t.ones(1, 2), t.tensor([[0, 1]]), 2, output_size=(6,)),
    r"an output_size that differs from \(4,\) by less than the stride \(2,\), got \(6,\)",
)
