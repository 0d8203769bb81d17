"""A recording leaves nothing behind: what a step changes happens once a call, whatever holds it."""

from __future__ import annotations

import array
import collections
import io
import itertools
import random
import threading
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_edu import Value, capture


class Counter:
    count = 0


@dataclass(slots=True)
class Slots:
    count: int = 0


def counting():
    counting.count += 1


def in_class(kept):
    Counter.count += 1


def in_slots(kept):
    kept["slots"].count += 1


def in_function(kept):
    counting()


def on_value(kept):
    kept["value"].count += 1


def in_deque(kept):
    kept["deque"].append(kept["value"].data)


def in_set(kept):
    kept["set"].symmetric_difference_update({1})


def in_ndarray(kept):
    kept["ndarray"][1] += 1


def in_array(kept):
    kept["array"][0] += 1


def drawing(kept):
    random.random()


def drawing_from_another(kept):
    kept["random"].random()


def drawing_with_numpy(kept):
    kept["rng"].normal()


def drawing_with_numpy_itself(kept):
    np.random.rand()


def printing(kept):
    print(kept["value"].data)


def writing(kept):
    kept["file"].write("line ")


def taking_the_next(kept):
    next(kept["ticks"])


CHANGES = [in_class, in_slots, in_function, on_value, in_deque, in_set, in_ndarray, in_array]
CHANGES += [drawing, drawing_from_another, drawing_with_numpy, drawing_with_numpy_itself]
CHANGES += [printing, writing, taking_the_next]


def all_of(change, wrap, capsys):
    """What there is to see after five steps that make this change."""
    random.seed(0)
    np.random.seed(0)
    Counter.count = counting.count = 0
    kept = {
        "slots": Slots(),
        "value": Value(2.0),
        "deque": collections.deque([1.0], maxlen=3),
        "set": {1, 2},
        "ndarray": np.zeros(3),
        "array": array.array("d", [0.0]),
        "random": random.Random(1),
        "rng": np.random.default_rng(2),
        "file": io.StringIO(),
        "ticks": itertools.count(),
    }
    kept["value"].count = 0

    used = [key for key in kept if key in change.__code__.co_consts] + ["value"]
    known = {key: kept[key] for key in used}

    def step(x):
        change(known)
        return kept_value * x

    kept_value = kept["value"]
    run = wrap(step)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        losses = [run(float(i)).data for i in range(5)]
    numbers = [Counter.count, kept["slots"].count, counting.count, kept_value.count, list(kept["deque"])]
    numbers += [kept["set"], kept["ndarray"].tolist(), list(kept["array"]), kept["file"].getvalue()]
    drawn = [random.random(), np.random.rand(), kept["random"].random(), kept["rng"].normal()]
    return [losses, numbers, drawn, next(kept["ticks"]), capsys.readouterr().out], len(said)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("check", ["sometimes", "never"])
def test_what_a_step_changes_happens_once_a_call(change, check, capsys):
    expected, _ = all_of(change, lambda step: step, capsys)
    found, warned = all_of(change, lambda step: capture(step, check=check), capsys)

    assert found == expected
    assert warned == (change not in (in_class, in_slots, in_function, on_value))


@pytest.mark.parametrize(
    "rows", [[1.0, 2.0], np.array([1.0, 2.0]), {"x": [1.0, 2.0]}], ids=["list", "array", "dict"]
)
def test_a_step_that_changes_its_inputs_runs_as_written(rows):
    p = Value(2.0)

    def step(rows):
        x = rows["x"] if isinstance(rows, dict) else rows
        x[0] += 1
        return p * x[0]

    plan = capture(step)
    plan(rows)
    with pytest.warns(UserWarning, match="leaves its inputs alone"):
        plan(rows)

    assert plan(rows).data == 8.0


def test_tuples_stay_tuples():
    p = Value(2.0)
    plan = capture(lambda pair: p * (3 if isinstance(pair, tuple) else 5) * pair[0], check="never")

    assert [plan((1.0, 2.0)).data for _ in range(4)] == [6.0] * 4
    assert plan([1.0, 2.0]).data == 10.0


def test_a_decision_on_the_kind_of_an_input_is_noticed_at_once():
    p = Value(2.0)
    plan = capture(lambda x: p * (3 if isinstance(x, int) else 1), check="never")
    plan(1)

    with pytest.warns(UserWarning, match="depends on more than its inputs"):
        assert plan(1).data == 6.0


def test_signs_of_gradients_are_not_fixed():
    p = Value(2.0)

    def step(x):
        loss = p * x
        p.grad = 0.0
        loss.backward()
        p.data -= 0.1 * float(np.array([p.grad])[0] > 0)
        return loss

    plan = capture(step, check="never")
    plan(1.0)
    with pytest.warns(UserWarning, match="works with the plain number"):
        plan(1.0)


def test_where_numbers_are_not_finite_the_errors_are_those_of_python():
    p = Value(2.0)
    plan = capture(lambda x: p * (1 / x), check="never")
    for _ in range(3):
        plan(2.0)

    with pytest.raises(ZeroDivisionError):
        plan(0.0)
    assert plan(4.0).data == 0.5
    assert plan.ready


@pytest.mark.parametrize("wrap", [dict, list, SimpleNamespace])
def test_a_gradient_that_is_no_number_is_left_to_the_step(wrap):
    p = Value(2.0)

    def step():
        p.grad = 0.0
        loss = p * p
        loss.backward()
        return loss

    plan = capture(step)
    for _ in range(3):
        plan()
    p.grad = None

    with pytest.warns(UserWarning, match="runs as written from now on"):
        assert plan().data == 4.0
    assert p.grad == 4.0


def test_a_second_backward_is_refused_not_lost():
    p = Value(2.0)

    def step():
        loss = p * p
        loss.backward()
        return loss

    plan = capture(step, check="never")
    loss = [plan() for _ in range(3)][-1]

    with pytest.raises(RuntimeError, match=r"that calls backward\(\) has no graph left"):
        loss.backward()


def test_results_keep_structure_and_labels():
    p = Value(2.0)
    pair = collections.namedtuple("pair", "loss score")

    def step(x):
        loss = p * x
        loss.label = "loss"
        return pair(loss, {"score": p * 3})

    plan = capture(step, check="never")
    results = [plan(1.5) for _ in range(3)][-1]

    assert (type(results), results.loss.data, results.loss.label) == (pair, 3.0, "loss")
    assert results.score["score"].data == 6.0


def test_attributes_of_values_are_watched():
    p = Value(2.0)
    p.frozen = False
    plan = capture(lambda x: p * x if not p.frozen else p * 0, check="never")
    for _ in range(3):
        plan(1.0)

    p.frozen = True

    assert plan(1.0).data == 0.0


def test_contents_of_arrays_are_watched():
    rows, p = np.array([1.0, 2.0]), Value(2.0)
    plan = capture(lambda: p * rows[0], check="never")
    for _ in range(3):
        plan()

    rows[0] = 5.0

    assert plan().data == 10.0


def test_whole_inputs_may_be_large():
    p = Value(2.0)
    plan = capture(lambda x: p * x, check="never")

    assert [plan(2**60 + i).data for i in range(3)] == [2.0**61] * 3


def test_other_threads_read_files_while_a_step_is_recorded(tmp_path):
    (tmp_path / "file.txt").write_text("text")
    p, found = Value(2.0), []

    def step():
        reader = threading.Thread(target=lambda: found.append((tmp_path / "file.txt").read_text()))
        reader.start()
        reader.join()
        return p * 3

    plan = capture(step, check="never")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the list grows
        plan()
        plan()

    assert found
    assert set(found) == {"text"}
