"""Constants are computed as CEL computes them: asked of CEL itself, for every form and at random."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rules.expression.check import Scope, compile_text
from rules.expression.pattern import Unportable, found_in
from rules.expression.refusal import Reason
from rules.expression.term import Op
from rules.kinds import Kind, Value
from rules.problem import BadInput, Place

many = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAILS = {Reason.UNDEFINED.value, Reason.CONVERSION.value}
"""Why an expression of constants may be refused that CEL accepts, and then has an error for."""
SMALL = (0, 1, -1, 2, 3, 7, -7, 10, 2**62, 2**63 - 1, -(2**63))
MOMENTS = (
    "2024-02-29T12:00:00Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.5Z",
    "2026-01-01T00:30:00+01:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
)
TEXTS = ("", "a", "b", "A", "ab", "a.b", "é", "😀", "it's", "z", "\\\\")


def constant(text: str) -> Value | tuple[Value, ...] | None:
    """The value that an expression without names has; None where it is refused because it has none."""
    try:
        node = compile_text(text, Place("test"), Scope({}, {})).node
    except BadInput as bad:
        if not {problem.reason for problem in bad.problems} <= FAILS:
            raise
        return None
    if node.op is Op.LIST:
        return tuple(part.value for part in node.parts if part.value is not None)
    assert node.op is Op.LITERAL
    return node.value


@st.composite
def expressions(  # noqa: C901, PLR0912 -- one case for each form
    draw: st.DrawFn, kind: Kind, depth: int, variables: tuple[str, ...] = ()
) -> str:
    """An expression of constants, and of variables over whole numbers."""
    below = depth - 1

    def of(other: Kind) -> str:
        return draw(expressions(other, below, variables))

    if not depth or draw(st.integers(0, 4)) == 0:
        return draw(leaves(kind, variables))
    match kind:
        case Kind.BOOL:
            form = draw(st.sampled_from(["compare", "in", "text", "&&", "||", "!", "?", "exists", "all", "exists_one"]))
            if form == "compare":
                side = draw(st.sampled_from([Kind.COUNT, Kind.TEXT, Kind.BOOL, Kind.DURATION, Kind.TIMESTAMP]))
                sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
                return f"(({of(side)}) {sign} ({of(side)}))"
            if form == "in":
                return f"(({of(Kind.COUNT)}) in {of(Kind.LIST)})"
            if form == "text":
                method = draw(st.sampled_from(["contains", "startsWith", "endsWith"]))
                return f"({draw(leaves(Kind.TEXT))}).{method}({draw(leaves(Kind.TEXT))})"
            if form in ("&&", "||"):
                return f"({of(Kind.BOOL)} {form} {of(Kind.BOOL)})"
            if form == "!":
                return f"!({of(Kind.BOOL)})"
            if form == "?":
                return f"({of(Kind.BOOL)} ? {of(Kind.BOOL)} : {of(Kind.BOOL)})"
            name = f"x{len(variables)}"
            body = draw(expressions(Kind.BOOL, below, (*variables, name)))
            return f"{of(Kind.LIST)}.{form}({name}, {body})"
        case Kind.COUNT:
            form = draw(st.sampled_from(["+", "-", "*", "/", "%", "-x", "size", "[]", "?"]))
            if form == "size":
                return f"size({of(Kind.LIST)})"
            if form == "[]":
                return f"({of(Kind.LIST)} + [3])[{of(Kind.COUNT)}]"
            if form == "-x":
                return f"-({of(Kind.COUNT)})"
            if form == "?":
                return f"({of(Kind.BOOL)} ? {of(Kind.COUNT)} : {of(Kind.COUNT)})"
            return f"(({of(Kind.COUNT)}) {form} ({of(Kind.COUNT)}))"
        case Kind.LIST:
            form = draw(st.sampled_from(["[]", "+", "map", "filter"]))
            if form == "[]":
                return f"[{of(Kind.COUNT)}, {of(Kind.COUNT)}]"
            if form == "+":
                return f"({of(Kind.LIST)} + {of(Kind.LIST)})"
            name = f"x{len(variables)}"
            body = draw(expressions(Kind.COUNT if form == "map" else Kind.BOOL, below, (*variables, name)))
            return f"{of(Kind.LIST)}.{form}({name}, {body})"
        case Kind.TEXT:
            return draw(st.sampled_from([f"({draw(leaves(kind))} + {draw(leaves(kind))})", f"string({draw(whole)})"]))
        case _:
            return f"(({of(kind)}) {draw(st.sampled_from('+-'))} ({of(Kind.DURATION)}))"


whole = st.sampled_from(SMALL).map(str)


def leaves(kind: Kind, variables: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """A literal, or a variable where one is of that kind."""
    match kind:
        case Kind.BOOL:
            return st.sampled_from(["true", "false"])
        case Kind.COUNT:
            return st.sampled_from([*map(str, SMALL), *variables, *variables])
        case Kind.TEXT:
            return st.sampled_from([f'"{text}"' for text in TEXTS])
        case Kind.LIST:
            return st.lists(st.sampled_from([str(n) for n in SMALL[:8]]), max_size=3).map(lambda s: f"[{', '.join(s)}]")
        case Kind.DURATION:
            return st.sampled_from(["1s", "0s", "-1s", "1h30m", "1.5s", "24h"]).map(lambda t: f'duration("{t}")')
        case _:
            return st.sampled_from(MOMENTS).map(lambda t: f'timestamp("{t}")')


def asked_of_cel(text: str) -> Any:
    """CEL's value in ours: microseconds for times, a tuple for a list, None for an error."""
    cel = pytest.importorskip("cel_expr_python.cel")
    found = cel.NewEnv().compile(text, disable_check=True).eval(data={})
    if found.type() == cel.Type.ERROR:
        return None
    value = found.plain_value()
    return tuple(value) if isinstance(value, list) else value


