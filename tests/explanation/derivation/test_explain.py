from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import Value, cat, explain, nn, tensor, where
from tinygrad_edu.autograd import grad
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.exam import problem2, problem3
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.hints import warnings
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic import text

RNG = np.random.default_rng(0)


def leaf(*shape, name=None):
    return tensor(RNG.uniform(0.2, 0.9, shape), requires_grad=True, name=name)


# The exam.


def test_problem_2_reads_as_in_a_textbook():
    solution = problem2.solve()

    derivation = explain(solution.mean, wrt=solution.W1)

    assert derivation.formula == "∂L/∂W₁ = Xᵀ · δ₁"
    assert derivation.formulas[1] == "δ₁ = δ₂ · W₂ᵀ ⊙ H₁ ⊙ (1 − H₁)"
    assert "≈ (ŷ − Y) / 3" in derivation.text
    assert "Z₁ = X · W₁ + B" in derivation.text
    solution.mean.backward()
    np.testing.assert_array_equal(derivation.gradient, solution.W1.grad)


def test_problem_3_says_what_it_used():
    network = problem3.network(problem3.initial().centre)

    derivation = explain(network.objective(Problem3.X, Problem3.Y), wrt=network.weights)

    assert derivation.formulas[-2:] == ("∂L/∂W₁ = Xᵀ · δ₁", "∂L/∂W₂ = H₁ᵀ · δ₂")
    assert "≈ (Ŷ − Y) / 6" in derivation.text
    assert "each row of Y sums to 1" in derivation.text


# Formulas.


def test_a_transpose_is_written_into_the_product():
    q, k = leaf(4, 2, name="q") * 1, leaf(4, 2, name="k") * 1

    derivation = explain((q @ k.T).sum(), names={"q": q, "k": k}, wrt=[q, k])

    assert "z = q · kᵀ" in derivation.text


def test_the_gradient_of_a_vector_is_a_product_with_the_transposed_matrix():
    X, w = tensor(RNG.normal(size=(4, 3)), name="X"), leaf(3, name="w")

    assert explain(((X @ w) ** 2).mean(), w).formula == "∂L/∂w = Xᵀ · δ"


def test_the_result_lists_deltas_on_the_way_back_whether_asked_or_not():
    X, W1, W2 = tensor(RNG.normal(size=(4, 3)), name="X"), leaf(3, 2, name="W1"), leaf(2, 1, name="W2")
    z2 = (X @ W1).tanh() @ W2

    derivation = explain((z2**2).mean(), [z2, W1], names={"z2": z2})

    assert [line.split(" = ")[0] for line in derivation.formulas] == ["∂L/∂z₂", "δ₁", "∂L/∂W₁"]


def test_what_is_taken_shows_where_and_plain_numbers_stand_before_it():
    c = leaf(5, name="c") * 1

    derivation = explain((c[0:3] ** 2).sum() + (3 * c[3:]).sum(), c, names={"c": c})

    assert "L = Σ c[0:3]² + 3 Σ c[3:]" in derivation.text


def test_rows_that_are_looked_up_twice_are_said_to_add_up():
    E = leaf(4, 2, name="E")

    text = explain((E[np.array([0, 2, 0])] ** 2).sum(), E).text

    assert "∂L/∂E = 2 zeros(4, 2)[[0, 2, 0] += E[[0, 2, 0]]]" in text
    assert (
        "each gradient goes back to where it was taken from in E, and what was taken twice adds up." in text
    )


def test_uses_that_read_alike_are_told_apart_by_their_lines():
    h = leaf(4, 3, name="h")
    mean = h.mean(1, keepdim=True)
    variance = ((h - mean) ** 2).mean(1, keepdim=True)
    n = (h - mean) / variance.sqrt()

    derivation = explain((n**3).sum(), h, names={"m": mean, "v": variance, "n": n})

    step = next(step for step in derivation.steps if step.symbol.name == "m")
    assert [text(use.via) for use in step.uses] == ["n", "v"]
    assert "e−1" not in derivation.text  # the share by v is zero but for rounding


def test_modules_are_called_by_their_paths_and_layers_by_numbers():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3))
    loss = nn.CrossEntropyLoss()(net(tensor(RNG.normal(size=(4, 2)))), tensor([0, 2, 1, 1]))

    derivation = explain(loss, net, names={"net": net})

    assert derivation.formulas == (
        "δ₂ = (softmax(z₂) − onehot(y)) / 4",
        "δ₁ = δ₂ · net.2.weight ⊙ (1 − a₁²)",
        "∂L/∂net.0.weight = δ₁ᵀ · x",
        "∂L/∂net.0.bias = Σ rows δ₁",
        "∂L/∂net.2.weight = δ₂ᵀ · a₁",
        "∂L/∂net.2.bias = Σ rows δ₂",
    )
    assert "net.0.bias was used 4 times, so its gradient is the sum of 4 rows" in derivation.text


