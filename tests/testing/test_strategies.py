"""What the public strategies draw fits together, keeps away from kinks, and is printed as code that makes it again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

import tinygrad_edu as torch
from tinygrad_edu.testing import strategies
from tinygrad_edu.testing.strategies import (
    Graph,
    broadcastable_shapes,
    conv_arguments,
    dims,
    graphs,
    indices,
    matmul_shapes,
    networks,
    shapes,
    tensors,
    training_steps,
)

UNSHRUNK = settings(phases=[Phase.generate], max_examples=1_000, database=None)
WORDS = {"torch": torch, **vars(strategies)}


@given(shapes(min_dims=1, max_dims=2, min_side=0, max_side=5))
def test_shapes_keep_to_their_limits(shape):
    assert 1 <= len(shape) <= 2
    assert all(0 <= n <= 5 for n in shape)


@given(broadcastable_shapes(3))
def test_shapes_that_shall_broadcast_do(drawn):
    assert len(drawn) == 3
    np.broadcast_shapes(*drawn)


@given(matmul_shapes())
def test_shapes_that_shall_multiply_do(drawn):
    a, b = map(np.ones, drawn)

    assert (torch.tensor(a) @ torch.tensor(b)).shape == (a @ b).shape


@given(st.data())
def test_dims_and_indices_are_those_of_the_tensor(data):
    shape = data.draw(shapes(min_dims=1, min_side=0))
    x = torch.ones(shape)

    x.sum(dim=data.draw(dims(len(shape))))
    x.sum(dim=data.draw(dims(len(shape), several=True)))
    x[data.draw(indices(shape))].sum()


def test_a_number_has_no_dims():
    with pytest.raises(ValueError, match="dims needs a tensor with a dimension, got ndim=0"):
        find(dims(0), bool)


@pytest.mark.parametrize("transposed", [False, True])
@settings(max_examples=50)
@given(data=st.data())
def test_arguments_of_convolutions_fit_together(transposed, data):
    drawn = data.draw(conv_arguments(transposed=transposed))
    name = f"conv{'_transpose' * transposed}{len(drawn.stride)}d"
    bias = (
        torch.ones(drawn.weight[1] * drawn.groups if transposed else drawn.weight[0]) if drawn.bias else None
    )
    options = {
        "stride": drawn.stride,
        "padding": drawn.padding,
        "dilation": drawn.dilation,
        "groups": drawn.groups,
    }

    result = getattr(torch.nn.functional, name)(
        torch.ones(drawn.input), torch.ones(drawn.weight), bias, **options
    )

    assert result.shape[:2] == (
        drawn.input[0],
        drawn.weight[1] * drawn.groups if transposed else drawn.weight[0],
    )


@given(tensors(away_from=[-1.0, 0.0, 1.0], low=-3, high=3))
def test_numbers_stay_away_from_kinks(x):
    assert all(abs(number - kink) >= 0.125 for number in x.numpy().ravel() for kink in (-1, 0, 1))


@given(tensors((5,), distinct=True))
def test_distinct_numbers_are_far_from_each_other(x):
    assert np.diff(np.sort(x.numpy())).min() >= 0.125


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "bool"])
def test_tensors_have_the_dtype_and_the_limits_that_were_asked_for(dtype):
    @settings(max_examples=20)
    @given(tensors(dtype=dtype, low=0, high=1))
    def check(x):
        assert x.dtype == np.dtype(dtype)
        assert ((x >= 0) & (x <= 1)).numpy().all()

    check()


@pytest.mark.parametrize(
    "wanted", [np.isnan, np.isinf, lambda x: (x != 0) & (np.abs(x) < np.finfo(x.dtype).tiny)]
)
def test_extreme_numbers_come_on_request(wanted):
    find(tensors((2,), dtype="float32", extreme=True), lambda x: wanted(x.numpy()).any(), settings=UNSHRUNK)


@given(
    st.one_of(
        tensors(dtype=dtype, extreme=True, shape=shapes(min_side=0)) for dtype in ("float32", "float64")
    )
)
def test_a_tensor_is_printed_as_code_that_makes_it_with_every_digit(x):
    again = eval(pretty(x), WORDS)

    assert (again.dtype, again.shape, again.numpy().tobytes()) == (x.dtype, x.shape, x.numpy().tobytes())


@settings(max_examples=30)
@given(graphs())
def test_a_graph_is_printed_as_code_that_computes_the_same(graph):
    again = eval(pretty(graph), WORDS)

    assert str(again.gradients()) == str(graph.gradients())


@settings(max_examples=30)
@given(networks())
def test_a_network_is_printed_as_code_that_makes_it_and_takes_its_input(network):
    x = torch.ones(network.shape, dtype=torch.float64)

    again = eval(pretty(network), WORDS)

    assert again()(x).tolist() == network()(x).tolist()


@settings(max_examples=15)
@given(training_steps())
def test_a_training_step_moves_its_network(drawn):
    run = drawn.start()
    before = [p.detach().clone() for p in run.network.parameters()]

    loss = run.step(run.x, run.y)

    assert np.isfinite(loss.item())
    assert len(run.numbers()) == 2 * len(before)


@pytest.mark.parametrize("words", [".mul_(", "+= 0.25", ".transpose(", "torch.where("])
def test_graphs_have_views_overwriting_and_kinks_among_their_lines(words):
    graph = find(graphs(), lambda graph: words in graph.text, settings=UNSHRUNK)

    assert graph.gradients()


@given(graphs(kinks=False, in_place=False))
def test_graphs_without_kinks_or_overwriting_have_none(graph):
    assert not any(
        word in graph.text for word in (".relu()", ".abs()", "maximum", ".mul_", "+=", "*=", ".sort(")
    )


def test_a_graph_runs_on_any_inputs():
    graph = Graph("h = x * y\nloss = (h + h).sum()", x=torch.ones(2), y=torch.ones(2))

    assert graph(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])).item() == 22
