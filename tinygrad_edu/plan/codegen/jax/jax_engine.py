"""JaxEngine: on which devices a captured step runs, and which part of its arrays each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SHARDS = ("batch", "state")


@dataclass(frozen=True)
class JaxEngine:
    """One device, or the devices of a mesh over which XLA divides the step: see `jax_engine`."""

    mesh: Any = None
    shard: str = "batch"

    @property
    def processes(self) -> int:
        """How many processes run the step together."""
        return 1 if self.mesh is None else len({device.process_index for device in self.mesh.devices.flat})

    def of_rows(self, shape: tuple[int, ...]) -> Any:
        """How an input is divided: its rows over all devices, if they can be."""
        return self._divided(shape, 0 if shape and shape[0] % self.mesh.size == 0 else None)

    def of_state(self, shape: tuple[int, ...]) -> Any:
        """How a parameter, or what an optimizer remembers of it, is divided."""
        sides = [side if side % self.mesh.size == 0 else 0 for side in shape]
        longest = sides.index(max(sides)) if self.shard == "state" and any(sides) else None
        return self._divided(shape, longest)

    def _divided(self, shape: tuple[int, ...], dim: int | None) -> Any:
        sharding = needed_jax().sharding
        parts = [self.mesh.axis_names if dim == each else None for each in range(len(shape))]
        return sharding.NamedSharding(self.mesh, sharding.PartitionSpec(*parts))

    def rows(self, x: np.ndarray, shape: tuple[int, ...]) -> Any:
        """An input of this shape on the devices, of which this process hands in its rows."""
        jax = needed_jax()
        with jax.enable_x64(True):
            return jax.make_array_from_process_local_data(self.of_rows(shape), x, shape)

    def state(self, x: np.ndarray) -> Any:
        """An array that every process has, on the devices."""
        jax = needed_jax()
        if self.mesh is None:
            return jax.numpy.array(x)
        return jax.make_array_from_callback(x.shape, self.of_state(x.shape), lambda index: x[index])

    def setting(self, number: float) -> Any:
        """A number that changes no dtype, on the devices."""
        jax = needed_jax()
        x = jax.numpy.asarray(number)
        return x if self.mesh is None else jax.device_put(x, self.of_rows(()))

    def whole(self, x: Any) -> np.ndarray:
        """The numbers of an array on the devices; where each process has a part, all have to ask for it."""
        if x.is_fully_addressable or x.is_fully_replicated:
            return np.asarray(x)
        from jax.experimental.multihost_utils import process_allgather  # noqa: PLC0415 - an extra

        return np.asarray(process_allgather(x, tiled=True))

    def all_rows(self, x: np.ndarray) -> np.ndarray:
        """The rows of all processes."""
        if self.processes == 1 or not x.ndim:
            return x
        from jax.experimental.multihost_utils import process_allgather  # noqa: PLC0415 - an extra

        with needed_jax().enable_x64(True):
            return np.asarray(process_allgather(x, tiled=True))


def jax_engine(mesh: Any = None, shard: str = "batch") -> JaxEngine:
    """An engine for `capture(step, engine=jax_engine())`: the step as one program on many devices, divided by XLA.

    `mesh`: a `jax.sharding.Mesh`; all devices of all processes if None. The rows of every input are divided over them,
    so the step's mean over the batch is the mean over all devices. `shard="batch"`: each device has all parameters;
    `shard="state"`: each has a part of every parameter, of its gradient and of what the optimizer remembers of it,
    where a side is a multiple of the number of devices.

    With several processes (`tinygrad-edu launch`, or `jax.distributed`) each hands in its own rows, equally many. All
    start from the same parameters, and read divided Tensors together, as every process has a part of them.
    Raises `ImportError` without JAX (extra `jax`), `ValueError` for another `shard`.
    """
    if shard not in SHARDS:
        raise ValueError(f"jax_engine needs shard 'batch' or 'state', got {shard!r}")
    if mesh is None:
        jax = needed_jax()
        mesh = jax.sharding.Mesh(np.array(jax.devices()), ("devices",))
    return JaxEngine(mesh, shard)


def needed_jax() -> Any:
    """The module jax. Raises `ImportError` with one line on how to get it."""
    try:
        import jax  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError("engine='jax' needs JAX, the extra jax: pip install 'tinygrad_edu[jax]'") from error
    return jax
