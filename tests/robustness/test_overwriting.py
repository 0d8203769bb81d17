"""Whatever is overwritten between forward and backward pass: the gradient is that of before, or there is an error."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.nn import functional as F


def leaf(data):
    return torch.tensor(data, dtype=torch.float64, requires_grad=True)


def indexed_by_an_array(w):
    places = np.array([0, 1])
    return w[places], lambda: places.fill(2)


def indexed_by_a_list(w):
    places = [0, 1]
    return w[places], places.clear


def indexed_by_a_mask(w):
    mask = np.array([True, False, True])
    return w[mask], lambda: mask.fill(False)


def indexed_by_a_tensor(w):
    places = torch.tensor([0, 1])
    return w[places], lambda: places.fill_(2)


def gathered(w):
    places = torch.tensor([0, 0, 1])
    return w.gather(0, places), lambda: places.fill_(2)


def embedded(w):
    places = torch.tensor([0, 1])
    return F.embedding(places, w.reshape(3, 1)), lambda: places.fill_(2)


def filled_by_a_mask(w):
    mask = torch.tensor([True, False, False])
    return w.masked_fill(mask, 0.0), lambda: mask.fill_(False)


def chosen_by_a_condition(w):
    condition = torch.tensor([True, False, False])
    return torch.where(condition, w, w * 5), lambda: condition.fill_(True)


def of_classes(w):
    target = torch.tensor(1)
    return F.cross_entropy(w, target), lambda: target.fill_(0)


def sorted_with_its_places(w):
    values, places = w.sort(descending=True)
    return values[:2], lambda: places.fill_(0)


def greatest_with_their_places(w):
    values, places = w.topk(2)
    return values, lambda: places.fill_(0)


def pooled(w):
    h = w.reshape(1, 3) * 1
    return F.max_pool1d(h, 2), lambda: h.detach().zero_()


def normalized_by_running_statistics(w):
    norm = torch.nn.BatchNorm1d(3).double().eval()
    return norm(w.reshape(1, 3)), lambda: norm.running_var.fill_(9)


def of_a_layer_that_is_initialized_anew(w):
    layer = torch.nn.Linear(3, 2).double()
    return layer(w), lambda: torch.nn.init.zeros_(layer.weight)


def of_a_layer_that_loads_other_weights(w):
    layer = torch.nn.Linear(3, 2).double()
    return layer(w), lambda: layer.load_state_dict({k: v * 0 for k, v in layer.state_dict().items()})


def of_a_layer_that_becomes_float32(w):
    layer = torch.nn.Linear(3, 2).double()
    return layer(w), layer.float


def of_a_layer_whose_state_is_overwritten(w):
    layer = torch.nn.Linear(3, 2).double()
    return layer(w), layer.state_dict()["weight"].zero_


def of_a_recurrent_layer(w):
    layer = torch.nn.LSTM(3, 2).double()
    return layer(w.reshape(1, 3))[0], layer.weight_hh_l0.data.zero_


def times_what_an_array_was_copied_from(w):
    array = np.array([1.0, 2.0, 3.0])
    return w * torch.from_numpy(array), lambda: array.fill(0)


def times_what_an_array_was_exported_to(w):
    x = torch.tensor([1.0, 2.0, 3.0])
    exported = np.from_dlpack(x)
    return w * x, lambda: exported.fill(0)


def times_rows_that_are_overwritten(w):
    x = torch.ones(2, 3, dtype=torch.float64)
    first, _ = x.unbind(0)
    return w * x, lambda: first.mul_(5)


def times_what_is_overwritten_transposed(w):
    x = torch.ones(2, 3, dtype=torch.float64)
    return w * x, lambda: x.T.mul_(5)


def squared_and_replaced_by_data(w):
    return w * w, lambda: setattr(w, "data", w.data + 1)


def squared_and_overwritten_by_data(w):
    return w * w, lambda: w.data.mul_(3)


def shaped_by_a_list(w):
    sizes = [3, 1]
    return w.reshape(sizes) * w, sizes.reverse


def summed_over_a_list(w):
    dims = [0]
    return (w.reshape(3, 1) * w).sum(dim=dims), lambda: dims.append(1)


def padded_by_a_list(w):
    pad = [1, 0]
    return F.pad(w, pad) ** 2, pad.reverse


def joined_from_a_list(w):
    parts = [w, w * 2]
    return torch.stack(parts) ** 2, parts.clear


PROGRAMS = [x for x in list(globals().values()) if getattr(x, "__module__", "") == __name__ and x is not leaf]


def gradient(program, *, overwritten):
    torch.manual_seed(0)
    w = leaf([1.0, 2.0, 3.0])
    result, overwrite = program(w)
    if overwritten:
        with torch.no_grad():
            overwrite()
    (result * (result.detach().numpy().copy() + 1)).sum().backward()
    return w.grad.tolist()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_gradient_is_that_of_before_or_an_error_names_both_lines(program):
    right = gradient(program, overwritten=False)

    try:
        found = gradient(program, overwritten=True)
    except RuntimeError as error:
        lines = re.findall(r"test_overwriting.py:(\d+)", str(error))
        found = right if len(lines) == 2 and "was overwritten at" in str(error) else error
    assert found == right


# Graphs that are cut after they were used.


def test_a_graph_that_two_losses_share_is_missed_once_it_is_freed():
    w = leaf([1.0, 2.0])
    h = w * w
    first, second = h.sum(), (h * 3).sum()
    first.backward(retain_graph=False)

    with pytest.raises(
        RuntimeError,
        match=r"needs the graph behind a tensor of shape \(2,\), but it was freed by backward\(retain_graph=False\) at "
        r"test_overwriting.py:\d+; leave retain_graph=False out there",
    ):
        second.backward()
    assert w.grad.tolist() == [2, 4]


def test_a_result_that_was_switched_off_after_it_was_used_is_named():
    w = leaf([1.0, 2.0])
    h = w * w
    loss = (h * 3 + w).sum()
    h.requires_grad = False

    with pytest.raises(
        RuntimeError,
        match=r"needs requires_grad=True of a tensor of shape \(2,\), as it was computed by multiply at "
        r"test_overwriting.py:\d+, but it was switched off; use x.detach\(\) where it is used",
    ):
        loss.backward()
    assert w.grad is None


def test_a_result_that_is_switched_off_before_it_is_used_is_a_constant():
    w = leaf([1.0, 2.0])
    h = w * w
    h.requires_grad = False

    (h * 3 + w).sum().backward()

    assert w.grad.tolist() == [1, 1]


def test_a_leaf_that_is_frozen_between_forward_and_backward_gets_no_gradient():
    w, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (w * v).sum()
    w.requires_grad_(False)

    loss.backward()

    assert (w.grad, v.grad.tolist()) == (None, [1, 2])


def test_a_leaf_of_whole_numbers_that_was_switched_on_is_named():
    w = torch.tensor([1, 2])
    w.requires_grad = True

    with pytest.raises(TypeError, match="requires a gradient, but holds int64, which has no derivative"):
        (w * 0.5).sum().backward()
