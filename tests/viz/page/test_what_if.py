"""What the page computes in JavaScript after a change is what Python computes from the changed numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.optim import SGD
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.number_cells import cells_of, number


def texts(array):
    return [text for row in cells_of(np.asarray(array)).texts for text in row]


def change(browser, name, row, column, x):
    browser.driver.execute_script(
        """function set(id, x, kind) {
            document.getElementById(id).value = x;
            document.getElementById(id).dispatchEvent(new Event(kind));
        }
        set("leaf", state.machine.leaves.findIndex(l => data.nodes[l.node].name === arguments[0]), "change");
        set("row", arguments[1], "change");
        set("column", arguments[2], "change");
        set("value", arguments[3], "input");""",
        name, row, column, x,
    )  # fmt: skip


def layers(W, b=0.5):
    x = tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]], name="x")
    W = tensor(W, requires_grad=True, name="W")
    b = tensor([b, -0.25], requires_grad=True, name="b")
    h = (x @ W + b).tanh()
    p = (h @ W).softmax(1)
    return -(p.log() * h.sigmoid()).mean() + (W * W).sum() / 10


def test_forward_and_backward_are_computed_anew(browser):
    W = [[0.5, -1.0], [0.25, 2.0]]
    browser.open(draw(layers(W)).html)

    W[1][0] = -1.5
    change(browser, "W", 1, 0, -1.5)
    browser.click("last")

    loss = layers(W)
    gradients = gradients_of(loss)
    for i, x in enumerate(draw(loss).graph.tensors):
        assert browser.seen(f"v{i}") == texts(x.raw)
        if x in gradients and x.requires_grad:
            assert browser.seen(f"g{i}") == texts(gradients[x])
    assert browser.complaints() == []


def test_two_changes_and_reset(browser):
    browser.open(draw(layers([[0.5, -1.0], [0.25, 2.0]])).html)
    before = browser.js("data.numbers.v2")

    change(browser, "W", 0, 0, 3)
    change(browser, "b", 0, 0, 1)
    found = browser.js("state.machine.arrays[state.machine.slots['v' + end]].data[0]")

    assert found == pytest.approx(layers([[3.0, -1.0], [0.25, 2.0]], 1.0).item(), rel=1e-12)
    assert browser.js("document.querySelectorAll('.changed').length") == 2
    browser.click("reset")
    assert browser.js("data.numbers.v2") == before
    assert browser.js("document.getElementById('reset').disabled")


def test_the_effect_is_told_beside_what_the_gradient_said(browser):
    w = tensor([3.0], requires_grad=True, name="w")
    browser.open(draw((w * w).sum()).html)

    change(browser, "w", 0, 0, 3.5)

    assert browser.text("#effect") == "L: 9 → 12.2, a change of +3.25. Gradient × change said +3."


def test_local_derivatives_of_values_change_with_them(browser):
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    L = a * b
    L.label = "L"
    browser.open(draw(L).html)

    change(browser, "a", 0, 0, 5)

    assert browser.text("#picture .local[data-of=e1] text") == "× 5"
    browser.click("reset")
    assert browser.text("#picture .local[data-of=e1] text") == "× 2"


def test_a_number_is_chosen_by_clicking_its_cell(browser):
    browser.open(draw(layers([[0.5, -1.0], [0.25, 2.0]])).html)

    browser.js("picture.grids.v1.cells[2][1].dispatchEvent(new MouseEvent('click', {bubbles: true}))")

    chosen = "['leaf', 'row', 'column', 'value'].map(id => document.getElementById(id).value)"
    assert browser.js(chosen) == ["1", "1", "0", "0.25"]
    assert browser.step() == 0


@pytest.mark.parametrize("typed", ["", "e", "-"])
def test_what_is_no_number_changes_nothing(browser, typed):
    browser.open(draw(layers([[0.5, -1.0], [0.25, 2.0]])).html)

    field = browser.driver.find_element("id", "value")
    field.clear()
    field.send_keys(typed)

    assert browser.js("state.machine.changed.size") == 0
    assert browser.complaints() == []


def test_the_machine_agrees_with_python_on_every_number(browser, graph):
    loss, names = graph
    browser.open(draw(loss, names=names).html)

    assert browser.js("!!state.machine")
    assert browser.js(
        """Object.entries(state.machine.slots).filter(([key]) => key in data.numbers).every(([key, slot]) => {
        const mine = cellsOf(state.machine.base[slot])[0], told = data.numbers[key][0];
        const close = (x, y) => Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(x));
        return told.every((row, i) => row.every((x, j) => close(x, mine[i][j])));
        })"""
    )


def test_there_is_no_what_if_for_operations_that_the_page_does_not_know(browser):
    twice = Elementwise(lambda x: 2 * x, lambda x: 2 * x, lambda g, _y, _x: 2 * g, name="twice")
    w = tensor([3.0], requires_grad=True, name="w")

    browser.open(draw(twice(w).sum()).html)

    assert browser.js("document.getElementById('what-if').hidden")
    assert browser.js("data.whatIf") is None


def single(W, b=0.5):
    """The network of `layers` in float32, with targets in whole numbers."""
    x = tensor(np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]], np.float32), name="x")
    W = tensor(np.array(W, np.float32), requires_grad=True, name="W")
    b = tensor(np.array([b, -0.25], np.float32), requires_grad=True, name="b")
    h = (x @ W + b).tanh() * 0.1
    return cross_entropy(h @ W, tensor([0, 1, 1])) + (W * W).sum() / 10


def test_float32_is_computed_in_float32(browser):
    W = [[0.1, -1.0], [0.25, 2.0]]
    browser.open(draw(single(W)).html)
    assert browser.js("document.getElementById('value').value") == "0.1"

    W[1][0] = -1.6
    change(browser, "W", 1, 0, -1.6)
    browser.click("last")

    loss = single(W)
    gradients = gradients_of(loss)
    graph = draw(loss).graph
    assert {x.dtype for x in graph.tensors if x.operation} == {np.dtype(np.float32)}
    for i, x in enumerate(graph.tensors):
        assert browser.seen(f"v{i}") == texts(x.raw)
        if x in gradients and x.requires_grad:
            assert browser.seen(f"g{i}") == texts(gradients[x])
    assert browser.js(
        "state.machine.arrays.slice(-9).every(x => x.data.every(y => Object.is(Math.fround(y), y)))"
    )


@pytest.mark.slow
def test_float32_agrees_with_numpy_in_the_digits_that_are_shown(browser):
    rng = np.random.default_rng(0)
    shown, same = 0, 0
    for _ in range(12):
        loss = single(rng.normal(size=(2, 2)), float(rng.normal()))
        browser.open(draw(loss).html)
        for key, told, mine in browser.js(
            """Object.entries(state.machine.slots).filter(([key]) => key in data.numbers).map(([key, slot]) =>
            [key, data.numbers[key][0].flat(), cellsOf(state.machine.base[slot])[0].flat()])"""
        ):
            np.testing.assert_allclose(mine, told, rtol=2e-6, atol=2e-7, err_msg=key)
            shown += len(told)
            same += sum(number(x) == number(y) for x, y in zip(told, mine, strict=True))

    assert same >= 0.99 * shown  # of two numbers a bit apart one may be shown as 0, the other not


def test_there_is_no_what_if_in_float32_and_float64_at_once(browser):
    w = tensor(np.ones(2, np.float32), requires_grad=True)

    browser.open(draw((w * tensor([1.0, 2.0])).sum()).html)

    assert browser.js("data.whatIf") is None


def rewritten(x, v, by=2.0):
    """In NumPy: the last of three values of each graph below, and its gradients by `x` and `v`, number by number."""
    h = x * x
    h[[0, 2, 2]] = v
    tail = h[1:] * by
    whole = np.concatenate([h[:1], tail])
    g = 2 * whole * [1, by, by]
    return whole, 2 * x * [0, g[1], 0], np.array([g[0], 0, g[2]])


def in_place(x, v):
    """A loss whose graph was overwritten: numbers put in, one place twice, and a view multiplied."""
    x, v = (tensor(a, requires_grad=True, name=name) for a, name in ((x, "x"), (v, "v")))
    h = x * x
    h[[0, 2, 2]] = v
    tail = h[1:]
    tail *= 2
    return (h * h).sum()


def test_numbers_put_in_place_are_computed_anew(browser):
    x, v = np.array([1.0, -2.0, 3.0]), np.array([0.5, 7.0, -1.5])
    drawing = draw(in_place(x, v))
    browser.open(drawing.html)
    names = {node.name: i for i, node in enumerate(drawing.graph.nodes)}

    for name, array, place, new in (("v", v, 2, 4.0), ("x", x, 1, 5.0), ("v", v, 1, 9.0)):
        array[place] = new
        change(browser, name, 0, place, new)
    browser.click("last")

    whole, by_x, by_v = rewritten(x, v)
    assert browser.seen(f"v{len(drawing.graph.nodes) - 1}") == texts((whole * whole).sum())
    assert browser.seen(f"g{names['x']}") == texts(by_x)
    assert browser.seen(f"g{names['v']}") == texts(by_v)
    assert {"put", "last_writes"} <= set(browser.js("state.machine.lines.map(line => line[0])"))
    assert browser.complaints() == []


def test_a_slider_goes_from_before_the_update_of_the_program_to_after_it(browser):
    W = [[0.5, -1.0], [0.25, 2.0]]
    loss = layers(W)
    loss.backward()
    leaves = [x for x in draw(loss).graph.tensors if x.operation is None and x.requires_grad]
    SGD(leaves, lr=0.5).step()
    browser.open(draw(loss).html)
    browser.click("last")

    slider = "document.getElementById('moment')"
    move = f"{slider}.value = {{}}, {slider}.dispatchEvent(new Event('input'))"
    browser.js(move.format(1))

    w = next(x for x in leaves if x.name == "W")
    assert browser.seen("v1") == texts(w.raw)
    assert f"loss: {number(loss.item())} → " in browser.text("#effect")
    browser.js(move.format(0))
    assert browser.seen("v1") == texts(W)
    assert browser.complaints() == []


def test_there_is_no_such_slider_where_nothing_moved(browser):
    browser.open(draw(layers([[0.5, -1.0], [0.25, 2.0]])).html)

    assert not browser.driver.find_element("id", "update").is_displayed()
