"""The differences between the calls of a name here and in PyTorch, and the file that they are read from."""

from __future__ import annotations

import pytest

import tinygrad_edu
from tests import pytorch_signatures
from tinygrad_edu.docs.public_names import PublicName
from tinygrad_edu.docs.pytorch_differences import FILE, differences, parameters_of


def test_a_parameter_that_is_not_here_is_named():
    assert differences(PublicName("", "exp", tinygrad_edu.exp)) == ["no `out=`"]


def test_a_name_without_twin_or_with_the_same_call_has_no_differences():
    assert differences(PublicName("", "explain", tinygrad_edu.explain)) == []
    assert differences(PublicName("nn", "Linear", tinygrad_edu.nn.Linear)) == []


def test_another_default_is_named():
    def add(x, other, *, alpha=2, out=None):
        return x

    assert differences(PublicName("", "add", add)) == ["`alpha=2` and not `1`"]


def test_parameters_are_read_with_their_defaults():
    assert parameters_of("input, dim=0, *, out=None") == {"input": "", "dim": "0", "out": "None"}
    assert parameters_of("") == {}


@pytest.mark.slow
def test_the_file_has_pytorchs_signatures():
    pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

    assert FILE.read_text("utf-8") == pytorch_signatures.signatures()
