"""`tinygrad-edu help NAME`: the entry of the reference as plain text."""

from __future__ import annotations

import pytest

import tinygrad_edu
from tinygrad_edu.cli.main import main
from tinygrad_edu.docs.public_names import names_of, operation_of
from tinygrad_edu.docs.runs import run
from tinygrad_edu.docs.terminal_help import help_text
from tinygrad_edu.docs.written_examples import written_example


def test_help_says_call_rule_domain_example_and_twin():
    text = help_text("log")

    assert text.startswith("log(x, /)\n\nnp.log(x), for each number.")
    assert "Formula: log(x)\nGradient of x: g / x\n    in the code: g / x" in text
    assert "Domain: x > 0" in text
    assert "print(torch.log(x))\n\n  prints\n\n    tensor([0.        , 0.69314718, 1.38629436])" in text
    assert "In PyTorch: torch.log. Differs: no `out=`." in text
    assert "Of the same name: OPERATIONS" in text


def test_help_of_a_kink_says_which_derivative_is_taken():
    assert "At kinks: " in help_text("Tensor.relu")


def test_help_of_a_function_has_the_rule_of_its_operation():
    assert "Gradient of x: y ⊙ (g − Σ columns (g ⊙ y))\n    in the code: y * (g - " in help_text("softmax")


@pytest.mark.parametrize(
    "asked", ["nn.functional.softmax", "torch.nn.functional.softmax()", "F.softmax", " F.softmax"]
)
def test_a_name_may_be_asked_as_programs_write_it(asked):
    assert help_text(asked).startswith("nn.functional.softmax(input, dim")


def test_help_of_a_class_lists_its_methods():
    text = help_text("torch.nn.Linear")

    assert text.startswith("nn.Linear(in_features, out_features, ")
    assert "  forward(input)\n      " in text
    assert "In PyTorch: torch.nn.Linear.\n" in text + "\n"


def test_an_unknown_name_is_answered_with_the_nearest_ones(capsys):
    assert main(["help", "sofmax"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("tinygrad-edu help: no public name 'sofmax'; the nearest: softmax, ")


def test_a_name_that_cannot_be_here_is_answered_with_what_to_use():
    with pytest.raises(ValueError, match=r"no public name 'detach_'.*instead: write x = x.detach\(\)"):
        help_text("detach_")
    with pytest.raises(ValueError, match="it is PyTorch's and not here"):
        help_text("torch.sparse_coo_tensor")


def test_the_command_prints_the_entry(capsys):
    assert main(["help", "exp"]) == 0
    assert "Gradient of x: g · y" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("page", ["", "nn.functional", "linalg", "special"])
def test_a_function_computes_by_the_operation_that_its_entry_shows(page):
    wrong = []

    for name in names_of(page):
        operation = operation_of(name)
        code = written_example(page, name.name)
        if operation is not None and code:
            done = []
            with tinygrad_edu.watch(lambda used, *_, done=done: done.append(used)):
                run(code)
            if operation not in done:
                wrong.append(name.path)

    assert wrong == []
