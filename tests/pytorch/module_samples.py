"""PyTorch's own samples of its modules, run here: results, gradients, buffers, state, and arguments to refuse.

Run as a program with names of modules, it prints each failure: `python tests/pytorch/module_samples.py Conv2d Linear`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import warnings
from collections import Counter

import numpy as np
import torch
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.utils.rnn import PackedSequence
from torch.testing._internal.common_modules import ModuleErrorEnum, module_db

import tinygrad_edu as ours
from tests.pytorch.operator_samples import (
    compared,
    differentiated,
    differentiated_here,
    gradients_compared,
    parts,
    translated,
)

TOLERANCE = 1e-8
DTYPE = torch.float64
# Modules that samples hand to the constructor of another one: how they were made is kept on them.
MADE_INSIDE = [torch.nn.TransformerEncoderLayer, torch.nn.TransformerDecoderLayer, torch.nn.LayerNorm]


def found():
    """PyTorch's samples by the names of the modules that this library has."""
    return {
        info.module_cls.__name__: info for info in module_db if hasattr(ours.nn, info.module_cls.__name__)
    }


@contextlib.contextmanager
def recorded():
    """Keep on each module of some classes what it was made with."""
    constructors = {kind: kind.__init__ for kind in MADE_INSIDE}

    def wrapped(constructor):
        def make(self, *args, **options):
            constructor(self, *args, **options)
            self.made_with = args, options

        return make

    for kind, constructor in constructors.items():
        kind.__init__ = wrapped(constructor)
    yield
    for kind, constructor in constructors.items():
        kind.__init__ = constructor


def here(x, leaves=None):
    """Arguments of PyTorch as those of this library: tensors, modules, functions."""
    if isinstance(x, torch.nn.Module):
        args, options = x.made_with
        return getattr(ours.nn, type(x).__name__)(*here(args), **here(options))
    if isinstance(x, torch.nn.LinearCrossEntropyOptions):
        return ours.nn.LinearCrossEntropyOptions(**dataclasses.asdict(x))
    if isinstance(x, PackedSequence):
        return ours.nn.utils.rnn.PackedSequence(*[here(part, leaves) for part in x])
    if (
        callable(x)
        and getattr(x, "__module__", "").startswith("torch")
        and not isinstance(x, type | torch.Tensor)
    ):
        return getattr(ours.nn.functional, x.__name__, None) or getattr(ours, x.__name__)
    for given, own in leaves or ():
        if given is x:  # the same tensor twice
            return own
    if type(x) in (list, tuple):
        return type(x)(here(part, leaves) for part in x)
    if type(x) is dict:
        return {key: here(part, leaves) for key, part in x.items()}
    return translated(x, leaves)


def samples_of(info, training):
    torch.manual_seed(0)
    with recorded():
        return info.module_inputs_func(
            info, device="cpu", dtype=DTYPE, requires_grad=info.supports_gradgrad or True, training=training
        )


def draws(module):
    """True if the module draws random numbers while training."""
    return any(part.training and draws_itself(part) for part in module.modules())


def draws_itself(part):
    if isinstance(part, torch.nn.modules.dropout._DropoutNd):
        return part.p > 0
    share = getattr(part, "dropout", 0)
    return isinstance(part, torch.nn.RReLU) or (isinstance(share, float | int) and share > 0)


def try_sample(info, sample, training):
    """What is wrong with this library's module for a sample: a kind and words; None if nothing is."""
    made_with = sample.constructor_input
    theirs = info.module_cls(*made_with.args, **made_with.kwargs).to(DTYPE).train(training)
    leaves = []
    try:
        mine = getattr(ours.nn, info.module_cls.__name__)(*here(made_with.args), **here(made_with.kwargs))
        mine.train(training)
    except Exception as error:
        return "constructor", f"{type(error).__name__}: {error}"
    their_inputs = sample.forward_input
    if isinstance(theirs, LazyModuleMixin):  # whose parameters have no shape before the first call
        theirs(*their_inputs.args, **their_inputs.kwargs)
        mine(*here(tuple(their_inputs.args)), **here(dict(their_inputs.kwargs)))
    if problem := state_compared(theirs, mine):
        return problem
    args, options = here(tuple(their_inputs.args), leaves), here(dict(their_inputs.kwargs), leaves)
    try:
        results = parts(theirs(*their_inputs.args, **their_inputs.kwargs))
    except Exception:
        return None
    try:
        own = parts(mine(*args, **options))
    except Exception as error:
        return "refused", f"{type(error).__name__}: {error}"
    return compare_runs(theirs, mine, results, own, leaves)


