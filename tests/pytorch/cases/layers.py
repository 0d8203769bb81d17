"""Cases of normalization, dropout and attention."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Constant, booleans, case, floats, refused, shapes

F = "nn.functional."


def channels(draw, *, least=2, dtype=np.float64):
    """(N, C, ...) with enough numbers for a variance, and two numbers for each channel."""
    shape = (2, draw(st.sampled_from([2, 4])), *draw(shapes(min_dims=least - 2, max_dims=3, min_side=2)))
    x = draw(floats(shape=shape, dtype=dtype))
    return x, draw(floats(shape=shape[1:2], dtype=dtype)), draw(floats(shape=shape[1:2], dtype=dtype))


@case(F + "batch_norm", tolerance=1e-6)
def _(draw):
    x, weight, bias = channels(draw)
    training = draw(st.booleans())
    running = [Constant(np.full(x.shape[1], 0.1)), Constant(np.full(x.shape[1], 1.5))]
    return [x, *running, weight, bias, training], {"eps": 0.01}


@case(F + "instance_norm", tolerance=1e-6)
def _(draw):
    x, weight, bias = channels(draw, least=3)
    return [x], {"weight": weight, "bias": bias, "eps": 0.01}


@case(F + "group_norm", tolerance=1e-6)
def _(draw):
    x, weight, bias = channels(draw)
    return [x, draw(st.sampled_from([1, 2])), weight, bias, 0.01], {}


@case(F + "layer_norm", tolerance=1e-6)
def _(draw):
    x = draw(floats(min_dims=1, min_side=2, dtype=np.float64))
    sizes = x.shape[draw(st.integers(0, x.ndim - 1)) :]
    weight, bias = (draw(floats(shape=sizes, dtype=np.float64)) for _ in range(2))
    return [x, sizes, weight, bias], {"eps": 0.01}


@case(F + "rms_norm", tolerance=1e-6)
def _(draw):
    x = draw(floats(min_dims=1, min_side=2, low=0.5))
    sizes = x.shape[draw(st.integers(0, x.ndim - 1)) :]
    return [x, sizes], {"eps": draw(st.sampled_from([None, 0.01]))}


@case(F + "scaled_dot_product_attention", tolerance=1e-6, derivatives=1)  # PyTorch has no second ones
def _(draw):
    front = draw(shapes(max_dims=2, min_side=1, max_side=3))
    length, keys, size = (draw(st.integers(1, 3)) for _ in range(3))
    query = draw(floats(shape=(*front, length, size), dtype=np.float64))
    key, value = (draw(floats(shape=(*front, keys, size), dtype=np.float64)) for _ in range(2))
    mask = draw(st.sampled_from(["none", "causal", "booleans", "floats"]))
    options = {
        "none": {},
        "causal": {"is_causal": True},
        "booleans": {"attn_mask": draw(booleans(shape=(length, keys)))},
        "floats": {"attn_mask": draw(floats(shape=(length, keys), dtype=np.float64))},
    }
    return [query, key, value], options[mask] | {"scale": draw(st.sampled_from([None, 0.3]))}


@case(F + "multi_head_attention_forward", tolerance=1e-6, derivatives=1)
def _(draw):
    length, keys, batch, heads = (draw(st.integers(1, 3)) for _ in range(4))
    width = heads * draw(st.integers(1, 2))
    query = draw(floats(shape=(length, batch, width), dtype=np.float64))
    key, value = (draw(floats(shape=(keys, batch, width), dtype=np.float64)) for _ in range(2))
    shapes_of_weights = ((3 * width, width), (3 * width,), (width, width), (width,))
    w_in, b_in, w_out, b_out = (draw(floats(shape=shape, dtype=np.float64)) for shape in shapes_of_weights)
    without = [None, None, False, 0.0]
    return [query, key, value, width, heads, w_in, b_in, *without, w_out, b_out], {"training": False}


@case(*(F + name for name in ("dropout", "alpha_dropout")), random=True, smooth=False)
def _(draw):
    return [draw(floats())], {"p": draw(st.sampled_from([0.3, 0, 1])), "training": draw(st.booleans())}


@case(F + "dropout1d", F + "feature_alpha_dropout", random=True, smooth=False)
def _(draw):
    return [draw(floats(min_dims=3, max_dims=3))], {"training": True}


@case(F + "dropout2d", random=True, smooth=False)
def _(draw):
    return [draw(floats(min_dims=4, max_dims=4))], {}


@case(F + "dropout3d", random=True, smooth=False)
def _(draw):
    return [draw(floats(min_dims=5, max_dims=5, max_side=3))], {}


def refuse(name, call, message):
    refused(F + name, lambda torch: call(torch.nn.functional, torch.ones), message)


refuse(
    "batch_norm",
    lambda f, ones: f.batch_norm(ones(1, 3), None, None, training=True),
    "more than one number for",
)
refuse(
    "batch_norm", lambda f, ones: f.batch_norm(ones(2, 3), None, None), "running_mean unless training=True"
)
refuse(
    "batch_norm",
    lambda f, ones: f.batch_norm(ones(2, 3), ones(2), ones(3)),
    "one number for each of 3 channels",
)
refuse("batch_norm", lambda f, ones: f.batch_norm(ones(3), ones(3), ones(3)), "at least 2 dimensions")
refuse(
    "instance_norm", lambda f, ones: f.instance_norm(ones(2, 3, 1)), "more than one place for each channel"
)
refuse("group_norm", lambda f, ones: f.group_norm(ones(2, 3, 2), 2), "a multiple of num_groups=2, got 3")
refuse("group_norm", lambda f, ones: f.group_norm(ones(1, 3), 3), "more than one number for each group")
refuse(
    "layer_norm", lambda f, ones: f.layer_norm(ones(2, 3), (2,)), r"ends in the shape \(2,\), got \(2, 3\)"
)
refuse("layer_norm", lambda f, ones: f.layer_norm(ones(2, 3), 3, ones(2)), r"weight and bias of shape \(3,\)")
refuse("dropout", lambda f, ones: f.dropout(ones(2), 1.5), "p as a number from 0 to 1, got 1.5")
refuse("dropout1d", lambda f, ones: f.dropout1d(ones(2)), "dropout1d needs 2 or 3 dimensions")
refuse("dropout2d", lambda f, ones: f.dropout2d(ones(2)), "dropout2d needs 3 or 4 dimensions")
refuse("dropout3d", lambda f, ones: f.dropout3d(ones(2)), "dropout3d needs 4 or 5 dimensions")
refuse(
    "feature_alpha_dropout", lambda f, ones: f.feature_alpha_dropout(ones(2), training=True), "needs channels"
)
refuse(
    "scaled_dot_product_attention",
    lambda f, ones: f.scaled_dot_product_attention(ones(2, 3), ones(2, 4), ones(2, 3)),
    r"needs query \(..., L, E\)",
)
refuse(
    "scaled_dot_product_attention",
    lambda f, ones: f.scaled_dot_product_attention(*[ones(2, 3)] * 3, attn_mask=ones(2, 2), is_causal=True),
    "attn_mask or is_causal, got both",
)
refuse(
    "scaled_dot_product_attention",
    lambda f, ones: f.scaled_dot_product_attention(ones(3, 2, 3), *[ones(2, 2, 3)] * 2, enable_gqa=True),
    "query heads that are a multiple of key heads, got 3 and 2",
)
refuse(
    "scaled_dot_product_attention",
    lambda f, ones: f.scaled_dot_product_attention(ones(2, 3), ones(2, 3), ones(2, 3).long()),
    "needs tensors of one dtype, got float64, float64, int64",
)
