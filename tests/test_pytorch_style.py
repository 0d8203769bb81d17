"""Programs as people write them for PyTorch, run with `import tinygrad_edu as torch`."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
import tinygrad_edu.nn.functional as F
from tinygrad_edu import nn, optim


class Net(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, outputs)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return self.fc2(x)


def test_xor_is_learned():
    torch.manual_seed(0)
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)

    for _ in range(500):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    with torch.no_grad():
        predicted = (model(x) > 0.5).float()
    assert loss.item() < 0.01
    assert torch.allclose(predicted, y.float())


def test_three_clusters_are_told_apart_in_float32_batches():
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 150)
    points = np.array([[0, 0], [4, 0], [0, 4]])[labels] + rng.normal(scale=0.7, size=(150, 2))
    X, y = torch.from_numpy(points).float(), torch.from_numpy(labels)
    model = Net(2, 16, 3).float()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()

    model.train()
    for _ in range(20):
        for start in range(0, len(X), 32):
            batch, target = X[start : start + 32], y[start : start + 32]
            loss = criterion(model(batch), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    model.eval()
    with torch.no_grad():
        _, predicted = torch.max(model(X), 1)
    accuracy = (predicted == y).sum().item() / len(y)
    assert accuracy > 0.95
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_a_sine_is_fitted_and_the_net_is_saved_and_restored():
    torch.manual_seed(2)
    x = torch.linspace(-3, 3, 50).unsqueeze(1)
    y = torch.sin(x)
    model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)

    for _ in range(800):
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    restored = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
    restored.load_state_dict(model.state_dict())
    assert loss.item() < 2e-3
    assert torch.allclose(restored(x).detach(), model(x).detach())


def test_a_line_is_fitted_by_hand():
    torch.manual_seed(3)
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    x = torch.linspace(0, 1, 20)
    y = 3 * x - 1

    for _ in range(500):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.5 * w.grad
            b -= 0.5 * b.grad
        w.grad = None
        b.grad.zero_()

    assert (w.item(), b.item()) == (pytest.approx(3, abs=1e-3), pytest.approx(-1, abs=1e-3))


def test_data_may_be_updated_too_as_in_old_tutorials():
    w = torch.tensor([2.0], requires_grad=True)

    for _ in range(50):
        (w * w).sum().backward()
        w.data -= 0.2 * w.grad.data
        w.grad.data.zero_()

    assert abs(w.item()) < 1e-6


def test_logistic_regression_with_logits_and_weight_decay():
    torch.manual_seed(4)
    rng = np.random.default_rng(4)
    X = rng.normal(size=(100, 2))
    y = (X @ [2.0, -1.0] > 0.3).astype(float)
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(
        [{"params": [model.weight], "weight_decay": 1e-3}, {"params": [model.bias], "lr": 0.5}], lr=1.0
    )

    for _ in range(300):
        optimizer.zero_grad()
        loss = nn.BCEWithLogitsLoss()(model(X).squeeze(1), torch.tensor(y))
        loss.backward()
        optimizer.step()

    predicted = torch.sigmoid(model(X)).squeeze().detach().numpy() > 0.5
    assert (predicted == y).mean() > 0.97


def test_running_losses_and_gradient_accumulation():
    model = nn.Linear(3, 1)
    x, y = torch.ones(4, 3), torch.zeros(4, 1)

    total = 0
    for i in range(4):
        loss = F.mse_loss(model(x[i : i + 1]), y[i : i + 1]) / 4
        loss.backward()
        total += loss.item()
    in_parts = model.weight.grad.clone()
    model.zero_grad()
    F.mse_loss(model(x), y).backward()

    assert torch.allclose(model.weight.grad, in_parts)
    assert total == pytest.approx(F.mse_loss(model(x), y).item())


def test_a_forgotten_zero_grad_adds_up():
    w = torch.tensor(1.0, requires_grad=True)

    for expected in (3, 6, 9):
        (3 * w).backward()
        assert w.grad.item() == expected


def test_fine_tuning_moves_only_what_is_not_frozen():
    model = Net(2, 4, 1)
    for p in model.fc1.parameters():
        p.requires_grad = False
    optimizer = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    before = {name: p.clone() for name, p in model.state_dict().items()}

    F.mse_loss(model(torch.ones(3, 2)), torch.ones(3, 1)).backward()
    optimizer.step()

    moved = {name for name, p in model.state_dict().items() if not torch.allclose(p, before[name])}
    assert moved <= {"fc2.weight", "fc2.bias"}
    assert "fc2.bias" in moved


def test_derivatives_as_in_the_autograd_tutorial():
    x = torch.ones(5)
    y = torch.zeros(3)
    w = torch.randn(5, 3, requires_grad=True)
    b = torch.randn(3, requires_grad=True)
    z = torch.matmul(x, w) + b
    loss = F.binary_cross_entropy_with_logits(z, y)

    loss.backward()

    expected = torch.sigmoid(z).detach() / 3
    assert torch.allclose(b.grad, expected)
    assert torch.allclose(w.grad, expected.unsqueeze(0).expand(5, 3))
    assert z.requires_grad
    with torch.no_grad():
        assert not (torch.matmul(x, w) + b).requires_grad


def test_second_derivatives_with_autograd_grad():
    x = torch.tensor(2.0, requires_grad=True)

    (first,) = torch.autograd.grad(x**3, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)

    assert (first.item(), second.item()) == (12, 12)


# What goes wrong, and what is said.


def test_a_loss_of_the_wrong_shape_says_what_to_write():
    model = nn.Linear(2, 1)

    with pytest.raises(
        ValueError, match=r"mse_loss needs .* got \(4, 1\) and \(4,\).*use target.reshape\(4, 1\)"
    ):
        F.mse_loss(model(torch.ones(4, 2)), torch.ones(4))


def test_numpy_of_a_result_says_detach():
    with pytest.raises(RuntimeError, match=r"NumPy would lose the graph .*; use x.detach\(\).numpy\(\)"):
        nn.Linear(2, 1)(torch.ones(1, 2)).numpy()


def test_backward_of_a_batch_of_losses_says_sum_or_mean():
    with pytest.raises(
        RuntimeError, match=r"backward needs a single number.*shape \(4, 1\); take its sum or mean first"
    ):
        nn.Linear(2, 1)(torch.ones(4, 2)).backward()


def test_an_update_in_the_graph_says_no_grad():
    w = torch.ones(1, requires_grad=True)

    with pytest.raises(
        RuntimeError, match=r"-= would overwrite a leaf .*write with no_grad\(\): w -= lr \* w.grad"
    ):
        w -= 0.1


def test_w_equal_w_minus_is_caught_by_the_optimizer():
    w = torch.ones(1, requires_grad=True)
    w = w - 0.1

    with pytest.raises(
        ValueError, match=r"SGD needs leaves.*update it in no_grad\(\) with w -= ..., not w = w - ..."
    ):
        optim.SGD([w], lr=0.1)
