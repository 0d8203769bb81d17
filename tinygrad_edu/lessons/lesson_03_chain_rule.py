# %% [markdown]
# # The chain rule on a graph
#
# You carry slopes backward through a computation by hand, node by node, and see why gradients add up where a number is
# used twice. It takes 15 to 20 minutes and builds on lessons 1 and 2.

# %%
from tinygrad_edu import Value, draw

# %% [markdown]
# ## Small steps
#
# Any formula is a sequence of small operations. Here $L = (a b + c)^2$, one operation a line:

# %%
a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
d = a * b
e = d + c
L = e**2
print(d.data, e.data, L.data)  # -6.0 4.0 16.0

# %% [markdown]
# Every operation knows only its own inputs, and its own small slopes, the **local derivatives**:
#
# | operation | local derivatives |
# |---|---|
# | $d = a b$ | $\partial d / \partial a = b$, $\partial d / \partial b = a$ |
# | $e = d + c$ | 1 and 1 |
# | $L = e^2$ | $2 e$ |
#
# The **chain rule** multiplies the slopes along a way:
#
# $$\frac{\partial L}{\partial a} = \frac{\partial L}{\partial e} \cdot \frac{\partial e}{\partial d} \cdot
# \frac{\partial d}{\partial a}$$
#
# Working from the loss back, each product is computed once and used by all that lie before it. That is
# **backpropagation**. **Predict** all five gradients on paper, beginning with $\partial L / \partial e$.

# %%
dL = 1.0  # the slope of L by itself
de = 2 * e.data * dL
dd, dc = 1 * de, 1 * de
da, db = b.data * dd, a.data * dd
print(f"e: {de}, d: {dd}, c: {dc}, a: {da}, b: {db}")  # e: 8.0, d: 8.0, c: 8.0, a: -24.0, b: 16.0

# %%
L.backward()
print(
    f"e: {e.grad}, d: {d.grad}, c: {c.grad}, a: {a.grad}, b: {b.grad}"
)  # e: 8.0, d: 8.0, c: 8.0, a: -24.0, b: 16.0

# %% [markdown]
# The same. Read the picture from the loss back: what an edge says is the local derivative by which the gradient is
# multiplied on its way.

# %%
draw(L)

# %% [markdown]
# Three patterns are worth knowing:
#
# - `+` hands the gradient on to both inputs, unchanged.
# - `*` swaps: each input receives the gradient times the *other* input.
# - $f(x)$ multiplies by its slope $f'(x)$.
#
# ## A number that is used twice
#
# Now $a$ is used in two places: $L = a b + a^2$. **Predict** $\partial L / \partial a$ at $a = 2$, $b = -3$.

# %%
a, b = Value(2.0, label="a"), Value(-3.0, label="b")
product = a * b
square = a**2
L = product + square
L.backward()
print(a.grad)  # 1.0

# %% [markdown]
# There are two ways from $a$ to $L$. The first contributes $b$, the second $2a$. If $a$ moves, both results move, and their
# effects on $L$ add up. The rule: **where the graph fans out, gradients add.**

# %%
first, second = b.data, 2 * a.data
print(first, second, first + second)  # -3.0 4.0 1.0

# %% [markdown]
# ## The typical mistake: overwriting
#
# Here is a backward pass written by hand in which the second way *overwrites* the first. **Predict** what it finds.


# %%
def backward_by_hand(a, b, add):
    gradient = {"a": 0.0}
    for contribution in (b, 2 * a):  # from the product, then from the square
        gradient["a"] = gradient["a"] + contribution if add else contribution
    return gradient["a"]


print(backward_by_hand(2.0, -3.0, add=False))  # 4.0
print(backward_by_hand(2.0, -3.0, add=True))  # 1.0

# %% [markdown]
# A difference quotient decides which is right, as in lesson 1.


# %%
def f(a, b):
    return a * b + a**2


h = 1e-5
print(f"{(f(2 + h, -3) - f(2 - h, -3)) / (2 * h):.4f}")  # 1.0000

# %% [markdown]
# ## In which order?
#
# A node may hand its gradient on only when it is complete, after all nodes that use it. Here $s$ is used twice,
# and one of its users is used again:

# %%
x = Value(3.0, label="x")
s = x * 2
t = s + 1
L = s * t
L.backward()
print(s.grad, x.grad)  # 13.0 26.0

# %% [markdown]
# $L = s (s + 1)$, so $\partial L / \partial s = 2s + 1$ and $s = 6$. If $s$ had handed on its gradient as soon as the first
# part arrived, $x$ would have received $2 t$ only:

# %%
too_early = 2 * t.data
late = 2 * s.data
print(too_early, too_early + late)  # 14.0 26.0

# %% [markdown]
# The engine sorts: it goes from the newest node to the oldest. A node is always newer than its inputs, so all users come
# before it.
#
# ## Step through it yourself
#
# The page saved by `draw(L).save("chain.html")` steps through this graph, forward and backward. At every step it shows
# the formula and the numbers, and "quiz" lets you predict them. It opens offline. Its picture is this one:

# %%
draw(L)

# %% [markdown]
# ## What you have learned
#
# - The chain rule multiplies local derivatives along a way, and adds over all ways.
# - Backpropagation goes from the newest node to the oldest, so that a gradient is complete before it is handed on.
# - Overwriting where a number is used twice is the classic mistake.
#
# **For you:**
#
# 1. What is $\partial L / \partial a$ for $L = a + a + a$? Which mistake would give 1?
# 2. Derive $L = (a + b)(a - b)$ by the three patterns, at $a = 3$, $b = 1$.
#
# Next: lesson 4, vectors. The answers are below.

# %%
a = Value(5.0)
(a + a + a).backward()
print(a.grad)  # 3.0

# %%
a, b = Value(3.0), Value(1.0)
((a + b) * (a - b)).backward()
print(a.grad, b.grad)  # 6.0 -2.0
