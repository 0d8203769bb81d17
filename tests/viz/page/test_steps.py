from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import cat
from tinygrad_edu.derivation.things import array_of, gradients_of
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor import tensor
from tinygrad_edu.viz.model import graph_of
from tinygrad_edu.viz.page.steps import Steps


def steps_of(loss, names=None):
    drawn = graph_of(loss, names)
    return Steps(drawn, gradients_of(loss)), drawn


def phases(steps):
    return [step.phase for step in steps.all]


def test_every_operation_is_gone_through_forward_and_then_backward(graph):
    steps, drawn = steps_of(*graph)

    forward = [step.node for step in steps.all if step.phase == "forward"]
    backward = [step.node for step in steps.all if step.phase == "backward"]
    assert forward == [i for i, node in enumerate(drawn.nodes) if node.operation]
    assert backward == forward[::-1]
    assert phases(steps)[0] == "start"
    assert phases(steps)[len(forward) + 1] == "seed"


def test_the_code_of_all_steps_run_by_numpy_computes_the_gradients_of_the_engine(graph):
    loss, names = graph
    steps, drawn = steps_of(loss, names)
    called = steps.symbols.called
    variables = {
        called[id(steps.symbols.values[i])]: np.array(array_of(thing))
        for i, thing in enumerate(drawn.things)
        if thing.operation is None
    }

    for step in steps.all:
        for line in step.code:
            exec(line, {"np": np}, variables)

    for i, gradient in enumerate(gradients_of(loss).get(id(thing)) for thing in drawn.things):
        if gradient is not None:
            found = variables[called[id(steps.symbols.gradients[i])]]
            np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-12)


def test_every_operation_of_these_graphs_has_a_formula_and_code(graph):
    steps, _ = steps_of(*graph)

    assert steps.trusted
    for step in steps.all:
        assert step.phase == "start" or step.code
        assert all(line.symbols for line in step.lines)


def test_uses_of_one_tensor_add_up_one_after_the_other():
    a = tensor([3.0], requires_grad=True, name="a")
    steps, _ = steps_of((a * a + a).sum())

    uses = [line.use for step in steps.all for line in step.lines if line.use]
    assert uses == ["use 1 of 3", "use 2 of 3", "use 3 of 3"]
    assert [float(steps.sums[f"a{k}"].item()) for k in (3, 0, 1) if f"a{k}" in steps.sums] == [1.0, 4.0, 7.0]


def test_what_gets_no_gradient_has_no_way_back():
    x = tensor([1.0, 2.0], name="x")
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    steps, drawn = steps_of((x * w).sum())

    assert {drawn.nodes[i].name for step in steps.all for i in step.shown} == {"L", "v0", "w"}


def test_a_result_that_is_no_single_number_is_stepped_through_forward_only():
    w = tensor([3.0, 4.0], requires_grad=True)
    drawn = graph_of(w * 2)

    assert phases(Steps(drawn, {})) == ["start", "forward"]


def test_remarks_say_what_broadcasting_does():
    b = tensor([1.0, 2.0], requires_grad=True, name="b")
    steps, _ = steps_of((tensor(np.ones((3, 2))) + b).sum())

    assert any("the sum of 3 rows" in remark for step in steps.all for remark in step.remarks)


def test_a_number_overwritten_since_takes_the_formula_away_and_not_the_step():
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    loss = (w * tensor([1.0, 2.0], name="x")).sum()
    w.data[:] = 0
    steps, _ = steps_of(loss)

    forward = next(step for step in steps.all if step.phase == "forward")
    assert not steps.trusted
    assert forward.lines == ()


@pytest.mark.parametrize("name", ["class", "1st", "a b", "", "np", "ﬁ", "x" * 99, "d", "\ud800"])
def test_code_has_names_that_python_accepts(name):
    a, b = Value(2.0, label=name), Value(3.0, label=name)
    steps, _ = steps_of(a * b + a)
    names = list(steps.symbols.called.values())

    assert all(x.isidentifier() and x != "np" for x in names)
    assert len(set(names)) == len(names)
    for line in (line for step in steps.all for line in step.code):
        compile(line, "step", "exec")


def test_a_use_that_the_picture_leaves_out_is_still_in_the_gradient():
    x = tensor([1.0], requires_grad=True, name="x")
    others = [tensor([float(i)], requires_grad=True) for i in range(40)]
    steps, drawn = steps_of((cat([x, *others, x]) * 2).sum() + (x * 5).sum())

    source = next(i for i, node in enumerate(drawn.nodes) if node.name == "x")
    shown = [step.shown[source] for step in steps.all if source in step.shown]
    assert shown[-1] == f"g{source}"
    assert not steps.trusted


def test_a_tensor_used_by_a_long_operation_and_a_short_one_has_both_shares():
    x = tensor([1.0], requires_grad=True, name="x")
    others = [tensor([float(i)], requires_grad=True) for i in range(40)]
    steps, drawn = steps_of((cat([x, *others]) * 2).sum() + (x * 5).sum())

    source = next(i for i, node in enumerate(drawn.nodes) if node.name == "x")
    (last,) = [step.shown[source] for step in steps.all if source in step.shown][-1:]
    assert steps.sums[last] == pytest.approx(7)
