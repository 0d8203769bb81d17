"""The graph of a second derivative; the first one is a graph itself."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw
from tinygrad_edu.autograd import grad

x = torch.tensor(2.0, requires_grad=True)
(slope,) = grad(x**3, x, create_graph=True)
(curvature,) = grad(slope, x, create_graph=True)
draw(curvature).save("second.svg")
