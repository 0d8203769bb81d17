# %% [markdown]
# # The networks of an exam, and its three mistakes
#
# You compute two small networks that a student handed in for an exam, compare your gradients with the printed ones, and
# find out what went wrong. It takes 15 to 20 minutes and builds on lesson 4, shapes.

# %%
import numpy as np
from tinygrad_edu import diagnose, draw, explain, tensor
from tinygrad_edu.exam.paper import Problem1, Problem2, Problem3
from tinygrad_edu.nn.functional import cross_entropy

# %% [markdown]
# ## The first network
#
# Three examples of four numbers, a hidden layer of three sigmoids, one output, which is a sigmoid too:
#
# $$H_1 = \sigma(X W_1), \qquad p = \sigma(H_1 W_2)$$
#
# All weights are 1 at the start, and the biases, which are 0, are left out here. The loss is the binary cross-entropy,
# the mean of $-y \log p - (1 - y) \log(1 - p)$.
#
# **Predict:** the last input is 0 in every example. What does that say about the last row of the gradient by $W_1$?

# %%
X, Y = tensor(Problem2.X, name="X"), tensor(Problem2.Y, name="Y")
W1 = tensor(Problem2.W1, requires_grad=True, name="W1")
W2 = tensor(Problem2.W2, requires_grad=True, name="W2")

H1 = (X @ W1).sigmoid()
p = (H1 @ W2).sigmoid()
loss = -(Y * p.log() + (1 - Y) * (1 - p).log()).mean()
loss.backward()
print([f"{each:.2f}" for each in p.ravel().tolist()])  # ['0.95', '0.95', '0.95']
for row in W1.grad.tolist():
    print([f"{each:.4f}" for each in row])

# %% [markdown]
# The last row is 0: a weight whose input is 0 changes nothing. The columns are equal, as three hidden units with equal
# weights compute the same and learn the same. That is why first weights are drawn at random.
#
# Now look at what the paper prints for the same gradient:

# %%
printed = Problem2.GRADIENT_MEAN.values
print(printed.tolist()[0])  # [13.331, -0.666, -0.664]
print(printed[0, 0] / W1.grad[0, 0].item() > 10_000)  # True

# %% [markdown]
# Its first number is more than ten thousand times ours, and its columns differ. **Predict:** which of these two facts alone proves that the
# printed gradient is wrong? (Equal units must have equal gradients, so the columns alone prove it.)
#
# ## The first mistake
#
# The paper has the line
#
# `dL_dz1 = (Y-yhat)*W2.T@H*(1-H)`
#
# There is no `H` in this problem: the hidden layer is `H1`. But Problem 1 defined an `H`, and a notebook keeps its
# variables. Let us run the paper's line as it stands.

# %%
H = Problem1.H
print(H.tolist())  # [2.0, 2.0, 2.0]
dz1 = (Y.numpy() - p.numpy(force=True)) * Problem2.W2.T @ H * (1 - H)
as_printed = np.mean([np.outer(x, dz1) for x in Problem2.X], axis=0)
print(np.allclose(as_printed, printed, atol=0.001))  # True

# %% [markdown]
# That is the printed gradient. `diagnose` knows nothing of the paper; told that an `H` was lying around, does it find the
# same? **Predict** how many mistakes it names. One is the wrong `H`; look at the operators, and at the sign of `Y-yhat`.

# %%
found = diagnose(loss, {W1: printed}, digits=3, given={"H": H}, names={"H1": H1})
print(found.explanations[0].mistake)  # stale-variable
print(found)

# %% [markdown]
# Three in one line: a variable of another problem; `@` where `*` is meant, which sums over hidden units; and
# $y - p$ for $p - y$. The shapes fit nevertheless, so Python had nothing to complain about: there are 3 examples and 3
# hidden units, and `H` has 3 numbers. For a test, choose sizes that all differ.
#
# By hand, and right:

# %%
h1, y_hat = H1.numpy(force=True), p.numpy(force=True)
dz2 = (y_hat - Problem2.Y) / 3
dz1 = dz2 @ Problem2.W2.T * h1 * (1 - h1)
print(np.allclose(Problem2.X.T @ dz1, W1.grad.numpy()))  # True

# %% [markdown]
# ## The second network
#
# Six points in three classes, two hidden sigmoids, and a softmax over three outputs. The weights are the ones the paper
# prints, with the decimals it has.

# %%
X, Y = tensor(Problem3.X, name="X"), tensor(Problem3.Y, name="Y")
start = {name: Problem3.INITIAL[name].values for name in ("W1", "W2", "B", "C")}
W1, W2, B, C = (tensor(value, requires_grad=True, name=name) for name, value in start.items())

H1 = (X @ W1 + B).sigmoid()
Z2 = H1 @ W2 + C
loss = cross_entropy(Z2, Y)
loss.backward()
print(f"{loss.item():.3f}")  # 1.169
print("\n".join(explain(loss, W2).formulas))

