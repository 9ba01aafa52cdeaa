"""Which deals hang on the moves? One row per opportunity of a moving account (docs/domain.md, 5).

Closed deals are among them: that a deal closed in time, or was created too late, is for a policy to say. The owner of
the opportunity is the original rep.
"""

from datetime import date


def opportunity_rows(as_of: date) -> str:
    """A query with one row per opportunity and move, named by the opportunity, amounts at the source's scale."""
    return f"""
        SELECT d.opportunity AS subject_id,
            d.created_on AS "opportunity.created_on", d.closed_on AS "opportunity.closed_on",
            d.status = 'won' AS "opportunity.won", d.amount AS "opportunity.amount",
            d.stage_rank AS "opportunity.stage_rank", d.last_changed_on AS "opportunity.last_changed_on",
            DATE '{as_of}' AS "opportunity.checked_on",
            m.announced_on AS "move.announced_on", m.effective AS "move.effective",
            d.status AS "opportunity.status", d.closes_on AS "opportunity.closes_on",
            m.from_rep AS "move.from_rep", m.to_rep AS "move.to_rep",
            t.region AS "account.region", a.size_segment AS "account.size_segment",
            r.left_on AS "holder.left_on", d.rep AS "holder.rep", r.role AS "holder.role",
            r.manager AS "holder.manager", r.quota_carrying AS "holder.quota_carrying"
        FROM known_opportunities AS d JOIN known_moves AS m USING (account)
        LEFT JOIN known_reps AS r ON r.rep = d.rep
        LEFT JOIN known_accounts AS a ON a.account = d.account
        LEFT JOIN known_territories AS t ON t.territory = a.territory
    """
