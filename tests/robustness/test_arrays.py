"""Arrays of every kind: taken as the numbers that they show, or refused in one line."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch

MASKED = np.ma.array([1.0, 2.0], mask=[False, True])
NUMBERS = np.arange(6.0).reshape(2, 3)


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


KINDS = {
    "Fortran order": np.asfortranarray,
    "read-only": read_only,
    "byte-swapped float64": lambda x: x.astype(">f8"),
    "byte-swapped float32": lambda x: x.astype(">f4"),
    "byte-swapped whole numbers": lambda x: x.astype(">i4"),
    "every second of a larger one": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "a matrix": lambda x: x.view(np.matrix) if hasattr(np, "matrix") else x,
    "a field of records": lambda x: np.rec.fromarrays([x, x], names="a, b").a,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_numbers_of_every_layout_are_the_same_numbers(kind):
    w = torch.tensor(NUMBERS, requires_grad=True)
    x = torch.tensor(kind(NUMBERS))

    (w * x).sum().backward()

    assert w.grad.tolist() == NUMBERS.tolist()
    assert x.dtype.isnative
    assert (w @ x.double().T).tolist() == (NUMBERS @ NUMBERS.T).tolist()


@pytest.mark.parametrize("mode", ["r", "c", "r+"])
def test_a_file_in_memory_is_copied(tmp_path, mode):
    path = tmp_path / "numbers"
    NUMBERS.tofile(path)
    mapped = np.memmap(path, dtype=float, mode=mode, shape=NUMBERS.shape)

    x = torch.tensor(mapped)
    if mode != "r":
        mapped[:] = 0

    assert x.tolist() == NUMBERS.tolist()


def test_a_byte_swapped_dtype_is_the_one_of_this_machine():
    x = torch.tensor([1.0, 2.0], dtype=">f8")

    assert x.dtype == x.to(np.dtype(">f8")).dtype == torch.zeros(2, dtype=np.dtype(">f8")).dtype == np.float64
    assert repr(x) == "tensor([1., 2.])"


@pytest.mark.parametrize(
    "use",
    [
        torch.tensor,
        torch.as_tensor,
        torch.from_numpy,
        lambda m: torch.tensor([m, m]),
        lambda m: torch.tensor([1.0, m[1]]),
        lambda m: torch.ones(2) * m,
        lambda m: torch.ones(2).copy_(m),
        lambda m: torch.ones(2).__setitem__(slice(None), m),
        lambda m: torch.ones(2)[m.astype(int)],
        lambda m: torch.stack([torch.ones(2), m]),
        lambda m: torch.where(torch.ones(2) > 0, m, 0.0),
        lambda m: np.add(torch.ones(2), m),
    ],
)
def test_a_masked_array_never_shows_what_it_hides(use):
    with pytest.raises(
        TypeError, match=r"needs all its numbers, got a masked array; use array.filled\(...\)"
    ):
        use(MASKED)


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, None], object),
        np.array(["1", "2"]),
        np.array([b"x"]),
        np.array([1 + 2j]),
        np.array(["2020-01-01"], "datetime64[D]"),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    ],
    ids=lambda array: str(array.dtype),
)
def test_what_is_no_number_is_refused(array):
    with pytest.raises(TypeError, match="needs real numbers, got"):
        torch.tensor(array)
    with pytest.raises(TypeError, match="needs real numbers, got"):
        torch.ones(1) * array


def test_a_huge_view_costs_nothing_and_a_huge_copy_is_refused_by_its_size():
    x = torch.tensor([2.0], requires_grad=True)

    wide = x.expand(10**9)

    assert wide[5].item() == 2
    with pytest.raises(MemoryError, match="TiB"):
        torch.tensor(np.broadcast_to(np.float64(2), (10**6, 10**7)))


EMPTY = {
    "sum": (lambda x: x.sum(), 0.0),
    "prod": (lambda x: x.prod(), 1.0),
    "softmax": (lambda x: x.softmax(0), []),
    "product": (lambda x: x @ torch.ones(3, 2), []),
    "cumsum": (lambda x: x.cumsum(0), []),
    "sort": (lambda x: x.sort(0)[0], []),
    "cat": (lambda x: torch.cat([x, x]), []),
    "linear": (torch.nn.Linear(3, 2).double(), []),
    "rows": (lambda x: x.sum(0), [0.0] * 3),
}


@pytest.mark.parametrize(("compute", "right"), EMPTY.values(), ids=EMPTY)
def test_no_rows_give_what_nothing_gives_and_a_gradient_of_no_rows(compute, right):
    x = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)

    y = compute(x)
    y.sum().backward()

    assert y.tolist() == right
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("compute", [lambda x: x.max(), lambda x: x.argmax(), lambda x: x.amin(0)])
def test_the_greatest_of_nothing_is_an_error(compute):
    with pytest.raises((ValueError, IndexError), match=r"shape \(0, 3\)"):
        compute(torch.zeros(0, 3))
