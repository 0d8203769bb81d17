"""Random numbers: their distributions, their repetition by a seed, and what a plan makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu as te
from tinygrad_edu import capture, ones, tensor, zeros

N = 20_000


def moments(make, **options):
    """Mean and standard deviation."""
    x = make(generator=np.random.default_rng(0), **options).raw.astype(float)
    return x.mean(), x.std()


MOMENTS = {
    "uniform_": (lambda **g: zeros(N).uniform_(-1, 3, **g), 1, 4 / math.sqrt(12)),
    "normal_": (lambda **g: zeros(N).normal_(2, 3, **g), 2, 3),
    "log_normal_": (lambda **g: zeros(N).log_normal_(0, 0.5, **g), math.exp(1 / 8), 0.604),
    "exponential_": (lambda **g: zeros(N).exponential_(0.5, **g), 2, 2),
    "geometric_": (lambda **g: zeros(N).geometric_(0.25, **g), 4, math.sqrt(12)),
    "bernoulli_": (lambda **g: zeros(N).bernoulli_(0.3, **g), 0.3, math.sqrt(0.21)),
    "random_": (lambda **g: zeros(N).random_(2, 8, **g), 4.5, math.sqrt(35 / 12)),
    "randint": (lambda **g: te.randint(6, (N,), **g), 2.5, math.sqrt(35 / 12)),
    "randint_like": (lambda **g: te.randint_like(zeros(N), 2, 8, **g), 4.5, math.sqrt(35 / 12)),
    "rand_like": (lambda **g: te.rand_like(zeros(N), **g), 0.5, 1 / math.sqrt(12)),
    "randn_like": (lambda **g: te.randn_like(zeros(N), **g), 0, 1),
    "normal": (lambda **g: te.normal(2 * ones(N), 3 * ones(1), **g), 2, 3),
    "bernoulli": (lambda **g: te.bernoulli(0.3 * ones(N), **g), 0.3, math.sqrt(0.21)),
    "poisson": (lambda **g: te.poisson(4 * ones(N), **g), 4, 2),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_deviation(name):
    make, mean, deviation = MOMENTS[name]

    np.testing.assert_allclose(moments(make), [mean, deviation], atol=0.07 * max(deviation, 0.3))


def test_half_of_cauchys_numbers_are_within_sigma():
    x = zeros(N).cauchy_(5, 2, generator=np.random.default_rng(0))

    assert abs(((x - 5).abs() < 2).double().mean().item() - 0.5) < 0.02


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_uniform_numbers_are_never_the_upper_limit(dtype):
    x = te.rand(200_000, dtype=dtype, generator=np.random.default_rng(0))
    y = zeros(200_000, dtype=dtype).uniform_(1000, 1001, generator=np.random.default_rng(0))

    assert (x.max() < 1).item()
    assert (x.min() >= 0).item()
    assert (y.max() < 1001).item()


def test_random_covers_what_the_dtype_holds():
    small, flags = zeros(N, dtype="uint8").random_(), zeros(N, dtype=bool).random_()
    whole = zeros(N, dtype="float32").random_()

    assert (small.min().item(), small.max().item()) == (0, 255)
    assert flags.double().mean().item() == pytest.approx(0.5, abs=0.03)
    assert 2**23 < whole.max().item() <= 2**24
    assert zeros(9, dtype="int64").random_(5).max().item() < 5


def test_randperm_is_a_permutation():
    assert sorted(te.randperm(9).tolist()) == list(range(9))


def test_multinomial_draws_in_proportion():
    weights = tensor([[1.0, 0.0, 3.0], [1.0, 1.0, 0.0]])

    drawn = te.multinomial(weights, N, replacement=True, generator=np.random.default_rng(0))

    first, second = np.bincount(drawn.raw[0], minlength=3), np.bincount(drawn.raw[1], minlength=3)
    np.testing.assert_allclose(first / N, [0.25, 0, 0.75], atol=0.02)
    np.testing.assert_allclose(second / N, [0.5, 0.5, 0], atol=0.02)


def test_multinomial_without_replacement_draws_each_once_and_the_heavy_first():
    weights = tensor([[1.0, 2.0, 0.0, 97.0]] * 2000)

    drawn = te.multinomial(weights, 3, generator=np.random.default_rng(0))

    assert {tuple(sorted(row)) for row in drawn.tolist()} == {(0, 1, 3)}
    assert (drawn[:, 0] == 3).double().mean().item() == pytest.approx(0.97, abs=0.02)
    assert (drawn[:, 1] == 1).double().mean().item() == pytest.approx(0.66, abs=0.05)


def test_a_probability_of_each_number_in_place():
    x = zeros(2, 3)

    assert x.bernoulli_(tensor([0.0, 1.0, 0.0])).tolist() == [[0, 1, 0], [0, 1, 0]]
    assert x.tolist() == [[0, 1, 0], [0, 1, 0]]


# Gradients.


def test_no_gradient_comes_through_chance():
    p = tensor([0.5, 0.5], requires_grad=True)

    drawn = te.bernoulli(p)

    assert not drawn.requires_grad
    with pytest.raises(
        RuntimeError, match=r"the graph was cut by draw, whose derivative is zero or undefined"
    ):
        drawn.sum().backward()


def test_random_numbers_written_into_a_result_have_no_gradient_to_it():
    x = tensor([1.0, 2.0], requires_grad=True)
    h = x * 3

    h.uniform_()
    (h * 5).sum().backward()

    assert x.grad.tolist() == [0, 0]


# Plans.

STEPS = {
    "randint": lambda x: x + te.randint(0, 9, (3,)),
    "randperm": lambda x: x[te.randperm(3)],
    "normal of tensors": lambda x: te.normal(x, x * x),
    "bernoulli": lambda x: x * te.bernoulli(x / 10),
    "multinomial": lambda x: te.multinomial(x, 2, replacement=True),
    "in place": lambda x: x + zeros(3).uniform_(-1, 1),
    "like": lambda x: x + te.randn_like(x) + te.rand_like(x) + te.randint_like(x, 9),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("given", [False, True], ids=["the default generator", "a Generator"])
def test_a_plan_draws_anew_as_the_step_does(name, given):
    step, seeds = STEPS[name], te.Generator() if given else te
    if given:
        step = lambda x: x * te.rand(3, generator=seeds) + te.normal(x, 1, generator=seeds)  # noqa: E731
    plan, results = capture(step), []
    for run in (step, plan):
        seeds.manual_seed(4)
        results.append([run(tensor([1.0, 2.0, 3.0])).tolist() for _ in range(6)])

    assert plan.ready or name == "multinomial"  # which does no more than draw
    assert results[0] == results[1]
    assert len({str(x) for x in results[0]}) > 1


def test_numbers_filled_in_by_a_plan_are_new_in_every_run():
    noise = zeros(3)
    plan = capture(lambda x: x + noise.normal_())

    drawn = [plan(zeros(3)).tolist() for _ in range(5)]

    assert plan.ready
    assert len({str(x) for x in drawn}) == 5
    assert noise.tolist() == drawn[-1]


def forked():
    with te.random.fork_rng():
        te.rand(2)


@pytest.mark.parametrize(
    "restart",
    [
        lambda: te.Generator().manual_seed(0),
        te.seed,
        lambda: te.set_rng_state(te.get_rng_state()),
        forked,
    ],
    ids=["manual_seed", "seed", "set_rng_state", "fork_rng"],
)
def test_a_generator_started_anew_in_the_step_is_started_anew_in_every_call(restart):
    def step(x):
        restart()
        return x + te.rand(2)

    plan, results = capture(step), []
    for run in (step, plan):
        te.manual_seed(4)
        results.append([run(zeros(2)).tolist() for _ in range(6)])

    assert plan.ready
    assert results[0] == results[1] or restart is te.seed  # by the clock


def test_the_source_of_a_plan_draws_the_same_numbers():
    def step(x):
        return te.normal(x, 2) + te.randint(0, 5, (2,)) + zeros(2).exponential_()

    plan = capture(step)
    for _ in range(3):
        plan(zeros(2))
    scope = {}
    exec(plan.source(), scope)
    te.manual_seed(3)

    (written,) = scope["step"](np.zeros(2), {"generator": np.random.default_rng(3)}, {})

    assert written.tolist() == plan(zeros(2)).tolist()


def test_the_source_of_a_plan_draws_in_the_order_of_the_step():
    def step(x):
        first, second = te.rand(2), te.rand(2)
        return second * x.exp() + first.exponential_()

    plan = capture(step)
    for _ in range(3):
        plan(zeros(2))
    scope = {}
    exec(plan.source(), scope)
    te.manual_seed(3)

    (written,) = scope["step"](np.zeros(2), {"generator": np.random.default_rng(3)}, {})

    assert written.tolist() == step(zeros(2)).tolist()


def unused(x):
    te.rand(2)
    return x + te.rand(2)


def restarted(x):
    te.manual_seed(0)
    return x + te.rand(2)


def made(x):
    return x + te.normal(tensor([1.0, 2.0]), 1.0)


def overwriting(x):
    x.uniform_()
    return x * 2


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (unused, "draws random numbers that no operation uses"),
        (restarted, "starts a generator of random numbers anew"),
        (made, "draws from a distribution whose parameters it makes"),
        (overwriting, "overwrites what it was given"),
    ],
)
def test_a_step_that_does_more_than_a_program_of_its_inputs_has_no_source(step, why):
    plan = capture(step)
    for _ in range(3):
        plan(zeros(2))

    assert plan.ready
    with pytest.raises(RuntimeError, match=why):
        plan.source()
