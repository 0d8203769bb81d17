"""Views: what shares memory in PyTorch shares it here, also where numbers are overwritten through it."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as ours
from tinygrad_edu.plan import capture
from tinygrad_edu.tensor.tensor import Tensor, tensor

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

X = np.random.default_rng(0).normal(size=(2, 4, 4))

# Each takes a part of a tensor of shape (2, 4, 4), or all of it in another form.
VIEWS = {
    "select": lambda x: x.select(1, -1),
    "narrow": lambda x: x.narrow(2, 1, 2),
    "tensor_split": lambda x: x.tensor_split([1, 3], 1)[1],
    "diagonal": lambda x: x.diagonal(1, 1, 2),
    "diagonal of a transpose": lambda x: x.mT[:, 1:].diagonal(0, -2, -1),
    "unfold without overlap": lambda x: x.unfold(2, 2, 2),
    "movedim": lambda x: x.movedim(0, 2),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "mT": lambda x: x.mT,
    "unflatten": lambda x: x.unflatten(1, (2, 2)),
    "flatten": lambda x: x.flatten(1),
    "view": lambda x: x.view(8, 4),
    "squeeze": lambda x: x[:1].squeeze(0),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "view of views": lambda x: x.narrow(1, 1, 3).diagonal(0, 1, 2).select(0, 1),
}
# PyTorch refuses to overwrite what comes with others; here it is as any view.
ONE_OF_SEVERAL = {
    "split": (lambda x: x.split(3, 1)[0], lambda x: x.narrow(1, 0, 3)),
    "chunk": (lambda x: x.chunk(2, -1)[1], lambda x: x.narrow(2, 2, 2)),
    "unbind": (lambda x: x.unbind(2)[0], lambda x: x.select(2, 0)),
}
COPIES = {
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(0, 1),
    "rot90": lambda x: x.rot90(0, (1, 2)),
    "repeat": lambda x: x.repeat(1, 1, 1),
    "tile": lambda x: x.tile(1),
    "repeat_interleave": lambda x: x.repeat_interleave(1, 0),
    "diag": lambda x: x[0].diag(),
    "contiguous of a transpose": lambda x: x.mT.contiguous(),
    "clone": lambda x: x.clone(),
}


def changed_through(view, x):
    """A tensor computed from `x`, and overwritten through a view of it."""
    y = x * 3
    part = view(y)
    part *= 2
    part += part.sum() * 0.1
    return y, part


@pytest.mark.parametrize("name", [*VIEWS, *ONE_OF_SEVERAL])
def test_numbers_written_into_a_view_stand_in_the_tensor_and_have_their_gradient(name):
    view, same_view = ONE_OF_SEVERAL.get(name) or (VIEWS[name],) * 2
    mine, theirs = tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    weights = np.random.default_rng(1).normal(size=X.shape)

    y, part = changed_through(view, mine)
    z, other = changed_through(same_view, theirs)
    ((y * y * tensor(weights)).sum() + part.sin().sum()).backward()
    ((z * z * torch.tensor(weights)).sum() + other.sin().sum()).backward()

    np.testing.assert_allclose(y.numpy(force=True), z.detach(), rtol=1e-12)
    np.testing.assert_allclose(mine.grad, theirs.grad, rtol=1e-12)


@pytest.mark.parametrize("name", COPIES)
def test_numbers_written_into_a_copy_stand_in_the_copy_alone(name):
    x = tensor(X)

    COPIES[name](x).fill_(0)

    np.testing.assert_array_equal(x, X)


def test_a_view_that_shows_a_number_twice_is_not_overwritten():
    with pytest.raises(RuntimeError, match="would overwrite numbers that stand in several places"):
        tensor(np.ones(4)).unfold(0, 2, 1).fill_(0)


def test_a_view_of_a_contiguous_tensor_is_what_contiguous_returns():
    x = tensor(X)

    assert x.contiguous() is x
    assert x.mT.contiguous().is_contiguous()


@pytest.mark.parametrize("name", ["squeeze_", "unsqueeze_", "t_", "transpose_", "resize_", "to_sparse"])
def test_the_shape_of_a_tensor_and_that_it_is_dense_cannot_be_changed(name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(tensor(X), name)


STEPS = {
    **VIEWS,
    **COPIES,
    "tril": lambda x: x.tril(1),
    "pad": lambda x: ours.nn.functional.pad(x, (1, -1, 0, 2), value=3.0),
    "reflect": lambda x: ours.nn.functional.pad(x, (1, 2), "reflect"),
    "overlap": lambda x: x.unfold(1, 3, 1),
    "diag_embed": lambda x: x.diag_embed(1),
    "meshgrid": lambda x: ours.cartesian_prod(x[0, 0], x[1, 1]),
    "pixel_shuffle": lambda x: ours.pixel_shuffle(x.unflatten(1, (4, 1)), 2),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_plan_equals_the_eager_step_bit_for_bit(name):
    weight = Tensor(np.full(X.shape, 0.5), requires_grad=True)
    gradients = []

    def step(x):
        weight.zero_grad()
        y = STEPS[name](weight * x)
        loss = (y * y * 0.3).sum()
        loss.backward()
        return loss, y

    plan = capture(step)
    for i in range(4):
        x = X + i
        planned = [part.numpy(force=True) for part in plan(tensor(x))]
        gradients = weight.grad.numpy().copy()
        expected = [part.numpy(force=True) for part in step(tensor(x))]
        for mine, theirs in zip(planned, expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        np.testing.assert_array_equal(gradients, weight.grad)
    assert plan.ready


def test_a_view_as_another_dtype_is_refused():
    with pytest.raises(TypeError, match=r"view needs sizes, got int32; x.to\(dtype\) converts numbers"):
        tensor([1.0]).view(np.dtype(np.int32))
