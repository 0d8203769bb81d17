"""Cases of losses and distances."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Constant, case, floats, integers, refused, shapes

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
F = "nn.functional."


def two(draw, low=-2.0, high=2.0, **options):
    x = draw(floats(min_side=1, low=low, high=high, distinct=True, **options))
    return x, draw(floats(shape=x.shape, low=low, high=high, dtype=x.dtype))


def signs(draw, shape, dtype):
    return np.where(draw(integers(shape=shape, low=0, high=1)), 1, -1).astype(dtype)


@case(*(F + name for name in ("l1_loss", "mse_loss", "smooth_l1_loss")), smooth=False)
def _(draw):
    return [*two(draw)], {"reduction": draw(REDUCTIONS)}


@case(F + "huber_loss", smooth=False)
def _(draw):
    return [*two(draw)], {"reduction": draw(REDUCTIONS), "delta": draw(st.sampled_from([1.0, 0.5, 3]))}


@case(F + "poisson_nll_loss")
def _(draw):
    x, y = two(draw, low=0.1, high=3)
    return [x, y], {
        "log_input": draw(st.booleans()),
        "full": draw(st.booleans()),
        "reduction": draw(REDUCTIONS),
    }


@case(F + "gaussian_nll_loss")
def _(draw):
    x, y = two(draw)
    var = draw(floats(shape=x.shape, low=0.1, high=2, dtype=x.dtype))
    return [x, y, var], {"full": draw(st.booleans()), "reduction": draw(REDUCTIONS)}


@case(F + "binary_cross_entropy")
def _(draw):
    x, y = two(draw, low=0.05, high=0.95)
    return [x, y], {"reduction": draw(REDUCTIONS)}


@case(F + "binary_cross_entropy_with_logits", F + "kl_div", F + "multilabel_soft_margin_loss")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1))
    return [x, draw(floats(shape=x.shape, low=0.05, high=0.95, dtype=x.dtype))], {
        "reduction": draw(REDUCTIONS)
    }


@case(F + "cross_entropy", F + "nll_loss")
def _(draw):
    shape = draw(shapes(min_dims=1, max_dims=3, min_side=1))
    x = draw(floats(shape=shape, dtype=np.float64))
    dim = int(len(shape) > 1)
    target = draw(integers(shape=shape[:dim] + shape[dim + 1 :], low=0, high=shape[dim] - 1))
    weight = Constant(draw(floats(shape=(shape[dim],), low=0.5, high=1.5, dtype=np.float64)))
    return [x, target], {"reduction": draw(REDUCTIONS), "weight": draw(st.sampled_from([None, weight]))}


@case(F + "linear_cross_entropy")
def _(draw):
    count, size, classes = (draw(st.integers(1, 4)) for _ in range(3))
    x, weight = (draw(floats(shape=shape, dtype=np.float64)) for shape in ((count, size), (classes, size)))
    target = draw(integers(shape=(count,), low=0, high=classes - 1))
    return [x, weight, target], {"reduction": draw(REDUCTIONS)}


@case(F + "soft_margin_loss", F + "hinge_embedding_loss", smooth=False)
def _(draw):
    x = draw(floats(min_side=1, distinct=True))
    return [x, Constant(signs(draw, x.shape, x.dtype))], {"reduction": draw(REDUCTIONS)}


@case(F + "margin_ranking_loss", smooth=False)
def _(draw):
    x, y = two(draw)
    return [x, y, Constant(signs(draw, x.shape, x.dtype))], {"margin": 0.3, "reduction": draw(REDUCTIONS)}


@case(F + "cosine_embedding_loss", smooth=False)
def _(draw):
    x, y = two(draw, min_dims=2, max_dims=2)
    return [x, y, Constant(signs(draw, x.shape[:1], x.dtype))], {"margin": 0.2, "reduction": draw(REDUCTIONS)}


@case(F + "multi_margin_loss", smooth=False, derivatives=1)
def _(draw):
    x = draw(floats(min_dims=2, max_dims=2, min_side=1, distinct=True))
    numbers = draw(integers(shape=x.shape[:1], low=0, high=x.shape[1] - 1))
    return [x, numbers], {"p": draw(st.sampled_from([1, 2])), "reduction": draw(REDUCTIONS)}


@case(F + "multilabel_margin_loss", smooth=False, derivatives=1)
def _(draw):
    x = draw(floats(min_dims=1, max_dims=2, min_side=1, distinct=True))
    return [x, draw(integers(shape=x.shape, low=-1, high=x.shape[-1] - 1))], {"reduction": draw(REDUCTIONS)}


@case(F + "triplet_margin_loss", F + "triplet_margin_with_distance_loss", smooth=False)
def _(draw):
    x, y = two(draw, min_dims=1)
    z = draw(floats(shape=x.shape, dtype=x.dtype))
    return [x, y, z], {"swap": draw(st.booleans()), "reduction": draw(REDUCTIONS)}


@case(F + "cosine_similarity")
def _(draw):
    x, y = two(draw, min_dims=1)
    return [x, y], {"dim": draw(st.integers(-x.ndim, x.ndim - 1))}


@case(F + "pairwise_distance")
def _(draw):
    x, y = two(draw, min_dims=1)
    return [x, y], {"p": draw(st.sampled_from([2.0, 1.0, 3.0])), "keepdim": draw(st.booleans())}


@case(F + "normalize")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1, low=0.1))
    return [x], {"p": draw(st.sampled_from([2.0, 1.0, 3.0])), "dim": draw(st.integers(-x.ndim, x.ndim - 1))}


def refuse(name, call, message):
    refused(F + name, lambda torch: call(torch.nn.functional, torch.ones), message)


refuse(
    "l1_loss",
    lambda f, ones: f.l1_loss(ones(2), ones(2, 1)),
    r"l1_loss needs prediction and target of one shape",
)
refuse(
    "mse_loss",
    lambda f, ones: f.mse_loss(ones(2), ones(2), reduction="max"),
    "mse_loss needs reduction 'mean'",
)
refuse(
    "smooth_l1_loss", lambda f, ones: f.smooth_l1_loss(ones(2), ones(2), beta=-1), "beta of 0 or more, got -1"
)
refuse("huber_loss", lambda f, ones: f.huber_loss(ones(2), ones(2), delta=0), "delta above 0, got 0")
refuse(
    "gaussian_nll_loss",
    lambda f, ones: f.gaussian_nll_loss(ones(2), ones(2), -ones(2)),
    "var of 0 or more, got -1",
)
refuse(
    "gaussian_nll_loss",
    lambda f, ones: f.gaussian_nll_loss(ones(2), ones(2), -1.0),
    "var of 0 or more, got -1",
)
refuse(
    "gaussian_nll_loss",
    lambda f, ones: f.gaussian_nll_loss(ones(2), ones(2), 1.0, eps=0),
    "eps above 0, got 0",
)
refuse(
    "gaussian_nll_loss", lambda f, ones: f.gaussian_nll_loss(ones(4, 2), ones(4, 2), ones(3)), "expanded to "
)
refuse("nll_loss", lambda f, ones: f.nll_loss(ones(2, 3), ones(3).long()), r"class numbers of shape \(2,\)")
refuse("nll_loss", lambda f, ones: f.nll_loss(ones(2, 3), ones(2)), r"class numbers \(whole\), got float64")
refuse("nll_loss", lambda f, ones: f.nll_loss(ones(2, 3), 3 * ones(2).long()), "from 0 to 2, got 3")
refuse(
    "nll_loss",
    lambda f, ones: f.nll_loss(ones(2, 3), ones(2).long(), ones(2)),
    "one weight for each of 3 classes",
)
refuse(
    "multi_margin_loss",
    lambda f, ones: f.multi_margin_loss(ones(2, 3), ones(2).long(), p=3),
    "p of 1 or 2, got 3",
)
refuse(
    "multi_margin_loss",
    lambda f, ones: f.multi_margin_loss(ones(2, 3), ones(3).long()),
    "one class number for each",
)
refuse(
    "multi_margin_loss",
    lambda f, ones: f.multi_margin_loss(ones(1, 2, 3), ones(1).long()),
    r"shape \(C,\) or \(N, C",
)
refuse(
    "multi_margin_loss",
    lambda f, ones: f.multi_margin_loss(ones(2, 3), ones(2).long(), weight=ones(2)),
    "one weight for each of 3 classes",
)
refuse(
    "multilabel_margin_loss",
    lambda f, ones: f.multilabel_margin_loss(ones(3), ones(2).long()),
    "of one shape",
)
refuse(
    "multilabel_margin_loss",
    lambda f, ones: f.multilabel_margin_loss(ones(1), ones(1).long()),
    "from 0 to 0, got 1",
)
refuse(
    "triplet_margin_loss",
    lambda f, ones: f.triplet_margin_loss(*[ones(2)] * 3, margin=0),
    "margin above 0, got 0",
)
refuse(
    "triplet_margin_loss",
    lambda f, ones: f.triplet_margin_loss(ones(2), ones(2), ones(1, 2)),
    "as many dimensions",
)
refuse(
    "margin_ranking_loss",
    lambda f, ones: f.margin_ranking_loss(ones(2), ones(2), ones(1, 2)),
    "as many dimensions",
)
refuse(
    "cosine_embedding_loss",
    lambda f, ones: f.cosine_embedding_loss(ones(2), ones(2), ones(2)),
    "two vectors and",
)
refuse(
    "linear_cross_entropy",
    lambda f, ones: f.linear_cross_entropy(ones(3), ones(4, 2, 3), ones(2).long()),
    r"needs input \(N, in\) or \(in,\) and linear_weight",
)
