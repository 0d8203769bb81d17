"""The fast path of the scalar engine: a step written on Values, replayed as a few NumPy calls.

    plan = capture(step)  # step is unchanged code on Values that returns the loss
    loss = plan(X, y)     # the same number,
    loss.backward()       # and the same gradients in every p.grad

How, on a tiny example, `loss = (w1*x1 + w2*x2 + b).tanh() + (w1*x3 + w2*x4 + b).tanh()`:

Levels. What depends on nothing that is computed in the step lies on level 0, every result one above its inputs:
level 1 holds four products, level 2 two sums, level 3 two tanh, level 4 the loss. A chain of additions counts as one
sum, however long it is.

Groups. Equal operations of one level are one NumPy call on slices or gathered elements of one flat array of numbers:
    products = [w1 w1 w2 w2] * [x1 x3 x2 x4],  sums = rows [p1 p3] + [p2 p4] + [b b],  tanh([s1 s2]),  [t1] + [t2]
The order within a group is that in which its readers want it; so here each sum reads two slices.

Shares. The gradient of a number is the sum of one share for every use of it. Each share has its own place, and the
shares of a group form a matrix with one row for each use. A rule therefore writes its shares without adding:
    shares of w = [w1 w2] from the first use, [w1 w2] from the second; gradient = the sum of the rows
Terms and rows are added in the order of the scalar engine, so that sums agree to the last bit; numbers differ from
eager ones only as NumPy's exp, tanh and the like differ from those of Python.

It pays from about two equal operations a level; a chain of single multiplications takes twice its eager time.

Reading order: inputs, watching, tape (recording a step), items, layout (arranging it), replay (running it),
route (for one kind of inputs), plan.
"""

from __future__ import annotations

from tinygrad_edu.plan.values.value_plan import ValuePlan

__all__ = ["ValuePlan"]
