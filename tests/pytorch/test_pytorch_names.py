"""The list of PyTorch's names is that of PyTorch, and the page about them is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tinygrad_edu.cli import pytorch_command

ROOT = Path(__file__).parent.parent.parent


def test_the_list_is_that_of_this_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
    if not torch.__version__.startswith("2.13."):
        pytest.skip(f"the list is of PyTorch 2.13, and this is {torch.__version__}")
    code = "from tests.pytorch.pytorch_names import FILE, text; assert FILE.read_text('utf-8') == text()"

    ran = subprocess.run(  # in a new interpreter: some modules of PyTorch are there once they were imported
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


def test_the_page_is_what_the_command_prints():
    page = (ROOT / ".github" / "pytorch.md").read_text("utf-8")

    assert page == pytorch_command.run(None) + "\n", "run: tinygrad-edu pytorch > .github/pytorch.md"
    assert ".github/pytorch.md" in (ROOT / "README.md").read_text("utf-8")
