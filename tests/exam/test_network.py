from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_edu import Tensor, tensor
from tinygrad_edu.exam.network import NeuralNetwork, loss_BCE, loss_CCE, sigmoid, softmax
from tinygrad_edu.exam.paper import Problem2, Problem3
from tinygrad_edu.tensor.random_tensors import manual_seed

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])


def network(**changes):
    settings = {
        "input_size": 3,
        "output_size": 3,
        "hidden_layer_sizes": [2],
        "activ_funcs": [sigmoid, softmax],
        "loss_func": loss_CCE,
        "random_initialize": True,
        "rng": np.random.default_rng(0),
    }
    return NeuralNetwork(**(settings | changes))


def closed_form(net, X, Y):
    """The gradients of the mean cross-entropy (nats) of a sigmoid and a softmax layer, derived by hand."""
    (W1, W2), (B, C) = ([np.array(p.detach()) for p in ps] for ps in (net.weights, net.biases))
    H = 1 / (1 + np.exp(-(X @ W1 + B)))
    e = np.exp(H @ W2 + C)
    delta2 = (e / e.sum(axis=1, keepdims=True) - Y) / len(X)
    delta1 = delta2 @ W2.T * H * (1 - H)
    return [X.T @ delta1, H.T @ delta2], [delta1.sum(0, keepdims=True), delta2.sum(0, keepdims=True)]


def clusters(rng, count=30):
    centres = np.array([[2.0, 0, 0], [0, 2, 0], [0, 0, 2]])
    classes = np.arange(count) % 3
    return centres[classes] + 0.3 * rng.normal(size=(count, 3)), np.eye(3)[classes]


# What it computes.


def test_gradients_equal_the_closed_form():
    net = network()
    before = network()

    net.train(Problem3.X, Problem3.Y, epochs=1, batch_size=6, lr=1, verbose=False)

    weights, biases = closed_form(before, Problem3.X, Problem3.Y)
    for ours, derived in zip([*net.dLdw, *net.dLdb], [*weights, *biases], strict=True):
        np.testing.assert_allclose(ours, derived, rtol=1e-7, atol=1e-12)


def test_one_step_moves_the_parameters_along_the_gradient_by_lr():
    net, before = network(), network()

    net.train(Problem3.X, Problem3.Y, epochs=1, batch_size=6, lr=0.25, verbose=False)

    for new, old, g in zip(net.weights, before.weights, net.dLdw, strict=True):
        np.testing.assert_allclose(new.detach(), old.detach() - 0.25 * g, rtol=1e-14)


def test_layers_hold_what_goes_into_each_activation():
    net = network()

    Yhat = net.feed_forward(Problem3.X)

    np.testing.assert_array_equal(
        net.layers[0].detach(), tensor(Problem3.X) @ net.weights[0].detach() + net.biases[0].detach()
    )
    np.testing.assert_array_equal(softmax(net.layers[1]).detach(), Yhat.detach())


def test_problem_2_is_the_network_that_is_not_random():
    net = NeuralNetwork(4, 1, [3], [sigmoid, sigmoid], loss_BCE, random_initialize=False)

    np.testing.assert_array_equal(
        np.round(net.feed_forward(Problem2.X), 2).numpy(), Problem2.FORWARD["yhat"].values
    )


def test_tensors_have_the_papers_names():
    net = network()
    Yhat = net.feed_forward(Problem3.X)

    assert [p.name for p in (*net.weights, *net.biases, *net.layers, Yhat)] == [
        "W1",
        "W2",
        "B",
        "C",
        "Z1",
        "Z2",
        "Yhat",
    ]


def test_many_layers_have_numbered_biases():
    net = network(hidden_layer_sizes=[2] * 6, activ_funcs=[sigmoid] * 7)

    assert [b.name for b in net.biases] == [f"B{i}" for i in range(1, 8)]


def test_gradients_are_none_before_the_first_step():
    assert network().dLdw == [None, None]
    assert network().dLdb == [None, None]


