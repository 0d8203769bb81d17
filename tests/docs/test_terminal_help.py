"""What is known of a name, in a terminal."""

from __future__ import annotations

import pytest

from tinygrad_edu.cli.main import main
from tinygrad_edu.docs.public_names import public_names
from tinygrad_edu.docs.terminal_help import help_text


@pytest.mark.parametrize("asked", ["softmax", "torch.softmax", "tinygrad_edu.softmax", "softmax()"])
def test_call_formula_rule_example_and_twin_are_there(asked):
    text = help_text(asked)

    assert text.startswith("softmax(input, dim, dtype=None)\n\nexp(x) / sum(exp(x))")
    assert "Gradient of x: y ⊙ (g − Σ columns (g ⊙ y))\n    in the code: y * (g - " in text
    assert "    result = torch.softmax(x, 0)" in text
    assert "0.3093444" in text
    assert "In PyTorch: torch.softmax" in text
    assert text.endswith("Also called so: Tensor.softmax, nn.functional.softmax, special.softmax")


def test_kinks_and_domain_are_there_and_the_rule_stands_once():
    text = help_text("relu")

    assert "At kinks: derivative 0 at x = 0\nDomain: all" in text
    assert text.count("where(less_equal(x, 0), 0, g)") == 1


def test_a_whole_path_comes_before_the_end_of_another():
    assert help_text("Tensor.tanh").startswith("Tensor.tanh()")
    assert "torch.tanh(x)" in help_text("Tensor.tanh")  # the example of the function
    assert help_text("F.cross_entropy").startswith("nn.functional.cross_entropy(input, target")


def test_a_name_of_our_own_has_no_twin():
    assert "In PyTorch: none of this name" in help_text("where_not_finite")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("sofmax", "no public name 'sofmax'; near are softmax"),
        ("torch.sparse_coo_tensor", "it is PyTorch's and not here"),
        ("range", "its end is included: write arange(start, end + 1)"),
        ("", "no public name ''"),
    ],
)
def test_a_name_that_is_not_there_is_told_in_one_line(asked, words, capsys):
    assert main(["help", asked]) == 2

    error = capsys.readouterr().err
    assert error.startswith("tinygrad-edu help: ")
    assert words in error
    assert error.count("\n") == 1


@pytest.mark.slow
def test_every_public_name_has_a_text():
    for name in public_names():
        if name.page != "operations":
            assert help_text(name.path).count("\n") > 1
