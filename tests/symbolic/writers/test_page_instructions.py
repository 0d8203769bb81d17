from __future__ import annotations

import json
import shutil
import subprocess
from importlib import resources

import numpy as np
import pytest

from tinygrad_edu.engine.operation import operation
from tinygrad_edu.explanation.derivation.operation_table import on_symbols
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.special_functions import Special
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import symbol, symbols_in
from tinygrad_edu.symbolic.writers.page_instructions import Instructions

NODE = shutil.which("node")
UNKNOWN = {"cast", "lstm", "nextafter"}
UNKNOWN |= {name for name, op in OPERATIONS.items() if isinstance(op, Special)}  # JavaScript has none of them
LINEAR_ALGEBRA = [f"tinygrad_edu.ops.{table}" for table in ("solvers", "spectra")]
NAMES = [
    name
    for name, op in OPERATIONS.items()
    if op.differentiable and name not in UNKNOWN and op.forward.__module__ not in LINEAR_ALGEBRA
]
INDICES = {"a": np.array([1, 0]), "d": np.array(3.0), "n": np.array([2, 0])}


def computed_by_javascript(programs, dtype="float64"):
    """The last slot of each program, a pair of lines and given arrays, as arrays."""
    runtime = resources.files("tinygrad_edu.viz.page").joinpath("kernels.js").read_text("utf-8")
    asked = [
        [program.lines, [{"shape": np.shape(x), "data": np.ravel(x).tolist()} for x in given]]
        for program, given in programs
    ]
    kernels = {name: kernel for program, _ in programs for name, kernel in program.kernels.items()}
    called = "".join(f"{name}: {kernel}, " for name, kernel in kernels.items())
    code = f"{runtime} const KERNELS = {{ {called} }};" + (
        "const told = JSON.parse(require('fs').readFileSync(0, 'utf8')).map(([lines, given]) => {"
        "const arrays = given.map(x => ({shape: x.shape, data: Float64Array.from(x.data)}));"
        f"const y = run(lines, arrays, {dtype!r}).at(-1);"
        "return [y.shape, [...y.data].map(String)]; }); console.log(JSON.stringify(told));"
    )
    done = subprocess.run(
        [NODE, "-e", code], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [np.array([float(x) for x in data]).reshape(shape) for shape, data in json.loads(done.stdout)]


def numbers_for(symbols, negative):
    rng = np.random.default_rng(1)
    return {
        s: INDICES[s.name]
        if s.name in INDICES
        else (rng.random(s.shape) > 0.5) * 1.0
        if s.mask
        else (rng.normal(size=s.shape) if negative else 0.2 + rng.random(s.shape))
        for s in symbols
    }


def formulas_of(name):
    """The operation on symbols, and what each of its rules makes of g."""
    op = OPERATIONS[name]
    node = on_symbols(op)
    g = symbol("g", node.shape)
    positions = [i for i, _ in enumerate(zip(node.inputs, op.rules, strict=False))]
    shares = [share_of(op, i, g, node, node.inputs, node.settings) for i in positions]
    return [node, *(share for share in shares if share is not None)]


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize(("dtype", "share", "least"), [("float64", 1e-12, 1e-14), ("float32", 2e-6, 1e-6)])
def test_javascript_computes_what_numpy_computes_forward_and_backward(dtype, share, least, negative):
    programs, expected, asked = [], [], []
    for name in NAMES:
        for formula in formulas_of(name):
            symbols = list(dict.fromkeys(symbols_in(formula)))
            values = {
                s: x.astype(dtype) if x.dtype == float else x
                for s, x in numbers_for(symbols, negative).items()
            }
            program = Instructions(symbols, values)
            program.compute(formula)
            programs.append((program, [values[s] for s in symbols]))
            expected.append(evaluate(formula, values))
            asked.append(name)

    found = computed_by_javascript(programs, dtype)

    assert len(found) > 2 * len(NAMES) - 1
    for name, y, z in zip(asked, found, expected, strict=True):
        np.testing.assert_allclose(y, z, rtol=share, atol=least, err_msg=name)
        assert y.shape == z.shape


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_javascript_broadcasts_stacks_and_indexes_as_numpy_does():
    rng = np.random.default_rng(2)
    x, row, stack, v = symbol("x", (2, 3)), symbol("r", (3,)), symbol("s", (4, 3, 2)), symbol("v", (3,))
    values = {s: rng.normal(size=s.shape) for s in (x, row, stack, v)}
    formulas = [
        x + row,
        x.reshape((2, 1, 3)) * row,
        stack @ x,
        x @ stack,
        x @ v,
        v @ v,
        stack.permute(2, 0, 1),
        x[:, 1:],
        x[[1, 1, 0]],
        stack.sum(axis=(0, 2)),
        stack.amax(axis=1, keepdims=True),
    ]
    programs = []
    for formula in formulas:
        program = Instructions(list(values), values)
        program.compute(formula)
        programs.append((program, list(values.values())))

    for y, formula in zip(computed_by_javascript(programs), formulas, strict=True):
        np.testing.assert_allclose(y, evaluate(formula, values), rtol=1e-12)
        assert y.shape == formula.shape


def test_a_formula_computed_before_has_its_slot():
    x, y = symbol("x"), symbol("y")
    program = Instructions([x])

    program.compute(x * 2, y)
    program.compute(y + x)

    assert program.lines == [["multiply", [0, [2]]], ["add", [1, 0]]]


def test_an_operation_of_the_user_is_refused():
    @operation(lambda g, _y, _x: g)
    def exp(x):
        return x

    with pytest.raises(NotImplementedError, match="exp"):
        Instructions([x := symbol("x", (2,))]).compute(x.apply(exp, (x,), {}))
