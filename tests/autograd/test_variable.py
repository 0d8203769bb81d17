"""Programs from before 2018 wrap Tensors in `Variable`."""

from __future__ import annotations

import pytest

from tinygrad_edu import autograd, ones


def test_a_variable_is_a_leaf_with_the_same_memory():
    y = ones(2, requires_grad=True) * 2

    v, w = autograd.Variable(y), autograd.Variable(ones(2), requires_grad=True)

    assert isinstance(v, autograd.Variable)
    assert (v.requires_grad, v.grad_fn, w.requires_grad) == (False, None, True)
    assert v.data_ptr() == y.data_ptr()


def test_volatile_is_said_to_have_no_effect():
    with pytest.warns(UserWarning, match="volatile= has no effect; write `with torch.no_grad"):
        autograd.Variable(ones(2), volatile=True)


def test_a_variable_needs_a_tensor():
    with pytest.raises(TypeError, match=r"Variable needs a Tensor, got list; write torch\.tensor"):
        autograd.Variable([1.0])
