from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import cat, nn
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.graph.graph_builder import graph_of
from tinygrad_edu.viz.page.page_steps import steps_through


def steps_of(loss, names=None):
    drawn = graph_of(loss, names)
    return steps_through(drawn, gradients_of(loss)), drawn


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


def test_the_code_of_all_steps_run_by_numpy_computes_the_gradients_of_the_engine(coded_graph):
    loss, names = coded_graph
    steps, drawn = steps_of(loss, names)
    called = steps.symbols.variables
    variables = {
        called[i][0]: np.array(drawn.array(i)) for i, node in enumerate(drawn.nodes) if not node.operation
    }

    for step in steps.all:
        for line in step.code:
            exec(steps.symbols.program(line), {"np": np}, variables)

    for i, gradient in enumerate(map(gradients_of(loss).get, drawn.tensors)):
        if gradient is not None:
            np.testing.assert_allclose(variables[called[i][1]], gradient, rtol=1e-9, atol=1e-12)


def test_every_operation_of_these_graphs_has_a_formula_and_code(coded_graph):
    steps, _ = steps_of(*coded_graph)

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

    assert {drawn.nodes[i].name for step in steps.all for i in step.gradients} == {"L", "v0", "w"}


def test_a_result_that_is_no_single_number_is_stepped_through_forward_only():
    w = tensor([3.0, 4.0], requires_grad=True)
    drawn = graph_of(w * 2)

    assert phases(steps_through(drawn, {})) == ["start", "forward"]


def test_remarks_say_what_broadcasting_does():
    b = tensor([1.0, 2.0], requires_grad=True, name="b")
    steps, _ = steps_of((tensor(np.ones((3, 2))) + b).sum())

    assert any("the sum of 3 rows" in remark for step in steps.all for remark in step.remarks)


def test_a_number_overwritten_since_takes_the_formula_away_and_not_the_step():
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    loss = (w * tensor([1.0, 2.0], name="x")).sum()
    w.data[:] = 0  # not by an operation that keeps the numbers
    steps, _ = steps_of(loss)

    forward = next(step for step in steps.all if step.phase == "forward")
    assert not steps.trusted
    assert forward.lines == ()


@pytest.mark.parametrize("name", ["class", "1st", "a b", "", "np", "ﬁ", "x" * 99, "d", "\ud800"])
def test_code_has_names_that_python_accepts(name):
    a, b = Value(2.0, label=name), Value(3.0, label=name)
    steps, _ = steps_of(a * b + a)
    names = [name for pair in steps.symbols.variables for name in pair]

    assert all(x.isidentifier() and x != "np" for x in names)
    assert len(set(names)) == len(names)
    for line in (line for step in steps.all for line in step.code):
        compile(steps.symbols.program(line), "step", "exec")


def test_a_use_that_the_picture_leaves_out_is_still_in_the_gradient():
    x = tensor([1.0], requires_grad=True, name="x")
    others = [tensor([float(i)], requires_grad=True) for i in range(40)]
    steps, drawn = steps_of((cat([x, *others, x]) * 2).sum() + (x * 5).sum())

    source = next(i for i, node in enumerate(drawn.nodes) if node.name == "x")
    shown = [step.gradients[source] for step in steps.all if source in step.gradients]
    assert shown[-1] == f"g{source}"
    assert not steps.trusted


def test_a_tensor_used_by_a_long_operation_and_a_short_one_has_both_shares():
    x = tensor([1.0], requires_grad=True, name="x")
    others = [tensor([float(i)], requires_grad=True) for i in range(40)]
    steps, drawn = steps_of((cat([x, *others]) * 2).sum() + (x * 5).sum())

    source = next(i for i, node in enumerate(drawn.nodes) if node.name == "x")
    (last,) = [step.gradients[source] for step in steps.all if source in step.gradients][-1:]
    assert steps.sums[last] == pytest.approx(7)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 4), nn.Linear(4, 3)

    def forward(self, x):
        return x + self.fc2(self.fc1(x).relu())


def test_a_folded_module_says_what_goes_in_and_out_and_what_is_inside():
    net = nn.Sequential(nn.Linear(2, 3), Block())
    loss = net(tensor(np.ones((5, 2)))).sum()
    drawn = graph_of(loss, {"net": net}, depth=1)
    steps = steps_through(drawn, gradients_of(loss))

    forward, backward = (
        next(step for step in steps.all if step.phase == phase and drawn.nodes[step.node].sign == "Block")
        for phase in ("forward", "backward")
    )
    operations = ["linear: 5×3 → 5×4", "relu: 5×4 → 5×4", "linear: 5×4 → 5×3", "add: 5×3 → 5×3"]
    assert list(forward.inside) == ["inside", *operations]
    assert backward.inside[1:] == (
        "add: 5×3 → 5×3",
        "linear: 5×3 → 5×4",
        "relu: 5×4 → 5×4",
        "linear: 5×4 → 5×3",
    )
    (line,) = backward.lines
    assert line.symbols.count("<mtext>5×3</mtext>") == 2
    assert "net.1" in line.symbols
    assert 'data-number="g' in "".join(line.numbers)


def test_of_a_run_of_folded_modules_one_is_listed_and_long_ones_are_cut():
    net = nn.Sequential(*(Block() for _ in range(20)))
    loss = net(tensor(np.ones((5, 3)))).sum()

    run = steps_through(graph_of(loss, {"net": net}), gradients_of(loss)).all[1]
    whole = steps_through(graph_of(loss, {"net": net}, depth=0), gradients_of(loss)).all[1]

    assert run.inside[0] == "inside, 20 times"
    assert len(run.inside) == 1 + 4
    assert whole.inside[0] == "inside"
    assert whole.inside[-1] == "and 68 more"
