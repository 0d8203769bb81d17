"""The modules of PyTorch by name: which module of this package each is, and what to use instead of those not here."""

from __future__ import annotations

from types import ModuleType

import tinygrad_edu

# Modules of PyTorch whose names are one level up here, and the files inside each package that programs import from.
HOMES = {
    "torch._dynamo": "torch.compiler",
    "torch._dynamo.config": "torch.compiler.config",
    "torch.nn.modules": "torch.nn",
    "torch.nn.parameter": "torch.nn",
}
FILES = {
    "torch": "functional types",
    "torch.autograd": "function grad_mode variable",
    "torch.distributions": "bernoulli beta binomial categorical cauchy chi2 dirichlet distribution exponential gamma "
    "geometric gumbel half_cauchy half_normal independent kl laplace log_normal multinomial multivariate_normal normal "
    "one_hot_categorical pareto poisson studentT uniform weibull",
    "torch.nn": "modules parameter parallel",
    "torch.nn.modules": "activation batchnorm channelshuffle container conv distance dropout flatten fold instancenorm "
    "lazy linear loss module normalization padding pixelshuffle pooling rnn sparse transformer upsampling",
    "torch.nn.parallel": "data_parallel distributed",
    "torch.optim": "adadelta adagrad adam adamax adamw asgd lbfgs nadam optimizer radam rmsprop rprop sgd",
    "torch.utils.data": "dataloader dataset distributed sampler",
}
_GOT = "keep the numbers in lists and plot them with matplotlib"
_IMAGES = "images and labels are NumPy arrays: torch.from_numpy(array), and torch.utils.data.TensorDataset"
# Modules of PyTorch, and packages built on it, with what to use instead.
INSTEAD = {
    "torch.utils.tensorboard": _GOT,
    "torch.utils.cpp_extension": "operations of your own are torch.autograd.Function, in Python",
    "torch.utils.model_zoo": "nothing is downloaded; torch.load reads a file",
    "torch.profiler": "Python's cProfile measures a program",
    "torch.autograd.profiler": "Python's cProfile measures a program",
    "torch.sparse": "all numbers of a tensor are kept, zeros too: work with the tensor itself",
    "torch.quantization": "all numbers are floats or whole numbers in NumPy's dtypes",
    "torch.ao": "all numbers are floats or whole numbers in NumPy's dtypes",
    "torch.fx": "capture(step) records a program; plan.source() writes it down",
    "torchvision.models": "write the network with torch.nn, as its paper does",
    "torchvision": _IMAGES,
    "torchaudio": "sounds are NumPy arrays: torch.from_numpy(array)",
    "torchtext": "texts are Python's: a dict from words to numbers, and nn.utils.rnn.pad_sequence",
    "torchdata": "torch.utils.data has Dataset and DataLoader",
    "tensorboard": _GOT,
    "tensorboardX": _GOT,
    "torchsummary": "torch.summary(model, x) lists its layers",
    "torchinfo": "torch.summary(model, x) lists its layers",
    "torchviz": "tinygrad_edu.draw(loss) draws the graph",
    "torchmetrics": "a metric is a few lines: (output.argmax(1) == target).float().mean()",
    "pytorch_lightning": "write the loop: loss.backward(), optimizer.step(), optimizer.zero_grad()",
    "lightning": "write the loop: loss.backward(), optimizer.step(), optimizer.zero_grad()",
    "transformers": "write the network with torch.nn; weights in a file are read with torch.load",
    "timm": "write the network with torch.nn",
    "fastai": "write the loop: loss.backward(), optimizer.step(), optimizer.zero_grad()",
}
PACKAGES = frozenset(name for name in INSTEAD if "." not in name)


def ours(name: str) -> ModuleType | None:
    """The module of this package that `torch.nn`, say, means; None if it is not here."""
    place, _, file = name.rpartition(".")
    if file in FILES.get(place, "").split() and _at(name) is None:
        name = place
    return _at(HOMES.get(name, name))


def _at(name: str) -> ModuleType | None:
    """The module of the same path in this package, if it is public."""
    place: ModuleType = tinygrad_edu
    for part in name.split(".")[1:]:
        inner = getattr(place, part, None)
        if not isinstance(inner, ModuleType) or (place is tinygrad_edu and part not in dir(place)):
            return None
        place = inner
    return place


def instead_of(name: str) -> str:
    """What to use instead of a module, or of the nearest one around it for which that is known; or nothing."""
    while name and name not in INSTEAD:
        name = name.rpartition(".")[0]
    return INSTEAD.get(name, "")
