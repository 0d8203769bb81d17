"""PyTorch's own samples of its operators, run here: values, first and second derivatives, and inputs to refuse.

Run as a program with names of operators, it tries all samples and prints each failure:
`python tests/pytorch/operator_samples.py softmax`.
"""

from __future__ import annotations

import inspect
import math
import sys
import warnings
from collections import Counter, defaultdict
from functools import reduce

import numpy as np
import torch
from torch.testing._internal import common_utils
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo import core

import tinygrad_edu as ours
from tinygrad_edu import Tensor

# Two looks at the call stack that take most of the time of a sample: PyTorch looks for the test that asks for it, and
# keeps a traceback of each seed, once for each of three devices that are not there.
common_utils.extract_test_fn = core.extract_test_fn = lambda: None
torch.random._manual_seed_impl = lambda seed: torch.default_generator.manual_seed(int(seed))

FLOATS = (torch.float64, torch.float32)
OTHERS = (torch.int64, torch.uint8, torch.bool)
NOT_HERE = (torch.bfloat16, torch.complex32, torch.complex64, torch.complex128)  # refused in words
TOLERANCE = {torch.float64: 1e-8, torch.float32: 3e-4}
# What is random, or not defined: only shape and dtype are compared.
RANDOM = {
    "nn.functional.multi_head_attention_forward",  # half of its samples drop numbers
    *("bernoulli", "cauchy", "empty", "empty_like", "exponential", "geometric", "log_normal"),
    *(
        "multinomial",
        "new_empty",
        "nn.functional.alpha_dropout",
        "nn.functional.dropout",
        "nn.functional.dropout2d",
    ),
    *(
        "nn.functional.dropout3d",
        "nn.functional.feature_alpha_dropout",
        "nn.functional.rrelu",
    ),
    *("normal", "rand_like", "randint", "randint_like", "randn", "randn_like", "uniform"),
}
# Whose samples have the tensor first.
AS_METHOD = {"where", "polygamma", "special.polygamma"}
# Whose indices of equal numbers PyTorch leaves open; only whole numbers are equal in its samples.
OF_EQUALS = {"argsort", "kthvalue", "sort", "topk"}
# Whose samples have the tensor second.
SWAPPED = {"nn.functional.embedding", "nn.functional.embedding_bag"}
# Whose results are unique up to a sign: compared as the samples say, by functions that do not depend on it.
UP_TO_A_SIGN = {"svd", "linalg.svd", "linalg.eigh"}
# Samples that PyTorch hands to a function of its own, with this library's functions in it.
WRAPPED = {
    "einsum": lambda tensors, equation: ours.einsum(equation, tensors),
    "linalg.pinv/singular": lambda a, b: ours.linalg.pinv(a @ b.mT),
    "linalg.lstsq/grad_oriented": lambda a, b, driver: ours.linalg.lstsq(a, b, driver=driver)[:2],
}
# Of which one triangle of an argument is read: PyTorch's own tests make it symmetric, or triangular, too.
SYMMETRIC = {"linalg.pinv/hermitian"}
TRIANGULAR = {"cholesky_inverse": 0, "cholesky_solve": 1}
OVERWRITING = {"cauchy", "exponential", "geometric", "log_normal", "uniform", "fill", "zero_"}


def found(op):
    """The function or method of this library with the name of an operator; None if it is not there."""
    if variant(op) in WRAPPED:
        return WRAPPED[variant(op)]
    *modules, name = op.name.split(".")
    if op.name in OVERWRITING or op.variant_test_name == "in_place":
        return overwriting(name.rstrip("_") + "_")
    place = reduce(lambda x, part: getattr(x, part, None), modules, ours)
    function = getattr(place, name, None)
    if op.name in AS_METHOD or (not callable(function) and not modules):  # float is a dtype, and a method
        function = getattr(Tensor, name, None)
    return function if callable(function) or inspect.isdatadescriptor(function) else None


def overwriting(name):
    """A method that overwrites, on a copy: PyTorch's samples are leaves, which both libraries refuse."""
    method = getattr(Tensor, name, None)
    return method and (lambda x, *args, **options: method(x.clone(), *args, **options))


def variant(op):
    """Its name, and that of its variant: `linalg.pinv/hermitian`."""
    return f"{op.name}/{op.variant_test_name}".rstrip("/")


def prepared(op, args, kwargs):
    """The arguments of a function that reads one triangle, made symmetric or triangular."""
    if variant(op) in SYMMETRIC:
        return [args[0] + args[0].mT, *args[1:]]
    if op.name in TRIANGULAR:
        place = TRIANGULAR[op.name]
        ones = np.ones(args[place].shape[-2:], dtype=bool)
        mask = np.triu(ones) if kwargs.get("upper") else np.tril(ones)
        like = args[place] == args[place]
        return [x * (like * type(x)(mask)).to(x.dtype) if i == place else x for i, x in enumerate(args)]
    return args


