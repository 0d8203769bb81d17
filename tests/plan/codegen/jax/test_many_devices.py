"""The same program on eight devices, and in several processes: the same losses, parameters and gradients."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.plan import jax_engine, load_checkpoint

pytest.importorskip("jax", reason="the extra jax is not installed")

_SPEC = importlib.util.spec_from_file_location("programs_for_jax", Path(__file__).with_name("programs.py"))
programs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(programs)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the program gives on NumPy alone."""
    return programs.output_of(tmp_path_factory.mktemp("laptop"), programs.laptop())


@pytest.mark.parametrize("shard", ["batch", "state"])
def test_eight_devices_give_the_numbers_of_one(tmp_path, expected, shard):
    found = programs.output_of(tmp_path, programs.on_devices(shard), devices=8)

    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("processes", "shard"), [(2, "batch"), pytest.param(4, "state", marks=pytest.mark.slow)]
)
def test_processes_with_their_share_of_the_samples_give_the_numbers_of_one(
    tmp_path, expected, processes, shard
):
    text = programs.on_devices(shard, processes)

    found = programs.output_of(tmp_path, text, devices=4 // processes, processes=processes)

    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_at_most_three_lines_are_others_than_on_a_laptop():
    laptop, devices = (text.splitlines() for text in (programs.laptop(), programs.on_devices("batch", 2)))

    assert sum(a != b for a, b in zip(laptop, devices, strict=True)) <= 3


DIES = """
    if i == 7:
        save_checkpoint({"net": net.state_dict(), "opt": opt.state_dict()}, "checkpoint")
    if i == 9 and PEERS.number == 1:
        open("killed", "w").write(str(time.time()))
        os.kill(os.getpid(), signal.SIGKILL)
"""
RESUMES = """
state = load_checkpoint("checkpoint")
net.load_state_dict(state["net"])
opt.load_state_dict(state["opt"])
"""
IMPORTS = "import os, signal, time\nfrom tinygrad_edu.tensor.processes import PEERS"


def test_a_killed_process_is_an_error_soon_and_another_number_of_devices_goes_on_from_the_checkpoint(
    tmp_path, expected
):
    pytest.importorskip("orbax.checkpoint", reason="the extra jax is not installed")
    dying = programs.start(
        tmp_path, programs.on_devices("state", 2, IMPORTS, DIES.strip()), devices=2, processes=2
    )
    _, err = dying.communicate(timeout=500)
    late = time.time() - float((tmp_path / "killed").read_text())

    going_on = programs.output_of(tmp_path, programs.on_devices("batch", 1, RESUMES, start=8), devices=4)

    assert dying.returncode == 128 + 9
    assert "process 1 was killed by signal 9; the others were stopped" in err
    assert late < 30
    np.testing.assert_allclose(going_on, expected[8:], rtol=1e-9)


def test_a_checkpoint_needs_its_folder(tmp_path):
    pytest.importorskip("orbax.checkpoint", reason="the extra jax is not installed")
    with pytest.raises(FileNotFoundError, match="a folder that save_checkpoint wrote"):
        load_checkpoint(tmp_path / "missing")


def test_an_unknown_division_is_refused():
    with pytest.raises(ValueError, match="shard 'batch' or 'state', got 'rows'"):
        jax_engine(shard="rows")
