"""Which cases does the battery try? Every kind of fact, with the values at which engines part ways, and without one.

    has.money1   may.money1   has.moneys   …      of every kind: two facts, two that may be missing, a list of each
    gone.money   gone.share                       facts of a data set that is not there

The rows are the same on every machine: the values of each kind turn up in pairs, and beside those of other kinds.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from engine.conditions.given_values import Given
from engine.fact_frames import Fact
from rules.expression.check import compile_text
from rules.expression.scope import Scope
from rules.expression.term import RANGE, RATIO_REACH, Term
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import Field

ROWS = 300
_DAY = 86_400_000_000
_HOUR = _DAY // 24
_LIMB = 10**15

# The pools hold no U+0000: no file that is read may, and no text of PostgreSQL can.
_POOL: Mapping[Kind, tuple[Any, ...]] = {
    Kind.BOOL: (True, False),
    Kind.TEXT: (
        "A", "", "a", "B", "b", "z", "Z", "AB", "aB", "ab", "é", "e\u0301", "ß", "SS", "ss", "\u0130", "i\u0307", "I",
        "\u0131", "\u017f", "s", "\u212a", "k", "😀", "👩‍👩‍👧", "\uffff", "\U0010ffff", "日本", "שלום", "\u202eabc",
        " ", "A ", " A", "\t", "\n", "a\n", "a\r", "a\r\n", "a\u0085", "a\u2028", "two\nlines", "it's", 'say "so"',
        "a\\b", "\\n", "${x}", "100%", "a_b", "_", "a.b", "a[b", "a,b;c", "NULL", "null", "0", "1", "1.0", "true",
        "٣", "Ⅷ", "x" * 260, "{}", "(1,2)", "$1", "?",
    ),
    Kind.COUNT: (0, 1, -1, 2, 3, -3, 7, -7, 12, 99, 100, 10**9, 1 - 10**9, -(10**9), 2**29, 255, 256),
    Kind.MONEY: (
        0, 1, -1, 99, 100, 101, -7, 7, 4_999_999, 5_000_000, 5_000_001, 2**31 - 1, 2**31, 2**53 // 10, 10**15,
        -(10**15), 10**15 - 1,
    ),
    Kind.DAYS: (0, 1, -1, 28, 29, 30, 89, 90, 91, 365, 366, 10**6, -(10**6)),
    Kind.DATE: (
        date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 2, 28), date(2025, 2, 28), date(2026, 1, 31),
        date(2026, 3, 29), date(2000, 2, 29), date(1900, 2, 28), date(1900, 3, 1), date(1970, 1, 1), date(1969, 12, 31),
        date(1582, 10, 4), date(1582, 10, 15), date.min, date.max, date(9999, 12, 30),
    ),
    Kind.RATIO: (
        Fraction(0), Fraction(1), Fraction(-1), Fraction(3, 10), Fraction(1, 3), Fraction(29_999, 100_000),
        Fraction(30_001, 100_000), Fraction(6, 5), Fraction(-7, 2), Fraction(_LIMB - 1, _LIMB),
        Fraction(_LIMB, _LIMB + 1), Fraction(_LIMB + 1, _LIMB), Fraction(2**63, 2**63 + 1),
        Fraction(RATIO_REACH), Fraction(-RATIO_REACH),
        Fraction(1, RATIO_REACH), Fraction(RATIO_REACH - 1, RATIO_REACH), Fraction(RATIO_REACH, RATIO_REACH - 1),
        Fraction(RATIO_REACH - 2, RATIO_REACH - 1), Fraction(1 - RATIO_REACH, RATIO_REACH),
    ),
    Kind.TIMESTAMP: (
        0, 1, -1, _DAY - 1, _DAY, -_DAY, 1_709_251_199_999_999, 1_774_746_000_000_000, 1_774_746_000_000_000 - _HOUR,
        1_767_222_000_000_000, 1_767_225_600_000_000, 951_782_400_000_000, *RANGE[Kind.TIMESTAMP],
    ),
    Kind.DURATION: (0, 1, -1, 1_000_000, -1_000_000, _HOUR, 90 * _HOUR // 60, _DAY, -_DAY, *RANGE[Kind.DURATION]),
}  # fmt: skip
_STEP = dict(zip(_POOL, (7, 1, 11, 13, 17, 19, 23, 29, 31), strict=True))
"""How far one kind goes on from row to row: no two in step with each other, none sharing a divisor with `ROWS`."""
_LONGEST = 4


def _single(owner: str) -> list[Field]:
    return [Field(f"{owner}.{kind.value}{n}", kind, "m", optional=owner == "may") for kind in _POOL for n in (1, 2)]


def _listed(owner: str) -> list[Field]:
    return [Field(f"{owner}.{kind.value}s", Kind.LIST, "m", optional=owner == "may", of=kind) for kind in _POOL]


FIELDS: Mapping[str, Field] = {
    f.name: f for f in (*_single("has"), *_single("may"), *_listed("has"), *_listed("may"))
}  # fmt: skip
"""The columns of the table."""
ABSENT: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("gone.money", Kind.MONEY, "m", optional=True),
        Field("gone.share", Kind.RATIO, "m", optional=True),
        Field("gone.texts", Kind.LIST, "m", optional=True, of=Kind.TEXT),
    )
}
"""Facts without a column."""
GIVEN: Mapping[str, Given] = {
    "count_limit": 2,
    "money_limit": 5_000_000,
    "rest": 90,
    "rest[A]": 30,
    "rest[B]": 180,
    "day_limit": date(2024, 2, 29),
    "share_limit": Fraction(3, 10),
    "share_limit[A]": Fraction(2, 7),
    "tier": "A",
    "flag": True,
    "tiers": ("A", "", "é", "it's"),
    "sums": (1, 100, -(10**15)),
    "days": (date(2024, 2, 29), date.max),
    "shares": (Fraction(3, 10), Fraction(1), Fraction(RATIO_REACH)),
    "no_tiers": (),
    "no_shares": (),
}
"""What parameters are worth; `nobody` and `no_list` are worth nothing."""
_PARAMETERS = {
    "count_limit": Unit.COUNT,
    "money_limit": Unit.MONEY,
    "rest": Unit.DAYS,
    "day_limit": Unit.DATE,
    "share_limit": Unit.PERCENT,
    "tier": Unit.TEXT,
    "flag": Unit.BOOL,
    "nobody": Unit.MONEY,
    "tiers": Unit.TEXT,
    "sums": Unit.MONEY,
    "days": Unit.DATE,
    "shares": Unit.RATIO,
    "no_tiers": Unit.TEXT,
    "no_shares": Unit.RATIO,
    "no_list": Unit.COUNT,
}
_LISTS = frozenset({"tiers", "sums", "days", "shares", "no_tiers", "no_shares", "no_list"})
_PLAIN = Scope({**FIELDS, **ABSENT}, _PARAMETERS, listed=_LISTS)


def _meant(text: str) -> Term:
    return compile_text(text, Place("battery"), _PLAIN).node


SCOPE = Scope(
    _PLAIN.fields,
    _PARAMETERS,
    listed=_LISTS,
    definitions={
        "is_rich": _meant('has.money1 >= money_limit && has.text1 != "A"'),
        "band": _meant('has.ratio1 < share_limit ? "low" : has.ratio1 > ratio("1.2") ? "high" : "in"'),
        "better_share": _meant("has.bool1 ? has.ratio1 : has.ratio2"),
    },
    overrides={
        "rest": ((_meant('has.text1 == "A"'), "rest[A]"), (_meant("has.bool2"), "rest[B]")),
        "share_limit": ((_meant('has.text1 == "A"'), "share_limit[A]"),),
    },
)
"""What the battery's expressions may name."""


@cache
def cases() -> tuple[Mapping[str, Fact], ...]:
    """The rows in order; the subject of each is its number."""
    return tuple({name: _fact(field, row) for name, field in FIELDS.items()} for row in range(ROWS))


def _fact(field: Field, row: int) -> Fact:
    kind = field.of or field.kind
    pool = _POOL[kind]
    turn = row * _STEP[kind] % ROWS
    if field.of is not None:
        return _items(pool, turn if field.name.startswith("has") else turn + row // 7)
    # The first fact of a kind goes round with the rows and the second one step further each time, until all pairs met.
    rounds, at = divmod(turn, len(pool) + 1)
    if field.name.endswith("2"):
        at = (at + rounds) % (len(pool) + 1)
    if field.name.startswith("may"):
        at = (at * 2 + rounds) % (len(pool) + 1)
    return pool[at] if at < len(pool) else None


def _items(pool: tuple[Any, ...], turn: int) -> Fact:
    """A list of some of them, of different lengths, now and then none at all."""
    length = turn % (_LONGEST + 2)
    if length > _LONGEST:
        return None
    start, step = turn // (_LONGEST + 2), turn % 3
    return tuple(pool[(start + step * at) % len(pool)] for at in range(length))
