"""Losses as modules; the formulas, units and shapes stand with the functions they call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.function_modules import FunctionModule
from tinygrad_edu.nn.reshaping_layers import PairwiseDistance
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CCELoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class _Loss(FunctionModule):
    """A function of predictions and targets; `size_average` and `reduce` are older words for `reduction`.

    Weights are buffers: they move with the module's dtype, and are saved with it.
    """

    shows = ""
    weights: ClassVar[tuple[str, ...]] = ()
    reductions: ClassVar[tuple[str, ...]] = ("mean", "sum", "none")

    def __init__(
        self, *, size_average: bool | None = None, reduce: bool | None = None, **options: Any
    ) -> None:
        if size_average is not None or reduce is not None:
            options["reduction"] = "none" if reduce is False else "sum" if size_average is False else "mean"
        if options["reduction"] not in self.reductions:
            *names, last = map(repr, self.reductions)
            name, got = type(self).__name__, options["reduction"]
            raise ValueError(f"{name} needs reduction {', '.join(names)} or {last}, got {got!r}")
        tensors = {name: options.pop(name) for name in self.weights}
        super().__init__(**options)
        for name, weight in tensors.items():
            self.register_buffer(name, weight if weight is None else traced(weight))

    def forward(self, *inputs: Any, **named: Any) -> Tensor:
        """The loss."""
        if inputs and not isinstance(inputs[0], Tracer):
            got = type(inputs[0]).__name__
            raise TypeError(
                f"{type(self).__name__} needs a Tensor as prediction, got {got}; write tensor(...)"
            )
        weights = {name: getattr(self, name) for name in self.weights}
        return super().forward(*inputs, **weights, **named)


class _WeightedLoss(_Loss):
    weights: ClassVar[tuple[str, ...]] = ("weight",)


# Of numbers.


class L1Loss(_Loss):
    """Mean absolute error: see `functional.l1_loss`."""

    function = staticmethod(functional.l1_loss)
    without = ("weight",)


class MSELoss(_Loss):
    """Mean squared error: see `functional.mse_loss`."""

    function = staticmethod(functional.mse_loss)
    without = ("weight",)


class SmoothL1Loss(_Loss):
    """Squared errors below `beta`, absolute ones above: see `functional.smooth_l1_loss`."""

    function = staticmethod(functional.smooth_l1_loss)


class HuberLoss(_Loss):
    """Squared errors below `delta`, absolute ones above: see `functional.huber_loss`."""

    function = staticmethod(functional.huber_loss)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        if not isinstance(delta, int | float):
            raise TypeError(f"HuberLoss needs delta as a number, got {delta!r}")
        super().__init__(reduction=reduction, delta=delta)


class PoissonNLLLoss(_Loss):
    """Negative log-likelihood of Poisson's distribution, in nats: see `functional.poisson_nll_loss`."""

    function = staticmethod(functional.poisson_nll_loss)


class GaussianNLLLoss(_Loss):
    """Negative log-likelihood of Gauss's distribution, in nats, of predictions, targets and variances.

    See `functional.gaussian_nll_loss`.
    """

    function = staticmethod(functional.gaussian_nll_loss)

    def __init__(self, *, full: bool = False, eps: float = 1e-06, reduction: str = "mean") -> None:
        super().__init__(full=full, eps=eps, reduction=reduction)


# Of classes.


class BCELoss(_WeightedLoss):
    """Binary cross-entropy of probabilities, in nats: see `functional.binary_cross_entropy`."""

    function = staticmethod(functional.binary_cross_entropy)


class BCEWithLogitsLoss(_WeightedLoss):
    """Binary cross-entropy of raw scores, in nats: see `functional.binary_cross_entropy_with_logits`."""

    function = staticmethod(functional.binary_cross_entropy_with_logits)
    weights = ("weight", "pos_weight")


class CCELoss(_Loss):
    """Categorical cross-entropy of probabilities, in nats or bits: see `functional.categorical_cross_entropy`."""

    function = staticmethod(functional.categorical_cross_entropy)

    def __init__(self, eps: float = 1e-10, unit: str = "nats", reduction: str = "mean") -> None:
        super().__init__(eps=eps, unit=unit, reduction=reduction)


class CrossEntropyLoss(_WeightedLoss):
    """Cross-entropy of raw scores, in nats: see `functional.cross_entropy`."""

    function = staticmethod(functional.cross_entropy)


class NLLLoss(_WeightedLoss):
    """Negative log-likelihood of log-probabilities, in nats: see `functional.nll_loss`."""

    function = staticmethod(functional.nll_loss)


class KLDivLoss(_Loss):
    """Divergence of Kullback and Leibler from log-probabilities, in nats: see `functional.kl_div`."""

    function = staticmethod(functional.kl_div)
    reductions = ("mean", "batchmean", "sum", "none")


class SoftMarginLoss(_Loss):
    """`log(1 + exp(-y x))` for targets 1 or -1, in nats: see `functional.soft_margin_loss`."""

    function = staticmethod(functional.soft_margin_loss)


class MultiLabelSoftMarginLoss(_WeightedLoss):
    """Binary cross-entropy of raw scores over the classes, in nats: see `functional.multilabel_soft_margin_loss`."""

    function = staticmethod(functional.multilabel_soft_margin_loss)


class MultiMarginLoss(_WeightedLoss):
    """Margin between the score of the class and all others: see `functional.multi_margin_loss`."""

    function = staticmethod(functional.multi_margin_loss)


class MultiLabelMarginLoss(_Loss):
    """Margins between the scores of several classes and all others: see `functional.multilabel_margin_loss`."""

    function = staticmethod(functional.multilabel_margin_loss)


# Of pairs and triples.


class MarginRankingLoss(_Loss):
    """Whether the first of two scores is greater: see `functional.margin_ranking_loss`."""

    function = staticmethod(functional.margin_ranking_loss)


class HingeEmbeddingLoss(_Loss):
    """Distances that should be 0, or beyond a margin: see `functional.hinge_embedding_loss`."""

    function = staticmethod(functional.hinge_embedding_loss)


class CosineEmbeddingLoss(_Loss):
    """Vectors that should have one direction, or not: see `functional.cosine_embedding_loss`."""

    function = staticmethod(functional.cosine_embedding_loss)


class TripletMarginLoss(_Loss):
    """An anchor nearer to a positive than to a negative example: see `functional.triplet_margin_loss`."""

    function = staticmethod(functional.triplet_margin_loss)


class TripletMarginWithDistanceLoss(_Loss):
    """`TripletMarginLoss` with a distance of your own: see `functional.triplet_margin_with_distance_loss`."""

    function = staticmethod(functional.triplet_margin_with_distance_loss)

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        distance = distance_function or PairwiseDistance()
        super().__init__(distance_function=distance, margin=margin, swap=swap, reduction=reduction)
