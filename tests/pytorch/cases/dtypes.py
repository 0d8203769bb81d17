"""Cases of changes of dtype, and of what is asked of a tensor as a whole."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.pytorch.case import Word, booleans, case, floats, integers, refused
from tests.pytorch.cases.creation import DTYPES


def tensors(draw):
    return draw(st.one_of(floats(low=0, high=100), integers(low=0, high=100), booleans()))


@case(
    ".float", ".double", ".half", ".long", ".int", ".short", ".char", ".byte", ".bool", ".cpu", smooth=False
)
def _(draw):
    return [tensors(draw)], {}


@case(".to", smooth=False, tolerance=1e-3)
def _(draw):
    dtype, switches = Word(draw(st.sampled_from(DTYPES))), draw(st.lists(st.booleans(), max_size=2))
    words = draw(st.sampled_from([[dtype, *switches], ["cpu", dtype, *switches], ["cpu"], []]))
    kwargs = {} if dtype in words else {"dtype": dtype, "copy": draw(st.booleans())}
    if not words:
        kwargs["device"] = "cpu"
    return [tensors(draw), *words], kwargs


@case(".type", derivatives=0)
def _(draw):
    return [tensors(draw), *draw(st.sampled_from([[], [Word("int32")], ["torch.FloatTensor"]]))], {}


@case(".type_as", smooth=False)
def _(draw):
    return [tensors(draw), tensors(draw)], {}


@case("numel", "is_floating_point", "is_complex", "is_signed", "is_tensor", derivatives=0)
def _(draw):
    return [tensors(draw)], {}


@case(".element_size", ".nelement", ".ndimension", ".dim", ".get_device", derivatives=0)
def _(draw):
    return [tensors(draw)], {}


@case("is_nonzero", derivatives=0)
def _(draw):
    return [draw(integers(shape=draw(st.sampled_from([(), (1,), (1, 1)]))))], {}


@case("promote_types", "can_cast", derivatives=0)
def _(draw):
    return [Word(draw(st.sampled_from(DTYPES))), Word(draw(st.sampled_from(DTYPES)))], {}


@case("result_type", derivatives=0)
def _(draw):
    return [tensors(draw), draw(st.one_of(floats(), integers(), st.sampled_from([1, 2.5, True])))], {}


refused(".to", lambda torch: torch.ones(2).to("cuda"), "to computes on the CPU only, got device 'cuda'")
refused(".to", lambda torch: torch.ones(2).to(torch.device("cuda:1")), "got device 'cuda:1'; use device")
refused(
    ".to",
    lambda torch: torch.ones(2).to(memory_format=torch.channels_last),
    "needs 4 dimensions for memory_format",
)
refused(
    ".to",
    lambda torch: torch.ones(2).to(torch.float32, torch.int64),
    "to needs one dtype and one device, got",
)
refused(".cuda", lambda torch: torch.ones(2).cuda(), r"cuda\(\) computes on the CPU only")
refused(
    ".bfloat16",
    lambda torch: torch.ones(2).bfloat16(),
    "has no torch.bfloat16: NumPy has none; use float32",
)
refused(".cfloat", lambda torch: torch.ones(2).cfloat(), "complex numbers have no derivatives here")
refused("finfo", lambda torch: torch.finfo(torch.int8), "finfo needs a floating dtype, got int8; use iinfo")
refused(
    "iinfo",
    lambda torch: torch.iinfo(torch.float32),
    "iinfo needs a dtype of whole numbers, got float32; use finfo",
)
refused("device", lambda torch: torch.device("gpu"), "device needs one of cpu, cuda, .* got 'gpu'")
refused(
    "set_default_device",
    lambda torch: torch.set_default_device("mps"),
    "computes on the CPU only, got device 'mps'",
)
refused("Generator", lambda torch: torch.Generator("cuda"), "Generator computes on the CPU only")
