"""The few kernels that are written otherwise for JAX: nothing overwritten, nothing decided by values."""

from __future__ import annotations

KERNELS = {
    "sigmoid": """def sigmoid(x):
    return jax.nn.sigmoid(x)""",
    "softplus": """def softplus(x):
    return jax.nn.softplus(x)""",
    "relu": """def relu(x):
    return np.maximum(x, 0)""",
    "where": """def where(c, x, y):
    return np.where(c, x, y)""",
    "scatter": """def scatter(x, *arrays, index, shape):
    return np.zeros(shape, x.dtype).at[filled(index, arrays)].add(x)""",
    "cross_entropy": """def cross_entropy(_z, target, divisor, parts, *, dim):
    shifted, _, total, mass = parts
    found = np.vdot(target, np.where(target == 0, 0, shifted))
    return (np.vdot(mass, np.log(total)) - found) / divisor""",
}
