"""`launch` starts the processes, and ends with the code of the first that fails."""

from __future__ import annotations

import pytest

from tinygrad_edu.cli.main import main
from tinygrad_edu.tensor.processes import PEERS
from tinygrad_edu.utils.data import DistributedSampler


@pytest.mark.slow
def test_the_exit_code_is_that_of_the_process_that_fails(tmp_path, capfd):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    program = tmp_path / "train.py"
    program.write_text("import sys\nprint('started', sys.argv[1])\nsys.exit(3)\n", encoding="utf-8")

    code = main(["launch", str(program), "--epochs"])

    out, err = capfd.readouterr()
    assert code == 3
    assert "started --epochs" in out
    assert err.splitlines()[-1] == (
        "tinygrad-edu launch: process 0 ended with exit code 3; the others were stopped"
    )


def test_several_hosts_need_an_address(tmp_path, capsys):
    program = tmp_path / "train.py"
    program.write_text("", encoding="utf-8")

    assert main(["launch", "--host", "1/2", str(program)]) == 2
    assert capsys.readouterr().err == (
        "tinygrad-edu launch: several hosts need --address HOST:PORT, that of host 0\n"
    )


@pytest.mark.parametrize(("option", "value"), [("-n", "0"), ("--host", "2/2"), ("--host", "first")])
def test_wrong_options_are_one_line(option, value, capsys):
    with pytest.raises(SystemExit):
        main(["launch", option, value, "train.py"])

    assert f"got {value}" in capsys.readouterr().err


def test_a_sampler_takes_the_share_of_its_process(monkeypatch):
    monkeypatch.setattr(PEERS, "count", 3)
    monkeypatch.setattr(PEERS, "number", 1)

    assert list(DistributedSampler(range(9), shuffle=False)) == [1, 4, 7]
