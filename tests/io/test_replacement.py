"""A file is replaced as a whole: modes, links, errors while writing, and a process that is killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.io.replacement import replace_file


def test_the_new_content_replaces_the_old(tmp_path):
    file = tmp_path / "x.pt"
    torch.save([1], file)

    torch.save([2], file)

    assert torch.load(file) == [2]
    assert os.listdir(tmp_path) == ["x.pt"]  # noqa: PTH208


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_the_old_file_stays_when_writing_fails(tmp_path, error):
    file = tmp_path / "x.pt"
    torch.save([1], file)

    def write(opened):
        opened.write(b"half")
        raise error

    with pytest.raises(type(error)):
        replace_file(file, write)

    assert torch.load(file) == [1]
    assert os.listdir(tmp_path) == ["x.pt"]  # noqa: PTH208


def test_the_mode_stays_and_a_new_file_has_the_usual_one(tmp_path):
    file, other = tmp_path / "x.pt", tmp_path / "other.pt"
    torch.save([1], file)
    other.write_bytes(b"")
    assert file.stat().st_mode == other.stat().st_mode

    file.chmod(0o640)
    torch.save([2], file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_symbolic_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "x.pt", tmp_path / "link.pt"
    torch.save([1], target)
    link.symlink_to(target)

    torch.save([2], link)

    assert link.is_symlink()
    assert torch.load(target) == [2]
    assert os.listdir(tmp_path / "real") == ["x.pt"]  # noqa: PTH208


def test_devices_are_written_to_and_folders_are_not():
    torch.save([1], os.devnull)

    with pytest.raises(IsADirectoryError):
        torch.save([1], os.path.dirname(__file__))  # noqa: PTH120


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_must_not_be_written_stays(tmp_path):
    file = tmp_path / "x.pt"
    torch.save([1], file)
    file.chmod(0o444)

    with pytest.raises(PermissionError):
        torch.save([2], file)

    assert torch.load(file) == [1]


SAVING = """
import sys, itertools
import tinygrad_edu as torch
for i in itertools.count():
    torch.save({"step": i, "w": torch.full((100_000,), float(i))}, sys.argv[1])
    print(i, flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    file = tmp_path / "x.pt"
    rng = np.random.default_rng(0)

    for _ in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            process.stdout.readline()
            time.sleep(rng.random() * 0.05)
            process.send_signal(signal.SIGKILL)

        found = torch.load(file)
        assert (found["w"] == found["step"]).all()

    assert {name.partition("-")[0] for name in os.listdir(tmp_path)} <= {"x.pt", ".x.pt.saving"}  # noqa: PTH208
