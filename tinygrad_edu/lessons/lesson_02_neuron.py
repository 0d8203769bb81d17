# %% [markdown]
# # One neuron
#
# You train a single neuron: predict, measure the error, take the slope of the error, step downhill. It takes 15 to 20
# minutes and builds on lesson 1, slopes.

# %%
from tinygrad_edu import Value, draw

# %% [markdown]
# ## What a neuron computes
#
# It multiplies every input by a **weight**, adds a **bias**, and squashes the sum by a function that bends, here the
# sigmoid:
#
# $$z = w_1 x_1 + w_2 x_2 + b, \qquad p = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# **Predict:** with $z = 0$, what is $p$? And for very large $z$?

# %%
for z in [-4.0, 0.0, 4.0]:
    print(f"z = {z:4}  p = {Value(z).sigmoid().data:.3f}")

# %% [markdown]
# $p$ lies between 0 and 1, so that it can be read as a degree of belief in "yes".
#
# ## One example
#
# The inputs are $x_1 = 1$ and $x_2 = 2$; the right answer is $y = 1$. The **loss** says how wrong $p$ is, here the squared
# error $(p - y)^2$.

# %%
w1, w2, b = Value(0.5, label="w1"), Value(-1.0, label="w2"), Value(0.0, label="b")
x1, x2, y = 1.0, 2.0, 1.0

z = w1 * x1 + w2 * x2 + b
p = z.sigmoid()
loss = (p - y) ** 2
print(f"z = {z.data}, p = {p.data:.4f}, loss = {loss.data:.4f}")  # z = -1.5, p = 0.1824, loss = 0.6684

# %% [markdown]
# The neuron says "no", which is wrong. In which direction should $w_1$, $w_2$ and $b$ move?
#
# **Predict** the signs of the three slopes, and which of $w_1$ and $w_2$ has the larger one.

# %%
loss.backward()
print(f"w1: {w1.grad:.4f}  w2: {w2.grad:.4f}  b: {b.grad:.4f}")  # w1: -0.2439  w2: -0.4878  b: -0.2439

# %% [markdown]
# All three are negative: if a parameter grows, the loss falls. The slope of $w_2$ is twice that of $w_1$, because $x_2$ is
# twice $x_1$. By the chain rule (lesson 3) the slope of a weight is the slope of $z$ times its input:
#
# $$\frac{\partial L}{\partial w_i} = \frac{\partial L}{\partial z} x_i, \qquad
# \frac{\partial L}{\partial z} = 2 (p - y) \cdot p (1 - p)$$

# %%
dz = 2 * (p.data - y) * p.data * (1 - p.data)
print(f"w1: {dz * x1:.4f}  w2: {dz * x2:.4f}  b: {dz:.4f}")  # w1: -0.2439  w2: -0.4878  b: -0.2439
print(abs(w1.grad - dz * x1) < 1e-12)  # True

# %%
draw(loss)

# %% [markdown]
# ## A typical mistake
#
# The factor $p(1 - p)$ is the derivative of the sigmoid, and it is easily left out. **Predict:** are the numbers then too
# large or too small?

# %%
forgotten = 2 * (p.data - y)
print(
    f"without p(1 - p): {forgotten * x1:.4f}, by the engine: {w1.grad:.4f}"
)  # without p(1 - p): -1.6351, by the engine: -0.2439
print(f"p(1 - p) = {p.data * (1 - p.data):.4f}")  # p(1 - p) = 0.1491

# %% [markdown]
# $p(1 - p)$ is never above $1/4$, so without it every slope is at least four times too large. The sign stays right,
# which is why training may still work, and nobody notices. Lesson 5 has tools that name this mistake.
#
# ## A step downhill
#
# **Gradient descent** moves every parameter a little against its slope; `lr` is the learning rate:
#
# $$w \to w - \text{lr} \cdot \frac{\partial L}{\partial w}$$

# %%
lr = 1.0
for parameter in (w1, w2, b):
    parameter.data -= lr * parameter.grad

p = (w1 * x1 + w2 * x2 + b).sigmoid()
print(f"p = {p.data:.4f}, loss = {((p - y) ** 2).data:.4f}")  # p = 0.4908, loss = 0.2593

# %% [markdown]
# ## Four examples
#
# Now the neuron learns "or": the answer is 1 if at least one input is 1. The loss is the mean over the four examples.
# Gradients **add up** in `grad`, so each step begins by setting them to zero.

# %%
examples = [(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 1.0)]


def mean_loss(w1, w2, b, examples):
    errors = [((w1 * x1 + w2 * x2 + b).sigmoid() - y) ** 2 for x1, x2, y in examples]
    return sum(errors) / len(errors)


def train(examples, steps, lr=2.0):
    parameters = [Value(0.1, label="w1"), Value(-0.1, label="w2"), Value(0.0, label="b")]
    for step in range(steps):
        for parameter in parameters:
            parameter.grad = 0.0
        loss = mean_loss(*parameters, examples)
        loss.backward()
        for parameter in parameters:
            parameter.data -= lr * parameter.grad
        if step % 100 == 0:
            print(f"step {step:3}  loss {loss.data:.4f}")
    return parameters


# %%
w1, w2, b = train(examples, 301)

# %%
for x1, x2, y in examples:
    print(f"{x1:.0f} or {x2:.0f} = {y:.0f}, the neuron says {(w1 * x1 + w2 * x2 + b).sigmoid().data:.2f}")

# %% [markdown]
# All four are on the right side of $1/2$.
#
# ## What one neuron cannot do
#
# "Exclusive or" is 1 if exactly one input is 1. The neuron's border between yes and no is a straight line.
# **Predict:** will the loss reach 0?

# %%
exclusive = [(0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)]
w1, w2, b = train(exclusive, 301)
print(f"{mean_loss(w1, w2, b, exclusive).data:.2f}")  # 0.25

# %% [markdown]
# No line has $(0, 1)$ and $(1, 0)$ on one side and $(0, 0)$ and $(1, 1)$ on the other. The best answer of a single neuron
# is $1/2$ everywhere, with the loss $1/4$. Two layers can do it.
#
# ## What you have learned
#
# - A neuron is a weighted sum and a bend; its weights learn by steps against the slope of the loss.
# - The slope of a weight is the slope of the sum times the input.
# - A single neuron separates by a straight line.
#
# **For you:**
#
# 1. Which `y` would give positive slopes in the first example?
# 2. Train "and". Which lines must change?
#
# Next: lesson 3, the chain rule on a graph. The answers are below.

# %%
both = [(x1, x2, x1 * x2) for x1, x2, _ in examples]
w1, w2, b = train(both, 301)
print([round((w1 * x1 + w2 * x2 + b).sigmoid().data) for x1, x2, _ in both])  # [0, 0, 0, 1]

# %% [markdown]
# Answer to 1: the sign of all three is that of $p - y$, as both inputs and $p(1 - p)$ are positive; every $y$ below $p$
# does it, such as 0. To 2: only the answers of the examples.
