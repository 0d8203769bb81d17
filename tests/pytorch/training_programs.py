"""Training programs as courses write them, one text for both libraries: each is a model, a batch, a loss and a step.

A program is a function of the library that returns the module and `run(step)`: the loss of one step.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np

PROGRAMS = {}


def program(make):
    """Add a training program under its own name."""
    PROGRAMS[make.__name__] = make
    return make


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def classes(count, *shape, seed=1):
    return np.random.default_rng(seed).integers(0, count, shape)


def trained(torch, net, optimizer, loss_of, scheduler=None, clip=None):
    """`run(step)` of the usual loop."""

    def run(step):
        optimizer.zero_grad()
        loss = loss_of(step)
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        return loss.item()

    return net, run


@program
def linear_regression(torch):
    net = torch.nn.Linear(3, 1)
    x, y = torch.tensor(numbers(20, 3)), torch.tensor(numbers(20, 1, seed=1))
    return trained(
        torch, net, torch.optim.SGD(net.parameters(), lr=0.05), lambda _: ((net(x) - y) ** 2).mean()
    )


@program
def xor_by_sigmoids(torch):
    nn = torch.nn
    net = nn.Sequential(nn.Linear(2, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
    x, y = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([[0.0], [1], [1], [0]])
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9, nesterov=True)
    return trained(torch, net, optimizer, lambda _: nn.BCELoss()(net(x), y))


@program
def mlp_in_minibatches(torch):
    nn = torch.nn
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.0), nn.Linear(32, 5))
    x, y = torch.tensor(numbers(60, 4, 4)), torch.tensor(classes(5, 60))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)

    def loss_of(step):
        part = slice(step % 6 * 10, step % 6 * 10 + 10)
        return nn.CrossEntropyLoss(label_smoothing=0.1)(net(x[part]), y[part])

    return trained(torch, net, optimizer, loss_of)


@program
def lenet(torch):
    nn, f = torch.nn, torch.nn.functional

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 6, 3)
            self.fc1, self.fc2 = nn.Linear(6 * 2 * 2, 12), nn.Linear(12, 3)

        def forward(self, x):
            x = f.max_pool2d(f.relu(self.conv1(x)), 2)
            x = f.avg_pool2d(torch.tanh(self.conv2(x)), 2, stride=1)[:, :, :2, :2]
            x = torch.flatten(x, 1)
            return f.log_softmax(self.fc2(f.relu(self.fc1(x))), dim=1)

    net = Net()
    x, y = torch.tensor(numbers(8, 1, 10, 10)), torch.tensor(classes(3, 8))
    optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.7)
    return trained(torch, net, optimizer, lambda _: f.nll_loss(net(x), y), scheduler)


@program
def residual_network(torch):
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride=1):
            super().__init__()
            self.conv1, self.bn1 = (
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
                nn.BatchNorm2d(outputs),
            )
            self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
            self.relu = nn.ReLU(inplace=True)
            self.downsample = None
            if stride != 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x):
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            y += x if self.downsample is None else self.downsample(x)
            return self.relu(y)

    net = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 4, 3, padding=1, bias=False),
            bn1=nn.BatchNorm2d(4),
            relu=nn.ReLU(inplace=True),
            maxpool=nn.MaxPool2d(3, 2, 1),
            layer1=nn.Sequential(Block(4, 4), Block(4, 4)),
            layer2=nn.Sequential(Block(4, 8, 2)),
            avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            fc=nn.Linear(8, 4),
        )
    )
    x, y = torch.tensor(numbers(6, 3, 8, 8)), torch.tensor(classes(4, 6))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    return trained(torch, net, optimizer, lambda _: nn.CrossEntropyLoss()(net(x), y), scheduler)


@program
def batch_norm_by_hand(torch):
    c, g = torch.tensor(numbers(27, 4)), torch.tensor(numbers(12, 20, seed=2) * 0.3)
    names = ["C", "W1", "gain", "shift", "W2", "b2"]
    values = [c, g, torch.ones(1, 20), torch.zeros(1, 20), torch.tensor(numbers(20, 27, seed=3) * 0.1)]
    net = torch.nn.ParameterDict(dict(zip(names, [*values, torch.zeros(27)])))
    x, y = torch.tensor(classes(27, 16, 3)), torch.tensor(classes(27, 16, seed=5))

    def run(step):
        h = net["C"][x].view(-1, 12) @ net["W1"]
        h = net["gain"] * (h - h.mean(0, keepdim=True)) / h.std(0, keepdim=True) + net["shift"]
        loss = torch.nn.functional.cross_entropy(torch.tanh(h) @ net["W2"] + net["b2"], y)
        for p in net.parameters():
            p.grad = None
        loss.backward()
        for p in net.parameters():
            p.data += -0.1 * p.grad
        return loss.item()

    return net, run


@program
def autoencoder(torch):
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(4, 8, 3, stride=2, padding=1), nn.ELU(),
        nn.ConvTranspose2d(8, 4, 2, stride=2), nn.SiLU(), nn.ConvTranspose2d(4, 1, 2, stride=2), nn.Sigmoid(),
    )  # fmt: skip
    x = torch.tensor(numbers(5, 1, 8, 8)).sigmoid()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.05)
    return trained(torch, net, optimizer, lambda _: nn.MSELoss()(net(x), x))


@program
def variational_autoencoder(torch):
    nn, f = torch.nn, torch.nn.functional
    net = nn.ModuleDict({"code": nn.Linear(12, 6), "back": nn.Linear(3, 12)})
    x, noise = torch.tensor(numbers(10, 12)).sigmoid(), torch.tensor(numbers(10, 3, seed=4))

    def loss_of(_):
        mean, log_var = net["code"](x).chunk(2, dim=1)
        z = mean + noise * torch.exp(0.5 * log_var)
        seen = f.binary_cross_entropy(torch.sigmoid(net["back"](z)), x, reduction="sum")
        return seen - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())

    return trained(torch, net, torch.optim.Adam(net.parameters(), lr=1e-2), loss_of)


@program
def adversarial_networks(torch):
    nn = torch.nn
    net = nn.ModuleDict(
        {
            "G": nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 3), nn.Tanh()),
            "D": nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1)),
        }
    )
    real, z = torch.tensor(numbers(12, 3)), torch.tensor(numbers(12, 2, seed=3))
    loss_of = nn.BCEWithLogitsLoss()
    for_g = torch.optim.Adam(net["G"].parameters(), lr=1e-2, betas=(0.5, 0.999))
    for_d = torch.optim.Adam(net["D"].parameters(), lr=1e-2, betas=(0.5, 0.999))
    ones, zeros = torch.ones(12, 1), torch.zeros(12, 1)

    def run(step):
        for_d.zero_grad()
        fake = net["G"](z)
        told = loss_of(net["D"](real), ones) + loss_of(net["D"](fake.detach()), zeros)
        told.backward()
        for_d.step()
        for_g.zero_grad()
        made = loss_of(net["D"](fake), ones)
        made.backward()
        for_g.step()
        return told.item() + made.item()

    return net, run


def _recurrent(kind, **options):
    def make(torch):
        nn = torch.nn
        net = nn.ModuleDict(
            {
                "embed": nn.Embedding(11, 5),
                "rnn": getattr(nn, kind)(5, 6, batch_first=True, **options),
                "head": nn.Linear(12 if options.get("bidirectional") else 6, 11),
            }
        )
        text = torch.tensor(classes(11, 4, 9))
        x, y = text[:, :-1], text[:, 1:]

        def loss_of(_):
            out, _ = net["rnn"](net["embed"](x))
            return nn.functional.cross_entropy(net["head"](out).transpose(1, 2), y)

        return trained(torch, net, torch.optim.RMSprop(net.parameters(), lr=1e-2), loss_of, clip=0.5)

    return make


PROGRAMS["character_rnn"] = _recurrent("RNN", nonlinearity="relu")
PROGRAMS["character_lstm"] = _recurrent("LSTM", num_layers=2)
PROGRAMS["character_gru"] = _recurrent("GRU", bidirectional=True)


@program
def packed_sequences(torch):
    nn = torch.nn
    net = nn.ModuleDict({"rnn": nn.LSTM(3, 4, batch_first=True), "head": nn.Linear(4, 2)})
    x, y, lengths = torch.tensor(numbers(4, 6, 3)), torch.tensor(classes(2, 4)), torch.tensor([6, 4, 3, 1])

    def loss_of(_):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        _, (h, _) = net["rnn"](packed)
        return nn.functional.cross_entropy(net["head"](h[-1]), y)

    return trained(torch, net, torch.optim.Adagrad(net.parameters(), lr=0.05), loss_of)


@program
def cell_by_cell(torch):
    nn = torch.nn
    net = nn.ModuleDict({"cell": nn.GRUCell(3, 5), "lstm": nn.LSTMCell(5, 4), "head": nn.Linear(4, 1)})
    x, y = torch.tensor(numbers(7, 2, 3)), torch.tensor(numbers(2, 1, seed=6))

    def loss_of(_):
        h, state = torch.zeros(2, 5), (torch.zeros(2, 4), torch.zeros(2, 4))
        for step in x:
            h = net["cell"](step, h)
            state = net["lstm"](h, state)
        return nn.functional.smooth_l1_loss(net["head"](state[0]), y)

    return trained(torch, net, torch.optim.NAdam(net.parameters(), lr=1e-2), loss_of)


@program
def tiny_gpt(torch):
    nn, f = torch.nn, torch.nn.functional

    class Head(nn.Module):
        def __init__(self, width, size):
            super().__init__()
            self.key, self.query = nn.Linear(width, size, bias=False), nn.Linear(width, size, bias=False)
            self.value = nn.Linear(width, size, bias=False)
            self.register_buffer("tril", torch.tril(torch.ones(8, 8)))

        def forward(self, x):
            _, t, _ = x.shape
            k, q = self.key(x), self.query(x)
            scores = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
            scores = scores.masked_fill(self.tril[:t, :t] == 0, float("-inf"))
            return f.softmax(scores, dim=-1) @ self.value(x)

    class Block(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.heads = nn.ModuleList([Head(width, width // heads) for _ in range(heads)])
            self.proj = nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)

        def forward(self, x):
            seen = self.ln1(x)
            x = x + self.proj(torch.cat([head(seen) for head in self.heads], dim=-1))
            return x + self.mlp(self.ln2(x))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(13, 8), nn.Embedding(8, 8)
            self.blocks = nn.Sequential(*[Block(8, 2) for _ in range(2)])
            self.ln, self.head = nn.LayerNorm(8), nn.Linear(8, 13, bias=False)
            self.tokens.weight = self.head.weight

        def forward(self, x):
            return self.head(self.ln(self.blocks(self.tokens(x) + self.places(torch.arange(x.shape[1])))))

    net = GPT()
    text = torch.tensor(classes(13, 3, 9))
    decay = [p for p in net.parameters() if p.dim() >= 2]
    rest = [p for p in net.parameters() if p.dim() < 2]
    groups = [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95))
    return trained(
        torch, net, optimizer, lambda _: f.cross_entropy(net(text[:, :-1]).view(-1, 13), text[:, 1:].reshape(-1)),
        clip=1.0,
    )  # fmt: skip


@program
def encoder_of_transformers(torch):
    nn = torch.nn
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    net = nn.ModuleDict({"encoder": nn.TransformerEncoder(layer, 2), "head": nn.Linear(8, 3)})
    x, y = torch.tensor(numbers(4, 5, 8)), torch.tensor(classes(3, 4))
    hidden = torch.tensor(classes(2, 4, 5, seed=8)).bool()
    hidden[:, 0] = False

    def loss_of(_):
        seen = net["encoder"](x, src_key_padding_mask=hidden)
        return nn.functional.cross_entropy(net["head"](seen[:, 0]), y)

    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    warm_up = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 10, 1.0))
    return trained(torch, net, optimizer, loss_of, warm_up)


@program
def sequence_to_sequence(torch):
    nn = torch.nn
    net = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0, batch_first=True, norm_first=True)
    src, tgt = torch.tensor(numbers(3, 5, 8)), torch.tensor(numbers(3, 4, 8, seed=2))
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    loss_of = lambda _: ((net(src, tgt, tgt_mask=mask) - tgt) ** 2).mean()  # noqa: E731
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    return trained(
        torch, net, optimizer, loss_of, torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=50)
    )


@program
def graph_convolution(torch):
    nn = torch.nn
    edges = np.triu(np.random.default_rng(3).random((12, 12)) < 0.3, 1)
    adjacency = torch.tensor((edges | edges.T | np.eye(12, dtype=bool)).astype(float))
    scale = torch.diag(adjacency.sum(1).pow(-0.5))
    spread = scale @ adjacency @ scale
    net = nn.ModuleDict({"first": nn.Linear(12, 4), "second": nn.Linear(4, 2)})
    y = torch.tensor(classes(2, 12))

    def loss_of(_):
        h = torch.relu(spread @ net["first"](torch.eye(12)))
        return nn.functional.cross_entropy((spread @ net["second"](h))[[0, 11]], y[[0, 11]])

    return trained(torch, net, torch.optim.Adam(net.parameters(), lr=0.05, weight_decay=5e-4), loss_of)


@program
def matrix_factorization(torch):
    nn = torch.nn
    net = nn.ModuleDict(
        {"users": nn.Embedding(7, 3), "films": nn.Embedding(9, 3), "bias": nn.EmbeddingBag(9, 1)}
    )
    users, films = torch.tensor(classes(7, 20)), torch.tensor(classes(9, 20, seed=3))
    ratings = torch.tensor(numbers(20, seed=4))

    def loss_of(_):
        bias = net["bias"](films.view(-1, 1)).squeeze(1)
        return nn.HuberLoss(delta=0.7)((net["users"](users) * net["films"](films)).sum(1) + bias, ratings)

    return trained(torch, net, torch.optim.Adamax(net.parameters(), lr=0.02), loss_of)


@program
def siamese_triplets(torch):
    nn = torch.nn
    net = nn.Sequential(nn.Linear(6, 8), nn.PReLU(), nn.Linear(8, 4), nn.Softsign())
    a, p, n = (torch.tensor(numbers(5, 6, seed=i)) for i in range(3))
    loss_of = lambda _: nn.TripletMarginLoss(margin=1.0)(net(a), net(p), net(n))  # noqa: E731
    return trained(torch, net, torch.optim.RAdam(net.parameters(), lr=1e-2), loss_of)


@program
def group_and_instance_norms(torch):
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv1d(2, 4, 3, padding="same"), nn.GroupNorm(2, 4), nn.Mish(), nn.Conv1d(4, 4, 3, groups=2),
        nn.InstanceNorm1d(4, affine=True), nn.Hardswish(), nn.AdaptiveMaxPool1d(3), nn.Flatten(), nn.Linear(12, 2),
    )  # fmt: skip
    x, y = torch.tensor(numbers(4, 2, 9)), torch.tensor(numbers(4, 2, seed=3))
    return trained(torch, net, torch.optim.Rprop(net.parameters(), lr=1e-2), lambda _: nn.L1Loss()(net(x), y))


@program
def upsampling_network(torch):
    nn = torch.nn
    net = nn.Sequential(
        nn.ReflectionPad2d(1), nn.Conv2d(2, 8, 3), nn.PixelShuffle(2), nn.Softplus(), nn.BatchNorm2d(2, momentum=None),
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), nn.ZeroPad2d((1, 0, 0, 1)),
        nn.Conv2d(2, 1, 2, dilation=2), nn.Hardtanh(-2, 2),
    )  # fmt: skip
    x, y = torch.tensor(numbers(2, 2, 4, 4)), torch.tensor(numbers(2, 1, 15, 15, seed=3))
    optimizer = torch.optim.ASGD(net.parameters(), lr=0.05)
    return trained(torch, net, optimizer, lambda _: nn.SmoothL1Loss(beta=0.5)(net(x), y))


@program
def policy_gradient(torch):
    nn = torch.nn
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(dim=-1))
    x, actions = torch.tensor(numbers(15, 4)), torch.tensor(classes(3, 15))
    gains = torch.tensor(numbers(15, seed=4).cumsum()[::-1].copy())
    gains = (gains - gains.mean()) / (gains.std() + 1e-8)

    def loss_of(_):
        chosen = net(x).gather(1, actions.unsqueeze(1)).squeeze(1)
        return (-torch.log(chosen) * gains).sum()

    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2, amsgrad=True, maximize=False)
    return trained(torch, net, optimizer, loss_of, torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.98))


@program
def weight_normalized(torch):
    nn = torch.nn
    net = nn.Sequential(nn.utils.weight_norm(nn.Linear(5, 6)), nn.CELU(), nn.RMSNorm(6), nn.Bilinear(6, 6, 1))
    x, y = torch.tensor(numbers(8, 5)), torch.tensor(np.sign(numbers(8, 1, seed=2)))

    def loss_of(_):
        h = net[2](net[1](net[0](x)))
        return nn.SoftMarginLoss()(net[3](h, h), y)

    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    chained = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=5),
            torch.optim.lr_scheduler.MultiStepLR(optimizer, [20, 30]),
        ],
        milestones=[5],
    )
    return trained(torch, net, optimizer, loss_of, chained)


@program
def plateau_and_clipping_by_value(torch):
    nn = torch.nn
    net = nn.Sequential(
        nn.Linear(3, 6), nn.SELU(), nn.AlphaDropout(0.0), nn.Linear(6, 2), nn.LogSoftmax(dim=1)
    )
    x, y = torch.tensor(numbers(9, 3)), torch.tensor(numbers(9, 2, seed=2)).softmax(1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.5, dampening=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, threshold=1e-2)

    def run(step):
        optimizer.zero_grad()
        loss = nn.KLDivLoss(reduction="batchmean")(net(x), y)
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.05)
        optimizer.step()
        scheduler.step(loss.item())
        return loss.item()

    return net, run


@program
def newton_like(torch):
    net = torch.nn.ParameterList([torch.tensor([-1.2, 1.0])])
    optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=3, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        x, y = net[0]
        loss = (1 - x) ** 2 + 10 * (y - x * x) ** 2
        loss.backward()
        return loss

    return net, lambda step: math.log1p(float(optimizer.step(closure).detach()))


@program
def three_dimensions(torch):
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv3d(1, 3, 2),
        nn.BatchNorm3d(3),
        nn.ReLU6(),
        nn.AvgPool3d(2),
        nn.Flatten(),
        nn.Linear(3 * 8, 4),
        nn.GLU(),
    )
    x, y = torch.tensor(numbers(4, 1, 5, 5, 5)), torch.tensor(numbers(4, 2, seed=5))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    averaged = torch.optim.swa_utils.AveragedModel(net)

    def run(step):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        averaged.update_parameters(net)
        return loss.item() + sum(p.sum().item() for p in averaged.parameters())

    return net, run
