"""What cut a graph, and where: said by backward() of what has no history."""

from __future__ import annotations

import pytest

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.tensor import tensor

HERE = r"test_detachment.py:\d+"


def without_recording(x):
    with no_grad():
        return x * 2


def released(x):
    y = x * 2
    y.sum().backward(retain_graph=False)
    return y


CUTS = {
    "detach": (lambda x: x.detach(), rf"cut by detach\(\) at {HERE}$"),
    "detach, and computed with": (
        lambda x: (x.detach() * 2).exp(),
        rf"cut by detach\(\) at {HERE}; looking backward: exp ← multiply ← detach\(\) \({HERE}\)$",
    ),
    "no derivative": (
        lambda x: x.argmax(),
        rf"cut by argmax, whose derivative is zero or undefined, at {HERE}$",
    ),
    "no_grad": (without_recording, rf"cut by no_grad\(\) at {HERE}$"),
    "no_grad, and computed with": (
        lambda x: without_recording(x).exp(),
        rf"cut by no_grad\(\) at {HERE}; looking backward: exp ← multiply \({HERE}\)$",
    ),
    "copied": (tensor, rf"cut by tensor\(\.\.\.\) at {HERE}$"),
    "copied of a copy": (lambda x: tensor(x.detach()), rf"cut by detach\(\) at {HERE}$"),
    "released": (released, rf"cut by backward\(retain_graph=False\) at {HERE}$"),
    "a plain number": (lambda x: tensor(x.tolist()), r"nothing it was computed from has requires_grad=True"),
}


@pytest.mark.filterwarnings("ignore:.*copies the numbers")
@pytest.mark.parametrize(("cut", "message"), CUTS.values(), ids=CUTS)
def test_backward_names_what_cut_the_graph_and_where(cut, message):
    y = cut(tensor([1.0, 2.0], requires_grad=True))

    with pytest.raises(RuntimeError, match=message):
        y.backward()


@pytest.mark.parametrize(("count", "shown"), [(7, ""), (8, "… ← "), (9, "… ← ")])
def test_eight_operations_since_the_cut_are_remembered(count, shown):
    y = tensor([1.0], requires_grad=True).detach()
    for _ in range(count):
        y = y.sin()

    ways = "sin ← " * min(count, 8)
    with pytest.raises(RuntimeError, match=rf"looking backward: {shown}{ways}detach\(\) \({HERE}\)"):
        y.backward()
