"""What `import tinygrad_edu` offers: its names, methods as functions, and their words for a wrong first argument."""

from __future__ import annotations

import json
import rlcompleter
import subprocess
import sys

import pytest

import tinygrad_edu as torch
from tinygrad_edu.tensor.functions.public import METHODS

INTERNAL = ["cli", "engine", "exam", "explanation", "hints", "ops", "plan", "reading", "symbolic", "text"]
EVERY_MODULE = """
import importlib, pkgutil, tinygrad_edu
for module in pkgutil.walk_packages(tinygrad_edu.__path__, "tinygrad_edu."):
    if ".lesson_" not in module.name:  # which runs and prints
        importlib.import_module(module.name)
"""
KINDS = """
import json, tinygrad_edu
print(json.dumps({name: type(getattr(tinygrad_edu, name)).__name__ for name in dir(tinygrad_edu)}))
"""


def ran(code):
    """What a new interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_dir_lists_what_is_public_and_nothing_else():
    assert dir(torch) == sorted([*torch.__all__, "__version__"])


@pytest.mark.parametrize(
    "name",
    ["Exercise", "capture", "compare_orders", "diagnose", "draw", "explain", "where_not_finite", "viz"],
)
def test_tab_completes_names_before_they_are_imported(name):
    completer = rlcompleter.Completer({"torch": torch})

    assert f"torch.{name}" in {found.rstrip("(") for found in completer.attr_matches(f"torch.{name[:-1]}")}


@pytest.mark.slow
def test_names_mean_the_same_after_every_module_was_imported():
    before, after = json.loads(ran(KINDS)), json.loads(ran(EVERY_MODULE + KINDS))

    assert before["explain"] == before["tensor"] == "function"
    assert before["viz"] == before["teaching"] == "module"
    assert after == before


@pytest.mark.slow
def test_modules_inside_are_not_offered_after_they_were_imported():
    offered = json.loads(ran(EVERY_MODULE + "import json; print(json.dumps(dir(tinygrad_edu)))"))

    assert set(INTERNAL) & set(offered) == set()


def test_pictures_explanations_and_exercises_are_imported_when_asked_for():
    imported = ran("import sys, tinygrad_edu; print(*sys.modules)").split()

    assert "tinygrad_edu.nn" in imported
    assert not [
        name for name in imported if name.startswith(("tinygrad_edu.viz", "tinygrad_edu.explanation"))
    ]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'tinygrad_edu' has no attribute 'explode'"):
        torch.explode  # noqa: B018


def test_a_method_called_as_a_function_is_the_method():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

    assert torch.mean(x, dim=0).tolist() == x.mean(dim=0).tolist()
    assert torch.sum(input=x).item() == 10


def test_a_function_of_a_tensor_refuses_a_list():
    with pytest.raises(TypeError, match=r"sum needs a Tensor, got \[1, 2\]; write tensor\(\.\.\.\)"):
        torch.sum([1, 2])


@pytest.mark.parametrize("call", [lambda: torch.exp("a"), lambda: torch.maximum("a", 1.0)])
def test_an_operation_refuses_what_is_no_number(call):
    with pytest.raises(
        TypeError, match=r"exp takes Tensors, arrays and numbers, got 'a'|maximum needs a Tensor, got 'a'"
    ):
        call()


def test_every_method_of_the_registry_is_one_of_tensor():
    assert [name for name in METHODS if not callable(getattr(torch.Tensor, name, None))] == []
