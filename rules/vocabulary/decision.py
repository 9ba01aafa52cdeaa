"""The facts of a decision at its commit, and of one of its review days (docs/domain.md, 7 and 8)."""

from rules.kinds import Kind, Unit
from rules.vocabulary.fact import ATTAINMENT, PIPELINE, Field, by

_FACTS = "governance.decision_facts"

# fmt: off
# One fact a line or two: a table is read as a table.
_FRAME = (
    *by(
        _FACTS,
        Field("decision.has_owner", Kind.BOOL, "somebody owns it"),
        Field("decision.has_horizon", Kind.BOOL, "it says for how long it is meant to hold"),
        Field("decision.has_rationale", Kind.BOOL, "it says why"),
        Field("decision.evidence_links", Kind.COUNT, "links to evidence"),
        Field("decision.options_besides_status_quo", Kind.COUNT, "options that change something"),
        Field("decision.unwilling_to_act", Kind.BOOL, "the team says that it will not act, whatever comes out"),
        Field("decision.assumptions", Kind.COUNT, "assumptions that it names"),
        Field("decision.assumptions_unowned", Kind.COUNT, "those without owner, update rule or cadence"),
        Field("decision.open_questions", Kind.COUNT, "questions that it leaves open"),
    ),
    Field("decision.metrics_locked", Kind.BOOL, "metric definitions are fixed by version"),
    Field("decision.context_changed_days", Kind.DAYS, "days since an input last changed materially", optional=True),
)
_INPUTS = (
    *by(
        _FACTS,
        Field("decision.stale_inputs", Kind.COUNT, "data sets that it uses and that are past their cadence"),
        Field("decision.unowned_inputs", Kind.COUNT, "data sets that it uses and that nobody owns"),
        Field("decision.guessed_inputs", Kind.COUNT, "data sets that it uses and that are graded `guess`"),
        Field("decision.missing_inputs", Kind.COUNT, "data sets of the six that it does without"),
    ),
    Field("decision.unaudited_inputs", Kind.COUNT, "data sets that it uses and that nobody audited"),
    Field("decision.weak_sole_support", Kind.BOOL,
          "a fired trigger rests only on what is unaudited or graded `estimate`"),
)
_COMPARE = (
    *by(
        _FACTS,
        Field("decision.same_snapshot", Kind.BOOL, "every option was computed on one snapshot and one set of metrics"),
        Field("decision.deviates", Kind.BOOL, "it departs from what was recommended"),
        Field("decision.has_deviation_reason", Kind.BOOL, "it says why it departs"),
        Field("decision.accounts_moved", Kind.COUNT, "accounts that change hands"),
        Field("decision.reps_disrupted", Kind.COUNT, "reps whose book changes"),
        Field("decision.denied_moves", Kind.COUNT, "moves of the chosen option that are denied"),
        Field("decision.held_moves", Kind.COUNT, "moves of it that are on hold"),
    ),
    Field("decision.best_rebalance_potential_cv", Kind.RATIO, "CV of TAM that the best rebalance option leaves",
          unit=Unit.PERCENT),
    Field("decision.open_structural_triggers", Kind.COUNT,
          "open triggers that a rebalance does not answer: ICP shift, merger, segment entry"),
    Field("decision.path", Kind.TEXT, "status-quo, rebalance, pilot or redesign"),
    Field("decision.fairness_population", Kind.COUNT,
          "reps whose book or quota changes and who have a book before and after"),
    Field("decision.fairness_better", Kind.COUNT, "those of them who end equal or better"),
    Field("decision.fairness_share", Kind.RATIO, "equal or better by all of them", unit=Unit.PERCENT),
    Field("decision.projected_spread", Kind.RATIO, "T4Q attainment spread that the chosen option is to reach",
          unit=Unit.POINTS),
    Field("decision.revenue_coverage", Kind.RATIO,
          "T12 of accounts whose proposed owner is active, in segment and not overfull, by all T12",
          unit=Unit.PERCENT),
    Field("decision.protection_cost", Kind.MONEY, "most that the protections can cost"),
    Field("decision.weeks_to_complete", Kind.COUNT, "weeks until the last handoff"),
)
_COMMIT = (
    *by(
        _FACTS,
        Field("decision.approvals", Kind.COUNT, "distinct people who approved it, the requester left out"),
        Field("decision.objections_unanswered", Kind.COUNT, "objections of reviewers without an answer"),
        Field("decision.risks_unmitigated", Kind.COUNT, "risks without a mitigation"),
        Field("decision.reviews_scheduled", Kind.COUNT, "review days with a date"),
        Field("decision.review_triggers", Kind.COUNT, "review triggers"),
        Field("decision.stop_conditions", Kind.COUNT, "stop conditions"),
        Field("decision.reversal_signals", Kind.COUNT, "reversal signals"),
        Field("decision.has_escalation_path", Kind.BOOL, "it says who hears of it next"),
        Field("decision.has_communication_plan", Kind.BOOL, "it says who is told what and when"),
        Field("decision.has_next_steps", Kind.BOOL, "it says what happens first"),
    ),
    Field("decision.names_data_risk", Kind.BOOL, "poor data quality is among its risks"),
    Field("decision.names_execution_risk", Kind.BOOL, "slow execution is among its risks"),
    Field("decision.bottom_quartile_receives", Kind.COUNT,
          "accounts of a departed top-quartile rep that go to reps of the bottom quartile"),
)

