"""The layer x @ weight.T + bias."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import manual_seed, ones, set_default_dtype, tensor
from tinygrad_edu.nn import Linear
from tinygrad_edu.nn.functional import linear
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
W, B = RNG.normal(size=(2, 3)), RNG.normal(size=2)


def test_weight_is_out_by_in_and_both_start_uniform_within_one_over_root_in():
    manual_seed(0)

    layer = Linear(100, 50)

    assert (layer.weight.shape, layer.bias.shape) == ((50, 100), (50,))
    for p in layer.parameters():
        assert abs(p.raw).max() <= 0.1
        assert abs(p.raw).max() > 0.09
        assert p.raw.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.2)
    assert layer.weight.raw.mean() == pytest.approx(0, abs=0.005)


def test_a_generator_makes_the_start_repeatable():
    first, second = (Linear(3, 2, generator=np.random.default_rng(5)) for _ in range(2))

    np.testing.assert_array_equal(first.weight.raw, second.weight.raw)
    np.testing.assert_array_equal(first.bias.raw, second.bias.raw)
    np.testing.assert_array_equal(
        first.weight.raw, np.random.default_rng(5).uniform(-1 / np.sqrt(3), 1 / np.sqrt(3), (2, 3))
    )


def test_parameters_are_of_the_default_dtype():
    set_default_dtype(np.float32)
    try:
        layer = Linear(2, 3)
    finally:
        set_default_dtype(np.float64)

    assert [p.dtype for p in layer.parameters()] == [np.float32, np.float32]


def test_without_bias():
    layer = Linear(3, 2, bias=False)

    assert layer.bias is None
    assert len(list(layer.parameters())) == 1
    np.testing.assert_array_equal(layer(ones(3)).raw, np.ones(3) @ layer.weight.raw.T)
    assert repr(layer) == "Linear(in_features=3, out_features=2, bias=False)"


@pytest.mark.parametrize("shape", [(3,), (4, 3), (1, 3), (0, 3), (5, 4, 3)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_rows_in_any_number_of_dimensions(shape, bias):
    x = RNG.normal(size=shape)

    def f(x, w, *b):
        return linear(x, w, *b)

    y = f(*map(tensor, (x, W, B)[: 2 + bias]))

    np.testing.assert_allclose(y.raw, x @ W.T + bias * B, rtol=1e-13)
    check_gradients(f, x, *(W, B)[: 1 + bias], order=2)


@pytest.mark.parametrize(
    "x", [np.ones((4, 3)), [[1.0, 1.0, 1.0]] * 4, np.ones((4, 3), int), tensor(np.ones((4, 3), int))]
)
def test_arrays_lists_and_whole_numbers_are_rows_too(x):
    layer = Linear(3, 2)

    np.testing.assert_array_equal(layer(x).raw, layer(ones(4, 3)).raw)


@pytest.mark.parametrize("shape", [(6, 4), (4,), (), (3, 6), (2, 3, 4)], ids=str)
def test_rows_that_do_not_fit_name_the_layer_and_the_shape(shape):
    with pytest.raises(
        ValueError, match=r"Linear\(3, 2\) takes rows of 3 numbers, but x has shape "
    ) as caught:
        Linear(3, 2)(ones(shape))

    assert str(caught.value).endswith(str(shape))


@pytest.mark.parametrize("x", [None, "abc", {1: 2}])
def test_what_are_no_numbers_is_refused(x):
    with pytest.raises(TypeError, match=f"linear takes Tensors, arrays and numbers, got {type(x).__name__}"):
        Linear(3, 2)(x)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", True, None])
@pytest.mark.parametrize("name", ["in_features", "out_features"])
def test_sizes_are_whole_numbers_of_1_or_more(name, size):
    sizes = {"in_features": 2, "out_features": 3, name: size}

    with pytest.raises(ValueError, match=f"Linear needs {name} as a whole number of 1 or more, got {size!r}"):
        Linear(**sizes)


def test_a_generator_is_numpys():
    with pytest.raises(
        TypeError, match=r"Linear needs generator=Generator\(\) or np.random.default_rng\(seed\), got int 3"
    ):
        Linear(3, 2, generator=3)


def test_the_input_can_be_passed_by_its_name():
    layer, x = Linear(2, 1), ones(1, 2)

    assert layer(input=x).tolist() == layer(x).tolist()


def test_a_plain_number_is_no_row():
    with pytest.raises(ValueError, match=r"takes rows of 2 numbers, but x has shape \(\)"):
        Linear(2, 1)(3.0)
