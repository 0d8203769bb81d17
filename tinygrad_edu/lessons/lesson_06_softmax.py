# %% [markdown]
# # Softmax and cross-entropy
#
# You turn scores into probabilities without overflow, measure surprise in nats and bits, and derive the shortest gradient
# of all, $p - y$. It takes 15 to 20 minutes and builds on lesson 4, shapes.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, explain, tensor
from tinygrad_edu.nn.functional import cross_entropy

# %% [markdown]
# ## From scores to probabilities
#
# A network gives one score for each class, a **logit**. The softmax makes probabilities of them:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# All are positive, and their sum is 1. **Predict:** what becomes of $p$ if 100 is added to every logit?


# %%
def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


z = np.array([2.0, 1.0, 0.0])
print(naive_softmax(z).round(3).tolist())  # [0.665, 0.245, 0.09]
print(naive_softmax(z + 100).round(3).tolist())  # [0.665, 0.245, 0.09]

# %% [markdown]
# Nothing: $e^{z + 100} = e^{z} e^{100}$, and the factor cancels. Softmax knows differences of logits only.
#
# ## Overflow
#
# On paper the constant cancels for 1000 too. **Predict:** on a computer?

# %%
with np.errstate(all="ignore"):
    print(np.exp(1000.0))  # ?
    print(naive_softmax(z + 1000).tolist())
print(f"the largest float64: {np.finfo(float).max:.0e}")

# %% [markdown]
# $e^{1000}$ is beyond the largest float64 and becomes `inf`, and `inf / inf` is `nan`, not a number.
# The cure uses the freedom found above: subtract the largest logit first. Then the largest exponential is $e^0 = 1$.


# %%
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


print(softmax(z + 1000).round(3).tolist())  # [0.665, 0.245, 0.09]

# %% [markdown]
# ## Surprise
#
# If the right class has the probability $p$, the loss is $-\log p$: nothing if the network was sure and right, and without
# bound as $p$ goes to 0. This is the **cross-entropy** for one right class. **Predict:** which loss has a network that knows
# nothing of 4 classes?

# %%
for p in [1.0, 0.5, 0.25, 0.01]:
    print(f"p = {p:<4}  {abs(np.log(p)):.4f} nats = {abs(np.log2(p)):.4f} bits")

# %% [markdown]
# The natural logarithm counts in **nats**, the logarithm to base 2 in **bits**; a nat is $1 / \ln 2$ bits. One bit is one
# fair coin: 2 bits choose one of 4 classes. Guessing $K$ classes blindly costs $\ln K$ nats; a first loss far above it
# says that something is wrong.

# %%
print(f"{1 / np.log(2):.4f} bits in a nat")  # 1.4427 bits in a nat
print(
    f"{cross_entropy(tensor(np.zeros((1, 4))), tensor([2])).item():.4f} nats for 4 equal logits"
)  # 1.3863 nats for 4 equal logits

# %% [markdown]
# ## The gradient
#
# For the right class $k$ the loss is
#
# $$L = -\log p_k = -z_k + \log \sum_j e^{z_j}$$
#
# The slope of the first part is $-1$ for $z_k$ and 0 for the others. That of the second is $e^{z_i} / \sum_j e^{z_j}$,
# which is $p_i$. Together, with $y$ as 1 at the right class and 0 elsewhere:
#
# $$\frac{\partial L}{\partial z} = p - y$$
#
# **Predict** the gradient for `z` above, if class 1 is right. Which sum do its numbers have?

# %%
logits = tensor([[2.0, 1.0, 0.0]], requires_grad=True, name="z")
loss = cross_entropy(logits, tensor([1]))
loss.backward()
print(logits.grad.numpy().round(3).tolist())  # [[0.665, -0.755, 0.09]]
print((softmax(z) - np.array([0, 1, 0])).round(3).tolist())  # [0.665, -0.755, 0.09]
print(f"sum {abs(logits.grad.sum().item()):.3f}")  # sum 0.000

# %% [markdown]
# The sum is 0, as moving all logits together changes nothing. Differences agree:

# %%
h = 1e-5
for i in range(3):
    step = h * np.eye(3)[i]
    print(f"{(np.log(softmax(z - step)[1]) - np.log(softmax(z + step)[1])) / (2 * h):.3f}")

# %% [markdown]
# ## A batch, and two typical mistakes
#
# For $N$ examples the loss is the mean, so the gradient is $(p - y) / N$.

# %%
rng = np.random.default_rng(0)
Z = tensor(rng.normal(size=(5, 3)).round(2), requires_grad=True, name="Z")
Y = tensor(np.eye(3)[[0, 2, 1, 1, 0]], name="Y")
loss = cross_entropy(Z, Y)
loss.backward()
P = softmax(Z.numpy(force=True))
print(np.allclose(Z.grad.numpy(), (P - Y.numpy()) / 5))  # True

# %%
print("\n".join(explain(loss, Z).formulas))

# %% [markdown]
# First mistake: the $1/N$ is left out. **Predict** how `diagnose` will call it.

# %%
found = diagnose(loss, Z, P - Y.numpy())
print(found)
print(found.explanations[0].mistake)  # mean-missing

# %% [markdown]
# Second mistake: softmax applied twice. PyTorch's and this library's `cross_entropy` take logits, and apply the softmax
# themselves. Who passes probabilities gets a loss that cannot become small. **Predict:** what is the least loss for
# 3 classes if the network is perfectly sure?

# %%
sure = tensor(np.eye(3))  # probabilities of 1 and 0
print(f"{cross_entropy(sure, tensor([0, 1, 2])).item():.4f}")  # 0.5514
print(f"{-np.log(np.e / (np.e + 2)):.4f}")  # 0.5514

# %% [markdown]
# The library warns of this when it sees a softmax fed to `cross_entropy`.
#
# ## In a picture
#
# `parts=True` opens the fused cross-entropy into its small operations; on the way back they collapse to $p - y$.

# %%
draw(loss, parts=True)

# %% [markdown]
# ## What you have learned
#
# - Softmax depends on differences of logits; subtract the largest one first.
# - Cross-entropy is the surprise $-\log p$ at the right class, in nats or bits.
# - Its gradient by the logits is $p - y$, over $N$ for a mean.
#
# **For you:**
#
# 1. A loss of 3.0 nats for 10 classes at the first step: is something wrong?
# 2. What is the gradient of the loss in bits?
#
# Next: lesson 7, by hand through batch norm. The answers are below.

# %%
print(f"{np.log(10):.3f}")  # 2.303
in_bits = (P - Y.numpy()) / 5 / np.log(2)
print(f"{in_bits[0, 0] / Z.grad[0, 0].item():.4f}")  # 1.4427

# %% [markdown]
# Answer to 1: blind guessing costs less, so the first weights are too large. To 2: the gradient in nats, times the
# bits in a nat.