def called(function, args, kwargs):
    if inspect.isdatadescriptor(function):
        return function.__get__(args[0])
    return function(*args, **kwargs)


def translated(x, leaves=None):
    """Tensors, dtypes and devices of PyTorch as those of this library, in whatever holds them."""
    if isinstance(x, torch.Tensor):
        return _tensor(x, leaves)
    if isinstance(x, torch.dtype | torch.layout | torch.memory_format):
        return getattr(ours, str(x).removeprefix("torch."))
    if isinstance(x, torch.device):
        return ours.device(str(x))
    if isinstance(x, torch.Generator):
        return ours.Generator()
    if isinstance(x, torch.Size):
        return tuple(x)
    if isinstance(x, list | tuple):
        return type(x)(translated(part, leaves) for part in x)
    if isinstance(x, dict):
        return {key: translated(part, leaves) for key, part in x.items()}
    return x


def _tensor(x, leaves):
    if x.dtype.is_complex or x.is_sparse:
        raise NotImplementedError(f"{x.dtype} {x.layout}")
    array = x.detach().resolve_neg().numpy()
    # A part of a larger memory is one here, too; whatever stands around it.
    mine = Tensor(np.stack([array, array]))[1].detach() if x.storage_offset() else Tensor(array)
    if x.requires_grad:
        mine.requires_grad = True
        if leaves is not None:
            leaves.append((x, mine))
    return mine


def parts(result):
    """All results, one after the other: those of a tuple, of a pair, of a list of tuples."""
    if isinstance(result, list | tuple):
        return [part for each in result for part in parts(each)]
    return [result]


def compared(theirs, mine, tolerance, *, numbers=True):
    """The difference in words; empty if there is none."""
    if not isinstance(theirs, torch.Tensor):
        mine = mine.item() if isinstance(mine, Tensor) else mine
        same = theirs == mine or str(theirs).removeprefix("torch.") == str(mine)
        return "" if same or theirs != theirs else f"{theirs!r}, got {mine!r}"
    if not isinstance(mine, Tensor):
        return f"a Tensor of {theirs.dtype}, got {type(mine).__name__}"
    theirs = theirs.detach().resolve_conj().resolve_neg().numpy(force=True)
    if theirs.shape != mine.shape:
        return f"shape {theirs.shape}, got {mine.shape}"
    if theirs.dtype != mine.raw.dtype:
        return f"{theirs.dtype}, got {mine.raw.dtype}"
    with np.errstate(all="ignore"):
        close = not numbers or np.allclose(mine.raw, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)
    return "" if close else f"{theirs.ravel()[:5]}, got {mine.raw.ravel()[:5]}"


def weights(tensors, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=tuple(x.shape)).astype(x.detach().numpy().dtype) for x in tensors]


def differentiated(results, leaves, seed, create_graph):
    """The gradients of a weighted sum of results by PyTorch."""
    grad_outputs = [torch.tensor(w) for w in weights(results, seed)]
    return torch.autograd.grad(results, leaves, grad_outputs, allow_unused=True, create_graph=create_graph)


def differentiated_here(results, like, leaves, seed, create_graph):
    """The same by this library."""
    total = sum((x * Tensor(w)).sum() for x, w in zip(results, weights(like, seed)))
    if not getattr(total, "requires_grad", False):
        return [None] * len(leaves)
    return ours.autograd.grad(total, leaves, create_graph=create_graph, allow_unused=True)


def gradients_compared(what, theirs, mine, tolerance):
    for g, h in zip(theirs, mine):
        if g is None or h is None:
            if (g is not None and g.detach().any()) or (h is not None and h.detach().any()):
                return f"{what}: {g}, got {h}"
        elif difference := compared(g, h, max(tolerance, 1e-7)):
            return f"{what}: {difference}"
    return ""


def try_sample(op, function, sample, dtype):
    """What is wrong with this library's result for a sample: a kind and words; None if nothing is."""
    leaves = []
    up_to_sign = sample.output_process_fn_grad if op.name in UP_TO_A_SIGN else lambda result: result
    try:
        args = [translated(x, leaves) for x in (sample.input, *sample.args)]
        kwargs = translated(sample.kwargs, leaves)
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        return "argument", f"{type(error).__name__}: {error}"
    try:
        theirs = parts(
            up_to_sign(op(*prepared(op, [sample.input, *sample.args], sample.kwargs), **sample.kwargs))
        )
    except Exception:
        return None
    if any(isinstance(x, torch.Tensor) and x.dtype in NOT_HERE for x in theirs):
        return None
    try:
        if op.name in SWAPPED:
            args[:2] = args[1::-1]
        mine = parts(up_to_sign(called(function, prepared(op, args, kwargs), kwargs)))
    except Exception as error:
        return "refused", f"{type(error).__name__}: {error}"
    if len(theirs) != len(mine):
        return "values", f"{len(theirs)} results, got {len(mine)}"
    tolerance = TOLERANCE.get(dtype, 1e-6)
    random = op.name in RANDOM or sample.kwargs.get("dropout_p", 0) > 0
    for i, (x, y) in enumerate(zip(theirs, mine), 1):
        left_open = random or (op.name in OF_EQUALS and i == len(mine) and dtype in OTHERS)
        if difference := compared(x, y, tolerance, numbers=not left_open):
            return "values", difference
    if not leaves or random:
        return None
    return try_derivatives(op, theirs, mine, leaves, tolerance, dtype)


