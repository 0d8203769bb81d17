"""The methods of Tensor that put exponentials over a dimension: softmax and log_softmax."""

from __future__ import annotations

from tinygrad_edu.ops import softmax
from tinygrad_edu.tensor.arguments import in_float32, numpy_names, one_dim
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.matrices_and_comparisons import Operators
from tinygrad_edu.tensor.methods import Methods
from tinygrad_edu.tensor.shaping import Shaping


class Reductions(Operators[R], Shaping[R], Methods):
    """The methods that combine the numbers along a dimension, or all of them."""

    @numpy_names
    @in_float32
    def softmax(self, dim: int) -> R:
        """exp(x) / sum(exp(x)) along `dim`, without overflow."""
        return softmax.softmax(self, dim=one_dim("softmax", dim, self.ndim))

    @numpy_names
    @in_float32
    def log_softmax(self, dim: int) -> R:
        """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
        return softmax.log_softmax(self, dim=one_dim("log_softmax", dim, self.ndim))
