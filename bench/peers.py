"""Rules engines that judge row by row, each in its fastest mode: zen-engine, CEL, durable_rules.

A peer is asked which rules are true and which are false of each row; of what is neither, nobody knows. Rows are
dictionaries by variable name (bench.lowering), without what is unknown or with flags that say so.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import durable_rules_engine as durable  # type: ignore[import-not-found]  # a C module without stubs
import zen
from cel_expr_python import cel  # type: ignore[import-untyped]  # a C++ module

from bench.lowering import All, Compared, Known, Lowered, Number, Some, column, constant
from rules.expression.term import Op

Row = dict[str, Any]
Conditions = Sequence[tuple[Lowered, Lowered]]
"""For each rule what holds where it is true, and where it is false."""
Peer = Callable[[Sequence[Row]], list[str]]
"""From rows to letters, one for each rule: `t` true, `f` false, `u` where nobody knows."""
Kinds = Mapping[str, type]
"""Variable to what it holds: int, str or bool."""
FILLERS = {int: 0, str: "", bool: False}
"""What stands beside the flag of a variable that is not known, so that no comparison meets a gap."""


def zen_engine(conditions: Conditions) -> Peer:
    """All rules in one compiled expression. A variable that is not there is null."""
    letters = (f'({_zen(true)} ? "t" : {_zen(false)} ? "f" : "u")' for true, false in conditions)
    compiled = zen.compile_expression(" + ".join(letters))
    return lambda rows: [str(letters) for letters in map(compiled.evaluate, rows)]


def cel_expr(conditions: Conditions, kinds: Kinds) -> Peer:
    """All rules in one compiled program. What may be unknown is flagged, so that nothing fails."""
    types = {int: cel.Type.INT, str: cel.Type.STRING, bool: cel.Type.BOOL}
    env = cel.NewEnv(variables={name: types[kind] for name, kind in kinds.items()})
    program = env.compile(_sum([f'({_cel(true)} ? "t" : ({_cel(false)} ? "f" : "u"))' for true, false in conditions]))
    return lambda rows: [str(program.eval(data=row).value()) for row in rows]


def durable_rules(conditions: Conditions) -> Peer:
    """Two rules for each, one that fires where it is true and one where it is false, on one fact for each row.

    As fast and as safe as that engine goes: its C module without the threads around it, one fact that is retracted
    before the next, no gaps in it, no text compared but for equality.
    """
    handle = durable.create_ruleset("moves", _ruleset(conditions))
    always = ["t" if true == All() else "f" if false == All() else "u" for true, false in conditions]
    return lambda rows: [_fired(handle, number, row, list(always)) for number, row in enumerate(rows, 1)]


def expressible(conditions: Conditions) -> tuple[int, ...]:
    """The positions of the conditions that durable_rules takes: without arithmetic on the left, and small enough."""
    found = []
    for position, pair in enumerate(conditions):
        with suppress(ValueError, durable.error):
            durable.delete_ruleset(durable.create_ruleset(f"only-{position}", _ruleset([pair])))
            found.append(position)
    return tuple(found)


def _ruleset(conditions: Conditions) -> str:
    return json.dumps(
        {
            f"{letter}{number}": {"all": [{"m": {"$and": [{"kind": "move"}, _durable(lowered)]}}]}
            for number, pair in enumerate(conditions)
            for letter, lowered in zip("tf", pair, strict=True)
            if lowered not in (All(), Some())
        }
    )


def _fired(handle: int, number: int, row: Row, letters: list[str]) -> str:
    """The letters of one row, which begin as those of rules that no row changes."""
    fact = json.dumps({"kind": "move", "id": number, **row})
    _, offset = durable.assert_fact(handle, fact)
    started = durable.start_action_for_state(handle, offset)
    answer = started[1] if started else None
    while answer is not None:
        for rule in json.loads(answer):
            letters[int(rule[1:])] = rule[0]
        answer = durable.complete_and_start_action(handle, offset)
    durable.retract_fact(handle, fact)
    return "".join(letters)


def flagged(row: Row, kinds: Kinds, certain: frozenset[str], *, filled: bool) -> Row:
    """A row with a flag beside each variable that may be unknown; `filled` puts a value where there is none."""
    fillers = {name: FILLERS[kind] for name, kind in kinds.items() if name not in row} if filled else {}
    return {**row, **fillers, **{f"known_{name}": name in row for name in kinds if name not in certain}}


def _sum(terms: Sequence[str]) -> str:
    """In two halves, and so on: a chain is as deep as it is long, and parsers limit depth."""
    half = len(terms) // 2
    return f"({_sum(terms[:half])} + {_sum(terms[half:])})" if half else terms[0]


def _zen(lowered: Lowered) -> str:
    match lowered:
        case All(parts=parts):
            return f"({' and '.join(map(_zen, parts))})" if parts else "true"
        case Some(parts=parts):
            return f"({' or '.join(map(_zen, parts))})" if parts else "false"
        case Known(fact=fact, holds=holds):
            return f"{column(fact)} {'!=' if holds else '=='} null"
        case Compared(op=op, left=left, right=right):
            return f"{_number(left)} {op.value} {_number(right)}"


def _cel(lowered: Lowered) -> str:
    match lowered:
        case All(parts=parts):
            return f"({' && '.join(map(_cel, parts))})" if parts else "true"
        case Some(parts=parts):
            return f"({' || '.join(map(_cel, parts))})" if parts else "false"
        case Known(fact=fact, holds=holds):
            return f"{'' if holds else '!'}known_{column(fact)}"
        case Compared(op=Op.EQUAL, left=left, right=Number(fact="", offset=bool(wanted))):
            return f"{'' if wanted else '!'}{column(left.fact)}"
        case Compared(op=op, left=left, right=right):
            return f"{_number(left)} {op.value} {_number(right)}"


def _durable(lowered: Lowered) -> dict[str, Any]:
    match lowered:
        case All(parts=parts):
            return {"$and": [_durable(part) for part in parts]}
        case Some(parts=parts):
            return {"$or": [_durable(part) for part in parts]}
        case Known(fact=fact, holds=holds):
            return {f"known_{column(fact)}": holds}
        case Compared(op=op, left=left, right=right):
            if left.factor != 1 or left.offset:
                raise ValueError(f"`{left.fact}` would be computed on the left")
            test = {column(left.fact): _operand(right)}
            return {_DURABLE[op]: test} if op in _DURABLE else test


_DURABLE = {Op.UNEQUAL: "$neq", Op.LESS: "$lt", Op.AT_MOST: "$lte", Op.GREATER: "$gt", Op.AT_LEAST: "$gte"}


def _operand(number: Number) -> Any:
    if not number.fact:
        return number.offset
    fact = {"$m": column(number.fact)}
    return {"$add": {"$l": fact, "$r": number.offset}} if number.offset else fact


def _number(number: Number) -> str:
    if not number.fact:
        return constant(number.offset)
    name = column(number.fact) if number.factor == 1 else f"{column(number.fact)} * {constant(number.factor)}"
    return f"{name} + {constant(number.offset)}" if number.offset else name
