# %% [markdown]
# # Recurrence: the same weight many times
#
# You send a sequence through one weight matrix step by step, add up its gradient over all steps by hand, and see why gradients vanish
# or explode. It takes 15 to 20 minutes and builds on lesson 4, shapes, and lesson 8, training that fails.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, nn, no_grad, tensor

# %% [markdown]
# ## A state that is carried on
#
# A **recurrent network** reads a sequence one element after the other and keeps a **state** $h$. Each step makes a new state from
# the element and the old state:
#
# $$h_t = \tanh(x_t W + h_{t-1} U)$$
#
# $W$ and $U$ are the same in every step. **Predict:** how many weights are there for 4 numbers an element, a state of 3, and 5 steps?

# %%
rng = np.random.default_rng(0)
X = rng.normal(size=(5, 2, 4))  # 5 steps, 2 sequences, 4 numbers an element
W = rng.normal(size=(4, 3)) / 2
U = rng.normal(size=(3, 3)) / 2

states = [np.zeros((2, 3))]
for x in X:
    states.append(np.tanh(x @ W + states[-1] @ U))
print(W.size + U.size, states[-1].shape)  # 21 (2, 3)

# %% [markdown]
# 21, however long the sequence is. `nn.RNN` does the same, with its weights transposed and two biases:

# %%
layer = nn.RNN(4, 3)
with no_grad():
    layer.weight_ih_l0.copy_(tensor(W.T))
    layer.weight_hh_l0.copy_(tensor(U.T))
    layer.bias_ih_l0.zero_()
    layer.bias_hh_l0.zero_()
print(np.allclose(layer(tensor(X))[0][-1].numpy(force=True), states[-1]))  # True

# %% [markdown]
# ## Backward through time
#
# Let the loss be $L = \sum h_5^2$, which depends on the last state alone. Written out, the network is a chain of 5 layers that share
# their weights. So the way back is that of a chain, from the last step to the first, and the gradient of a weight that is used 5
# times is the **sum** of 5 terms.
#
# **Predict** the three lines of the loop: the gradient of the sum inside tanh, what it adds to $dU$, and the gradient of the state
# before.

# %%
dh = 2 * states[-1]
dW, dU = np.zeros_like(W), np.zeros_like(U)
for t in range(5, 0, -1):
    dz = dh * (1 - states[t] ** 2)
    dW += X[t - 1].T @ dz
    dU += states[t - 1].T @ dz
    dh = dz @ U.T

# %% [markdown]
# And the engine:

# %%
x = tensor(X, name="X")
w, u = tensor(W, requires_grad=True, name="W"), tensor(U, requires_grad=True, name="U")
h = tensor(np.zeros((2, 3)))
for t in range(5):
    h = (x[t] @ w + h @ u).tanh()
loss = (h**2).sum()
loss.backward()
print(np.allclose(dW, w.grad.numpy()), np.allclose(dU, u.grad.numpy()))  # True True

# %% [markdown]
# ## Two typical mistakes
#
# The first: only the last step is counted. The second: the state *after* a step stands where that before it belongs. **Predict** what
# `diagnose` says of each.

# %%
last = states[-1]
found = diagnose(loss, u, states[4].T @ (2 * last * (1 - last**2)))
print(found)
print(found.explanations[0].mistake)  # path-lost

# %%
dh, late = 2 * last, np.zeros_like(U)
for t in range(5, 0, -1):
    dz = dh * (1 - states[t] ** 2)
    late += states[t].T @ dz
    dh = dz @ U.T
found = diagnose(loss, u, late)
print(found)
print(found.explanations[0].mistake)  # wrong-saved-input

# %% [markdown]
# ## Vanishing and exploding
#
# Each step back multiplies by $U^\top$ and by the slope of tanh, which is at most 1. Without tanh, 30 steps multiply by $U^\top$ 30
# times. **Predict:** what becomes of a gradient if $U$ makes every vector half as long? One and a half times as long?

# %%
for factor in (0.5, 1.0, 1.5):
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]  # turns vectors, and keeps their length
    g = np.ones(3)
    for _ in range(30):
        g = g @ (factor * turned).T
    print(f"{factor}: {np.linalg.norm(g) / np.linalg.norm(np.ones(3)):.0e}")

# %% [markdown]
# A billionth, the same, and two hundred thousand times as long. This is why plain recurrent networks forget what is far back, and why
# their training sometimes jumps. Two remedies:
#
# - Gradients that are too long are **cut**: `nn.utils.clip_grad_norm_` makes them shorter and keeps their direction.
# - An **LSTM** carries a second state, to which is *added*. Along it nothing is multiplied but a gate between 0 and 1.

# %%
u.grad *= 1000
before = nn.utils.clip_grad_norm_([u], max_norm=1.0)
print(f"{np.linalg.norm(u.grad.numpy()):.3f}")  # 1.000

# %% [markdown]
# **Predict:** in which of the two does the first of 40 elements still have an influence on the last state?


# %%
def influence_of_the_first(network):
    sequence = tensor(rng.normal(size=(40, 1, 4)), requires_grad=True)
    network(sequence)[0][-1].sum().backward()
    return float(np.abs(sequence.grad.numpy()[0]).max())


lstm = nn.LSTM(4, 3)
with no_grad():
    for parameter in [*layer.parameters(), *lstm.parameters()]:
        parameter.mul_(0.1)
    lstm.bias_ih_l0[3:6].fill_(5.0)  # the gate that keeps the second state, wide open
plain, gated = influence_of_the_first(layer), influence_of_the_first(lstm)
print(plain < 1e-12, gated > 1e-6)  # True True

# %% [markdown]
# The weights are small on purpose, so that the plain network forgets. The gate of the LSTM is set open by hand; training has to
# learn it.
#
# ## In a picture
#
# What repeats is one card. On the page (`draw(loss).save("rnn.html")`) a click opens it.

# %%
draw(loss)

# %% [markdown]
# ## What you have learned
#
# - A recurrent network is a chain of equal layers; the gradient of a shared weight is a sum over the steps.
# - Going back multiplies by the same matrix again and again: gradients vanish or explode.
# - Cutting helps against the one, an LSTM against the other.
#
# **For you:**
#
# 1. The loss is now the sum of squares of *all* states. Which line of the way back changes?
# 2. Why does `dW` use $x_t$ and `dU` $h_{t-1}$?
#
# Next: lesson 11, attention. The answers are below.

# %%
dh, d_all = np.zeros((2, 3)), np.zeros_like(U)
for t in range(5, 0, -1):
    dz = (dh + 2 * states[t]) * (1 - states[t] ** 2)  # every state has its own part of the loss
    d_all += states[t - 1].T @ dz
    dh = dz @ U.T

u.grad, h, total = None, tensor(np.zeros((2, 3))), 0.0
for t in range(5):
    h = (x[t] @ w + h @ u).tanh()
    total = total + (h**2).sum()
total.backward()
print(np.allclose(d_all, u.grad.numpy()))  # True

# %% [markdown]
# Answer to 1: the gradient of a state gets $2 h_t$ in addition, in every step. To 2: each is what the weight is multiplied with.
