from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import manual_seed, nn, tensor
from tinygrad_edu.exercise import Exercise

DATA = {"X": np.random.default_rng(0).normal(size=(5, 3)).round(2), "y": [0, 1, 2, 3, 0]}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 6), nn.Linear(6, 4)

    def forward(self, x):
        return self.fc2(self.fc1(x).tanh())


class WithLoss(Net):
    """Returns logits and loss, as language models do."""

    def forward(self, x, y):
        logits = super().forward(x)
        return logits, nn.functional.cross_entropy(logits, y)


@pytest.fixture
def net():
    manual_seed(0)
    return Net()


def gradients_of(net):
    net.zero_grad()
    nn.CrossEntropyLoss()(net(tensor(DATA["X"])), tensor(DATA["y"])).backward()
    return {path: x.grad.numpy().round(4) for path, x in net.named_parameters()}


def test_a_module_is_asked_for_its_parameters_by_path(net):
    exercise = Exercise(net, DATA, ["fc1.weight", "fc2.bias"], loss=nn.CrossEntropyLoss())

    for path, array in exercise.solution().items():
        np.testing.assert_allclose(array, gradients_of(net)[path], atol=1e-4)
    assert exercise.learned == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]


def test_a_module_may_return_its_loss_beside_the_logits():
    manual_seed(0)
    exercise = Exercise(WithLoss(), DATA, ["fc1.weight"])
    manual_seed(0)

    np.testing.assert_allclose(
        exercise.solution()["fc1.weight"], gradients_of(Net())["fc1.weight"], atol=1e-4
    )


def test_a_function_may_use_modules_around_it_and_those_of_functions_that_it_calls(net):
    def logits(X):
        return net(X)

    def loss(X, y):
        return nn.functional.cross_entropy(logits(X), y), {"logits": logits(X)}

    exercise = Exercise(loss, DATA, ["net.fc1.weight", "fc2.weight"])

    assert exercise.check(gradients_of(net)).points == 2


class Trainer:
    def __init__(self, model):
        self.model = model

    def loss(self, X, y):
        return nn.functional.cross_entropy(self.model(X), y)


def test_a_method_may_use_the_modules_of_its_object(net):
    assert Exercise(Trainer(net).loss, DATA, ["model.fc1.weight"]).check(gradients_of(net)).points == 1


LAYER = nn.Linear(3, 4)
sigmoid = nn.Linear(2, 2)  # which nothing below uses


def mean_of_layers(X, y):
    return nn.functional.cross_entropy(sum([LAYER(X).sigmoid() for _ in range(2)]), y)


def test_a_global_module_is_found_in_a_comprehension_and_an_attribute_of_its_name_is_none():
    exercise = Exercise(mean_of_layers, DATA, ["LAYER.weight"])

    assert exercise.learned == ["LAYER.weight", "LAYER.bias"]


@pytest.mark.parametrize(
    "key",
    [
        "fc1.weight",
        "net.fc1.weight",
        "dfc1.weight",
        "dL/dfc1.weight",
        "dL_dnet.fc1.weight",
        "fc1.weight.grad",
    ],
)
def test_a_path_is_read_as_people_write_it(net, key):
    def loss(X, y):
        return nn.functional.cross_entropy(net(X), y)

    exercise = Exercise(loss, DATA, ["fc1.weight"])

    assert exercise.check({key: gradients_of(net)["fc1.weight"]}).right


def test_short_names_are_chosen_by_the_teacher(net):
    names = {"W1": "fc1.weight", "b2": "fc2.bias"}
    exercise = Exercise(net, DATA, ["W1", "db2"], names=names, loss=nn.CrossEntropyLoss())

    result = exercise.check({"W1": -gradients_of(net)["fc1.weight"], "b2": gradients_of(net)["fc2.bias"]}, 3)

    assert "dW1" in repr(exercise)
    assert "fc₁ = X · W₁ᵀ + fc1.bias" in exercise.sheet().text
    assert result.points == 1.5
    assert "the sign is lost" in result.text()


