# %% [markdown]
# # By hand through batch norm
#
# You derive 26 gradients by hand, from the loss back to the embedding, and each is checked and diagnosed. It takes some
# 20 minutes to read, and an evening to do alone; it builds on lessons 3, 4 and 6.

# %%
import numpy as np
from tinygrad_edu import draw, tensor
from tinygrad_edu.exercise import load

exercise = load("makemore-4")
X, Y, C, W1, b1, W2, b2, bngain, bnbias = (
    exercise.data[name] for name in ["X", "Y", "C", "W1", "b1", "W2", "b2", "bngain", "bnbias"]
)
N = len(X)
print(X.shape, C.shape, W1.shape, W2.shape)  # (9, 3) (5, 2) (6, 7) (7, 5)

# %% [markdown]
# ## Forward
#
# The network predicts the next of 5 letters from 3 letters. Every operation is a line with a name. First the embedding,
# a linear layer, and **batch norm**: each column is shifted to mean 0 and scaled to variance 1, over the batch.
#
# $$\hat{x} = \frac{x - \mu}{\sqrt{v + \epsilon}}, \qquad y = \gamma \hat{x} + \beta$$

# %%
emb = C[X]
embcat = emb.reshape(N, -1)
hprebn = embcat @ W1 + b1
bnmeani = hprebn.sum(axis=0, keepdims=True) / N
bndiff = hprebn - bnmeani
bndiff2 = bndiff**2
bnvar = bndiff2.sum(axis=0, keepdims=True) / (N - 1)
bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias
h = np.tanh(hpreact)
print(bnraw.shape, f"{abs(bnraw.mean(axis=0)).max():.6f}")  # (9, 7) 0.000000

# %% [markdown]
# Then a second linear layer, and the cross-entropy of lesson 6 in small steps.

