"""Every public function by itself: PyTorch's recorded results, derivatives by differences, and what is refused."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_edu as ours
from tests.pytorch.case import CASES, ERRORS
from tests.pytorch.function_run import Run, flat, function_of, numbers, translated
from tests.pytorch.recorded import RECORDED, Example
from tinygrad_edu import Tensor
from tinygrad_edu.tensor.functions.public import MODULES
from tinygrad_edu.testing import check_gradients

# Functions that PyTorch has not: they have tests of their own.
ONLY_HERE = {"Tensor.slice"}
# Functions that refuse every input: their results are complex.
REFUSING = {"imag"}


def assert_close(found, wanted, tolerance):
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def is_single(x):
    return getattr(x, "dtype", None) == np.float32


@pytest.mark.parametrize("name", sorted(CASES))
def test_results_and_gradients_are_those_that_pytorch_had(name):
    case = CASES[name]
    for example in map(Example.read, RECORDED[name]):
        run = Run(ours, name, example.args, example.kwargs, case.of)
        single = any(is_single(x) for x in [*example.results, *(x.raw for x in run.leaves)])
        tolerance = max(case.tolerance, 2e-4 if single else 1e-7)
        for x, wanted in zip(run.results, example.results, strict=True):
            if not isinstance(wanted, np.ndarray):
                found = x.item() if isinstance(x, Tensor) else x
                assert str(found).removeprefix("torch.") == str(wanted)
            elif case.random:
                assert (x.shape, numbers(x).dtype) == (wanted.shape, wanted.dtype)
            else:
                assert_close(numbers(x), wanted, tolerance)
        if example.gradients is not None:
            found = run.gradients(run.floating, 1)
            for x, g, wanted in zip(run.leaves, found, example.gradients, strict=True):
                zeros = np.zeros_like(x.raw)  # what PyTorch may call None
                pair = [zeros if y is None else y for y in (None if g is None else numbers(g), wanted)]
                assert_close(*pair, tolerance)


@pytest.mark.parametrize(
    "name",
    sorted(name for name, case in CASES.items() if case.smooth and case.derivatives and not case.random),
)
@given(data=st.data())
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_derivatives_are_central_differences(name, data):
    args, kwargs = CASES[name].draw(data.draw)
    points = []
    translated([args, kwargs], ours, lambda x: points.append(x) if x.dtype.kind == "f" else None)
    if not points or any(x.size > 20 for x in points):
        return  # nothing to move, or many differences and no other rule

    def function(*xs):
        waiting = iter(xs)
        filled = translated(
            [args, kwargs], ours, lambda x: next(waiting) if x.dtype.kind == "f" else Tensor(x)
        )
        found = CASES[name].of(function_of(ours, name)(*filled[0], **filled[1]))
        results = [x for x in flat(found) if x.requires_grad]
        return sum((x * 0.7).sum() for x in results) if results else sum(x.sum() for x in xs) * 0

    check_gradients(function, *(x.astype(np.float64) for x in points), order=min(2, CASES[name].derivatives))


@pytest.mark.parametrize(
    ("name", "call", "message"), ERRORS, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(ERRORS)]
)
def test_what_cannot_be_meant_is_refused(name, call, message):
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError, NotImplementedError), match=message):
        call(ours)


def test_every_public_function_has_a_case():
    public = {f"{module}.{name}".lstrip(".") for module, names in MODULES.items() for name in names}
    tried = [inspect.unwrap(function_of(ours, name)) for name in CASES]

    missing = {
        name for name in public - ONLY_HERE - REFUSING if inspect.unwrap(function_of(ours, name)) not in tried
    }

    assert missing - CASES.keys() == set()


def test_no_case_is_of_what_is_not_there():
    assert [name for name in CASES if not callable(function_of(ours, name))] == []
    assert inspect.ismodule(ours.autograd)
