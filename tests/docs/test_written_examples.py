"""Every public name has an example that runs and prints something; what an example changes, it puts back."""

from __future__ import annotations

import pytest

import tinygrad_edu
from tinygrad_edu.docs import written_examples
from tinygrad_edu.docs.examples_of_names import example_of
from tinygrad_edu.docs.public_names import PAGES, names_of
from tinygrad_edu.docs.runs import empty_folder
from tinygrad_edu.docs.written_examples import examples_of, written_example

NEEDED = {
    "viz": ["matplotlib"],
    "datasets": ["sklearn"],
}  # extras without which the examples of a page do not run


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_public_name_has_an_example_that_prints_something(page):
    for extra in NEEDED.get(page, []):
        pytest.importorskip(extra, reason=f"{extra} is not installed")
    silent = []

    with empty_folder():
        for name in names_of(page):
            example = example_of(name)
            if example is None or not example.printed:
                silent.append(name.path)

    assert silent == []
    assert tinygrad_edu.get_default_dtype() == tinygrad_edu.float64
    assert tinygrad_edu.is_grad_enabled()


@pytest.mark.parametrize("page", PAGES)
def test_every_written_example_is_one_of_a_public_name(page):
    names = {name.name for name in names_of(page)}

    assert {name for name in examples_of(page) if name not in names} == set()


def test_a_method_in_place_and_a_function_take_the_example_of_the_method():
    given = "x = torch.tensor([1.0, 2.0, 4.0])\n"

    assert written_example("Tensor", "add") == given + "print(x.add(10))"
    assert written_example("Tensor", "add_") == given + "x.add_(10)\nprint(x)"
    assert written_example("", "add") == given + "print(torch.add(x, 10))"
    assert written_example("", "cat") == given + "print(torch.cat([x, torch.tensor([9.0])]))"
    assert written_example("Tensor", "no_name") == ""


def test_an_example_that_lacks_an_extra_is_shown_without_a_result(monkeypatch):
    code = "import no_such_extra\nprint(1)"
    monkeypatch.setattr("tinygrad_edu.docs.examples_of_names.written_example", lambda page, name: code)

    example = example_of(names_of("viz")[0])

    assert example.code == code
    assert example.printed == ""


def test_a_line_that_begins_inside_an_example_is_no_name(tmp_path, monkeypatch):
    (tmp_path / "some.txt").write_text("# Some.\none:\n    try:\n        print(1)\n    finally:\n        @\n")
    monkeypatch.setattr(written_examples, "FOLDER", tmp_path)
    examples_of.cache_clear()

    assert list(examples_of("some")) == ["one"]


def test_what_an_example_saves_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    example = example_of(next(name for name in names_of("") if name.name == "save"))

    assert "tensor([1., 2.])" in example.printed
    assert list(tmp_path.iterdir()) == []
