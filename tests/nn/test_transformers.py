"""Attention and transformers. Against PyTorch: `tests/pytorch/test_transformer.py`."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from tinygrad_edu import capture, draw, explain, float32, nn, ones, optim, rand, tensor, zeros
from tinygrad_edu.autograd import gradgradcheck

MASK = nn.Transformer.generate_square_subsequent_mask(4)
LAYERS = {
    "encoder": lambda **options: nn.TransformerEncoderLayer(4, 2, 6, **options),
    "encoder, norm first": lambda **options: nn.TransformerEncoderLayer(4, 2, 6, norm_first=True, **options),
    "decoder": lambda **options: nn.TransformerDecoderLayer(4, 2, 6, **options),
}


def output_of(layer, x):
    """The output of a layer that looks at nothing later, and, if it is a decoder, at x as memory."""
    memory = (x,) if isinstance(layer, nn.TransformerDecoderLayer) else ()
    return layer(x, *memory, MASK)


def step_of(layer):
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad()
        loss = (output_of(layer, x) ** 3).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.mark.slow
@pytest.mark.parametrize("kind", LAYERS)
def test_second_derivatives_match_differences(kind):
    layer = LAYERS[kind](dropout=0.0, activation="gelu")
    x = tensor(np.random.default_rng(0).normal(size=(4, 1, 4)), requires_grad=True)

    assert gradgradcheck(lambda x: output_of(layer, x), (x,))


@pytest.mark.parametrize("kind", LAYERS)
def test_a_plan_equals_the_eager_step_bit_for_bit(kind):
    layer = LAYERS[kind](dropout=0.0)
    other = copy.deepcopy(layer)
    plan, eager, rng = capture(step_of(layer)), step_of(other), np.random.default_rng(0)

    for _ in range(4):
        x = rng.normal(size=(4, 2, 4))
        np.testing.assert_array_equal(plan(x).detach(), eager(tensor(x)).detach())
        for p, q in zip(layer.parameters(), other.parameters(), strict=True):
            np.testing.assert_array_equal(p.detach(), q.detach())


@pytest.mark.slow
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_is_drawn_explained_and_written_for_jax(kind):
    layer = LAYERS[kind](dropout=0.0)
    plan = capture(step_of(layer))
    for _ in range(3):
        plan(rand(4, 2, 4))

    loss = (output_of(layer, rand(4, 2, 4)) ** 3).mean()

    assert "∂L" in str(explain(loss))
    assert draw(loss).svg
    assert "import jax" in plan.source("jax")


def test_dropout_is_part_of_a_plan():
    plan = capture(step_of(LAYERS["encoder"](dropout=0.5)))

    losses = {plan(np.ones((4, 2, 4))).item() for _ in range(4)}

    assert len(losses) == 4


def test_with_the_mask_nothing_depends_on_what_comes_later():
    layer = nn.TransformerEncoderLayer(4, 2, 6).eval()
    x = rand(4, 1, 4).requires_grad_()

    (layer(x, MASK, is_causal=True)[1] ** 3).sum().backward()

    np.testing.assert_array_equal(x.grad[2:], 0)
    assert (x.grad[:2].numpy() != 0).all()


def test_the_weights_of_attention_sum_to_1_and_leave_out_padding():
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x, padding = rand(3, 5, 4), tensor([[False] * 5, [False] * 3 + [True] * 2, [False] + [True] * 4])

    _, weights = layer(x, x, x, key_padding_mask=padding)

    np.testing.assert_allclose(weights.detach().sum(-1), np.ones((3, 5)))
    np.testing.assert_array_equal(weights[1, :, 3:].detach(), 0)
    np.testing.assert_allclose(weights[2, :, 0].detach(), 1)


def test_attention_by_hand():
    layer = nn.MultiheadAttention(1, 1, bias=False)
    layer.in_proj_weight.data = tensor([[1.0], [1.0], [1.0]])
    layer.out_proj.weight.data = tensor([[2.0]])

    y, weights = layer(tensor([[1.0]]), tensor([[0.0], [math.log(3)]]), tensor([[8.0], [4.0]]))

    np.testing.assert_allclose(weights.detach(), [[0.25, 0.75]])
    np.testing.assert_allclose(y.detach(), [[10.0]])


def test_keys_may_be_projected_by_the_caller():
    q, layer = rand(3, 1, 4), nn.MultiheadAttention(4, 2)
    k, v = rand(2, 5, 2), rand(2, 5, 2)  # one example, two heads, five keys

    y, weights = nn.functional.multi_head_attention_forward(
        q, q, q, 4, 2, layer.in_proj_weight, layer.in_proj_bias, None, None, False, 0.0,
        layer.out_proj.weight, layer.out_proj.bias, static_k=k, static_v=v, average_attn_weights=False,
    )  # fmt: skip

    projected = nn.functional.linear(q, layer.in_proj_weight[:4]).reshape(3, 2, 2).transpose(0, 1)
    expected = (projected @ k.transpose(1, 2) / math.sqrt(2)).softmax(-1)
    np.testing.assert_allclose(weights.detach()[0], expected.detach(), rtol=1e-12)
    assert y.shape == (3, 1, 4)


def test_a_mask_of_float64_leaves_float32_as_it_is():
    layer = nn.TransformerEncoderLayer(4, 2, 6, dtype=float32)

    assert layer(ones(4, 1, 4, dtype=float32), MASK).dtype == np.float32


def test_the_layers_of_a_stack_are_copies():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6), 2)

    first, second = encoder.layers

    assert first.linear1.weight is not second.linear1.weight
    np.testing.assert_array_equal(first.linear1.weight.detach(), second.linear1.weight.detach())


def test_a_transformer_takes_parts_of_the_callers_own():
    class Forgetful(nn.Module):
        def forward(self, src, **_):
            return zeros(*src.shape)

    class Echo(nn.Module):
        def forward(self, tgt, memory, **_):
            return tgt + memory.sum()

    net = nn.Transformer(4, 2, custom_encoder=Forgetful(), custom_decoder=Echo())

    np.testing.assert_array_equal(net(ones(3, 4), ones(2, 4)), np.ones((2, 4)))


def attend(**options):
    """Attention of 3 queries to 5 keys, two examples."""
    return nn.MultiheadAttention(4, 2)(ones(3, 2, 4), ones(5, 2, 4), ones(5, 2, 4), **options)


WRONG = {
    "heads": (lambda: nn.MultiheadAttention(5, 2), "embed_dim as a multiple of num_heads, got 5 and 2"),
    "no heads": (lambda: nn.MultiheadAttention(4, 0), "num_heads as a whole number of 1 or more, got 0"),
    "query": (
        lambda: nn.MultiheadAttention(4, 2)(ones(3, 5), ones(3, 4), ones(3, 4)),
        r"MultiheadAttention\(4, 2\) takes a query of rows of 4 numbers, but query has shape \(3, 5\)",
    ),
    "value": (
        lambda: nn.MultiheadAttention(4, 2, vdim=3)(ones(3, 4), ones(3, 4), ones(3, 4)),
        r"a value of rows of 3 numbers, but value has shape \(3, 4\)",
    ),
    "dimensions": (
        lambda: nn.MultiheadAttention(4, 2)(ones(3, 1, 4), ones(3, 4), ones(3, 4)),
        r"or all without N, got \(3, 1, 4\), \(3, 4\) and \(3, 4\)",
    ),
    "batch": (
        lambda: nn.MultiheadAttention(4, 2)(ones(3, 2, 4), ones(3, 1, 4), ones(3, 1, 4)),
        r"as many values as keys, and one batch, got query \(3, 2, 4\)",
    ),
    "mask": (
        lambda: attend(attn_mask=zeros(5, 3)),
        r"attn_mask of shape \(3, 5\) or \(4, 3, 5\), got \(5, 3\)",
    ),
    "padding": (
        lambda: attend(key_padding_mask=zeros(5, 2)),
        r"key_padding_mask of shape \(2, 5\), got \(5, 2\)",
    ),
    "causal": (lambda: attend(is_causal=True), "needs attn_mask with is_causal"),
    "activation": (
        lambda: nn.TransformerEncoderLayer(4, 2, activation="swish"),
        "TransformerEncoderLayer needs activation 'relu', 'gelu' or a function, got 'swish'",
    ),
    "layers": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6), 0),
        "num_layers as a whole number of 1 or more, got 0",
    ),
    "transformer": (
        lambda: nn.Transformer(4, 2, 1, 1, 6)(ones(3, 2, 4), ones(3, 1, 4)),
        r"takes src and tgt of rows of 4 numbers, of one batch, .*\(3, 2, 4\) and \(3, 1, 4\)",
    ),
    "static keys": (
        lambda: nn.functional.multi_head_attention_forward(
            *[ones(3, 1, 4)] * 3, 4, 2, ones(12, 4), None, None, None, False, 0.0, ones(4, 4), None,
            static_k=ones(1, 3, 2),
        ),
        r"static_k and static_v of shape \(2, S, 2\), got \(1, 3, 2\)",
    ),
    "size": (
        lambda: nn.functional.multi_head_attention_forward(
            *[ones(3, 1, 4)] * 3, 6, 2, ones(12, 4), None, None, None, False, 0.0, ones(4, 4), None
        ),
        r"queries of 6 numbers, divided by 2 heads, got shape \(3, 1, 4\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(name):
    call, message = WRONG[name]

    with pytest.raises(ValueError, match=message):
        call()


def test_a_mask_of_whole_numbers_is_refused():
    with pytest.raises(TypeError, match=r"attn_mask of booleans or floats, got int64; use mask\.bool"):
        attend(attn_mask=ones(3, 5).long())


def test_a_plan_follows_the_mask_made_in_the_step():
    x = np.random.default_rng(0).normal(size=(4, 4))
    plan = capture(lambda x: nn.Transformer.generate_square_subsequent_mask(4) + x)

    for _ in range(4):
        assert plan(x).tolist() == (MASK + x).tolist()
