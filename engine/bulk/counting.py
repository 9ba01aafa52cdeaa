"""Which rules count, and what do they say together? Masks in, by components; a query over every subject.

    masks -> rules that count, true or unknown -> marks (engine.inference.components)

A component of one rule is a test of bits: it counts where its bit is set, and rules that set the same marks are tested
at once. Of two or three rules every state is concluded before any is seen; of a larger component the distinct states
are found in the data, and each is concluded once. Nothing is concluded here: every choice was inferred before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from engine.bulk.masks import Masks, words_of
from engine.database import Database
from engine.inference.components import ComponentInference, Mark, marks_of
from engine.inference.logic import Conclusion, Pattern, Truth
from rules.kinds import Kind

_FORESEEN = 3
"""Rules of a component all of whose states are concluded at once: 26."""
_CHOSEN = 64
"""States of one component that are a choice within the query; more are a table that is joined."""

Words = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counting:
    """Expressions over a table `m` of masks, with what must be joined to it."""

    cells: Mapping[str, str]
    """The words of counts (rules that count and are true), open (that count and are unknown) and marks."""
    joins: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What was concluded of a component's state, or of a subject."""

    counts: Words
    open: Words
    marks: Words

    @property
    def flat(self) -> Words:
        return (*self.counts, *self.open, *self.marks)


def marks_masks(inference: ComponentInference) -> Masks:
    """The bits of marks, each by its place among those that the logic can set."""
    return Masks(tuple(f"{n:06}" for n in range(len(inference.marks))))


def counted(inference: ComponentInference, masks: Masks, conclusion: Conclusion) -> Counted:
    """A conclusion as words."""
    places = {mark: n for n, mark in enumerate(inference.marks)}
    return Counted(
        masks.of(rule for rule, truth in conclusion.effective if truth is Truth.TRUE),
        masks.of(rule for rule, truth in conclusion.effective if truth is Truth.UNKNOWN),
        words_of((places[mark] for mark in marks_of(conclusion)), marks_masks(inference).words),
    )


def marks_in(inference: ComponentInference, words: Sequence[int]) -> frozenset[Mark]:
    """The marks whose bits are set."""
    return frozenset(inference.marks[int(place)] for place in marks_masks(inference).rules_in(words))


def is_foreseen(inference: ComponentInference) -> bool:
    """Whether every component is so small that all its states can be concluded before any is seen."""
    return all(len(rules) <= _FORESEEN for rules in inference.components)


def counting(db: Database, inference: ComponentInference, masks: Masks, relation: str) -> Counting:
    """What counts on a row of masks. `relation` is the table of masks, read where not all is foreseen, and in which
    the states of the other components are looked for. Makes tables of states where there are many.
    """
    given = frozenset(inference.logic.effects) - {rule for rule, _, _ in inference.logic.counts}
    columns = _columns(masks, marks_masks(inference))
    terms: dict[str, list[str]] = {column: [] for column in columns}
    single = [next(iter(rules)) for rules in inference.components if len(rules) == 1]
    _add_single(inference, masks, [rule for rule in single if rule in given], terms)
    joins = []
    for n, rules in enumerate(rules for rules in inference.components if len(rules) > 1):
        states = _states(db, inference, masks, relation, rules & given)
        if len(states.found) <= _CHOSEN:
            for place, column in enumerate(columns):
                terms[column] += states.chosen(place)
        else:
            alias = f"s{n}"
            joins.append(states.joined(db, db.fresh("states"), alias, columns))
            for column in columns:
                terms[column].append(f"coalesce({alias}.{db.spelling.name(column)}, 0)")
    cells = {column: db.spelling.cast(" | ".join(each) or "0", Kind.COUNT) for column, each in terms.items()}
    return Counting(cells, " ".join(joins))


def _columns(masks: Masks, marks: Masks) -> tuple[str, ...]:
    return (*masks.columns("counts"), *masks.columns("open"), *marks.columns("marks"))


def _add_single(
    inference: ComponentInference, masks: Masks, rules: Sequence[str], terms: Mapping[str, list[str]]
) -> None:
    """Rules that nothing defeats, and that defeat nothing."""
    by_mark: dict[int, dict[Truth, list[str]]] = {}
    counting: dict[Truth, list[str]] = {truth: [] for truth in Truth}
    places = {mark: n for n, mark in enumerate(inference.marks)}
    for rule in rules:
        for truth in Truth:
            conclusion = inference.of_component({rule}, Pattern(frozenset({(rule, truth)})))
            counting[truth] += [one for one, _ in conclusion.effective]
            for mark in marks_of(conclusion):
                by_mark.setdefault(places[mark], {t: [] for t in Truth})[truth].append(rule)
    for truth, from_, to in ((Truth.TRUE, "fired", "counts"), (Truth.UNKNOWN, "unknown", "open")):
        for word, source, target in zip(
            masks.of(counting[truth]), masks.columns(from_), masks.columns(to), strict=True
        ):
            if word:
                terms[target].append(f"(m.{source} & {word})")
    marks = marks_masks(inference)
    for place, truths in sorted(by_mark.items()):
        tests = [
            f"(m.{column} & {word}) <> 0"
            for truth, stem in ((Truth.TRUE, "fired"), (Truth.UNKNOWN, "unknown"))
            for word, column in zip(masks.of(truths[truth]), masks.columns(stem), strict=True)
            if word
        ]
        for word, column in zip(words_of([place], marks.words), marks.columns("marks"), strict=True):
            if word:
                terms[column].append(f"CASE WHEN {' OR '.join(tests)} THEN {word} ELSE 0 END")


