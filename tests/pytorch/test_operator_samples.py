"""PyTorch's own samples of its operators: values, dtypes, first and second derivatives, and what must be refused."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
samples = importlib.import_module("tests.pytorch.operator_samples")

PRESENT = {f"{op.name}/{op.variant_test_name}".rstrip("/"): op for op in samples.op_db if samples.found(op)}
# Of a dtype; the program operator_samples.py tries all, up to 2,000.
MOST = 200
MOST_OF = {"grid_sampler_3d": 2}  # the 30 are large: a minute
# How many samples differ, and why.
KNOWN = {
    **dict.fromkeys(
        ["trapz", "trapezoid", "cumulative_trapezoid"], (5, "uint8: PyTorch's sums of two run over at 255")
    ),
    "linalg.norm/subgradients_at_zero": (18, "second derivatives at 0: PyTorch has nan, here they are 0"),
    "logcumsumexp": (2, "float32: PyTorch is the less precise one"),
    "mode": (3, "PyTorch sorts unstably, and names another of equal numbers"),
    "nn.functional.interpolate/bicubic": (20, "uint8, which PyTorch computes in fixed point; refused"),
    "nn.functional.interpolate/bilinear": (20, "uint8, which PyTorch computes in fixed point; refused"),
    "nn.functional.local_response_norm": (1, "an empty input of whole numbers stays whole in PyTorch"),
    "nn.functional.triplet_margin_with_distance_loss": (28, "the distance is a function of PyTorch"),
    "nn.functional.upsample_bilinear": (4, "uint8, which PyTorch computes in fixed point; refused"),
    "scatter": (1, "floats of two widths are taken, and meet in the wider one"),
    "scatter_add": (1, "floats of two widths are taken, and meet in the wider one"),
    "special.bessel_j0": (1, "PyTorch is off by 4e-7 near 5"),
    "special.bessel_j1": (1, "PyTorch is off by 9e-7 near 5"),
    "special.bessel_y1": (1, "PyTorch is off by 4e-7 near 5"),
    "special.xlog1py": (1, "two plain numbers are taken, as by every elementwise operation"),
    "special.zeta": (1, "two plain numbers are taken"),
    "xlogy": (1, "two plain numbers are taken"),
}


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_three_hundred_operators_are_present():
    assert len({op.name for op in PRESENT.values()}) >= 300


@pytest.mark.filterwarnings("ignore")  # of PyTorch, of NumPy and of this library: edge values are meant
@pytest.mark.parametrize("name", PRESENT)
def test_samples_agree(name):
    op = PRESENT[name]

    with np.errstate(all="ignore"):
        tried, failed = samples.failures(op, samples.found(op), MOST_OF.get(name, MOST))

    assert tried or op.error_inputs_func is None
    assert sum(failed.values()) <= KNOWN.get(name, (0, ""))[0], dict(failed)
