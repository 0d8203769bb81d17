from __future__ import annotations

import math
import sys
from types import ModuleType, SimpleNamespace

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import LiveLoss
from tinygrad_edu.viz.training import live


class Display:
    """What IPython.display does, noted."""

    def __init__(self):
        self.shown, self.updated = [], []

    def __call__(self, picture, display_id):
        self.shown.append(picture)
        return SimpleNamespace(update=self.updated.append)


@pytest.fixture
def notebook(monkeypatch):
    pytest.importorskip("matplotlib")
    display = Display()
    ipython, inner = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.version_info = (9, 0)  # matplotlib looks at it
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    inner.Image, inner.display = lambda data, **_: data, display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    return display


def test_it_keeps_the_numbers():
    live = LiveLoss()

    for x in (3.0, tensor(2.0)):
        live(x, valid=4)
    live.close()

    assert live.history == {"loss": [3.0, 2.0], "valid": [4.0, 4.0]}


def test_elsewhere_nothing_is_shown(capsys):
    with LiveLoss(total=2) as live:
        live(1.0)

    assert capsys.readouterr() == ("", "")


def test_a_notebook_gets_one_picture_that_is_exchanged(notebook):
    with LiveLoss(every=0.0) as live:
        live(2.0)
        live(1.0)

    assert len(notebook.shown) == 1
    assert len(notebook.updated) == 2
    assert all(picture.startswith(b"\x89PNG") for picture in notebook.shown + notebook.updated)


def test_pictures_are_not_drawn_more_often_than_asked(notebook):
    with LiveLoss(every=1e9) as live:
        for _ in range(5):
            live(1.0)

    assert len(notebook.shown) + len(notebook.updated) == 2  # the first and the last


def test_a_terminal_gets_a_bar_with_the_last_losses(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", None)

    with LiveLoss(total=2, every=0.0) as live:
        live(2.0)
        live(1.0)

    assert "2/2" in (shown := capsys.readouterr().err)
    assert "loss 1 █▁" in shown


def test_without_tqdm_a_terminal_gets_one_line_that_is_written_over(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)

    with LiveLoss(total=2, every=0.0) as live:
        live(2.0)
        live(**{"a\x1b[31m": 1.0, "loss": 1.0})

    first, *_, last = capsys.readouterr().err.split("\r")[1:]
    assert first.startswith("training: 1/2 steps, 0 s, loss 2 ▁")
    assert "training: 2/2 steps, 0 s, loss 1, a\N{REPLACEMENT CHARACTER}[31m 1 █▁" in last
    assert last.endswith("\n")
    assert "\x1b" not in last


@pytest.mark.parametrize(
    ("losses", "line"),
    [([8.0, 4.0, 1.0], "█▄▁"), ([1.0], "▁"), ([1.0, math.nan, 2.0, math.inf], "▁×█×"), ([], "")],
)
def test_a_curve_in_one_line(losses, line):
    assert live.spark(losses) == line


def test_a_long_curve_is_thinned_and_ends_with_the_last_loss():
    line = live.spark([*range(1000, 0, -1)])

    assert len(line) <= live.SPARKS
    assert line[-1] == "▁"