@dataclass(frozen=True, slots=True)
class _States:
    """The states of one component that some subject has, other than all false, and what was concluded of each."""

    masked: tuple[str, ...]
    """Expressions of the words that have bits of the component."""
    found: Mapping[Words, Words]

    def chosen(self, place: int) -> list[str]:
        """One column of what was concluded, as a choice; nothing where it never has a bit."""
        if not any(concluded[place] for concluded in self.found.values()):
            return []
        none = " AND ".join(f"{sql} = 0" for sql in self.masked)
        choices = [
            f"WHEN {' AND '.join(f'{sql} = {word}' for sql, word in zip(self.masked, state, strict=True))} THEN "
            f"{concluded[place]}"
            for state, concluded in self.found.items()
            if concluded[place]
        ]
        return [f"CASE WHEN {none} THEN 0 {' '.join(choices)} ELSE 0 END"]

    def joined(self, db: Database, table: str, alias: str, columns: Sequence[str]) -> str:
        """The same as a table, and how it is joined."""
        kind = db.spelling.type_of(Kind.COUNT)
        keys = tuple(f"state_{n}" for n in range(len(self.masked)))
        rows = [(*state, *concluded) for state, concluded in self.found.items()]
        db.store(table, [(column, kind) for column in (*keys, *columns)], rows)
        on = " AND ".join(f"{alias}.{key} = ({sql})" for key, sql in zip(keys, self.masked, strict=True))
        return f"LEFT JOIN {db.spelling.name(table)} {alias} ON {on}"


def _states(db: Database, inference: ComponentInference, masks: Masks, relation: str, rules: frozenset[str]) -> _States:
    words = masks.of(rules)
    columns = [(c, w) for stem in ("fired", "unknown") for c, w in zip(masks.columns(stem), words, strict=True)]
    masked = tuple(f"(m.{column} & {word})" for column, word in columns if word)
    found = {}
    for state in _foreseen(masks, rules) if len(rules) <= _FORESEEN else _seen(db, masked, relation):
        half = len(state) // 2
        true, unknown = (_widened(words, state[part]) for part in (slice(half), slice(half, None)))
        conclusion = inference.conclude(pattern_of(masks, true, unknown, rules.__contains__))
        found[state] = counted(inference, masks, conclusion).flat
    return _States(masked, found)


def _foreseen(masks: Masks, rules: Iterable[str]) -> Iterator[Words]:
    """Every state but the one of nothing found."""
    ordered = sorted(rules)
    inside = masks.of(ordered)
    for state in product((None, *Truth), repeat=len(ordered)):
        if any(state):
            yield tuple(
                word
                for truth in Truth
                for word, some in zip(
                    masks.of(rule for rule, one in zip(ordered, state, strict=True) if one is truth),
                    inside,
                    strict=True,
                )
                if some
            )


def _seen(db: Database, masked: Sequence[str], relation: str) -> Iterator[Words]:
    """Every such state that some row has."""
    listed = ", ".join(f"{sql} AS w{n}" for n, sql in enumerate(masked))
    for state in db.rows(f"SELECT DISTINCT {listed} FROM {db.spelling.name(relation)} m ORDER BY {_ordinals(masked)}"):
        if any(state):
            yield tuple(map(int, state))


def _ordinals(columns: Sequence[str]) -> str:
    return ", ".join(str(n + 1) for n in range(len(columns)))


def _widened(words: Words, state: Sequence[int]) -> Words:
    """Words of the whole mask, from those that a component has bits in."""
    rest = iter(state)
    return tuple(next(rest) if word else 0 for word in words)


def pattern_of(masks: Masks, fired: Words, unknown: Words, wanted: Callable[[str], bool]) -> Pattern:
    """The pattern of masks, of the rules that are wanted."""
    return Pattern(
        frozenset(
            (rule, truth)
            for truth, words in ((Truth.TRUE, fired), (Truth.UNKNOWN, unknown))
            for rule in masks.rules_in(words)
            if wanted(rule)
        )
    )
