# %% [markdown]
# # Attention by hand
#
# You compute attention in four small steps, hide the future with a mask, and derive its gradients. It takes 15 to 20
# minutes and builds on lesson 4, shapes, and lesson 6, softmax.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, explain, tensor

# %% [markdown]
# ## Questions, keys, values
#
# A **token** is one piece of a sequence, such as a character or a word. In attention, tokens exchange what they know. Each
# has three vectors:
#
# - a **query** $q$: what it looks for,
# - a **key** $k$: by what it can be found,
# - a **value** $v$: what it hands on.
#
# In a network, learned linear layers compute them. Here they are given, for 3 tokens, one a row. Queries and keys must
# have the same width $d$, here 5; values may have another, here 2.

# %%
Q = np.array([[1.0, 0, 1, 0, 0], [0, 2, 0, 1, 0], [1, 1, 0, 2, 0]])
K = np.array([[2.0, 0, 0, 0, 0], [0, 1, 2, 0, 0], [0, 0, 1, 1, 1]])
V = np.array([[1.0, 0], [0, 1], [2, 2]])
print(Q.shape, K.shape, V.shape)  # (3, 5) (3, 5) (3, 2)

# %% [markdown]
# ## Step 1: scores
#
# How well does key $j$ fit query $i$? The dot product $q_i \cdot k_j$ says it. All of them at once are the matrix
# $Q K^\top$. **Predict** its shape, and its first row: the first query with every key.

# %%
scores = Q @ K.T
print(scores.shape)  # (3, 3)
print(scores.tolist())  # [[2.0, 2.0, 1.0], [0.0, 2.0, 1.0], [2.0, 1.0, 2.0]]

# %% [markdown]
# A row belongs to a query, a column to a key.
#
# ## Step 2: scaling
#
# A dot product of $d$ independent numbers with variance 1 has the variance $d$, so scores grow with the width, like
# $\sqrt{d}$. **Predict:** what does a softmax do with large scores?


# %%
def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


rng = np.random.default_rng(0)
for d in [4, 64, 1024]:
    q, k = rng.normal(size=(2, 500, 8, d))  # 500 sets of 8 queries and 8 keys
    s = (q * k).sum(axis=-1)
    largest = [softmax(z).max(axis=-1).mean() for z in (s, s / d**0.5)]
    print(
        f"d = {d:4}  deviation / √d: {s.std() / d**0.5:.1f}  largest weight: {largest[0]:.1f}, scaled {largest[1]:.1f}"
    )

# %% [markdown]
# Without scaling, nearly all the weight of a wide model goes to one key. The softmax is then flat almost everywhere: its
# slope $p_i (1 - p_i)$ is near 0 if $p_i$ is near 0 or 1, and little is learned. So scores are divided by $\sqrt{d}$.

# %%
S = scores / 5**0.5
print(S[0].round(3).tolist())  # [0.894, 0.894, 0.447]

# %% [markdown]
# ## Steps 3 and 4: softmax over the keys, weighted sum
#
# Each query distributes a weight of 1 over all keys. **Predict:** which sums are 1, those of rows or of columns?

# %%
A = softmax(S)
print(A.round(3).tolist())
print(A.sum(axis=1).round(3).tolist())  # [1.0, 1.0, 1.0]
print(A.sum(axis=0).round(3).tolist())

# %% [markdown]
# Rows. The result of a token is the mean of all values, with these weights:
#
# $$Y = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$

# %%
Y = A @ V
print(Y.shape)  # (3, 2)
by_hand = sum(A[0, j] * V[j] for j in range(3))
print(by_hand.round(3).tolist(), Y[0].round(3).tolist())

# %% [markdown]
# ## The causal mask
#
# A model that predicts the next token must not look at it. Token $i$ may see itself and those before, so scores above the
# diagonal become $-\infty$ *before* the softmax. **Predict:** what are the weights of the first token?


# %%
hidden = np.triu(np.ones((3, 3), bool), k=1)  # True above the diagonal


def attention(Q, K, V, axis=-1):
    S = np.where(hidden, -np.inf, Q @ K.T / Q.shape[1] ** 0.5)
    return softmax(S, axis) @ V


print(softmax(np.where(hidden, -np.inf, S)).round(3).tolist())
print(attention(Q, K, V)[0].tolist())  # [1.0, 0.0]

