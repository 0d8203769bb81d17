"""Programs for processes of their own: how many devices and processes there are is settled when JAX starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

# A laptop's program: on many devices it has another engine, and in several processes each has a share of the samples.
TRAINING = """
import os
import numpy as np
import tinygrad_edu as torch
from tinygrad_edu import capture, nn, optim
from tinygrad_edu.nn import functional as F
from tinygrad_edu.plan import jax_engine, load_checkpoint, save_checkpoint
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
{before}
for i, (x, y) in enumerate(DataLoader(data, {loader})):
    if i < {start}:
        continue
    losses.append(step(x, y).item())
    {between}
numbers = [p.detach().sum().item() for p in net.parameters()] + [p.grad.abs().sum().item() for p in net.parameters()]
with open(f"numbers of {{os.getpid()}}", "w") as file:
    file.write(repr([*losses, *numbers]))
"""


def laptop():
    return TRAINING.format(engine="", loader="16", before="", between="pass", start=0)


def on_devices(shard, processes=1, before="", between="pass", start=0):
    return TRAINING.format(
        before=before,
        start=start,
        engine=f"engine=jax_engine(shard={shard!r})",
        loader=f"{16 // processes}, sampler=DistributedSampler(data, shuffle=False)"
        if processes > 1
        else "16",
        between=between,
    )


def environment(devices=1):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def start(folder, text, devices=1, processes=0):
    """A process that runs a program."""
    (folder / "train.py").write_text(text, encoding="utf-8")
    how = ["-m", "tinygrad_edu", "launch", "-n", str(processes)] if processes else ["-W", "error"]
    return subprocess.Popen(
        [sys.executable, *how, "train.py"],
        cwd=folder, env=environment(devices), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def output_of(folder, text, devices=1, processes=0):
    """What a program leaves: the same in all its processes."""
    for old in folder.glob("numbers of *"):
        old.unlink()
    process = start(folder, text, devices, processes)
    _, err = process.communicate(timeout=500)
    assert process.returncode == 0, err
    first, *others = [json.loads(path.read_text()) for path in folder.glob("numbers of *")]
    assert all(other == first for other in others)
    return first
