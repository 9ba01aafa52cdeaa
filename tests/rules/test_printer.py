"""Canonical text says what the tree says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Kind
from rules.printer import printed
from rules.problem import Place
from rules.syntax import Binary, Call, Chain, Literal, Name, Node, Options, Source, Unary, parse


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
        ("!(!(a))", "!!a"),
        ("-(!a)", "-(!a)"),
        ("!(a==b)", "!(a == b)"),
        ("a in['x',\"y\"]", 'a in ["x", "y"]'),
        ("'it\\'s \"so\"'", '"it\'s \\"so\\""'),
        ("f( a,b )", "f(a, b)"),
    ],
)
def test_text_has_one_form(written: str, canonical: str) -> None:
    assert printed(tree(written)) == canonical


leaves = st.one_of(
    st.sampled_from([Name("a"), Name("account.tier"), Literal(True, Kind.BOOL), Literal(False, Kind.BOOL)]),
    st.integers(0, 10**18 - 1).map(lambda n: Literal(n, Kind.COUNT)),
    st.text(st.one_of(st.sampled_from("\n\t\r\"'\\"), st.characters(exclude_categories=["Cc", "Cs"])), max_size=5).map(
        lambda t: Literal(t, Kind.TEXT)
    ),
)


def sums(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "==", "!=", "<", "<=", ">", ">=", "in"]), below, below),
        st.builds(
            Binary, st.just("in"), below, st.builds(Options, st.lists(leaves, min_size=1, max_size=3).map(tuple))
        ),
        st.builds(Unary, st.sampled_from("!-"), below),
        st.builds(Call, st.sampled_from(["f", "has"]), st.lists(below, max_size=3).map(tuple)),
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
