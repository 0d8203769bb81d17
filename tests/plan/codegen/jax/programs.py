"""Programs for processes of their own: how many devices and processes there are is settled when JAX starts."""

from __future__ import annotations

import os
import subprocess
import sys

# A laptop's program: on many devices it has another engine, and in several processes each has a share of the samples.
TRAINING = """
import numpy as np
import tinygrad_edu as torch
from tinygrad_edu import capture, nn, optim
from tinygrad_edu.nn import functional as F
from tinygrad_edu.plan import jax_engine
from tinygrad_edu.utils.data import DataLoader, DistributedSampler, TensorDataset

torch.manual_seed(0)
rng = np.random.default_rng(0)
data = TensorDataset(torch.tensor(rng.normal(size=(192, 4))), torch.tensor(rng.normal(size=(192, 1))))
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).double()
opt = optim.Adam(net.parameters(), lr=0.05)

@capture({engine})
def step(x, y):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    return loss

losses = []
for x, y in DataLoader(data, {loader}):
    losses.append(step(x, y).item())
    {between}
numbers = [p.detach().sum().item() for p in net.parameters()] + [p.grad.abs().sum().item() for p in net.parameters()]
print([*losses, *numbers])
"""


def laptop(between="pass"):
    return TRAINING.format(engine="", loader="16", between=between)


def on_devices(shard, between="pass", processes=1):
    return TRAINING.format(
        engine=f"engine=jax_engine(shard={shard!r})",
        loader=f"{16 // processes}, sampler=DistributedSampler(data, shuffle=False)"
        if processes > 1
        else "16",
        between=between,
    )


def environment(devices=1):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def output_of(folder, text, devices=1, processes=0):
    """What a program prints last, as Python."""
    (folder / "train.py").write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, *(launch(processes) if processes else ["-W", "error"]), "train.py"],
        cwd=folder, env=environment(devices), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return eval(ran.stdout.strip().splitlines()[-1])


def launch(processes):
    return ["-m", "tinygrad_edu", "launch", "-n", str(processes)]
