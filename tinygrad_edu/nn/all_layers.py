"""What `tinygrad_edu.nn` offers beside `Module` and `functional`; imported when first asked for."""

from __future__ import annotations

from tinygrad_edu.nn import init as init
from tinygrad_edu.nn import parallel as parallel
from tinygrad_edu.nn import sdp_kernels as _sdp_kernels
from tinygrad_edu.nn import utils as utils
from tinygrad_edu.nn.activations import *
from tinygrad_edu.nn.attention_layers import *
from tinygrad_edu.nn.batch_normalization import *
from tinygrad_edu.nn.containers import *
from tinygrad_edu.nn.convolution_layers import *
from tinygrad_edu.nn.dropout import *
from tinygrad_edu.nn.embedding_layers import *
from tinygrad_edu.nn.lazy import *
from tinygrad_edu.nn.linear import *
from tinygrad_edu.nn.losses import *
from tinygrad_edu.nn.normalization_layers import *
from tinygrad_edu.nn.padding_layers import *
from tinygrad_edu.nn.parallel import DataParallel as DataParallel
from tinygrad_edu.nn.parameter import *
from tinygrad_edu.nn.parameter_containers import *
from tinygrad_edu.nn.pooling_layers import *
from tinygrad_edu.nn.projected_class_losses import *
from tinygrad_edu.nn.recurrent_cells import *
from tinygrad_edu.nn.recurrent_layers import *
from tinygrad_edu.nn.reshaping_layers import *
from tinygrad_edu.nn.smooth_activations import *
from tinygrad_edu.nn.transformer_layers import *
from tinygrad_edu.nn.transformers import *

attention = _sdp_kernels
