"""How the samples of a batch become one: arrays side by side, numbers as an array, lists and dicts part by part."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.tensor.creation import as_tensor
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.tensor import Tensor, tensor


def default_collate(batch: Any) -> Any:
    """One batch of a list of samples.

    Tensors and arrays of one shape: stacked along a new first dimension, in their dtype; Python floats: float64, ints:
    int64, bools: bool; strings and bytes: a list; dicts, lists, tuples and named tuples: of batches, part by part
    (tuples become lists). Raises `TypeError` for samples of another kind.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        _check_shapes(batch)
        return stack(batch)
    if isinstance(first, np.ndarray | np.generic):
        return _of_arrays(first, batch)
    if isinstance(first, float):
        return tensor(batch, dtype=np.float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _rebuilt(first, {key: default_collate([sample[key] for sample in batch]) for key in first})
    if isinstance(first, Sequence):
        return _of_sequences(first, batch)
    raise _other_kind(type(first).__name__)


def _other_kind(kind: str) -> TypeError:
    return TypeError(
        f"default_collate needs samples of Tensors, arrays, numbers, strings, dicts and lists, got {kind}; "
        "pass DataLoader a collate_fn that makes a batch of them"
    )


def _of_arrays(first: Any, batch: Any) -> Any:
    if first.dtype.kind not in "biuf":
        raise _other_kind(f"an array of {first.dtype}")
    if first.shape == ():
        return as_tensor(np.array(batch, dtype=first.dtype))
    _check_shapes(batch)
    return as_tensor(np.stack(batch))


def _check_shapes(batch: Any) -> None:
    """Raise `ValueError` unless all samples have one shape; those of another kind are refused later."""
    shapes = [sample.shape for sample in batch if hasattr(sample, "shape")]
    if len(set(shapes)) > 1:
        raise ValueError(
            f"default_collate needs samples of one shape, got {', '.join(map(str, shapes))}; pass DataLoader a "
            "collate_fn that makes them equal, with nn.utils.rnn.pad_sequence, say"
        )


def _of_sequences(first: Any, batch: Any) -> Any:
    lengths = [len(sample) for sample in batch]
    if len(set(lengths)) > 1:
        raise RuntimeError(
            f"default_collate needs samples of equal length, got lengths {lengths}; pass DataLoader a collate_fn"
        )
    parts = [default_collate(part) for part in zip(*batch)]
    if isinstance(first, tuple):
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    return _rebuilt(first, parts)


def _rebuilt(like: Any, parts: Any) -> Any:
    """`parts`, a list or a dict, as an object of the kind of `like`, with its other attributes if it can be changed."""
    if type(like) in (list, dict):
        return parts
    try:
        if isinstance(like, MutableMapping):
            result: Any = copy.copy(like)
            result.update(parts)
            return result
        if isinstance(like, MutableSequence):
            result = copy.copy(like)
            result[:] = parts
            return result
        return type(like)(parts)
    except TypeError:  # a kind that cannot be copied or called with its parts
        return parts


def default_convert(data: Any) -> Any:
    """A single sample with its arrays as Tensors; everything else as it is, and tuples as lists."""
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in "biuf":
        return as_tensor(data)
    if isinstance(data, Mapping):
        return _rebuilt(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple):
        parts = [default_convert(part) for part in data]
        return type(data)(*parts) if hasattr(data, "_fields") else parts
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _rebuilt(data, [default_convert(part) for part in data])
    return data
