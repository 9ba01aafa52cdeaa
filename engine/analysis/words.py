"""How is a case told to a person: in a line of words, and as a block to paste into a policy's examples?"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from engine.analysis.finding import Case
from rules.expression.meaning import Given
from rules.kinds import Kind, Unit, Value, shown
from rules.vocabulary import Field


def quoted_list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def shown_value(value: Value, kind: Kind, unit: Unit, minor_digits: int = 2) -> str:
    """A value as a person reads it; a ratio to its last digit, since a boundary is where digits count."""
    if isinstance(value, int) and not isinstance(value, bool) and kind is Kind.DATE:
        return date.fromordinal(value).isoformat()
    return shown(value, kind, unit, minor_digits=minor_digits)


def case_words(case: Case, fields: Mapping[str, Field], *, minor_digits: int = 2) -> str:
    """`account.tier = B, move.effective = 2026-08-03, nothing known of …; R05 waived; vp-sales approved`."""
    facts = sorted(case.facts.items())
    parts = [f"{name} = {_value_words(value, fields.get(name), minor_digits)}" for name, value in facts]
    said = [", ".join(parts) or "whatever the facts"]
    said += [f"no data set for {name}" for name in sorted(case.absent)]
    said += [f"{rule} waived" for rule in sorted(case.waived)]
    said += [f"{role} approved" for role in sorted(case.approved)]
    return "; ".join(said)


def _value_words(value: Given | None, field: Field | None, minor_digits: int) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value_words(item, None, minor_digits) for item in value) or "an empty list"
    if value is None:
        return "none" if field is not None and field.optional else "unknown"
    return shown(value, field.kind, field.unit, minor_digits=minor_digits) if field is not None else str(value)


def given_block(case: Case, fields: Mapping[str, Field], *, minor_digits: int = 2) -> str:
    """The facts as `given:` of an example, ready to be pasted; what an example cannot say stands in comments."""
    lines = [
        f"  {name}: {written(value, fields.get(name), minor_digits)}" for name, value in sorted(case.facts.items())
    ]
    block = ["given:", *lines] if lines else ["given: {}"]
    block += [f"# no data set: {name}" for name in sorted(case.absent)]
    block += [f"# waived: {rule}" for rule in sorted(case.waived)]
    block += [f"# approved: {role}" for role in sorted(case.approved)]
    return "\n".join(block)


def written(value: Given | None, field: Field | None, minor_digits: int = 2) -> str:
    """A value as a policy file writes it: 30 for 30 percent, 50000.00 for money."""
    match value:
        case None:
            return "null"
        case tuple():
            return "[" + ", ".join(written(item, field, minor_digits) for item in value) + "]"
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case Fraction():
            scaled = value if field is None or field.unit not in (Unit.PERCENT, Unit.POINTS) else value * 100
            return _decimal(scaled)
        case int():
            money = field is not None and field.kind is Kind.MONEY
            return f"{Decimal(value).scaleb(-minor_digits):f}" if money else str(value)
        case str():
            return '"' + value.translate(_ESCAPES) + '"'


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def _decimal(value: Fraction) -> str:
    """Exact where it has a decimal form of nine digits, which is all that a policy file may hold; else rounded."""
    for places in range(10):
        scaled = value * 10**places
        if scaled.denominator == 1:
            sign = "-" if scaled < 0 else ""
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            return f"{sign}{digits[: len(digits) - places]}" + (f".{digits[-places:]}" if places else "")
    return f"{value.numerator}/{value.denominator}"
