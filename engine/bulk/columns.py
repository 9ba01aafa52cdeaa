"""How is a verdict told in a row? Verdict, masks and pattern; on request the rules that count and what follows.

    account | … | verdict | fired | unknown | pattern | rules | open | owed | conflicts | reported

`pattern` is a number of the masks: the same masks have the same number in every run and on every engine. It is worked
out from the words alone, so that a file may show as many patterns as it has rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from engine.bulk.masks import WORD, Masks
from engine.bulk.verdicts import Verdicts
from engine.database import Database
from engine.inference.components import ComponentInference
from engine.inference.ladders import logic_of
from engine.inference.logic import Pattern, Truth
from rules.kinds import Kind
from rules.model.rule_kind import Mode

_HALF = 2**31 - 1
_GENERATOR = 6_364_136_223_846_793_005
_CHUNK = 7
"""Rules whose names are looked up at once, by the 128 ways in which they can count."""

WORDS = ("rules", "open", "owed", "conflicts", "reported")
"""Columns in words: rules that count, those of them that are unknown, obligations, rules that contradict each other,
and rules in report mode that would count."""


def verdict_cells(verdicts: Verdicts) -> list[tuple[str, str]]:
    """(column, expression over the query of verdicts): verdict, masks, pattern."""
    spelling, masks = verdicts.db.spelling, verdicts.masks
    texts = {verdict: spelling.text(verdict) for verdict in verdicts.counts}
    fired, unknown = ([spelling.name(c) for c in masks.columns(stem)] for stem in ("fired", "unknown"))
    return [
        ("verdict", spelling.cast(verdicts.chosen(texts, "NULL"), Kind.TEXT)),
        *zip((*masks.columns("fired"), *masks.columns("unknown")), (*fired, *unknown), strict=True),
        ("pattern", pattern_number([*fired, *unknown])),
    ]


def pattern_number(words: Sequence[str]) -> str:
    """An expression that numbers words: the sum of their halves, each by a factor of its own, modulo 2^62."""
    # Halves and factors below 2^31: a product stays below 2^62, and so does what is kept of each sum of two.
    total = ""
    for place, half in enumerate(half for word in words for half in (f"({word} & {_HALF})", f"({word} >> 31)")):
        term = f"{half} * {_factor(place)}"
        total = f"((({total}) + {term}) & {2**WORD - 1})" if total else f"({term})"
    return total


def _factor(place: int) -> int:
    """An odd number of 31 bits, drawn from the place: the halves of the powers of one generator."""
    return pow(_GENERATOR, place + 1, 2**61 - 1) >> 30 | 2**30 | 1


def word_cells(verdicts: Verdicts, words: Sequence[str] = WORDS) -> list[tuple[str, str]]:
    """(column, expression) of some of `WORDS`, each with what it names in order, and empty for nothing."""
    return [(word, _TOLD[word](verdicts)) for word in WORDS if word in words]


def _rules(verdicts: Verdicts) -> str:
    name, masks = verdicts.db.spelling.name, verdicts.masks
    pairs = zip(masks.columns("counts"), masks.columns("open"), strict=True)
    return _names(verdicts.db, masks, [f"({name(count)} | {name(open_)})" for count, open_ in pairs])


def _open(verdicts: Verdicts) -> str:
    masks = verdicts.masks
    return _names(verdicts.db, masks, [verdicts.db.spelling.name(column) for column in masks.columns("open")])


def _reported(verdicts: Verdicts) -> str:
    db = verdicts.db
    tests = reported_tests(verdicts, ("fired", "unknown")).items()
    return _text(db, [f"CASE WHEN {test} THEN {db.spelling.text(f' {rule}')} ELSE '' END" for rule, test in tests], 2)


def _names(db: Database, masks: Masks, words: Sequence[str]) -> str:
    """The ids of the rules whose bits are set, a blank between them."""
    pieces = []
    for word, column in enumerate(words):
        end = min((word + 1) * WORD, len(masks.rules))
        for low in range(word * WORD, end, _CHUNK):
            rules = masks.rules[low : min(low + _CHUNK, end)]
            texts = [
                db.spelling.text("".join(f" {rule}" for n, rule in enumerate(rules) if state >> n & 1))
                for state in range(1 << len(rules))
            ]
            state = f"(({column} >> {low % WORD}) & {len(texts) - 1})"
            pieces.append(db.spelling.item(db.spelling.list_of(texts, Kind.TEXT), state))
    return _text(db, pieces, 2)


def _text(db: Database, pieces: Iterable[str], start: int) -> str:
    """Pieces one after another, from a character on: each begins with what would part it from the one before."""
    joined = list(pieces)
    if not joined:
        return db.spelling.literal("", Kind.TEXT)
    return f"substr({db.spelling.letters(joined)}, {start})"


def _owed(verdicts: Verdicts) -> str:
    """What a rule makes owed when it counts is what it makes owed alone; of a count, as if it were found itself."""
    db, masks, logic = verdicts.db, verdicts.masks, logic_of(verdicts.question.rules)
    owing: dict[str, dict[Truth, list[str]]] = {}
    with ComponentInference(replace(logic, counts=frozenset(), indicators=frozenset())) as inference:
        for rule in sorted({rule for rule, _, _ in logic.carries}):
            for truth in Truth:
                for _, obligation, _ in inference.of_component({rule}, Pattern(frozenset({(rule, truth)}))).owed:
                    owing.setdefault(obligation, {t: [] for t in Truth})[truth].append(rule)
    pieces = [
        f"CASE WHEN {_any(db, masks, 'counts', by[Truth.TRUE])} OR {_any(db, masks, 'open', by[Truth.UNKNOWN])} "
        f"THEN {db.spelling.text(f'; {obligation}')} ELSE '' END"
        for obligation, by in sorted(owing.items())
    ]
    return _text(db, pieces, 3)


def _any(db: Database, masks: Masks, stem: str, rules: Iterable[str]) -> str:
    tests = [
        f"({db.spelling.name(column)} & {word}) <> 0"
        for column, word in zip(masks.columns(stem), masks.of(rules), strict=True)
        if word
    ]
    return f"({' OR '.join(tests)})" if tests else "FALSE"


def _conflicts(verdicts: Verdicts) -> str:
    """Pairs of rules that count and say different things; looked for only where marks contradict each other."""
    db, masks, logic = verdicts.db, verdicts.masks, logic_of(verdicts.question.rules)
    opposed = sorted(
        {
            (question, one, other)
            for one, question, said in logic.says
            for other, asked, against in logic.says
            if asked == question and said != against and one < other
        }
    )
    pieces = [
        f"CASE WHEN {_any(db, masks, 'counts', [one])} AND {_any(db, masks, 'counts', [other])} "
        f"THEN {db.spelling.text(f'; {one} against {other}')} ELSE '' END"
        for one, other in dict.fromkeys((one, other) for _, one, other in opposed)
    ]
    contradicted = [answer for answer in verdicts.answers if answer.contradicted]
    if not contradicted:
        return db.spelling.literal("", Kind.TEXT)
    return f"CASE WHEN {verdicts.any_of(contradicted)} THEN {_text(db, pieces, 3)} ELSE '' END"


def reported_tests(verdicts: Verdicts, stems: Sequence[str]) -> Mapping[str, str]:
    """Of every rule in report mode, in order: whether it would count, with its bit in one of these masks, if it were
    enforced: nobody waived it, and no rule that counts defeats it.
    """
    db, masks, rules = verdicts.db, verdicts.masks, verdicts.question.rules
    tests = {}
    for rule in sorted(rule.id for rule in rules if rule.mode is Mode.REPORT and rule.when is not None):
        defeaters = [other.id for other in rules if rule in other.defeats and other.mode is Mode.ENFORCE]
        found = " OR ".join(_any(db, masks, stem, [rule]) for stem in stems)
        beaten = f"{_any(db, masks, 'hushed', [rule])} OR {_any(db, masks, 'counts', defeaters)}"
        tests[rule] = f"(({found}) AND NOT ({beaten}))"
    return tests


_TOLD: Mapping[str, Callable[[Verdicts], str]] = {
    "rules": _rules,
    "open": _open,
    "owed": _owed,
    "conflicts": _conflicts,
    "reported": _reported,
}
