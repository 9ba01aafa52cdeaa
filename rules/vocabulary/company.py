"""The facts of the company: attainment, people, events, dispersion over territories, drift (docs/domain.md, 2 and 3).

A `…_cv` is a coefficient of variation, the population standard deviation by the mean, cut off after six decimals: `<`
and `>=` are exact against every limit of at most six decimals (20 % has one), and no other comparison is.
"""

from rules.kinds import Kind, Unit
from rules.vocabulary.fact import ATTAINMENT, BALANCE, SALES, UNITS, Field, by

_DEALS = ("opportunities.status", "opportunities.created_on", "opportunities.closed_on", "opportunities.account",
          "accounts.territory")  # fmt: skip

# fmt: off
# One fact a line or two: a table is read as a table.
_ATTAINED = by(
    "engine.metrics.attainment",
    Field("company.attainment_spread", Kind.RATIO,
          "largest minus smallest T4Q attainment over active, quota-carrying reps", ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_quarter", Kind.RATIO, "the same over the latest full quarter alone",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_earlier", Kind.RATIO, "the T4Q spread as it stood one quarter earlier",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_without_latest", Kind.RATIO, "the spread over T4Q less its latest quarter",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_without_lowest", Kind.RATIO, "the T4Q spread without the unique lowest rep",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.lowest_attainment", Kind.RATIO, "T4Q attainment of the lowest rep", ATTAINMENT, unit=Unit.PERCENT),
    Field("company.lowest_is_unique", Kind.BOOL, "one rep alone has the lowest T4Q attainment", ATTAINMENT),
    Field("company.reps_in_spread", Kind.COUNT, "reps with four full quarters", ATTAINMENT),
)
_CONCLUDED = by(
    "engine.audit",
    Field("company.lowest_territories_out_of_band", Kind.COUNT,
          "balance metrics out of band in the lowest rep's territories, attainment left out",
          (*ATTAINMENT, *BALANCE, "potential")),
    Field("company.candidate_territories", Kind.COUNT, "territories with two or more balance metrics out of band",
          (*BALANCE, "potential", "capacity", "quotas")),
    Field("company.candidate_share", Kind.RATIO, "candidate territories by all territories with accounts and reps",
          (*BALANCE, "potential", "capacity", "quotas"), unit=Unit.PERCENT),
    Field("company.candidates_at_least",
          Kind.COUNT, "candidates that are certain, whatever undecided territories turn out to be"),
    Field("company.candidate_share_at_least", Kind.RATIO, "certain candidates by all territories", unit=Unit.PERCENT),
    Field("company.reviewed_territories", Kind.COUNT, "territories whose own outcome is `review`"),
    Field("company.reviewed_territories_at_least", Kind.COUNT, "those that are certain"),
)
_PEOPLE_AND_EVENTS = by(
    "engine.metrics.company",
    Field("company.headcount_turnover", Kind.RATIO,
          "the larger of joined and left in the turnover days, by headcount at their start",
          ("reps.hired_on", "reps.left_on"), unit=Unit.PERCENT, uses=("turnover_days",)),
    Field("company.open_requests", Kind.COUNT, "open requests for a rebalance", ("events",), uses=("event_days",)),
    Field("company.open_mergers", Kind.COUNT, "open mergers, acquisitions and major partnerships",
          ("events",), uses=("event_days",)),
    Field("company.open_icp_shifts", Kind.COUNT, "open shifts of the ideal customer profile", ("events",),
          uses=("event_days",)),
    Field("company.open_segment_entries", Kind.COUNT, "open entries into a product, geography or vertical",
          ("events",), uses=("event_days",)),
    Field("company.open_departures", Kind.COUNT, "open departures of a rep", ("events",), uses=("event_days",)),
    Field("company.open_headcount_changes", Kind.COUNT, "open changes of headcount", ("events",),
          uses=("event_days",)),
    Field("company.unanswered_events", Kind.COUNT, "events never closed whose days have passed", ("events",),
          uses=("event_days",)),
    Field("company.rep_retention", Kind.RATIO, "quota-carrying reps of a year ago who are still employed, by all",
          ("reps.quota_carrying", "reps.hired_on", "reps.left_on"), unit=Unit.PERCENT),
    Field("company.reps_below_one_year", Kind.RATIO, "reps of less than one year's tenure by all reps",
          ("reps.hired_on", "reps.quota_carrying"), unit=Unit.PERCENT),
    Field("company.reps_from_three_years", Kind.RATIO, "reps of three years' tenure and more by all reps",
          ("reps.hired_on", "reps.quota_carrying"), unit=Unit.PERCENT),
)
_DISPERSION = by(
    "engine.metrics.dispersion",
    Field("company.revenue_cv", Kind.RATIO, "CV of T12 over territories", ("revenue.territory",), unit=Unit.PERCENT),
    Field("company.potential_cv", Kind.RATIO, "CV of TAM over territories",
          ("accounts.territory", "potential"), unit=Unit.PERCENT),
    Field("company.accounts_cv", Kind.RATIO, "CV of the number of accounts over territories",
          ("accounts.territory",), unit=Unit.PERCENT),
    Field("company.attainment_cv", Kind.RATIO, "CV of T4Q attainment over territories",
          (*ATTAINMENT, "assignments"), unit=Unit.PERCENT),
    Field("company.territory_attainment_spread", Kind.RATIO,
          "largest minus smallest T4Q attainment over territories", (*ATTAINMENT, "assignments"), unit=Unit.POINTS),
    Field("company.highest_utilisation", Kind.RATIO, "account units by target units of the fullest book",
          ("potential", "capacity", "ownership"), unit=Unit.RATIO, uses=UNITS),
    Field("company.highest_utilisation_at_least", Kind.RATIO, "the same of the books that are known",
          ("potential", "capacity", "ownership"), unit=Unit.RATIO, uses=UNITS),
    Field("company.largest_account_share_change", Kind.RATIO,
          "largest rise of any territory's largest-account share against a year earlier", SALES, unit=Unit.POINTS),
)
_QUARTILES = by(
    "engine.metrics.quartiles",
    Field("company.open_departures_top_quartile", Kind.COUNT,
          "open departures of a rep who ranked in the top quartile of the region's reps, by attainment over the four "
          "full quarters before leaving",
          (*ATTAINMENT, "events.rep", "reps.region"), uses=("event_days",)),
)
_WINS = by(
    "engine.metrics.wins",
    Field("company.win_rate", Kind.RATIO, "deals won in T12 by deals created in T12", _DEALS, unit=Unit.PERCENT),
    Field("company.win_rate_gap", Kind.RATIO, "largest minus smallest win rate over territories", _DEALS,
          unit=Unit.POINTS),
)
_INPUTS = by(
    "engine.facts",
    Field("company.inputs_missing", Kind.COUNT, "data sets of the six that the snapshot does not have"),
)
_TO_COME = (
    Field("company.satisfaction", Kind.RATIO,
          "satisfied answers of an anonymous survey by all answers; unknown for fewer than five", unit=Unit.PERCENT),
    Field("company.productivity_change", Kind.RATIO, "T12 by quota-carrying rep against a year earlier",
          ("revenue", "reps.quota_carrying", "reps.hired_on"), unit=Unit.PERCENT),
    Field("company.top_decile_postcode_share_change", Kind.RATIO,
          "revenue share of the top tenth of postcodes, against four quarters earlier", unit=Unit.POINTS),
    Field("company.coverage_below_target_share", Kind.RATIO,
          "territories whose A or B accounts are contacted less than the target, by all territories",
          unit=Unit.PERCENT),
)
# fmt: on

COMPANY = (*_ATTAINED, *_CONCLUDED, *_PEOPLE_AND_EVENTS, *_DISPERSION, *_QUARTILES, *_WINS, *_INPUTS, *_TO_COME)
