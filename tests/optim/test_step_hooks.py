"""Functions of a user's program around steps, and around saving and loading; and optimizers of their own."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, optim, tensor
from tinygrad_edu.optim.optimizer import required


def leaf(data):
    return tensor(data, requires_grad=True)


def stepped(w, optimizer, gradient):
    w.grad = gradient
    optimizer.step()
    return w.tolist()


def test_hooks_run_before_and_after_a_step_until_they_are_removed():
    w = leaf([1.0])
    optimizer, seen = optim.SGD([w], lr=0.5), []
    before = optimizer.register_step_pre_hook(lambda *given: seen.append(("before", w.item(), *given[1:])))
    optimizer.register_step_post_hook(lambda *given: seen.append(("after", w.item(), *given[1:])))

    stepped(w, optimizer, [1.0])
    before.remove()
    stepped(w, optimizer, [1.0])

    assert seen == [("before", 1.0, (), {}), ("after", 0.5, (), {}), ("after", 0.0, (), {})]


def test_a_hook_may_hand_other_arguments_to_the_step():
    w = leaf([1.0])
    optimizer = optim.SGD([w], lr=0.5)
    optimizer.register_step_pre_hook(lambda *_: ((lambda: "the loss",), {}))

    assert optimizer.step() == "the loss"


def test_a_hook_that_returns_something_else_is_refused():
    optimizer = optim.SGD([leaf([1.0])])
    optimizer.register_step_pre_hook(lambda *_: 1)

    with pytest.raises(
        RuntimeError, match=r"a step_pre_hook of SGD needs to return None or \(args, kwargs\), got 1"
    ):
        optimizer.step()


def test_what_is_no_function_is_no_hook():
    with pytest.raises(TypeError, match="SGD needs a function as a hook, got 1"):
        optim.SGD([leaf([1.0])]).register_step_post_hook(1)


def test_hooks_around_saving_and_loading():
    w = leaf([1.0])
    optimizer, seen = optim.SGD([w], momentum=0.9), []
    optimizer.register_state_dict_pre_hook(lambda _: seen.append("save"))
    optimizer.register_state_dict_post_hook(lambda _, saved: {**saved, "note": "mine"})
    optimizer.register_load_state_dict_pre_hook(lambda _, saved: seen.append(saved["note"]))
    optimizer.register_load_state_dict_post_hook(lambda _: seen.append("loaded"))

    optimizer.load_state_dict(optimizer.state_dict())

    assert seen == ["save", "mine", "loaded"]


def test_a_hook_can_be_put_before_the_others():
    optimizer, seen = optim.SGD([leaf([1.0])]), []
    for name, first in (("second", False), ("third", False), ("first", True)):
        optimizer.register_state_dict_pre_hook(lambda _, name=name: seen.append(name), prepend=first)

    optimizer.state_dict()

    assert seen == ["first", "second", "third"]


# Optimizers of a user's own.


class SignDescent(optim.Optimizer):
    """As people write them for PyTorch."""

    def __init__(self, params, lr=required, factor=2.0):
        super().__init__(params, {"lr": lr, "factor": factor})

    @no_grad()
    def step(self, closure=None):
        """Move by the sign."""
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["count"] = state.get("count", 0) + 1
                p.add_(p.grad.sign(), alpha=-group["lr"] * group["factor"])
        return closure


def test_an_optimizer_with_a_step_of_its_own_has_hooks_and_saved_state():
    w = leaf([1.0, 1.0])
    optimizer, seen = SignDescent([w], lr=0.25), []
    optimizer.register_step_post_hook(lambda *_: seen.append(1))

    assert stepped(w, optimizer, [3.0, -3.0]) == [0.5, 1.5]
    assert seen == [1]
    assert optimizer.state_dict() == {
        "state": {0: {"count": 1}},
        "param_groups": [{"lr": 0.25, "factor": 2.0, "params": [0]}],
    }


def test_a_required_setting_must_be_given():
    with pytest.raises(
        ValueError, match=r"SignDescent needs lr for each group, got none; write SignDescent\(..., lr=...\)"
    ):
        SignDescent([leaf([1.0])])


# Names.


def test_named_parameters_leave_their_names_in_the_groups_and_in_the_state():
    net = nn.Linear(2, 1)
    optimizer = optim.Adam(net.named_parameters())

    assert optimizer.param_groups[0]["params"] == [net.weight, net.bias]
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_a_group_may_have_entries_of_the_users_own():
    optimizer = optim.Adam([{"params": [leaf([1.0])], "name": "head"}])

    assert optimizer.state_dict()["param_groups"][0]["name"] == "head"


# Copies.


def trained(kind=optim.Adam):
    w = leaf([1.0, -1.0])
    optimizer = kind([w], lr=0.1)
    for _ in range(3):
        stepped(w, optimizer, [0.5, 2.0])
    return w, optimizer


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("kind", [optim.Adam, optim.SGD, optim.ASGD])
def test_a_copy_goes_on_by_itself(kind, copied):
    w, optimizer = trained(kind)

    other_w, other = copied((w, optimizer))

    assert other.param_groups[0]["params"] == [other_w]
    assert stepped(other_w, other, [0.5, 2.0]) == stepped(w, optimizer, [0.5, 2.0])
    stepped(other_w, other, [0.5, 2.0])
    assert other_w.tolist() != w.tolist()


# State.


def test_arrays_are_as_good_as_tensors_in_a_state_to_be_loaded():
    w, optimizer = trained()
    saved = optimizer.state_dict()
    arrays = {key: x.numpy() for key, x in saved["state"][0].items()}

    other_w = leaf(w.tolist())
    other = optim.Adam([other_w])
    other.load_state_dict({**saved, "state": {"0": arrays}})

    assert stepped(other_w, other, [0.5, 2.0]) == stepped(w, optimizer, [0.5, 2.0])


def test_step_counts_are_kept_in_float64_and_the_rest_as_the_parameter():
    w = leaf(np.ones(2, np.float32))
    optimizer = optim.NAdam([w])
    stepped(w, optimizer, [1.0, 1.0])
    saved = optimizer.state_dict()
    for key in ("step", "mu_product"):
        saved["state"][0][key] = np.float32(saved["state"][0][key].item())

    optimizer.load_state_dict(saved)

    kinds = {key: x.dtype for key, x in optimizer.state[w].items()}
    assert kinds == {
        "step": "float64",
        "mu_product": "float64",
        "exp_avg": "float32",
        "exp_avg_sq": "float32",
    }


def test_a_state_without_the_words_for_hardware_is_of_an_older_pytorch():
    w, optimizer = trained()
    saved = optimizer.state_dict()
    for word in ("foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay", "maximize"):
        del saved["param_groups"][0][word]

    optimizer.load_state_dict(saved)

    assert optimizer.param_groups[0]["foreach"] is None
    stepped(w, optimizer, [1.0, 1.0])
