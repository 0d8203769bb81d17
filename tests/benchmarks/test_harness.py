"""What the harness says of numbers, and what it does when a contestant is missing, wrong or dead."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
HEAD = """
    import os
    from harness import Claim, Contestant, Question, main, ratio

    def good(quick):
        return Contestant(1.0, lambda: {"work": 2.0})

    def wrong(quick):
        return Contestant(1.1, lambda: {"work": 1.0})

    def absent(quick):
        import nowhere_to_be_found

    def dead(quick):
        return Contestant(1.0, lambda: os._exit(7))

    def failing(quick):
        raise ValueError("no such thing")

    def unable(quick):
        return Contestant(1.0, dict)
"""


@pytest.fixture
def run(tmp_path):
    """Runs a question with the contestants named, the first against the second."""

    def run(*names):
        body = f"""
    if __name__ == "__main__":
        contestants = {{{", ".join(f"'{name}': {name}" for name in names)}}}
        claims = [ratio("{names[0]}", "{names[-1]}", "work", bar=1.5)]
        main(Question("A test", {{"work": "s"}}, contestants, claims, rounds=4))
"""
        script = tmp_path / "question.py"
        script.write_text(
            f"import sys\nsys.path.append({str(FOLDER)!r})\n" + textwrap.dedent(HEAD + body), encoding="utf-8"
        )
        command = [sys.executable, str(script), "--out", str(tmp_path)]
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
        )

    return run


@pytest.mark.slow
def test_equal_contestants_show_no_detectable_difference(run):
    done = run("good")

    assert "good / good, work: 1.00   (middle half 1.00 to 1.00): no difference detectable\n" in done.stdout


@pytest.mark.slow
def test_whether_a_bar_is_met_stands_in_the_json_and_is_not_printed(run, tmp_path):
    done = run("good")

    (claim,) = json.loads((tmp_path / "question.json").read_text("utf-8"))["claims"]
    assert (claim["bar"], claim["verdict"]) == (1.5, "meets the bar")
    assert "bar" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent", """no module 'nowhere_to_be_found'; pip install "tinygrad_edu[bench]\""""),
        ("dead", "its process ended with exit code 7"),
        ("failing", "ValueError: no such thing"),
    ],
)
def test_a_contestant_that_cannot_take_part_is_skipped_with_one_line(run, name, reason):
    done = run("good", name)

    assert done.returncode == 0
    assert f"  {name}: skipped, {reason}\n" in done.stdout
    assert f"good / {name}" not in done.stdout


@pytest.mark.slow
def test_a_contestant_may_leave_a_measure_out(run):
    done = run("good", "unable")

    assert "unable" not in done.stdout
    assert "good" in done.stdout


@pytest.mark.slow
def test_contestants_that_compute_something_else_are_refused(run):
    done = run("good", "wrong")

    assert done.returncode == 1
    assert "'A test' needs contestants that compute the same, got good 1.0, wrong 1.1" in done.stderr
