"""Text becomes a tree as CEL reads it, or one problem with the exact place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Kind
from rules.problem import BadInput, Place
from rules.syntax import MAX_DEPTH, Binary, Call, Chain, Literal, Name, Node, Options, Source, Unary, inner, parse

HERE = Place("policy.yaml", 7, 11)


def tree(text: str) -> Node:
    return parse(Source(text, HERE))


def refusal(text: str, place: Place = HERE) -> tuple[str, str, str, str]:
    """Place, message, expected and hint of the only problem."""
    with pytest.raises(BadInput) as caught:
        parse(Source(text, place))
    (problem,) = caught.value.problems
    return str(problem.where), problem.message, problem.expected, problem.hint


def count(number: int) -> Literal:
    return Literal(number, Kind.COUNT)


A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || b && c", Chain("||", (A, Chain("&&", (B, C))))),
        ("(a || b) && c", Chain("&&", (Chain("||", (A, B)), C))),
        ("a && (b && c)", Chain("&&", (A, B, C))),
        ("!a == b", Binary("==", Unary("!", A), B)),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a * b * c", Binary("*", Binary("*", A, B), C)),
        ("a - (b - c)", Binary("-", A, Binary("-", B, C))),
        ("-a * b", Binary("*", Unary("-", A), B)),
        ("a--1", Binary("-", A, Unary("-", count(1)))),
        ("a < b + 1", Binary("<", A, Binary("+", B, count(1)))),
        ("account.tier in ['A', \"B\"]", Binary("in", Name("account.tier"), Options(
            (Literal("A", Kind.TEXT), Literal("B", Kind.TEXT))))),
        ("a in b", Binary("in", A, B)),
        ("has(account.tier)", Call("has", (Name("account.tier"),))),
        ("max(a, b,c)", Call("max", (A, B, C))),
        ("today()", Call("today", ())),
        (r'"say \"no\"\n" == a', Binary("==", Literal('say "no"\n', Kind.TEXT), A)),
        ("true != false", Binary("!=", Literal(True, Kind.BOOL), Literal(False, Kind.BOOL))),
        ("inside && android", Chain("&&", (Name("inside"), Name("android")))),
    ],
)  # fmt: skip
def test_operators_bind_as_in_cel(text: str, expected: Node) -> None:
    assert tree(text) == expected


def test_true_is_not_the_number_one() -> None:
    assert tree("true") != tree("1")


def test_a_binary_operator_is_found_at_its_own_sign_and_a_name_at_its_start() -> None:
    comparison = tree("  a.b  == 5")
    assert comparison.offset == 7
    assert [node.offset for node in inner(comparison)] == [2, 10]


@pytest.mark.parametrize(
    ("text", "column", "message", "expected", "hint"),
    [
        ("", 11, "expression is empty", "", ""),
        ("a = 1", 13, "`=` does not compare", "", "write `==`"),
        ("a & b", 13, "`&` is no operator", "", "write `&&`"),
        ("a and b", 13, "`and` is no operator", "", "write `&&`"),
        ("not a", 11, "`not` is no operator", "", "write `!`"),
        ("a ? b : c", 13, "a choice with `?` is not part of the language", "", "write one rule for each case"),
        ("a / 2 > b", 13, "division is not part of the language", "",
         "multiply the other side, or compare a ratio fact"),
        ("a > 1.5", 15, "`1.5` is a floating-point number", "",
         'write `ratio("1.5")`, `percent("…")` or `money("…")`'),
        ("a == null", 16, "`null` is not part of the language", "", "`has(fact)` asks whether there is a value"),
        ("a[0] == 1", 12, "indexing is not part of the language", "", "a fact is a single value"),
        ("a.b.matches('x')", 11, "regular expressions are not part of the language", "", "use `in` with a list"),
        ("a.b.exists(x, x > 1)", 11, "macros such as `exists` are not part of the language", "", ""),
        ("a.b.size()", 11, "`a.b.size` cannot be called", "", "a fact is not a function"),
        ("a < b < c", 17, "comparisons cannot be chained", "", "write `a < b && b < c`, or use parentheses"),
        ("(a", 13, "expression ends too early", "`)`", ""),
        ("a)", 12, "unexpected `)`", "an operator", ""),
        ("a b", 13, "unexpected `b`", "an operator", ""),
        ("a ==", 15, "expression ends too early", "a fact, a parameter or a value", ""),
        ("!-a", 12, "unexpected `-`", "a fact, a parameter or a value", ""),
        ("f(a", 14, "expression ends too early", "`,` or `)`", ""),
        ("f(a,)", 15, "unexpected `)`", "a fact, a parameter or a value", ""),
        ("a in []", 16, "the list is empty", "at least one value", ""),
        ("a in [1,]", 19, "unexpected `]`", "a fact, a parameter or a value", ""),
        ("[1] == a", 11, "a list stands only on the right of `in`", "", '`account.tier in ["A", "B"]`'),
        ('a == "open', 16, "this text is not closed", "", 'end it with `"` on the same line'),
        ("a == 'x\ny'", 16, "this text is not closed", "", "end it with `'` on the same line"),
        (r'a == "\d"', 17, r"`\d` is no escape", r"one of `\\`, `\"`, `\'`, `\n`, `\t`, `\r`", ""),
        ('a == "tab\there"', 20, "unexpected character U+0009 in a text", "", ""),
        ('a == """b"""', 16, "text in triple quotes is not part of the language", "", 'write `"…"`'),
        ('a == r"b"', 16, "raw text and bytes are not part of the language", "", 'write `"…"`'),
        ("a == 1u", 16, "`1u` is not a whole number", "", "write it in plain digits"),
        ("a == 007", 16, "`007` is not a whole number", "", "write it in plain digits"),
        ("a == 1000000000000000000", 16, "number is too large", "at most 18 digits", ""),
        ("a // why", 13, "comments are not part of an expression", "", "write `#` on a line of its own in the file"),
        ("a ≥ 1", 13, "unexpected character `≥`", "", ""),
        ("a\x00", 12, "unexpected character U+0000", "", ""),
        ("a .b", 13, "a dot must stand inside a name, without blanks", "", "`account.tier`"),
        ("let.a == 1", 11, "`let` cannot be used in a name", "", ""),
        ("{1: 2}", 11, "maps are not part of the language", "", ""),
    ],
)  # fmt: skip
def test_a_syntax_error_is_named_at_its_place(text: str, column: int, message: str, expected: str, hint: str) -> None:
    assert refusal(text) == (f"policy.yaml:7:{column}", message, expected, hint)


def test_the_place_counts_lines_of_the_text() -> None:
    assert refusal("a &&\n  b ==\n    = 1")[0] == "policy.yaml:9:5"


def test_a_place_without_line_counts_from_one() -> None:
    assert refusal("a = 1", Place("<given>"))[0] == "<given>:1:3"


def test_a_table_cell_keeps_its_place() -> None:
    cell = Place("rules.csv", row=3, field="when")
    assert refusal("a = 1", cell)[0] == str(cell)


@pytest.mark.parametrize("text", ["(" * 500 + "a" + ")" * 500, "!" * 500 + "a", "f(" * 500, "+".join("a" * 500)])
def test_deep_nesting_is_refused_and_never_exhausts_the_stack(text: str) -> None:
    assert refusal(text)[1:3] == ("nested too deeply", f"at most {MAX_DEPTH} levels")


def test_a_long_chain_is_not_deep() -> None:
    assert len(inner(tree(" && ".join("a" * 500)))) == 500


def test_the_depth_allowed_is_reached_and_not_passed() -> None:
    assert inner(tree("!" * (MAX_DEPTH - 1) + "a"))
    assert refusal("!" * MAX_DEPTH + "a")[1] == "nested too deeply"


def test_a_long_text_is_refused() -> None:
    assert refusal("a" * 10_001)[1:3] == ("expression is too long", "at most 10,000 characters")


PIECES = ["a", "a.b", "has", "(", ")", "[", "]", ",", "&&", "||", "!", "-", "+", "*", "==", "<", "in", "1", '"x"', "'",
          '"', "\\", ".", "\n", " ", "true", "null", "date", "é", "/", "?"]  # fmt: skip


@given(
    st.one_of(st.text(), st.binary().map(lambda b: b.decode("latin-1")), st.lists(st.sampled_from(PIECES)).map("".join))
)
def test_any_text_is_a_tree_or_bad_input_on_one_line(text: str) -> None:
    try:
        tree(text)
    except BadInput as bad:
        said = [problem.message + problem.hint + problem.expected for problem in bad.problems]
    else:
        said = ["a tree"]
    assert len(said) == 1
    assert "\n" not in said[0]
