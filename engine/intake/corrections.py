"""What did a mapping change or leave out? Corrected cells, defaults, filtered rows, values of another day."""

from datetime import date

from engine.database import Database, text
from engine.intake.finding import finding
from engine.intake.mapping_shapes import Condition, DataSetShape, From, Scalar, word
from engine.intake.refusing import Staged
from engine.intake.snapshot import Finding, Grade
from engine.intake.sources import raw
from engine.intake.staging import STAGE, left_out


def corrected_cells(db: Database, staged: Staged) -> list[Finding]:
    """One finding for each column whose cells were replaced or filled with a default; the staged table is at hand."""
    found: list[tuple[str, str, int, list[str]]] = []
    for i, block in enumerate(staged.blocks):
        for name, cell in block.columns.items():
            column = f"{staged.table.name}.{name}"
            cells = f"{staged.files[i]} column " + ", ".join(f"`{c}`" for c in cell.names())
            if cell.replace:
                old = f"block = {i} AND t_{name} IN ({', '.join(text(o) for o in cell.replace)})"
                counts = db.rows(f"SELECT t_{name}, count(*) FROM {STAGE} WHERE {old} GROUP BY ALL ORDER BY ALL")
                words = [f"{cells}: `{o}` read as `{word(cell.replace[o])}` in {n:,} rows" for o, n in counts]
                found.append(("replaced-values", f"values replaced in `{column}`", sum(n for _, n in counts), words))
            if cell.default is not None:
                rows = db.value(f"SELECT count(*) FROM {STAGE} WHERE block = {i} AND t_{name} IS NULL")
                words = [f"{cells}: empty, read as `{word(cell.default)}` in {rows:,} rows"]
                found.append(("defaulted-values", f"empty cells filled in `{column}`", rows, words))
    return [Finding(kind, message, rows, None, tuple(words)) for kind, message, rows, words in found if rows]


def filtered_rows(db: Database, name: str, blocks: list[From], files: dict[str, str]) -> list[Finding]:
    """One finding for each source of which no block keeps some rows."""
    found = []
    for source in sorted({b.source for b in blocks}):
        own = [b for b in blocks if b.source == source]
        count = left_out(db, source, own) if all(b.where for b in own) else 0
        if count:
            kept = tuple(f"kept where {_words(block)}" for block in own)
            message = f"rows of {files[source]} left out of `{name}` by the mapping"
            total = db.value(f"SELECT count(*) FROM {raw(source)}")
            found.append(Finding("filtered-rows", message, count, total, kept))
    return found


def undated(name: str, data_set: DataSetShape, files: str, as_of: date) -> list[Finding]:
    """A finding if the data set shows a later day than it is used for."""
    if data_set.dated or data_set.exported is None or data_set.exported <= as_of:
        return []
    case = f"`{name}` from {files}: as on {data_set.exported}, used for {as_of}, graded {grade(data_set, as_of).value}"
    return [finding("undated-source", f"`{name}` is not dated and shows a later day", [case])]


def grade(data_set: DataSetShape, as_of: date) -> Grade:
    """Its evidence grade: what the mapping says, but no better than an estimate where it shows a later day."""
    stated = Grade(data_set.grade)
    if data_set.dated or data_set.exported is None or data_set.exported <= as_of or stated is Grade.GUESS:
        return stated
    return Grade.ESTIMATE


def _words(block: From) -> str:
    return " and ".join(f"`{name}` {_rule(rule)}" for name, rule in block.where.items())


def _rule(rule: Scalar | list[Scalar] | Condition) -> str:
    if isinstance(rule, Condition) and rule.is_:
        return f"is {rule.is_}"
    wanted = rule.not_ if isinstance(rule, Condition) else rule
    listed = " or ".join(f"`{word(w)}`" for w in (wanted if isinstance(wanted, list) else [wanted]))
    return f"is not {listed}" if isinstance(rule, Condition) else f"is {listed}"
