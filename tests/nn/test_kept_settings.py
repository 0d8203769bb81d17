"""Every setting of a module is kept under its own name, and no other one is changed by it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from tinygrad_edu import nn

REQUIRED = {
    "num_features": 4, "num_groups": 2, "num_channels": 4, "kernel_size": 3, "in_features": 16, "out_features": 3,
    "in1_features": 2, "in2_features": 3, "in_channels": 4, "out_channels": 4, "num_embeddings": 5, "embedding_dim": 3,
    "input_size": 3, "hidden_size": 4, "normalized_shape": 4, "embed_dim": 4, "num_heads": 2, "d_model": 4, "nhead": 2,
    "norm_type": 2, "size": 3, "groups": 2, "padding": 1, "value": 0.5, "threshold": 0.25, "n_classes": 6,
    "num_classes": 3, "cutoffs": [2, 4], "module": nn.Identity(), "output_size": 2, "upscale_factor": 2,
    "downscale_factor": 2,
}  # fmt: skip
OTHERS = {
    "nonlinearity": "relu",
    "padding_mode": "reflect",
    "reduction": "sum",
    "mode": "sum",
    "approximate": "tanh",
}
NUMBERS = {
    "num_layers": 2,
    "groups": 2,
    "div_value": 2.0,
    "proj_size": 2,
    "norm_type": 1.0,
    "p": 0.25,
    "lower": 0.2,
    "upper": 0.75,
}


def parameters(name):
    return dict(inspect.signature(getattr(nn, name)).parameters)


def made(name, **settings):
    required = {key: REQUIRED[key] for key, x in parameters(name).items() if x.default is x.empty}
    return getattr(nn, name)(**{**required, **settings})


def changed(key, default):
    """Another value than the default one."""
    if key in OTHERS or key in NUMBERS:
        return {**OTHERS, **NUMBERS}[key]
    if isinstance(default, bool):
        return not default
    return default * 2 + (0.125 if isinstance(default, float) else 1)


def kept(module, key):
    """A setting; of one for each dimension the first."""
    value = getattr(module, key, None)
    return value[0] if isinstance(value, tuple) and value else value


MODULES = [
    name
    for name in nn.__all__
    if inspect.isclass(getattr(nn, name))
    and issubclass(getattr(nn, name), nn.Module)
    and not name.startswith("Transformer")  # whose parts keep the settings
    and all(x.default is not x.empty or key in REQUIRED for key, x in parameters(name).items())
]
SETTINGS = [
    (name, key)
    for name in MODULES
    for key, x in parameters(name).items()
    if isinstance(x.default, bool | int | float | str) and (not isinstance(x.default, str) or key in OTHERS)
    if key not in ("sparse", "bias", "_freeze") and hasattr(made(name), key)
    if not (name.startswith("ConvTranspose") and key == "padding_mode")  # which has no other one
]


@pytest.mark.parametrize(("name", "key"), SETTINGS)
def test_a_setting_is_kept_under_its_name(name, key):
    usual, wanted = made(name), changed(key, parameters(name)[key].default)

    other = made(name, **{key: wanted})

    assert kept(other, key) == wanted
    assert [
        k
        for k in parameters(name)
        if k not in (key, "device", "dtype", "module")
        and isinstance(kept(usual, k), bool | int | float | str)
        and kept(other, k) != kept(usual, k)
    ] == []


def test_the_table_is_not_empty():
    assert len(SETTINGS) > 100
    assert {"GroupNorm", "BatchNorm2d", "Conv2d", "Embedding", "RNNCell", "Dropout"} <= {
        x for x, _ in SETTINGS
    }


@pytest.mark.parametrize("name", ["BatchNorm1d", "InstanceNorm2d", "GroupNorm", "LayerNorm"])
def test_a_norm_without_a_scale_has_no_parameters(name):
    (key,) = {"affine", "elementwise_affine"} & parameters(name).keys()

    assert list(made(name, **{key: False}).parameters()) == []
    assert len(list(made(name, **{key: True}).parameters())) == 2


def test_a_spectral_norm_keeps_its_settings_and_its_weight_has_the_norm_1():
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3), n_power_iterations=20, eps=0.25, dim=1)

    kept = layer.parametrizations["weight"][0]
    for _ in range(5):
        weight = layer.weight

    assert (kept.eps, kept.n_power_iterations, kept.dim) == (0.25, 20, 1)
    assert abs(np.linalg.norm(weight.numpy(force=True), 2) - 1) < 1e-6
