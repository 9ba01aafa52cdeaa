"""The canonical tables as the engine reads them (rules.vocabulary), with the table of proposed moves."""

from collections.abc import Mapping

from rules.vocabulary.canonical_columns import TABLES, Column, Table, Type, optional, required

__all__ = ["MOVES", "TABLES", "Column", "Table", "Type", "six"]

T = Type
MOVES = Table(
    "moves",
    "proposed account moves",
    ("account",),
    (
        required("account", T.TEXT, "account"),
        required("from_rep", T.TEXT, "giving rep"),
        required("to_rep", T.TEXT, "receiving rep"),
        required("effective", T.DATE, "day the owner changes in the CRM"),
        optional("requested_on", T.DATE, "day asked for"),
        optional("approved_on", T.DATE, "day approved"),
        optional("announced_on", T.DATE, "day announced"),
        optional("reason", T.TEXT, "why"),
        optional("requester", T.TEXT, "person who asks"),
        optional("approver", T.TEXT, "person who approves"),
        optional("evidence", T.TEXT, "link to the evidence"),
    ),
)
"""The table of `moves check`: it comes with a question and is not part of a snapshot."""


def six() -> Mapping[int, tuple[str, ...]]:
    """The six data sets of a complete audit (Rebalancing Checklist), each with the tables that carry it."""
    found: dict[int, tuple[str, ...]] = {}
    for table in TABLES.values():
        if table.of_six:
            found[table.of_six] = (*found.get(table.of_six, ()), table.name)
    return found
