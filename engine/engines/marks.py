"""Which mark of a statement is which parameter? `?` becomes `$1`, `$2`, … or `:p1`, `:p2`, … as engines want it."""

import re
from itertools import count

_MARK = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\?""")

_NUMBER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$([0-9]+)""")


def numbered(sql: str) -> str:
    """The statement with its marks numbered from 1; texts, names and comments are left alone."""
    numbers = count(1)
    return _MARK.sub(lambda found: f"${next(numbers)}" if found[0] == "?" else found[0], sql)


def named(sql: str) -> str:
    """The statement with its marks and numbers as names, `:p1`; texts, names and comments are left alone."""
    return _NUMBER.sub(lambda found: f":p{found[1]}" if found[1] else found[0], numbered(sql))
