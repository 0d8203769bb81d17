"""The table of layers: shapes, parameters and counted operations."""

from __future__ import annotations

import pytest

from tinygrad_edu import nn, ones, summary, tensor


def counts(net, *inputs):
    return {
        path: (shape, parameters, flops) for path, _, shape, parameters, flops in summary(net, *inputs).layers
    }


def test_parameters_and_operations_of_each_layer():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    assert counts(net, (5, 3)) == {
        "": ((5, 2), 26, 220),
        "0": ((5, 4), 16, 2 * 5 * 3 * 4),
        "1": ((5, 4), 0, 20),
        "2": ((5, 2), 10, 2 * 5 * 4 * 2),
    }


def test_a_convolution_counts_two_for_each_product():
    conv = nn.Conv2d(3, 8, kernel_size=3, padding=1, groups=1)

    assert counts(conv, (2, 3, 10, 10))[""] == ((2, 8, 10, 10), 8 * 27 + 8, 2 * (2 * 8 * 100) * 27)


def test_the_adjoint_of_a_convolution_counts_the_products_of_its_input():
    conv = nn.ConvTranspose2d(3, 8, kernel_size=2, stride=2, bias=False)

    assert counts(conv, (1, 3, 5, 5))[""] == ((1, 8, 10, 10), 96, 2 * (3 * 25) * (8 * 4))


def test_shared_and_frozen_parameters_count_once_and_apart():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    net[0].bias.requires_grad_(False)

    found = summary(net, ones(1, 2))

    assert (found.parameters, found.trainable, found.flops) == (8, 6, 16)
    assert str(found).splitlines()[-1] == "8 parameters, 2 of them frozen; 16 FLOPs"


def test_nothing_in_the_module_changes():
    net = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5)).train()

    summary(net, ones(4, 2))

    assert net.training
    assert net[1].training
    assert net[0].num_batches_tracked.item() == 0
    assert all(module._hooks is None or not module._hooks.forward for module in net.modules())


def test_the_table_is_printed_with_its_tree():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(2, 2), nn.ReLU()

        def forward(self, x):
            return self.used(x), [x]

    assert str(summary(nn.Sequential(Block()), tensor([[1.0, 2.0]]))).splitlines() == [
        "layer            result              parameters  FLOPs",
        "Sequential       [(1, 2), [(1, 2)]]           6      8",
        "  0 Block        [(1, 2), [(1, 2)]]           6      8",
        "    used Linear  (1, 2)                       6      8",
        "    unused ReLU  not called                   0      0",
        "6 parameters; 8 FLOPs",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: summary(3, (1, 2)), "summary needs a module, got int"),
        (
            lambda: summary(nn.ReLU()),
            r"summary needs the inputs of a call, or the shape of one: summary\(net, \(1, 3",
        ),
    ],
)
def test_what_cannot_be_summarized_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()
