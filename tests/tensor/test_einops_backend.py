"""Tensors in einops, imported before the library or after it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("einops", reason="einops is not installed")

PROGRAM = """
{imports}
x = te.ones(2, 4, requires_grad=True)
assert einops.rearrange(x, "a b -> b a").shape == (4, 2)
y = einops.reduce(x, "a (b c) -> a c", "mean", b=2)
y.sum().backward()
assert type(y) is te.Tensor and x.grad.tolist() == [[0.5] * 4] * 2
"""


@pytest.mark.parametrize(
    "imports", ["import einops, tinygrad_edu as te", "import tinygrad_edu as te, einops"]
)
def test_einops_takes_tensors_and_passes_gradients(imports):
    program = PROGRAM.format(imports=imports)

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ran.stderr == ""
