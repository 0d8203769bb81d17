"""Every public function against PyTorch's: values, dtypes, first and second derivatives, on drawn arguments."""

from __future__ import annotations

import importlib
import inspect
import warnings
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_edu as ours
from tests.pytorch.case import CASES, ERRORS, Constant, Word
from tinygrad_edu import Tensor
from tinygrad_edu.tensor.functions.public import MODULES
from tinygrad_edu.testing import check_gradients

for file in sorted(Path(__file__).parent.glob("cases/*.py")):
    importlib.import_module(f"tests.pytorch.cases.{file.stem}")

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


# PyTorch warns of its own functions that linalg replaces.
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.*:UserWarning")

# Functions that PyTorch has not: they have tests of their own.
ONLY_HERE = {"Tensor.slice"}
# Functions that refuse every input: their results are complex.
REFUSING = {"imag"}


def function_of(library, name):
    """`softmax`, `linalg.det`, or `.view`, the method."""
    if name.startswith("."):
        return getattr(library.Tensor, name[1:])
    return reduce(getattr, name.split("."), library)


def translated(x, library, tensor):
    """Arrays as Tensors, words as dtypes of a library, in whatever holds them."""
    if isinstance(x, np.ndarray):
        return tensor(x)
    if isinstance(x, Word):
        return getattr(library, x.name)
    if isinstance(x, Constant):
        return library.tensor(x.array)
    if isinstance(x, list | tuple):
        return type(x)(translated(part, library, tensor) for part in x)
    if isinstance(x, dict):
        return {key: translated(part, library, tensor) for key, part in x.items()}
    return x


class Run:
    """A call of one library: its leaves, and its results one after the other."""

    def __init__(self, library, name, args, kwargs, of):
        self.leaves = []
        self.library = library
        args = translated(args, library, self.tensor)
        kwargs = translated(kwargs, library, self.tensor)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.results = list(_flat(of(function_of(library, name)(*args, **kwargs))))

    def tensor(self, array):
        x = torch.from_numpy(array.copy(order="K")) if self.library is torch else Tensor(array)
        if array.dtype.kind == "f":
            x.requires_grad_()
            self.leaves.append(x)
        return x

    def gradients(self, results, seed):
        """The gradients of a weighted sum of results, or None."""
        rng = np.random.default_rng(seed)
        total = 0
        for x in results:
            weight = rng.normal(size=tuple(x.shape))
            total = total + (x * self.library.tensor(weight, dtype=x.dtype)).sum()
        if not results or not total.requires_grad:
            return [None] * len(self.leaves)
        return self.library.autograd.grad(total, self.leaves, create_graph=True, allow_unused=True)


def _flat(result):
    return [part for each in result for part in _flat(each)] if isinstance(result, list | tuple) else [result]


def numbers(x):
    return x.detach().numpy(force=True)


def assert_same(mine, theirs, tolerance, *, random=False):
    assert len(mine) == len(theirs)
    for x, y in zip(mine, theirs):
        if not isinstance(y, torch.Tensor):
            same = (x.item() if isinstance(x, Tensor) else x) == y
            assert same or str(x) == str(y).removeprefix("torch.")  # a dtype
            continue
        assert tuple(x.shape) == tuple(y.shape)
        assert numbers(x).dtype == numbers(y).dtype
        if not random:
            loose = max(tolerance, 2e-4 if numbers(y).dtype == np.float32 else 0)
            np.testing.assert_allclose(numbers(x), numbers(y), rtol=loose, atol=loose)


def assert_same_gradients(mine, theirs, tolerance):
    for g, h in zip(mine, theirs, strict=True):
        if g is None or h is None:
            other = h if g is None else g
            assert other is None or np.abs(numbers(other)).max(initial=0) < 1e-6
        else:
            assert_same([g], [h], tolerance)


@pytest.mark.parametrize("name", sorted(CASES))
@given(data=st.data())
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_function_is_that_of_pytorch(name, data):
    case = CASES[name]
    args, kwargs = case.draw(data.draw)

    mine, theirs = Run(ours, name, args, kwargs, case.of), Run(torch, name, args, kwargs, case.of)

    assert_same(mine.results, theirs.results, case.tolerance, random=case.random)
    if case.random or case.derivatives == 0:
        return
    results = [
        (x, y)
        for x, y in zip(mine.results, theirs.results)
        if isinstance(y, torch.Tensor) and y.requires_grad
    ]
    first = mine.gradients([x for x, _ in results], 1), theirs.gradients([y for _, y in results], 1)
    assert_same_gradients(*first, case.tolerance)
    if case.derivatives == 1:
        return
    tracked = [(g, h) for g, h in zip(*first) if not (g is None or h is None) and h.requires_grad]
    second = mine.gradients([g for g, _ in tracked], 2), theirs.gradients([h for _, h in tracked], 2)
    assert_same_gradients(*second, 100 * case.tolerance)


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
        results = [x for x in _flat(found) if x.requires_grad]
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