def test_binary_cross_entropy_is_p_minus_y_with_and_without_logits():
    x, w, y = tensor(RNG.normal(size=(4, 2)), name="x"), leaf(2, 1, name="w"), tensor([[0.0], [1], [1], [0]])

    from_p = explain(nn.BCELoss()((x @ w).sigmoid(), y), w)
    from_z = explain(nn.BCEWithLogitsLoss()(x @ w, y), w)

    assert from_p.formulas == ("δ = (p − y) / 4", "∂L/∂w = xᵀ · δ")
    assert from_z.formulas == ("δ = (σ(z) − y) / 4", "∂L/∂w = xᵀ · δ")


@pytest.mark.parametrize(("reduction", "formula"), [("mean", "2 (p − y) / 6"), ("sum", "2 (p − y)")])
def test_the_factor_of_the_reduction_is_visible(reduction, formula):
    p, y = leaf(2, 3, name="p"), tensor(np.zeros((2, 3)), name="y")

    assert explain(nn.MSELoss(reduction=reduction)(p, y)).formula == f"∂L/∂p = {formula}"


def test_a_sigmoid_written_with_numpy_is_recognized():
    x = leaf(3, name="x")

    assert explain((1 / (1 + np.exp(-x))).sum()).formula == "∂L/∂x = σ(x) ⊙ (1 − σ(x))"


def test_the_sum_over_rest_uses_is_written_out():
    a = tensor(2.0, requires_grad=True)
    c, d = a * a, 3 * a

    derivation = explain(c * d + a, a, names={"a": a, "c": c, "d": d})

    assert "= 1 via L + 12 via d + 24 via c = 37" in derivation.text.replace("  ", " ")
    assert [float(use.value) for use in derivation.steps[-1].uses] == [1, 12, 24]


def test_a_number_at_a_kink_is_said():
    w = tensor([1.0, 0.0], requires_grad=True, name="w")

    assert (
        "1 number of w is exactly 0, where relu has no derivative; 0 is taken" in explain(w.relu().sum()).text
    )


def test_every_operation_can_have_its_own_step():
    w = leaf(2, name="w")
    loss = (w.exp() * 2 + 1).sum()

    assert len(explain(loss).steps) == 1
    assert len(explain(loss, every=True).steps) == 4


def test_a_value_is_explained_as_a_tensor_is():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    loss = (a * b + a**2).tanh()

    derivation = explain(loss, a)

    assert derivation.formula == "∂L/∂a = (1 − L²) · (2 a + b)"
    assert a.grad == 0
    loss.backward()
    assert derivation.gradient == a.grad


def test_a_gradient_can_flow_into_a_loss_of_any_shape():
    w = leaf(2, name="w")

    derivation = explain(w * 2, w, gradient=[1.0, 10.0])

    assert derivation.formula == "∂L/∂w = 2 g"
    np.testing.assert_array_equal(derivation.gradient, [2, 20])


def test_an_inner_tensor_can_be_asked_for():
    w = leaf(2, name="w")
    h = w.exp()

    assert explain((h * h).sum(), h, names={"h": h}).formula == "∂L/∂h = 2 h"


def test_a_tensor_called_g_is_no_gradient_from_above():
    g, w = leaf(2, name="g"), leaf(2, name="w")

    derivation = explain((g * g * w * 3).sum(), w)

    assert derivation.formula == "∂L/∂w = 3 g²"
    assert derivation.steps[-1].upstream is None


def test_the_gradient_of_single_numbers_that_were_taken_has_a_formula():
    w = leaf(3, name="w")

    derivation = explain(w[0] * 3 + w[1] * w[1], w)

    assert derivation.formula == "∂L/∂w = 2 zeros(3)[1 ← w[1]] + zeros(3)[0 ← 3]"


def test_leaves_without_a_derivative_have_no_step():
    c, x = leaf(2, name="c"), leaf(2, name="x")

    assert list(explain(OPERATIONS["where"](c, x * 2, 1).sum()).gradients) == ["x"]


# Numbers.


