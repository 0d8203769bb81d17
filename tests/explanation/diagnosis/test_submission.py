"""Arrays of another shape than the gradient: how each is read, and whether that is a mistake."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))


def regression():
    """The loss of one layer, and the true gradients of its weight and bias."""
    w, b = (
        tensor(rng.normal(size=shape), requires_grad=True, name=name)
        for name, shape in (("W", (4, 3)), ("b", 3))
    )
    loss = ((tensor(X) @ w + b - tensor(Y)) ** 2).mean()
    loss.backward()
    return loss, {"W": w.grad.numpy(), "b": b.grad.numpy()}


@pytest.mark.parametrize(
    ("name", "sizes", "shape"),
    [("b", (1, 3), "(3,)"), ("b", (3, 1), "(3,)"), ("W", (1, 4, 3), "(4, 3)"), ("W", (4, 1, 3), "(4, 3)")],
)
def test_a_dimension_of_size_1_too_many_is_said_and_does_no_harm(name, sizes, shape):
    loss, true = regression()

    found = diagnose(loss, name, np.round(true[name].reshape(sizes), 6))

    assert str(found) == (
        f"{name}: right (its shape is {sizes}, and that of the parameter {shape}: a dimension too many or too few)."
    )


OTHER_SHAPES = {
    "transposed": (lambda g: g.T, "transposed", "it is transposed: (3, 4) for (4, 3)"),
    "flattened": (lambda g: g.ravel(), "flattened", "it is flattened: (12,) for (4, 3)"),
    "flattened by columns": (
        lambda g: g.T.ravel(),
        "flattened",
        "it is flattened by columns: (12,) for (4, 3)",
    ),
}


@pytest.mark.parametrize(("reshaped", "mistake", "what"), OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_another_shape_is_a_mistake_that_is_named(reshaped, mistake, what):
    loss, true = regression()

    found = diagnose(loss, "W", np.round(reshaped(true["W"]), 6))

    assert [e.mistake for e in found.explanations] == [mistake]
    assert str(found).splitlines()[0] == f"W: wrong ({what})."
    assert str(found).endswith(f"in another shape: {what}. It should be of shape (4, 3).")