# %%
logits = h @ W2 + b2
logit_maxes = logits.max(axis=1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(axis=1, keepdims=True)
counts_sum_inv = counts_sum**-1.0
probs = counts * counts_sum_inv
logprobs = np.log(probs)
L = -logprobs[np.arange(N), Y].mean()
print(f"{L:.4f}")  # 1.8673

# %% [markdown]
# ## Backward: the loss
#
# `dx` is the gradient of $L$ by `x`. **Predict** each line before you read it: the local derivative, then the shape.
#
# Only the log-probability of the right letter enters $L$, each with $-1/N$. Here is the first attempt, with a mistake:


# %%
def why(name, answer):
    graded = exercise.check({name: answer}).arrays[name]
    print(graded.reason(3))
    return graded.explanations[0].mistake


onehot = np.eye(len(C))[Y]
dlogprobs = -onehot
print(why("dlogprobs", dlogprobs))  # mean-missing

# %% [markdown]
# The check names it. Corrected, with the next two steps: $\partial \log p / \partial p = 1/p$, and a product swaps.


# %%
def report(**answers):
    result = exercise.check(answers)
    return f"{result.points} of {len(answers)} right"


dlogprobs = -onehot / N
dprobs = dlogprobs / probs
dcounts_sum_inv = (dprobs * counts).sum(axis=1, keepdims=True)  # stretched forward, summed backward
dcounts_sum = -dcounts_sum_inv * counts_sum**-2.0
print(
    report(dlogprobs=dlogprobs, dprobs=dprobs, dcounts_sum_inv=dcounts_sum_inv, dcounts_sum=dcounts_sum)
)  # 4.0 of 4 right

# %% [markdown]
# `counts` is used in `probs` and in `counts_sum`. **Predict** what is missing here:

# %%
dcounts = dprobs * counts_sum_inv
print(why("dcounts", dcounts))  # path-lost

# %% [markdown]
# The graph fans out, so the second way is added (lesson 3). Next come the logits. The largest logit is subtracted for
# safety only, so its total gradient should be zero. **Predict:** exactly, or nearly?

# %%
dcounts = dprobs * counts_sum_inv + dcounts_sum
dnorm_logits = dcounts * counts
dlogit_maxes = -dnorm_logits.sum(axis=1, keepdims=True)
dlogits = dnorm_logits + dlogit_maxes * np.eye(len(C))[logits.argmax(axis=1)]
print(
    report(dcounts=dcounts, dnorm_logits=dnorm_logits, dlogit_maxes=dlogit_maxes, dlogits=dlogits)
)  # 4.0 of 4 right
print(f"{abs(dlogit_maxes).max():.12f}")  # 0.000000000000
print(np.allclose(dlogits, (probs - onehot) / N))  # True

# %% [markdown]
# Nearly: zero up to rounding. And after eight steps, $(p - y) / N$ of lesson 6 has come out.
#
# ## Backward: the second layer and tanh
#
# The shapes of lesson 4: `h` is (9, 7), `W2` is (7, 5), the gradient is (9, 5).

# %%
dh = dlogits @ W2.T
dW2 = h.T @ dlogits
db2 = dlogits.sum(axis=0)
dhpreact = dh * (1 - h**2)
print(h.shape, W2.shape, dlogits.shape)  # (9, 7) (7, 5) (9, 5)
print(report(dh=dh, W2=dW2, b2=db2, dhpreact=dhpreact))  # 4.0 of 4 right

# %% [markdown]
# ## Backward: batch norm
#
# `bngain` and `bnbias` are one row each, stretched over the batch. **Predict** what is wrong with the first attempt:

# %%
dbngain = dhpreact * bnraw
print(why("bngain", dbngain))  # not-summed

# %%
dbngain = (dhpreact * bnraw).sum(axis=0, keepdims=True)
dbnbias = dhpreact.sum(axis=0, keepdims=True)
dbnraw = dhpreact * bngain
dbnvar_inv = (dbnraw * bndiff).sum(axis=0, keepdims=True)
print(report(bngain=dbngain, bnbias=dbnbias, dbnraw=dbnraw, dbnvar_inv=dbnvar_inv))  # 4.0 of 4 right

# %% [markdown]
# Now the variance. A power comes down, $(v + \epsilon)^{-1/2}$ to $-\frac{1}{2} (v + \epsilon)^{-3/2}$; a sum is stretched,
# with its factor $1 / (N - 1)$. And `bndiff` is used twice: in `bnraw` and in its own square.

# %%
dbnvar = -0.5 * dbnvar_inv * (bnvar + 1e-5) ** -1.5
dbndiff2 = np.ones((N, 1)) * dbnvar / (N - 1)
dbndiff = dbnraw * bnvar_inv + 2 * bndiff * dbndiff2
print(report(dbnvar=dbnvar, dbndiff2=dbndiff2, dbndiff=dbndiff))  # 3.0 of 3 right

# %% [markdown]
# `hprebn` is used twice too: by itself, and in the mean, where every example touches every other one. **Predict** the sum
# of `dhprebn` over the batch.

# %%
dbnmeani = -dbndiff.sum(axis=0, keepdims=True)
dhprebn = dbndiff + dbnmeani / N
print(report(dbnmeani=dbnmeani, dhprebn=dhprebn))  # 2.0 of 2 right
print(f"{abs(dhprebn.sum(axis=0)).max():.12f}")  # 0.000000000000

# %% [markdown]
# Zero: shifting a whole column changes nothing after batch norm. The bias `b1` shifts whole columns, so its gradient
# is zero as well; before batch norm a bias is useless.
#
# ## Backward: the first layer and the embedding
#
# A row of `C` is used once for each time its letter occurs, and receives all these gradients. `dC[X] += demb` would keep
# only the last of them; `np.add.at` adds up.

# %%
dembcat = dhprebn @ W1.T
dW1 = embcat.T @ dhprebn
db1 = dhprebn.sum(axis=0)
demb = dembcat.reshape(emb.shape)
dC = np.zeros_like(C)
np.add.at(dC, X, demb)
print(report(dembcat=dembcat, W1=dW1, b1=db1, demb=demb, C=dC))  # 5.0 of 5 right
print(f"{abs(db1).max():.12f}")  # 0.000000000000

# %% [markdown]
# That is all 26: 4 + 4 + 4 + 4 + 3 + 2 + 5.
#
# ## The short formula
#
# The steps from `hprebn` to `bnraw`, simplified on paper, are one line, with $G$ the gradient by $\hat{x}$, and sums over
# the batch:
#
# $$\frac{1}{N \sqrt{v + \epsilon}} \left( N G - \sum G - \frac{N}{N - 1} \hat{x} \sum G \hat{x} \right)$$

# %%
short = bnvar_inv / N * (N * dbnraw - dbnraw.sum(axis=0) - N / (N - 1) * bnraw * (dbnraw * bnraw).sum(axis=0))
print(np.allclose(short, dhprebn))  # True

# %% [markdown]
# ## In a picture
#
# The batch norm alone. `x` has three ways to the loss: by itself, in the mean, and in the variance.

# %%
x = tensor(hprebn[:3, :2], requires_grad=True, name="x")
difference = x - x.sum(0, keepdim=True) / 3
variance = (difference**2).sum(0, keepdim=True) / 2
loss = (difference * (variance + 1e-5) ** -0.5).tanh().sum()
loss.backward()
draw(loss)

# %% [markdown]
# ## What you have learned
#
# - A long derivation is many short ones; checked one by one, a mistake is found where it is made.
# - In batch norm, each example's gradient depends on the whole batch, through the mean and the variance.
# - What a normalization removes receives no gradient: a bias before it learns nothing.
#
# **For you:**
#
# 1. Replace $1/(N - 1)$ by $1/N$ in the variance. What changes in the short formula?
# 2. `tinygrad-edu exercise` lists more sheets; `jacobian-layer-norm` is the next of kin.
#
# Next: lesson 8, training that fails and why. The check of 1 is below.

# %%
inverse = ((bndiff**2).mean(axis=0) + 1e-5) ** -0.5
xhat = bndiff * inverse
G = dbnraw
short = inverse / N * (N * G - G.sum(axis=0) - xhat * (G * xhat).sum(axis=0))
x = tensor(hprebn, requires_grad=True)
d = x - x.mean(0)
((d * ((d**2).mean(0) + 1e-5) ** -0.5) * tensor(G)).sum().backward()
print(np.allclose(short, x.grad.numpy()))  # True
