"""Which moves are approved already? Rows from decisions of the same period become the table `approved_moves`.

It has the shape of a file of moves and is optional. What it holds counts in the state after all moves; a move that the
file proposes again counts as the file has it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from engine.canonical import MOVES
from engine.database import Database
from rules.kinds import Kind
from rules.problem import BadInput, Place, Problem

APPROVED = replace(MOVES, name="approved_moves", meaning="account moves that were approved before")


def load_approved_moves(db: Database, rows: Sequence[tuple[str, str, str, date]]) -> None:
    """Create the table from (account, giving rep, receiving rep, effective), replacing one that is there.

    Raises BadInput, and leaves the database as it was, where an account is to move twice on one day.
    """
    distinct = sorted(set(rows))
    problems = []
    for (account, day), same in groupby(sorted(distinct, key=_moved), key=_moved):
        twice = list(same)
        if len(twice) > 1:
            both = " and ".join(f"`{giving}` to `{receiving}`" for _, giving, receiving, _ in twice)
            problems.append(
                Problem(Place("approved moves"), f"account `{account}` moves twice on {day.isoformat()}: {both}")
            )
    if problems:
        raise BadInput(problems)
    kinds = {"account": Kind.TEXT, "from_rep": Kind.TEXT, "to_rep": Kind.TEXT, "effective": Kind.DATE}
    db.store(APPROVED.name, [(name, db.spelling.type_of(kind)) for name, kind in kinds.items()], distinct)


def _moved(row: tuple[str, str, str, date]) -> tuple[str, date]:
    return row[0], row[3]
