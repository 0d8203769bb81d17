# %% [markdown]
# # A tiny GPT
#
# You write a very small GPT on single numbers, then on Tensors, get the same loss, and turn its training step into a
# program in NumPy and in C. It takes 15 to 20 minutes and builds on lesson 11, attention.

# %%
import warnings

import numpy as np
from tinygrad_edu import Value, capture, draw, no_grad, optim, tensor
from tinygrad_edu.nn.functional import cross_entropy

# %% [markdown]
# ## A text with a rule
#
# A GPT predicts the next token from those before. Ours reads `aabbaabb...`, with two characters as tokens, 0 and 1.
# It sees at most 6 of them, which is its **context**. The text can begin at 4 places of its pattern:

# %%
text = "aabb" * 3
ids = np.array(["ab".index(character) for character in text])
X = np.array([ids[i : i + 6] for i in range(4)])
Y = np.array([ids[i + 1 : i + 7] for i in range(4)])
for x, y in zip(X, Y):
    print("".join("ab"[t] for t in x), "->", "".join("ab"[t] for t in y))

# %% [markdown]
# **Predict:** can you tell what follows one `a`? And what follows `ba`?
#
# After a single character, both are equally likely. After two, the next is always the other of the one before the last.
# So a model must look back, and that is what attention does. Even a perfect one has to guess at the first of 6 places:
# its loss is $\ln 2$ there and 0 elsewhere. **Predict** the mean.

# %%
best = np.log(2) / 6
print(f"{best:.4f}")  # 0.1155

# %% [markdown]
# ## The weights
#
# Every token and every place has a learned vector of width 4, an **embedding**; their sum goes in. Then come attention
# and a multilayer perceptron, each *added* to what goes past it, and a linear layer gives the logits. A large GPT has many
# such blocks, several heads of attention in each, and normalisation between them.

# %%
rng = np.random.default_rng(0)
names = ["tokens", "places", "query", "key", "value", "up", "down", "head"]
sizes = [(2, 4), (6, 4), (4, 4), (4, 4), (4, 4), (4, 8), (8, 4), (4, 2)]
start = {name: rng.normal(size=size) / 2 for name, size in zip(names, sizes)}
print(sum(w.size for w in start.values()), "numbers to learn")  # 152 numbers to learn

# %% [markdown]
# ## On single numbers
#
# First with `Value`, where each number is a node of the graph. Keys and values of earlier tokens are kept in lists, so
# a token cannot see the future: it has not been read yet. No mask is needed.


# %%
def product(x, matrix):
    return [sum(a * row[j] for a, row in zip(x, matrix)) for j in range(len(matrix[0]))]


def softmax(z):
    largest = max(number.data for number in z)
    e = [(number - largest).exp() for number in z]
    total = sum(e)
    return [number / total for number in e]


def loss_of_values(w, x, y):
    keys, values, losses = [], [], []
    for place, (token, following) in enumerate(zip(x, y)):
        h = [a + b for a, b in zip(w["tokens"][token], w["places"][place])]
        query = product(h, w["query"])
        keys.append(product(h, w["key"]))
        values.append(product(h, w["value"]))
        weights = softmax([sum(q * k for q, k in zip(query, key)) / 4**0.5 for key in keys])
        h = [a + b for a, b in zip(h, product(weights, values))]
        hidden = [number.relu() for number in product(h, w["up"])]
        h = [a + b for a, b in zip(h, product(hidden, w["down"]))]
        losses.append(-softmax(product(h, w["head"]))[following].log())
    return sum(losses) / len(losses)


single = {name: [[Value(number) for number in row] for row in w.tolist()] for name, w in start.items()}
loss = loss_of_values(single, X[0].tolist(), Y[0].tolist())
loss.backward()
print(f"{loss.data:.4f}")

# %% [markdown]
# ## On Tensors
#
# The same on whole arrays. All places are computed at once, so now the mask of lesson 11 is needed. **Predict:** is the
# loss the same, or only about the same?

# %%
W = {name: tensor(w, requires_grad=True, name=name) for name, w in start.items()}
hidden_places = tensor(np.triu(np.ones((6, 6), bool), k=1))


def logits_of(x):
    h = W["tokens"][x] + W["places"]
    scores = (h @ W["query"]) @ (h @ W["key"]).mT / 4**0.5
    weights = scores.masked_fill(hidden_places, -np.inf).softmax(dim=-1)
    h = h + weights @ (h @ W["value"])
    h = h + (h @ W["up"]).relu() @ W["down"]
    return h @ W["head"]


def loss_of_tensors(x, y):
    return cross_entropy(logits_of(x).flatten(0, -2), y.flatten())


whole = loss_of_tensors(tensor(X[0]), tensor(Y[0]))
whole.backward()
print(abs(whole.item() - loss.data) < 1e-12)  # True

# %% [markdown]
# The same up to rounding, as sums may be taken in another order. The gradients of all weights agree, too:

