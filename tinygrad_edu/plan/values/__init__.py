"""The fast path of the scalar engine: a step written on Values, replayed as a few NumPy calls.

    plan = capture(step)  # step is unchanged code on Values that returns the loss
    loss = plan(X, y)     # the same number,
    loss.backward()       # and the same gradients in every p.grad

Recording. The step is run on Numbers, floats that know where they come from: its inputs, the data and gradients of
Values, and plain numbers that it changes, such as a counter or the averages of Adam. So everything that it reads is an
input of the program, and everything that it leaves changed a result, whether before backward or after. It is run again
with other numbers everywhere, and must compute the same way; a Value that is another then was picked by an input, as
`rows[token]` is, and becomes the sum of `where(token == i, row_i, 0)` over all rows. All that these runs have changed
is put back. What does not fit runs as written, and so do steps that draw random numbers, print, write, take from an
iterator, or change what is no number.

Program. Backward is written out by the derivative rules, which makes all of it one list of lines, each of them one
number computed from others. On a tiny example, `loss = (w1*x1 + w2*x2 + b).tanh() + (w1*x3 + w2*x4 + b).tanh()`:

Heights. The loss has height 0, every line one more than what is computed from it: height 3 holds four products, height
2 two sums, height 1 two tanh. A chain of additions counts as one sum, however long it is.

Groups. Equal operations of one height are one NumPy call on slices or gathered elements of one flat array of numbers:
    products = [w1 w1 w2 w2] * [x1 x3 x2 x4],  sums = rows [p1 p3] + [p2 p4] + [b b],  tanh([s1 s2]),  [t1] + [t2]
The order within a group is that in which its readers want it; so here each sum reads two slices. In C a group is a
nest of loops. Terms are added in the order of the scalar engine, so that sums agree to the last bit; numbers differ
from eager ones only as NumPy's exp, tanh and the like differ from those of Python.

Memory. While a plan replays, data and gradients of its parameters stand in its memory, where whoever reads or writes
them finds them: see `resident_value`.

Reading order: number, watched_value, recorded_functions (of Python), value_recording, picks, common_way (of
recordings), capturing, value_program, levels, memory_layout, value_replay (running it), resident_value, kept_contents,
value_reach, state, value_route (one kind of inputs), value_plan.
"""

from __future__ import annotations

from tinygrad_edu.plan.values.value_plan import ValuePlan

__all__ = ["ValuePlan"]
