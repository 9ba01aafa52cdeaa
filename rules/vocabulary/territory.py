"""The facts of a territory: the balance metrics, where it lies, and the health that is read every month."""

from rules.kinds import Kind, Unit
from rules.vocabulary.fact import ATTAINMENT, SALES, UNITS, Field, by

_DEALS = ("opportunities.status", "opportunities.created_on", "opportunities.closed_on", "opportunities.account",
          "accounts.territory")  # fmt: skip

# fmt: off
# One fact a line or two: a table is read as a table.
_ATTAINED = by(
    "engine.metrics.share",
    Field("territory.attainment", Kind.RATIO, "actual in it by quota times share of its reps, T4Q",
          (*ATTAINMENT, "assignments"), unit=Unit.PERCENT),
)
_BALANCE = by(
    "engine.metrics.territory",
    Field("territory.workload_index", Kind.RATIO, "account units by mean units", ("accounts.territory",
          "potential"), unit=Unit.PERCENT, uses=UNITS),
    Field("territory.utilisation", Kind.RATIO, "account units by target units times share of its reps",
          ("accounts.territory", "potential", "capacity", "assignments"), unit=Unit.RATIO, uses=UNITS),
    Field("territory.largest_account_share", Kind.RATIO,
          "largest account by territory T12; unknown below the minimum base", SALES, unit=Unit.PERCENT,
          uses=("concentration_base",)),
    Field("territory.potential_index", Kind.RATIO, "TAM by mean TAM", ("accounts.territory",
          "potential"), unit=Unit.PERCENT),
    Field("territory.t12", Kind.MONEY, "closed revenue of the last 12 full months", ("revenue.territory",)),
    Field("territory.revenue_accounts", Kind.COUNT, "accounts with revenue in T12", SALES),
    Field("territory.named", Kind.BOOL, "a named-account territory", ("territories.named",)),
)
_SHAPE = by(
    "engine.metrics.territory",
    Field("territory.name", Kind.TEXT, "its name", ("territories.name",)),
    Field("territory.region", Kind.TEXT, "region it belongs to", ("territories.region",), optional=True),
    Field("territory.segmentation", Kind.TEXT, "how it is cut: named, vertical, geographic or pooled",
          ("territories.segmentation",), optional=True),
    Field("territory.age_months", Kind.COUNT, "full months since its definition last changed",
          ("territories.changed_on",)),
    Field("territory.accounts", Kind.COUNT, "accounts that lie in it", ("accounts.territory",)),
    Field("territory.reps", Kind.COUNT, "reps who work it", ("assignments",)),
    Field("territory.tam", Kind.MONEY, "potential of its accounts", ("accounts.territory", "potential")),
    Field("territory.revenue_per_account", Kind.MONEY, "T12 by accounts with revenue", SALES),
    Field("territory.capture_rate", Kind.RATIO, "T12 by TAM",
          ("revenue.territory", "accounts.territory", "potential"), unit=Unit.PERCENT),
    Field("territory.capture_top_quartile", Kind.BOOL, "its capture rate ranks in the top quartile",
          ("revenue.territory", "accounts.territory", "potential")),
    Field("territory.capture_bottom_quartile", Kind.BOOL, "its capture rate ranks in the bottom quartile",
          ("revenue.territory", "accounts.territory", "potential")),
    Field("territory.win_rate", Kind.RATIO, "deals won in T12 by deals created in T12", _DEALS, unit=Unit.PERCENT),
    Field("territory.win_rate_distance", Kind.RATIO, "distance of its win rate from the company's, above or below",
          _DEALS, unit=Unit.POINTS),
)
_TO_COME = (
    Field("territory.driving_hours", Kind.COUNT, "driving hours a month"),
    Field("territory.travel_share", Kind.RATIO, "working time spent travelling", unit=Unit.PERCENT),
    Field("territory.pipeline_coverage", Kind.RATIO, "open pipeline that closes in the period, by its quota",
          unit=Unit.RATIO),
    Field("territory.coverage_a", Kind.RATIO, "A accounts contacted in 90 days by all A accounts; none: unknown",
          unit=Unit.PERCENT),
    Field("territory.coverage_b", Kind.RATIO, "the same for B accounts", unit=Unit.PERCENT),
    Field("territory.coverage_c", Kind.RATIO, "the same for C accounts", unit=Unit.PERCENT),
    Field("territory.touches_share", Kind.RATIO, "touches in the year by those its tiers require", unit=Unit.PERCENT),
    Field("territory.whitespace_touched", Kind.RATIO, "prospects touched within six months by all prospects",
          unit=Unit.PERCENT),
    Field("territory.high_fit_contacted", Kind.RATIO, "high-fit prospects contacted in the year, by all of them",
          unit=Unit.PERCENT),
    Field("territory.affinity_conflicts", Kind.COUNT, "accounts whose owner has far less affinity than the best rep"),
    Field("territory.market_class", Kind.TEXT, "mature, greenfield or other", optional=True),
    Field("territory.market_growth", Kind.RATIO, "expected growth of its market in the year", unit=Unit.PERCENT),
    Field("territory.high_competition", Kind.BOOL, "competition in it is high"),
    Field("territory.outside_sales", Kind.BOOL, "its reps meet customers in the field"),
    Field("territory.new_logos_quarter", Kind.COUNT, "accounts that bought for the first time in the latest quarter"),
    Field("territory.expansion_share", Kind.RATIO, "growth of last year's customers by their revenue of last year",
          unit=Unit.PERCENT),
    Field("territory.meetings_a_week", Kind.RATIO, "customer meetings a week and field rep", unit=Unit.RATIO),
    Field("territory.calls_a_week", Kind.RATIO, "calls a week and inside rep", unit=Unit.RATIO),
    Field("territory.pipeline_created", Kind.MONEY, "value of the opportunities created in the month"),
    Field("territory.pipeline_velocity", Kind.MONEY, "open deals times win rate times mean value, a day of the cycle"),
    Field("territory.cost_per_meeting", Kind.MONEY, "cost of sales by customer meetings"),
)
# fmt: on

TERRITORY = (*_ATTAINED, *_BALANCE, *_SHAPE, *_TO_COME)
