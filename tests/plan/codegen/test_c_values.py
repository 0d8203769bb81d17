"""A step on Values in C: loops again, the same numbers and gradients."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from tinygrad_edu import Value, capture
from tinygrad_edu.plan.codegen.c import compiler, value_engine
from tinygrad_edu.plan.codegen.rolled import loop_sizes, place_text

RNG = np.random.default_rng(0)
needs_compiler = pytest.mark.skipif(compiler.compiler() is None, reason="there is no C compiler")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setattr(compiler, "cache_folder", lambda: tmp_path)


def network():
    """Weights and bias of each neuron of two layers, 2-4-1."""
    rng = np.random.default_rng(1)
    return [
        [([Value(float(w)) for w in rng.normal(size=n)], Value(0.1)) for _ in range(m)]
        for n, m in ((2, 4), (4, 1))
    ]


def score(layers, x):
    for layer in layers:
        x = [sum((w * x for w, x in zip(weights, x, strict=True)), bias).tanh() for weights, bias in layer]
    return x[0]


def parameters_of(layers):
    return [p for layer in layers for weights, bias in layer for p in (*weights, bias)]


X, Y = RNG.normal(size=(10, 2)), np.sign(RNG.normal(size=10))


def mean_of_hinges(layers):
    def step(inputs, signs):
        losses = [(1 + -y * score(layers, x)).relu() for x, y in zip(inputs, signs, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-3 * sum(p * p for p in parameters_of(layers))

    return step


@pytest.mark.slow
@needs_compiler
def test_a_sum_that_begins_with_a_constant_adds_the_other_terms():
    table = [[Value(0.6)], [Value(1.2)], [Value(-0.4)]]

    def step(tokens):
        return sum(sum(x * x * x for x in table[token]) for token in tokens)

    plan = capture(step, engine="c", check="never")
    batches = [[i % 3, (i + 1) % 3] for i in range(6)]

    assert [plan(x).data for x in batches] == pytest.approx([step(x).data for x in batches])
    assert plan.ready


def trained(step, layers, steps=5):
    losses = []
    for _ in range(steps):
        for p in parameters_of(layers):
            p.grad = 0.0
        loss = step(X, Y)
        loss.backward()
        for p in parameters_of(layers):
            p.data -= 0.1 * p.grad
        losses.append(loss.data)
    return [*losses, *(p.data for p in parameters_of(layers)), *(p.grad for p in parameters_of(layers))]


@pytest.mark.slow
@needs_compiler
def test_steps_on_values_in_c_train_as_eager_ones():
    layers = network()
    expected = trained(lambda x, y: mean_of_hinges(layers)(x.tolist(), y.tolist()), layers)

    others = network()
    found = trained(capture(mean_of_hinges(others), engine="c"), others)

    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_equal_numbers_are_loops_again():
    plan = capture(mean_of_hinges(network()))
    plan(X, Y)
    plan(X, Y)

    source = plan.source("c")

    assert "for (int i = 0; i < 10; i++) {\n        double total[4] = {0.0};" in source
    assert "total[k] += w[k * 2 + 5 + j] * x[i * -2 + 18 + j];" in source


@needs_compiler
def test_the_file_compiles_without_a_warning(tmp_path):
    plan = capture(mean_of_hinges(network()))
    plan(X, Y)
    plan(X, Y)
    (tmp_path / "step.c").write_text(plan.source("c"))

    command = [compiler.compiler(), "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-c"]
    done = subprocess.run(
        [*command, str(tmp_path / "step.c"), "-o", str(tmp_path / "step.o")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def _with_itself(s, a):
    return s * a + s * s + s + a


# Each of two parameters and an input; the first result is differentiated.
STEPS = {
    "a number used twice": lambda a, b, x: a * a + a * x + b,
    "a product of a sum with itself": lambda a, b, x: (a + b) * (a + b),
    "a sum of sums": lambda a, b, x: (a + b + x) + (a + a + b) + (b + b + b + x),
    "products in a sum": lambda a, b, x: a * b + a * x + a * a + b * x + 1,
    "powers and quotients": lambda a, b, x: (a**3 / b - x / a) ** 2,
    "functions": lambda a, b, x: (a.exp() + b.tanh() + (a * b).sigmoid()).log() - a.sqrt(),
    "a parameter alone": lambda a, b, x: a + 0,
    "an input that decides nothing": lambda a, b, x: a * b,
    "a sum that others use": lambda a, b, x: _with_itself(a + b + x, a),
    "a product that others use": lambda a, b, x: _with_itself(a * b, b),
    "negative numbers": lambda a, b, x: -a - -0.5 * b - (-x),
}


@needs_compiler
@pytest.mark.parametrize("name", STEPS)
def test_gradients_in_c_are_those_of_values(name):
    step, found = STEPS[name], []
    for engine in (None, "numpy", "c"):
        a, b = Value(1.5), Value(0.7)
        run = (lambda xs, a=a, b=b: step(a, b, xs[0])) if engine is None else None
        plan = run or capture(lambda xs, a=a, b=b: step(a, b, xs[0]), engine=engine)
        loss = plan([2.5])
        loss.backward()
        found.append((loss.data, a.grad, b.grad))

    np.testing.assert_allclose(found[1], found[0], rtol=1e-14)
    np.testing.assert_allclose(found[2], found[0], rtol=1e-14)


@needs_compiler
def test_several_results_come_back_in_order():
    a = Value(2.0)
    plan = capture(lambda xs: [a * xs[0], a + 1, a], engine="c")

    assert [v.data for v in plan([3.0])] == [6, 3, 2]


def test_without_a_compiler_a_warning_says_so_and_numpy_runs(monkeypatch):
    monkeypatch.setattr(value_engine, "shared_library", lambda _source: None)
    a = Value(2.0)
    plan = capture(lambda xs: a * xs[0], engine="c", check="never")
    plan([3.0])

    with pytest.warns(RuntimeWarning, match="needs a C compiler"):
        loss = plan([3.0])

    loss.backward()
    assert (loss.data, a.grad) == (6, 3)


@pytest.mark.parametrize(
    ("table", "sizes"),
    [
        ([5], []),
        ([0, 2, 4, 6], [4]),
        ([0, 1, 2, 10, 11, 12], [2, 3]),
        ([3, 3, 3, 4, 4, 4], [2, 3]),
        ([0, 1, 3, 7], None),
        ([0, 1, 2, 3, 9], None),
    ],
)
def test_places_that_grow_by_equal_steps_are_loops(table, sizes):
    assert loop_sizes(np.array([table])) == sizes


def test_a_place_is_written_in_the_counters_of_its_loops():
    table = np.array([7, 8, 9, 3, 4, 5])

    assert place_text(table, [2, 3], ["i", "j"]) == "i * -4 + j + 7"
