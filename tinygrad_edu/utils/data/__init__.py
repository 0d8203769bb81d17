"""Datasets, samplers and the loader that makes batches of them, as `torch.utils.data`."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.utils.data.collation import default_collate, default_convert
from tinygrad_edu.utils.data.dataloader import DataLoader
from tinygrad_edu.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from tinygrad_edu.utils.data.distributed import DistributedSampler
from tinygrad_edu.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from tinygrad_edu.utils.data.worker_info import get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
