"""Which conditions hold on which subjects? The truth table of a relation, one pattern of letters per subject.

Conditions are evaluated as sets, all in one query; subjects with the same pattern have the same conclusion.
"""

from collections.abc import Mapping, Sequence

from engine.conditions.condition_sql import condition_sql
from engine.database import Database
from rules.expression.check import Checked
from rules.kinds import Kind, Value


def truth_table(
    db: Database,
    relation: str,
    conditions: Sequence[tuple[str, Checked]],
    parameters: Mapping[str, Value | tuple[Value, ...]],
    absent: frozenset[str],
    into: str,
) -> None:
    """Create table `into`(subject_id VARCHAR, pattern VARCHAR), replacing one of that name.

    `relation` has a column `subject_id` and the facts' columns. `pattern` has one letter per condition, in order: `t`
    for true, `f` for false, `u` for unknown. Facts in `absent` are unknown and their columns are not read.
    """
    spelling = db.spelling
    letters = [
        f"CASE {sql} WHEN TRUE THEN 't' WHEN FALSE THEN 'f' ELSE 'u' END"
        for sql in (condition_sql(checked, parameters, absent, spelling) for _, checked in conditions)
    ]
    db.run(f"DROP TABLE IF EXISTS {spelling.name(into)}")
    db.run(
        f"CREATE TABLE {spelling.name(into)} AS "
        f"SELECT {spelling.cast('subject_id', Kind.TEXT)} AS subject_id, {spelling.letters(letters)} AS pattern "
        f"FROM {spelling.name(relation)}"
    )