def try_derivatives(op, theirs, mine, leaves, tolerance, dtype):
    tracked = [(x, y) for x, y in zip(theirs, mine) if isinstance(x, torch.Tensor) and x.requires_grad]
    if not tracked:
        return None
    results, own = map(list, zip(*tracked))
    their_leaves, my_leaves = map(list, zip(*leaves))
    second = op.supports_gradgrad and dtype == torch.float64
    try:
        first = differentiated(results, their_leaves, 1, second)
    except Exception:
        return None
    try:
        my_first = differentiated_here(own, results, my_leaves, 1, second)
    except Exception as error:
        return "no derivative", f"{type(error).__name__}: {error}"
    if difference := gradients_compared("first derivative", first, my_first, tolerance):
        return "derivatives", difference
    if not second:
        return None
    tracked = [(g, h) for g, h in zip(first, my_first) if g is not None and g.requires_grad and h is not None]
    if not tracked:
        return None
    results, own = map(list, zip(*tracked))
    try:
        second = differentiated(results, their_leaves, 2, False)
    except Exception:
        return None
    try:
        my_second = differentiated_here(own, results, my_leaves, 2, False)
    except Exception as error:
        return "no second derivative", f"{type(error).__name__}: {error}"
    difference = gradients_compared("second derivative", second, my_second, 100 * tolerance)
    return ("second derivatives", difference) if difference else None


def try_errors(op, function):
    """The inputs that PyTorch refuses and this library takes."""
    if op.error_inputs_func is None:
        return
    for case in op.error_inputs("cpu"):
        sample = case.sample_input
        try:
            args = [translated(x) for x in (sample.input, *sample.args)]
            kwargs = translated(sample.kwargs)
        except (NotImplementedError, AttributeError, TypeError, ValueError):
            continue
        try:
            op(sample.input, *sample.args, **sample.kwargs)
        except Exception:
            pass
        else:
            continue  # PyTorch takes it, too
        try:
            called(function, args, kwargs)
        except Exception:
            yield None
        else:
            yield "taken", f"{case.error_regex!s:.90}: {sample.args} {sample.kwargs}"[:250]


def drawn(samples, most):
    """At most so many samples, drawn at random; always the same ones."""
    if len(samples) <= most:
        return samples
    return [samples[i] for i in sorted(np.random.default_rng(0).choice(len(samples), most, replace=False))]


def failures(op, function, most=math.inf):
    """The count of samples tried, at most so many of a dtype, and how many failed in which way."""
    tried, failed = 0, Counter()
    for dtype in (*FLOATS, *OTHERS):
        if dtype not in op.dtypes:
            continue
        differentiable = dtype.is_floating_point and op.supports_autograd
        try:
            samples = list(op.sample_inputs("cpu", dtype, requires_grad=differentiable))
        except Exception:
            continue
        for sample in drawn(samples, most):
            tried += 1
            problem = try_sample(op, function, sample, dtype)
            if problem is not None:
                failed[(problem[0], f"{dtype} {problem[1]}"[:230])] += 1
    for problem in try_errors(op, function):
        tried += 1
        if problem is not None:
            failed[problem] += 1
    return tried, failed


def main(names):
    warnings.simplefilter("ignore")
    total, by_kind, present, missing = 0, defaultdict(int), set(), []
    for op in op_db:
        if names and op.name not in names and not any(op.name.startswith(n + ".") for n in names):
            continue
        function = found(op)
        if function is None:
            missing.append(op.name)
            continue
        present.add(op.name)
        tried, failed = failures(op, function)
        total += tried
        for (kind, words), count in failed.items():
            by_kind[kind] += count
            print(f"{op.name}{op.variant_test_name and '/' + op.variant_test_name}: {count} {kind}: {words}")
    print(f"{len(present)} operators, {total} samples, wrong: {dict(by_kind)}; missing: {' '.join(missing)}")


if __name__ == "__main__":
    np.seterr(all="ignore")
    torch.set_default_dtype(torch.float64)  # as here
    main(sys.argv[1:])