def test_a_tensor_as_input_gets_its_gradient():
    x = tensor(Problem3.X, requires_grad=True)

    network().objective(x, Problem3.Y).backward()

    assert x.grad.shape == (6, 3)


def test_no_hidden_layer_is_a_linear_model():
    net = network(hidden_layer_sizes=[], activ_funcs=[lambda z: z])

    assert net.feed_forward(Problem3.X).name == "Z1"
    assert net.weights[0].shape == (3, 3)


def test_the_mean_loss_is_in_the_unit_of_the_loss_and_training_works_in_nats():
    net = network()

    bits, nats = net.mean_loss(Problem3.X, Problem3.Y), net.objective(Problem3.X, Problem3.Y).item()

    assert nats == pytest.approx(bits * np.log(2))


def test_a_plain_function_serves_as_loss():
    net = network(loss_func=lambda Y, Yhat: ((Yhat - Y) ** 2).sum(-1), activ_funcs=[sigmoid, sigmoid])

    losses = net.train(Problem3.X, Problem3.Y, epochs=300, batch_size=6, lr=2, verbose=False)

    assert losses[-1] < losses[0] / 5


def test_functions_written_with_numpy_are_differentiated():
    net = network(activ_funcs=[lambda x: 1 / (1 + np.exp(-x)), softmax])
    reference = network()

    for each in (net, reference):
        each.train(Problem3.X, Problem3.Y, epochs=1, batch_size=6, lr=1, verbose=False)

    np.testing.assert_allclose(net.dLdw[0], reference.dLdw[0], rtol=1e-12)


# Where it starts.


def test_random_parameters_come_from_the_unit_interval_and_from_the_given_generator():
    first, second = network(), network(rng=np.random.default_rng(0))
    values = np.concatenate([p.detach().numpy().ravel() for p in (*first.weights, *first.biases)])

    assert ((values >= 0) & (values < 1)).all()
    np.testing.assert_array_equal(first.weights[0].detach(), second.weights[0].detach())


def test_without_a_generator_manual_seed_decides():
    manual_seed(3)
    first = network(rng=None)
    manual_seed(3)
    second = network(rng=None)

    np.testing.assert_array_equal(first.weights[1].detach(), second.weights[1].detach())


def test_set_parameters_copies():
    net = network()
    W1 = np.zeros((3, 2))

    net.set_parameters([W1, np.ones((2, 3))], [np.zeros((1, 2)), np.zeros((1, 3))])
    W1 += 5

    assert (net.weights[0].detach().numpy() == 0).all()


def test_set_parameters_changes_nothing_unless_all_fit():
    net = network()
    before = np.array(net.weights[0].detach())

    with pytest.raises(ValueError, match=r"weights\[1\] of shape \(N, 3\), got \(2, 2\)"):
        net.set_parameters([np.zeros((3, 2)), np.zeros((2, 2))], [np.zeros((1, 2)), np.zeros((1, 3))])

    np.testing.assert_array_equal(net.weights[0].detach(), before)


# Whether it learns.


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_it_learns_xor(seed):
    net = NeuralNetwork(2, 1, [4], [sigmoid, sigmoid], loss_BCE, rng=np.random.default_rng(seed))

    net.train(*XOR, epochs=3000, batch_size=4, lr=2, verbose=False)

    np.testing.assert_array_equal(np.round(net.feed_forward(XOR[0])).numpy(), XOR[1])


@pytest.mark.slow
def test_it_separates_three_clusters_from_minibatches_and_keeps_it_on_new_points():
    rng = np.random.default_rng(0)
    net = network(hidden_layer_sizes=[4])

    losses = net.train(*clusters(rng), *clusters(rng, 60), epochs=150, batch_size=8, lr=0.5, verbose=False)

    X, Y = clusters(rng, 60)
    assert losses[-1] < 0.1
    assert (net.feed_forward(X).argmax(1).numpy() == Y.argmax(axis=1)).mean() == 1


