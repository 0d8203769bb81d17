"""Words for models on several accelerators, and for kernels of attention."""

from __future__ import annotations

import pytest

from tinygrad_edu import backends, nn, ones


def test_a_model_in_parallel_is_the_model_inside():
    layer = nn.Linear(2, 1)

    model = nn.DataParallel(layer, device_ids=[0])

    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    assert model(ones(3, 2)).tolist() == layer(ones(3, 2)).tolist()
    assert model.module is layer
    assert nn.parallel.DataParallel is nn.DataParallel


def test_several_processes_are_refused():
    with pytest.raises(RuntimeError, match="DistributedDataParallel needs several processes"):
        nn.parallel.DistributedDataParallel(nn.Linear(2, 1))


def test_a_kernel_may_be_chosen():
    x = ones(1, 2, 3)

    with (
        nn.attention.sdpa_kernel([nn.attention.SDPBackend.MATH]),
        backends.cuda.sdp_kernel(enable_flash=False),
    ):
        y = nn.functional.scaled_dot_product_attention(x, x, x)

    assert y.tolist() == x.tolist()
    with (
        pytest.raises(TypeError, match="sdpa_kernel needs members of SDPBackend, got 'flash'"),
        nn.attention.sdpa_kernel("flash"),
    ):
        pass
