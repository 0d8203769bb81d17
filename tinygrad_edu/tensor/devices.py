"""Devices as words: all numbers are in the memory of the CPU; another wish is refused where it is used."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.tensor.vocabulary import check_memory, word

TYPES = ("cpu", "cuda", "hpu", "meta", "mps", "mtia", "xla", "xpu")


@word
class device:  # noqa: N801 - PyTorch's name
    """The name of a device: `device("cpu")`, `device("cuda:0")`. Only the CPU can be used.

    Raises `ValueError` for the name of no device.
    """

    def __init__(self, type: Any, index: int | None = None) -> None:  # noqa: A002 - PyTorch's name
        self.type, _, number = str(type).partition(":")
        if self.type not in TYPES or (number and (not number.isdigit() or index is not None)):
            raise ValueError(
                f"device needs one of {', '.join(TYPES)}, with a number as in cuda:0, got {type!r}"
            )
        self.index = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r}{'' if self.index is None else f', index={self.index}'})"


CPU = device("cpu")


def is_device(x: Any) -> bool:
    """True for a device and for its name."""
    return isinstance(x, device) or (x.__class__ is str and x.partition(":")[0] in TYPES)


def check_device(call: str, name: Any) -> None:
    """Raise `ValueError` unless `name`, a device or its name, is that of the CPU; None is."""
    if name is not None and device(name).type != "cpu":
        raise ValueError(f"{call} computes on the CPU only, got device {str(name)!r}; use device('cpu')")


def check_place(call: str, device: Any = None, pin_memory: bool = False, **memory: Any) -> None:
    """Raise `ValueError` unless a new Tensor is to be in the memory of the CPU, as all are."""
    check_device(call, device)
    check_memory(call, **memory)
    if pin_memory:
        raise ValueError(f"{call} computes on the CPU only, which needs no pin_memory; leave it out")


@word
def set_default_device(device: Any) -> None:
    """Accept the CPU, where all tensors are; another device is refused."""
    check_device("set_default_device", device)


@word
def get_default_device() -> device:
    """The CPU."""
    return CPU
