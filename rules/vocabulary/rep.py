"""The facts of a rep whose book changes through the moves: who it is, what is lost, and what was earned before."""

from rules.kinds import Kind, Unit
from rules.vocabulary.fact import ATTAINMENT, Field, by

_BASE = ("base_months", "base_lookback_months", "leave_days_in_month")

# fmt: off
# One fact a line or two: a table is read as a table.
_PROTECTION = by(
    "engine.metrics.protection",
    Field("rep.t12_reduction", Kind.RATIO, "share by which the book's T12 falls through the moves",
          ("revenue.account",), unit=Unit.PERCENT),
    Field("rep.tam_reduction", Kind.RATIO, "share by which the book's TAM falls through the moves",
          ("potential",), unit=Unit.PERCENT),
    Field("rep.base_months", Kind.COUNT, "full months in the earnings base that are not leave months",
          ("compensation",), uses=_BASE),
    Field("rep.base_commission", Kind.MONEY, "commission in the base", ("compensation",),
          uses=("least_base_months",)),
    Field("rep.base_earnings", Kind.MONEY, "earnings in the base, one-offs and earlier top-ups left out",
          ("compensation",), uses=("least_base_months",)),
    Field("rep.asked_for_it", Kind.BOOL, "the rep asked for the reduction", ("moves.requester",)),
    Field("rep.left_on", Kind.DATE, "day the rep left", ("reps.left_on",), optional=True),
)
_PERSON = by(
    "engine.metrics.protection",
    Field("rep.name", Kind.TEXT, "the rep's name", ("reps.name",)),
    Field("rep.region", Kind.TEXT, "region of the rep", ("reps.region",), optional=True),
    Field("rep.size_segment", Kind.TEXT, "size segment served", ("reps.size_segment",), optional=True),
    Field("rep.quota_carrying", Kind.BOOL, "carries a quota by role", ("reps.quota_carrying",)),
    Field("rep.tenure", Kind.DAYS, "days since hired, on the day the first of the accounts moves",
          ("reps.hired_on", "moves.effective")),
    Field("rep.effective", Kind.DATE, "day on which the first of the accounts moves", ("moves.effective",)),
    Field("rep.announced_on", Kind.DATE, "day on which the first of the moves was announced",
          ("moves.announced_on",), optional=True),
    Field("rep.t12_before", Kind.MONEY, "T12 of the book before the moves", ("revenue.account", "ownership")),
    Field("rep.t12_after", Kind.MONEY, "T12 of the book after all moves, on the same snapshot",
          ("revenue.account", "ownership")),
    Field("rep.tam_before", Kind.MONEY, "TAM of the book before the moves", ("potential", "ownership")),
    Field("rep.tam_after", Kind.MONEY, "TAM of the book after all moves", ("potential", "ownership")),
    Field("rep.mean_tam", Kind.MONEY, "mean TAM of the books of all quota-carrying reps, after all moves",
          ("potential", "ownership", "reps.quota_carrying")),
    Field("rep.attainment", Kind.RATIO, "T4Q attainment", ATTAINMENT, unit=Unit.PERCENT),
)
_TO_COME = (
    Field("rep.disadvantaged", Kind.BOOL, "among those whom the fairness simulation leaves worse off"),
    Field("rep.voluntary_transfer_on", Kind.DATE, "day of a transfer that the rep asked for", optional=True),
    Field("rep.protected_until", Kind.DATE, "last day of a protection by an earlier move", optional=True),
    Field("rep.quota", Kind.MONEY, "quota of the period in which the first of the accounts moves"),
    Field("rep.quota_progress", Kind.RATIO, "actual by quota of the running period", unit=Unit.PERCENT),
    Field("rep.market_class", Kind.TEXT, "mature, greenfield or other: the market of the rep's territories",
          optional=True),
    Field("rep.high_competition", Kind.BOOL, "competition in the rep's territories is high"),
    Field("rep.company_target", Kind.MONEY, "the company's target of the year"),
    Field("rep.company_reps", Kind.COUNT, "quota-carrying reps who share it"),
)
# fmt: on

REP = (*_PROTECTION, *_PERSON, *_TO_COME)
