# %% [markdown]
# # Your own engine
#
# You write an engine for gradients of single numbers in about 50 lines, make its two classic mistakes on purpose, and compare it
# with this library on random expressions. It takes 15 to 20 minutes and builds on lesson 3, the chain rule on a graph.

# %%
from timeit import repeat

import numpy as np
from tinygrad_edu import Value, draw, tensor
from tinygrad_edu.testing import gradient_verdict

# %% [markdown]
# ## What a number must remember
#
# To go backward through a computation, a result needs to know two things: the numbers it was computed from, and the slope
# of the result with respect to each of them. So our number has four attributes:
#
# - `data`: the number itself,
# - `grad`: the slope of the final result with respect to it, 0 at first,
# - `inputs`: the numbers it was computed from,
# - `slopes`: one number for each of them.
#
# **Predict:** for $z = x y$, what are the two slopes?


# %%
class Number:
    def __init__(self, data, inputs=(), slopes=()):
        self.data, self.grad = float(data), 0.0
        self.inputs, self.slopes = inputs, slopes

    def made(self, data, inputs, slopes):
        return type(self)(data, inputs, slopes)

    def number(self, x):
        return x if isinstance(x, Number) else type(self)(x)

    def __add__(self, other):
        other = self.number(other)
        return self.made(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = self.number(other)
        return self.made(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power):
        return self.made(self.data**power, (self,), (power * self.data ** (power - 1),))

    def tanh(self):
        y = np.tanh(self.data)
        return self.made(y, (self,), (1 - y * y,))

    def backward(self):
        self.grad = 1.0
        for number in reversed(in_order(self)):
            for x, slope in zip(number.inputs, number.slopes):
                x.grad += number.grad * slope

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.number(other)

    def __truediv__(self, other):
        return self * self.number(other) ** -1.0

    __radd__, __rmul__ = __add__, __mul__


# %% [markdown]
# Subtraction and division need no slopes of their own: they are made of the others. Few rules mean few places for a mistake.
#
# ## The order
#
# `backward` multiplies and adds, as in lesson 3. The one difficult part is the **order**: a number may hand its gradient on
# only when it is complete, that is, when everything that was computed from it has been visited. A *topological order* lists
# inputs before results; read from its end, it is what we need.
#
# Each number is put into the list after all of its inputs. A loop with a list of its own does it; a function that calls
# itself would too, but Python stops at about a thousand calls inside each other.


# %%
def in_order(last):
    order, seen, waiting = [], set(), [(last, False)]
    while waiting:
        number, inputs_are_listed = waiting.pop()
        if inputs_are_listed:
            order.append(number)
        elif id(number) not in seen:
            seen.add(id(number))
            waiting.append((number, True))
            waiting.extend((x, False) for x in number.inputs)
    return order


x, y = Number(2.0), Number(-3.0)
z = (x * y + x**2).tanh()
z.backward()
print(f"{z.data:.4f} {x.grad:.4f} {y.grad:.4f}")  # -0.9640 0.0707 0.1413

# %% [markdown]
# ## Is it right?
#
# The function is `f`; the same function runs on floats, so its slopes can be measured. `gradient_verdict` takes any engine
# whose numbers have `data`, `grad` and `backward()`.


# %%
def f(x, y):
    return (x * y + x**2).tanh() / (y * y + 1.0)


verdict = gradient_verdict(f, Number(0.5), Number(-1.5))
print(verdict.kind)  # agrees

# %% [markdown]
# ## Two classic mistakes
#
# The first: `=` in place of `+=`, so that a number that is used twice keeps the gradient of one use only. **Predict:** is
# the gradient of $x y$ wrong then? And that of $x y + x^2$?


# %%
class Overwriting(Number):
    def backward(self):
        self.grad = 1.0
        for number in reversed(in_order(self)):
            for x, slope in zip(number.inputs, number.slopes):
                x.grad = number.grad * slope


def used_once(x, y):
    return x * y


def used_twice(x, y):
    return x * y + x**2


def gradients_of_x(function):
    found = []
    for engine in (Number, Overwriting):
        x, y = engine(2.0), engine(-3.0)
        function(x, y).backward()
        found.append(x.grad)
    return found  # the right one, and with the mistake


print(gradients_of_x(used_once))  # [-3.0, -3.0]
print(gradients_of_x(used_twice))  # [1.0, 4.0]
print(gradient_verdict(used_twice, Overwriting(2.0), Overwriting(-3.0)).kind)  # wrong

# %% [markdown]
# If each number is used once, as in a chain, the mistake shows nowhere. Tests of an engine need numbers that are used several
# times. Here is the second function as a graph of `Value`: two arrows come back to $x$, and the mistake keeps one of them.

# %%
z = used_twice(Value(2.0, label="x"), Value(-3.0, label="y"))
z.backward()
draw(z)

# %% [markdown]
# The second mistake: each number hands its gradient on at once, whenever something reaches it. **Predict** the gradient of
# $x$ for $y = (x + x)$, $z = y + y$, whose slope is 4.


# %%
def at_once(number, gradient):
    number.grad += gradient
    for x, slope in zip(number.inputs, number.slopes):
        at_once(x, number.grad * slope)  # the gradient so far, not only what has just come


x = Number(1.0)
y = x + x
z = y + y
at_once(z, 1.0)
print(x.grad)  # 6.0

# %% [markdown]
# 6 in place of 4: what had come to $y$ was handed on again with what came next. Handing on only what has just come would be
# right, but slow: each path is then walked by itself, and their number doubles at every such step.
#
# ## A thousand random expressions
#
# One example shows little. Here a program invents expressions with shared parts, and three engines compute each one.


# %%
def random_expression(rng, leaves):
    parts = list(leaves)
    for _ in range(rng.integers(3, 12)):
        a, b = (parts[i] for i in rng.integers(len(parts), size=2))
        kind = rng.integers(4)
        parts.append(a + b if kind == 0 else a - b if kind == 1 else a * b if kind == 2 else a.tanh())
    return sum(parts[1:], parts[0])


def gradients(make, seed):
    rng = np.random.default_rng(seed)
    leaves = [make(x) for x in rng.uniform(-1, 1, size=3).tolist()]
    random_expression(rng, leaves).backward()
    return np.array([float(leaf.grad) for leaf in leaves])


worst = 0.0
for seed in range(1000):
    mine = gradients(Number, seed)
    for make in (Value, lambda x: tensor(x, requires_grad=True)):
        theirs = gradients(make, seed)
        worst = max(worst, (abs(mine - theirs) / (1 + abs(theirs))).max())
print(worst < 1e-9)  # True

# %% [markdown]
# ## What it costs
#
# One image of 28 by 28 pixels, and one neuron: 784 products and their sum. That makes some 3,000 Numbers, each an object of
# Python, or three Tensors. **Predict:** by which factor are the Tensors faster, forward and backward?

# %%
weights, pixels = np.random.default_rng(0).normal(size=(2, 784))


def on_numbers():
    w = [Number(x) for x in weights]
    sum(a * x for a, x in zip(w, pixels.tolist())).backward()
    return [each.grad for each in w]


def on_a_tensor():
    w = tensor(weights, requires_grad=True)
    (w @ tensor(pixels)).backward()
    return w.grad.tolist()


slow, fast = (min(repeat(f, number=1, repeat=5)) for f in (on_numbers, on_a_tensor))
print(np.allclose(on_numbers(), on_a_tensor()))  # True
print(f"{slow * 1e3:.1f} ms, {fast * 1e3:.2f} ms: {slow / fast:.0f} times faster")

# %% [markdown]
# ## What it lacks
#
# - **Arrays**, and with them the factor that you measured.
# - **Derivatives of any order.** Our slopes are floats, so nothing remembers how they were computed. In this library a rule is
#   an expression that runs on Tensors as well.
# - **Safety.** If `x.data` is overwritten between forward and backward, our slopes stay those of the old number. The guide tells
#   what this library does.
#
# ## What you have learned
#
# - An engine needs, for each result, its inputs and its slopes, and an order in which gradients are complete.
# - Gradients are added up, and that shows only where a number is used twice.
# - Random expressions, compared with another engine, find what single examples miss.
# - One node for an array, not for each number, makes an engine fast.
#
# **For you:**
#
# 1. Add `relu` to `Number`. Which slope do you take at 0?
# 2. What happens if `backward()` is called twice on the same result?
#
# The answers are below.


# %%
def relu(x):
    return Number(max(x.data, 0.0), (x,), (1.0 if x.data > 0 else 0.0,))


print(gradient_verdict(relu, Number(0.5)).kind)  # agrees

x = Number(3.0)
z = x * x
z.backward()
z.backward()
print(x.grad)  # 12.0

# %% [markdown]
# Answer to 1: any slope from 0 to 1 is as good; most engines take 0. To 2: the gradient of $x$ is added once more, 6 and 6. For
# results in between it is worse: they hand on again what they had already.
