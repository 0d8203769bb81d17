"""Numbers overwritten before a walk needs them: a clear error or the right answer, never a wrong number."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.versions import note_overwritten
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.tensor.tensor import Tensor, tensor


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


def overwritten_message(operation, who="a tensor of shape"):
    here = r"test_versions.py:\d+"
    return f"backward needs the numbers that {operation} .*{here}, but {who}.* overwritten at {here}; "


CHANGES = {
    "add_": lambda h: h.add_(1),
    "sub_": lambda h: h.sub_(1),
    "mul_": lambda h: h.mul_(2),
    "div_": lambda h: h.div_(2),
    "zero_": lambda h: h.zero_(),
    "fill_": lambda h: h.fill_(3),
    "copy_": lambda h: h.copy_([7.0, 7.0]),
    "item": lambda h: h.__setitem__(0, 5.0),
    "+=": lambda h: h.__iadd__(1),
    "-=": lambda h: h.__isub__(1),
    "*=": lambda h: h.__imul__(2),
    "/=": lambda h: h.__itruediv__(2),
    "data": lambda h: setattr(h, "data", [7.0, 7.0]),
    "data.add_": lambda h: h.data.add_(1),
    "detach().add_": lambda h: h.detach().add_(1),
    "view": lambda h: h.detach().view(2, 1).add_(1),
    "row": lambda h: h.detach()[0:1].add_(1),
    "transpose": lambda h: h.detach().view(1, 2).T.zero_(),
    "data.item": lambda h: h.data.__setitem__(1, 5.0),
    "view of view": lambda h: h.detach().view(2, 1)[0].detach().view(1).zero_(),
    "assign": lambda h: h.assign(np.zeros(2)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_leaf_changed_before_backward_is_noticed(change):
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()

    with grad_mode.no_grad():
        CHANGES[change](w)

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_an_input_that_needs_no_gradient_changed_before_backward_is_noticed(change):
    w, x = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    loss = (w * x).sum()

    CHANGES[change](x)

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_an_inner_result_changed_before_backward_is_noticed(change):
    w = leaf([1.0, 2.0])
    h = w.exp()
    loss = h.sum()

    with grad_mode.no_grad():
        CHANGES[change](h)

    with pytest.raises(RuntimeError, match=overwritten_message("exp", "its result")):
        loss.backward()


@pytest.mark.parametrize("change", CHANGES)
def test_changing_what_no_rule_needs_is_no_error(change):
    w, x = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    loss = (w + x).sum()

    CHANGES[change](x)
    loss.backward()

    assert w.grad.tolist() == [1, 1]


VIEWS = {
    "row": lambda x: x[0],
    "reshape": lambda x: x.reshape(4)[:2],
    "transpose": lambda x: x.T,
    "expand": lambda x: x.expand(3, 2, 2),
    "detach": lambda x: x.detach(),
    "view of view": lambda x: x.T[0].reshape(1, 2),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_the_base_of_a_view_changed_is_noticed(view):
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    w = leaf([1.0, 1.0])
    loss = (view(x) * w).sum()

    x.zero_()

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


def test_the_message_names_the_tensor_and_advises():
    w, x = leaf([1.0]), tensor([2.0], name="batch")
    loss = (w * x).sum()
    x.zero_()

    with pytest.raises(RuntimeError, match=r"'batch' of shape \(1,\).* overwritten at .*after backward\(\)"):
        loss.backward()


def test_a_changed_factor_matters_only_to_the_other_one():
    w, x = leaf([2.0]), tensor([3.0])
    loss = (w * x).sum()

    with grad_mode.no_grad():
        w.zero_()
    loss.backward()  # only the gradient of x would need the old w

    assert w.grad.tolist() == [3]


def test_changing_after_backward_is_no_error_and_the_next_pass_uses_the_new_numbers():
    w = leaf([1.0, 2.0])
    for expected in ([2, 4], [0, 0]):
        w.grad = None
        (w * w).sum().backward()
        assert w.grad.tolist() == expected

        with grad_mode.no_grad():
            w.zero_()


def test_a_graph_built_after_the_change_is_fine_beside_one_built_before():
    w = leaf([1.0])
    before = (w * w).sum()
    with grad_mode.no_grad():
        w.fill_(5.0)
    after = (w * w).sum()

    after.backward()

    assert w.grad.tolist() == [10]
    with pytest.raises(RuntimeError, match="overwritten"):
        before.backward()


def test_a_change_between_two_backward_calls_is_noticed():
    w = leaf([1.0])
    loss = (w * w).sum()
    loss.backward()

    with grad_mode.no_grad():
        w.fill_(5.0)

    with pytest.raises(RuntimeError, match="overwritten"):
        loss.backward()


def test_a_change_between_two_operations_is_noticed():
    w = leaf([1.0, 2.0])
    h = w * w

    with grad_mode.no_grad():
        w.mul_(10)
    loss = h.sum()

    with pytest.raises(RuntimeError, match=overwritten_message("multiply")):
        loss.backward()


def test_the_message_names_the_line_that_overwrote_where_it_is_known():
    w = leaf([1.0])
    loss = (w * w).sum()
    here = current_call_site()

    note_overwritten([w], here)

    with pytest.raises(RuntimeError, match=f"overwritten at {line_of(here)};"):
        loss.backward()


def test_a_condition_changed_before_backward_is_noticed_and_the_branches_do_not_matter():
    w, condition = leaf([1.0, 2.0]), tensor([True, False])
    first, second = (where(condition, w, 0).sum() for _ in "ab")

    with grad_mode.no_grad():
        w.fill_(7.0)
    first.backward()
    condition.fill_(True)

    assert w.grad.tolist() == [1, 0]
    with pytest.raises(RuntimeError, match=overwritten_message("where")):
        second.backward()


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_a_change_is_noticed_with_create_graph_too():
    w = leaf([1.0])
    loss = (w * w).sum()
    with grad_mode.no_grad():
        w.fill_(5.0)

    with pytest.raises(RuntimeError, match="overwritten"):
        loss.backward(create_graph=True)


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("position", [0, 1])
def test_a_change_of_what_a_fused_loss_worked_with_is_noticed_or_harmless(position, create_graph):
    def cross_entropy():
        inputs = leaf([[0.1, 0.7, -0.3]]), tensor([[0.0, 1.0, 0.0]])
        return inputs, OPERATIONS["cross_entropy"](*inputs, 1, dim=1)

    (expected, _), loss = cross_entropy()
    loss.backward(create_graph=create_graph)
    inputs, loss = cross_entropy()
    with grad_mode.no_grad():
        inputs[position].fill_(5.0)

    try:
        loss.backward(create_graph=create_graph)
    except RuntimeError as error:
        assert "overwritten" in str(error)  # noqa: PT017 - the right answer will do as well
    else:
        np.testing.assert_allclose(inputs[0].grad.raw, expected.grad.raw)


def test_logits_changed_after_a_fused_loss_do_not_matter_as_it_keeps_what_it_needs_of_them():
    logits, target = leaf([[0.0, 0.0]]), tensor([[1.0, 0.0]])
    loss = OPERATIONS["cross_entropy"](logits, target, 1, dim=1)

    with grad_mode.no_grad():
        logits.fill_(5.0)
        logits[0, 0] = -5.0
    loss.backward()

    assert logits.grad.tolist() == [[-0.5, 0.5]]


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_fused_loss_that_was_overwritten_itself_is_no_error(create_graph):
    logits, target = leaf([[0.0, 0.0]]), tensor([[1.0, 0.0]])
    loss = OPERATIONS["cross_entropy"](logits, target, 1, dim=1)

    with grad_mode.no_grad():
        loss.fill_(5.0)
    loss.backward(create_graph=create_graph)

    assert logits.grad.tolist() == [[-0.5, 0.5]]


def test_a_mask_changed_before_backward_does_not_matter():
    w, mask = leaf([1.0, 2.0]), np.array([True, False])
    picked = w[mask]

    mask[:] = False
    picked.sum().backward()

    assert w.grad.tolist() == [1, 0]


def test_an_index_tensor_changed_before_backward_is_noticed():
    w, rows = leaf([1.0, 2.0]), tensor([0, 0], name="rows")
    picked = w[rows].sum()

    rows.fill_(1)

    with pytest.raises(
        RuntimeError, match=r"numbers that take worked with .* 'rows' of shape \(2,\) was overwritten"
    ):
        picked.backward()


def test_source_arrays_changed_after_tensor_do_not_matter():
    source, factor = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    w = Tensor(source, requires_grad=True)
    loss = (w * factor).sum()

    source[:], factor[:] = 0, 0
    loss.backward()

    assert w.grad.tolist() == [3, 4]
    assert w.tolist() == [1, 2]


def test_shared_settings_are_not_an_escape():
    w = leaf(np.arange(6.0).reshape(2, 3))
    shape = [3, 2]
    y = w.reshape(shape)

    shape[:] = [1, 6]
    (y * y).sum().backward()

    assert w.grad.tolist() == (2 * w.detach()).tolist()
