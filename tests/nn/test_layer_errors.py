"""What layers refuse, when they are made and when they are called, and what they say."""

from __future__ import annotations

import pytest

from tinygrad_edu import nn, ones, tensor, zeros

MADE = {
    "Bilinear": (
        lambda: nn.Bilinear(0, 1, 1),
        "Bilinear needs in1_features as a whole number of 1 or more, got 0",
    ),
    "Linear": (lambda: nn.Linear(2, 1, device="cuda"), "computes on the CPU only"),
    "Conv2d channels": (
        lambda: nn.Conv2d(3, 4, 2, groups=2),
        "Conv2d needs groups that divide in_channels=3 and out_channels=4, got 2",
    ),
    "Conv2d kernel": (
        lambda: nn.Conv2d(3, 4, (2, 2, 2)),
        "Conv2d needs kernel_size as a whole number or 2 of them",
    ),
    "Conv2d mode": (
        lambda: nn.Conv2d(3, 4, 2, padding_mode="mirror"),
        "Conv2d needs padding_mode of zeros, reflect, replicate, circular, got 'mirror'",
    ),
    "Conv1d padding": (
        lambda: nn.Conv1d(1, 1, 2, padding="full"),
        "padding as numbers, 'same' or 'valid', got 'full'",
    ),
    "Conv1d same": (lambda: nn.Conv1d(1, 1, 2, 2, "same"), "padding='same' needs stride 1, got 2"),
    "ConvTranspose": (
        lambda: nn.ConvTranspose1d(1, 1, 2, padding_mode="reflect"),
        "ConvTranspose1d needs padding_mode 'zeros', got 'reflect'",
    ),
    "BatchNorm": (
        lambda: nn.BatchNorm1d(0),
        "BatchNorm1d needs num_features as a whole number of 1 or more, got 0",
    ),
    "LayerNorm": (lambda: nn.LayerNorm(()), "LayerNorm needs normalized_shape of 1 size or more"),
    "LayerNorm size": (
        lambda: nn.LayerNorm((2, -1)),
        "needs normalized_shape as a whole number of 1 or more, got -1",
    ),
    "GroupNorm": (
        lambda: nn.GroupNorm(3, 4),
        "GroupNorm needs num_groups that divides num_channels=4, got 3",
    ),
    "Embedding": (
        lambda: nn.Embedding(3, 2, padding_idx=3),
        "Embedding needs padding_idx from -3 to 2, got 3",
    ),
    "Embedding weight": (
        lambda: nn.Embedding(3, 2, _weight=zeros(2, 2)),
        r"Embedding needs _weight of shape \(3, 2\), got \(2, 2\)",
    ),
    "from_pretrained": (
        lambda: nn.Embedding.from_pretrained(zeros(3)),
        r"Embedding needs embeddings as a matrix, got shape \(3,\)",
    ),
    "EmbeddingBag": (
        lambda: nn.EmbeddingBag(3, 2, mode="min"),
        "needs mode 'sum', 'mean' or 'max', got 'min'",
    ),
    "Dropout": (lambda: nn.Dropout2d(2), "Dropout2d needs p as a number from 0 to 1, got 2"),
    "pad": (
        lambda: nn.ReflectionPad2d((1, 2)),
        "ReflectionPad2d needs padding as a whole number or 4 of them, got",
    ),
    "unpool": (
        lambda: nn.MaxUnpool2d((2, 2, 2)),
        "MaxUnpool2d needs kernel_size as a whole number or 2 of them",
    ),
    "average": (lambda: nn.AvgPool1d(0), "AvgPool1d needs kernel_size of 1 or more, got 0"),
}


@pytest.mark.parametrize("name", MADE)
def test_constructors_refuse(name):
    make, message = MADE[name]

    with pytest.raises(ValueError, match=message):
        make()


CALLED = {
    "Conv2d": (
        lambda: nn.Conv2d(3, 16, 3)(ones(8, 1, 28, 28)),
        r"Conv2d\(3, 16, kernel_size=3\) takes images of 3 channels \(N, 3, H, W\), but x has shape \(8, 1, 28, 28\)",
    ),
    "Conv1d": (
        lambda: nn.Conv1d(3, 16, 3)(ones(3)),
        r"Conv1d\(3, 16, kernel_size=3\) takes signals of 3 channels \(N, 3, L\), but x has shape \(3,\)",
    ),
    "ConvTranspose3d": (
        lambda: nn.ConvTranspose3d(3, 16, (3, 2, 2))(ones(1, 2, 4, 4, 4)),
        r"ConvTranspose3d\(3, 16, kernel_size=\(3, 2, 2\)\) takes volumes of 3 channels \(N, 3, D, H, W\)",
    ),
    "output_size": (
        lambda: nn.ConvTranspose1d(1, 1, 2, 2)(ones(1, 1, 3), output_size=(9,)),
        r"ConvTranspose1d needs an output_size of 1 sizes from \[6\] to \[7\], got \(9,\)",
    ),
    "BatchNorm1d": (
        lambda: nn.BatchNorm1d(5)(ones(2, 4)),
        r"BatchNorm1d\(5\) takes 5 channels \(N, 5\) or \(N, 5, L\), but x has shape \(2, 4\)",
    ),
    "BatchNorm2d": (
        lambda: nn.BatchNorm2d(5)(ones(2, 5)),
        r"BatchNorm2d\(5\) takes 5 channels \(N, 5, H, W\), but x has shape \(2, 5\)",
    ),
    "one example": (
        lambda: nn.BatchNorm1d(5)(ones(1, 5)),
        "more than one number for each channel while training",
    ),
    "InstanceNorm": (
        lambda: nn.InstanceNorm1d(5, affine=True)(ones(2, 4, 3)),
        r"InstanceNorm1d\(5\) takes 5 channels \(N, 5, L\) or \(5, L\), but x has shape \(2, 4, 3\)",
    ),
    "GroupNorm": (
        lambda: nn.GroupNorm(2, 4)(ones(2, 6)),
        r"GroupNorm\(2, 4\) takes 4 channels \(N, 4, ...\), but x has shape \(2, 6\)",
    ),
    "pad": (
        lambda: nn.CircularPad1d(1)(ones(3)),
        r"CircularPad1d takes \(N, C, L\) or \(C, L\), but x has shape \(3,\)",
    ),
    "Softmax2d": (
        lambda: nn.Softmax2d()(ones(3)),
        r"Softmax2d takes \(N, C, H, W\) or \(C, H, W\), but x has shape \(3,\)",
    ),
    "embedding": (lambda: nn.Embedding(3, 2)(tensor([3])), "embedding"),
}


@pytest.mark.parametrize("name", CALLED)
def test_calls_refuse(name):
    call, message = CALLED[name]

    with pytest.raises((ValueError, IndexError), match=message):
        call()


@pytest.mark.parametrize("option", ["bias", "batch_first", "bidirectional"])
def test_a_recurrent_layer_needs_true_or_false(option):
    with pytest.raises(TypeError, match=f"GRU needs {option} as True or False, got int 1"):
        nn.GRU(3, 4, **{option: 1})


def test_unflatten_needs_sizes():
    with pytest.raises(TypeError, match="unflattened_size as a tuple of sizes, got 1 and 2"):
        nn.Unflatten(1, 2)


def test_a_refused_batch_is_not_counted():
    layer = nn.BatchNorm1d(5)

    with pytest.raises(ValueError, match="more than one number"):
        layer(ones(1, 5))

    assert layer.num_batches_tracked.item() == 0
