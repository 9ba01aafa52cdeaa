"""Canonical text says what the tree says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.expression.printer import printed
from rules.expression.syntax import parse
from rules.expression.tree import Binary, Call, Chain, Choice, Index, Items, Literal, Method, Name, Node, Source, Unary
from rules.kinds import Kind
from rules.problem import Place


def tree(text: str) -> Node:
    return parse(Source(text, Place("test")))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a&&b||c", "a && b || c"),
        ("(a && b) || c", "a && b || c"),
        ("a && (b || c)", "a && (b || c)"),
        ("a && (b && c)", "a && b && c"),
        ("(a == b) == c", "(a == b) == c"),
        ("a == (b == c)", "a == (b == c)"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("(a+b)*c", "(a + b) * c"),
        ("-(a+b)", "-(a + b)"),
        ("!(!(a))", "!(!a)"),
        ("-(!a)", "-(!a)"),
        ("!(a==b)", "!(a == b)"),
        ("a in['x',\"y\"]", 'a in ["x", "y"]'),
        ("'it\\'s \"so\"'", '"it\'s \\"so\\""'),
        ("f( a,b )", "f(a, b)"),
        ("a?b:c?a:b", "a ? b : c ? a : b"),
        ("(a?b:c)?(a?b:c):b", "(a ? b : c) ? (a ? b : c) : b"),
        ("(a?b:c)+1", "(a ? b : c) + 1"),
        ("a||(b?a:c)", "a || (b ? a : c)"),
        ("a/(b%c)*a", "a / (b % c) * a"),
        ("(a+b).size()[0]", "(a + b).size()[0]"),
        ("(-a)[0]", "(-a)[0]"),
        ("[a,b,].all(x,x>0)", "[a, b].all(x, x > 0)"),
        ("0x10", "16"),
        ("r'\\d' + 'x'", '"\\\\d" + "x"'),
        ("'\\u202e\\x07\\u00e9'", '"\\u202e\\x07é"'),
        ("b'é\\x00\"\\\\~'", 'b"\\xc3\\xa9\\x00\\"\\\\~"'),
    ],
)
def test_text_has_one_form(written: str, canonical: str) -> None:
    assert printed(tree(written)) == canonical


leaves = st.one_of(
    st.sampled_from([Name("a"), Name("account.tier"), Literal(True, Kind.BOOL), Literal(False, Kind.BOOL)]),
    st.integers(0, 2**63).map(lambda n: Literal(n, Kind.COUNT)),
    st.text(st.one_of(st.sampled_from("\n\t\r\"'\\"), st.characters(exclude_categories=["Cs"])), max_size=5).map(
        lambda t: Literal(t, Kind.TEXT)
    ),
    st.binary(max_size=5).map(lambda b: Literal(b.decode("latin-1"), Kind.BYTES)),
)


def sums(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(below, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from("+ - * / % == != < <= > >= in".split()), below, below),  # noqa: SIM905
        st.builds(Items, several),
        st.builds(Unary, st.sampled_from("!-"), below),
        st.builds(Call, st.sampled_from(["f", "has"]), several),
        st.builds(Method, below, st.sampled_from(["size", "exists"]), several),
        st.builds(Index, below, below),
        st.builds(Choice, below, below, below),
        st.builds(flat, st.sampled_from(["&&", "||"]), st.lists(below, min_size=2, max_size=3)),
    )


def flat(operator: str, parts: list[Node]) -> Chain:
    """A chain as the parser makes it: no part is a chain of the same operator."""
    return Chain(
        operator,
        tuple(
            node
            for part in parts
            for node in (part.parts if isinstance(part, Chain) and part.operator == operator else (part,))
        ),
    )


@given(st.recursive(leaves, sums, max_leaves=12))
def test_parsing_what_is_printed_gives_the_same_tree(node: Node) -> None:
    assert tree(printed(node)) == node
