"""Who owns what before and after the moves, and which moves count together? (docs/domain.md, 4)

The state after all moves is the ownership of the as-of day with every move of the file carried out, whatever its
verdict, and every move approved before for a period in which the file moves anything. So the order of moves never
matters. A quarter is the calendar's period that contains the effective day, or the civil quarter where no period does.

A move is proposed again when the file has the same account in the same quarter: then only the file's counts. An
approved move that the ownership of the as-of day already shows, or a change of owner after it overtook, is not carried
out once more.

Everything here reads the views of `engine.metrics.known`.
"""

from datetime import date

from engine.database import Database
from engine.engines.dialect import make_table, sum_of


def create_books(db: Database, as_of: date) -> None:
    """Create `metric_moves`, `metric_owners` and `metric_books`.

    - `metric_moves`(account, from_rep, to_rep, effective, period, quarter, proposed): the moves that count, `proposed`
      for those of the file; `period` is NULL outside the calendar.
    - `metric_owners`(account, before, after): `before` is the owner on `as_of`, the later row where two overlap.
    - `metric_books`(rep, accounts, units): after all moves; `units` is NULL where a single account of the book has no
      potential. Needs `metric_accounts`.
    """
    moves = """
        WITH every AS (
            SELECT account, from_rep, to_rep, effective, true AS proposed FROM known_moves
            UNION ALL SELECT account, from_rep, to_rep, effective, false FROM known_approved_moves
        ),
        periods AS (
            SELECT effective, max(start) AS start FROM (SELECT DISTINCT effective FROM every) AS d
            JOIN known_periods AS p ON d.effective >= p.start AND d.effective < p."end" GROUP BY effective
        ),
        dated AS (
            SELECT e.*, p.start AS period,
                coalesce(p.start, CAST(date_trunc('quarter', e.effective) AS DATE)) AS quarter
            FROM every AS e LEFT JOIN periods AS p ON p.effective = e.effective
        )
        SELECT * FROM dated AS d
        WHERE proposed OR (
            quarter IN (SELECT quarter FROM dated WHERE proposed AND quarter IS NOT NULL)
            AND NOT EXISTS (
                SELECT 1 FROM dated AS f WHERE f.proposed AND f.account = d.account AND f.quarter = d.quarter
            )
        )
    """
    make_table(db, "metric_moves", moves)
    owners = f"""
        WITH owned AS (
            SELECT account, rep, start, row_number() OVER (PARTITION BY account ORDER BY start DESC, rep) AS place
            FROM known_ownership
            WHERE start <= DATE '{as_of}' AND ("end" IS NULL OR "end" > DATE '{as_of}') AND rep IS NOT NULL
        ),
        owners AS (SELECT account, rep, start AS since FROM owned WHERE place = 1),
        file AS (SELECT account, to_rep FROM metric_moves WHERE proposed),
        dated AS (
            SELECT account, to_rep, effective,
                row_number() OVER (PARTITION BY account ORDER BY effective DESC, to_rep) AS place
            FROM metric_moves WHERE NOT proposed AND to_rep IS NOT NULL AND effective IS NOT NULL
        ),
        approved AS (SELECT account, to_rep, effective FROM dated WHERE place = 1)
        SELECT account, o.rep AS before,
            coalesce(f.to_rep, CASE WHEN o.since IS NULL OR o.since < a.effective THEN a.to_rep END, o.rep) AS after
        FROM owners AS o FULL JOIN file AS f USING (account) FULL JOIN approved AS a USING (account)
    """
    make_table(db, "metric_owners", owners)
    units = sum_of(db.spelling, "units")
    books = f"""
        SELECT after AS rep, count(*) AS accounts, CASE WHEN count(units) = count(*) THEN {units} END AS units
        FROM metric_owners LEFT JOIN metric_accounts USING (account)
        WHERE after IS NOT NULL GROUP BY after
    """
    make_table(db, "metric_books", books)
