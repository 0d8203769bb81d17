# %% [markdown]
# # Convolution as a window
#
# You compute a convolution by moving a window over an image, see that it is a matrix product, and derive both of its gradients.
# It takes 15 to 20 minutes and builds on lesson 4, shapes.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, nn, no_grad, tensor

# %% [markdown]
# ## One window
#
# A small matrix of weights, the **kernel**, lies on a part of the image. Its numbers are multiplied with those below, and the
# products are added up. Then it moves on by one place. **Predict:** an image of 6 by 6 and a kernel of 3 by 3; at how many places
# can the kernel lie?

# %%
rng = np.random.default_rng(0)
X = rng.normal(size=(6, 6)).round(1)
W = rng.normal(size=(3, 3)).round(1)

Y = np.zeros((4, 4))
for i in range(4):
    for j in range(4):
        Y[i, j] = (X[i : i + 3, j : j + 3] * W).sum()
print(Y.shape)  # (4, 4)

# %% [markdown]
# $6 - 3 + 1 = 4$ places in each direction.
#
# ## All windows at once
#
# NumPy can show the same memory as an array of windows, without copying a number. Each of the 16 windows has 9 numbers; written as
# rows of a matrix, they meet the kernel in one product. **Predict** the shapes.

# %%
windows = np.lib.stride_tricks.sliding_window_view(X, (3, 3))
print(windows.shape, np.shares_memory(windows, X))  # (4, 4, 3, 3) True

rows = windows.reshape(16, 9)
print(np.allclose((rows @ W.reshape(9)).reshape(4, 4), Y))  # True

# %% [markdown]
# So a convolution is a linear layer that sees one window at a time, with the *same* weights for each. That is all that `Conv2d`
# does, for several channels and images:

# %%
layer = nn.Conv2d(1, 1, kernel_size=3, bias=False)
with no_grad():
    layer.weight.copy_(tensor(W).reshape(1, 1, 3, 3))
print(np.allclose(layer(tensor(X).reshape(1, 1, 6, 6)).numpy(force=True), Y))  # True

# %% [markdown]
# **Predict:** how many weights would a linear layer from 36 numbers to 16 have? And the convolution?

# %%
print(36 * 16, W.size)  # 576 9

# %% [markdown]
# ## The gradient of the kernel
#
# Each weight is used 16 times, once in each window, so its gradient is a sum of 16 terms (lesson 3). With $G$ for the gradient of
# $Y$, it is the rule of lesson 4 for a matrix product, $dW = \text{rows}^\top G$. **Predict** the line of code.

# %%
G = 2 * Y  # the loss is the sum of the squares of Y
dW = (rows.T @ G.reshape(16)).reshape(3, 3)

# %% [markdown]
# ## The gradient of the image
#
# A pixel in the middle lies in 9 windows, one in the corner in a single one. Each window hands back $G_{ij} W$ to the pixels below
# it, and where windows overlap, they add up:

# %%
dX = np.zeros_like(X)
uses = np.zeros_like(X)
for i in range(4):
    for j in range(4):
        dX[i : i + 3, j : j + 3] += G[i, j] * W
        uses[i : i + 3, j : j + 3] += 1
print(uses[0].tolist())  # [1.0, 2.0, 3.0, 3.0, 2.0, 1.0]
print(uses[2].tolist())  # [3.0, 6.0, 9.0, 9.0, 6.0, 3.0]

# %% [markdown]
# Both beside the engine:

# %%
x = tensor(X, requires_grad=True, name="X")
w = tensor(W, requires_grad=True, name="W")
y = nn.functional.conv2d(x.reshape(1, 1, 6, 6), w.reshape(1, 1, 3, 3))
loss = (y**2).sum()
loss.backward()
print(np.allclose(dW, w.grad.numpy()), np.allclose(dX, x.grad.numpy()))  # True True

# %% [markdown]
# ## Backward is a convolution, too
#
# Read the sum from the pixel's side: pixel $(a, b)$ gets $\sum_{k l} G_{a - k, b - l} W_{k l}$. That is a window moving over $G$, with
# zeros around it, and the kernel **turned round**: $G$ is read backward where $W$ is read forward.


# %%
def convolved(image, kernel):
    return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(image, kernel.shape), kernel)


padded = np.pad(G, 2)
print(np.allclose(convolved(padded, W[::-1, ::-1]), dX))  # True

# %% [markdown]
# A typical mistake is to forget to turn the kernel. The shapes are right, so no error tells. **Predict** what `diagnose` says.

# %%
found = diagnose(loss, x, convolved(padded, W))
print(found)
print(found.explanations[0].mistake)  # kernel-flipped

# %% [markdown]
# ## Why windows fit images
#
# If the image moves, the result moves with it, as each place is treated alike. **Predict:** we move the image down by one row. What
# happens to the result?

# %%
moved = np.roll(X, 1, axis=0)
print(np.allclose(convolved(moved, W)[1:], Y[:-1]))  # True

# %% [markdown]
# ## In a picture

# %%
draw(loss)

# %% [markdown]
# ## What you have learned
#
# - A convolution is a product of windows with one kernel; few weights, used at every place.
# - The gradient of the kernel is a sum over all windows; that of the image adds up where windows overlap.
# - Backward through a convolution is a convolution with the kernel turned round.
#
# **For you:**
#
# 1. With a **stride** of 2 the kernel moves two places at a time. What is the shape of the result?
# 2. With zeros all around the image (**padding** of 1), what is the shape of the result of a kernel of 3 by 3?
#
# Next: lesson 10, recurrence. The answers are below.

# %%
print(windows[::2, ::2].shape[:2], convolved(np.pad(X, 1), W).shape)  # (2, 2) (6, 6)

# %% [markdown]
# Answer to 1: 2 by 2. To 2: 6 by 6, that of the image.
