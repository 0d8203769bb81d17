"""DistributedSampler: the share of one process in the samples of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any

from tinygrad_edu.tensor.arguments import ANY, whole_number
from tinygrad_edu.tensor.processes import PEERS
from tinygrad_edu.tensor.random_tensors import Generator, randperm
from tinygrad_edu.utils.data.sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every `num_replicas`-th sample from number `rank` on, of an order that all processes shuffle alike.

    All processes get equally many: the first samples are repeated at the end, or the last are dropped with
    `drop_last`. The order depends on `seed` and on the epoch, see `set_epoch`. Unless given, `num_replicas` is the
    number of processes of `tinygrad-edu launch`, else 1, and `rank` which of them this is, from 0.
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        name = "DistributedSampler"
        self.num_replicas = whole_number(
            name, "num_replicas", PEERS.count if num_replicas is None else num_replicas, least=1
        )
        self.rank = whole_number(name, "rank", PEERS.number if rank is None else rank, least=ANY)
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"{name} needs rank from 0 to {self.num_replicas - 1}, got {rank}")
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = (
            dataset,
            shuffle,
            seed,
            drop_last,
            0,
        )

    @property
    def num_samples(self) -> int:
        """How many samples each process gets."""
        count = len(self.dataset)
        return count // self.num_replicas if self.drop_last else -(-count // self.num_replicas)

    @property
    def total_size(self) -> int:
        """How many samples all processes get together."""
        return self.num_samples * self.num_replicas

    def __iter__(self) -> Iterator[Any]:
        count = len(self.dataset)
        order = list(range(count))
        if self.shuffle:
            order = randperm(count, generator=Generator().manual_seed(self.seed + self.epoch)).tolist()
        return (order[i % count] for i in range(self.rank, self.total_size, self.num_replicas))

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch; without this call every epoch has the same order."""
        self.epoch = epoch
