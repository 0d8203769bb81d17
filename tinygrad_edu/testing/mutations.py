"""Small changes to Python source, each a mistake that people make: of a derivative rule, or of any function."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

Names = Sequence[str]
Change = tuple[str, ast.AST]  # the kind of mistake, and what stands there instead


@dataclass(frozen=True)
class Mutation:
    """One change of a source: `text` in place of the bytes from `start` to `end`."""

    kind: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        """The source with the change."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def moved(self, offset: int, lines: int) -> Mutation:
        """The same in a source that has so many more bytes and lines before."""
        return replace(self, line=self.line + lines, start=self.start + offset, end=self.end + offset)


def of_function(node: ast.Lambda | ast.FunctionDef, source: bytes) -> list[Mutation]:
    """Every mutation of the body of a function."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    names = [a.arg for a in [*node.args.posonlyargs, *node.args.args] if a.arg not in ("like", "self", "cls")]
    return [
        _mutation(kind, place, new, source)
        for part in body
        for place in _places(part)
        for kind, new in _changes(place, names)
    ]


def of_result(node: ast.Lambda | ast.FunctionDef, source: bytes) -> list[Mutation]:
    """The mutations of what a rule returns as a whole: the other sign, and twice as much."""
    returned = [x.value for x in ast.walk(node) if isinstance(x, ast.Return) and x.value]
    return [
        _mutation(kind, end, new, source)
        for end in ([node.body] if isinstance(node, ast.Lambda) else returned)
        for kind, new in (
            ("sign", ast.UnaryOp(ast.USub(), end)),
            ("factor", ast.BinOp(ast.Constant(2), ast.Mult(), end)),
        )
    ]


def _mutation(kind: str, place: Any, new: ast.AST, source: bytes) -> Mutation:
    text = ast.unparse(new) if isinstance(new, ast.stmt) else f"({ast.unparse(new)})"
    return Mutation(kind, place.lineno, *span(place, source), text)


def span(node: Any, source: bytes) -> tuple[int, int]:
    """From which byte of its source to which a node goes."""
    starts = [0, *itertools.accumulate(map(len, source.splitlines(keepends=True)))]
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _places(node: ast.AST) -> Iterator[Any]:
    """The nodes whose change can change what is computed: no messages, annotations, defaults or nested functions."""
    if isinstance(
        node, ast.Raise | ast.JoinedStr | ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    ):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _places(child)


def _changes(node: Any, names: Names) -> Iterator[Change]:
    for kind, type_of_node, change in CHANGES:
        if isinstance(node, type_of_node):
            for new in change(node, names):
                yield kind, new


def _operator(*exchanges: tuple[type, type]) -> Callable[[Any, Names], Iterator[ast.AST]]:
    """A binary operation with another operator."""
    table = dict(exchanges)

    def change(node: ast.BinOp, _names: Names) -> Iterator[ast.AST]:
        if type(node.op) in table:
            yield ast.BinOp(node.left, table[type(node.op)](), node.right)

    return change


def _one_side(*operators: type) -> Callable[[Any, Names], Iterator[ast.AST]]:
    """One operand in place of a binary operation; the right one of a difference or quotient is another mistake."""

    def change(node: ast.BinOp, _names: Names) -> Iterator[ast.AST]:
        if isinstance(node.op, operators):
            yield node.left
            if isinstance(node.op, ast.Add | ast.Mult):
                yield node.right

    return change


def _reversed(node: ast.BinOp, _names: Names) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)


def _without_sign(node: ast.UnaryOp, _names: Names) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node.operand


_NEIGHBOURS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def _other_comparison(node: ast.Compare, _names: Names) -> Iterator[ast.AST]:
    first, *rest = node.ops
    yield ast.Compare(node.left, [_NEIGHBOURS[type(first)](), *rest], node.comparators)


def _without_call(node: ast.Call, _names: Names) -> Iterator[ast.AST]:
    """What the function is called on in place of what it makes of it."""
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
        yield node.args[0]


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "math", "self", "ast", "index", "numbers")


_SYMMETRIC = (
    "equal",
    "not_equal",
    "bitwise_and",
    "bitwise_or",
    "maximum",
    "minimum",
    "isinstance",
    "swapaxes",
)


def _arguments_exchanged(node: ast.Call, _names: Names) -> Iterator[ast.AST]:
    """The last two arguments exchanged, of functions where that makes a difference or raises no error at once."""
    if getattr(node.func, "id", getattr(node.func, "attr", "")) in _SYMMETRIC:
        return
    if len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args):
        *before, x, y = node.args
        if ast.dump(x) != ast.dump(y):
            yield ast.Call(node.func, [*before, y, x], node.keywords)


def _other_name(node: ast.Name, names: Names) -> Iterator[ast.AST]:
    """Another parameter of the function: the input for the result, and so on."""
    if node.id in names and isinstance(node.ctx, ast.Load):
        for other in names:
            if other != node.id:
                yield ast.Name(other, node.ctx)


def _dim_off_by_one(node: ast.Name, _names: Names) -> Iterator[ast.AST]:
    if node.id == "dim" and isinstance(node.ctx, ast.Load):
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _other_constant(node: ast.Constant, _names: Names) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)


def _other_condition(node: ast.BoolOp | ast.IfExp | ast.UnaryOp, _names: Names) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node.op, ast.Not):
        yield node.operand


def _assigned(node: ast.AugAssign, _names: Names) -> Iterator[ast.AST]:
    yield ast.Assign([node.target], node.value, lineno=node.lineno)


def _nothing(node: ast.Expr, _names: Names) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


# The kind of mistake, where it can be made, and what then stands there.
CHANGES: list[tuple[str, Any, Callable[[Any, Names], Iterator[ast.AST]]]] = [
    ("sign", ast.BinOp, _operator((ast.Add, ast.Sub), (ast.Sub, ast.Add))),
    ("sign", ast.UnaryOp, _without_sign),
    ("product for quotient", ast.BinOp, _operator((ast.Mult, ast.Div), (ast.Div, ast.Mult))),
    ("lost term", ast.BinOp, _one_side(ast.Add, ast.Sub)),
    ("lost factor", ast.BinOp, _one_side(ast.Mult, ast.Div, ast.Pow)),
    ("exchanged operands", ast.BinOp, _reversed),
    ("wrong comparison", ast.Compare, _other_comparison),
    ("lost function", ast.Call, _without_call),
    ("exchanged arguments", ast.Call, _arguments_exchanged),
    ("wrong input", ast.Name, _other_name),
    ("dimension off by one", ast.Name, _dim_off_by_one),
    ("wrong constant", ast.Constant, _other_constant),
    ("wrong condition", ast.BoolOp | ast.IfExp | ast.UnaryOp, _other_condition),
    ("= for +=", ast.AugAssign, _assigned),
    ("lost statement", ast.Expr, _nothing),
]
