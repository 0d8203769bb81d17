from __future__ import annotations

import pytest

from tinygrad_edu.exam.compare import agree
from tinygrad_edu.exam.paper import Problem1
from tinygrad_edu.exam.problem1 import solve


@pytest.mark.parametrize("name", Problem1.PRINTED)
def test_the_engine_gives_the_printed_number(name):
    assert agree(solve()[name].numpy(), Problem1.PRINTED[name]).all()


def test_every_printed_number_is_solved():
    assert solve().keys() == Problem1.PRINTED.keys()