def test_minibatches_are_the_same_for_the_same_generator_and_differ_for_another():
    X, Y = clusters(np.random.default_rng(0))

    def losses(seed):
        rng = np.random.default_rng(seed)
        return network().train(X, Y, epochs=2, batch_size=4, lr=0.5, rng=rng, verbose=False)

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_every_example_is_used_once_an_epoch():
    X, Y = clusters(np.random.default_rng(0), 10)
    seen = []
    net = network(activ_funcs=[lambda z: seen.append(len(z)) or sigmoid(z), softmax])

    net.train(X, Y, epochs=1, batch_size=4, lr=0.1, verbose=False)

    assert seen == [4, 4, 2, 10]  # the last is the test


def test_lr_zero_changes_nothing():
    net, before = network(), network()

    net.train(Problem3.X, Problem3.Y, epochs=2, batch_size=4, lr=0, verbose=False)

    np.testing.assert_array_equal(net.weights[0].detach(), before.weights[0].detach())


# What it prints.


def test_one_epoch_prints_the_papers_line(capsys):
    (loss,) = network().train(
        Problem3.X, Problem3.Y, X_test=Problem3.X, Y_test=Problem3.Y, epochs=1, batch_size=6, lr=1
    )

    assert capsys.readouterr().out == f"Epoch 0 (out of 1) -- Loss: {loss:.4f}\n"


def test_a_long_run_prints_ten_times_and_the_end(capsys):
    network().train(Problem3.X, Problem3.Y, epochs=25, batch_size=6)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Epoch 0 (out of 25) -- Loss: ")
    assert lines[-1].startswith("Epoch 24 ")
    assert len(lines) == 13


def test_a_long_run_works_without_tqdm(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)

    network().train(Problem3.X, Problem3.Y, epochs=20, batch_size=6)

    assert "Epoch 19 (out of 20)" in capsys.readouterr().out


def test_a_quiet_run_prints_nothing(capsys):
    network().train(Problem3.X, Problem3.Y, epochs=20, batch_size=6, verbose=False)

    assert capsys.readouterr() == ("", "")


# What it refuses.

CONSTRUCTOR = [
    ({"input_size": 0}, ValueError, r"input_size of 1 or more, got 0"),
    ({"input_size": 2.0}, TypeError, r"input_size as a whole number, got 2.0"),
    ({"output_size": True}, TypeError, r"output_size as a whole number, got True"),
    (
        {"hidden_layer_sizes": 2},
        TypeError,
        r"hidden_layer_sizes as a list, got 2; write hidden_layer_sizes=\[2\]",
    ),
    ({"hidden_layer_sizes": [2, -1]}, ValueError, r"hidden_layer_sizes\[1\] of 1 or more, got -1"),
    ({"activ_funcs": [sigmoid]}, ValueError, r"one function in activ_funcs for each of 2 layers.*got 1"),
    ({"activ_funcs": sigmoid}, TypeError, r"activ_funcs as a list"),
    ({"activ_funcs": [sigmoid, "softmax"]}, TypeError, r"functions in activ_funcs, got 'softmax'"),
    ({"loss_func": "CCE"}, TypeError, r"loss_func as a function of \(Y, Yhat\), got 'CCE'"),
    ({"random_initialize": 1}, TypeError, r"random_initialize True or False, got 1"),
    ({"rng": 0}, TypeError, r"rng=np.random.default_rng\(seed\), got 0"),
]


@pytest.mark.parametrize(("changes", "error", "message"), CONSTRUCTOR)
def test_the_constructor_says_what_it_needs(changes, error, message):
    with pytest.raises(error, match=f"NeuralNetwork needs .*{message}"):
        network(**changes)


