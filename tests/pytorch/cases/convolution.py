"""Cases of convolutions, and of windows as columns."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, integers, refused


def settings(draw, n, names, high=2):
    """For some of the settings a number for all dimensions, or one for each."""
    each = st.integers(1, high)
    forms = st.one_of(each, st.tuples(*[each] * n))
    return {name: draw(forms) for name in names.split() if draw(st.booleans())}


def maybe_batch(draw, *shape):
    """The shape of one sample, or of a batch, which may be empty."""
    return (*draw(st.sampled_from([(), (2,), (1,), (0,)])), *shape)


def numbers(draw, dtype, *shapes):
    if dtype is np.int64:
        return [draw(integers(shape=shape)) for shape in shapes]
    return [draw(floats(shape=shape, dtype=dtype)) for shape in shapes]


DTYPES = st.sampled_from([np.float64, np.float32, np.float64, np.int64])


def convolution(n):
    @case(f"conv{n}d")
    def _(draw):
        groups = draw(st.integers(1, 2))
        same = draw(st.booleans())  # for even kernels PyTorch warns
        kernel = [draw(st.sampled_from([1, 3] if same else [1, 2, 3])) for _ in range(n)]
        sizes = [2 * (k - 1) + 1 + draw(st.integers(0, 2)) for k in kernel]
        options = settings(draw, n, "stride padding dilation") | {"groups": groups}
        if draw(st.booleans()):
            options |= {"padding": "valid"}
        if same:
            options |= {"padding": "same", "stride": 1}
        out, channels = 2 * groups, draw(st.integers(1, 2))
        shapes = [maybe_batch(draw, channels * groups, *sizes), (out, channels, *kernel), (out,)]
        return numbers(draw, draw(DTYPES), *shapes[: draw(st.integers(2, 3))]), options


def transposed_convolution(n):
    @case(f"conv_transpose{n}d")
    def _(draw):
        groups = draw(st.integers(1, 2))
        kernel = [draw(st.integers(2, 3)) for _ in range(n)]
        sizes = [draw(st.integers(2, 3)) for _ in range(n)]
        options = settings(draw, n, "stride padding dilation", high=3) | {"groups": groups}
        options |= {
            "padding": draw(st.integers(0, 1)),
            "dilation": 2,
            "output_padding": draw(st.integers(0, 1)),
        }
        out, channels = draw(st.integers(1, 2)), 2 * groups
        shapes = [maybe_batch(draw, channels, *sizes), (channels, out, *kernel), (out * groups,)]
        return numbers(draw, draw(DTYPES), *shapes[: draw(st.integers(2, 3))]), options


for n in (1, 2, 3):
    convolution(n)
    transposed_convolution(n)


@case("nn.functional.unfold")
def _(draw):
    sizes = [5 + draw(st.integers(0, 1)) for _ in range(2)]
    x = draw(floats(shape=maybe_batch(draw, 2, *sizes)))
    return [x, draw(st.sampled_from([2, (3, 2)]))], settings(draw, 2, "dilation padding stride")


@case("nn.functional.fold")
def _(draw):
    options = settings(draw, 2, "dilation padding stride")
    kernel, sizes = (2, 3), (5, 6)
    dilation, padding, stride = (
        np.broadcast_to(options.get(k, 1), 2) for k in ("dilation", "padding", "stride")
    )
    options["padding"] = options.get("padding", 1)
    room = np.array(sizes) + 2 * padding - dilation * (np.array(kernel) - 1) - 1
    count = np.prod(room // stride + 1)
    return [draw(floats(shape=maybe_batch(draw, 2 * 6, int(count)))), sizes, kernel], options


def called(name, *shapes, dtype="float64", **options):
    """A call with ones of these shapes."""

    def call(library):
        where = library if hasattr(library, name) else library.nn.functional
        return getattr(where, name)(*(library.tensor(np.ones(s, dtype)) for s in shapes), **options)

    return call


IMAGE, KERNEL = (1, 2, 4, 4), (4, 2, 2, 2)
for options, message in (
    ({"stride": 0}, "conv2d needs stride of 1 or more, got 0"),
    ({"stride": (1, 2, 3)}, r"conv2d needs stride as a whole number or 2 of them, got \(1, 2, 3\)"),
    ({"stride": 1.5}, "conv2d needs stride as a whole number or 2 of them, got 1.5"),
    ({"stride": True}, "conv2d needs stride as a whole number or 2 of them, got True"),
    ({"dilation": (1, 0)}, r"conv2d needs dilation of 1 or more, got \(1, 0\)"),
    ({"padding": -1}, "conv2d needs padding of 0 or more, got -1"),
    ({"padding": "full"}, "conv2d needs padding as numbers, 'same' or 'valid', got 'full'"),
    (
        {"padding": "same", "stride": 2},
        r"padding='same' needs stride 1, got \(2, 2\); a stride changes the size",
    ),
    ({"groups": 0}, "conv2d needs groups of 1 or more, got 0"),
    ({"groups": 3}, "conv2d needs groups that divide the 4 of its weight, got 3"),
    ({"groups": 2}, r"conv2d with a weight of shape \(4, 2, 2, 2\) and groups=2 takes 4 channels, got 2"),
    ({"dilation": 4}, r"conv2d needs sizes of at least \(5, 5\), got \(4, 4\), padding included"),
):
    refused("conv2d", called("conv2d", IMAGE, KERNEL, **options), message)
refused(
    "conv1d",
    called("conv1d", (4,), (1, 1, 2)),
    r"shape \(N, C, L\) or \(C, L\), and sizes of 1 or more, got \(4,\)",
)
refused(
    "conv2d", called("conv2d", (1, 2, 0, 4), KERNEL), r"\(N, C, H, W\) or \(C, H, W\), and sizes of 1 or more"
)
refused(
    "conv2d", called("conv2d", IMAGE, (4, 2, 2)), r"a weight of 4 dimensions, none of size 0, got \(4, 2, 2\)"
)
refused("conv2d", called("conv2d", IMAGE, KERNEL, (3,)), r"conv2d needs a bias of shape \(4,\), got \(3,\)")
refused("conv2d", called("conv2d", IMAGE, KERNEL, dtype="bool"), "conv2d needs numbers, got bool")
refused(
    "conv2d",
    lambda t: t.conv2d(t.ones(1, 1, 3, 3), t.ones(1, 1, 2, 2, dtype=t.int64)),
    r"conv2d needs tensors of one dtype, got float64, int64; convert one: x.to\(y\)",
)
refused(
    "conv2d",
    lambda t: t.conv2d(t.ones(1, 1, 3, 3), [[1.0]]),
    r"conv2d needs weight and bias as Tensors, got \[\[1.0\]\], None",
)
for options, message in (
    (
        {"output_padding": 1},
        r"output_padding smaller than stride or dilation, got \(1, 1\), \(1, 1\) and \(1, 1\)",
    ),
    ({"output_padding": -1}, "conv_transpose2d needs output_padding of 0 or more, got -1"),
    ({"padding": "same"}, "conv_transpose2d needs padding as a whole number or 2 of them, got 'same'"),
    ({"padding": 3}, r"conv_transpose2d needs sizes of at least \(7, 7\), got \(5, 5\), padding included"),
    ({"groups": 3}, "conv_transpose2d needs groups that divide the 2 of its weight, got 3"),
):
    refused("conv_transpose2d", called("conv_transpose2d", IMAGE, (2, 1, 2, 2), **options), message)
refused(
    "nn.functional.unfold",
    called("unfold", (2, 3, 3), kernel_size=4),
    r"unfold needs sizes of at least \(4, 4\), got \(3, 3\)",
)
refused(
    "nn.functional.fold",
    called("fold", (1, 8, 5), output_size=(3, 3), kernel_size=2),
    r"fold needs input of shape \(N, C \* 4, 4\) or \(C \* 4, 4\), got \(1, 8, 5\)",
)
refused(
    "nn.functional.fold",
    called("fold", (1, 4, 4), output_size=3, kernel_size=2, dtype="int64"),
    r"fold needs floats, got int64; use x.double\(\) or x.float\(\)",
)
