"""Hypothesis strategies for tests of your own operations and models: shapes, tensors, graphs, networks, training steps.

What they draw is printed, where a test fails, as code that runs by itself after `import tinygrad_edu as torch` and
`from tinygrad_edu.testing.strategies import *`.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401
except ImportError as error:
    raise ImportError(
        "tinygrad_edu.testing.strategies needs hypothesis, which is not installed; "
        'pip install "tinygrad_edu[test]"'
    ) from error

from tinygrad_edu.testing.strategies.networks import Network, TrainingStep, networks, training_steps
from tinygrad_edu.testing.strategies.random_programs import Graph, graphs
from tinygrad_edu.testing.strategies.shapes import (
    ConvArguments,
    broadcastable_shapes,
    conv_arguments,
    dims,
    indices,
    matmul_shapes,
    shapes,
)
from tinygrad_edu.testing.strategies.tensors import tensors

__all__ = [
    "ConvArguments",
    "Graph",
    "Network",
    "TrainingStep",
    "broadcastable_shapes",
    "conv_arguments",
    "dims",
    "graphs",
    "indices",
    "matmul_shapes",
    "networks",
    "shapes",
    "tensors",
    "training_steps",
]
