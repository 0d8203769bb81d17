"""The page writes and colours numbers as Python does."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import resources

import numpy as np
import pytest

from tinygrad_edu.viz.drawing.colours import DARK, LIGHT, heat, ink_on
from tinygrad_edu.viz.drawing.number_cells import cells_of, number

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def asked(expression, data):
    """`expression` of `x`, for every x in `data`, by the page's own functions."""
    script = resources.files("tinygrad_edu.viz.page").joinpath("numbers.js").read_text("utf-8")
    code = f"console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(x => {expression})))"
    done = subprocess.run(
        [NODE, "-e", script + code], input=json.dumps(data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def many_numbers():
    rng = np.random.default_rng(0)
    wide = rng.normal(size=3000) * 10.0 ** rng.integers(-12, 12, 3000)
    ties = rng.integers(-9999, 9999, 3000) / 2.0 ** rng.integers(0, 12, 3000)
    some = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        9.995,
        99.95,
        999.5,
        9999.5,
        99999.5,
        1e5,
        123456.0,
        1e-5,
        5e-324,
        1.7e308,
        0.125,
        2.5,
    ]
    return [*map(float, wide), *map(float, ties), *some, "NaN", "Infinity", "-Infinity"]


def test_numbers_are_written_alike():
    numbers = many_numbers()

    assert asked("number(Number(x))", numbers) == [number(float(x)) for x in numbers]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_cells_are_coloured_alike(theme):
    rng = np.random.default_rng(1)
    data = [
        [float(x), float(s), list(theme.values)]
        for x, s in zip(rng.normal(size=500), rng.random(500), strict=True)
    ]
    data.append([1.0, 0.0, list(theme.gradients)])

    colours = asked("heat(...x)", data)

    assert colours == [heat(x, scale, tuple(scheme)) for x, scale, scheme in data]
    assert asked("inkOn(x)", colours) == [ink_on(colour) for colour in colours]


@pytest.mark.parametrize(
    "shape", [(), (3,), (7,), (2, 3), (9, 2), (2, 9), (8, 8), (3, 2, 2), (2, 7, 7), (1, 1)]
)
def test_the_same_cells_are_shown_with_the_same_note(shape):
    array = np.random.default_rng(2).normal(size=shape)

    (found,) = asked("cellsOf(x)", [{"shape": list(shape), "data": array.ravel().tolist()}])

    cells = cells_of(array)
    expected = [
        [list(row) for row in cells.rows],
        int(cells.more_rows),
        int(cells.more_columns),
        cells.scale,
        cells.note,
    ]
    assert found == expected
