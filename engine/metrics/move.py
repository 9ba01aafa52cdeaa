"""What is true of each proposed move? Facts of the account, of the giving and of the receiving rep (docs/domain.md, 4).

Facts on books and counts are computed once, on the state after all moves (engine.metrics.books).
"""

from collections.abc import Mapping

from engine.engines.dialect import distinct_texts, parts_of, sum_of
from engine.spelling import Spelling
from rules.kinds import Kind

DEAL_PARAMETERS = ("late_stage", "closing_days")


def move_rows(spelling: Spelling, numbers: Mapping[str, int], open_mergers: int | None) -> str:
    """A query with one row per move, named by its account, and a column per fact, amounts at the source's scale.

    Needs `metric_accounts`, `metric_moves`, `metric_owners`, `metric_books`, `metric_quartiles`,
    `metric_quotas` and `move_windows`.
    """
    licences, none = _licences(spelling, "r"), spelling.list_of([], Kind.TEXT)
    return f"""
        WITH dated AS (
            SELECT m.*, c.period, c.quarter
            FROM known_moves AS m JOIN metric_moves AS c ON c.proposed AND c.account = m.account
        ),
        given AS (
            SELECT from_rep, quarter, count(*) AS accounts,
                CASE WHEN count(t12) = count(*) THEN {sum_of(spelling, "t12")} END AS t12
            FROM (SELECT DISTINCT from_rep, quarter, account FROM metric_moves) AS moved
            LEFT JOIN metric_accounts USING (account) GROUP BY from_rep, quarter
        ),
        changes AS ({_changes()}),
        relatives AS ({_relatives()}),
        deals AS ({_late_deals(spelling, numbers)}),
        with_quota AS ({_has_quota()}),
        cuts AS ({_segmentations(spelling)}),
        books AS ({_new_tam(spelling)})
        SELECT m.account AS subject_id,
            m.requested_on AS "move.requested_on", m.approved_on AS "move.approved_on",
            m.announced_on AS "move.announced_on", m.effective AS "move.effective", m.reason AS "move.reason",
            m.requester AS "move.requester", m.approver AS "move.approver", m.evidence AS "move.evidence",
            m.from_rep AS "move.from_rep", m.to_rep AS "move.to_rep",
            {spelling.days_between("m.effective", "m.period")} AS "move.day_of_period",
            {spelling.days_between("m.effective", "m.announced_on")} AS "move.notice_days",
            w.in_window AS "move.in_window", w.next_window AS "move.next_window",
            a.name AS "account.name", v.tier AS "account.tier", a.size_segment AS "account.size_segment",
            a.named AS "account.named", v.t12 AS "account.t12", h.moved_on AS "account.last_moved_on",
            a.contract_end AS "account.contract_end", a.territory AS "account.territory", t.region AS "account.region",
            t.segmentation AS "account.segmentation", v.potential AS "account.potential",
            v.t12 > 0 AS "account.customer", a.parent AS "account.parent", a.industry AS "account.industry",
            a.required_licence AS "account.required_licence", a.has_plan AS "account.has_plan",
            a.relationships AS "account.relationships", a.churn_risk AS "account.churn_risk",
            CASE WHEN m.effective IS NOT NULL THEN coalesce(d.deals, 0) END AS "account.late_deals",
            coalesce(f.split, false) AS "account.family_split", a.strategic_anchor AS "account.strategic_anchor",
            CASE WHEN m.effective IS NOT NULL THEN g.accounts END AS "from_rep.accounts_given",
            CASE WHEN m.effective IS NOT NULL THEN g.t12 END AS "from_rep.t12_given",
            CASE WHEN m.from_rep IS NOT NULL THEN coalesce(o.before = m.from_rep, false) END AS "from_rep.owns_account",
            {_utilisation("from_rep")}, {_utilisation("to_rep")},
            r.hired_on <= m.effective AND (r.left_on IS NULL OR r.left_on > m.effective) AS "to_rep.active",
            r.quota_carrying AS "to_rep.quota_carrying",
            CASE WHEN m.effective IS NOT NULL AND m.to_rep IS NOT NULL THEN y.account IS NOT NULL END
                AS "to_rep.has_quota",
            r.size_segment AS "to_rep.size_segment",
            {spelling.days_between("m.effective", "r.hired_on")} AS "to_rep.tenure",
            giver.name AS "from_rep.name", giver.region AS "from_rep.region",
            r.name AS "to_rep.name", r.region AS "to_rep.region",
            {licences} AS "to_rep.licences",
            CASE WHEN a.account IS NOT NULL AND r.rep IS NOT NULL
                THEN a.required_licence IS NULL OR {spelling.holds(licences, "a.required_licence")}
                END AS "to_rep.licensed",
            CASE WHEN m.effective IS NOT NULL AND m.to_rep IS NOT NULL THEN coalesce(s.cut, {none}) END
                AS "to_rep.segmentations",
            b.fresh AS "to_rep.new_tam_share#n", b.tam AS "to_rep.new_tam_share#d",
            q.bottom AS "to_rep.bottom_quartile",
            less.change AS "from_rep.quota_change#n", less.quota AS "from_rep.quota_change#d",
            more.change AS "to_rep.quota_change#n", more.quota AS "to_rep.quota_change#d",
            to_rep_book.accounts AS "to_rep.accounts_after",
            CAST({"NULL" if open_mergers is None else open_mergers} AS BIGINT) AS "company.open_mergers"
        FROM dated AS m
        LEFT JOIN known_accounts AS a USING (account)
        LEFT JOIN known_territories AS t ON t.territory = a.territory
        LEFT JOIN move_windows AS w ON w.day = m.effective
        LEFT JOIN metric_accounts AS v ON v.account = m.account
        LEFT JOIN metric_owners AS o ON o.account = m.account
        LEFT JOIN changes AS h ON h.account = m.account
        LEFT JOIN relatives AS f ON f.account = m.account
        LEFT JOIN deals AS d ON d.account = m.account
        LEFT JOIN given AS g ON g.from_rep = m.from_rep AND g.quarter = m.quarter
        LEFT JOIN known_reps AS r ON r.rep = m.to_rep
        LEFT JOIN known_reps AS giver ON giver.rep = m.from_rep
        LEFT JOIN with_quota AS y ON y.account = m.account
        LEFT JOIN cuts AS s ON s.rep = m.to_rep AND s.effective = m.effective
        LEFT JOIN books AS b ON b.rep = m.to_rep
        LEFT JOIN metric_quotas AS less ON less.rep = m.from_rep AND less.quarter = m.quarter
        LEFT JOIN metric_quotas AS more ON more.rep = m.to_rep AND more.quarter = m.quarter
        LEFT JOIN metric_quartiles AS q ON q.rep = m.to_rep
        LEFT JOIN metric_books AS from_rep_book ON from_rep_book.rep = m.from_rep
        LEFT JOIN metric_books AS to_rep_book ON to_rep_book.rep = m.to_rep
        LEFT JOIN known_capacity AS from_rep_full ON from_rep_full.rep = m.from_rep
        LEFT JOIN known_capacity AS to_rep_full ON to_rep_full.rep = m.to_rep
    """


