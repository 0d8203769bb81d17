"""Hooks of modules: what they see, what they replace, their order, and how they are taken away."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from tinygrad_edu import nn, ones, tensor
from tinygrad_edu.nn import Linear, Module, Sequential


class Scale(Module):
    """`a * x`, with a keyword."""

    def forward(self, x, a=1.0):
        return x * a


def test_a_forward_hook_sees_inputs_and_result_and_may_replace_it():
    net, seen = Linear(2, 1), []
    x = ones(3, 2)

    with net.register_forward_hook(
        lambda module, inputs, result: seen.append((module, inputs, result.shape))
    ):
        net(x)
    net.register_forward_hook(lambda _module, _inputs, result: result * 0 + 7)

    assert seen == [(net, (x,), (3, 1))]
    assert net(x).tolist() == [[7], [7], [7]]


def test_a_pre_hook_may_replace_the_inputs():
    net = Scale()
    net.register_forward_pre_hook(lambda _module, inputs: inputs[0] * 10)
    net.register_forward_pre_hook(lambda _module, inputs: (inputs[0] + 1,))

    assert net(tensor([1.0])).tolist() == [11]


def test_hooks_may_take_keywords_and_change_them():
    net, seen = Scale(), []
    net.register_forward_pre_hook(
        lambda _m, inputs, options: (inputs, {"a": options["a"] + 1}), with_kwargs=True
    )
    net.register_forward_hook(lambda _m, _i, options, _y: seen.append(options), with_kwargs=True)

    assert net(tensor([1.0]), a=2).tolist() == [3]
    assert seen == [{"a": 3}]


def test_a_hook_can_be_put_before_the_others():
    net, order = Scale(), []
    net.register_forward_hook(lambda *_: order.append("second"))
    net.register_forward_hook(lambda *_: order.append("first"), prepend=True)

    net(ones(1))

    assert order == ["first", "second"]


def test_a_hook_that_is_always_called_runs_after_an_error():
    net, results = Linear(2, 1), []
    net.register_forward_hook(lambda _m, _i, result: results.append(result), always_call=True)

    with pytest.raises(ValueError, match="takes rows of 2 numbers"):
        net(ones(3))

    assert results == [None]


def test_a_backward_hook_sees_the_gradients_of_inputs_and_results():
    net, seen = Linear(2, 1, bias=False), []
    net.register_full_backward_hook(
        lambda module, grad_input, grad_output: seen.append((module, grad_input, grad_output))
    )
    x = tensor([[1.0, 2.0]], requires_grad=True)

    (net(x) * 3 + x.sum()).sum().backward()

    ((module, (g,), (upstream,)),) = seen
    assert module is net
    assert upstream.tolist() == [[3]]
    np.testing.assert_array_equal(g.raw, 3 * net.weight.raw)  # of this use alone
    np.testing.assert_array_equal(x.grad.raw, 3 * net.weight.raw + 1)
    assert net.weight.grad.tolist() == [[3, 6]]


def test_backward_hooks_may_replace_gradients():
    net = Scale()
    net.register_full_backward_pre_hook(lambda _module, grad_output: (grad_output[0] * 10,))
    net.register_full_backward_hook(lambda _module, grad_input, _grad_output: (grad_input[0] + 1, None))
    x = ones(2, requires_grad=True)

    net(x, 2.0).sum().backward()

    assert x.grad.tolist() == [21, 21]


def test_inputs_without_a_gradient_are_none_for_the_hook():
    net, seen = Linear(1, 1), []
    net.register_full_backward_hook(
        lambda _module, grad_input, grad_output: seen.append((grad_input, grad_output[0].item()))
    )

    net(ones(1, 1)).sum().backward()

    assert seen == [((None,), 1)]


def test_several_inputs_and_results_pass_together():
    class Both(Module):
        def forward(self, x, y, note):
            return x * y, note, x + y

    net, seen = Both(), []
    net.register_full_backward_hook(
        lambda _m, grad_input, grad_output: seen.append((grad_input, grad_output))
    )
    x, y = tensor([2.0], requires_grad=True), tensor([3.0], requires_grad=True)

    product, note, total = net(x, y, "note")
    (product + 10 * total).sum().backward()

    ((grad_input, grad_output),) = seen
    assert note == "note"
    assert [g if g is None else g.item() for g in grad_input] == [13, 12, None]
    assert [g if g is None else g.item() for g in grad_output] == [1, None, 10]


def test_a_backward_pre_hook_replaces_the_gradients_in_the_places_of_the_results():
    class Both(Module):
        def forward(self, x):
            return "note", 2 * x, 3 * x

    net, x = Both(), tensor([1.0], requires_grad=True)
    net.register_full_backward_pre_hook(lambda _m, grad_output: (None, grad_output[1], 10 * grad_output[2]))

    _, double, triple = net(x)
    (double + triple).sum().backward()

    assert x.grad.tolist() == [32]


def test_backward_hooks_do_not_run_for_results_in_a_list_or_a_dict():
    class Parts(Module):
        def forward(self, x):
            return {"double": 2 * x, "all": [x]}

    net, seen, x = Parts(), [], tensor([1.0], requires_grad=True)
    net.register_full_backward_hook(lambda *given: seen.append(given))

    net(x)["double"].sum().backward()

    assert (seen, x.grad.tolist()) == ([], [2])


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ("register_full_backward_hook", r"a backward hook of Linear returns None or 1 gradients, .* got 2"),
        (
            "register_full_backward_pre_hook",
            r"a backward pre-hook of Linear returns None or 1 gradients, .* 2",
        ),
    ],
)
def test_a_backward_hook_that_returns_another_number_of_gradients_is_refused(register, message):
    net = Linear(1, 1)
    getattr(net, register)(lambda _module, grads, *_: (grads[0], grads[0]))

    with pytest.raises(RuntimeError, match=message):
        net(tensor([[1.0]], requires_grad=True)).sum().backward()


def test_a_pre_hook_with_keywords_that_returns_only_the_inputs_is_refused():
    net = Linear(1, 1)
    net.register_forward_pre_hook(lambda _module, args, _kwargs: args[0], with_kwargs=True)

    with pytest.raises(
        TypeError, match=r"pre-hook of Linear .* returns None or two values, .* return args, kw"
    ):
        net(ones(1, 1))


def test_a_removed_hook_runs_no_more_and_a_copy_has_its_own():
    net, calls = Sequential(Linear(1, 1)), []
    handle = net[0].register_forward_hook(lambda *_: calls.append(1))
    twin = copy.deepcopy(net)

    handle.remove()
    net(ones(1))
    twin(ones(1))

    assert calls == [1]


def test_activations_can_be_collected_as_courses_do():
    net, activations = Sequential(Linear(2, 3), nn.ReLU(), Linear(3, 1)), {}

    def keep(name):
        return lambda _module, _inputs, output: activations.__setitem__(name, output.detach())

    for name, module in net.named_children():
        module.register_forward_hook(keep(name))
    net(ones(4, 2))

    assert {name: x.shape for name, x in activations.items()} == {"0": (4, 3), "1": (4, 3), "2": (4, 1)}