def test_the_output_of_a_layer_is_asked_by_the_path_of_the_layer(net):
    exercise = Exercise(net, DATA, ["fc1", "dfc1"], loss=nn.CrossEntropyLoss())

    np.testing.assert_allclose(
        exercise.solution()["fc1"], net.fc1(tensor(DATA["X"])).detach().numpy(), atol=1e-4
    )
    assert list(exercise.asked) == ["dfc1"]


def test_the_module_of_the_teacher_stays_as_it_is():
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    before = {name: x.detach().numpy().copy() for name, x in network.state_dict().items()}

    exercise = Exercise(network, DATA, ["0.weight", "1.weight"], loss=nn.CrossEntropyLoss())
    exercise.with_numbers(exercise.data | {"0.weight": np.ones((4, 3))})

    for name, x in network.state_dict().items():
        np.testing.assert_array_equal(x.numpy(), before[name])
    assert network(tensor(DATA["X"])).shape == (5, 4)


def test_a_weight_used_twice_has_one_gradient():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3, bias=False)
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.second(self.first(x).tanh())

    tied = Tied()
    data = {"X": DATA["X"], "Y": DATA["X"] ** 2}
    exercise = Exercise(tied, data, ["first.weight"], loss=nn.MSELoss())

    nn.MSELoss()(tied(tensor(data["X"])), tensor(data["Y"])).backward()

    np.testing.assert_allclose(exercise.solution()["first.weight"], tied.first.weight.grad.numpy(), atol=1e-4)


def test_the_sheet_asks_for_a_function_with_the_parameters_in_a_mapping(net):
    exercise = Exercise(net, DATA, ["fc1.weight"], loss=nn.CrossEntropyLoss(), as_function=True)

    assert "def answers(X, y, **parameters):" in exercise.sheet().text


@pytest.mark.parametrize(
    ("ask", "options", "error", "message"),
    [
        (["W3"], {}, ValueError, "got 'W3', and there are the gradients X, fc1.weight, .*dfc1.* and the values fc1"),
        (["weight"], {}, ValueError, "got 'weight', and there are"),
        (["W1"], {"names": {"W1": "fc9.weight"}}, ValueError, "names .* 'fc9.weight', and there are fc1.weight"),
        (["W1"], {"names": ["fc1.weight"]}, TypeError, "names as a mapping from short names to paths"),
        (["W1"], {"names": {"X": "fc1.weight"}}, ValueError, "names that are not those of data, got 'X'"),
        (["fc1.weight"], {"loss": 3}, TypeError, "loss as a function of output and target"),
        (["fc1.weight"], {"loss": None}, TypeError, r"data for Net.forward\(x\) in this order, got X, y as its in"),
    ],
)  # fmt: skip
def test_what_a_teacher_gets_wrong_about_a_module_is_told(net, ask, options, error, message):
    with pytest.raises(error, match=f"Exercise needs .*{message}"):
        Exercise(net, DATA, ask, **{"loss": nn.CrossEntropyLoss(), **options})


def test_names_of_parameters_need_a_module():
    with pytest.raises(ValueError, match="the network has no modules"):
        Exercise(lambda x: x.sum(), {"x": [1.0]}, ["x"], names={"W1": "fc1.weight"})


def test_a_module_without_shapes_is_told():
    with pytest.raises(
        ValueError, match=r"parameters have a shape, and 0.weight has none; call the module once"
    ):
        Exercise(nn.Sequential(nn.LazyLinear(4)), DATA, ["0.weight"], loss=nn.CrossEntropyLoss())


def test_a_name_that_is_not_there_is_told_though_nothing_is_learned():
    W = tensor(np.eye(3), requires_grad=True)

    with pytest.raises(ValueError, match="got 'W', and there are the gradients X and the values L"):
        Exercise(lambda X, y: nn.functional.cross_entropy(X @ W, y), DATA | {"y": [0, 1, 2, 0, 0]}, ["W"])
