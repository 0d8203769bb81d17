"""Losses of classes that have the linear layer to the scores in them, for many classes."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.containers import ModuleList, Sequential
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Module
from tinygrad_edu.ops.ordering import class_numbers
from tinygrad_edu.tensor.functions.joining import cat
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss", "LinearCrossEntropyOptions"]


@dataclasses.dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch saves memory: accepted, and of no effect here."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None


class LinearCrossEntropyLoss(Module):
    """The cross-entropy of the scores of a linear layer, in nats: see `functional.linear_cross_entropy`.

    Shapes: `input` (N, in_features); `target` (N, *out_features) class numbers, or (N, num_classes, *out_features)
    probabilities.
    """

    weight: Tensor | None

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: LinearCrossEntropyOptions | None = None,
    ) -> None:
        super().__init__()
        call = "LinearCrossEntropyLoss"
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise ValueError(f"{call} needs one weight for each of {num_classes} classes, got {weight.shape}")
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"{call} needs label_smoothing between 0 and 1, got {label_smoothing}")
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"{call} needs reduction 'mean', 'sum' or 'none', got {reduction!r}")
        self.reduction = reduction
        self.register_buffer("weight", weight)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.linear = Linear(in_features, math.prod(out_features, start=num_classes), bias, device, dtype)
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        """The loss."""
        shape, bias = (self.num_classes, *self.out_features), self.linear.bias
        return functional.linear_cross_entropy(
            input,
            self.linear.weight.reshape(*shape, self.linear.in_features),
            target,
            linear_bias=None if bias is None else bias.reshape(shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )

    def extra_repr(self) -> str:
        """The arguments."""
        names = (
            "num_classes",
            "out_features",
            "bias",
            "reduction",
            "ignore_index",
            "label_smoothing",
            "options",
        )
        values = {**vars(self), "bias": self.linear.bias is not None}
        shown = ", ".join(f"{name}={values[name]}" for name in names)
        return f"in_features={self.linear.in_features}, {shown}"


class LogProbabilityAndLoss(NamedTuple):
    """The log-probability of the class of each example, and the mean of its negative."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of many classes, of which the frequent ones come first, and the loss, in nats.

    The head scores the classes below the first of `cutoffs`, and each cluster between two of them as one; a tail of
    its own, each `div_value` times narrower than the one before, tells the classes of a cluster apart.
    Shapes: `input` (N, in_features) or (in_features,); `target` (N,) or (); output that of the target, loss ().
    Source: Grave et al., Efficient softmax approximation for GPUs (2017).
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        bounds = [0, *cutoffs, n_classes]
        if len(bounds) < 3 or any(a >= b or int(b) != b for a, b in itertools.pairwise(bounds)):
            raise ValueError(
                f"AdaptiveLogSoftmaxWithLoss needs cutoffs that rise, from 1 to {n_classes - 1}, got {list(cutoffs)}"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = bounds[1:]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, device, dtype)
        self.tail = ModuleList()
        for i, (first, end) in enumerate(itertools.pairwise(self.cutoffs), 1):
            width = int(in_features // div_value**i)
            sizes = ((in_features, width), (width, end - first))
            self.tail.append(Sequential(*[Linear(*size, False, device, dtype) for size in sizes]))

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> LogProbabilityAndLoss:
        """The log-probability of each target, and the mean of their negatives."""
        call = "AdaptiveLogSoftmaxWithLoss"
        if target_.ndim > 1 or input_.ndim != target_.ndim + 1 or input_.shape[:-1] != target_.shape:
            raise ValueError(
                f"{call} needs (N, in_features) and class numbers (N,), or one of each, got {input_.shape} and "
                f"{target_.shape}"
            )
        class_numbers(call, target_.raw, self.n_classes, -1 - self.n_classes)
        output = self.log_prob(input_).gather(-1, target_.unsqueeze(-1)).squeeze(-1)
        return LogProbabilityAndLoss(output, -output.mean())

    def log_prob(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        """The log-probabilities of all classes, (N, n_classes)."""
        head = self.head(input).log_softmax(-1)
        tails = [tail(input).log_softmax(-1) for tail in self.tail]
        clusters = [head[..., self.shortlist_size + i].unsqueeze(-1) + tail for i, tail in enumerate(tails)]
        return cat([head[..., : self.shortlist_size], *clusters], -1)

    def predict(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        """The most likely class of each example."""
        return self.log_prob(input).argmax(-1)
