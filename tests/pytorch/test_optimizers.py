"""Every optimizer against PyTorch's, over PyTorch's own table of configurations and of errors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from tinygrad_edu import optim, tensor

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
table = pytest.importorskip("torch.testing._internal.common_optimizers", reason="PyTorch has no such table")

SHAPES = [(3, 4), (5, 2), (4,), ()]
REFUSED = {"SparseAdam"}  # gradients are dense here
OPTIMIZERS = {entry.optim_cls.__name__: entry for entry in table.optim_db}


def in_double(settings):
    """With Tensors of float64: a learning rate of float32 makes PyTorch compute in float32, and a rule here not."""
    return {key: x.double() if isinstance(x, torch.Tensor) else x for key, x in settings.items()}


CONFIGURATIONS = [
    pytest.param(name, in_double(given.kwargs), id=f"{name}-{given.desc}")
    for name, entry in OPTIMIZERS.items()
    if name not in REFUSED
    for given in entry.optim_inputs_func(device="cpu")
]
STEPS = 40
TOLERANCES = {"float64": {"rtol": 1e-12, "atol": 1e-13}, "float32": {"rtol": 1e-5, "atol": 1e-6}}


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here: step counts, too."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(autouse=True)
def no_bfloat16(monkeypatch):
    """Muon of PyTorch computes in bfloat16, which NumPy has not: here in the dtype of the parameter."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda x: x)


def translated(x):
    """A setting or a parameter of PyTorch as one of this library."""
    if isinstance(x, torch.Tensor):
        return tensor(x.detach().numpy(), requires_grad=x.requires_grad)
    if isinstance(x, dict):
        return {key: translated(y) for key, y in x.items()}
    return type(x)(map(translated, x)) if isinstance(x, list | tuple) else x


class Pair:
    """The same optimizer on the same parameters in both libraries."""

    def __init__(self, name, settings, dtype="float64"):
        rng = np.random.default_rng(0)
        shapes = [shape for shape in SHAPES if name != "Muon" or len(shape) == 2]
        start = [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]
        self.theirs = [torch.nn.Parameter(torch.tensor(x)) for x in start]
        self.ours = [tensor(x, requires_grad=True) for x in start]
        self.targets = [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]
        self.noise = [np.asarray(rng.normal(size=(STEPS, *shape)), dtype) for shape in shapes]
        self.optimizers = (
            getattr(torch.optim, name)(self.theirs, **settings),
            getattr(optim, name)(self.ours, **translated(settings)),
        )

    def step(self, i):
        """A step with drawn gradients; L-BFGS, which asks for losses, one towards the targets."""
        theirs, ours = self.optimizers
        if isinstance(ours, optim.LBFGS):
            theirs.step(lambda: self.loss(theirs, self.theirs, torch.tensor))
            ours.step(lambda: self.loss(ours, self.ours, tensor))
            return
        for p, q, noise in zip(self.theirs, self.ours, self.noise, strict=True):
            p.grad, q.grad = torch.tensor(noise[i]), tensor(noise[i])
        theirs.step()
        ours.step()

    def loss(self, optimizer, parameters, made):
        optimizer.zero_grad()
        pairs = zip(parameters, self.targets, strict=True)
        loss = sum(((p - made(t)) ** 2).sum() + 0.1 * ((p - made(t)) ** 4).sum() for p, t in pairs)
        loss.backward()
        return loss

    def assert_close(self, **tolerance):
        for p, q in zip(self.theirs, self.ours, strict=True):
            np.testing.assert_allclose(q.raw, p.detach().numpy(), **tolerance)


def test_every_optimizer_of_pytorch_is_here_or_refused_in_words():
    assert {name for name in OPTIMIZERS if not hasattr(optim, name)} == REFUSED
    with pytest.raises(AttributeError, match="all gradients are dense here: use optim"):
        optim.SparseAdam  # noqa: B018


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS)
def test_many_steps_are_pytorchs(name, settings, dtype):
    pair = Pair(name, settings, dtype)

    for i in range(STEPS):
        pair.step(i)

    pair.assert_close(**TOLERANCES[dtype])


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in REFUSED])
def test_arguments_and_defaults_are_pytorchs(name):
    theirs, ours = (
        {key: x.default for key, x in inspect.signature(getattr(library, name)).parameters.items()}
        for library in (torch.optim, optim)
    )

    assert list(ours) == list(theirs)
    assert ours == theirs


