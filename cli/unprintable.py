"""Which characters must never reach a terminal as they are? Those that move its cursor, or cannot be written."""

import re

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that move a cursor, change a colour, turn text around, or cannot be written as UTF-8."""


def printable(text: str) -> str:
    """The text with a visible sign for every unprintable character: `␛` for an escape."""
    return UNPRINTABLE.sub(lambda m: chr(0x2400 + ord(m[0])) if ord(m[0]) < ord(" ") else "\ufffd", text)