# %% [markdown]
# $e^{-\infty} = 0$, so the first token sees only itself, and its result is its own value. And every row still sums to 1.
#
# ## Does the future leak?
#
# A test that finds many mistakes: change the *last* token, and see whether results of earlier tokens move. **Predict**
# what it finds if the softmax goes over the wrong axis, that of the queries.

# %%
changed = Q.copy()
changed[2] = [3, 0, 0, 0, 0]
for name, axis in [("over keys", 1), ("over queries", 0)]:
    moved = np.abs(attention(changed, K, V, axis) - attention(Q, K, V, axis))[:2].max()
    print(f"{name}: earlier results move: {moved > 1e-9}")

# %% [markdown]
# Over the queries, the mask is there, and the future leaks in spite of it: the last query is part of the sum by which the
# weights of the earlier ones are divided. The shapes are right, so no error is raised.
#
# ## Backward by hand
#
# Take the loss $L = \sum Y^2$, without the mask. Write $dY$ for $\partial L / \partial Y$, and so on. The product of
# matrices has the rule of lesson 4: $dA = dY V^\top$ and $dV = A^\top dY$. The softmax has, row by row,
#
# $$dS_{ij} = A_{ij} \left(dA_{ij} - \sum_m A_{im} dA_{im}\right)$$
#
# where the sum comes from the denominator that all weights of a row share. **Predict** the last line, $dQ$ from $dS$,
# before you read it.

# %%
dY = 2 * Y
dA = dY @ V.T
dV = A.T @ dY
dS = A * (dA - (A * dA).sum(axis=1, keepdims=True))
dK = dS.T @ Q / 5**0.5
dQ = dS @ K / 5**0.5
print(np.abs(dS.sum(axis=1)).max().round(9))  # 0.0

# %% [markdown]
# The rows of $dS$ sum to 0, as softmax knows differences only. Now the engine:

# %%
q, k, v = (tensor(x, requires_grad=True, name=n) for x, n in [(Q, "Q"), (K, "K"), (V, "V")])
weights = (q @ k.T / 5**0.5).softmax(dim=1)
loss = ((weights @ v) ** 2).sum()
loss.backward()
for by_hand, x in [(dQ, q), (dK, k), (dV, v)]:
    print(np.allclose(by_hand, x.grad.numpy()))  # True

# %%
print("\n".join(explain(loss, q).formulas))

# %% [markdown]
# ## Three typical mistakes
#
# **Predict** for each gradient what `diagnose` says: the sum of the softmax over the wrong axis, the scaling left out on
# the way back, and $A$ not transposed.

# %%
wrong = A * (dA - (A * dA).sum(axis=0, keepdims=True))
found = diagnose(loss, q, wrong @ K / 5**0.5)
print(found)
print(found.explanations[0].mistake)  # softmax-wrong-axis

# %%
found = diagnose(loss, q, dS @ K)
print(found)
print(found.explanations[0].mistake)  # factor-lost

# %%
found = diagnose(loss, v, A @ dY)
print(found)
print(found.explanations[0].mistake)  # transpose-missing

# %% [markdown]
# The third has the right shape only because there are as many queries as keys.
#
# ## In a picture
#
# Two products of matrices, with a softmax between them. The values join after the softmax, so $V$ has no part in the
# weights.

# %%
draw(loss)

# %% [markdown]
# ## What you have learned
#
# - Attention is a mean of values; a softmax over scaled dot products of queries and keys gives the weights.
# - The softmax goes over the keys: one row, one query, one sum of 1.
# - A causal mask puts $-\infty$ before the softmax; changing a later token shows whether the future leaks.
#
# **For you:**
#
# 1. All keys are equal. What does each token receive?
# 2. What is wrong with setting weights above the diagonal to 0 *after* the softmax?
#
# Next: lesson 12, a tiny GPT. The answers are below.

# %%
equal = softmax(Q @ np.ones((3, 5)).T / 5**0.5) @ V
print(equal.round(3).tolist(), V.mean(axis=0).round(3).tolist())
print(np.where(hidden, 0, A).sum(axis=1).round(3).tolist())

# %% [markdown]
# Answer to 1: the mean of all values, as the weights are equal. To 2: rows no longer sum to 1, and the denominator still
# contains the scores of the future.
