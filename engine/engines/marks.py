"""Which mark of a statement is which parameter? `?` becomes `$1`, `$2`, … for engines that count them."""

import re
from itertools import count

_MARK = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\?""")


def numbered(sql: str) -> str:
    """The statement with its marks numbered from 1; texts, names and comments are left alone."""
    numbers = count(1)
    return _MARK.sub(lambda found: f"${next(numbers)}" if found[0] == "?" else found[0], sql)