def _changes() -> str:
    """The last day before the move on which the account got another owner; an account's first owner is no change."""
    return """
        SELECT account, max(start) AS moved_on
        FROM (
            SELECT account, rep, start, lag(rep) OVER (PARTITION BY account ORDER BY start) AS former
            FROM known_ownership
        ) AS owned JOIN known_moves AS m USING (account)
        WHERE former <> rep AND (m.effective IS NULL OR start < m.effective) GROUP BY account
    """


def _relatives() -> str:
    """Whether the account's parent or one of its children has another owner after all moves."""
    return """
        WITH pairs AS (
            SELECT account, parent AS relative FROM known_accounts WHERE parent IS NOT NULL
            UNION SELECT parent, account FROM known_accounts WHERE parent IS NOT NULL
        )
        SELECT m.account, bool_or(coalesce(o.after <> m.to_rep, false)) AS split
        FROM known_moves AS m JOIN pairs AS p USING (account) LEFT JOIN metric_owners AS o ON o.account = p.relative
        GROUP BY m.account
    """


def _late_deals(spelling: Spelling, numbers: Mapping[str, int]) -> str:
    if any(name not in numbers for name in DEAL_PARAMETERS):
        return f"SELECT {spelling.cast('NULL', Kind.TEXT)} AS account, 0 AS deals WHERE false"
    return f"""
        SELECT m.account, count(*) AS deals FROM known_moves AS m JOIN known_opportunities AS d USING (account)
        WHERE d.status = 'open' AND d.stage_rank >= {numbers["late_stage"]}
            AND d.closes_on BETWEEN m.effective AND m.effective + {numbers["closing_days"]}
        GROUP BY m.account
    """


def _utilisation(rep: str) -> str:
    """Units of the book after all moves over the rep's full book; a rep left without accounts has none."""
    return f"""
            CASE WHEN {rep}_book.rep IS NULL THEN 0 ELSE {rep}_book.units END AS "{rep}.utilisation_after#n",
            {rep}_full.target_units AS "{rep}.utilisation_after#d\""""


def _has_quota() -> str:
    """The moves whose receiver has a quota on the day of the move, or in the latest known quarter."""
    return """
        SELECT DISTINCT m.account FROM known_moves AS m JOIN known_quotas AS q ON q.rep = m.to_rep
        CROSS JOIN (SELECT max(start) AS start FROM known_quotas) AS latest
        WHERE (q.start <= m.effective AND (q."end" IS NULL OR q."end" > m.effective)) OR q.start = latest.start
    """


def _licences(spelling: Spelling, rep: str) -> str:
    """The licences of a row of reps as a list, blank ones left out."""
    return f"CASE WHEN {rep}.rep IS NOT NULL THEN {parts_of(spelling, f'{rep}.licences')} END"


def _segmentations(spelling: Spelling) -> str:
    """How the territories are cut that a rep works on the day of a move, each once."""
    return f"""
        SELECT s.rep, m.effective, {distinct_texts(spelling, "t.segmentation")} AS cut
        FROM (SELECT DISTINCT to_rep, effective FROM known_moves) AS m
        JOIN known_assignments AS s ON s.rep = m.to_rep
            AND s.start <= m.effective AND (s."end" IS NULL OR s."end" > m.effective)
        JOIN known_territories AS t ON t.territory = s.territory
        WHERE t.segmentation IS NOT NULL GROUP BY s.rep, m.effective
    """


def _new_tam(spelling: Spelling) -> str:
    """Potential of each book after all moves, and of those of its accounts that the rep did not own before."""
    tam = sum_of(spelling, "potential")
    return f"""
        SELECT after AS rep, CASE WHEN count(potential) = count(*) THEN {tam} END AS tam,
            CASE WHEN count(potential) = count(*)
                THEN coalesce({tam} FILTER (WHERE before IS DISTINCT FROM after), 0) END AS fresh
        FROM metric_owners LEFT JOIN metric_accounts USING (account) WHERE after IS NOT NULL GROUP BY after
    """
