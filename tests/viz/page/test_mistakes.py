"""The wrong formulas of the quiz are wrong, the right one is right: run as lines of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.explanation.derivation.random_graphs import random_graph
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.index_code import CodeError
from tinygrad_edu.symbolic.writers.numpy_writer import numpy_code
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.viz.export.step_texts import _with_names as with_names
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.page.mistakes import ALIKE, mistakes
from tinygrad_edu.viz.page.page_steps import steps_through

rng = np.random.default_rng(0)


def leaf(*shape):
    return torch.tensor(rng.normal(size=shape), requires_grad=True)


def choices_of(loss, **names):
    """For each edge of the way back: its steps, the gradient to be shared, the right formula and the mistakes."""
    graph, gradients = graph_of(loss, names=names), gradients_of(loss)
    steps = steps_through(graph, gradients)
    for k, share in steps.shares:
        edge = graph.edges[k]
        g, y = steps.symbols.gradients[edge.target], steps.symbols.values[edge.target]
        right = simplify(share, rearrange=False)
        whole = steps.formulas[edge.target]
        result = graph.tensors[edge.target]
        value = result.share(edge.position, gradients[result])
        wrong = mistakes(right, edge.position, whole, g, y, steps.symbols.numbers)
        yield graph, steps, edge, value, right, wrong


def run(formula, steps):
    """The numbers of a formula as a line of NumPy; None where shapes do not fit, or there is no line."""
    try:
        code = steps.symbols.program(numpy_code(formula, steps.symbols.called))
        with np.errstate(all="ignore"):
            arrays = {steps.symbols.variable_of(x): array for x, array in steps.symbols.numbers.items()}
            return np.asarray(eval(code, {"np": np}, arrays), float)
    except (CodeError, ValueError):
        return None


def equal(x, y):
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        return False
    return bool(np.abs(x - y).max(initial=0) <= ALIKE * np.abs(y).max(initial=0))


@pytest.mark.slow
def test_on_random_graphs_the_right_formula_is_right_and_no_two_choices_have_the_same_numbers():
    asked = 0
    for seed in range(30):
        for _, steps, _, value, right, wrong in choices_of(random_graph(seed).loss):
            if not wrong:
                continue
            found = [run(formula, steps) for formula in (right, *(x.formula for x in wrong))]
            assert found[0] is None or equal(found[0], value)
            shown = [value, *(x for x in found[1:] if x is not None)]
            assert not any(equal(x, y) for i, x in enumerate(shown) for y in shown[:i])
            assert len({text(x.formula) for x in wrong} | {text(right)}) == 3
            asked += 1

    assert asked > 100


def a_layer():
    x, W, b = leaf(4, 3), leaf(3, 2), leaf(2)
    return (x @ W + b).tanh().sum(), {"x": x, "W": W, "b": b}


def squares():
    a, b = leaf(3), leaf(3)
    return (-(a * b)).mean(), {"a": a, "b": b}


TRANSPOSE = "A matrix product A · B passes G · Bᵀ to A, and Aᵀ · G to B: a transpose is wrong here"
OTHER = "The derivative of a product by one factor is the other factor: here it is a itself"
CHAIN = "The chain rule multiplies the gradient from above by the local derivative: "
SAID = {
    "a transpose": (a_layer, "W", ["x · ∂L/∂v0", "xᵀ · ∂L/∂v0ᵀ"], [TRANSPOSE, TRANSPOSE]),
    "a sum": (a_layer, "b", ["∂L/∂v1", "(Σ rows ∂L/∂v1) ⊙ b"], None),
    "a factor": (squares, "a", ["∂L/∂v0", "∂L/∂v0 ⊙ a"], [f"{CHAIN}the factor b is lost here", OTHER]),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_mistakes_are_those_of_students_and_say_why(case):
    make, name, formulas, reasons = SAID[case]
    loss, names = make()

    (found,) = [
        (graph, wrong)
        for graph, _, edge, _, _, wrong in choices_of(loss, **names)
        if graph.nodes[edge.source].name == name
    ]

    graph, wrong = found
    assert [with_names(text(x.formula), graph) for x in wrong] == formulas
    if reasons:
        assert [with_names(f"{x.rule}: {x.slip}", graph) for x in wrong] == reasons


def test_where_all_choices_are_zero_no_formula_is_asked_for():
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    assert all(not wrong for *_, wrong in choices_of((x * 0 * x).sum() * 0))
