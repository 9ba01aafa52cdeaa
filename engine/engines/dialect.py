"""What do statements over whole tables need of an engine? Tables made of queries, sums, divisors and lists.

Metrics are written in the SQL that DuckDB, PostgreSQL and Spark share; what they do not share is spelled here or by
`engine.spelling`. Names in double quotes are identifiers on all of them.
"""

from engine.database import Database
from engine.spelling import Spelling
from rules.kinds import Kind

_STEPS = 185
"""Divisions that Euclid needs at most for numbers of 38 digits: log of 10^38 to the base of the golden ratio, and 2."""


def make_table(db: Database, name: str, query: str) -> None:
    """Make a table of a query's rows, replacing one of that name."""
    table = db.spelling.name(name)
    db.run(f"DROP TABLE IF EXISTS {table}")
    db.run(f"CREATE TABLE {table} AS {query}")


def remake_table(db: Database, name: str, query: str) -> None:
    """The same where the query reads the table that is replaced."""
    # Not every engine can update or delete rows, and none can read a table while it is replaced.
    table, made = db.spelling.name(name), db.spelling.name(db.fresh(name))
    db.run(f"CREATE TABLE {made} AS {query}")
    db.run(f"DROP TABLE {table}")
    db.run(f"ALTER TABLE {made} RENAME TO {table}")


def keep_rows(db: Database, name: str, condition: str) -> None:
    """Leave the rows for which a condition is true; the table that was there may be a view, and stays."""
    sql = db.spelling
    table, before, made = sql.name(name), sql.name(db.fresh(name)), sql.name(db.fresh(name))
    db.run(f"CREATE TABLE {made} AS SELECT * FROM {table} WHERE {condition}")
    db.run(f"ALTER TABLE {table} RENAME TO {before}")
    db.run(f"ALTER TABLE {made} RENAME TO {table}")


def names_of(db: Database, query: str) -> tuple[str, ...]:
    """The columns of a query, in order; no row of it is computed."""
    if db.spelling.ENGINE == "duckdb":
        return tuple(str(name) for name, *_ in db.rows(f"DESCRIBE {query}"))
    [nothing] = db.records(f"SELECT found.* FROM (SELECT 1 AS one) AS single LEFT JOIN ({query}) AS found ON 1 = 0")
    return tuple(nothing)


def sum_of(spelling: Spelling, column: str) -> str:
    """The start of an aggregate or a window: the exact sum of whole numbers."""
    # Two of the three widen a sum themselves.
    return f"sum({spelling.wide(column) if spelling.ENGINE == 'spark' else column})"


def common_divisor(spelling: Spelling, left: str, right: str) -> str:
    """The greatest of two wide integers; NULL where one is."""
    if spelling.ENGINE != "spark":
        return f"gcd({left}, {right})"
    start = f"named_struct('a', abs({left}), 'b', abs({right}))"
    step = f"named_struct('a', s.b, 'b', {spelling.wide('s.a % s.b')})"
    steps = f"aggregate(sequence(1, {_STEPS}), {start}, (s, i) -> if(s.b = 0, s, {step}), s -> s.a)"
    return f"(CASE WHEN {spelling.known(left, right)} THEN {steps} END)"


def parts_of(spelling: Spelling, text: str) -> str:
    """The parts of a text between semicolons, trimmed, blank ones left out, in order, as a list; none of no text."""
    match spelling.ENGINE:
        case "postgresql":
            listed = f"unnest(string_to_array({text}, ';')) AS listed(part)"
            return f"""ARRAY(SELECT trim(part) COLLATE "C" FROM {listed} WHERE trim(part) <> '' ORDER BY 1)"""
        case "spark":
            listed = f"filter(transform(split({text}, ';'), part -> trim(part)), part -> part <> '')"
            return f"coalesce(array_sort({listed}), {spelling.list_of([], Kind.TEXT)})"
        case _:
            listed = f"list_transform(string_split({text}, ';'), lambda part: trim(part))"
            return f"coalesce(list_sort(list_filter({listed}, lambda part: part <> '')), [])"


def distinct_texts(spelling: Spelling, text: str) -> str:
    """An aggregate: the different texts of a group, in order, as a list."""
    match spelling.ENGINE:
        case "postgresql":
            ordered = f'{text} COLLATE "C"'
            return f"array_agg(DISTINCT {ordered} ORDER BY {ordered})"
        case "spark":
            return f"array_sort(collect_set({text}))"
        case _:
            return f"list_sort(list(DISTINCT {text}))"
