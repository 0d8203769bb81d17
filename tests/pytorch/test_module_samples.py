"""PyTorch's own samples of its modules: results, gradients, buffers, state, print, and what must be refused."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest

import tinygrad_edu as ours

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
layer_examples = importlib.import_module("tinygrad_edu.testing.module_examples")
samples = importlib.import_module("tests.pytorch.module_samples")

PRESENT = samples.found()
# How many samples differ, and why.
KNOWN = {
    **dict.fromkeys(["GRU", "LSTM", "RNN"], (1, "floats of two widths are taken, and meet in the wider one")),
    "CrossEntropyLoss": (1, "a mean over no examples is refused, where PyTorch has nan"),
    "NLLLoss": (1, "floats of two widths are taken"),
}
# Parameters of constructors that only one of the two libraries has.
OWN_OPTIONS = {"generator"}
NOT_HERE = {"Hardtanh": {"min_value", "max_value"}}  # deprecated there


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_all_modules_but_a_few_are_present():
    assert len(PRESENT) >= 110


@pytest.mark.filterwarnings("ignore")  # of PyTorch, of NumPy and of this library: edge values are meant
@pytest.mark.parametrize("name", PRESENT)
def test_samples_agree(name):
    with np.errstate(all="ignore"):
        tried, failed = samples.failures(PRESENT[name])

    assert tried
    assert sum(failed.values()) <= KNOWN.get(name, (0, ""))[0], dict(failed)


def parameters(kind):
    """Names, defaults and ways to pass the parameters of a constructor."""
    found = inspect.signature(kind).parameters.values()
    return {p.name: (p.default if not callable(p.default) else "function", p.kind) for p in found}


LAYERS = [
    name
    for name in ours.nn.__all__
    if not name.startswith("Lazy")  # whose constructor is that of another class, without the first parameter
    and inspect.isclass(getattr(torch.nn, name, None))
    and issubclass(getattr(torch.nn, name), torch.nn.Module)
]


@pytest.mark.parametrize("name", LAYERS)
def test_constructors_have_pytorchs_parameters(name):
    theirs, mine = (parameters(getattr(nn, name)) for nn in (torch.nn, ours.nn))
    if any(kind is inspect.Parameter.VAR_POSITIONAL for _, kind in theirs.values()):
        return  # PyTorch does not say

    wanted = {key: value for key, value in theirs.items() if key not in NOT_HERE.get(name, ())}

    assert {key: value for key, value in mine.items() if key not in OWN_OPTIONS} == wanted
    assert [key for key in mine if key not in OWN_OPTIONS] == list(wanted)


# The examples of tinygrad_edu/testing/module_examples.py, of layers that PyTorch's samples leave out, too.

CONSTANT_TARGET = {"SoftMarginLoss"}  # of which PyTorch has no derivative
EXAMPLES = [
    name
    for name, (make, _) in layer_examples.EXAMPLES.items()
    if hasattr(torch.nn, name) and not inspect.isfunction(make)
]


def there(x):
    """Arguments of this library as those of PyTorch."""
    return torch.tensor(x.raw) if isinstance(x, ours.Tensor) else x


def examples_of(name, training):
    """The layer of an example in both libraries, and its inputs, those of floats with gradients."""
    make, inputs = layer_examples.EXAMPLES[name]
    args, named = getattr(make, "args", ()), getattr(make, "keywords", {})
    named = {key: there(x) for key, x in named.items()}
    theirs = getattr(torch.nn, name)(*map(there, args), **named).train(training)
    mine = make().train(training)
    given = inputs(np.random.default_rng(0))
    for x in given[:1] if name in CONSTANT_TARGET else given:
        x.requires_grad_(x.dtype.kind == "f")
    leaves = [(there(x).requires_grad_(x.requires_grad), x) for x in given]
    return theirs, mine, leaves


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_agree(name, training):
    theirs, mine, inputs = examples_of(name, training)

    assert samples.state_compared(theirs, mine) is None
    results, own = (samples.parts(net(*given)) for net, given in zip((theirs, mine), zip(*inputs)))
    leaves = [(x, y) for x, y in inputs if x.requires_grad]
    assert samples.compare_runs(theirs, mine, results, own, leaves) is None


# Starting values: their distribution is PyTorch's.
STARTS = {
    "Linear": lambda nn: nn.Linear(50, 400),
    "Bilinear": lambda nn: nn.Bilinear(20, 30, 40),
    "Conv2d": lambda nn: nn.Conv2d(12, 60, (3, 5), groups=2),
    "ConvTranspose2d": lambda nn: nn.ConvTranspose2d(12, 60, (3, 5), groups=2),
    "Embedding": lambda nn: nn.Embedding(200, 50, padding_idx=3),
    "EmbeddingBag": lambda nn: nn.EmbeddingBag(200, 50),
    "PReLU": lambda nn: nn.PReLU(3, 0.1),
    "BatchNorm2d": lambda nn: nn.BatchNorm2d(4),
    "LayerNorm": lambda nn: nn.LayerNorm((3, 4)),
}


@pytest.mark.parametrize("name", STARTS)
def test_starting_values_have_pytorchs_distribution(name):
    torch.manual_seed(0)
    ours.manual_seed(0)

    theirs, mine = (dict(STARTS[name](nn).named_parameters()) for nn in (torch.nn, ours.nn))

    assert theirs.keys() == mine.keys()
    for key, parameter in theirs.items():
        a, b = np.sort(parameter.detach().numpy().ravel()), np.sort(mine[key].raw.ravel())
        assert abs(a.std() - b.std()) <= 0.12 * a.std() + 1e-12
        assert abs(np.abs(a).max() - np.abs(b).max()) <= 0.25 * np.abs(a).max()
        assert (a == 0).sum() == (b == 0).sum()
