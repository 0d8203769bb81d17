# %% [markdown]
# # Numbers and slopes
#
# You find the slope of a function in three ways and see that they agree: by differences, by hand, and by the engine. It
# takes 15 to 20 minutes. You need a little Python and the derivative of $x^2$ from school; no lesson comes before this one.

# %%
from tinygrad_edu import Value, draw, explain
from tinygrad_edu.testing import gradient_verdict

# %% [markdown]
# ## A slope is a ratio
#
# Here is a function of one number. If $x$ grows by a small $h$, how much does $f(x)$ grow? The ratio is the slope:
#
# $$\frac{f(x + h) - f(x)}{h}$$
#
# **Predict:** at $x = 2$, does $f$ rise or fall, and how steeply? Then run the cells.


# %%
def f(x):
    return x**3 - 2 * x


print(f(2.0))  # 4.0
print(f"{f(2.1) - f(2.0):.3f}")  # 1.061

# %%
for h in [0.1, 0.01, 0.001]:
    print(f"h = {h:<5}  slope = {(f(2.0 + h) - f(2.0)) / h:.4f}")

# %% [markdown]
# The ratio comes closer to a limit as $h$ shrinks. That limit is the **derivative**.
#
# ## Both sides are better than one
#
# A step to the right alone sees some of the bend of the curve. Half a step to each side cancels most of it. This is the
# **central difference**:
#
# $$\frac{f(x + h) - f(x - h)}{2h}$$
#
# **Predict:** with the same $h = 0.01$, is the error smaller by a factor of 2, of 10, or of more?


# %%
def slope(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


one_side = (f(2.01) - f(2.0)) / 0.01
print(f"one side:   error {one_side - 10:.4f}")  # one side:   error 0.0601
print(f"both sides: error {slope(f, 2.0, 0.01) - 10:.4f}")  # both sides: error 0.0001

# %% [markdown]
# Is a smaller $h$ always better? A computer keeps about 16 digits. If $h$ is tiny, $f(x + h)$ and $f(x - h)$ agree in nearly
# all of them, and their difference is mostly rounding.

# %%
for h in [1e-1, 1e-5, 1e-13]:
    error = abs(slope(f, 2.0, h) - 10)
    print(f"h = {h:.0e}  error below 1e-6: {error < 1e-6}")

# %% [markdown]
# ## By hand
#
# The rules of calculus give the limit without any $h$: the derivative of $x^3$ is $3x^2$, and that of $2x$ is $2$. So
#
# $$f'(x) = 3x^2 - 2$$


# %%
def derivative(x):
    return 3 * x**2 - 2


print(derivative(2.0))  # 10.0

# %% [markdown]
# ## The gradient check
#
# A derivative that was written by hand may be wrong. Differences are slow and not exact, but they know nothing of your
# algebra, so they find its mistakes. Comparing both is called a **gradient check**.
#
# Here is a typical mistake: the exponent comes down, but it is not made smaller. **Predict:** could you miss it by
# looking at one point only?


# %%
def wrong_derivative(x):
    return 3 * x**3 - 2


for x in [1.0, 2.0, -0.5]:
    agrees = abs(wrong_derivative(x) - slope(f, x, 1e-5)) < 1e-6
    print(f"x = {x:4}  agrees: {agrees}")

# %% [markdown]
# At $x = 1$ the wrong formula agrees, because $1^3 = 1^2$. A check uses several points, none of them special.
#
# ## The engine
#
# A `Value` is a number that remembers how it was computed. The function is the same as before; `backward()` then walks through
# the remembered operations and leaves the slope in `grad`.

# %%
x = Value(2.0, label="x")
y = f(x)
y.backward()
print(y.data)  # 4.0
print(x.grad)  # 10.0

# %% [markdown]
# Same result, less code: nobody wrote the derivative. The engine has one rule for each operation and combines them; how,
# is the subject of lesson 3. `explain` writes out what it did, as on paper:

# %%
print(explain(y, x))

# %% [markdown]
# In the last lines, $x$ reaches $y$ on two ways, through $x^3$ and through $2x$. Their contributions, 12 and −2, add up.
#
# ## A picture
#
# `draw` shows every number with its gradient. In a notebook the picture appears below the cell. From a plain file, save it
# where you like: `draw(y).save("graph.svg")`.

# %%
draw(y)

# %% [markdown]
# ## A check in one line
#
# `gradient_verdict` compares the engine with differences and says in words what it finds. The function `relu` is 0 for
# negative $x$ and $x$ for positive $x$, so at 0 it has a corner. **Predict:** what is the slope to the left of the corner,
# and what to the right? Which one does the engine choose?

# %%
print(gradient_verdict(f, 2.0).kind)  # agrees
print(gradient_verdict(lambda x: x.relu(), 0.0))

# %% [markdown]
# A corner is called a **kink**. Any slope between the two of its sides is as good as another; the engine takes 0.

# %% [markdown]
# ## What you have learned
#
# - A derivative is the limit of a ratio; central differences come close to it, if $h$ is neither large nor tiny.
# - Rules of calculus give it exactly, and a gradient check finds mistakes in what you derived.
# - `Value` gives the same number without a derivation.
#
# **For you:**
#
# 1. Derive $g(x) = (x^2 + 1)^2$ by hand, and check it at 1.5.
# 2. Use `slope` for $x^2$ with $h = 1$. Why is the result exact?
#
# Next: lesson 2, one neuron. The answers are below.


# %%
def g(x):
    return (x**2 + 1) ** 2


by_hand = 4 * 1.5 * (1.5**2 + 1)  # 2 (x² + 1) · 2x
print(by_hand, f"{slope(g, 1.5, 1e-5):.4f}")  # 19.5 19.5000
print(slope(lambda x: x**2, 3.0, 1.0))  # 6.0

# %% [markdown]
# Answer to 2: $((x + h)^2 - (x - h)^2) / 2h = 4xh / 2h = 2x$ for every $h$, as a parabola bends evenly.
