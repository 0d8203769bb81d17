"""The script that says how well mistakes are named runs, and writes its figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "diagnose_mistakes.py"


@pytest.mark.slow
def test_a_small_run_prints_a_table_and_writes_json_and_markdown(tmp_path):
    sizes = ["--networks", "1", "--right", "6", "--random", "6", "--timed", "1", "--out", str(tmp_path)]

    done = subprocess.run(
        [sys.executable, str(SCRIPT), *sizes],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
        cwd=tmp_path,
    )

    record = json.loads((tmp_path / "diagnose_mistakes.json").read_text("utf-8"))
    assert (tmp_path / "diagnose_mistakes.md").read_text("utf-8") == done.stdout
    assert record["all arrays"]["total"]["planted"] > 30
    assert record["right"]["asked"] == record["random"]["asked"] == 6
    assert record["seconds"].keys() == {"all arrays", "W1 alone"}
    assert "39 is not planted: needs the student's forward values" in done.stdout
