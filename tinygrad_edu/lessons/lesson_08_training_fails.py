# %% [markdown]
# # Training that fails, and why
#
# You let four trainings fail, one cause at a time, and find each cause in the numbers. It takes 15 to 20 minutes and builds on
# lesson 2, one neuron, and lesson 6, softmax and cross-entropy.

# %%
import warnings

import numpy as np
import tinygrad_edu as torch
from tinygrad_edu import nn, optim
from tinygrad_edu.viz import LayerHistory, draw

# %% [markdown]
# ## A task and a network
#
# Two numbers decide: the answer is 1 if both have the same sign, else 0. Eight further numbers decide nothing. A straight line
# cannot tell the classes apart, so a network needs at least one hidden layer.

# %%
X = torch.tensor(np.random.default_rng(0).normal(size=(200, 10)))
y = (X[:, :1] * X[:, 1:2] > 0).double()
criterion = nn.BCEWithLogitsLoss()


def network(activation, layers):
    torch.manual_seed(0)
    hidden = [part for _ in range(layers) for part in (nn.Linear(10, 10), activation())]
    return nn.Sequential(*hidden, nn.Linear(10, 1))


def train(net, steps, lr=0.1, zero_grad=True, history=None):
    optimizer = optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    losses = []
    for _ in range(steps):
        if zero_grad:
            optimizer.zero_grad()
        loss = criterion(net(X), y)
        loss.backward()
        optimizer.step()
        if history:
            history.step()
        losses.append(loss.item())
    return losses


losses = train(network(nn.Tanh, 1), 200)
print(losses[-1] < 0.5 * losses[0])  # True

# %% [markdown]
# This one learns. **Predict:** what is the loss of a network that has learned nothing and says 1/2 to everything?

# %%
print(f"{criterion(torch.zeros(200, 1), y).item():.4f} {np.log(2):.4f}")  # 0.6931 0.6931

# %% [markdown]
# $\ln 2$. A loss near it at the start is healthy; a loss that stays there says that nothing is learned.
#
# ## Failure 1: the gradient vanishes
#
# Going back through a sigmoid multiplies the gradient by $p (1 - p)$, which is at most 1/4. **Predict:** by how much is it
# smaller at the first of eight layers than at the last?

# %%
for activation in (nn.Sigmoid, nn.Tanh):
    net = network(activation, 8)
    criterion(net(X), y).backward()
    first, last = net[0].weight.grad.abs().mean().item(), net[14].weight.grad.abs().mean().item()
    print(f"{activation.__name__:8} first less than a thousandth of the last: {first < last / 1000}")
print(f"{0.25**8:.6f}")  # 0.000015

# %% [markdown]
# Eight factors of at most 1/4 are at most 0.000015, and the weights, which start small, make it less still. With tanh, whose
# slope is 1 at 0, enough is left. `LayerHistory` looks at a network while it trains, and names what it finds:

# %%
net = network(nn.Sigmoid, 8)
history = LayerHistory(net)
losses = train(net, 20, history=history)
print(history.findings()["0"][0].partition(":")[0])  # the gradient vanishes
print(abs(losses[-1] - np.log(2)) < 0.05)  # True

# %% [markdown]
# The loss stays near $\ln 2$. What helps: an activation whose slope is near 1, first weights of the right size, batch norm
# (lesson 7), or residual connections.
#
# Another number to watch is the **update-to-weight ratio**: how large a step is beside the weights. A thousandth is a common rule
# of thumb. Below, the first layer hardly moves:

# %%
print(history.findings()["0.weight"][0].rpartition(": ")[2])  # it hardly learns

# %% [markdown]
# ## Failure 2: units die
#
# ReLU lets through what is positive. **Predict:** what gradient do the weights of a unit get whose sum is negative for every
# example?

# %%
net = network(nn.ReLU, 1)
with torch.no_grad():
    net[0].bias.fill_(-10.0)  # as one step with a much too large learning rate may leave it