def state_compared(theirs, mine):
    """The difference of repr and state, which then is loaded."""
    if repr(theirs) != repr(mine):
        return "repr", f"{theirs!r}, got {mine!r}"
    state = theirs.state_dict()
    if list(state) != list(mine.state_dict()):
        return "state", f"{list(state)}, got {list(mine.state_dict())}"
    names = [[name for name, _ in module.named_parameters()] for module in (theirs, mine)]
    if names[0] != names[1]:
        return "parameters", f"{names[0]}, got {names[1]}"
    for name, value in mine.state_dict().items():
        if tuple(value.shape) != tuple(state[name].shape) or str(state[name].dtype) != f"torch.{value.dtype}":
            return (
                "state",
                f"{name}: {state[name].dtype} {tuple(state[name].shape)}, got {value.dtype} {value.shape}",
            )
    mine.load_state_dict({name: translated(value) for name, value in state.items()})
    return None


def compare_runs(theirs, mine, results, own, leaves):
    if len(results) != len(own):
        return "values", f"{len(results)} results, got {len(own)}"
    random = draws(theirs)
    for x, y in zip(results, own):
        if difference := compared(x, y, TOLERANCE, numbers=not random):
            return "values", difference
    if random:
        return None
    for (name, buffer), (_, own_buffer) in zip(theirs.named_buffers(), mine.named_buffers(), strict=True):
        if difference := compared(buffer, own_buffer, TOLERANCE):
            return "buffers", f"{name}: {difference}"
    return derivatives_compared(theirs, mine, results, own, leaves)


def derivatives_compared(theirs, mine, results, own, leaves):
    tracked = [(x, y) for x, y in zip(results, own) if isinstance(x, torch.Tensor) and x.requires_grad]
    pairs = [*leaves, *zip(theirs.parameters(), mine.parameters())]
    pairs = [(x, y) for x, y in pairs if x.requires_grad]
    if not tracked or not pairs:
        return None
    results, own = map(list, zip(*tracked))
    their_leaves, my_leaves = map(list, zip(*pairs))
    try:
        first = differentiated(results, their_leaves, 1, False)
    except Exception:
        return None
    try:
        my_first = differentiated_here(own, results, my_leaves, 1, False)
    except Exception as error:
        return "no derivative", f"{type(error).__name__}: {error}"
    difference = gradients_compared("first derivative", first, my_first, TOLERANCE)
    return ("derivatives", difference) if difference else None


def try_errors(info):
    """The arguments and inputs that PyTorch refuses and this library takes."""
    if info.module_error_inputs_func is None:
        return
    for case in info.module_error_inputs_func(
        info, device="cpu", dtype=DTYPE, requires_grad=False, training=False
    ):
        sample = case.module_error_input
        made_with, inputs = sample.constructor_input, sample.forward_input
        mine = None
        try:
            mine = getattr(ours.nn, info.module_cls.__name__)(*here(made_with.args), **here(made_with.kwargs))
            if case.error_on is not ModuleErrorEnum.CONSTRUCTION_ERROR:
                mine(*here(tuple(inputs.args)), **here(dict(inputs.kwargs)))
        except Exception as error:
            early = mine is None and case.error_on is not ModuleErrorEnum.CONSTRUCTION_ERROR
            yield ("refused too early", f"{error}"[:200]) if early else None
        else:
            yield "taken", f"{case.error_regex!s:.90}: {made_with.args} {made_with.kwargs}"[:250]


def failures(info):
    """The count of samples tried, and how many failed in which way."""
    tried, failed = 0, Counter()
    for training in (True, False) if info.train_and_eval_differ else (True,):
        for sample in samples_of(info, training):
            tried += 1
            if problem := try_sample(info, sample, training):
                failed[(problem[0], problem[1][:300])] += 1
    for problem in try_errors(info):
        tried += 1
        if problem is not None:
            failed[problem] += 1
    return tried, failed


def main(names):
    warnings.simplefilter("ignore")
    total, wrong, present = 0, Counter(), found()
    for name, info in present.items():
        if names and name not in names:
            continue
        tried, failed = failures(info)
        total += tried
        for (kind, words), count in failed.items():
            wrong[kind] += count
            print(f"{name}: {count} of {tried} {kind}: {words}")
    missing = {info.module_cls.__name__ for info in module_db} - present.keys()
    print(
        f"{len(present)} modules, {total} samples, wrong: {dict(wrong)}; missing: {' '.join(sorted(missing))}"
    )


if __name__ == "__main__":
    np.seterr(all="ignore")
    torch.set_default_dtype(torch.float64)  # as here
    main(sys.argv[1:])