# %% [markdown]
# ## The second mistake
#
# The gradient by $W_2$ is a mean of products: for every example, hidden values times errors. The paper prints a matrix
# that is near to it. **Predict:** is the mean of products the product of the means?

# %%
products = np.array([1.0, 3.0]), np.array([1.0, -1.0])
print((products[0] * products[1]).mean(), products[0].mean() * products[1].mean())  # -1.0 0.0

# %% [markdown]
# It is not, unless one of the two does not vary. The difference is the **covariance** of the two over the batch. Here are
# both for $W_2$, beside the paper:

# %%
error = Z2.softmax(-1).numpy(force=True) - Problem3.Y
h = H1.numpy(force=True)
mean_of_products = h.T @ error / 6
product_of_means = np.outer(h.mean(axis=0), error.mean(axis=0))
for name, matrix in [
    ("mean of products", mean_of_products),
    ("product of means", product_of_means),
    ("paper", Problem3.GRADIENTS["dL/dW2"].values),
]:
    print(f"{name:16}", [f"{each:5.2f}" for each in matrix[0]])

# %% [markdown]
# The paper has the second. The hidden values vary little over the batch, so the two look alike in $W_2$. For $W_1$ they
# do not: the engine and the paper differ even in signs.

# %%
print([f"{each:.4f}" for each in W1.grad.tolist()[0]])  # ['-0.0196', '0.0149']
print(Problem3.GRADIENTS["dL/dW1"].values.tolist()[0])  # [0.0041, -0.0019]

# %% [markdown]
# `diagnose` is given all four printed gradients, each with its decimals (`digits`), and the decimals of the weights, which
# are known as printed only (`rounded`).

# %%
parameters = {"W1": W1, "W2": W2, "B": B, "C": C}
answers = {parameters[name]: Problem3.GRADIENTS[f"dL/d{name}"].values for name in parameters}
digits = {parameters[name]: Problem3.GRADIENTS[f"dL/d{name}"].decimals for name in parameters}
rounded = {parameters[name]: Problem3.INITIAL[name].decimals for name in parameters}
found = diagnose(loss, answers, digits=digits, rounded=rounded, names={"H1": H1, "Z2": Z2})
print(found)
print([each.mistake for each in found.explanations])  # ['product-of-means']

# %% [markdown]
# It names the mistake once, at $W_2$; the others follow from it. $C$ is right, because its gradient is a mean and no
# product.
#
# ## The third mistake
#
# The paper prints the losses 1.5997 and 9.598 after its step, the second as $L_{avg}$. **Predict:** for three classes, what
# does blind guessing cost in nats? Can the printed average be one?

# %%
step = {name: start[name] - Problem3.GRADIENTS[f"dL/d{name}"].values for name in start}
hidden = 1 / (1 + np.exp(-(Problem3.X @ step["W1"] + step["B"])))
after = cross_entropy(tensor(hidden @ step["W2"] + step["C"]), Y).item()
print(
    f"blind guessing: {np.log(3):.3f} nats, {np.log2(3):.3f} bits"
)  # blind guessing: 1.099 nats, 1.585 bits
print(
    f"{after:.1f} nats = {after / np.log(2):.1f} bits, {6 * after / np.log(2):.1f} for all six"
)  # 1.1 nats = 1.6 bits, 9.6 for all six

# %% [markdown]
# The loss is in **bits**, taken with the logarithm to base 2, while the gradients belong to nats. And what is called the
# average is the sum over six examples. No other number changes, but who compares 9.6 with the loss of another
# network is misled. A loss is stated with its unit, and as a sum or a mean.
#
# ## The graph
#
# In the picture, find the way from $W_1$ to the loss.

# %%
draw(loss, names={"H1": H1, "Z2": Z2})

# %% [markdown]
# ## What you have learned
#
# - A gradient that was printed is compared with one that was computed; `diagnose` then finds the line that was written.
# - Equal sizes hide mistakes, and a notebook keeps old variables.
# - The mean of products is not the product of means, and a loss has a unit.
#
# **For you:**
#
# 1. Take `1 - Y` for `Y` in the right derivation by hand of the first network. Does `diagnose` say so?
# 2. Which of the three mistakes would a gradient check as in lesson 1 have found?
#
# `tinygrad-edu exam` writes the whole report. Next: lesson 6, softmax and cross-entropy. The answer to 1 is below.

# %%
X, Y = tensor(Problem2.X, name="X"), tensor(Problem2.Y, name="Y")
W1 = tensor(Problem2.W1, requires_grad=True, name="W1")
p = ((X @ W1).sigmoid() @ tensor(Problem2.W2, name="W2")).sigmoid()
loss = -(Y * p.log() + (1 - Y) * (1 - p).log()).mean()
flipped = Problem2.X.T @ ((y_hat - (1 - Problem2.Y)) / 3 @ Problem2.W2.T * h1 * (1 - h1))
found = diagnose(loss, {W1: flipped})
print(found)
print(found.explanations[0].mistake)  # target-flipped

# %% [markdown]
# Answer to 2: the first and the second. The third is no mistake of a derivative.
