"""Mistakes made at every use of shared weights: in a recurrent network, in attention, with tied weights."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_edu import cat, diagnose, tensor

T, N, D, H, K = 4, 5, 3, 4, 2


def named(found):
    return {e.mistake for e in found.explanations}


def recurrent(columns, every_step):
    """Data and weights of a recurrent network; a loss after each step, or after the last one."""
    rng = np.random.default_rng(3)
    arrays = {"Wxh": (D, H), "Whh": (H, H), "bh": (1, H), "Why": (H, K)}
    s = SimpleNamespace(**{name: rng.normal(size=shape) * 0.7 for name, shape in arrays.items()})
    s.x, s.y = rng.normal(size=(T, N, D)), rng.normal(size=(T, N, K))
    s.columns, s.losses = columns, [T - 1] if not every_step else range(T)
    return s


def graph(s):
    """The loss and the tensors of the weights."""
    turn = np.transpose if s.columns else np.asarray

    def product(x, w):
        return w @ x if s.columns else x @ w

    t = {
        name: tensor(turn(getattr(s, name)), name=name, requires_grad=True)
        for name in ("Wxh", "Whh", "bh", "Why")
    }
    h, loss, names = tensor(turn(np.zeros((N, H))), name="h0"), 0, {}
    for i in range(T):
        h = (
            product(tensor(turn(s.x[i]), name=f"x{i + 1}"), t["Wxh"]) + product(h, t["Whh"]) + t["bh"]
        ).tanh()
        names[f"h{i + 1}"] = h
        if i in s.losses:
            loss = loss + ((product(h, t["Why"]) - tensor(turn(s.y[i]))) ** 2).sum() / N
    return loss, t, names


def by_hand(s, wrong):
    """The gradients, one line wrong in every step."""
    h = [np.zeros((N, H))]
    for i in range(T):
        h.append(np.tanh(s.x[i] @ s.Wxh + h[i] @ s.Whh + s.bh))
    g = {name: np.zeros_like(getattr(s, name)) for name in ("Wxh", "Whh", "bh", "Why")}
    later = last_dz = np.zeros((N, H))
    for i in reversed(range(T)):
        dh = later
        if i in s.losses:
            dy = 2 * (h[i + 1] @ s.Why - s.y[i]) / N
            g["Why"] += h[i + 1].T @ dy
            dh = dh + dy @ s.Why.T
        slope = {
            "slope left out": np.ones((N, H)),
            "slope of the step before": 1 - h[i] ** 2,
            "slope of the last step": 1 - h[-1] ** 2,
            "slope at a": 1 - np.tanh(h[i + 1]) ** 2,
        }.get(wrong, 1 - h[i + 1] ** 2)
        dz = dh * slope
        if wrong == "last step only" and i < T - 1:
            continue
        g["Whh"] += (h[i + 1] if wrong == "own output" else h[-2] if wrong == "last input" else h[i]).T @ dz
        if wrong == "delta of the last step":
            last_dz = dz if i == T - 1 else last_dz
            g["Whh"] += h[i].T @ (last_dz - dz)
        g["Wxh"] += s.x[i].T @ dz
        g["bh"] += (dh if wrong == "slope left out for the bias" else dz).sum(axis=0, keepdims=True)
        later = dz @ (s.Whh if wrong == "no transpose" else s.Whh.T)
        if wrong == "no weights":
            later = dz
        if wrong == "cut" or (wrong == "cut after two steps" and i == T - 2):
            later = 0 * later
    return g


WRONG = {
    "slope left out": "tanh-derivative-forgotten",
    "slope left out for the bias": "tanh-derivative-forgotten",
    "slope of the step before": "slope-of-another-step",
    "slope of the last step": "slope-of-another-step",
    "slope at a": "activation-applied-twice",
    "own output": "wrong-saved-input",
    "last input": "wrong-saved-input",
    "delta of the last step": "stale-delta",
    "no transpose": "transpose-missing",
    "no weights": "weights-left-out",
    "cut": "path-lost",
    "cut after two steps": "path-lost",
    "last step only": "path-lost",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("every_step", "columns"),
    [
        pytest.param(False, False, id="last step-rows"),
        pytest.param(True, True, id="every step-columns"),
        pytest.param(False, True, id="last step-columns", marks=pytest.mark.slow),
        pytest.param(True, False, id="every step-rows", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_in_every_step_of_a_recurrent_network_is_named(wrong, every_step, columns):
    s = recurrent(columns, every_step)
    loss, t, names = graph(s)
    turn = np.transpose if columns else np.asarray

    found = diagnose(loss, {t[n]: np.round(turn(g), 6) for n, g in by_hand(s, wrong).items()}, names=names)

    assert named(found) == {WRONG[wrong]}


# An LSTM, whose steps are joined by two ways.

GATES = "figo"
STEPS = 2


def lstm(rng, columns):
    """The loss of an LSTM and its tensors by name, and by hand a function of what is handed back."""
    turn = np.transpose if columns else np.asarray
    w = {name: rng.normal(size=(H + D, H)) * 0.7 for name in GATES}
    x, y = rng.normal(size=(STEPS, N, D)), rng.normal(size=(STEPS, N, H))
    t = {name: tensor(turn(a), requires_grad=True, name=f"W{name}") for name, a in w.items()}
    h = c = tensor(turn(np.zeros((N, H))))
    loss, names = 0, {}
    for i in range(STEPS):
        seen = cat([h, tensor(turn(x[i]))], 0 if columns else 1)
        f, j, g, o = (t[n] @ seen if columns else seen @ t[n] for n in GATES)
        c = f.sigmoid() * c + j.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        loss = loss + ((h - tensor(turn(y[i]))) ** 2).sum()
        names |= {f"h{i + 1}": h, f"c{i + 1}": c}
    return loss, t, names, lambda **lost: {n: turn(g) for n, g in lstm_by_hand(w, x, y, **lost).items()}


def lstm_by_hand(w, x, y, by_h=1, by_c=1, of_f=lambda f: f * (1 - f)):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    h, c, steps = np.zeros((N, H)), np.zeros((N, H)), []
    for i in range(STEPS):
        seen = np.hstack([h, x[i]])
        f, j, o = (sigmoid(seen @ w[n]) for n in "fio")
        g, before = np.tanh(seen @ w["g"]), c
        c = f * c + j * g
        h = o * np.tanh(c)
        steps.append((seen, f, j, g, o, before, c, h))
    grads, dh, dc = {n: np.zeros_like(a) for n, a in w.items()}, np.zeros((N, H)), np.zeros((N, H))
    for (seen, f, j, g, o, before, c, h), target in zip(reversed(steps), reversed(y), strict=True):
        dh = by_h * dh + 2 * (h - target)
        dc = by_c * dc + dh * o * (1 - np.tanh(c) ** 2)
        d = {
            "f": dc * before * of_f(f),
            "i": dc * g * j * (1 - j),
            "g": dc * j * (1 - g * g),
            "o": dh * np.tanh(c) * o * (1 - o),
        }
        for n in GATES:
            grads[n] += seen.T @ d[n]
        dh, dc = sum(d[n] @ w[n].T for n in GATES)[:, :H], dc * f
    return grads


IN_AN_LSTM = {
    "nothing handed back from step to step": {"by_h": 0, "by_c": 0},
    "nothing handed back through Wo, Wg, Wi and Wf from step to step": {"by_h": 0},
    "nothing handed back through ": {"by_c": 0},
    "sigmoid once more in place of its derivative": {"of_f": lambda f: 1 / (1 + np.exp(-f))},
}


@pytest.mark.slow
@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
@pytest.mark.parametrize("what", IN_AN_LSTM)
def test_what_is_lost_between_the_steps_of_an_lstm_is_named(what, columns):
    loss, t, names, by_hand_with = lstm(np.random.default_rng(4), columns)
    answers = {t[n]: np.round(g, 6) for n, g in by_hand_with(**IN_AN_LSTM[what]).items()}

    found = diagnose(loss, answers, names=names)

    assert [what in e.sentence for e in found.explanations] == [True]


# Attention.

RNG = np.random.default_rng(1)
X, WQ, WK, WV, Y = (RNG.normal(size=shape) for shape in ((5, 4), (4, 3), (4, 3), (4, 3), (5, 3)))


def attention(wrong):
    """The gradients of attention by hand; one line is wrong."""
    q, k, v = X @ WQ, X @ WK, X @ WV
    scores = q @ k.T / np.sqrt(3)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    dout = 2 * (p @ v - Y) / Y.size
    dv = (p if wrong == "p without transpose" else p.T) @ dout
    dp = dout @ v.T
    axis = 0 if wrong == "axis" else 1
    ds = p * (dp - (dp * p).sum(axis=axis, keepdims=True))
    ds = dp * p if wrong == "unfinished" else ds
    ds = ds if wrong == "no scale" else ds / np.sqrt(3)
    ds = ds / np.sqrt(3) if wrong == "scale twice" else ds
    dq = ds @ (q if wrong == "exchanged" else k)
    dk = (ds if wrong == "dk without transpose" else ds.T) @ (k if wrong == "exchanged" else q)
    return X.T @ dq, X.T @ dk, X.T @ dv


ATTENTION = {
    "p without transpose": "transpose-missing",
    "axis": "softmax-wrong-axis",
    "unfinished": "softmax-derivative-unfinished",
    "no scale": "factor-lost",
    "scale twice": "factor-twice",
    "exchanged": "wrong-saved-input stale-weights",
    "dk without transpose": "transpose-missing",
}


@pytest.mark.parametrize("wrong", ATTENTION)
def test_a_mistake_in_attention_is_named(wrong):
    w = [tensor(a, name=name, requires_grad=True) for name, a in {"Wq": WQ, "Wk": WK, "Wv": WV}.items()]
    q, k, v = (tensor(X, name="X") @ each for each in w)
    scores = q @ k.T / np.sqrt(3)
    p = scores.softmax(-1)
    loss = ((p @ v - tensor(Y)) ** 2).mean()
    names = {"q": q, "k": k, "v": v, "s": scores, "p": p}

    found = diagnose(loss, {x: np.round(g, 7) for x, g in zip(w, attention(wrong), strict=True)}, names=names)

    assert named(found) == set(ATTENTION[wrong].split())


# Attention of several heads: products of stacks of matrices.


def heads(z):
    return z.reshape(5, 2, 2).transpose(1, 0, 2)


@pytest.mark.parametrize("wrong", ["", "dV", "dK", "dQ"])
def test_a_transpose_missing_in_the_attention_of_several_heads_is_named(wrong):
    rng = np.random.default_rng(2)
    x, y, *w = (rng.normal(size=shape) for shape in ((5, 4), (2, 5, 2), (4, 4), (4, 4), (4, 4)))
    q, k, v = (heads(x @ each) for each in w)
    p = np.exp(q @ k.swapaxes(1, 2))
    p /= p.sum(axis=-1, keepdims=True)
    dout = 2 * (p @ v - y) / y.size
    dp = dout @ v.swapaxes(1, 2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    dv = (p if wrong == "dV" else p.swapaxes(1, 2)) @ dout
    dk = (ds if wrong == "dK" else ds.swapaxes(1, 2)) @ q
    dq = (ds.swapaxes(1, 2) if wrong == "dQ" else ds) @ k
    t = [
        tensor(each, name=name, requires_grad=True) for name, each in zip(("Wq", "Wk", "Wv"), w, strict=True)
    ]
    Q, K, V = ((tensor(x) @ each).reshape(5, 2, 2).permute(1, 0, 2) for each in t)
    loss = (((Q @ K.mT).softmax(-1) @ V - tensor(y)) ** 2).mean()
    answers = [x.T @ d.transpose(1, 0, 2).reshape(5, 4) for d in (dq, dk, dv)]

    found = diagnose(
        loss, {z: np.round(a, 7) for z, a in zip(t, answers, strict=True)}, names={"Q": Q, "K": K, "V": V}
    )

    assert named(found) == ({"transpose-missing"} if wrong else set())
    assert found.right is (not wrong)


# Tied weights: an embedding that is the output layer too.


@pytest.mark.parametrize("lost", ["output", "input"])
def test_one_lost_use_of_tied_weights_is_named(lost):
    e, rows = RNG.normal(size=(6, 3)), [0, 2, 5, 2]
    w = tensor(e, name="E", requires_grad=True)
    h = w[rows]
    loss = ((h @ w.T - 1) ** 2).mean()
    dz = 2 * (e[rows] @ e.T - 1) / 24
    of_input = np.zeros_like(e)
    np.add.at(of_input, rows, dz @ e)
    kept = of_input if lost == "output" else dz.T @ e[rows]

    found = diagnose(loss, {w: np.round(kept, 6)}, names={"h": h})

    assert named(found) == {"path-lost"}
