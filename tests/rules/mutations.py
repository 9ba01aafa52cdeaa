"""A valid policy file damaged at random, each time by one accident: of typing, of saving, of copying, or on purpose."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

KEYS = frozenset(
    """policy title owner unit values value source overrides region segment subject when cases otherwise examples name
    given expect of low high hit inputs rows if then priority lines formula text round sum where from within extension
    shares through original id kind effective effect roles approvals message tags parameters defeats obligation deadline
    to count group at_least mode rules""".split()  # noqa: SIM905 -- reads better than sixty quoted words
)
UNSEEN = "\0\a\x1b\x7f\x85\u200b\u200e\u202e\u2066\ufeff\ufffe\ud800"
TYPES = (
    "[]",
    "{}",
    "5",
    "1.5",
    "true",
    "~",
    "2026-01-01",
    "''",
    "[[a]]",
    "{a: {b: c}}",
    ".inf",
    "0x1f",
    "1e9",
    "!!int 5",
)
UNITS = ("days", "count", "money", "percent", "points", "ratio", "date", "text", "bool")
_FORMS = {
    r"days\((\d+)\)": r'money("\1")',
    r"money\(\"(\d+)\"\)": r"days(\1)",
    r"percent\('(\d+)'\)": r"points('\1')",
    r"date\(\"[-\d]+\"\)": r"days(5)",
}
"""A constant to one of another unit, which fits nowhere in its place."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is left of the file, and the line on which something certainly is wrong now; 0 where that is not known."""

    how: str
    raw: bytes
    line: int = 0


def mutant(text: str, seed: int) -> Mutant:
    """The same one for the same seed."""
    chance = random.Random(seed)  # noqa: S311 -- no secret hangs on it
    how = chance.choice(sorted(MUTATIONS))
    made, line = MUTATIONS[how](text, chance)
    return Mutant(how, made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"), line)


Made = tuple[str | bytes, int]


def flipped(text: str, chance: random.Random) -> Made:
    raw = bytearray(text.encode())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw), 0


def cut(text: str, chance: random.Random) -> Made:
    start = chance.randrange(len(text))
    return text[:start] + text[start + chance.choice((1, 1, 2, 5, 40)) :], 0


def truncated(text: str, chance: random.Random) -> Made:
    return text[: chance.randrange(len(text))], 0


def line_twice(text: str, chance: random.Random) -> Made:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return "".join((*lines[: at + 1], *lines[at:])), 0


def lines_swapped(text: str, chance: random.Random) -> Made:
    lines = text.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines), 0


def keys_swapped(text: str, chance: random.Random) -> Made:
    one, other = chance.sample(_keys(text), 2)
    first, second = sorted((one, other), key=lambda found: found.start())
    between = text[first.end(1) : second.start(1)]
    return text[: first.start(1)] + second[1] + between + first[1] + text[second.end(1) :], 0


def indented(text: str, chance: random.Random) -> Made:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((" ", "  ", "\t")) + lines[at] if chance.random() < 0.5 else lines[at].lstrip()
    return "".join(lines), 0


def retyped(text: str, chance: random.Random) -> Made:
    found = chance.choice(list(re.finditer(r": ([^\s{\[][^,}\n]*)", text)))
    return text[: found.start(1)] + chance.choice(TYPES) + text[found.end(1) :], 0


def unit_changed(text: str, chance: random.Random) -> Made:
    found = chance.choice(list(re.finditer(r"unit: ([a-z]+)", text)))
    return text[: found.start(1)] + chance.choice(UNITS) + text[found.end(1) :], 0


def enlarged(text: str, chance: random.Random) -> Made:
    found = chance.choice(list(re.finditer(r"\d+", text)))
    return text[: found.end()] + "9" * chance.choice((1, 5, 20, 50, 5000)) + text[found.end() :], 0


def unseen(text: str, chance: random.Random) -> Made:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(UNSEEN) + text[at:], 0


def nested(text: str, chance: random.Random) -> Made:
    found = chance.choice(list(re.finditer(r": ([^\s{\[][^,}\n]*)", text)))
    depth = chance.choice((2, 30, 45, 2000))
    opening, closing = chance.choice((("[", "]"), ("{a: ", "}"), ("(", ")"), ("!", "")))
    return text[: found.start(1)] + opening * depth + found[1] + closing * depth + text[found.end(1) :], 0


def fact_misspelt(text: str, chance: random.Random) -> Made:
    """A fact in a condition, a message, an example: no name begins so, and none but the one it was is near."""
    found = chance.choice(
        list(re.finditer(r"(?:account|to_rep|move|rep)\.\w+", re.sub(r"name: account\.\w+", "", text)))
    )
    at = chance.choice(list(re.finditer(rf"(?<!name: ){re.escape(found[0])}\b", text)))
    return text[: at.end()] + "zq" + text[at.end() :], _line(text, at.start())


def key_misspelt(text: str, chance: random.Random) -> Made:
    found = chance.choice([key for key in _keys(text) if key[1] in KEYS])
    return text[: found.end(1)] + "zq" + text[found.end(1) :], _line(text, found.start())


def constant_of_another_unit(text: str, chance: random.Random) -> Made:
    hits = [(hit, form) for form in _FORMS for hit in re.finditer(form, text)]
    hit, form = chance.choice(hits)
    return text[: hit.start()] + hit.expand(_FORMS[form]) + text[hit.end() :], _line(text, hit.start())


MUTATIONS: Mapping[str, Callable[[str, random.Random], Made]] = {
    function.__name__: function
    for function in (
        flipped, cut, truncated, line_twice, lines_swapped, keys_swapped, indented, retyped, unit_changed, enlarged,
        unseen, nested, fact_misspelt, key_misspelt, constant_of_another_unit,
    )
}  # fmt: skip


def _keys(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"(?<![\w.'])([a-z_]+):(?=\s)", text))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
