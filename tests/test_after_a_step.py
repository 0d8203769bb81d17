"""A loss of before an update: whatever looks at its graph sees the numbers of the pass, or says that they are gone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tinygrad_edu import compare_orders, diagnose, draw, explain
from tinygrad_edu.cli import main
from tinygrad_edu.optim import SGD
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.drawing.number_cells import number


def trained(steps=1):
    """A loss, its weights, their gradients as numbers, and what else is needed to look at it before the step."""
    x = tensor([[1.0, 2.0], [3.0, -1.0]], name="x")
    W = tensor([[0.5, -0.25], [0.75, 1.0]], requires_grad=True, name="W")
    v = tensor([[1.0], [-2.0]], requires_grad=True, name="v")
    loss = ((x @ W).tanh() @ v).sum()
    loss.backward()
    gradients = {"W": W.grad.numpy().copy(), "v": v.grad.numpy().copy()}
    before = {name: look(loss, W, gradients) for name, look in LOOKS.items()}
    for _ in range(steps):
        SGD([W, v], lr=0.5).step()
    return loss, W, gradients, before


LOOKS = {
    "explain": lambda loss, W, gradients: explain(loss, W).text,
    "diagnose": lambda loss, W, gradients: str(
        diagnose(loss, {"W": gradients["W"], "v": 2 * gradients["v"]})
    ),
    "compare_orders": lambda loss, W, gradients: [row.right.tolist() for row in compare_orders(loss).rows],
    "the page": lambda loss, W, gradients: len(draw(loss).html) > 0,
}


@pytest.mark.parametrize("name", LOOKS)
def test_after_one_step_nothing_has_changed(name):
    loss, W, gradients, before = trained()
    now = W.detach().numpy().copy()

    assert LOOKS[name](loss, W, gradients) == before[name]
    np.testing.assert_array_equal(W.detach().numpy(), now)


@pytest.mark.parametrize("name", LOOKS)
def test_after_two_steps_the_numbers_are_said_to_be_gone(name):
    loss, W, gradients, _ = trained(steps=2)

    with pytest.raises(
        RuntimeError, match=f"^{name} needs the numbers .* was overwritten at .*; call it before optim"
    ):
        LOOKS[name](loss, W, gradients)


LOOP = """
from tinygrad_edu import nn, optim, tensor
x, y = tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[1.0], [0.0]])
w = nn.Parameter([[0.5], [-0.25]])
optimizer = optim.SGD([w], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    p = x @ w
    loss = ((p - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    print(w.tolist(), loss.item())
"""


@pytest.mark.parametrize("ending", ["svg", "html", "txt"])
def test_a_training_loop_is_drawn_with_the_numbers_of_its_last_pass(tmp_path, capsys, ending):
    script, out = tmp_path / "train.py", tmp_path / f"step.{ending}"
    script.write_text(LOOP)

    assert main.main(["draw", f"{script}:loss", "-o", str(out)]) == 0

    picture = out.read_text("utf-8")
    assert "moved since: w [" in picture
    if ending == "txt":
        printed = [json.loads(line.split("]]")[0] + "]]") for line in capsys.readouterr().err.splitlines()]
        then, now = ("; ".join(number(x) for (x,) in w) for w in printed[-2:])
        assert f"[{then}], now [{now}]" in picture
