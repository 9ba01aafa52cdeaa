"""Which conditions hold on which subjects? The truth table of a relation, one pattern of letters per subject.

Conditions are evaluated as sets, all in one query; subjects with the same pattern have the same conclusion.
"""

from collections.abc import Mapping, Sequence

from engine.conditions.condition_sql import condition_sql
from engine.database import Database, quoted
from rules.expression.check import Checked
from rules.kinds import Value


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
    letters = [
        f"CASE {sql} WHEN TRUE THEN 't' WHEN FALSE THEN 'f' ELSE 'u' END"
        for sql in (condition_sql(checked, parameters, absent) for _, checked in conditions)
    ]
    # One call: a chain of `||` is as deep as it is long, and engines limit depth.
    pattern = f"concat('', {', '.join(letters)})" if letters else "''"
    db.run(
        f"CREATE OR REPLACE TABLE {quoted(into)} AS "
        f"SELECT CAST(subject_id AS VARCHAR) AS subject_id, {pattern} AS pattern "
        f"FROM {quoted(relation)}"
    )
