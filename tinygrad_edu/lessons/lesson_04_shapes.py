# %% [markdown]
# # Vectors and the shapes of gradients
#
# You derive gradients of arrays by their shapes: through a matrix product, a sum, and a bias that is added to every row.
# It takes 15 to 20 minutes and builds on lesson 3, the chain rule.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, explain, tensor

# %% [markdown]
# ## One rule about shapes
#
# The loss is a single number. The gradient by an array has one slope for each number of it. So **a gradient has the shape
# of what it belongs to**, always. **Predict** the shape of the gradient by `x`, and its numbers:

# %%
x = tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True, name="x")
loss = (x**2).sum()
loss.backward()
print(x.grad.shape)  # (2, 3)
print(x.grad.tolist())  # [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]

# %% [markdown]
# Each number is on its own way to the sum, with the slope $2x$.
#
# ## A matrix product
#
# Four examples with three numbers each, and two outputs: $Z = X W$.

# %%
rng = np.random.default_rng(0)
X = tensor(rng.integers(-3, 4, size=(4, 3)).astype(float), name="X")
W = tensor(rng.integers(-3, 4, size=(3, 2)).astype(float), requires_grad=True, name="W")
b = tensor([0.5, -0.5], requires_grad=True, name="b")
Z = X @ W + b
print(X.shape, W.shape, Z.shape)  # (4, 3) (3, 2) (4, 2)

# %% [markdown]
# Suppose that the gradient $G$ by $Z$ has arrived, of shape (4, 2). What is the gradient by $W$, of shape (3, 2)? It must be
# made of $X$ (4, 3) and $G$ (4, 2). **Predict:** which product of these two has the shape (3, 2)?

# %%
G = rng.integers(-2, 3, size=(4, 2)).astype(float)
print((X.numpy().T @ G).shape)  # (3, 2)

# %% [markdown]
# There is only one: $X^\top G$. The shapes do not prove it, but the chain rule does. The number $W_{ij}$ is used in every
# row $n$, where it is multiplied by $X_{ni}$ and reaches $Z_{nj}$. Uses add up:
#
# $$\frac{\partial L}{\partial W_{ij}} = \sum_n X_{ni} G_{nj} = (X^\top G)_{ij}$$
#
# In the same way, the gradient by $X$ is $G W^\top$.

# %%
loops = np.zeros((3, 2))
for n in range(4):
    for i in range(3):
        for j in range(2):
            loops[i, j] += X.numpy()[n, i] * G[n, j]
print(np.array_equal(loops, X.numpy().T @ G))  # True

# %%
Z.backward(tensor(G))  # the engine starts from our G
print(np.array_equal(W.grad.numpy(), X.numpy().T @ G))  # True

# %% [markdown]
# ## A bias is stretched, so its gradient is summed
#
# `b` has 2 numbers, but $XW$ has 4 rows. NumPy adds `b` to every row; this is **broadcasting**. Each number of `b` is used
# four times. **Predict:** what happens to $G$ of shape (4, 2) on its way back to `b`?

# %%
print(b.grad.tolist(), G.sum(axis=0).tolist())  # [-1.0, 4.0] [-1.0, 4.0]

# %% [markdown]
# The rule of **un-broadcasting**: what was stretched forward is summed backward, over the same axes. Its mirror image: a
# sum forward is a stretch backward. In each pair the gradient takes back the shape of the input.

# %%
column = tensor([[1.0], [2.0]], requires_grad=True)
row = tensor([10.0, 20.0, 30.0], requires_grad=True)
(column * row).sum().backward()
print(column.grad.tolist())  # [[60.0], [60.0]]
print(row.grad.tolist())  # [3.0, 3.0, 3.0]

# %% [markdown]
# Each number of `column` meets all of `row`: its slope is $10 + 20 + 30$. Each number of `row` meets 1 and 2.
#
# ## A typical mistake, and what finds it
#
# A loss with a mean, whose gradients are derived by hand:
#
# $$L = \frac{1}{N} \sum_n \sum_j (Z_{nj} - T_{nj})^2$$
#
# In NumPy alone, with the rule "sum over rows" forgotten for `b`: its mean is taken.


# %%
def loss_fn(X, T, W, b):
    return np.sum((X @ W + b - T) ** 2) / len(X)


arrays = {"X": rng.normal(size=(5, 3)), "T": rng.normal(size=(5, 2))}
weights = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}
dZ = 2 * (arrays["X"] @ weights["W"] + weights["b"] - arrays["T"]) / 5
answers = {"W": arrays["X"].T @ dZ, "b": dZ.mean(axis=0)}

# %% [markdown]
# `diagnose` replays the gradient with known mistakes, and names one only if it gives every digit of the answer.

# %%
found = diagnose(loss_fn, weights, answers, data=arrays)
print(found)

# %%
answers["b"] = dZ.sum(axis=0)
print(diagnose(loss_fn, weights, answers, data=arrays).verdict)  # right

# %% [markdown]
# ## The same on the engine
#
# **Predict** the formula that `explain` writes for $W$.

# %%
X = tensor(arrays["X"], name="X")
T = tensor(arrays["T"], name="T")
W = tensor(weights["W"], requires_grad=True, name="W")
b = tensor(weights["b"], requires_grad=True, name="b")
loss = ((X @ W + b - T) ** 2).sum() / len(X)
loss.backward()
print("\n".join(explain(loss, W).formulas))

# %%
draw(loss)

# %% [markdown]
# ## What you have learned
#
# - A gradient has the shape of what it belongs to.
# - Through $Z = XW$: $X^\top G$ for $W$, and $G W^\top$ for $X$.
# - What is stretched forward is summed backward, and the other way round.
#
# **For you:**
#
# 1. `x` has the shape (3, 1), `y` the shape (1, 4). What must be summed, over which axis, for each gradient of `x + y`?
# 2. What is the gradient of `x.mean()` by `x` with 8 numbers?
#
# Next: lesson 5, the networks of an exam. The answers are below.

# %%
x, y = tensor(np.ones((3, 1)), requires_grad=True), tensor(np.ones((1, 4)), requires_grad=True)
(x + y).sum().backward()
print(x.grad.ravel().tolist(), y.grad.ravel().tolist())  # [4.0, 4.0, 4.0] [3.0, 3.0, 3.0, 3.0]

# %%
x = tensor(np.arange(8.0), requires_grad=True)
x.mean().backward()
print(x.grad.tolist()[0] == 1 / 8)  # True
