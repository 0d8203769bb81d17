"""Attention and transformers against PyTorch's: the same state dict, outputs and all gradients."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tests.pytorch.module_pairs import CLOSE, pair

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

TARGETS, SOURCES, BATCH, SIZE, HEADS = 4, 5, 3, 6, 2
ATTENTIONS = {
    "plain": {},
    "no bias": {"bias": False},
    "more keys": {"add_bias_kv": True, "add_zero_attn": True},
    "a key of zeros": {"add_zero_attn": True},
    "other sizes": {"kdim": 3, "vdim": 5},
    "other sizes, no bias": {"kdim": 3, "vdim": 5, "bias": False, "add_bias_kv": True},
}
RNG = np.random.default_rng(0)
FORBIDDEN = RNG.random((TARGETS, SOURCES)) < 0.3
FORBIDDEN[:, 0] = False  # each may look somewhere
PADDING = np.arange(SOURCES) >= np.array([[5], [3], [2]])
MASKS = {
    "none": {},
    "booleans": {"attn_mask": FORBIDDEN},
    "numbers": {"attn_mask": RNG.normal(size=(TARGETS, SOURCES))},
    "for each head": {"attn_mask": RNG.normal(size=(BATCH * HEADS, TARGETS, SOURCES))},
    "padding": {"key_padding_mask": PADDING},
    "both": {"attn_mask": FORBIDDEN, "key_padding_mask": PADDING},
}


def outcome(library, module, arrays, call):
    """The results and all gradients, as arrays; `call(module, *tensors)` returns the results."""
    tensors = [library.tensor(array, requires_grad=True) for array in arrays]
    results = [each for each in call(module, *tensors) if each is not None]
    sum((each**3).sum() for each in results).backward()
    grads = [each.grad for each in (*tensors, *module.parameters())]
    return [each.detach().numpy() for each in (*results, *grads)]


def check(theirs, mine, arrays, call):
    expected = outcome(torch, theirs, arrays, lambda module, *xs: call(torch, module, *xs))
    found = outcome(tinygrad_edu, mine, arrays, lambda module, *xs: call(tinygrad_edu, module, *xs))
    for ours, torchs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, torchs, **CLOSE)


def translated(library, options):
    return {key: library.tensor(x) if isinstance(x, np.ndarray) else x for key, x in options.items()}


def swapped(shape, batch_first):
    return (shape[1], shape[0], *shape[2:]) if batch_first else shape


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("weights", ["mean", "each head", "none"])
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_attention_is_pytorchs(kind, masks, weights, batch_first):
    options = ATTENTIONS[kind]
    theirs, mine = pair("MultiheadAttention", SIZE, HEADS, batch_first=batch_first, **options)
    sizes = (SIZE, options.get("kdim", SIZE), options.get("vdim", SIZE))
    lengths = (TARGETS, SOURCES, SOURCES)
    arrays = [
        np.random.default_rng(1).normal(size=swapped((length, BATCH, size), batch_first))
        for length, size in zip(lengths, sizes, strict=True)
    ]
    how = {"need_weights": weights != "none", "average_attn_weights": weights == "mean"}

    check(
        theirs,
        mine,
        arrays,
        lambda library, module, *xs: module(*xs, **how, **translated(library, MASKS[masks])),
    )


@pytest.mark.parametrize("need_weights", [False, True])
def test_attention_of_one_example_to_itself_is_pytorchs(need_weights):
    theirs, mine = pair("MultiheadAttention", SIZE, HEADS)
    mask = np.triu(np.ones((TARGETS, TARGETS), bool), 1)

    check(
        theirs,
        mine,
        [np.random.default_rng(1).normal(size=(TARGETS, SIZE))],
        lambda library, module, x: module(
            x, x, x, need_weights=need_weights, attn_mask=library.tensor(mask), is_causal=True
        ),
    )


LAYERS = [
    {},
    {"norm_first": True},
    {"bias": False, "activation": "gelu"},
    {"batch_first": True, "layer_norm_eps": 1e-3},
]


@pytest.mark.parametrize("options", LAYERS, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_an_encoder_layer_is_pytorchs(options, training):
    theirs, mine = pair("TransformerEncoderLayer", SIZE, HEADS, 8, 0.0 if training else 0.5, **options)
    theirs.train(training), mine.train(training)
    x = np.random.default_rng(1).normal(size=swapped((SOURCES, BATCH, SIZE), options.get("batch_first")))
    mask = np.triu(np.full((SOURCES, SOURCES), -np.inf), 1)

    def call(library, module, x):
        padding = library.tensor(np.where(PADDING, -np.inf, 0.0))
        return (module(x, library.tensor(mask), padding, is_causal=True),)

    check(theirs, mine, [x], call)


@pytest.mark.parametrize("options", LAYERS, ids=str)
def test_a_decoder_layer_is_pytorchs(options):
    theirs, mine = pair("TransformerDecoderLayer", SIZE, HEADS, 8, 0.0, **options)
    arrays = [
        np.random.default_rng(1).normal(size=swapped((length, BATCH, SIZE), options.get("batch_first")))
        for length in (TARGETS, SOURCES)
    ]

    def call(library, module, x, memory):
        return (module(x, memory, None, library.tensor(FORBIDDEN), None, library.tensor(PADDING)),)

    check(theirs, mine, arrays, call)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch's own, of nested tensors
def test_a_transformer_is_pytorchs(single):
    theirs, mine = pair("Transformer", SIZE, HEADS, 2, 2, 8, 0.0, norm_first=True)
    shape = (SIZE,) if single else (BATCH, SIZE)
    arrays = [np.random.default_rng(1).normal(size=(length, *shape)) for length in (SOURCES, TARGETS)]

    def call(library, module, source, target):
        mask = library.nn.Transformer.generate_square_subsequent_mask(TARGETS).to(library.float64)
        return (module(source, target, tgt_mask=mask, tgt_is_causal=True),)

    check(theirs, mine, arrays, call)


def test_a_function_may_be_the_activation():
    theirs = torch.nn.TransformerEncoderLayer(SIZE, HEADS, 8, 0.0, torch.tanh).double()
    mine = tinygrad_edu.nn.TransformerEncoderLayer(SIZE, HEADS, 8, 0.0, tinygrad_edu.tanh)
    mine.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})

    check(
        theirs,
        mine,
        [np.random.default_rng(1).normal(size=(SOURCES, SIZE))],
        lambda _, module, x: (module(x),),
    )


def test_the_mask_of_later_places_is_pytorchs():
    np.testing.assert_array_equal(
        tinygrad_edu.nn.Transformer.generate_square_subsequent_mask(3),
        torch.nn.Transformer.generate_square_subsequent_mask(3),
    )


def test_the_weights_of_an_attention_start_as_pytorchs():
    tinygrad_edu.manual_seed(0)

    layer = tinygrad_edu.nn.MultiheadAttention(60, 3, add_bias_kv=True)

    k = np.sqrt(6 / (60 + 180))
    assert 0.99 * k < abs(layer.in_proj_weight.detach()).max() <= k
    assert abs(layer.in_proj_bias.detach()).max() == 0
    assert abs(layer.out_proj.bias.detach()).max() == 0
    assert layer.bias_k.detach().std() > 0
