"""The nodes of a finished graph, and the numbers that they had in it."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, draw, explain, no_grad, tensor
from tinygrad_edu.optim import SGD, AdamW
from tinygrad_edu.reading.nodes import Computation, nodes_in


def on_tensors(x):
    return tensor(x, requires_grad=True)


@pytest.fixture(params=[on_tensors, Value], ids=["Tensors", "Values"])
def leaf(request):
    return request.param


def test_inputs_come_before_results_and_leaves_just_before_their_first_use(leaf):
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    d = a * b
    e = d + 1
    f = c * e + a

    computation = Computation(f)

    assert [id(node) for node in computation] == [id(x) for x in (a, b, d, e, c, f.inputs[0], f)]
    assert [id(node) for node in computation.results] == [id(x) for x in (f, f.inputs[0], e, d)]
    assert [id(node) for node in computation.leaves] == [id(x) for x in (a, b, c)]


def test_several_ends_are_read_at_once_and_each_only_once(leaf):
    a, b = leaf(1.0), leaf(2.0)
    first, second = a * 2, a * 3

    computation = Computation(first, b, second, first)

    assert [id(node) for node in computation.ends] == [id(x) for x in (first, b, second)]
    assert [id(node) for node in computation] == [id(x) for x in (b, a, first, second)]


def test_plain_numbers_are_no_nodes(leaf):
    a = leaf(2.0)

    assert [id(x) for x in nodes_in(3 * a)] == [id(a)]


@pytest.mark.slow
def test_a_long_chain_is_read_without_recursion(leaf):
    x = leaf(1.0)
    for _ in range(50_000):
        x = x + 1

    assert sum(1 for _ in Computation(x)) == 50_001


def test_a_gradient_flows_through_what_leads_to_a_node_and_through_nothing_else(leaf):
    a, b = leaf(1.0), leaf(2.0)
    through_a, through_b = a * 2, b * 2
    loss = through_a * through_b

    found = Computation(loss).leading_to([a])

    assert {id(x) for x in found} == {id(a), id(through_a), id(loss)}


def test_nothing_leads_to_a_constant_or_through_an_input_without_a_rule():
    x, constant = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0])
    mask = x * 1
    loss = (constant.where(mask > 0, 0) * x).sum()

    assert Computation(loss).leading_to([constant]) == {constant}
    assert loss in Computation(loss).leading_to([x])


# Numbers.


def micrograd_step():
    """A loss of Values of which one was updated since, as micrograd does it, and the Values by name."""
    v, w = Value(2.0, label="v"), Value(3.0, label="w")
    h = v * w
    h.label = "h"
    loss = h * h
    loss.backward()
    v.data -= 0.5 * v.grad
    h.data = 100.0
    return loss, {"v": v, "w": w, "h": h, "loss": loss}


def test_values_have_the_numbers_of_the_computation_though_overwritten_since():
    loss, values = micrograd_step()

    array = Computation(loss).array

    assert {name: array(x).item() for name, x in values.items()} == {"v": 2, "w": 3, "h": 6, "loss": 36}
    assert values["v"].data == -16


def test_a_value_that_was_not_used_has_its_own_number():
    a = Value(2.0)
    a.data = 3.0

    assert Computation(a).array(a) == 3


def test_of_a_leaf_that_was_overwritten_in_between_the_newest_use_counts():
    a = Value(2.0)
    first = a * 1
    a.data = 5.0

    computation = Computation(first + a)

    assert computation.array(a) == 5
    assert computation.array(first) == 2


def test_a_result_of_no_grad_is_a_leaf_with_the_number_it_was_used_with():
    with no_grad():
        a = Value(2.0) * 3
    loss = a * a
    a.data = 0.0

    assert Computation(loss).array(a) == 6


def test_tensors_have_their_numbers():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x * 2

    np.testing.assert_array_equal(Computation(y).array(x), [1, 2])
    np.testing.assert_array_equal(Computation(y).array(y), [2, 4])


def test_the_numbers_of_a_picture_belong_together_after_an_update():
    loss, _ = micrograd_step()

    graph = draw(loss).graph

    assert {node.name: node.value.texts for node in graph.nodes} == {
        "v": [["2"]],
        "w": [["3"]],
        "h": [["6"]],
        "loss": [["36"]],
    }
    assert [edge.local for edge in graph.edges] == ["× 3", "× 2", "× 6", "× 6"]


def test_the_numbers_of_a_page_belong_together_after_an_update():
    loss, _ = micrograd_step()

    page = draw(loss).html

    assert '"v0":[[[2]],' in page
    assert '"v2":[[[6]],' in page
    assert '"v3":[[[36]],' in page
    assert '"leaves":[[0,1,[],[2],[-16]],[1,1,[],[3]]]' in page


def test_the_numbers_of_a_derivation_belong_together_after_an_update():
    loss, _ = micrograd_step()

    text = explain(loss).text

    assert "v = 2" in text
    assert "h = v · w = 6" in text
    assert "L = h² = 36" in text
    assert "overwritten" not in text


# Numbers in memory that was overwritten.


def numbers_of(result):
    computation = Computation(result)
    return [computation.array(node).tolist() for node in computation]


def test_results_that_were_overwritten_in_place_have_their_first_numbers():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = x * 2
    h[0] = 5.0
    v = h[1:]
    v *= 3

    assert numbers_of(h.sum()) == [[1, 2, 3], [2, 4, 6], [5, 4, 6], [4, 6], [12, 18], [5, 12, 18], 35]
    assert not Computation(h.sum()).lost


def by_hand(w):
    with no_grad():
        w -= 0.1 * w.grad


UPDATES = {
    "SGD": lambda w: SGD([w], lr=0.1).step(),
    "AdamW": lambda w: AdamW([w], lr=0.1).step(),
    "by hand": by_hand,
    "data": lambda w: w.data.sub_(0.1 * w.grad),
    "new data": lambda w: setattr(w, "data", w - 0.1 * w.grad),
}


@pytest.mark.parametrize("update", UPDATES)
def test_a_leaf_that_was_updated_has_the_numbers_it_was_used_with(update):
    w = tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    y.backward()
    UPDATES[update](w)

    computation = Computation(y)

    assert not computation.lost
    np.testing.assert_array_equal(computation.array(w), [1, 2])
    np.testing.assert_array_equal(computation.moved[w], w.raw)
    assert w.raw[0] != 1


def test_inside_rewound_a_leaf_has_the_numbers_of_the_computation_and_outside_those_of_now():
    w = tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    with no_grad():
        w -= 0.5
    now = w.raw

    with Computation(y).rewound():
        y.backward()
        inside = w.tolist()

    assert inside == [1, 2]
    assert w.grad.tolist() == [2, 4]
    assert w.raw is now
    assert w.tolist() == [0.5, 1.5]
    with pytest.raises(RuntimeError, match="was overwritten"):
        y.backward()


def test_numbers_that_were_kept_in_time_survive_any_overwriting_in_views_too():
    w = tensor([[1.0, 2.0]], requires_grad=True)
    turned = w.T
    computation = Computation(turned * 3)
    computation.keep()
    for _ in range(3):
        w.data[:] = 7.0

    with computation.rewound():
        assert w.tolist() == [[1, 2]]
        assert turned.tolist() == [[1], [2]]


def test_a_step_that_changes_nothing_moves_nothing():
    w = tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    y.backward()
    SGD([w], lr=0.0).step()

    assert not Computation(y).moved


LOST = {
    "twice": lambda w: [w.data.sub_(0.5), w.data.sub_(0.5)],
    "by an index": lambda w: w.data.__setitem__(0, 0.0),
    "by its first element": lambda w: w.detach()[:1].fill_(0.0),
}


@pytest.mark.parametrize("way", LOST)
def test_of_a_leaf_that_was_overwritten_in_a_way_that_keeps_nothing_the_numbers_are_lost(way):
    w = tensor([1.0, 2.0], requires_grad=True)
    y = w * w
    LOST[way](w)

    computation = Computation(y)

    assert list(computation.lost) == [w]
    assert not computation.moved
    with pytest.raises(RuntimeError, match=r"^f needs .* but a tensor of shape \(2,\) was overwritten at"):
        computation.check_known("f")


def test_of_a_leaf_that_was_overwritten_between_two_uses_the_numbers_are_lost():
    w = tensor([1.0, 2.0], requires_grad=True)
    first = w * 2
    w.data.sub_(0.5)

    assert list(Computation(first + w).lost) == [w]
    assert not Computation(first).lost


def test_many_numbers_are_not_kept():
    w = tensor(np.ones(5_000), requires_grad=True)
    y = w * w
    with no_grad():
        w -= 0.5

    computation = Computation(y)

    assert list(computation.lost) == [w]
    assert (computation.array(w)[0], computation.array(y)[0]) == (0.5, 1)


def test_a_view_of_a_leaf_has_or_has_lost_its_numbers_too():
    w = tensor([[1.0, 2.0]], requires_grad=True)
    turned = w.T
    y = turned * 3
    with no_grad():
        w -= 0.5
    np.testing.assert_array_equal(Computation(y).array(turned), [[1], [2]])
    with no_grad():
        w -= 0.5

    computation = Computation(y)

    assert list(computation.lost) == [w, turned]
    np.testing.assert_array_equal(computation.array(y), [[3], [6]])


def test_a_leaf_that_was_overwritten_before_its_first_use_has_its_numbers():
    w = tensor([1.0, 2.0], requires_grad=True)
    old = w * 2
    with no_grad():
        w -= 0.5
    loss = (w * 3).sum()

    assert not Computation(loss).lost
    assert list(Computation(loss, old).lost) == [w]


def test_a_result_that_was_overwritten_by_way_of_a_view_has_its_first_numbers_too():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = x * 2
    h[1:].mul_(10)

    assert [2, 4, 6] in numbers_of(h.sum())
    assert [2, 40, 60] in numbers_of(h.sum())


def test_a_result_that_rules_read_keeps_its_own_numbers():
    x = tensor([0.0, 1.0], requires_grad=True)
    h = x.exp()
    h[1] = 7

    assert numbers_of(h)[1] == [1, np.e]
