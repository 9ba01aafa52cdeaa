"""The facts of a deal that hangs on a moving account: whose it is, when it closed, and whether its dates were touched.

Also of a rule over the last twelve months.
"""

from rules.kinds import Kind, Unit
from rules.vocabulary.fact import Field, by

# fmt: off
# One fact a line or two: a table is read as a table.
_DEAL = by(
    "engine.metrics.credit",
    Field("opportunity.created_on", Kind.DATE, "day it was created", ("opportunities.created_on",)),
    Field("opportunity.closed_on", Kind.DATE, "day it was won or lost", ("opportunities.closed_on",), optional=True),
    Field("opportunity.won", Kind.BOOL, "closed and won", ("opportunities.status",)),
    Field("opportunity.amount", Kind.MONEY, "expected or closed value", ("opportunities.amount",), optional=True),
    Field("opportunity.stage_rank", Kind.COUNT, "rank of its stage, 1 first",
          ("opportunities.stage_rank",), optional=True),
    Field("opportunity.last_changed_on", Kind.DATE, "day its stage or close date last changed",
          ("opportunities.last_changed_on",), optional=True),
    Field("opportunity.checked_on", Kind.DATE, "the verdict date"),
    Field("move.announced_on", Kind.DATE, "day the move of its account was announced", ("moves.announced_on",)),
    Field("move.effective", Kind.DATE, "day its account moves", ("moves.effective",)),
    Field("holder.left_on", Kind.DATE, "day the original rep left", ("reps.left_on",), optional=True),
    Field("holder.rep", Kind.TEXT, "the original rep", ("opportunities.rep",)),
)
_AROUND = by(
    "engine.metrics.credit",
    Field("opportunity.status", Kind.TEXT, "open, won or lost", ("opportunities.status",)),
    Field("opportunity.closes_on", Kind.DATE, "expected close", ("opportunities.closes_on",), optional=True),
    Field("move.from_rep", Kind.TEXT, "rep who gives its account", ("moves.from_rep",)),
    Field("move.to_rep", Kind.TEXT, "rep who receives it", ("moves.to_rep",)),
    Field("account.region", Kind.TEXT, "region of its account's territory",
          ("accounts.territory", "territories.region"), optional=True),
    Field("account.size_segment", Kind.TEXT, "enterprise, mid-market or SMB", ("accounts.size_segment",)),
    Field("holder.role", Kind.TEXT, "job title of the original rep", ("reps.role",), optional=True),
    Field("holder.manager", Kind.BOOL, "the original rep manages others", ("reps.manager",)),
    Field("holder.quota_carrying", Kind.BOOL, "the original rep carries a quota by role", ("reps.quota_carrying",)),
)
_TO_COME = (
    Field("opportunity.gaming_upheld", Kind.BOOL, "somebody decided that its dates were changed for the credit"),
    Field("opportunity.held_before", Kind.BOOL, "an earlier move already held its credit"),
    Field("opportunity.held_from", Kind.DATE, "day from which its one hold runs", optional=True),
    Field("opportunity.extended_to", Kind.DATE, "day to which its hold was extended, with approval and evidence",
          optional=True),
)
# fmt: on

OPPORTUNITY = (*_DEAL, *_AROUND, *_TO_COME)

RULE = by(
    "governance.rule_usage",
    Field("rule.id", Kind.TEXT, "id of the rule"),
    Field("rule.firings", Kind.COUNT, "cases of decisions committed in the last twelve months in which it was true"),
    Field("rule.waived", Kind.COUNT, "those of them that a waiver set aside"),
    Field("rule.waived_share", Kind.RATIO, "waived by firings; unknown where it never fired", unit=Unit.PERCENT),
    Field("rule.expired_waivers", Kind.COUNT, "waivers of it that ran out and were relied on afterwards"),
)