@st.composite
def networks(draw):
    """A loss of a random network, its parameters, and nothing that is not one of its inputs."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    h = tensor(rng.normal(size=(draw(st.integers(1, 5)), sizes[0])))
    parameters = []
    for n, m in pairwise(sizes):
        W, b = (tensor(rng.normal(size=s) / n**0.5, requires_grad=True) for s in ((n, m), (m,)))
        parameters += [W, b]
        h = h @ W + b
        squashed = h * h.tanh()  # h * h in every layer would grow until exp overflows
        h = draw(
            st.sampled_from([h, h.tanh(), h.sigmoid(), h.relu(), squashed, 1 / (1 + np.exp(-h)), h.sin() + h])
        )
    assume(np.abs(h.data).max() < 10)  # beyond, 1 − σ(z) has lost the digits that two formulas would share
    y = rng.uniform(0, 1, h.shape)
    with warnings.off():  # a sigmoid may stand before with_logits here
        losses = [
            nn.functional.mse_loss(h, y),
            nn.functional.binary_cross_entropy_with_logits(h, y),
            nn.functional.binary_cross_entropy(h.sigmoid(), y),
            nn.functional.cross_entropy(h, tensor(np.eye(h.shape[1])[rng.integers(0, h.shape[1], len(h))])),
            nn.functional.categorical_cross_entropy(h.softmax(1), y),
            -(y * h.log_softmax(1)).sum(1).mean(),
        ]
    return draw(st.sampled_from(losses)), parameters


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(networks(), st.sampled_from([None, 0, 3]), st.booleans())
def test_the_numbers_are_those_of_the_engine_and_the_formulas_give_them(network, digits, every):
    loss, parameters = network

    derivation = explain(loss, parameters, digits=digits, every=every)

    expected = grad(loss, parameters)
    for found, g in zip(derivation.gradients.values(), expected, strict=True):
        np.testing.assert_array_equal(found, g)
    assert all(step.forms for step in derivation.steps)  # and each was compared with the engine's number
    assert loss.grad is None
    assert all(p.grad is None for p in parameters)
    assert "nan" not in derivation.text


def test_shown_digits_are_those_of_the_engine():
    w = tensor([1 / 3, 2 / 3], requires_grad=True, name="w")
    loss = (w * w * w).sum()

    assert "[ 0.333  1.333 ]" in explain(loss).text
    assert "[ 0.33  1.33 ]" in explain(loss, digits=2).text


def test_large_arrays_are_summarized():
    W = leaf(50, 30, name="W")

    text_of = explain((W * W).sum()).text

    assert "50×30, from" in text_of
    assert len(text_of.splitlines()) < 60


# What cannot be followed.


def test_a_rule_that_no_formula_can_follow_is_named_and_its_numbers_shown():
    strange = Elementwise(
        np.sin, math.sin, lambda g, _y, x: g * (x.raw if hasattr(x, "raw") else _cos(x)), name="strange"
    )
    w = leaf(2, name="w")

    derivation = explain(strange(w).sum())

    assert "(no formula: rule of strange)" in derivation.text
    assert derivation.formula == "∂L/∂w = (no formula)"
    np.testing.assert_array_equal(derivation.gradient, np.cos(w.raw))


def _cos(x):
    if not isinstance(x, np.ndarray):
        raise TypeError
    return np.cos(x)


def test_an_operation_of_ones_own_is_followed_like_any_other():
    gaussian = Elementwise(
        lambda x: np.exp(-x * x), lambda x: math.exp(-x * x), lambda g, y, x: -2 * g * x * y, name="gaussian"
    )
    w = leaf(2, name="w")

    assert explain(gaussian(w).sum()).formula == "∂L/∂w = −2 w ⊙ gaussian(w)"


LOSSES = {
    "index": lambda w: (w[0] * w[1]).sum(),
    "fancy index": lambda w: (w[[0, 0, 1]] ** 2).sum(),
    "max": lambda w: w.max(1)[0].sum(),
    "cat": lambda w: cat([w, w * 2]).mean(),
    "where": lambda w: where(w > 0.5, w * w, w.exp()).sum(),
    "clamp": lambda w: w.clamp(0.3, 0.5).sum(),
    "std": lambda w: w.std(0).sum(),
    "stack of matrices": lambda w: (tensor(np.ones((2, 3, 2))) @ w).sum(),
    "vector": lambda w: (w @ tensor([1.0, 2.0])).sum(),
    "power": lambda w: (tensor([2.0, 3.0]) ** w).sum(),
    "smoothed": lambda w: nn.CrossEntropyLoss(label_smoothing=0.1)(w, tensor([0, 1])),
    "weighted": lambda w: nn.CrossEntropyLoss(weight=[1.0, 2.0])(w, tensor([0, 1])),
    "repeated": lambda w: (w.reshape(4).expand(3, 4) * tensor(np.ones((3, 4)))).sum(),
    "own operation": lambda w: (
        Operation(lambda x: x[::-1].copy(), lambda g, _y, _x: g, name="flip")(w)
    ).sum(),
    "uses": lambda w: sum((w * i).exp().sum() for i in range(20)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("every", [False, True])
def test_nothing_raises_and_all_numbers_are_those_of_the_engine(name, every):
    w = leaf(2, 2, name="w")
    loss = LOSSES[name](w)

    derivation = explain(loss, w, every=every)

    np.testing.assert_array_equal(derivation.gradient, grad(loss, w)[0])
    assert derivation.text
    assert derivation.html
    assert derivation.latex


def test_a_formula_that_would_not_be_true_of_the_numbers_is_not_shown():
    a = tensor(2.0, requires_grad=True, name="a")
    b = a * 3
    a.data = 5.0  # the rule of b needs no number of a
    a.data = 6.0

    derivation = explain(b * b, a, names={})

    assert derivation.gradient == 36
    assert "no formula: at these numbers it is not what the engine computed" in derivation.text
    assert "computed before numbers were overwritten" in derivation.text


@pytest.mark.slow
def test_a_formula_that_nobody_would_read_is_not_written_and_the_gradient_keeps_its_name():
    net = nn.LSTM(2, 2)

    derivation = explain((net(tensor(np.ones((9, 1, 2))))[0] ** 2).sum(), net.weight_ih_l0, names={})

    assert "δ = ∂L/∂z = (no formula: it takes more than 2,000 signs)" in derivation.text
    assert derivation.formula == "∂L/∂W = squeeze(δ, 1)ᵀ · squeeze(x, 1)"


def test_an_lstm_of_few_steps_has_a_formula_for_each():
    net = nn.LSTM(2, 2)

    derivation = explain((net(tensor(np.ones((2, 1, 2))))[0] ** 2).sum(), net)

    assert "no formula" not in derivation.text
    assert all(len(line) <= 101 for formula in derivation.formulas for line in formula.splitlines())


def _residual():
    x, w1, w2 = leaf(5, 3, name="x"), leaf(3, 3, name="W1"), leaf(3, 3, name="W2")
    h = x + (x @ w1).relu()
    return (h + (h @ w2).relu()).square().mean(), w1


def _layer_norm():
    w, gain = leaf(3, 4, name="W"), leaf(4, name="g")
    a = leaf(5, 3, name="x") @ w
    centred = a - a.mean(-1, keepdim=True)
    centred.name = "c"  # a step with a name stays a step
    normal = centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return (normal * gain - 1).square().mean(), w


@pytest.mark.parametrize("network", [_residual, _layer_norm])
def test_every_gradient_in_the_result_is_defined_above_its_use(network):
    loss, w = network()

    formulas = explain(loss, w).formulas

    defined = set()
    for left, right in (formula.split(" = ", 1) for formula in formulas):
        assert set(re.findall(r"∂L/∂\w+|δ\w*", right)) <= defined
        defined.add(left)
    assert len(defined) > 2


@pytest.mark.slow
def test_a_chain_of_thousands_is_cut_into_lines():
    y = tensor(1.0, requires_grad=True, name="x")
    for _ in range(2000):
        y = y * 1.0001 + 0.001

    derivation = explain(y)

    assert derivation.steps[0].formula is not None
    assert derivation.gradient == pytest.approx(1.0001**2000)
    assert "are left out here" not in derivation.text
    assert "t₁ =" in derivation.text


def test_the_same_program_gives_the_same_page():
    def page():
        tg.manual_seed(0)
        net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        return explain(nn.MSELoss()(net(np.ones((2, 2))), np.ones((2, 1)))).text

    assert page() == page()


def test_steps_are_for_programs():
    w = leaf(2, 2, name="W1")
    x = leaf(3, 2, name="X")

    (step,) = explain((x @ w).tanh().sum(), w).steps[-1:]

    assert text(step.symbol) == "W₁"
    assert [use.operation for use in step.uses] == ["matmul"]
    assert text(step.forms[-1]) == "Xᵀ · δ"


def test_a_target_is_no_bias():
    x, w, y = leaf(3, 2, name="x"), leaf(2, 1, name="w"), tensor(np.ones((3, 1)), name="y")

    assert explain(nn.MSELoss()(x @ w, y), w).formulas == ("δ = 2 (z − y) / 3", "∂L/∂w = xᵀ · δ")


# Wrong input.

W = tensor([[1.0, 2.0]], requires_grad=True, name="W")
LOSS = (W * W).sum()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: explain("loss"),
            TypeError,
            "a Tensor, a Value or a function, got str 'loss'; pass the loss",
        ),
        (lambda: explain(nn.Linear(1, 1)), TypeError, "got Linear .*call the module and a loss first"),
        (
            lambda: explain(W * 2),
            RuntimeError,
            r"single number, but the tensor has shape \(1, 2\); .*pass gradient=",
        ),
        (lambda: explain(leaf()), ValueError, "needs a loss that was computed, got a leaf"),
        (lambda: explain(Value(2.0)), ValueError, "needs a loss that was computed, got a leaf"),
        (lambda: explain(tensor(1.0)), RuntimeError, "nothing it was computed from has requires_grad=True"),
        (
            lambda: explain(LOSS, np.ones(2)),
            TypeError,
            "got ndarray .*make it a tensor with requires_grad=True",
        ),
        (
            lambda: explain(LOSS, tensor(1.0)),
            ValueError,
            "gets a gradient, but a tensor of shape .* does not",
        ),
        (
            lambda: explain(LOSS, leaf(1, name="V")),
            ValueError,
            r"it was not computed from 'V' of shape \(1,\)",
        ),
        (lambda: explain(LOSS, LOSS), ValueError, "got the loss itself"),
        (
            lambda: explain(OPERATIONS["where"](W, leaf(1, 2), 1).sum(), W),
            ValueError,
            r"the loss has none by 'W' of shape \(1, 2\), which only decides what is computed; leave it out of wrt",
        ),
        (lambda: explain(LOSS, []), ValueError, "got an empty list"),
        (lambda: explain(LOSS, digits=-1), ValueError, r"digits from 0 to 15 \(decimals\) or None, got -1"),
        (
            lambda: explain(LOSS, names=3),
            TypeError,
            "explain needs names that map a name to a tensor, got int 3",
        ),
        (
            lambda: explain(LOSS, order=2),
            TypeError,
            r"a function for order= and at=, got a Tensor; write explain\(lambda",
        ),
    ],
)
def test_wrong_input_is_told_what_to_pass(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_of_rest_gradients_one_has_to_be_named():
    derivation = explain((W * leaf(1, 2, name="V")).sum())

    assert set(derivation.gradients) == {"W", "V"}
    with pytest.raises(RuntimeError, match=r"gradient needs one tensor, got W, V; use \.gradients\[name\]"):
        _ = derivation.gradient


@pytest.mark.parametrize(
    ("rows", "written"), [([0, 2, 2, 5, 1], "[0, 2, 2, 5, 1]"), (list(range(6)) * 3, "i")]
)
def test_the_rows_of_an_embedding_can_be_read_if_they_are_few(rows, written):
    e = leaf(6, 2, name="E")

    assert f"L = Σ E[{written}]²" in explain(e[rows].square().sum(), e).text


def test_a_module_in_a_list_stands_for_its_parameters():
    net = nn.Linear(2, 1)
    loss = net(tensor([[1.0, 2.0]])).sum()

    assert (
        explain(loss, [net], names={"net": net}).formulas == explain(loss, net, names={"net": net}).formulas
    )


def test_tensors_are_called_as_the_variables_of_the_caller():
    X, W = tensor([[1.0, 2.0]]), tensor([[3.0], [4.0]], requires_grad=True)
    score = (X @ W).sigmoid()
    loss = (score**2).sum()

    assert explain(loss, W).formulas == ("δ = 2 score² · (1 − score)", "∂L/∂W = Xᵀ · δ")
    assert explain(loss, "W").formula == explain(loss, W).formula
    assert explain(loss, W, names={}).formulas[-1] == "∂L/∂W = xᵀ · δ"


def test_a_name_of_its_own_comes_before_that_of_a_variable():
    w = leaf(2, name="weight")
    J = w.sum()

    assert explain(J).formula == "∂J/∂weight = 1"


def test_a_name_that_nothing_has_is_told_with_the_names_that_there_are():
    W1, b = tensor([1.0], requires_grad=True), tensor([2.0], requires_grad=True)
    loss = (W1 * b).sum()

    with pytest.raises(ValueError, match=r"got 'W3'; it depends on (W1, b|b, W1)$"):
        explain(loss, "W3", names={"W1": W1, "b": b, "loss": loss})
    with pytest.raises(
        ValueError, match=r"it depends on tensors without a name; pass names=locals\(\) as well"
    ):
        explain(loss, "W1", names={})