X, Y = Problem3.X, Problem3.Y
TRAIN = [
    ({"X": X[:, :2]}, ValueError, r"X of shape \(N, 3\), got \(6, 2\)"),
    ({"X": X[0]}, ValueError, r"X of shape \(N, 3\), got \(3,\); use X.reshape\(1, 3\) for one example"),
    ({"X": X[:0]}, ValueError, r"X of shape \(N, 3\), got \(0, 3\)"),
    ({"X": "data"}, TypeError, r"X as a matrix of numbers, got 'data'"),
    ({"X": X * np.nan}, ValueError, r"finite numbers in X, got nan"),
    ({"Y": Y.argmax(axis=1)}, ValueError, r"Y of shape \(N, 3\), got \(6,\)"),
    ({"Y": Y[:5]}, ValueError, r"6 rows in Y, got 5"),
    ({"X_test": X}, ValueError, r"X_test and Y_test together"),
    ({"X_test": X, "Y_test": Y[:4]}, ValueError, r"6 rows in Y_test, got 4"),
    ({"epochs": 0}, ValueError, r"epochs of 1 or more, got 0"),
    ({"epochs": 1.5}, TypeError, r"epochs as a whole number, got 1.5"),
    ({"batch_size": 0}, ValueError, r"batch_size of 1 or more, got 0"),
    ({"lr": -0.1}, ValueError, r"lr of 0 or more, and finite: got -0.1"),
    ({"lr": float("nan")}, ValueError, r"lr of 0 or more, and finite: got nan"),
    ({"lr": "1"}, TypeError, r"lr as a number, got '1'"),
    ({"rng": 7}, TypeError, r"rng=np.random.default_rng\(seed\), got 7"),
]


@pytest.mark.parametrize(("changes", "error", "message"), TRAIN)
def test_train_says_what_it_needs_and_changes_nothing(changes, error, message):
    net = network()
    before = np.array(net.weights[0].detach())

    with pytest.raises(error, match=f"train needs .*{message}"):
        net.train(**({"X": X, "Y": Y, "epochs": 1, "batch_size": 6, "lr": 1} | changes))

    np.testing.assert_array_equal(net.weights[0].detach(), before)


def test_an_activation_that_loses_the_shape_is_named():
    net = network(activ_funcs=[sigmoid, lambda z: z.sum()])

    with pytest.raises(
        TypeError, match=r"activ_funcs\[1\] needs to return a Tensor of shape \(6, 3\), got shape \(\)"
    ):
        net.feed_forward(X)


def test_an_activation_that_leaves_the_engine_is_named():
    net = network(activ_funcs=[lambda z: z.detach().numpy(), softmax])

    with pytest.raises(TypeError, match=r"activ_funcs\[0\] needs to return a Tensor.*got ndarray"):
        net.feed_forward(X)


def test_a_loss_that_leaves_the_engine_is_named():
    net = network(loss_func=lambda *_: 0.5)

    with pytest.raises(TypeError, match=r"loss_func needs to return a Tensor.*got float"):
        net.objective(X, Y)


def test_a_loss_for_each_output_instead_of_each_example_is_refused():
    net = network(loss_func=lambda Y, Yhat: (Yhat - Y) ** 2)

    with pytest.raises(TypeError, match=r"one loss for each of 6 examples, got shape \(6, 3\)"):
        net.mean_loss(X, Y)


def test_set_parameters_counts_layers():
    with pytest.raises(ValueError, match=r"2 weights, one a layer: got 1"):
        network().set_parameters([np.zeros((3, 2))], [])


def test_the_papers_cells_run_unchanged():
    sympy = pytest.importorskip("sympy")
    net = network()
    net.train(X, Y, X_test=X, Y_test=Y, epochs=1, batch_size=6, lr=1, verbose=False)
    pred = net.feed_forward(X)

    for shown in (
        net.weights[0],
        net.biases[1],
        net.dLdw[0],
        net.dLdb[0],
        pred - Y,
        net.activ_fns[0](net.layers[0]),
    ):
        assert "matrix" in sympy.latex(sympy.Matrix(np.round(shown, 4)))
    assert isinstance(np.sum(net.loss_fn(Y, pred)), Tensor)
