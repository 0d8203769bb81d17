"""The steps of a long short-term memory on arrays: few calls, into arrays that are there. See `ops.recurrent`.

n rows, with a column for each sequence, are a block. A step has seven, and what is computed together lies together: h
and c before it, its gates g, f, i and o, and tanh(c) after it. The last h and c follow.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Data


def blocks_of(blocks: Data, steps: int, n: int) -> Data:
    """The seven blocks of each step: (T, 7, n, B)."""
    return blocks[: 7 * steps * n].reshape((steps, 7, n, blocks.shape[1]))


def with_g_first(rows: np.ndarray, n: int) -> np.ndarray:
    """Rows that belong to the gates i, f, g, o, in the order g, f, i, o of the blocks."""
    return np.concatenate((rows[2 * n : 3 * n], rows[n : 2 * n], rows[:n], rows[3 * n :]))


def put_inputs(each: np.ndarray, x: np.ndarray, half: np.ndarray) -> None:
    """Write the inputs in the place of the gates, and those of sigmoids halved."""
    steps, _, n, batch = each.shape
    i, f, g, o = x.reshape((steps, batch, 4, n)).transpose(2, 0, 3, 1)
    each[:, 2] = g
    for k, gate in ((3, f), (4, i), (5, o)):
        np.multiply(gate, half, out=each[:, k])


def run(blocks: np.ndarray, steps: int, w: np.ndarray, half: np.ndarray) -> None:
    """All steps, where the blocks hold the first h and c, and of the gates the share of the inputs."""
    (rows, n), batch = w.shape, blocks.shape[1]
    each, parts = blocks_of(blocks, steps, n), blocks.reshape((7 * steps + 2, n, batch))
    by_h, shares = np.empty((rows, batch), w.dtype), np.empty((2, n, batch), w.dtype)
    zs = each[:, 2:6].reshape((steps, rows, batch))
    before, c_g, f_i, f_i_o, os, sizes = (
        each[:, k] for k in (0, slice(1, 3), slice(3, 5), slice(3, 6), 5, 6)
    )
    views = zip(before, zs, f_i_o, f_i, c_g, os, sizes, parts[7::7], parts[8::7], strict=True)
    for h, z, sigmoids, f_and_i, c_and_g, o, size, new_h, new_c in views:
        np.add(z, np.dot(w, h, by_h), z)
        np.tanh(z, z)
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        np.multiply(f_and_i, c_and_g, shares)
        np.add(shares[0], shares[1], new_c)
        np.multiply(o, np.tanh(new_c, size), new_h)


def slopes_of(each: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For all steps: d c' / d (c, g, f, i) and d h' / d o, a block each; and d h' / d c'."""
    steps, _, n, batch = each.shape
    slopes, one = np.empty((steps, 5, n, batch), each.dtype), each.dtype.type(1)
    g, f, i, o, size = (each[:, k] for k in range(2, 7))
    slopes[:, 0] = f
    np.multiply(i, one - g * g, out=slopes[:, 1])
    np.multiply(each[:, 3:6], np.subtract(one, each[:, 3:6], out=slopes[:, 2:]), out=slopes[:, 2:])
    slopes[:, 2:4] *= each[:, 1:3]  # f by c, and i by g
    slopes[:, 4] *= size
    return slopes, o * (one - size * size)


def run_back(of_states: np.ndarray, slopes: np.ndarray, h_by_c: np.ndarray, w: np.ndarray) -> None:
    """From the last step to the first: make gradients of the slopes, and add those of h and c through later steps."""
    steps, _, n, batch = slopes.shape
    room, (of_hs, of_cs), slopes = np.empty((n, batch), w.dtype), of_states[:, ::-1], slopes[::-1]
    zs = slopes[:, 1:].reshape((steps, 4 * n, batch))
    earlier = zip(of_hs[1:], of_cs[1:], strict=True)
    views = zip(
        of_hs, of_cs, earlier, h_by_c[::-1], slopes[:, :4], slopes[:, 4], zs, slopes[:, 0], strict=False
    )
    for of_h, of_c, (of_h_before, of_c_before), slope, by_c, by_h, of_z, of_c_through in views:
        np.add(of_c, np.multiply(of_h, slope, room), of_c)
        np.multiply(by_c, of_c, by_c)
        np.multiply(by_h, of_h, by_h)
        np.add(of_h_before, np.dot(w, of_z, room), of_h_before)
        np.add(of_c_before, of_c_through, of_c_before)
