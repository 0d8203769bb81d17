from __future__ import annotations

import pytest

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.nn.module import Parameter
from tinygrad_edu.tensor.tensor import Tensor, tensor

PUBLIC = [
    "T",
    "backward",
    "data",
    "detach",
    "dtype",
    "exp",
    "grad",
    "item",
    "max",
    "name",
    "requires_grad",
    "sum",
]
INTERNAL = [
    "admit",
    "apply",
    "call_site",
    "edges",
    "holds",
    "inputs",
    "memory",
    "operation",
    "raw",
    "rebound",
    "share",
]


@pytest.mark.parametrize("offered", [dir(Tensor), dir(tensor(1.0)), dir(Parameter), dir(Parameter([1.0]))])
def test_dir_has_the_names_for_users_and_not_the_seams_of_the_graph(offered):
    assert set(PUBLIC) <= set(offered)
    assert set(INTERNAL) & set(offered) == set()


def test_what_is_hidden_is_there():
    assert tensor(1.0).raw == 1
    assert hasattr(tensor(1.0), "call_site")


def test_names_that_a_subclass_adds_are_shown():
    class Named(Tensor):
        def shout(self):
            return "x"

    assert "shout" in dir(Named)
    assert "operation" in dir(Variable)
