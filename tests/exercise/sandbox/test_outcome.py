from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exercise.sandbox import Limits, Submission, process, run, wasi

X = {"x": np.arange(6, dtype=np.float32).reshape(2, 3)}


@pytest.fixture(autouse=True)
def without_webassembly(monkeypatch):
    monkeypatch.setattr(wasi, "available", lambda: False)


def program(text, **options):
    return Submission(((text, 1),), **options)


def answers_of(text):
    return run(program(text), [X]).runs[0].answers


def test_a_function_is_run_on_each_of_the_inputs():
    outcome = run(program("def answers(x): return {'y': 2 * x}"), [X, {"x": np.array([1, 2])}])

    first, second = (found.answers["y"] for found in outcome.runs)
    np.testing.assert_array_equal(first, 2 * X["x"])
    np.testing.assert_array_equal(second, [2, 4])
    assert (first.dtype, second.dtype) == (np.float32, np.int64)


def test_answers_without_a_function_are_read_once():
    outcome = run(program("answers = {'y': [1.0, 2.0]}"), [X, X])

    (only,) = outcome.runs
    np.testing.assert_array_equal(only.answers["y"], [1, 2])


def test_what_is_no_array_comes_back_as_the_text_that_it_is():
    found = answers_of(
        "def answers(x): return {'a': '1/6', 'b': None, 'c': [[1, 2], [3]], 'd': 1j, 'e': {1: x}}"
    )

    assert found == {"a": "1/6", "b": None, "c": [[1, 2], [3]], "d": "1j", "e": found["e"]}
    assert found["e"].startswith("{1: array(")


@pytest.mark.parametrize(
    "code", ["np.float16(1.5)", "np.longdouble(1.5)", "np.matrix([[1.5]])", "[np.array(1.5)]", "True"]
)
def test_numbers_of_all_kinds_come_back_as_arrays(code):
    found = answers_of(f"import numpy as np\ndef answers(x): return {code}")

    assert type(found) is np.ndarray
    assert float(found.sum()) == (1 if code == "True" else 1.5)


def test_a_function_may_change_its_arrays_and_keep_them():
    outcome = run(program("kept = []\ndef answers(x): x += 1; kept.append(x); return kept[0]"), [X, X])

    for found in outcome.runs:
        np.testing.assert_array_equal(found.answers, X["x"] + 1)


def test_letters_of_all_kinds_can_be_printed():
    assert answers_of("def answers(x): print('σ \\udc00'); return 1") == 1


def test_an_error_on_one_input_leaves_the_others():
    outcome = run(program("def answers(x): return x[5]"), [X, {"x": np.arange(6)}])

    assert outcome.runs[0].reason.startswith("the function raised IndexError")
    assert outcome.runs[0].reason.endswith("(line 1)")
    assert outcome.runs[1].answers == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gradients = 1", "ann.py has no answers; it has gradients"),
        ("", "ann.py has no answers; it has no names"),
        ("def answers(:", "ann.py cannot be read as Python: invalid syntax (line 1)"),
        ("import torch", "numpy, scipy and the modules of Python are there (line 1)"),
        ("\n1 / 0", "ann.py raised ZeroDivisionError: division by zero (line 2)"),
    ],
)
def test_a_program_without_answers_is_told(text, reason):
    assert run(program(text, file="ann.py"), [X]).runs[0].reason.endswith(reason)


def test_limits_are_those_of_the_submission():
    text = "def answers(x): return bytearray(300_000_000)[:1]"

    (found,) = run(program(text, limits=Limits(memory=300_000_000)), [X]).runs

    assert found.reason == "the function ran out of memory (line 1)"


def test_limits_under_which_numpy_does_not_start_are_told():
    (found,) = run(program("answers = 1", limits=Limits(memory=60_000_000)), [X]).runs

    assert found.reason == "Python with NumPy does not start under the limits"


def test_packages_beside_numpy_cannot_be_imported():
    (found,) = run(program("import pytest"), [X]).runs

    assert "No module named 'pytest'" in found.reason


def test_modules_of_python_and_numpy_are_there():
    text = "import statistics, decimal, sqlite3, json, random, numpy.random, numpy.linalg, numpy.fft as f\n"

    assert answers_of(text + "def answers(x): return numpy.linalg.norm(x) > 0 and f.fft(x).real.size == 6")


@pytest.mark.slow
def test_scipy_is_there_if_it_is_installed():
    pytest.importorskip("scipy")

    found = answers_of(
        "import scipy.special, scipy.linalg\ndef answers(x): return scipy.special.expit(0 * x)"
    )

    np.testing.assert_array_equal(found, np.full((2, 3), 0.5))


def test_products_of_large_matrices_are_computed():
    found = answers_of(
        "import numpy as np\ndef answers(x): return (np.ones((999, 999)) @ np.ones((999, 2)))[0]"
    )

    np.testing.assert_array_equal(found, [999, 999])


def test_the_note_says_that_it_was_no_sandbox_and_how_to_get_one():
    outcome = run(program("answers = 1"), [X])

    assert outcome.note == f"{process.NOTE}; {process.INSTALL}"
    assert "no sandbox" in process.NOTE


def test_a_sandbox_that_does_not_start_is_told(monkeypatch):
    def fails(job, limits):
        raise RuntimeError("no engine here")

    monkeypatch.setattr(wasi, "available", lambda: True)
    monkeypatch.setattr(wasi, "run", fails)

    outcome = run(program("answers = 1"), [X])

    assert outcome.runs[0].answers == 1
    assert outcome.note == f"{process.NOTE}; the one that is installed does not start: no engine here"


def test_a_file_is_read_and_not_run(tmp_path):
    (tmp_path / "ann.py").write_bytes("\ufeffgrads = 'ü'; raise SystemExit".encode())

    found = Submission.from_file(tmp_path / "ann.py", "grads")

    assert found == Submission((("grads = 'ü'; raise SystemExit", 1),), "grads", "ann.py")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\xff\xfe", "not text in UTF-8"), (b"#" * 700_000, "longer than 600,000")]
)
def test_a_file_that_is_no_program_is_told(content, reason, tmp_path):
    (tmp_path / "ann.py").write_bytes(content)

    with pytest.raises(ValueError, match=reason):
        Submission.from_file(tmp_path / "ann.py")
