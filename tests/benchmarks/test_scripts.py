"""Every benchmark of the harness runs, quickly, with what is installed (JAX may be missing). No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.slow
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if "from harness import" in path.read_text("utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_quick_run_measures_us_and_writes_json_and_a_picture(script, tmp_path):
    if script.stem.startswith("jax"):
        pytest.importorskip("jax")
    command = [
        sys.executable,
        str(script),
        "--quick",
        "--only",
        "tinygrad_edu",
        "NumPy",
        "--out",
        str(tmp_path),
    ]

    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False, cwd=tmp_path
    )

    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads((tmp_path / f"{script.stem}-quick.json").read_text("utf-8"))
    assert record["skipped"] == {}
    assert any(numbers for numbers in record["numbers"][0].values())
    assert (tmp_path / f"{script.stem}-quick.png").stat().st_size > 1000