DECISION = (*_FRAME, *_INPUTS, *_COMPARE, *_COMMIT)

REVIEW = (
    *by(
        "governance.review_facts",
        Field("review.territory", Kind.TEXT, "the territory reviewed; none for the whole scenario", optional=True),
        Field("review.day", Kind.DAYS,
              "30, 60 or 90: the latest that has come unanswered; else days since the decision took effect"),
        Field("review.month", Kind.COUNT, "full months since then"),
        Field("review.attainment_shortfall", Kind.RATIO,
              "expected less actual T4Q attainment, by expected: as projected, else as at commit", ATTAINMENT,
              unit=Unit.PERCENT),
        Field("review.pipeline_shortfall", Kind.RATIO, "the same of the open pipeline", PIPELINE, unit=Unit.PERCENT),
        Field("review.quota_progress_shortfall", Kind.RATIO,
              "the same of actual by quota of the running quarter to date", ATTAINMENT, unit=Unit.PERCENT),
        Field("review.quota_attainment", Kind.RATIO, "actual by quota since the decision took effect, quota by days",
              ATTAINMENT, unit=Unit.PERCENT),
        Field("review.quarter_attainment", Kind.RATIO, "actual by quota of the latest full quarter", ATTAINMENT,
              unit=Unit.PERCENT),
        Field("review.stale_inputs", Kind.COUNT, "data sets that it rests on and that are past their cadence"),
        Field("review.overdue_days", Kind.DAYS,
              "days since the first review day that no earlier review answered, 0 for none"),
        Field("review.unanswered_escalation_days", Kind.DAYS,
              "days since the first review that escalated, with none after it that answered less; none for no such",
              optional=True),
        Field("review.expired_waivers", Kind.COUNT, "waivers of the decision that ran out"),
    ),
    Field("review.amount_change", Kind.RATIO, "largest relative change of an assumed amount since commit",
          unit=Unit.PERCENT),
    Field("review.rate_change", Kind.RATIO, "largest change of an assumed rate since commit, up or down",
          unit=Unit.POINTS),
    Field("review.answer", Kind.TEXT, "continue, adapt or stop", optional=True),
    Field("review.swap_tested", Kind.BOOL, "it was tested whether the rep or the quota is the cause"),
    Field("review.published_map", Kind.BOOL, "the new map is published"),
)
# fmt: on