@many
@given(text=st.sampled_from([Kind.BOOL, Kind.COUNT, Kind.LIST, Kind.TEXT]).flatmap(lambda kind: expressions(kind, 3)))
def test_cel_computes_the_same(text: str) -> None:
    try:
        ours = constant(text)
    except BadInput as bad:
        assume("too long" not in str(bad) and "nested too deeply" not in str(bad))
        raise
    theirs = asked_of_cel(text)
    assert (ours, type(ours)) == (theirs, type(theirs))


ACCESSORS = (
    "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
    "getHours", "getMinutes", "getSeconds", "getMilliseconds",
)  # fmt: skip


@pytest.mark.parametrize("name", ACCESSORS)
@pytest.mark.parametrize("zone", ["", '"UTC"', '"+02:00"', '"-11:30"', '"05:45"'])
def test_parts_of_a_moment_are_those_of_cel(name: str, zone: str) -> None:
    for moment in MOMENTS[:4]:
        text = f'timestamp("{moment}").{name}({zone})'
        assert (text, constant(text)) == (text, asked_of_cel(text))


@pytest.mark.parametrize("name", ["getHours", "getMinutes", "getSeconds"])
@pytest.mark.parametrize("length", ["3730s", "-3730s", "1h59m59.999s", "-0.5s", "0", "100ms"])
def test_parts_of_a_duration_are_those_of_cel(name: str, length: str) -> None:
    text = f'duration("{length}").{name}()'
    assert constant(text) == asked_of_cel(text)


