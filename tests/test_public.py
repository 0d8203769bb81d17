"""What `import tinygrad_edu` offers: methods as functions, and their words for a wrong first argument."""

from __future__ import annotations

import pytest

import tinygrad_edu as torch


def test_a_method_called_as_a_function_is_the_method():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

    assert torch.mean(x, dim=0).tolist() == x.mean(dim=0).tolist()
    assert torch.sum(input=x).item() == 10


def test_a_function_of_a_tensor_refuses_a_list():
    with pytest.raises(TypeError, match=r"sum needs a Tensor, got \[1, 2\]; write tensor\(\.\.\.\)"):
        torch.sum([1, 2])


@pytest.mark.parametrize("call", [lambda: torch.exp("a"), lambda: torch.maximum("a", 1.0)])
def test_an_operation_refuses_what_is_no_number(call):
    with pytest.raises(TypeError, match=r"(exp|maximum) takes Tensors, arrays and numbers, got 'a'"):
        call()
