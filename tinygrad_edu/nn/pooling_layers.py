"""Poolings of windows as layers: the greatest number, the mean, the power mean."""

from __future__ import annotations

from typing import Any, ClassVar

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.function_modules import FunctionModule
from tinygrad_edu.nn.functional.window_arguments import each
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _MaxPool(FunctionModule):
    shows = "kernel_size={kernel_size}, stride={stride}, padding={padding}, dilation={dilation}, ceil_mode={ceil_mode}"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            return_indices=return_indices,
            ceil_mode=ceil_mode,
        )


class MaxPool1d(_MaxPool):
    """The greatest number of each window: see `functional.max_pool1d`."""

    function = staticmethod(functional.max_pool1d)


class MaxPool2d(_MaxPool):
    """The greatest number of each window: see `functional.max_pool2d`."""

    function = staticmethod(functional.max_pool2d)


class MaxPool3d(_MaxPool):
    """The greatest number of each window: see `functional.max_pool3d`."""

    function = staticmethod(functional.max_pool3d)


class _MaxUnpool(FunctionModule):
    dims: ClassVar[int]
    shows = "kernel_size={kernel_size}, stride={stride}, padding={padding}"

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        call = type(self).__name__
        super().__init__(
            kernel_size=each(call, "kernel_size", kernel_size, self.dims),
            stride=each(call, "stride", kernel_size if stride is None else stride, self.dims),
            padding=each(call, "padding", padding, self.dims, least=0),
        )

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Tensor:  # noqa: A002 - PyTorch's name
        """Zeros, and each number of `input` at its place."""
        return super().forward(input, indices, output_size=output_size)


class MaxUnpool1d(_MaxUnpool):
    """The numbers of a max pooling at their places, and zeros: see `functional.max_unpool1d`."""

    function = staticmethod(functional.max_unpool1d)
    dims = 1


class MaxUnpool2d(_MaxUnpool):
    """The numbers of a max pooling at their places, and zeros: see `functional.max_unpool2d`."""

    function = staticmethod(functional.max_unpool2d)
    dims = 2


class MaxUnpool3d(_MaxUnpool):
    """The numbers of a max pooling at their places, and zeros: see `functional.max_unpool3d`."""

    function = staticmethod(functional.max_unpool3d)
    dims = 3


class _AvgPool(FunctionModule):
    shows = "kernel_size={kernel_size}, stride={stride}, padding={padding}"

    def __init__(self, **options: Any) -> None:
        if options["stride"] is None:
            options["stride"] = options["kernel_size"]
        super().__init__(**options)


class AvgPool1d(_AvgPool):
    """The mean of each window: see `functional.avg_pool1d`."""

    function = staticmethod(functional.avg_pool1d)

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            kernel_size=each("AvgPool1d", "kernel_size", kernel_size, 1),
            stride=each("AvgPool1d", "stride", kernel_size if stride is None else stride, 1),
            padding=each("AvgPool1d", "padding", padding, 1, least=0),
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )


class AvgPool2d(_AvgPool):
    """The mean of each window: see `functional.avg_pool2d`."""

    function = staticmethod(functional.avg_pool2d)


class AvgPool3d(_AvgPool):
    """The mean of each window: see `functional.avg_pool3d`."""

    function = staticmethod(functional.avg_pool3d)


class LPPool1d(FunctionModule):
    """The power mean of each window, without the division: see `functional.lp_pool1d`."""

    function = staticmethod(functional.lp_pool1d)


class LPPool2d(FunctionModule):
    """The power mean of each window, without the division: see `functional.lp_pool2d`."""

    function = staticmethod(functional.lp_pool2d)


class LPPool3d(FunctionModule):
    """The power mean of each window, without the division: see `functional.lp_pool3d`."""

    function = staticmethod(functional.lp_pool3d)


# As many windows as the result has numbers.


class AdaptiveMaxPool1d(FunctionModule):
    """The greatest number of each of `output_size` windows: see `functional.adaptive_max_pool1d`."""

    function = staticmethod(functional.adaptive_max_pool1d)
    shows = "output_size={output_size}"


class AdaptiveMaxPool2d(FunctionModule):
    """The greatest number of each of `output_size` windows: see `functional.adaptive_max_pool2d`."""

    function = staticmethod(functional.adaptive_max_pool2d)
    shows = "output_size={output_size}"


class AdaptiveMaxPool3d(FunctionModule):
    """The greatest number of each of `output_size` windows: see `functional.adaptive_max_pool3d`."""

    function = staticmethod(functional.adaptive_max_pool3d)
    shows = "output_size={output_size}"


class AdaptiveAvgPool1d(FunctionModule):
    """The mean of each of `output_size` windows: see `functional.adaptive_avg_pool1d`."""

    function = staticmethod(functional.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(FunctionModule):
    """The mean of each of `output_size` windows: see `functional.adaptive_avg_pool2d`."""

    function = staticmethod(functional.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(FunctionModule):
    """The mean of each of `output_size` windows: see `functional.adaptive_avg_pool3d`."""

    function = staticmethod(functional.adaptive_avg_pool3d)
