from __future__ import annotations

import _thread
import sys
from types import ModuleType, SimpleNamespace

from tinygrad_edu.engine.call_site import line_of, place_of_caller
from tinygrad_edu.tensor.tensor import tensor


def test_a_place_is_the_line_that_called():
    place, line = place_of_caller(), sys._getframe().f_lineno

    assert line_of(place) == f"test_call_site.py:{line}"


def test_lines_inside_the_package_are_skipped():
    x = tensor([1.0, 2.0], requires_grad=True)

    y = x.std()
    line = sys._getframe().f_lineno - 1

    assert line_of(y.place) == f"test_call_site.py:{line}"
    assert line_of(y.inputs[0].place) == f"test_call_site.py:{line}"


def test_an_operation_over_several_lines_is_placed_in_them():
    x = tensor(1.0, requires_grad=True)

    first = sys._getframe().f_lineno + 1
    y = (
        x
        * 2
    )  # fmt: skip

    assert first <= int(line_of(y.place).split(":")[1]) <= first + 3


def test_an_unknown_place_has_a_name_too():
    assert line_of(None) == "unknown line"


def test_a_cell_of_a_notebook_has_its_number(monkeypatch):
    place = place_of_caller()
    ipython, shell = ModuleType("IPython"), SimpleNamespace()
    ipython.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", ipython)

    assert line_of(place).startswith("test_call_site.py:")
    shell.compile = SimpleNamespace(_filename_map={__file__: 3})
    assert line_of(place).startswith("In [3]:")


PROGRAM = """
def inner():
    places.append(place_of_caller())

def outer():
    inner()
    done.release()
"""


def test_without_a_caller_outside_the_package_the_place_is_unknown():
    done = _thread.allocate_lock()
    done.acquire()
    names = {"place_of_caller": place_of_caller, "places": [], "done": done}
    exec(compile(PROGRAM, place_of_caller.__code__.co_filename, "exec"), names)

    _thread.start_new_thread(names["outer"], ())
    done.acquire(timeout=10)

    assert names["places"] == [None]
