"""Averages of the weights on the way: stochastic weight averaging, and exponential moving averages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints.warnings import off
from tinygrad_edu.nn import BatchNorm1d, BatchNorm2d, BatchNorm3d, Module
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler, for_each_group, number
from tinygrad_edu.optim.optimizer import Optimizer
from tinygrad_edu.tensor.devices import check_device
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Tensor, Tensor, Any], Tensor]  # (average, new, how many before) -> average
Averages = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]  # the same in place, for lists


def _decay(decay: float) -> float:
    if not 0 <= decay <= 1:
        raise ValueError(f"an exponential moving average needs decay from 0 to 1, got {decay}")
    return decay


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The function `decay * average + (1 - decay) * new` for `avg_fn` of AveragedModel."""
    kept = _decay(decay)

    def ema_update(average: Tensor, new: Tensor, _: Any) -> Tensor:
        return kept * average + (1 - kept) * new

    return no_grad()(ema_update)


def get_swa_avg_fn() -> Average:
    """The function `average + (new - average) / (n + 1)`, the mean of all, for `avg_fn` of AveragedModel."""

    def swa_update(average: Tensor, new: Tensor, num_averaged: Any) -> Tensor:
        return average + (new - average) / (num_averaged + 1)

    return no_grad()(swa_update)


def _for_lists(update: Average) -> Averages:
    def updates(averages: Sequence[Tensor], news: Sequence[Tensor], num_averaged: Any) -> None:
        for average, new in zip(averages, news, strict=True):
            average.copy_(update(average, new, num_averaged))

    return no_grad()(updates)


def get_ema_multi_avg_fn(decay: float = 0.999) -> Averages:
    """The exponential moving average of lists of tensors, in place, for `multi_avg_fn` of AveragedModel."""
    return _for_lists(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> Averages:
    """The mean of lists of tensors, in place, for `multi_avg_fn` of AveragedModel."""
    return _for_lists(get_swa_avg_fn())


class AveragedModel(Module):
    """A copy of `model` with averages of its parameters: `update_parameters(model)` adds the present ones.

    The average is the mean, or what `avg_fn` makes of one average, one parameter and `n_averaged`, or `multi_avg_fn` of
    lists of them in place. Buffers are copied, or averaged with `use_buffers`. State: `n_averaged`, `module.*`.
    Raises `ValueError` if both functions are given.
    Source: Izmailov et al., Averaging weights leads to wider optima and better generalization (2018).
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Averages | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        check_device("AveragedModel", device)
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel needs avg_fn or multi_avg_fn, got both")
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", Tensor(0, int))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the model with the averaged parameters computes."""
        return self.module(*inputs, **options)

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Let the present parameters of `model` count for the averages."""
        averages, news = list(self.module.parameters()), list(model.parameters())
        buffers, new_buffers = list(self.module.buffers()), list(model.buffers())
        if self.use_buffers:
            averages, news = [*averages, *buffers], [*news, *new_buffers]  # type: ignore[list-item]
        else:
            _copy(buffers, new_buffers)
        if self.n_averaged.item() == 0:
            _copy(averages, news)
        else:
            self._average([x.detach() for x in averages], [x.detach() for x in news])
        self.n_averaged += 1

    def _average(self, averages: list[Tensor], news: list[Tensor]) -> None:
        update = self.multi_avg_fn or _for_lists(self.avg_fn or get_swa_avg_fn())
        for dtype in dict.fromkeys(x.dtype for x in averages):
            pairs = [(x, y) for x, y in zip(averages, news, strict=True) if x.dtype == dtype]
            update([x for x, _ in pairs], [y for _, y in pairs], self.n_averaged)


def _copy(targets: Sequence[Tensor], sources: Sequence[Tensor]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source.detach())


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running means and variances of all batch norms in `model` anew, over one pass through `loader`.

    Of batches that are tuples or lists the first part is the input.
    """
    check_device("update_bn", device)
    norms = [x for x in model.modules() if isinstance(x, BatchNorm1d | BatchNorm2d | BatchNorm3d)]
    if not norms:
        return
    training, momenta = model.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    try:
        model.train()
        with off():  # that batch norms are in training mode without a graph, as is meant here
            for batch in loader:
                model(batch[0] if isinstance(batch, list | tuple) else batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        model.train(training)


class SWALR(LRScheduler):
    """`lr` from its present value to `swa_lr` in `anneal_epochs` epochs, along a cosine or, with "linear", a line.

    Raises `ValueError` for another `anneal_strategy` or anneal_epochs below 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"SWALR needs anneal_strategy as 'cos' or 'linear', got {anneal_strategy!r}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR needs anneal_epochs as a whole number from 0, got {anneal_epochs!r}")
        for group, lr in zip(
            optimizer.param_groups, for_each_group("SWALR", "swa_lr", optimizer, swa_lr), strict=True
        ):
            group["swa_lr"] = lr
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch before, moved towards `swa_lr`."""
        step = self._step_count - 1 if self.anneal_epochs else max(1, self._step_count - 1)
        before, now = self._way(step - 1), self._way(step)
        return [
            _towards(number(group["lr"]), group["swa_lr"], before, now)
            for group in self.optimizer.param_groups
        ]

    def _way(self, step: int) -> float:
        """How much of the way to `swa_lr` is done after a step, from 0 to 1."""
        part = max(0, min(1, step / max(1, self.anneal_epochs)))
        return part if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * part)) / 2


def _towards(lr: float, end: float, before: float, now: float) -> float:
    """The learning rate `now` on the way to `end`, on which `lr` was at `before`."""
    start = end if before == 1 else (lr - before * end) / (1 - before)
    return end * now + start * (1 - now)
