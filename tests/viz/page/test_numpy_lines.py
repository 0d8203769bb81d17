"""The NumPy lines of a page, run one after the other, compute the numbers that stand beside them."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.explanation.derivation.random_graphs import random_graph
from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.examples import example
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.page.page_steps import steps_through

SEEDS = range(200)
MOST_WITHOUT = 0.02  # of the steps of random graphs may have no line


def steps_without_lines(loss):
    """Run all lines of the page of `loss` and compare; returns the operations without lines, and the count of steps."""
    graph, gradients = graph_of(loss), gradients_of(loss)
    steps = steps_through(graph, gradients)
    called, program = steps.symbols.variables, steps.symbols.program
    arrays = {called[i][0]: graph.array(i) for i, node in enumerate(graph.nodes) if not node.operation}
    without, computed = [], [step for step in steps.all if step.phase != "start"]
    for step in computed:
        right = {called[step.node][0]: graph.array(step.node)} if step.phase == "forward" else {}
        right |= {
            called[i][1]: gradients[graph.tensors[i]] for i, key in step.gradients.items() if key == f"g{i}"
        }
        lines = program("\n".join(step.code))
        exec(lines, {"np": np}, arrays)
        without += [graph.nodes[step.node].operation] * any(f"{name} = " not in lines for name in right)
        for name, array in right.items():
            if f"{name} = " not in lines:
                arrays[name] = array
            np.testing.assert_allclose(arrays[name], array, rtol=1e-6, atol=1e-9, err_msg=lines)
            assert np.shape(arrays[name]) == np.shape(array)
    return without, len(computed)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("scale", [1.0, 500.0], ids=["", "large numbers"])
def test_the_lines_of_an_operation_compute_what_it_computes(name, scale):
    operation = OPERATIONS[name]
    inputs, settings = example(operation, 3)
    rules = zip(inputs, operation.rules)  # which have no end, if the inputs are any number
    floats = [x.dtype.kind == "f" and rule not in (None, unknown_derivative) for x, rule in rules]
    floats += [False] * (len(inputs) - len(floats))
    tensors = [torch.tensor(x * scale if f else x, requires_grad=f) for x, f in zip(inputs, floats)]
    with np.errstate(all="ignore"):
        try:
            result = tensors[0].apply(operation, tuple(tensors), settings)
        except (ValueError, np.linalg.LinAlgError):
            pytest.skip("these numbers are refused")
        if result.requires_grad and np.isfinite(result.detach().numpy()).all():
            steps_without_lines((result * 1).sum())


@pytest.mark.slow
def test_the_lines_of_random_graphs_compute_their_numbers():
    with np.errstate(all="ignore"):
        found = [steps_without_lines(random_graph(seed).loss) for seed in SEEDS]

    without, steps = [name for names, _ in found for name in names], sum(n for _, n in found)
    assert steps > 2_000
    assert len(without) <= MOST_WITHOUT * steps, without


def leaf(data, name):
    return torch.tensor(data, requires_grad=True, name=name)


IDS, CLASSES = torch.tensor([0, 2, 2], name="ids"), torch.tensor([1, 0], name="y")
E, z = leaf(np.arange(12.0).reshape(4, 3), "E"), leaf([[1000.0, 0.0, 5.0], [2.0, 1001.0, 3.0]], "z")
small = leaf([[1.0, 0.0], [0.5, 2.0]], "w")
LINES = {
    "rows by number": (lambda: E[IDS], "v0 = E[ids]"),
    "their gradient": (lambda: E[IDS], "dE = np.zeros((4, 3))\nnp.add.at(dE, ids, dv0)"),
    "a part": (lambda: E[1:, 0], "np.add.at(dE, np.s_[1:, 0], dv0)"),
    "single numbers": (lambda: E[[0, 1], [2, 0]], "v0 = E[[0, 1], [2, 0]]"),
    "a mask": (lambda: E[E > 3], "v1 = E[v0]"),
    "the exp of large numbers": (
        lambda: z.logsumexp(1),
        "v0 = np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)) + z.max(axis=1)",
    ),
    "small numbers": (lambda: small.logsumexp(1), "v0 = np.log(np.exp(w).sum(axis=1))"),
    "class numbers": (
        lambda: F.cross_entropy(small, CLASSES) * 1,
        "v0 = -(w - np.log(np.exp(w).sum(axis=1, keepdims=True)))[np.arange(len(y)), y].mean()",
    ),
    "their residual": (
        lambda: F.cross_entropy(small, CLASSES) * 1,
        "dw = dv0 * (np.exp(w) / np.exp(w).sum(axis=1, keepdims=True) - np.eye(2)[y]) / 2",
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_what_people_write_most_has_a_line(what):
    make, line = LINES[what]
    loss = make().sum()
    steps = steps_through(graph_of(loss), gradients_of(loss))

    program = "\n".join(steps.symbols.program("\n".join(step.code)) for step in steps.all)
    assert line in program
    assert not steps_without_lines(loss)[0]


def test_ignored_classes_have_no_line_rather_than_a_wrong_one():
    loss = F.cross_entropy(small, torch.tensor([1, -100]))

    without, _ = steps_without_lines(loss)

    assert "class_cross_entropy" in without
