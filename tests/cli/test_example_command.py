from __future__ import annotations

import importlib
import importlib.util
import inspect
from pathlib import Path

import pytest

from tinygrad_edu import examples
from tinygrad_edu.cli.main import main
from tinygrad_edu.examples import karate_club

FOLDER = Path(examples.__file__).parent


def test_without_a_name_the_examples_are_listed_with_their_purpose(capsys):
    assert main(["example"]) == 0

    *rows, empty, last = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == [*examples.QUICK]
    assert rows[1].endswith("Handwritten digits read by a multilayer perceptron, written with `nn` only.")
    assert empty == ""
    assert last.endswith(str(FOLDER))


def test_every_file_is_listed_and_short():
    files = {file.stem: file.read_text("utf-8").splitlines() for file in FOLDER.glob("*.py")}

    assert files.keys() == {*examples.QUICK, "__init__", "image_sheet"}
    assert max(map(len, files.values())) < 150


@pytest.mark.parametrize("name", examples.QUICK)
def test_every_example_takes_the_arguments_of_a_quick_run(name):
    module = importlib.import_module(f"tinygrad_edu.examples.{name}")

    parameters = inspect.signature(module.main).parameters
    assert {"seed", "out", *examples.QUICK[name]} <= parameters.keys()
    assert all(parameter.default is not parameter.empty for parameter in parameters.values())


@pytest.mark.slow
def test_an_example_runs_with_its_options(tmp_path, capsys):
    out = tmp_path / "new" / "pictures"

    assert main(["example", "karate-club", "--epochs", "3", "--seed", "1", "--out", str(out)]) == 0

    assert "epoch   3" in capsys.readouterr().out
    assert (out / "club.png").is_file()


def test_a_quick_run_is_short_and_options_count_more(capsys):
    assert main(["example", "karate_club", "--quick", "--epochs", "5"]) == 0

    printed = capsys.readouterr().out
    assert "epoch   5" in printed
    assert "Result: " in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digit_cnn"], "got digit_cnn; the nearest: digits_cnn, digits_"),
        (["zzz"], "karate_club is needed, got zzz"),
        (["tiny_gpt", "--epochs", "3"], "tiny_gpt has no --epochs, got 3; use --steps"),
        (["karate_club", "--steps", "3"], "karate_club has no --steps, got 3; use --epochs"),
        (["karate_club", "--epochs", "0"], "--epochs needs 1 or more, got 0"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_line(arguments, message, capsys):
    assert main(["example", *arguments]) == 2

    error = capsys.readouterr().err
    assert error.startswith("tinygrad-edu example: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_seed_that_is_no_number_is_refused_in_one_line(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["example", "karate_club", "--seed", "-1"])

    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_file_in_the_place_of_the_folder_is_refused_before_training(tmp_path, capsys):
    (tmp_path / "file").write_text("")

    assert main(["example", "karate_club", "--out", str(tmp_path / "file")]) == 2

    captured = capsys.readouterr()
    assert "--out needs a folder that can be written" in captured.err
    assert captured.out == ""


def test_pictures_without_matplotlib_are_refused_before_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert main(["example", "karate_club", "--out", str(tmp_path)]) == 2

    captured = capsys.readouterr()
    assert 'pip install "tinygrad_edu[plot]"' in captured.err
    assert captured.out == ""


def test_a_missing_extra_is_told_in_one_line(monkeypatch, capsys):
    def without(**settings):
        raise ImportError(
            'digits needs scikit-learn, which is not installed; pip install "tinygrad_edu[data]"'
        )

    monkeypatch.setattr(karate_club, "main", without)

    assert main(["example", "karate_club"]) == 2

    assert capsys.readouterr().err == (
        'tinygrad-edu example: digits needs scikit-learn, which is not installed; pip install "tinygrad_edu[data]"\n'
    )
