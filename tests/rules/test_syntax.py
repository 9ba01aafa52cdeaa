"""Text becomes a tree as CEL reads it, or one problem with the exact place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.expression.syntax import MAX_DEPTH, parse
from rules.expression.tree import (
    Binary,
    Call,
    Chain,
    Choice,
    Index,
    Items,
    Literal,
    Method,
    Name,
    Node,
    Source,
    Unary,
    inner,
)
from rules.kinds import Kind
from rules.problem import BadInput, Place

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
        ("account.tier in ['A', \"B\"]", Binary("in", Name("account.tier"), Items(
            (Literal("A", Kind.TEXT), Literal("B", Kind.TEXT))))),
        ("a in b", Binary("in", A, B)),
        ("has(account.tier)", Call("has", (Name("account.tier"),))),
        ("max(a, b,c)", Call("max", (A, B, C))),
        ("today()", Call("today", ())),
        (r'"say \"no\"\n" == a', Binary("==", Literal('say "no"\n', Kind.TEXT), A)),
        ("true != false", Binary("!=", Literal(True, Kind.BOOL), Literal(False, Kind.BOOL))),
        ("inside && android", Chain("&&", (Name("inside"), Name("android")))),
        ("a ? b : c ? a : b", Choice(A, B, Choice(C, A, B))),
        ("a || b ? b : c", Choice(Chain("||", (A, B)), B, C)),
        ("(a ? b : c) ? a : b", Choice(Choice(A, B, C), A, B)),
        ("a - b % c / a", Binary("-", A, Binary("/", Binary("%", B, C), A))),
        ("a [0] [b]", Index(Index(A, count(0)), B)),
        ("a . b", Name("a.b")),
        ("a.b.size()", Method(Name("a.b"), "size", ())),
        ("a.exists(x, x == b)", Method(A, "exists", (Name("x"), Binary("==", Name("x"), B)))),
        ("'x'.size() + [a].size()", Binary(
            "+", Method(Literal("x", Kind.TEXT), "size", ()), Method(Items((A,)), "size", ()))),
        ("-a[0]", Unary("-", Index(A, count(0)))),
        ("-a.size()", Unary("-", Method(A, "size", ()))),
        ("!!a", A),
        ("---a", Unary("-", A)),
        ("-(-a)", Unary("-", Unary("-", A))),
        ("[] == [a, b,]", Binary("==", Items(()), Items((A, B)))),
        ("a // why\n && b", Chain("&&", (A, B))),
        ("0x1f + 0x1F", Binary("+", count(31), count(31))),
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
        ("a > 1.5", 15, "`1.5` is a floating-point number", "",
         'write `ratio("1.5")`, `percent("…")` or `money("…")`'),
        ("a == null", 16, "`null` is not part of the language", "", "`has(fact)` asks whether there is a value"),
        ("a < b < c", 17, "comparisons cannot be chained", "", "write `a < b && b < c`, or use parentheses"),
        ("(a", 13, "expression ends too early", "`)`", ""),
        ("a)", 12, "unexpected `)`", "an operator", ""),
        ("a b", 13, "unexpected `b`", "an operator", ""),
        ("a ==", 15, "expression ends too early", "a fact, a parameter or a value", ""),
        ("!-a", 12, "unexpected `-`", "a fact, a parameter or a value", ""),
        ("f(a", 14, "expression ends too early", "`,` or `)`", ""),
        ("f(a,)", 15, "unexpected `)`", "a fact, a parameter or a value", ""),
        ('a == "open', 16, "this text is not closed", "", 'end it with `"` on the same line'),
        ("a == 'x\ny'", 16, "this text is not closed", "", "end it with `'` on the same line"),
        (r'a == "\d"', 17, r"`\d` is no escape",
         r"one of `\\`, `\"`, `\'`, `\n`, `\t`, `\r`, or a code such as `\u00e9`",
         'in a pattern write `r"…"`, or two backslashes'),
        (r'a == "\ud800"', 17, r"`\ud800` is no escape",
         r"one of `\\`, `\"`, `\'`, `\n`, `\t`, `\r`, or a code such as `\u00e9`",
         'in a pattern write `r"…"`, or two backslashes'),
        ("a ? b", 16, "expression ends too early", "`:`", ""),
        ("a ? b ? c : d : e", 17, "unexpected `?`", "`:`", ""),
        ("a[0", 14, "expression ends too early", "`]`", ""),
        ("a.", 13, "expression ends too early", "a name", ""),
        ("[1,, 2]", 14, "unexpected `,`", "a fact, a parameter or a value", ""),
        ("a == 'it\u202es'", 19, "unexpected character U+202E in a text", "", r"write `\u202e`"),
        (r'a == b"\u00e9"', 18, r"`\u00e9` is no escape",
         r"one of `\\`, `\"`, `\'`, `\n`, `\t`, `\r`, or a code such as `\xe9`",
         'in a pattern write `r"…"`, or two backslashes'),
        ("a == b'\u202e'", 18, "unexpected character U+202E in a text", "", ""),
        ('a == rb"b"', 18, 'unexpected `"b"`', "an operator", ""),
        ("a == 1u", 16, "`1u` is an unsigned number", "", "write `1`"),
        ("a == 1e5", 16, "`1e5` is a floating-point number", "",
         'write `ratio("1e5")`, `percent("…")` or `money("…")`'),
        ("a == 9223372036854775809", 16, "number is too large", "at most 9223372036854775807", ""),
        ("a == " + "9" * 5000, 16, "number is too large", "at most 9223372036854775807", ""),
        ("a.?b", 13, "optional selection is not part of the language", "", ""),
        ("size(a).b", 19, "`b` is no method", "",
         "a dot stands in the name of a fact, or before a method such as `.size()`"),
        ("a == 007", 16, "`007` is not a whole number", "", "write it in plain digits"),
        ("a // why", 13, "a comment must end with its line, and nothing follows this one", "",
         "text folded with `>` joins its lines: write it with `|`, or the comment with `#` in the file"),
        ("a ≥ 1", 13, "unexpected character `≥`", "", ""),
        ("a\x00", 12, "unexpected character U+0000", "", ""),
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


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "a" + ")" * 500,
        "!(" * 500 + "a",
        "[" * 500,
        "a[" * 500,
        "a" + "[0]" * 500,
        "a ? b : " * 500 + "a",
        "f(" * 500,
        "+".join("a" * 500),
        ".".join("a" * 33),
    ],
)
def test_deep_nesting_is_refused_and_never_exhausts_the_stack(text: str) -> None:
    assert refusal(text)[1:3] == ("nested too deeply", f"at most {MAX_DEPTH} levels")


def test_each_part_of_a_name_is_a_level_as_in_cel() -> None:
    assert tree(".".join("a" * MAX_DEPTH)) == Name(".".join("a" * MAX_DEPTH))


def test_a_long_chain_is_not_deep() -> None:
    assert len(inner(tree(" && ".join("a" * 500)))) == 500


def test_the_depth_allowed_is_reached_and_not_passed() -> None:
    assert inner(tree("-" + "f(" * (MAX_DEPTH - 2) + "a" + ")" * (MAX_DEPTH - 2)))
    assert tree("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == A
    assert refusal("f(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)[1] == "nested too deeply"
    assert refusal("(" * (MAX_DEPTH + 1) + "a")[1] == "nested too deeply"


def test_a_sign_twice_is_none_as_in_cel() -> None:
    assert tree("!" * 500 + "a") == A
    assert tree("-" * 501 + "a") == Unary("-", A)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("''", ""),
        ("'\\''", "'"),
        ('"it\'s"', "it's"),
        ("'''say \"it's\"'''", 'say "it\'s"'),
        ('"""two\nlines"""', "two\nlines"),
        (r"r'\d\n'", "\\d\\n"),
        (r'R"""\d"\n"""', '\\d"\\n'),
        (r"'\a\b\f\n\r\t\v\\\?\"\'\`'", "\a\b\f\n\r\t\v\\?\"'`"),
        (r"'\x41\X42\u0043\U00000044\105'", "ABCDE"),
        (r"'\U0001f431'", "🐱"),
        ("'tab\there'", "tab\there"),
    ],
)
def test_text_is_written_in_every_form_of_cel(written: str, value: str) -> None:
    assert tree(written) == Literal(value, Kind.TEXT)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("b''", b""),
        ('B"it\'s"', b"it's"),
        ("b'é'", b"\xc3\xa9"),
        (r"b'\303\xA9\n\''", b"\xc3\xa9\n'"),
        ('b"""two\nlines"""', b"two\nlines"),
        (r"bR'\x00'", rb"\x00"),
        ("br'é'", "é".encode()),
        (r"b'\000é\xff\\'", b"\x00\xc3\xa9\xff\\"),
    ],
)
def test_behind_b_a_sign_stands_for_its_utf_8_and_a_code_for_one_byte(written: str, value: bytes) -> None:
    assert tree(written) == Literal(value.decode("latin-1"), Kind.BYTES)


