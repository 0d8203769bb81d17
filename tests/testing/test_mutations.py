from __future__ import annotations

import ast

import pytest

from tinygrad_edu.testing.mutations import of_function, of_result

CASES = [
    ("g + y", "sign", {"(g - y)"}),
    ("g - y", "sign", {"(g + y)"}),
    ("-g", "sign", {"(g)"}),
    ("-1", "sign", set()),
    ("g * y", "product for quotient", {"(g / y)"}),
    ("g / y", "product for quotient", {"(g * y)"}),
    ("g + y", "lost term", {"(g)", "(y)"}),
    ("g - y", "lost term", {"(g)"}),
    ("g * y", "lost factor", {"(g)", "(y)"}),
    ("g / y", "lost factor", {"(g)"}),
    ("g - y", "exchanged operands", {"(y - g)"}),
    ("g @ y", "exchanged operands", {"(y @ g)"}),
    ("g + y", "exchanged operands", set()),
    ("g < y", "wrong comparison", {"(g <= y)"}),
    ("g == y", "wrong comparison", {"(g != y)"}),
    ("f(g)", "lost function", {"(g)"}),
    ("g.sum(axis=0)", "lost function", {"(g)"}),
    ("np.exp(g)", "lost function", {"(g)"}),
    ("where(c, g, y)", "exchanged arguments", {"(where(c, y, g))"}),
    ("equal(g, y)", "exchanged arguments", set()),
    ("g * 2", "wrong input", {"(y)", "(_x)"}),
    ("g[dim]", "dimension off by one", {"(dim - 1)"}),
    ("g * 2", "wrong constant", {"(3)"}),
    ("f(g, True)", "wrong constant", {"(False)"}),
    ("f(g, 'left')", "wrong constant", set()),
    ("g and y", "wrong condition", {"(g or y)"}),
    ("g if c else y", "wrong condition", {"(y if c else g)"}),
    ("not g", "wrong condition", {"(g)"}),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "kind", "expected"), CASES)
def test_an_expression_is_changed_in_the_ways_of_its_parts(expression, kind, expected):
    source = f"lambda g, y, _x, *, dim=0: {expression}"

    found = of_function(ast.parse(source).body[0].value, source.encode())

    assert {m.text for m in found if m.kind == kind} == expected


def test_a_mutation_stands_in_the_source_where_the_part_stood():
    source = "ä = 1\n\n\ndef rule(g, y):\n    # σ\n    return g * 'é' * (1 - y)\n".encode()
    node = ast.parse(source).body[1]

    (found,) = [m for m in of_function(node, source) if m.kind == "sign"]

    assert found.line == 6
    assert found.applied(source).decode() == source.decode().replace("1 - y", "(1 + y)")
    assert found.moved(3, 2).applied(b"abc" + source) == b"abc" + found.applied(source)


def test_statements_are_lost_and_sums_begin_again():
    source = b"def f(x):\n    total += x\n    x.append(total)\n    return total\n"

    found = {(m.kind, m.text) for m in of_function(ast.parse(source).body[0], source)}

    assert {("= for +=", "total = x"), ("lost statement", "pass")} <= found


def test_messages_annotations_defaults_and_nested_functions_stay():
    source = b"""def f(x: 1 = 2):
    y: 3 = x
    def g(z=4):
        return 5
    raise ValueError(6, f"{7}")
"""

    found = of_function(ast.parse(source).body[0], source)

    assert [m.text for m in found if m.kind == "wrong constant"] == []


def test_the_result_of_a_function_gets_another_sign_and_a_factor():
    source = b"def f(x):\n    if x > 0:\n        return x\n    return x + 1\n"

    found = of_result(ast.parse(source).body[0], source)

    assert {(m.line, m.text) for m in found} == {
        (3, "(-x)"),
        (3, "(2 * x)"),
        (4, "(-(x + 1))"),
        (4, "(2 * (x + 1))"),
    }
