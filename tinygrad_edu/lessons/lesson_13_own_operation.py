# %% [markdown]
# # An operation of your own, and its tests
#
# You add an operation with its derivative rule, test it from several sides, and then test the test. It takes 15 to 20 minutes and
# builds on lesson 1, slopes, and lesson 4, shapes.

# %%
import math

import numpy as np
from tinygrad_edu import Value, draw, explain, tensor
from tinygrad_edu.autograd import Function
from tinygrad_edu.ops.elementwise import Elementwise, exp
from tinygrad_edu.testing import (
    add_case,
    cases,
    check_gradients,
    check_operation,
    gradient_verdict,
    planted_bugs,
)

# %% [markdown]
# ## One row
#
# The bell curve $y = e^{-x^2}$ is no operation of the library; let us make it one. An operation that acts on each number by
# itself is one row: how to compute it on arrays, how on a float, and its **derivative rule**. The rule gets $g$, the
# gradient that flows back into $y$, then $y$ and $x$, and returns the gradient of $x$.
#
# **Predict** the rule: what is the derivative of $e^{-x^2}$, and how can $y$ make it shorter?

# %%
bell = Elementwise(
    lambda x: np.exp(-x * x),
    lambda x: math.exp(-x * x),
    lambda g, y, x: -2 * g * x * y,
    name="bell",
)
print(bell(0.0), bell(Value(0.0)).data, bell(tensor([0.0])).item())  # 1.0 1.0 1.0

# %% [markdown]
# The rule is a plain expression, written once. It runs on arrays for a gradient, on Tensors for a gradient of a gradient, and on
# symbols for a formula:

# %%
x = tensor([0.3, -1.2], requires_grad=True, name="x")
loss = bell(x).sum()
loss.backward()
print(x.grad.numpy().round(4).tolist())  # [-0.5484, 0.5686]
print("\n".join(explain(loss, x).formulas))

# %%
draw(loss)

# %% [markdown]
# ## Beside differences
#
# A rule that somebody wrote by hand needs a gradient check. `gradient_verdict` does it, with differences of five points and
# a random gradient $g$ that flows back. Why random? With $g = 1$ everywhere, a rule that forgets $g$ would pass.

# %%
points = np.array([0.3, -1.2])
print(gradient_verdict(bell, points).kind)  # agrees
check_gradients(bell, points, order=2)  # also the gradient of the gradient; an error if it is wrong

# %% [markdown]
# Now a rule with a mistake: the inner derivative $-2x$ is there, but without its $x$. **Predict** what the verdict says.

# %%
forgotten = Elementwise(bell.forward, None, lambda g, y, x: -2 * g * y, name="bell")
verdict = gradient_verdict(forgotten, points)
print(verdict)
print(verdict.mistake)  # lost factor

# %% [markdown]
# ## A corner
#
# Some functions have a kink, where the slopes of both sides differ. At the kink of $\max(x, 0)$ a central difference measures
# the mean of both slopes, 0.5, and would call a rule wrong that takes 0. **Predict:** what does a check that looks at both
# sides say of a rule that takes 0? And of one that takes 2?

# %%
hinge = Elementwise(lambda x: np.maximum(x, 0), None, lambda g, y, x: g * (x > 0), name="hinge")
verdict = gradient_verdict(hinge, np.array([0.0, 1.0]))
print(verdict)
print(verdict.kind)  # kink
steep = Elementwise(
    lambda x: np.maximum(x, 0), None, lambda g, y, x: g * (x > 0) + g * 2 * (x == 0), name="steep"
)
print(gradient_verdict(steep, np.array([0.0, 1.0])).kind)  # wrong

# %% [markdown]
# ## More than one law
#
# There is more that an operation can get wrong than its slope. `check_operation` tries the laws that every operation keeps:
# gradients *add up* in `grad`, inputs are not overwritten, the memory layout does not matter, a recorded plan gives the same
# numbers, and so on.
#
# Here the float version, the second argument, differs from the one for arrays: $e^{-x}$ in place of $e^{-x^2}$. The rule is
# right, and so are gradients of Tensors. **Predict:** who would notice, and when?

# %%
check_operation(bell, points)

two_minds = Elementwise(
    lambda x: np.exp(-x * x), lambda x: math.exp(-x), lambda g, y, x: -2 * g * x * y, name="bell"
)
try:
    check_operation(two_minds, points)
except AssertionError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# ## Testing the test
#
# Would your test notice a mistake? There is a way to find out: make the mistake. `planted_bugs` changes the rule in small
# ways, such as another sign, a lost factor, or the input in place of the result, and runs a test on each.
#
# **Predict:** a test that looks at $x = 1$ alone. Which mistakes does it miss?


# %%
def at_one_only(operation):
    check_gradients(operation, np.array([1.0]))


careless = planted_bugs(bell, check=at_one_only)
print(careless)

# %% [markdown]
# At $x = 1$ nobody sees whether a factor $x$ is there, or whether it multiplies or divides. It is the same trap as in lesson 1. The
# library's own choice of points misses none:

# %%
print(len(careless.missed), len(planted_bugs(bell).missed))  # 2 0

# %% [markdown]
# ## Samples that stay
#
# A sample that once found a mistake is worth keeping. `add_case` puts it into the table of samples, with a reference that computes
# the same in another way. From then on, `check_operation(bell)` uses it.

# %%
add_case("bell", bell, np.array([0.5, -2.0]), reference=lambda x: 1 / np.exp(x**2))
print(len(cases("bell")) > 0)  # True
print(check_operation(bell)[-1].verdict.kind)  # agrees

# %% [markdown]
# ## The same as in PyTorch
#
# An operation that is more than a row can be written as a class with `forward` and `backward`, as in PyTorch. What
# `backward` needs later is saved in `ctx`. If `backward` computes with Tensors, derivatives of any order are there.


# %%
class Bell(Function):
    @staticmethod
    def forward(ctx, x):
        y = (-x * x).exp()
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return -2 * g * x * y


print(gradient_verdict(Bell.apply, points, order=2).kind)  # agrees

# %% [markdown]
# ## What you have learned
#
# - An operation is its computation and a rule; the rule is a plain expression.
# - A gradient check needs a random gradient that flows back and points that are not special; at kinks it looks at both sides.
# - Planted bugs tell whether a test would notice.
#
# **For you:**
#
# 1. Write $y = \ln(1 + e^x)$ as an operation. Which function is its derivative?
# 2. Which points would you choose for $y = |x|$?
#
# Next: lesson 14, your own engine. The answers are below.

# %%
softplus = Elementwise(
    lambda x: np.log(1 + np.exp(x)),
    lambda x: math.log(1 + math.exp(x)),
    lambda g, y, x: g / (1 + exp(-x)),
    name="my_softplus",
)
print(gradient_verdict(softplus, points, order=2).kind)  # agrees

# %% [markdown]
# Answer to 1: the sigmoid. Its `exp` is the library's, which takes arrays, Tensors and symbols. To 2: one on each side, and 0, where any slope from −1 to 1 is right.
