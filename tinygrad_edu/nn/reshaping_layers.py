"""Layers that give the same numbers another shape, order or resolution, and distances between vectors."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.function_modules import FunctionModule
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.functions.reshaping import flatten, unflatten

__all__ = [
    "ChannelShuffle",
    "CosineSimilarity",
    "Flatten",
    "Fold",
    "Identity",
    "PairwiseDistance",
    "PixelShuffle",
    "PixelUnshuffle",
    "Unflatten",
    "Unfold",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]


class Identity(Module):
    """The input as it is; takes any arguments, for the place of another layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - PyTorch's
        super().__init__()

    def forward(self, input: Any) -> Any:  # noqa: A002 - PyTorch's name
        """The input."""
        return input


class Flatten(FunctionModule):
    """The dimensions from `start_dim` to `end_dim` as one; without arguments, all but the first, the examples."""

    function = staticmethod(flatten)

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__(start_dim=start_dim, end_dim=end_dim)


class Unflatten(Module):
    """The dimension `dim` as several of sizes `unflattened_size`, one of which may be -1."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        if not isinstance(dim, int) or not isinstance(unflattened_size, list | tuple):
            raise TypeError(
                f"Unflatten needs dim as a whole number and unflattened_size as a tuple of sizes, got {dim!r} and "
                f"{unflattened_size!r}"
            )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Any) -> Any:  # noqa: A002 - PyTorch's name
        """The numbers in their new shape."""
        return unflatten(traced(input), self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Fold(FunctionModule):
    """The sum of columns at the places of their windows: see `functional.fold`."""

    function = staticmethod(functional.fold)


class Unfold(FunctionModule):
    """The numbers of each window as a column: see `functional.unfold`."""

    function = staticmethod(functional.unfold)


class PixelShuffle(FunctionModule):
    """Squares of pixels from the numbers of channels: see `functional.pixel_shuffle`."""

    function = staticmethod(functional.pixel_shuffle)


class PixelUnshuffle(FunctionModule):
    """Squares of pixels as channels: see `functional.pixel_unshuffle`."""

    function = staticmethod(functional.pixel_unshuffle)


class ChannelShuffle(FunctionModule):
    """The channels of several groups mixed: see `functional.channel_shuffle`."""

    function = staticmethod(functional.channel_shuffle)


# Other resolutions.


class Upsample(FunctionModule):
    """Pictures and signals with other sizes: see `functional.interpolate`."""

    function = staticmethod(functional.interpolate)

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        if scale_factor is not None:
            several = isinstance(scale_factor, list | tuple)
            scale_factor = tuple(map(float, scale_factor)) if several else float(scale_factor)
        super().__init__(
            size=size,
            scale_factor=scale_factor,
            mode=mode,
            align_corners=align_corners,
            recompute_scale_factor=recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """The factor or the size, and the mode."""
        name = "size" if self.scale_factor is None else "scale_factor"
        return f"{name}={getattr(self, name)!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` with the nearest number."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """`Upsample` with mode "bilinear" and aligned corners."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)


# Distances.


class CosineSimilarity(FunctionModule):
    """The cosine of the angle between vectors along `dim`: see `functional.cosine_similarity`."""

    function = staticmethod(functional.cosine_similarity)
    shows = ""


class PairwiseDistance(FunctionModule):
    """`|x1 - x2 + eps|_p` along the last dimension: see `functional.pairwise_distance`."""

    function = staticmethod(functional.pairwise_distance)
    shows = ""
