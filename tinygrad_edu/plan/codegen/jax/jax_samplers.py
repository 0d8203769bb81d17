"""How JAX draws from each distribution: by a key, and without asking whether the parameters are fine."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tinygrad_edu.tensor import draws

# Lines of JAX, under the name `np`, of what a sampler is given, and `rng`, the key.
# fmt: off
_LINES: dict[Callable[..., Any], str] = {
    draws.uniform:     "from_ + jax.random.uniform(rng, shape, dtype) * (to - from_)",
    draws.normal:      "mean + std * jax.random.normal(rng, shape, dtype)",
    draws.log_normal:  "np.exp(mean + std * jax.random.normal(rng, shape, dtype))",
    draws.cauchy:      "median + sigma * jax.random.cauchy(rng, shape, dtype)",
    draws.exponential: "jax.random.exponential(rng, shape, dtype) / lambd",
    draws.geometric:   "jax.random.geometric(rng, p, shape)",
    draws.bernoulli:   "jax.random.uniform(rng, shape) < p",
    draws.random:      "jax.random.randint(rng, shape, 0 if to is None else from_, from_ if to is None else to)",
    draws.permutation: "jax.random.permutation(rng, n)",
    draws.events:      "jax.random.poisson(rng, rate, shape)",
    draws.gamma:       "np.maximum(jax.random.gamma(rng, concentration, shape, dtype), np.finfo(dtype).tiny)",
    draws.binomial:    "jax.random.binomial(rng, count, p, shape)",
}
# fmt: on


def jax_sampler(sampler: Callable[..., Any], name: str) -> str:
    """The definition of a function that draws with JAX what `sampler` draws with NumPy.

    Raises `RuntimeError` if JAX has no such distribution.
    """
    if sampler not in _LINES:
        raise RuntimeError(
            f"source('jax') needs distributions that JAX has, too, got {sampler.__name__}; "
            "hand the numbers to the step as an input"
        )
    kinds = inspect.signature(sampler).parameters.values()
    names = [
        p.name if p.default is p.empty else f"{p.name}={p.default!r}"
        for p in kinds
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    keywords = [p.name for p in kinds if p.kind is p.KEYWORD_ONLY]
    return (
        f"def {name}({', '.join([*names, '*', *keywords])}):\n    return np.asarray({_LINES[sampler]}, dtype)"
    )
