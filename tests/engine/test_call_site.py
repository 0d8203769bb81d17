from __future__ import annotations

import _thread
import functools
import sys
from types import ModuleType, SimpleNamespace

from tinygrad_edu import nn
from tinygrad_edu.engine import call_site
from tinygrad_edu.engine.call_site import current_call_site, is_own, line_of, variable_name
from tinygrad_edu.exam import problem2
from tinygrad_edu.tensor.tensor import tensor


def test_a_place_is_the_line_that_called():
    place, line = current_call_site(), sys._getframe().f_lineno

    assert line_of(place) == f"test_call_site.py:{line}"


def test_lines_inside_the_package_are_skipped():
    x = tensor([1.0, 2.0], requires_grad=True)

    y = x.std()
    line = sys._getframe().f_lineno - 1

    assert line_of(y.call_site) == f"test_call_site.py:{line}"
    assert line_of(y.inputs[0].call_site) == f"test_call_site.py:{line}"


def test_an_operation_over_rest_lines_is_placed_in_them():
    x = tensor(1.0, requires_grad=True)

    first = sys._getframe().f_lineno + 1
    y = (
        x
        * 2
    )  # fmt: skip

    assert first <= int(line_of(y.call_site).split(":")[1]) <= first + 3


def test_a_call_from_few_frames_after_one_from_many_is_placed_as_well():
    net, x = nn.Tanh(), tensor([1.0], requires_grad=True)
    for _ in range(20):
        net = nn.Sequential(net)
    net(x)
    done, results = _thread.allocate_lock(), []
    done.acquire()

    def call():
        results.append(x.tanh())
        done.release()

    _thread.start_new_thread(call, ())
    done.acquire(timeout=10)

    line = call.__code__.co_firstlineno + 1
    assert [line_of(y.call_site) for y in results] == [f"test_call_site.py:{line}"]


NESTED = """
def third():
    return call_site_of(called)

def second():
    return third()

def first():
    return second()
"""


def test_the_same_line_of_a_program_is_searched_for_once(monkeypatch):
    searches, search = [], call_site._search

    def counted(depth):
        searches.append(depth)
        above, place = search(depth + 1)
        return above - 1, place

    monkeypatch.setattr(call_site, "_search", counted)
    names = {"call_site_of": call_site.call_site_of, "called": SimpleNamespace(called_from=(0, None))}
    exec(compile(NESTED, call_site.__file__, "exec"), names)

    places = [names["first"]() for _ in range(3)]

    assert line_of(places[0]) == f"test_call_site.py:{sys._getframe().f_lineno - 2}"
    assert places == [places[0]] * 3
    assert searches == [2]


def test_an_unknown_place_has_a_name_too():
    assert line_of(None) == "unknown line"


def test_a_cell_of_a_notebook_has_its_number(monkeypatch):
    place = current_call_site()
    ipython, shell = ModuleType("IPython"), SimpleNamespace()
    ipython.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", ipython)

    assert line_of(place).startswith("test_call_site.py:")
    shell.compile = SimpleNamespace(_filename_map={__file__: 3})
    assert line_of(place).startswith("In [3]:")


PROGRAM = """
def inner():
    places.append(current_call_site())

def outer():
    inner()
    done.release()
"""


def test_without_a_caller_outside_the_package_the_place_is_unknown():
    done = _thread.allocate_lock()
    done.acquire()
    names = {"current_call_site": current_call_site, "places": [], "done": done}
    exec(compile(PROGRAM, current_call_site.__code__.co_filename, "exec"), names)

    _thread.start_new_thread(names["outer"], ())
    done.acquire(timeout=10)

    assert names["places"] == [None]


def test_a_name_is_that_of_a_public_variable_that_holds_the_very_object():
    x, equal = [], []
    self = _hidden = object()

    name = functools.partial(variable_name, frame=sys._getframe())
    names = list(map(name, (x, equal, tensor, _hidden, self, object())))

    assert names == ["x", "equal", "tensor", None, None, None]


def test_the_exam_counts_as_a_users_program_and_all_else_as_the_library():
    assert is_own(tensor.__code__)
    assert not is_own(problem2.solve.__code__)
    assert not is_own(test_a_place_is_the_line_that_called.__code__)
