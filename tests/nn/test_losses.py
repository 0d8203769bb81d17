"""Losses as modules: they call the functions, with the arguments given."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.nn import functional as F

# Reference numbers: PyTorch 2.13, torch.nn.functional.cross_entropy(Z, target, **options, reduction=...) in float64.

Z = [[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]
NUMBERS, SOFT, WEIGHT = [2, 0], [[0.2, 0.3, 0.5], [0.6, 0.3, 0.3]], [1.0, 2.0, 3.0]
REFERENCE = {
    "numbers": (NUMBERS, {}, 0.9076059644443804, [0.4076059644443804, 1.4076059644443804]),
    "weight": (NUMBERS, {"weight": WEIGHT}, 0.6576059644443804, [1.2228178933331413, 1.4076059644443804]),
    "ignore": (NUMBERS, {"ignore_index": 0}, 0.4076059644443804, [0.4076059644443804, 0.0]),
    "smooth": (
        NUMBERS,
        {"label_smoothing": 0.1},
        0.9576059644443804,
        [0.5076059644443804, 1.4076059644443804],
    ),
    "smooth, weight": (
        NUMBERS,
        {"label_smoothing": 0.1, "weight": WEIGHT},
        0.7076059644443804,
        [1.3153906302220366, 1.515033227555485],
    ),
    "smooth, weight, ignore": (
        NUMBERS,
        {"label_smoothing": 0.1, "weight": WEIGHT, "ignore_index": 0},
        0.43846354340734556,
        [1.3153906302220366, 0.0],
    ),
    "soft": (SOFT, {}, 1.3983665608888185, [1.1076059644443805, 1.6891271573332565]),
    "soft, weight": (SOFT, {"weight": WEIGHT}, 2.296733121777637, [1.937493718222075, 2.6559725253331985]),
    "soft, smooth": (
        SOFT,
        {"label_smoothing": 0.1},
        1.3992905012443748,
        [1.1376059644443806, 1.6609750380443689],
    ),
    "soft, smooth, weight": (
        SOFT,
        {"label_smoothing": 0.1, "weight": WEIGHT},
        2.298581002488749,
        [1.958598872622077, 2.6385631323554217],
    ),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_cross_entropy_is_pytorchs(name):
    target, options, mean, each = REFERENCE[name]

    found = {
        r: nn.CrossEntropyLoss(**options, reduction=r)(tensor(Z), target) for r in ("mean", "sum", "none")
    }

    assert found["mean"].item() == pytest.approx(mean, rel=1e-14)
    assert found["sum"].item() == pytest.approx(sum(each), rel=1e-14)
    np.testing.assert_allclose(found["none"].raw, each, rtol=1e-14)


def test_binary_cross_entropy_is_pytorchs():
    # torch.nn.functional.binary_cross_entropy([[.2, .9], [1, 0]], [[0, 1], [1, 1]], weight=[1, 2])
    p, y = tensor([[0.2, 0.9], [1.0, 0.0]]), [[0.0, 1.0], [1.0, 1.0]]

    assert nn.BCELoss()(p, y).item() == pytest.approx(25.082126016743008, rel=1e-14)
    assert nn.BCELoss(weight=[1.0, 2.0])(p, y).item() == pytest.approx(50.10846614565747, rel=1e-14)


def test_binary_cross_entropy_with_logits_is_pytorchs():
    # torch.nn.functional.binary_cross_entropy_with_logits([[-1, 2], [1000, -1000]], [[0, 1], [1, 1]])
    z, y = tensor([[-1.0, 2.0], [1000.0, -1000.0]]), [[0.0, 1.0], [1.0, 1.0]]

    each = nn.BCEWithLogitsLoss(reduction="none")(z, y)

    np.testing.assert_allclose(each.raw, [[0.3132616875182228, 0.1269280110429725], [0, 1000]], rtol=1e-14)


# The modules.

P, Y = tensor([[0.25, 0.75], [0.5, 0.5]]), tensor([[1.0, 0.0], [0.25, 0.75]])
MODULES = {
    nn.MSELoss: (F.mse_loss, [{}, {"reduction": "sum"}]),
    nn.BCELoss: (F.binary_cross_entropy, [{}, {"weight": [1.0, 2.0], "reduction": "none"}]),
    nn.BCEWithLogitsLoss: (
        F.binary_cross_entropy_with_logits,
        [{}, {"weight": [1.0, 2.0], "pos_weight": [3.0, 4.0]}],
    ),
    nn.CCELoss: (F.categorical_cross_entropy, [{}, {"unit": "bits", "eps": 1e-3, "reduction": "sum"}]),
    nn.CrossEntropyLoss: (F.cross_entropy, [{}, {"weight": [1.0, 2.0], "label_smoothing": 0.2}]),
}
CASES = [(kind, function, options) for kind, (function, given) in MODULES.items() for options in given]


@pytest.mark.parametrize(("kind", "function", "options"), CASES, ids=lambda x: getattr(x, "__name__", None))
def test_a_loss_calls_its_function_with_its_options(kind, function, options):
    assert kind(**options)(P, Y).tolist() == function(P, Y, **options).tolist()


@pytest.mark.parametrize("kind", MODULES)
def test_a_loss_has_no_parameters_and_prints_as_in_pytorch(kind):
    assert list(kind().parameters()) == []
    assert repr(kind(reduction="sum")) == f"{kind.__name__}()"


def test_arguments_come_in_pytorchs_order():
    assert nn.MSELoss(None, None, "sum").reduction == "sum"
    assert nn.CrossEntropyLoss(None, None, 2).ignore_index == 2
    assert nn.BCELoss([1.0, 2.0]).weight.tolist() == [1, 2]


def test_older_words_for_the_reduction_are_taken():
    assert nn.MSELoss(size_average=False).reduction == "sum"
    assert nn.MSELoss(reduce=False).reduction == "none"


def test_weights_are_buffers():
    loss = nn.BCEWithLogitsLoss(weight=tensor([1.0, 2.0]), pos_weight=tensor([3.0, 4.0]))

    assert list(loss.state_dict()) == ["weight", "pos_weight"]
    assert loss.float().weight.dtype == np.float32


def test_another_weight_counts_at_the_next_call():
    loss = nn.BCELoss(weight=tensor([1.0, 2.0]))
    loss.weight = tensor([2.0, 4.0])

    assert loss(P, Y).item() == F.binary_cross_entropy(P, Y, weight=tensor([2.0, 4.0])).item()


@pytest.mark.parametrize("kind", [nn.MSELoss, nn.NLLLoss, nn.TripletMarginLoss])
def test_a_prediction_is_a_tensor(kind):
    with pytest.raises(
        TypeError, match=f"{kind.__name__} needs a Tensor as prediction, got list; write tensor"
    ):
        kind()([1.0], [1.0])


def test_delta_is_a_number():
    with pytest.raises(TypeError, match="HuberLoss needs delta as a number, got '1'"):
        nn.HuberLoss(delta="1")


def test_a_divergence_has_a_mean_over_the_batch():
    x, y = tensor(np.log(P.raw)), Y

    assert nn.KLDivLoss(reduction="batchmean")(x, y).item() == F.kl_div(x, y, reduction="batchmean").item()


@pytest.mark.parametrize("kind", [nn.BCELoss, nn.BCEWithLogitsLoss, nn.CrossEntropyLoss])
@pytest.mark.parametrize("weight", [np.array([1.0, 2.0]), tensor([1.0, 2.0])], ids=type)
def test_a_weight_may_be_an_array_or_a_tensor(kind, weight):
    assert kind(weight=weight)(P, Y).item() == kind(weight=[1.0, 2.0])(P, Y).item()


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("reduction", ["average", None, 1])
def test_the_reduction_is_checked_at_once(kind, reduction):
    with pytest.raises(
        ValueError, match=f"{kind.__name__} needs reduction 'mean', 'sum' or 'none', got {reduction!r}"
    ):
        kind(reduction=reduction)


def test_a_masked_logit_counts_nothing():
    z = tensor([[-np.inf, 0.0, 0.0]], requires_grad=True)

    loss = nn.CrossEntropyLoss()(z, [1])
    loss.backward()

    assert loss.item() == pytest.approx(np.log(2))
    assert z.grad.tolist() == [[0, -0.5, 0.5]]


@pytest.mark.parametrize("numbers", [[-100, -100], []])
def test_a_mean_over_no_examples_is_refused(numbers):
    with pytest.raises(ValueError, match="cross_entropy needs examples to average, but there are none"):
        nn.CrossEntropyLoss()(tensor(np.zeros((len(numbers), 3))), tensor(np.array(numbers, dtype=int)))
