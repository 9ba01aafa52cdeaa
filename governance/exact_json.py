"""Exact values in JSON: whole numbers and ratios as text, for JSON numbers lose digits; `null` is unknown.

{"n": "421", "d": "1000"}    {"int": "125000"}    {"date": "2026-06-30"}    true    "A"
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from rules.kinds import Value


def encoded(value: Value | None) -> Any:
    """An exact value in JSON; `null` is unknown."""
    if isinstance(value, Fraction):
        return {"n": str(value.numerator), "d": str(value.denominator)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, bool) or value is None:
        return value
    return {"int": str(value)} if isinstance(value, int) else value


def decoded(raw: Any) -> Value | None:
    """The exact value that `encoded` wrote."""
    if isinstance(raw, Mapping):
        if "n" in raw:
            return Fraction(int(raw["n"]), int(raw["d"]))
        return date.fromisoformat(raw["date"]) if "date" in raw else int(raw["int"])
    value: Value | None = raw
    return value
