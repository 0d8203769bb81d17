"""Modules whose first numbers do not matter."""

from __future__ import annotations

import pytest

from tinygrad_edu import nn


def test_a_module_is_made_with_its_arguments():
    assert repr(nn.utils.skip_init(nn.Linear, 3, 2, bias=False)) == repr(nn.Linear(3, 2, bias=False))


def test_only_classes_of_modules_with_a_device_are_taken():
    with pytest.raises(TypeError, match="needs a class of modules, got 3"):
        nn.utils.skip_init(3)
    with pytest.raises(TypeError, match="takes device=, and ReLU does not"):
        nn.utils.skip_init(nn.ReLU)
