"""The worst that rules can be for whoever groups alike subjects: independent ones, a twentieth true, a tenth unknown.

Every rule asks about a fact of its own, so that nearly every move has a pattern that no other has. The policy is text
like any other, and the table is one in the columns of engine.facts.
"""

# ruff: noqa: S608 -- names of our own

from collections.abc import Sequence

from engine.spelling import quoted
from rules.kinds import Kind, Unit
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import FIELDS, Field, Subject

TRUE, UNKNOWN = 5, 10
"""Percent of the moves, of every rule."""
EFFECTS = ("deny", "hold", "require_approval\n    roles: [vp-sales]", "require\n    obligation: {id}")
RATIOS = {Unit.PERCENT: 'percent("50")', Unit.POINTS: 'points("50")', Unit.RATIO: 'ratio("0.5")'}

# What a rule asks of a fact, and the same in SQL; then a value for which it is true, and one for which it is false.
ASKED = {
    Kind.BOOL: ("{name}", "{column}", "true", "false"),
    Kind.TEXT: ('{name} == "yes"', "{column} = 'yes'", "'yes'", "'no'"),
    Kind.COUNT: ("{name} > 100", "{column} > 100", "101 + {h} % 50", "{h} % 101"),
    Kind.MONEY: ('{name} > money("100")', "{column} > 10000", "10001 + {h} % 5000", "{h} % 10001"),
    Kind.DAYS: ("{name} > days(100)", "{column} > 100", "101 + {h} % 50", "{h} % 101"),
    Kind.DATE: (
        '{name} > date("2013-01-01")',
        "{column} > DATE '2013-01-01'",
        "DATE '2013-01-02' + CAST({h} % 90 AS INTEGER)",
        "DATE '2013-01-01' - CAST({h} % 90 AS INTEGER)",
    ),
    Kind.RATIO: ("{name} > {half}", "{n} * 2 > {d}", "501 + {h} % 500", "{h} % 501"),
}
TYPES = {Kind.BOOL: "BOOLEAN", Kind.TEXT: "VARCHAR", Kind.DATE: "DATE"}


def asked() -> Sequence[Field]:
    """The facts that can be unknown, one for each rule; lists are left to the tests."""
    return [field for field in FIELDS[Subject.MOVE] if not field.optional and field.kind in ASKED]


def policies() -> PolicySet:
    """A rule on each of them, the effects by turns."""
    rules = [
        f"  - id: X{number:02}\n    title: rule {number}\n    kind: engagement\n    subject: move\n"
        "    effective: {from: 2000-01-01}\n"
        f"    when: '{ASKED[field.kind][0].format(name=field.name, half=RATIOS.get(field.unit))}'\n"
        f"    effect: {EFFECTS[number % len(EFFECTS)].format(id=f'X{number:02}')}\n"
        f'    message: "rule {number}"\n    source: "rule {number}"\n'
        for number, field in enumerate(asked())
    ]
    text = "policy: independent\ntitle: Independent rules\nowner: nobody\nrules:\n" + "".join(rules)
    return load_policies([("independent.yaml", text)])


def table_query(rows: int) -> str:
    """A query of that many moves, the same on every run."""
    cells = [cell for number, field in enumerate(asked()) for cell in _cells(number, field)]
    return f"SELECT format('M{{:09d}}', i) AS subject_id, {', '.join(cells)} FROM range({rows}) AS r(i)"


def _cells(number: int, field: Field) -> list[str]:
    drawn = f"CAST(hash(i, {number}) >> 1 AS BIGINT)"
    _, _, true, false = (part.replace("{h}", f"{drawn} // 100") for part in ASKED[field.kind])
    known = f"CASE WHEN {drawn} % 100 < {UNKNOWN} THEN NULL WHEN {drawn} % 100 < {UNKNOWN + TRUE}"
    value = f"CAST({known} THEN {true} ELSE {false} END AS {TYPES.get(field.kind, 'BIGINT')})"
    if field.kind is not Kind.RATIO:
        return [f"{value} AS {quoted(field.name)}"]
    return [f"{value} AS {quoted(f'{field.name}#n')}", f"CAST(1000 AS BIGINT) AS {quoted(f'{field.name}#d')}"]


def hand_query() -> str:
    """The verdicts counted as in hand_verdicts.sql."""
    rules = []
    denied, unsure, held, asking = [], [], [], []
    for number, field in enumerate(asked()):
        names = {"column": quoted(field.name), **{half: quoted(f"{field.name}#{half}") for half in "nd"}}
        rules.append(f"{ASKED[field.kind][1].format(**names)} AS x{number:02}")
        true, unknown = f"coalesce(x{number:02}, false)", f"x{number:02} IS NULL"
        match number % len(EFFECTS):
            case 0:
                denied.append(true)
                unsure.append(unknown)
            case 1:
                held.append(f"coalesce(x{number:02}, true)")
            case 2:
                asking.append(f"coalesce(x{number:02}, true)")
    return (
        f"WITH ruled AS (SELECT {', '.join(rules)} FROM facts)\n"
        f"SELECT CASE WHEN {' OR '.join(denied)} THEN 'deny' WHEN {' OR '.join((*unsure, *held))} THEN 'hold' "
        f"WHEN {' OR '.join(asking)} THEN 'approval' ELSE 'allow' END AS verdict,\n    count(*) AS moves\n"
        "FROM ruled GROUP BY verdict"
    )
