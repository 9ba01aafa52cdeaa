"""Where in a YAML file does a character of a scalar stand? Quotes, folds, block indents and escapes move it.

Text and value are walked together: what is no white space stands in the file in the order of the value, so that the
place of an error in a condition is exact however its owner chose to write it.
"""


def position(raw: str, line: int, column: int, value: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of `value[offset]` of the scalar that starts at `line` and `column` of `raw`.

    An offset at the end of the value is the place after its last character.
    """
    start = _index(raw, line, column)
    pointer = start
    style = raw[start : start + 1]
    if style in ("'", '"'):
        pointer += 1
    elif style in ("|", ">"):
        pointer = raw.find("\n", start) + 1
    for number, character in enumerate(value[: offset + 1]):
        if not character.isspace():
            pointer = raw.find(character, pointer)
            if pointer < 0:  # written as an escape
                return line, column
        if number == offset:
            break
        pointer += not character.isspace() or raw[pointer : pointer + 1].isspace()
    return raw.count("\n", 0, pointer) + 1, pointer - raw.rfind("\n", 0, pointer)


def within(raw: str, line: int, column: int) -> tuple[int, int]:
    """The place, or the end of the text: a parser may see that on the line behind the last one."""
    lines = raw.split("\n")
    return (line, column) if line <= len(lines) else (len(lines), len(lines[-1]) + 1)


def _index(raw: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = raw.find("\n", start) + 1
    return start + column - 1