def test_every_part_knows_where_it_ends() -> None:
    text = "a.b.size() > 5 && c[0] in ['x', \"y\"]"
    spans: list[tuple[str, str]] = []

    def look(node: Node) -> None:
        spans.append((type(node).__name__, text[node.offset : node.end]))
        for below in inner(node):
            look(below)

    look(tree(text))
    assert spans == [
        ("Chain", text),
        ("Binary", "> 5"),
        ("Method", "size()"),
        ("Name", "a.b"),
        ("Literal", "5"),
        ("Binary", "in ['x', \"y\"]"),
        ("Index", "[0]"),
        ("Name", "c"),
        ("Literal", "0"),
        ("Items", "['x', \"y\"]"),
        ("Literal", "'x'"),
        ("Literal", '"y"'),
    ]


def test_what_is_wrong_is_underlined_on_its_own_line() -> None:
    def underlined(text: str) -> tuple[int | None, int]:
        with pytest.raises(BadInput) as caught:
            tree(text)
        return caught.value.problems[0].where.column, caught.value.problems[0].span

    assert underlined("a == null") == (16, 4)
    assert underlined("a == 1.50 && b") == (16, 4)
    assert underlined("a ==") == (15, 1)
    assert underlined('a == """one\n\\d"""') == (1, 2)


def test_a_long_text_is_refused() -> None:
    assert refusal("a" * 10_001)[1:3] == ("expression is too long", "at most 10,000 characters")


PIECES = ["a", "a.b", "has", "(", ")", "[", "]", ",", "&&", "||", "!", "-", "+", "*", "==", "<", "in", "1", '"x"', "'",
          '"', "\\", ".", "\n", " ", "true", "null", "date", "é", "/", "?", ":", "//",
          "r'", '"""', "size", "%", "0x1"]  # fmt: skip


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