@pytest.mark.parametrize(
    "text",
    [
        *(f"int('{t}')" for t in ("1", "-1", "+1", "0x1", "1.0", "", "9223372036854775808", "007", "٣")),
        *(f"bool('{t}')" for t in ("1", "t", "true", "TRUE", "True", "tRUE", "0", "f", "false", "FALSE", "False", "")),
        *(f"string({t})" for t in ("true", "-5", "'x'")),
        *(f"string(duration('{t}'))" for t in ("1h", "-1m1s", "0s", "1500ms500ms")),
        *(f"string(timestamp('{t}'))" for t in MOMENTS if ".5" not in t and ".9" not in t),
        *(f"int(timestamp('{t}'))" for t in MOMENTS if ".5" not in t and ".9" not in t),
        "timestamp(1000000000) == timestamp('2001-09-09T01:46:40Z')",
        "timestamp(timestamp(5)) == timestamp(5)",
        "timestamp('2024-02-30T00:00:00Z') == timestamp(5)",
        "timestamp('2024-02-28') == timestamp(5)",
        "timestamp(253402300800) == timestamp(5)",
        "timestamp('9999-12-31T23:59:59Z') + duration('1s') > timestamp(5)",
        "duration('1x') == duration('1s')",
        "duration('1h-1m') == duration('1s')",
        "duration('1.5h') == duration('90m')",
        "duration('-1h1m') == duration('-61m')",
        "[1, 2] == [1, 2]",
        "['a'] + ['b'] == ['a', 'b']",
        "'a' + 'b' < 'b'",
    ],
)
def test_conversions_and_times_are_those_of_cel(text: str) -> None:
    assert (constant(text), type(constant(text))) == (asked_of_cel(text), type(asked_of_cel(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "", True),
        ("ubb", "hubba", True),
        ("^ub", "hubba", False),
        ("ba$", "hubba", True),
        ("ba$", "hubba\n", False),
        ("^$", "", True),
        ("gr(a|e)y", "grey", True),
        ("gr(?:a|e)y", "groy", False),
        ("^ba(na)*$", "banana", True),
        ("^(ba)?(na){2}$", "banana", True),
        ("^[A-Z]{2,3}-[0-9]+$", "AB-7", True),
        ("^[A-Z]{2,3}-[0-9]+$", "ABCD-7", False),
        ("^[^a-c]+$", "def", True),
        ("^[^a-c]+$", "dbf", False),
        ("a.c", "a\nc", False),
        ("a.c", "a😀c", True),
        (r"^a\.\*\[\]$", "a.*[]", True),
        (r"^[\-\]x]$", "]", True),
        ("^[a-]$", "-", True),
        ("^é+$", "éé", True),
        ("^(a+)+$", "a" * 30 + "b", False),
        ("^(a|ab)(c|bcd)(d*)$", "abcd", True),
        ("^(a?){3}a{3}$", "aaa", True),
        ("^(a*)*b?$", "aab", True),
        ("^a{2,3}(b{2,})?$", "aaabbb", True),
        ("^a{2,3}$", "aaaa", False),
        ("(^a|b$)", "cb", True),
        ("|x", "", True),
        (r"a\tb\n", "a\tb\n", True),
    ],
)
def test_a_pattern_is_found_as_cel_finds_it(pattern: str, text: str, found: bool) -> None:
    assert found_in(pattern, text) is found
    cel = pytest.importorskip("cel_expr_python.cel")
    env = cel.NewEnv().compile("t.matches(p)", disable_check=True)
    assert env.eval(data={"t": text, "p": pattern}).value() is found


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", "[a-b]", "[^a]", "é", "^", "$", ""]),
    lambda below: st.one_of(
        st.tuples(below, below).map("".join),
        st.tuples(below, below).map(lambda t: f"({t[0]}|{t[1]})"),
        st.tuples(below, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}"])).map(lambda t: f"({t[0]}){t[1]}"),
    ),
    max_leaves=6,
)


@many
@given(pattern=PATTERNS, text=st.text(st.sampled_from("abé\n"), max_size=6))
def test_patterns_at_random_are_found_as_cel_finds_them(pattern: str, text: str) -> None:
    cel = pytest.importorskip("cel_expr_python.cel")
    try:
        found = found_in(pattern, text)
    except Unportable:
        assume(False)
    env = cel.NewEnv().compile("t.matches(p)", disable_check=True)
    assert env.eval(data={"t": text, "p": pattern}).value() is found
