from __future__ import annotations

import pytest

from tinygrad_edu.cli.main import main


@pytest.fixture
def run(tmp_path, capsys):
    def run(*arguments):
        code = main(["puzzles", *map(str, arguments), "--progress", str(tmp_path / "progress.json")])
        out, err = capsys.readouterr()
        return code, out + err

    return run


def test_the_list_a_task_hints_and_the_solution_are_printed(run):
    assert "Rules of operations (0 of 18)" in run()[1]
    assert "def grad(x, g):" in run("softmax")[1]
    first, second = run("8", "--hint")[1], run("8", "--hint")[1]
    assert first != second
    assert "return p * (g" in run("softmax", "--solution")[1]


def test_a_stub_is_written_filled_in_and_checked(run, tmp_path):
    file, picture = tmp_path / "work.py", tmp_path / "off.svg"

    assert run("transpose", "-o", file)[0] == 0
    assert run("transpose", "-o", file)[0] == 2
    code, told = run("check", file)
    assert code == 1
    assert "transpose: Not filled in yet" in told
    stub = file.read_text("utf-8")
    file.write_text(stub.replace("...", "return 2 * g.T"), "utf-8")
    assert "2 times the right answer" in run("check", file, "--picture", picture)[1]
    assert picture.read_text("utf-8").startswith("<svg")
    file.write_text(stub.replace("...", "return g.T"), "utf-8")
    assert run("check", file)[0] == 0
    assert "✓  7 transpose" in run()[1]


def test_an_error_in_the_file_names_its_line(run, tmp_path):
    file = tmp_path / "sum.py"
    file.write_text("def grad(x, g):\n    return x @ nothing\n", "utf-8")

    code, told = run("check", file)

    assert code == 1
    assert "NameError" in told
    assert "line 2" in told


def test_a_bug_is_named_by_letter(run):
    codes = [run("bug-step", "--guess", letter)[0] for letter in "abcd"]

    assert sorted(codes) == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sofmax",), "did you mean softmax?"),
        (("check",), "check needs a file"),
        (("check", "absent.py"), "cannot be read"),
        (("softmax", "x.py"), "one name is needed"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments, words, run):
    code, told = run(*arguments)

    assert code == 2
    assert words in told
    assert told.count("\n") == 1
