"""Which rules are true of a subject, and which unknown? A bit to each rule, in words of 62.

    subject_id | fired | unknown        one word: up to 62 rules
    subject_id | fired_0 | fired_1 | unknown_0 | unknown_1

Bits are given in order of rule ids, so that neither the order of rules nor that of files changes them. A rule that only
reports has its bit too; the bits of one that counts indicators are never set here. Each word is a whole number from 0
to 2^62 - 1, which every engine and every file holds exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.conditions.condition_sql import condition_sql
from engine.database import Database
from engine.evaluate import Question
from engine.facts import Facts
from rules.kinds import Kind

WORD = 62
_HALF = 31
"""Rules whose two bits, true and unknown, are found together in one number: one choice for each condition."""


@dataclass(frozen=True)
class Masks:
    """Which bit is whose."""

    rules: tuple[str, ...]
    """Ids, each at its bit."""

    @property
    def words(self) -> int:
        return max(1, -(-len(self.rules) // WORD))

    def columns(self, stem: str) -> tuple[str, ...]:
        """The names of a mask's words."""
        return (stem,) if self.words == 1 else tuple(f"{stem}_{n}" for n in range(self.words))

    @cached_property
    def _bit(self) -> Mapping[str, int]:
        return {rule: bit for bit, rule in enumerate(self.rules)}

    def of(self, rules: Iterable[str]) -> tuple[int, ...]:
        """The words in which just the bits of these rules are set."""
        return words_of((self._bit[rule] for rule in rules), self.words)

    def rules_in(self, words: Sequence[int]) -> tuple[str, ...]:
        """The rules whose bits are set, in order."""
        return tuple(rule for bit, rule in enumerate(self.rules) if words[bit // WORD] >> bit % WORD & 1)


def words_of(bits: Iterable[int], words: int) -> tuple[int, ...]:
    """Words in which these bits are set."""
    whole = sum(1 << bit for bit in set(bits))
    return tuple(whole >> n * WORD & (1 << WORD) - 1 for n in range(words))


def masks_of(question: Question) -> Masks:
    """The bits of a question's rules."""
    return Masks(tuple(sorted(rule.id for rule in question.rules)))


def masks_query(db: Database, question: Question, facts: Facts, masks: Masks) -> str:
    """A query for every subject's masks: subject_id, the words of `fired`, the words of `unknown`.

    It scans the facts once. A fact that is absent is unknown, and its column is not read.
    """
    name = db.spelling.name
    conditions = {
        rule.id: condition_sql(rule.when, question.values, facts.absent, db.spelling)
        for rule in question.conditional
        if rule.when is not None
    }
    asked = "".join(f", {sql} AS {name(f'c{bit}')}" for bit, sql in _by_bit(masks, conditions))
    halves = [f"{_half(db, masks, conditions, n)} AS {name(f'h{n}')}" for n in range(2 * masks.words)]
    fired, unknown = [], []
    low = _number(db, (1 << _HALF) - 1)
    for n in range(masks.words):
        first, second = (name(f"h{2 * n + k}") for k in (0, 1))
        fired.append(f"({first} & {low}) | (({second} & {low}) << {_HALF})")
        unknown.append(f"({first} >> {_HALF}) | (({second} >> {_HALF}) << {_HALF})")
    cells = [
        f"{sql} AS {name(column)}"
        for stem, each in (("fired", fired), ("unknown", unknown))
        for sql, column in zip(each, masks.columns(stem), strict=True)
    ]
    subject = f"{db.spelling.cast('subject_id', Kind.TEXT)} AS subject_id"
    return (
        f"SELECT subject_id, {', '.join(cells)} FROM (SELECT subject_id, {', '.join(halves)} "
        f"FROM (SELECT {subject}{asked} FROM {name(facts.relation)}) asked) halved"
    )


def _by_bit(masks: Masks, conditions: Mapping[str, str]) -> list[tuple[int, str]]:
    return [(bit, conditions[rule]) for bit, rule in enumerate(masks.rules) if rule in conditions]


def _half(db: Database, masks: Masks, conditions: Mapping[str, str], n: int) -> str:
    """31 rules: what is true in the lower bits, what is unknown in the upper ones."""
    chosen = [
        f"CASE WHEN {column} THEN {_number(db, 1 << bit % _HALF)} WHEN {column} IS NULL "
        f"THEN {_number(db, 1 << bit % _HALF + _HALF)} ELSE {_number(db, 0)} END"
        for bit, _ in _by_bit(masks, conditions)
        if bit // _HALF == n
        for column in (db.spelling.name(f"c{bit}"),)
    ]
    return " | ".join(chosen) or _number(db, 0)


def _number(db: Database, value: int) -> str:
    return db.spelling.cast(str(value), Kind.COUNT)
