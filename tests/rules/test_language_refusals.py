"""Everything that CEL has and this language has not is refused when it is read: with its reason, and what to write."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.expression.check import Scope, compile_text
from rules.expression.pattern import Unportable, steps_of
from rules.expression.refusal import Reason
from rules.expression.term import Op, Term
from rules.kinds import Kind, Unit
from rules.problem import BadInput, Place, Problem
from rules.vocabulary import Field

FIELDS = [
    Field("account.name", Kind.TEXT, "for tests"),
    Field("account.tags", Kind.LIST, "for tests", of=Kind.TEXT),
    Field("account.deals", Kind.COUNT, "for tests"),
    Field("account.t12", Kind.MONEY, "for tests"),
    Field("account.share", Kind.RATIO, "for tests", unit=Unit.PERCENT),
    Field("account.spread", Kind.RATIO, "for tests", unit=Unit.POINTS),
    Field("account.end", Kind.DATE, "for tests", optional=True),
    Field("account.seen", Kind.TIMESTAMP, "for tests"),
    Field("account.named", Kind.BOOL, "for tests"),
]


def big(levels: int) -> Term:
    """A term of 2 to that power parts, of which few exist."""
    term = Term(Op.FACT, Kind.BOOL, Unit.BOOL, "account.named", 0, name="account.named")
    for _ in range(levels):
        term = Term(Op.AND, Kind.BOOL, Unit.BOOL, "x", 0, (term, term))
    return term


SCOPE = Scope(
    {field.name: field for field in FIELDS},
    {"most": Unit.MONEY, "times": Unit.COUNT, "tiers": Unit.TEXT},
    listed=frozenset({"tiers"}),
    definitions={"huge": big(14)},
)
DIFFERENCE = 'a difference of two shares is written `points("30")`, a share `percent("30")` or `ratio("1.2")`'


def refused(text: str, scope: Scope = SCOPE) -> Problem:
    """The only problem of an expression."""
    with pytest.raises(BadInput) as caught:
        compile_text(text, Place("policy.yaml", 1, 1), scope)
    (problem,) = caught.value.problems
    return problem


TEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
UNSETTLED = "compare them with bytes that are written out, or use text"
LONG = "".join(f"{TEN}.all(x{i}, " for i in range(5)) + "x0 + x1 + x2 + x3 + x4 > 0" + ")" * 5
REFUSALS = [
    (Reason.SYNTAX, "account.deals = 1", "`=` does not compare", "write `==`"),
    (Reason.SYNTAX, "account.deals > 007", "`007` is not a whole number", "write it in plain digits"),
    (Reason.TOO_LARGE, "(" * 40 + "1", "nested too deeply", "split the rule, or give a part of it a name of its own"),
    (Reason.TOO_LARGE, "huge", "too large with all that its names stand for", ""),
    (Reason.TOO_LARGE, LONG, "this takes too long to compute", "shorten the lists"),
    (Reason.RESERVED, "account.package == 'x'", "`package` cannot be used in a name", ""),
    (Reason.FLOAT, "account.deals > 1.5", "`1.5` is a floating-point number",
     'write `ratio("1.5")`, `percent("…")` or `money("…")`'),
    (Reason.FLOAT, "double(1) > 2", "floating-point numbers are not part of the language", ""),
    (Reason.UNSIGNED, "account.deals > 5u", "`5u` is an unsigned number", "write `5`"),
    (Reason.UNSIGNED, "uint(1) > 2", "unsigned numbers are not part of the language", ""),
    (Reason.BYTES, "(account.named ? b'x' : b'y') == b'x'",
     '`account.named ? b"x" : b"y"` depends on a fact, and bytes never do', UNSETTLED),
    (Reason.BYTES, "[b'x', b'y'][account.deals] == b'x'",
     '`[b"x", b"y"][account.deals]` depends on a fact, and bytes never do', UNSETTLED),
    (Reason.BYTES, "[b'x'].exists(x, account.named)",
     '`[b"x"].exists(x, account.named)` depends on a fact, and bytes never do', UNSETTLED),
    (Reason.BYTES, "size(account.tags.map(t, b'x')) > 0",
     '`account.tags.map(t, b"x")` depends on a fact, and bytes never do', UNSETTLED),
    (Reason.NULL, "account.name == null", "`null` is not part of the language",
     "`has(fact)` asks whether there is a value"),
    (Reason.MAP, "{'a': 1}", "maps are not part of the language", ""),
    (Reason.TYPE, "type(1) == 1", "types are not values", ""),
    (Reason.TYPE, "account.deals == int", "`int` is a type, and no value", ""),
    (Reason.TYPE, "dyn(1) == 1", "every kind is settled before anything is evaluated", ""),
    (Reason.OPTIONAL, "account.?name == 'x'", "optional selection is not part of the language", ""),
    (Reason.OPTIONAL, "account.tags[?0] == 'x'", "optional selection is not part of the language", ""),
    (Reason.OPTIONAL, "account.name in [?'x']", "optional selection is not part of the language", ""),
    (Reason.SELECTION, ".account.name == 'x'", "unexpected `.`", ""),
    (Reason.SELECTION, "size(account.tags).x", "`x` is no method",
     "a dot stands in the name of a fact, or before a method such as `.size()`"),
    (Reason.CHAINED, "1 < account.deals < 5", "comparisons cannot be chained",
     "write `a < b && b < c`, or use parentheses"),
    (Reason.COMMENT, "account.named // && false", "a comment must end with its line, and nothing follows this one",
     "text folded with `>` joins its lines: write it with `|`, or the comment with `#` in the file"),
    (Reason.BIDI, "account.name == 'a\u202eb'", "unexpected character U+202E in a text", r"write `\u202e`"),
    (Reason.NESTED_LIST, "[[1]].size() > 0", "a list holds single values only", ""),
    (Reason.NESTED_LIST, "account.tags in [account.tags]", "a list holds single values only", ""),
    (Reason.NESTED_LIST, "account.tags.map(t, [t]).size() > 0", "a list holds single values only", ""),
    (Reason.MIXED_LIST, "[1, 'x'].size() > 0", '`"x"` (text) stands in a list that begins with `1` (count)', ""),
    (Reason.MIXED_LIST, "[account.share, account.spread].size() > 0",
     "`account.spread` (points) stands in a list that begins with `account.share` (ratio)", DIFFERENCE),
    (Reason.EMPTY_LIST, "account.name in []", "the list is empty",
     "compare the size with 0: `account.tags.size() == 0`"),
    (Reason.EMPTY_LIST, "account.tags == []", "the list is empty",
     "compare the size with 0: `account.tags.size() == 0`"),
    (Reason.LIST_KIND, "account.deals in times", "`times` is no list", "write `== times`"),
    (Reason.LIST_KIND, "account.name.all(c, c == 'x')", "`account.name` (text) is no list", "`all` looks at a list"),
    (Reason.LIST_KIND, "account.name[0] == 'x'", "`account.name` (text) has no items", "only lists are indexed"),
    (Reason.MIXED_BRANCHES, "(account.named ? 1 : most) == most",
     "`1` (count) and `most` (money) cannot be the branches of one choice", 'write `money("1")`'),
    (Reason.MIXED_BRANCHES, "(account.named ? account.share : account.spread) > account.share",
     "`account.share` (ratio) and `account.spread` (points) cannot be the branches of one choice", DIFFERENCE),
    (Reason.KIND, "account.name == b'x'", 'cannot compare `account.name` (text) with `b"x"` (bytes)',
     "facts and policies hold text: leave the `b` out"),
    (Reason.KIND, "b'x' in account.tags", 'cannot look for `b"x"` (bytes) among text',
     "facts and policies hold text: leave the `b` out"),
    (Reason.KIND, "b'x'.contains('x')", '`b"x"` (bytes) is no text', "`contains` asks about texts"),
    (Reason.KIND, "account.name > 5", "cannot compare `account.name` (text) with `5` (count)", ""),
    (Reason.KIND, "account.spread > most", "cannot compare `account.spread` (points) with `most` (money)", ""),
    (Reason.KIND, "account.named && 'x'", '`&&` needs a condition, and `"x"` (text) is none', ""),
    (Reason.KIND, "account.t12 / 2 > most", "cannot divide `account.t12` (money) and `2` (count)",
     "only whole numbers are divided: multiply the other side"),
    (Reason.KIND, "size(5) > 2", "`5` (count) has no size", "texts and lists have one"),
    (Reason.KIND, "account.tags.contains('x')", "`account.tags` (list of text) is no text",
     'write `"x" in account.tags`'),
    (Reason.KIND, "account.deals.startsWith('1')", "`account.deals` (count) is no text",
     "`startsWith` asks about texts"),
    (Reason.KIND, "account.tags.exists(t, t)", "`exists` needs a condition, and `t` (text) is none", ""),
    (Reason.KIND, "account.tags == [1]", "cannot compare `account.tags` (list of text) with `[1]` (list of count)",
     "the items of both lists must be of one kind"),
    (Reason.UNIT, "account.spread > account.share",
     "cannot compare `account.spread` (points) with `account.share` (ratio)", DIFFERENCE),
    (Reason.UNIT, "account.share in [points(3)]", "cannot look for `account.share` (ratio) among points", DIFFERENCE),
    (Reason.RANGE, "account.t12 * times > most", "the result can be too large",
     "multiply by a smaller number, or compare the sides apart"),
    (Reason.RANGE, "[9223372036854775807].exists(x, x + account.deals > 0)", "the result can be too large",
     "multiply by a smaller number, or compare the sides apart"),
    (Reason.DIVISOR, "10 / account.deals > 1", "`account.deals` can be 0",
     "divide by a number such as 12, or multiply the other side"),
    (Reason.UNDEFINED, "1 / 0 > account.deals", "`1 / 0` has no value",
     "the divisor is 0, or the result leaves 64 bits"),
    (Reason.UNDEFINED, "account.named || [1, 2][2] > 0", "`[1, 2][2]` has no value",
     "positions count from 0, and end before the list's size"),
    (Reason.UNDEFINED, "9223372036854775807 + 1 > account.deals", "`9223372036854775807 + 1` has no value",
     "the result leaves its range"),
    (Reason.CONSTANT, "account.t12 > money('1.005')", "`1.005` has more decimals than the currency, 2", ""),
    (Reason.RESOLUTION, "account.seen > timestamp('2026-01-01T00:00:00.0000001Z')",
     "`2026-01-01T00:00:00.0000001Z` is finer than a microsecond", "write at most six decimals of a second"),
    (Reason.RESOLUTION, "duration('1ns') > duration('0s')", "`1ns` is finer than a microsecond",
     "write at most six decimals of a second"),
    (Reason.ZONE, "timestamp(0).getHours('Europe/Berlin') > 1", "`Europe/Berlin` is no fixed offset",
     'write `"UTC"` or an offset, `"+01:00"`'),
    (Reason.CONVERSION, "string(account.deals) == '1'", "`account.deals` (count) is no constant",
     "only constants are converted"),
    (Reason.CONVERSION, "account.seen.getHours() > 1", "`account.seen` (timestamp) is no constant",
     "parts of a time are taken of constants only"),
    (Reason.CONVERSION, "int('x') > 1", "`x` is not a whole number", ""),
    (Reason.CONVERSION, "bytes(account.name) == b'x'", "`account.name` (text) is no constant",
     "only constants are converted"),
    (Reason.CONVERSION, r"string(b'\xff') == account.name", "these bytes are not UTF-8", ""),
    (Reason.CONVERSION, "int(timestamp('1970-01-01T00:00:00.5Z')) > 1",
     "a time with parts of a second is not converted", ""),
    (Reason.PATTERN, "account.name.matches(account.name)", "`account.name` is no literal pattern",
     "a pattern is checked before any fact is looked at"),
    (Reason.PATTERN, r"account.name.matches(r'\d+')", r"in the pattern, `\d` is not portable",
     "write classes out: `[0-9]`, `[A-Za-z0-9_]`, `[ \\t]`"),
    (Reason.MACRO, "account.tags.all('x', true)", "`all` takes a new name and a part that reads it",
     "write `account.tags.all(t, …)`"),
    (Reason.MACRO, "account.tags.map(t, t != 'x', t).size() > 0", "`map` takes a new name and a part that reads it",
     "write `account.tags.map(t, …)`"),
    (Reason.MACRO, "account.tags.all(__result__, __result__ != 'x')", "`__result__` already names something",
     "choose another"),
    (Reason.MACRO, "account.tags.all(most, most != 'x')", "`most` already names something", "choose another"),
    (Reason.MACRO, "account.tags.exists(t, t + 'a' == 'ba')", "text is not joined item by item",
     "join it outside, or compare the parts"),
    (Reason.MACRO, "[b'a'].map(t, t + t).size() > 0", "bytes are not joined item by item",
     "join it outside, or compare the parts"),
    (Reason.UNKNOWN_NAME, "acount.name == 'x'", "unknown fact `acount.name`", "did you mean `account.name`?"),
    (Reason.UNKNOWN_NAME, "hugs", "unknown parameter `hugs`", "did you mean `huge`?"),
    (Reason.UNKNOWN_FUNCTION, "sise(account.name) > 1", "unknown function `sise`", "did you mean `size`?"),
    (Reason.UNKNOWN_FUNCTION, "account.name.startWith('x')", "unknown method `startWith`",
     "did you mean `startsWith`?"),
    (Reason.MISPLACED, "max(1, 2) > 1", "`max` belongs in a formula line, not here", ""),
    (Reason.MISPLACED, "contains(account.name, 'x')", "`contains` does not stand alone with these arguments",
     "write it after its value: `account.name.contains(…)`"),
    (Reason.MISPLACED, "account.name.contains('x', 'y')", "`contains` does not take these arguments", ""),
    (Reason.OPTIONAL_FACT, "account.end < date('2026-01-01')", "`account.end` may be none, and nothing before it asks",
     "write `has(account.end) && …`, or `!has(account.end) || …`"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "text", "message", "hint"), REFUSALS)
def test_a_refusal_has_its_reason_its_message_and_a_hint(reason: Reason, text: str, message: str, hint: str) -> None:
    problem = refused(text)
    assert (problem.reason, problem.message, problem.hint) == (reason.value, message, hint)
    assert problem.span > 0


def test_every_reason_is_shown_by_an_example() -> None:
    assert {reason for reason, *_ in REFUSALS} == set(Reason)


def test_a_constant_that_has_no_value_may_stand_where_nothing_depends_on_it() -> None:
    node = compile_text("false && 1 / 0 > 0", Place("policy.yaml"), SCOPE).node
    assert (node.op, node.value) == (Op.LITERAL, False)
    assert compile_text("true || [1][1] > 0", Place("policy.yaml"), SCOPE).node.value is True
    assert compile_text("(true ? 1 : 1 / 0) == account.deals", Place("policy.yaml"), SCOPE).kind is Kind.BOOL


@pytest.mark.parametrize("text", ["b'x'", "[b'x', b'y']", "'x' + string(b'y') == 'xy' ? b'x' : b'y'"])
def test_a_line_of_a_formula_is_never_bytes(text: str) -> None:
    problem = refused(text, replace(SCOPE, formulas=True))
    assert (problem.reason, problem.message) == (Reason.BYTES.value, "a line of a formula is not bytes")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("b'a' + b'\\xff' == b'a\\xff'", True),
        ("b'é' < b'\\xc4'", True),
        ("size(b'é') == 2 && size('é') == 1", True),
        ("b'b' in [b'a', b'c']", False),
        ("[b'a', b'b'].exists(x, x == b'b')", True),
        ("bytes('é') == b'\\xc3\\xa9' && string(b'é') == 'é' && bytes(b'a') != b''", True),
    ],
)
def test_what_bytes_say_is_settled_before_any_fact_is_looked_at(text: str, holds: bool) -> None:
    node = compile_text(text, Place("policy.yaml"), SCOPE).node
    assert (node.op, node.value) == (Op.LITERAL, holds)
    whole = compile_text(f"account.named && ({text})", Place("policy.yaml"), SCOPE).node
    assert all(Kind.BYTES not in (term.kind, term.of) for term in whole.walk())


def test_has_asks_about_a_name_with_a_dot_only_as_in_cel() -> None:
    scope = Scope({name: Field(name, Kind.BOOL, "any", optional=True) for name in ("a", "a.b")}, {})
    assert compile_text("has(a.b)", Place("policy.yaml"), scope).kind is Kind.BOOL
    assert refused("has(a)", scope).message == "`has` takes one fact"


def test_what_is_refused_is_underlined() -> None:
    text = "account.named && account.deals > 5u"
    problem = refused(text)
    assert text[(problem.where.column or 0) - 1 :][: problem.span] == "5u"
    text = "account.named && account.t12 > 5 && account.named"
    problem = refused(text)
    assert text[(problem.where.column or 0) - 1 :][: problem.span] == "> 5"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(a)\1", r"`\1` is not portable"),
        (r"a\b", r"`\b` is not portable"),
        (r"\p{L}", r"`\p` is not portable"),
        ("a\\", "`\\` is not portable"),
        ("(?=a)", "only plain groups are portable"),
        ("(?i)a", "only plain groups are portable"),
        ("(?P<n>a)", "only plain groups are portable"),
        ("a++", "one repetition follows another"),
        ("a*?", "one repetition follows another"),
        ("a{2}{3}", "one repetition follows another"),
        ("((a|b{2})c){2}", "counts stand within counts"),
        ("(a{2}){3,}", "counts stand within counts"),
        ("(abcdefghi){1000}", "the pattern is too large"),
        ("(" * 101, "there are too many groups"),
        ("a{1001}", "`{1001}` is no count"),
        ("a{3,2}", "`{3,2}` is no count"),
        ("a{,2}", "`{` stands alone"),
        ("a}", "`}` stands alone"),
        ("]", "`]` stands alone"),
        ("*a", "`*` has nothing to repeat"),
        ("(|?)", "`?` has nothing to repeat"),
        ("^*", "`*` repeats `^` or `$`"),
        ("(a", "a group is not closed"),
        ("a)", "`)` closes no group"),
        ("[a", "a class is not closed"),
        ("[]", "a class is empty"),
        ("[z-a]", "`z-a` is no range"),
        ("[[:alpha:]]", "`[` in a class means other things elsewhere"),
        ("[a&&b]", "`&` in a class means other things elsewhere"),
    ],
)
def test_a_pattern_that_engines_read_differently_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(Unportable) as caught:
        steps_of(pattern)
    assert str(caught.value) == message


WORDS = [
    "account.name", "account.tags", "account.deals", "account.share", "account.spread", "account.end", "account.seen",
    "account.named", "most", "times", "tiers", "t", "x", "1", "0", "9223372036854775807", '"a"', 'r"[a-z]+"', "true",
    'b"a"', 'bytes("a")', "string(b'a')",
    "money(5)", 'date("2026-01-01")', 'duration("1s")', "timestamp(0)", "percent(3)", "days(1)", "[]", "[1, 2]",
    "has(account.end)", "(", ")", "[", "]", "+", "-", "*", "/", "%", "<", "==", "!=", "in", "&&", "||", "!", "?", ":",
    ",", ".size()", ".matches(", ".all(t, ", ".exists(x, ", ".map(t, ", ".filter(x, ", ".contains(", ".getHours()",
    "size(", "int(", "string(", "huge", " // a\n", "share(", "divide(", "max(",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join), st.booleans())
def test_any_row_of_words_makes_sense_or_is_refused_with_a_reason(text: str, formulas: bool) -> None:
    try:
        checked = compile_text(text, Place("policy.yaml", 1, 1), replace(SCOPE, formulas=formulas))
    except BadInput as bad:
        problems = bad.problems
    else:
        problems = ()
        again = compile_text(checked.node.text, Place("policy.yaml", 1, 1), replace(SCOPE, formulas=formulas))
        assert (again.node, again.fields, again.present) == (checked.node, checked.fields, checked.present)
    reasons = {reason.value for reason in Reason}
    assert all(p.reason in reasons and p.message and "\n" not in p.message + p.hint for p in problems)


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["account.deals in [1, 2, 3]"] * 300),
        "account.deals in [" + ", ".join(["1"] * 3000) + "]",
        "account.name in [" + ", ".join(["'a'"] * 1900) + "].map(t, t.size() > 1 ? t : 'b')",
        "[" + ", ".join(["1"] * 3000) + "].all(x, account.deals > x)",
        "account.tags.all(a, " * 28 + "account.named" + ")" * 28,
        "account.named ? true : " * 30 + "false",
        "'" + "a" * 3000 + "'.matches(r'^" + "a*" * 10 + "b$')",
        "'" + "a" * 3000 + "'.matches(r'^((a+)+)+$')",
        "'" + "a" * 9000 + "'.matches(r'^((a?b?){999})+c')",
    ],
)
def test_the_longest_expressions_are_settled(text: str) -> None:
    try:
        problems: tuple[Problem, ...] = ()
        compile_text(text, Place("policy.yaml"), SCOPE)
    except BadInput as bad:
        problems = bad.problems
    assert len(problems) <= 1
