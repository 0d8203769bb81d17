"""Convolutions of signals, images and volumes, and their adjoints, as layers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.functional.convolutions import conv, conv_transpose
from tinygrad_edu.nn.functional.window_arguments import each
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats, parameter, start_uniform, whole
from tinygrad_edu.ops.windows import Sizes, spans
from tinygrad_edu.tensor.functions.padding import pad
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    """What all have in common: parameters, arguments, checks.

    Starts from U(-k, k) with k = 1 / sqrt(numbers that each number of the result is computed from, for the adjoint:
    the size of a kernel times the results of a group).
    """

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Parameter
    bias: Parameter | None
    stride: Sizes
    padding: Any  # one number for each dimension, or a word
    dilation: Sizes
    output_padding: Sizes

    def _build(
        self,
        channels: tuple[int, int],
        kernel_size: Any,
        settings: dict[str, Any],
        groups: int,
        bias: bool,
        padding_mode: str,
        kind: np.dtype[Any],
    ) -> None:
        """Set the attributes, and draw the parameters."""
        call, n = type(self).__name__, self.dims
        self.in_channels, self.out_channels = channels
        whole(call, in_channels=channels[0], out_channels=channels[1], groups=groups)
        if channels[0] % groups or channels[1] % groups:
            raise ValueError(
                f"{call} needs groups that divide in_channels={channels[0]} and out_channels={channels[1]}, "
                f"got {groups}"
            )
        self.kernel_size = each(call, "kernel_size", kernel_size, n)
        for name, value in settings.items():
            least = 0 if "padding" in name else 1
            setattr(self, name, value if isinstance(value, str) else each(call, name, value, n, least))
        self.groups = groups
        self.padding_mode = padding_mode
        first, second = channels if self.transposed else channels[::-1]
        self.weight = parameter((first, second // groups, *self.kernel_size), kind)
        self.register_parameter("bias", parameter(channels[1], kind) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_uniform(1 / math.sqrt(math.prod(self.weight.shape[1:])), self.weight, self.bias)

    def _checked(self, input: Any) -> Any:  # noqa: A002 - PyTorch's name
        """The input as a Tensor; raises `ValueError` unless it has the channels."""
        x, n = traced(input), self.dims
        if x.ndim not in (n + 1, n + 2) or x.shape[-n - 1] != self.in_channels:
            what, sizes = (("signals", "L"), ("images", "H, W"), ("volumes", "D, H, W"))[n - 1]
            size = self.kernel_size[0] if len(set(self.kernel_size)) == 1 else self.kernel_size
            raise ValueError(
                f"{type(self).__name__}({self.in_channels}, {self.out_channels}, kernel_size={size}) takes {what} of "
                f"{self.in_channels} channels (N, {self.in_channels}, {sizes}), but x has shape {x.shape}"
            )
        return x

    def extra_repr(self) -> str:
        """The arguments that differ from the defaults."""
        n = self.dims
        usual = {"padding": (0,) * n, "dilation": (1,) * n, "output_padding": (0,) * n, "groups": 1}
        parts = [
            f", {name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value
        ]
        parts += [", bias=False"] if self.bias is None else []
        parts += [f", padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{self.in_channels}, {self.out_channels}, {sizes}{''.join(parts)}"


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        call = type(self).__name__
        if padding_mode not in _MODES:
            raise ValueError(f"{call} needs padding_mode of {', '.join(_MODES)}, got {padding_mode!r}")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"{call} needs padding as numbers, 'same' or 'valid', got {padding!r}")
        if padding == "same" and any(s != 1 for s in each(call, "stride", stride, self.dims)):
            raise ValueError(
                f"{call} with padding='same' needs stride 1, got {stride}; a stride changes the size"
            )
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": 0}
        kind = floats(call, device, dtype)
        self._build((in_channels, out_channels), kernel_size, settings, groups, bias, padding_mode, kind)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The sum over each window times each kernel."""
        x, padding = self._checked(input), self.padding
        if self.padding_mode != "zeros":
            x, padding = pad(x, self._around(), self.padding_mode), 0
        return conv(self.dims, x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _around(self) -> Sizes:
        """How many numbers to put before and behind, the last dimension first."""
        if self.padding == "valid":
            return (0, 0) * self.dims
        if self.padding != "same":
            return tuple(p for p in self.padding[::-1] for _ in range(2))
        both = [m - 1 for m in spans(self.kernel_size, self.dilation)]
        return tuple(p for b in both[::-1] for p in (b // 2, b - b // 2))


class Conv1d(_Conv):
    """Each kernel times each window of signals: see `functional.conv1d`.

    Shapes: (N, in_channels, L); `weight` (out_channels, in_channels / groups, kernel); `bias` (out_channels,).
    """

    dims = 1


class Conv2d(_Conv):
    """Each kernel times each window of images: see `functional.conv2d`.

    Shapes: (N, in_channels, H, W); `weight` (out_channels, in_channels / groups, *kernel); `bias` (out_channels,).
    """

    dims = 2


class Conv3d(_Conv):
    """Each kernel times each window of volumes: see `functional.conv3d`.

    Shapes: (N, in_channels, D, H, W); `weight` (out_channels, in_channels / groups, *kernel); `bias` (out_channels,).
    """

    dims = 3


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if padding_mode != "zeros":
            raise ValueError(f"{type(self).__name__} needs padding_mode 'zeros', got {padding_mode!r}")
        settings = {
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "dilation": dilation,
        }
        kind = floats(type(self).__name__, device, dtype)
        self._build((in_channels, out_channels), kernel_size, settings, groups, bias, padding_mode, kind)

    def forward(self, input: Tensor | np.ndarray, output_size: Any = None) -> Tensor:  # noqa: A002
        """Each number times each kernel, added up where these overlap; `output_size`: where several are possible."""
        x = self._checked(input)
        extra = self.output_padding if output_size is None else self._extra(x.shape, output_size)
        how = (self.stride, self.padding, extra, self.groups, self.dilation)
        return conv_transpose(self.dims, x, self.weight, self.bias, *how)

    def _extra(self, shape: Sizes, output_size: Any) -> Sizes:
        """How much larger than the smallest result the one of `output_size` is."""
        n, asked = self.dims, tuple(output_size)[-self.dims :]
        ends = spans(self.kernel_size, self.dilation)
        least = [(m - 1) * s - 2 * p + e for m, s, p, e in zip(shape[-n:], self.stride, self.padding, ends)]
        if len(output_size) not in (n, n + 2) or any(
            not 0 <= a - m < s for a, m, s in zip(asked, least, self.stride)
        ):
            most = [m + s - 1 for m, s in zip(least, self.stride)]
            raise ValueError(
                f"{type(self).__name__} needs an output_size of {n} sizes from {least} to {most}, "
                f"got {tuple(output_size)}"
            )
        return tuple(a - m for a, m in zip(asked, least))


class ConvTranspose1d(_ConvTranspose):
    """The adjoint of `Conv1d`: see `functional.conv_transpose1d`.

    Shapes: (N, in_channels, L); `weight` (in_channels, out_channels / groups, kernel); `bias` (out_channels,).
    """

    dims = 1


class ConvTranspose2d(_ConvTranspose):
    """The adjoint of `Conv2d`: see `functional.conv_transpose2d`.

    Shapes: (N, in_channels, H, W); `weight` (in_channels, out_channels / groups, *kernel); `bias` (out_channels,).
    """

    dims = 2


class ConvTranspose3d(_ConvTranspose):
    """The adjoint of `Conv3d`: see `functional.conv_transpose3d`.

    Shapes: (N, in_channels, D, H, W); `weight` (in_channels, out_channels / groups, *kernel); `bias` (out_channels,).
    """

    dims = 3