# %%
for name, rows in single.items():
    print(name, np.allclose(W[name].grad.numpy(), [[number.grad for number in row] for row in rows]))

# %% [markdown]
# In the picture, the loss is at the bottom. **Predict** first: at which two places does a line pass by what it is added to
# later?

# %%
draw(whole)

# %% [markdown]
# It passes by the attention, and by the perceptron. On these lines the gradient flows back undiminished, whatever the
# weights are. The triangle is the mask: above the diagonal, weights and gradients are 0.
#
# ## A step becomes a plan
#
# A training step does the same operations every time; only the numbers differ. `capture` records them in a **plan**,
# which does the arithmetic of later calls. Here it trains on all 4 texts as one batch. **Predict:** how near to the best
# loss does it come?

# %%
optimizer = optim.Adam(list(W.values()), lr=0.03)


@capture
def step(x, y):
    optimizer.zero_grad()
    loss = loss_of_tensors(x, y)
    loss.backward()
    optimizer.step()
    return loss


x, y = tensor(X), tensor(Y)
losses = [step(x, y).item() for _ in range(300)]
print("loss after 0, 10, 50 steps:", [round(losses[i], 2) for i in [0, 10, 50]])
print(losses[-1] - best < 0.01)  # True

# %% [markdown]
# It has found the rule. Two characters that begin a text are given; the model continues with the likeliest one:

# %%
with no_grad():
    for begin in ["aa", "ab", "bb", "ba"]:
        tokens = ["ab".index(character) for character in begin]
        while len(tokens) < 6:
            padded = tensor(tokens + [0] * (6 - len(tokens)))  # what follows is hidden by the mask
            tokens.append(int(logits_of(padded)[len(tokens) - 1].argmax()))
        print("".join("ab"[t] for t in tokens))  # aabbaa

# %% [markdown]
# ## Read the program
#
# `source()` is the plan as a file of NumPy that runs alone. These are the lines of the attention, forward. The comment
# behind each names the line of yours that it comes from.

# %%
source = step.source()
body = source[source.index("def step") :].splitlines()
first = next(i for i, line in enumerate(body) if "matmul" in line)
print("\n".join(body[first : first + 8]))

# %% [markdown]
# The forward pass has 8 products of matrices: query, key, value, up, down, head, and two in the attention. **Predict:** how
# many has the whole step? For $z = x w$, the way back needs $\partial L / \partial x$ and $\partial L / \partial w$.

# %%
print(sum("= matmul(" in line for line in body))  # 24

# %% [markdown]
# Three times as many: for each product forward, two on the way back. The gradient of the softmax is in the program, too.
# **Predict** its four operations from the formula of lesson 11, $dS = A (dA - \sum A \, dA)$.

# %%
first = next(i for i, line in enumerate(body) if "* softmax_1" in line)
print("\n".join(body[first : first + 4]))

# %% [markdown]
# ## And in C
#
# `source("c")` is the same step as plain loops, with no library of arrays. **Predict:** how many loops does the softmax
# need? Then read it.

# %%
in_c = step.source("c")
begin = in_c.index("/* softmax")
print(in_c[begin : in_c.index("/*", begin + 2)].rstrip())

# %% [markdown]
# One over the batch and one over the rows; in them one for the largest number, one for the exponentials and their sum,
# and one for the division. The second condition of the `if` is true for `nan` only, so that a `nan` is not lost.
#
# Where there is a C compiler, `engine="c"` compiles and runs it. It is not required: without one, a warning says that the
# plan stays in NumPy. The first calls record; the last one runs the program. Here it is the loss alone.


# %%
def loss_only(x, y):
    with no_grad():
        return loss_of_tensors(x, y)


compiled = capture(loss_only, engine="c")
with warnings.catch_warnings(record=True) as given:
    warnings.simplefilter("always")
    losses = [compiled(x, y).item() for _ in range(4)]
print("warnings:", [str(each.message) for each in given])
print("the same loss:", abs(losses[-1] - loss_of_tensors(x, y).item()) < 1e-9)  # the same loss: True

# %% [markdown]
# ## What you have learned
#
# - A GPT is embeddings, attention and a perceptron, added to what goes past them, and a loss on the next token.
# - On single numbers or on Tensors it is the same function, with the same gradients.
# - A training step is a fixed list of operations, which can be written out in NumPy or in C.
#
# **For you:**
#
# 1. What is the best loss for the text `abababab...`, with a context of 6?
# 2. Which loss has a model that ignores all but the current character of `aabbaabb...`?
#
# The answers are below.


# %%
def loss_from_one_character(text):
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]  # each character with the next
    return np.mean([np.log(text[:-1].count(pair[0]) / pairs.count(pair)) for pair in pairs])


print(f"{loss_from_one_character('ababababa'):.4f}")  # 0.0000
print(f"{loss_from_one_character('aabbaabba'):.4f}")  # 0.6931

# %% [markdown]
# Answer to 1: 0, as one character decides the next. To 2: $\ln 2$ at every place, as both are equally likely.
