"""Constants in every form mean what CEL's own library says: literals, escapes, blanks, conversions, parts of times."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.expression.check import compile_text
from rules.expression.printer import printed
from rules.expression.scope import Scope
from rules.expression.term import INT64, RANGE, SECOND, Op
from rules.expression.tree import Literal
from rules.kinds import Kind, duration_text, timestamp_text
from rules.problem import BadInput, Place

cel: Any = import_module("cel_expr_python.cel") if find_spec("cel_expr_python") else None
pytestmark = pytest.mark.skipif(cel is None, reason="no wheel of cel-expr-python for this Python")
many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))

PIECES = (
    "a", "B", "é", "😀", "e\u0301", " ", "\t", "'", '"', "`", "?", "#", "//", "\\\\", r"\'", r"\"", r"\`", r"\?",
    r"\a", r"\b", r"\f", r"\n", r"\r", r"\t", r"\v", r"\x41", r"\X7e", r"\u00e9", r"\U0001F600", r"\101", r"\077",
    r"\377", r"\xff", r"\400", r"\ud800", r"\U00110000", r"\xg1", r"\9", r"\c", r"\u12", "\n", "''", '""', "%",
)  # fmt: skip
"""What may stand inside a text, right and wrong."""
TEXTS = st.builds(
    lambda raw, quote, inside: f"{raw}{quote}{''.join(inside)}{quote}",
    st.sampled_from(["", "", "", "r", "R", "b", "b", "B", "br", "bR"]),
    st.sampled_from(["'", '"', "'''", '"""']),
    st.lists(st.sampled_from(PIECES), max_size=4),
)
NUMBERS = st.one_of(
    st.integers(*INT64).map(str),
    st.integers(*INT64).map(lambda number: f"{'-' * (number < 0)}0x{abs(number):X}"),
    st.sampled_from(["9223372036854775808", "-9223372036854775809", "0x8000000000000000", "00", "007", "0X1f", "1_0"]),
)
SMALL = st.integers(-20, 20).map(lambda number: f"({number})")
SUMS = st.builds(lambda a, sign, b: f"{a} {sign} {b}", NUMBERS | SMALL, st.sampled_from("+-*/%"), NUMBERS | SMALL)
BLANKS = st.sampled_from(["", " ", "\n", "\t", "\r\n", "\f", " // aside\n"])
WHOLE_SECONDS = st.integers(*(limit // SECOND for limit in RANGE[Kind.TIMESTAMP]))
MOMENTS = (st.integers(*RANGE[Kind.TIMESTAMP]) | WHOLE_SECONDS.map(lambda s: s * SECOND)).map(
    lambda moment: f'timestamp("{timestamp_text(moment)}")'
)
SPANS = st.integers(-(10**12), 10**12).map(lambda span: f'duration("{duration_text(span)}")')
PARTS = (
    "FullYear",
    "Month",
    "Date",
    "DayOfMonth",
    "DayOfWeek",
    "DayOfYear",
    "Hours",
    "Minutes",
    "Seconds",
    "Milliseconds",
)
ZONES = ("", "'UTC'", "'+01:00'", "'-09:30'", "'02:00'")
BYTES = st.binary(max_size=4).map(lambda b: printed(Literal(b.decode("latin-1"), Kind.BYTES)))
ABOUT_BYTES = st.one_of(
    st.builds(lambda a, sign, b: f"{a} {sign} {b}", BYTES, st.sampled_from("== != < <= > >= +".split()), BYTES),  # noqa: SIM905
    st.builds(lambda name, one: f"{name}({one})", st.sampled_from(["string", "bytes", "size"]), BYTES | TEXTS),
    st.builds(lambda a, b, c: f"{a} in [{b}, {c}]", BYTES, BYTES, BYTES),
)
CONVERSIONS = st.one_of(
    st.builds(lambda moment, part, zone: f"{moment}.get{part}({zone})", MOMENTS, *map(st.sampled_from, (PARTS, ZONES))),
    st.builds(lambda span, part: f"{span}.get{part}()", SPANS, st.sampled_from(PARTS[6:])),
    st.builds(lambda moment, sign, span: f"{moment} {sign} {span}", MOMENTS, st.sampled_from("+-"), SPANS),
    st.builds(lambda name, inside: f"{name}({inside})", st.sampled_from(["int", "string"]), NUMBERS | SMALL),
    MOMENTS.map(lambda moment: f"int({moment})"),
    st.builds(lambda number: f'int("{number}")', NUMBERS),
    st.sampled_from(["true", "True", "TRUE", "t", "1", "yes", "tRue", "False", "0", "f", ""]).map(
        lambda s: f'bool("{s}")'
    ),
)


def our_value(text: str) -> Any:
    """The term that a constant expression stands for; None where it is refused."""
    try:
        return compile_text(text, Place("test"), Scope({}, {})).node
    except BadInput:
        return None


def their_value(text: str) -> Any:
    """What CEL says; None where it has an error."""
    try:
        found = cel.NewEnv().compile(text, disable_check=True).eval(data={})
    except Exception:  # noqa: BLE001 -- the library has one class for each thing that may be wrong
        return None
    return None if found.type() == cel.Type.ERROR else found.value()


@many
@given(st.one_of(TEXTS, NUMBERS, SUMS, CONVERSIONS, ABOUT_BYTES), BLANKS, BLANKS)
def test_what_is_accepted_has_cels_value_and_what_cel_refuses_is_refused(text: str, before: str, after: str) -> None:
    ours = our_value(f"{before}{text}{after}")
    if ours is None:
        return
    assert ours.op is Op.LITERAL
    if ours.kind is Kind.TIMESTAMP:
        # Compared by CEL: its libraries write the fraction of a second with more zeros or fewer.
        assert their_value(f'{before}{text}{after} == timestamp("{timestamp_text(ours.value)}")') is True
    else:
        theirs = their_value(f"{before}{text}{after}")
        value = bytearray(ours.value, "latin-1") if ours.kind is Kind.BYTES else ours.value
        assert (type(theirs), theirs) == (type(value), value)


@pytest.mark.parametrize("text", [r"'\x41'", "r'\\x41'", "-0x1F", "7 / -2", 'bool("t")', 'int("-12")', "string(-12)"])
def test_ordinary_constants_are_accepted(text: str) -> None:
    assert our_value(text).value == their_value(text)


def test_a_wrong_value_would_be_seen() -> None:
    assert their_value("1 / 0") is None is our_value("1 / 0")
    assert their_value(r"b'\303\277' == bytes('ÿ') && string(b'\303\277') == 'ÿ'") is True
    assert their_value("7 / -2") == our_value("7 / -2").value == -3