# State.


@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS)
def test_the_state_has_pytorchs_layout(name, settings):
    pair = Pair(name, settings)
    pair.step(0)

    theirs, ours = (optimizer.state_dict() for optimizer in pair.optimizers)

    assert [group.keys() for group in ours["param_groups"]] == [
        group.keys() for group in theirs["param_groups"]
    ]
    assert [group["params"] for group in ours["param_groups"]] == [
        group["params"] for group in theirs["param_groups"]
    ]
    for i, kept in theirs["state"].items():
        assert ours["state"][i].keys() == kept.keys() - {"al"}  # what a step of L-BFGS works with
        for key, value in kept.items():
            if isinstance(value, torch.Tensor):
                np.testing.assert_allclose(ours["state"][i][key], value, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS)
def test_a_state_of_pytorch_is_gone_on_from(name, settings):
    pair, other = Pair(name, settings), Pair(name, settings)
    for i in range(5):
        pair.step(i)

    other.optimizers[1].load_state_dict(pair.optimizers[0].state_dict())
    for p, q in zip(pair.theirs, other.ours, strict=True):
        q.data = p.detach().numpy()
    pair.ours, pair.optimizers = other.ours, (pair.optimizers[0], other.optimizers[1])
    for i in range(5, 10):
        pair.step(i)

    pair.assert_close(rtol=1e-11, atol=1e-12)


def in_pytorch(x):
    """A state of this library with PyTorch's tensors."""
    if isinstance(x, dict):
        return {key: in_pytorch(y) for key, y in x.items()}
    if isinstance(x, list):
        return list(map(in_pytorch, x))
    return torch.tensor(x.numpy()) if hasattr(x, "raw") else x


@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS)
def test_pytorch_goes_on_from_a_state_of_this_library(name, settings):
    pair, other = Pair(name, settings), Pair(name, settings)
    for i in range(5):
        pair.step(i)

    other.optimizers[0].load_state_dict(in_pytorch(pair.optimizers[1].state_dict()))
    with torch.no_grad():
        for p, q in zip(other.theirs, pair.ours, strict=True):
            p.copy_(torch.tensor(q.raw))
    pair.theirs, pair.optimizers = other.theirs, (other.optimizers[0], pair.optimizers[1])
    for i in range(5, 10):
        pair.step(i)

    pair.assert_close(rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in REFUSED])
def test_it_is_printed_as_by_pytorch(name):
    theirs, ours = Pair(name, {}).optimizers

    assert repr(ours) == repr(theirs)


# Errors.

ERRORS = [
    pytest.param(name, given, id=f"{name}-{given.optimizer_error_input.desc}")
    for name, entry in OPTIMIZERS.items()
    if name not in REFUSED
    for given in entry.optim_error_inputs_func(device="cpu", dtype=torch.float64)
    if "complex" not in given.optimizer_error_input.desc
]


def same_parameters(params):
    """The parameters of an error input, each Tensor one Tensor here, wherever it stands."""
    known = {}

    def one(x):
        if isinstance(x, torch.Tensor):
            return known.setdefault(id(x), translated(x))
        if isinstance(x, dict):
            return {key: one(y) for key, y in x.items()}
        return type(x)(map(one, x)) if isinstance(x, list | tuple) else x

    return one(params)


@pytest.mark.parametrize(("name", "given"), ERRORS)
def test_what_pytorch_refuses_is_refused(name, given):
    wrong = given.optimizer_error_input
    params = [tensor(1.0, requires_grad=True)] if wrong.params is None else same_parameters(wrong.params)

    with pytest.raises((ValueError, TypeError), match=f"^{name} needs "):
        getattr(optim, name)(params, **translated(wrong.kwargs))