history = LayerHistory(net)
train(net, 5, history=history)
print(net[0].weight.grad.abs().max().item())  # 0.0
print(history.findings()["1"][0])  # 10 of 10 units are dead: 0 for every example

# %% [markdown]
# The gradient is 0, so no step changes the unit: it is **dead**. The picture has 4 of the examples. **Predict** in which cards
# the gradient, the second field of a card, is 0 everywhere.

# %%
loss = criterion(net(X[:4]), y[:4])
net.zero_grad()
loss.backward()
draw(loss)

# %% [markdown]
# A gradient still arrives at the ReLU's result; in every card before it, the field is pale. The weights of the last layer get no
# gradient either, as theirs is a product with the ReLU's zeros. Only the last bias learns.
#
# What helps: a smaller learning rate, and an activation such as leaky ReLU, whose slope is nowhere 0.
#
# ## Failure 3: the forgotten `zero_grad`
#
# `backward()` adds to `grad`. **Predict:** if nobody sets it to zero, what does step 3 go along?


# %%
def warned(action):
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        action()
    return [str(each.message) for each in given]


for message in warned(lambda: train(network(nn.Tanh, 1), 3, zero_grad=False)):
    print(message)

# %% [markdown]
# The sum of the gradients of steps 1, 2 and 3, most of them of weights that are no longer there. The steps grow and turn too late,
# as with a very large momentum. The loss may still fall for a while, so that nobody looks for a mistake.
#
# ## Failure 4: softmax twice
#
# `cross_entropy` contains the softmax, as lesson 6 has shown. **Predict:** what is the least loss of three classes if the network
# already ends in a softmax?

# %%
logits = torch.tensor([[100.0, 0.0, 0.0]], requires_grad=True)  # as sure as can be, and right
label = torch.tensor([0])
print(f"{nn.functional.cross_entropy(logits, label).item():.4f}")  # 0.0000
for message in warned(lambda: print(f"{nn.functional.cross_entropy(logits.softmax(1), label).item():.4f}")):
    print(message)

# %% [markdown]
# The second softmax sees numbers between 0 and 1, so it can never be sure: the loss cannot fall below $\ln(e + 2) - 1$.
#
# ## And a wrong unit
#
# A loss says nothing without its **unit** and what it is a mean of. **Predict:** two programs report 0.69 and 1.00 for the same
# network and data. Which one is better?

# %%
nats = criterion(torch.zeros(200, 1), y).item()
print(f"{nats:.2f} nats = {nats / np.log(2):.2f} bits")  # 0.69 nats = 1.00 bits
total = nn.BCEWithLogitsLoss(reduction="sum")(torch.zeros(200, 1), y).item()
print(f"{total / nats:.0f}")  # 200

# %% [markdown]
# Neither. And a sum over 200 examples has a gradient 200 times as large: with the same learning rate, each step is 200 times
# as long.
#
# ## What you have learned
#
# - A loss that stays at its first value means that nothing is learned; look at gradients layer by layer.
# - Factors below 1 make gradients vanish; a unit that is 0 for every example is dead.
# - Forgotten `zero_grad` and a second softmax raise no error. Read the warnings.
#
# **For you:**
#
# 1. Which learning rate does a sum over 200 examples need, to take the steps of the mean with 0.1?
# 2. Give the eight layers of failure 1 the activation `nn.ReLU`. Does the gradient vanish?
#
# Next: lesson 9, convolution. The answers are below.

# %%
print(f"{0.1 / 200:.4f}")  # 0.0005
net = network(nn.ReLU, 8)
criterion(net(X), y).backward()
print(net[0].weight.grad.abs().mean().item() > net[14].weight.grad.abs().mean().item() / 1000)  # True

# %% [markdown]
# Answer to 2: it becomes smaller, but not a thousand times: the slope of ReLU is 1 where it is not 0.
