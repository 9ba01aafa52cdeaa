"""What the analysis finds in small policies, each with the case that shows it, and what it says of the shipped ones."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from engine.analysis.analysis import analyse, analysis_summary, fields_by_subject
from engine.analysis.finding import Analysis, Finding, Sort, left_out_words
from engine.analysis.words import case_words, given_block
from engine.examples import try_examples
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place
from rules.proof.claim import read_claim, read_claims
from rules.proof.solver import Budget
from rules.reading.load import load_policies
from tests.engine.asking import DAY, policy


def move(name: str, when: str, effect: str = "deny") -> str:
    return f"id: {name}, kind: engagement, subject: move, effect: {effect}, when: '{when}'"


def declared(body: str) -> PolicySet:
    """A policy with more than rules."""
    return load_policies([("test.yaml", f"policy: p\ntitle: t\nowner: o\n{body}")])


def analysed(policies: PolicySet, *claims: str, earlier: PolicySet | None = None) -> Analysis:
    read = [read_claim(claim, f"C{n}", Place("claims")) for n, claim in enumerate(claims)]
    return analyse(policies, DAY, Budget(), earlier=earlier, claims=read)


def found(analysis: Analysis, sort: Sort) -> list[Finding]:
    return [finding for finding in analysis.findings if finding.sort is sort]


def told(findings: Sequence[Finding]) -> list[tuple[tuple[str, ...], str]]:
    return [(finding.names, finding.message) for finding in findings]


def given(finding: Finding, policies: PolicySet) -> str:
    assert finding.case is not None
    return given_block(finding.case, fields_by_subject(policies)[finding.subject])


def test_a_rule_that_contradicts_itself_is_never_true() -> None:
    analysis = analysed(policy(move("R", "account.late_deals > 5 && account.late_deals < 5")))
    assert told(analysis.findings) == [(("R",), "never true; it may be unknown")]
    assert analysis.findings[0].sort is Sort.NEVER_TRUE


def test_a_rule_whose_parameter_has_no_value_on_the_day_is_never_true() -> None:
    late = "{many: {unit: count, values: {2030-01-01: {value: 5, source: s}}}}"
    analysis = analysed(policy(move("R", "account.late_deals > many"), parameters=late))
    assert told(analysis.findings) == [(("R",), "never true: `many` has no value on the day; it may be unknown")]


def test_a_rule_whose_range_ends_below_its_limit_is_never_true() -> None:
    assert found(analysed(policy(move("R", "account.late_deals > 1000000000"))), Sort.NEVER_TRUE)
    assert not found(analysed(policy(move("R", "account.late_deals >= 1000000000"))), Sort.NEVER_TRUE)


def test_a_rule_that_covers_every_number_is_always_true() -> None:
    policies = policy(move("R", "account.late_deals > 5 || account.late_deals <= 5"))
    analysis = analysed(policies)
    assert told(found(analysis, Sort.ALWAYS_TRUE)) == [
        (("R",), "never false: wherever its facts are known it is true"),
    ]
    assert given(analysis.findings[0], policies) == "given:\n  account.late_deals: 0"


def test_a_count_that_its_indicators_cannot_reach_is_never_true() -> None:
    policies = policy(
        "id: I1, kind: indicator, group: g, subject: company, when: 'company.open_mergers > 3'",
        "id: I2, kind: indicator, group: g, subject: company, when: 'company.open_mergers < 2'",
        "id: T, kind: trigger, subject: company, effect: rebalance, count: {group: g, at_least: 2}",
    )
    assert (("T",), "never true; it may be unknown") in told(analysed(policies).findings)


def test_a_rule_below_a_wider_one_of_the_same_level_is_masked_by_it() -> None:
    analysis = analysed(policy(move("WIDE", "account.late_deals > 5"), move("NARROW", "account.late_deals > 9")))
    assert told(analysis.findings) == [
        (("NARROW", "WIDE"), "changes no answer: wherever it counts, `WIDE` reaches as much"),
    ]


def test_a_milder_rule_is_masked_by_a_wider_stricter_one_and_not_the_other_way_round() -> None:
    hold = move("HOLD", "account.late_deals > 9", "hold")
    assert [f.names for f in found(analysed(policy(move("DENY", "account.late_deals > 5"), hold)), Sort.MASKED)] == [
        ("HOLD", "DENY")
    ]
    wide = move("HOLD", "account.late_deals > 5", "hold")
    assert not found(analysed(policy(move("DENY", "account.late_deals > 9"), wide)), Sort.MASKED)


def test_a_rule_is_not_masked_by_one_that_may_be_waived() -> None:
    wide = move("WIDE", "account.late_deals > 5", "deny, waivable: by vp-sales")
    assert not found(analysed(policy(wide, move("NARROW", "account.late_deals > 9"))), Sort.MASKED)


def test_an_approval_by_another_role_is_not_masked() -> None:
    both = (
        move("A", "account.late_deals > 5", "require_approval, roles: [vp-sales]"),
        move("B", "account.late_deals > 9", "require_approval, roles: [sales-ops]"),
    )
    assert not found(analysed(policy(*both)), Sort.MASKED)


def test_a_rule_that_several_cover_together_is_masked_by_several() -> None:
    analysis = analysed(
        policy(
            move("LOW", "account.late_deals < 5"),
            move("HIGH", "account.late_deals >= 5"),
            move("ANY", "account.late_deals != 5"),
        )
    )
    assert (("ANY",), "changes no answer: wherever it counts, one of several other rules reaches as much") in told(
        found(analysis, Sort.MASKED)
    )


def test_what_is_only_owed_is_not_called_masked() -> None:
    owed = move("OWED", "account.late_deals > 9", "require, obligation: call")
    assert not found(analysed(policy(move("R", "account.late_deals > 5"), owed)), Sort.MASKED)


def test_two_wordings_of_one_condition_are_found() -> None:
    analysis = analysed(
        policy(
            move("A", "account.named && account.late_deals > 5"),
            move("B", "!(account.late_deals <= 5 || !account.named)", "hold"),
            move("C", "account.named && account.late_deals > 6", "hold"),
        )
    )
    assert [finding.names for finding in found(analysis, Sort.SAME_CONDITION)] == [("B", "A")]


def test_a_value_that_two_neighbours_leave_out_is_a_gap() -> None:
    policies = policy(
        "id: W, kind: trigger, subject: company, effect: watch, when: 'company.attainment_spread < points(\"30\")'",
        "id: T, kind: trigger, subject: company, effect: rebalance, when: 'company.attainment_spread > points(\"30\")'",
    )
    analysis = analysed(policies)
    message = "`W` holds just below and `T` just above, neither at `company.attainment_spread` = 30.00 points"
    assert told(analysis.findings) == [(("W", "T"), message)]
    assert given(analysis.findings[0], policies) == "given:\n  company.attainment_spread: 30"


def test_neighbours_that_meet_have_no_gap_and_no_overlap() -> None:
    policies = policy(
        "id: W, kind: trigger, subject: company, effect: watch, when: 'company.attainment_spread <= points(\"30\")'",
        "id: T, kind: trigger, subject: company, effect: rebalance, when: 'company.attainment_spread > points(\"30\")'",
    )
    assert analysed(policies).findings == ()


def test_a_gap_that_a_third_rule_closes_is_none() -> None:
    policies = policy(
        move("A", "account.late_deals < 5"),
        move("B", "account.late_deals > 5", "hold"),
        move("C", "account.late_deals >= 4 && account.late_deals <= 6", "require_approval, roles: [r]"),
    )
    assert not found(analysed(policies), Sort.GAP)


def test_a_value_that_both_neighbours_claim_is_an_overlap() -> None:
    policies = policy(move("NEW", "to_rep.tenure <= days(90)"), move("OLD", "to_rep.tenure >= days(90)", "hold"))
    analysis = analysed(policies)
    assert [(f.sort, f.names) for f in analysis.findings] == [(Sort.OVERLAP, ("NEW", "OLD"))]
    assert given(analysis.findings[0], policies) == "given:\n  to_rep.tenure: 90"


TABLE = """
tables:
  - name: notice
    subject: move
    hit: {hit}
    inputs: [account.late_deals, account.named]
    unit: days
    source: s
    rows:
      - {{if: ["< 5", "-"], then: 14}}
      - {{if: [{second}, "-"], then: 28}}
      - {{if: ["-", "true"], then: 56}}
    {rest}
    examples: [{{name: n, given: {{account.late_deals: 1, account.named: false}}, expect: 14}}]
"""


def test_rows_of_a_unique_table_that_fit_together_overlap() -> None:
    policies = declared(TABLE.format(hit="unique", second='">= 5"', rest="otherwise: 1"))
    overlaps = found(analysed(policies), Sort.OVERLAP)
    assert [f.message for f in overlaps] == [
        "rows 1 and 3 both fit, and the table is `unique`",
        "rows 2 and 3 both fit, and the table is `unique`",
    ]
    assert given(overlaps[0], policies) == "given:\n  account.late_deals: 0\n  account.named: true"


def test_a_value_that_no_row_answers_is_a_gap() -> None:
    policies = declared(TABLE.format(hit="first", second='"> 5"', rest=""))
    gaps = found(analysed(policies), Sort.GAP)
    assert told(gaps) == [(("notice",), "no row answers, and there is no `otherwise`")]
    assert given(gaps[0], policies) == "given:\n  account.late_deals: 5\n  account.named: false"


def test_a_row_behind_rows_that_cover_everything_is_never_reached() -> None:
    policies = declared(TABLE.format(hit="first", second='">= 5"', rest="otherwise: 1"))
    unreached = found(analysed(policies), Sort.UNREACHED)
    assert [f.message for f in unreached] == ["row 3 never answers: where it fits, a stronger row does"]


def test_a_derived_value_that_an_earlier_case_always_gives_is_never_reached_and_a_gap_is_seen() -> None:
    policies = declared("""
derive:
  - name: account.care
    subject: move
    source: s
    cases:
      - {when: account.late_deals > 3, value: high}
      - {when: account.late_deals > 5, value: highest}
    examples: [{name: n, given: {account.late_deals: 4}, expect: high}]
""")
    analysis = analysed(policies)
    assert told(found(analysis, Sort.UNREACHED)) == [
        (("account.care",), 'case 2, "highest", never answers: an earlier one always does')
    ]
    assert given(found(analysis, Sort.GAP)[0], policies) == "given:\n  account.late_deals: 0"


def test_a_version_that_denies_more_is_shown_a_move_that_is_newly_denied() -> None:
    old = policy(move("R", "account.late_deals > 5"))
    new = policy(move("R", "account.late_deals > 4"))
    changed = found(analysed(new, earlier=old), Sort.CHANGED)
    assert told(changed) == [(("R",), "newly deny, was allow: `R`")]
    assert case_words(changed[0].case, fields_by_subject(new)["move"]) == "account.late_deals = 5"  # type: ignore[arg-type]


def test_a_version_without_a_rule_is_shown_what_is_newly_allowed() -> None:
    old = policy(move("R", "account.named"), move("S", "account.late_deals > 5", "hold"))
    new = policy(move("S", "account.late_deals > 5", "hold"))
    changed = found(analysed(new, earlier=old), Sort.CHANGED)
    assert [f.message for f in changed] == [
        "newly hold, was deny: `R`",
        "newly allow, was deny: `R`",
        "newly allow, was hold: `R`",
    ]


def test_a_version_that_says_the_same_in_other_words_changes_nothing() -> None:
    old = policy(move("R", "!(account.named || account.late_deals > 5)"))
    new = policy(move("R", "!account.named && account.late_deals <= 5"))
    assert found(analysed(new, earlier=old), Sort.CHANGED) == []


def test_a_parameter_that_changes_shows_a_case_between_the_two_values() -> None:
    def limited(days: int) -> PolicySet:
        limit = f"{{cooldown: {{unit: days, values: {{2020-01-01: {{value: {days}, source: s}}}}}}}}"
        return policy(move("R", "to_rep.tenure < cooldown"), parameters=limit)

    changed = found(analysed(limited(120), earlier=limited(90)), Sort.CHANGED)
    newly_denied = next(f for f in changed if f.message.startswith("newly deny, was allow"))
    assert newly_denied.case is not None
    tenure = newly_denied.case.facts["to_rep.tenure"]
    assert isinstance(tenure, int)
    assert 90 <= tenure < 120


APPROVAL = move("A", "account.strategic_anchor", "require_approval, roles: [vp-sales]")
PROOF = "if account.strategic_anchor then not allow unless approved(vp-sales) or waived by vp-sales"


def test_a_claim_that_follows_is_proven() -> None:
    analysis = analysed(policy(APPROVAL, move("B", "account.named", "deny, waivable: by vp-sales")), PROOF)
    assert [proof.text for proof in analysis.proven] == [PROOF]
    assert analysis.findings == ()


def test_a_claim_is_refuted_by_a_case_and_what_people_said_of_it() -> None:
    waivable = APPROVAL.replace("effect", "waivable: by sales-ops, effect").replace(
        "roles: [vp-sales]", "roles: [vp-sales]"
    )
    also = move("B", "account.named", "deny, waivable: by vp-sales")
    policies = policy(waivable, also)
    (refuted,) = analysed(policies, PROOF).findings
    assert refuted.sort is Sort.REFUTED
    assert given(refuted, policies).splitlines() == [
        "given:",
        "  account.named: false",
        "  account.strategic_anchor: true",
        "# waived: A",
    ]


def test_a_claim_about_what_is_possibly_so_also_speaks_of_the_unknown() -> None:
    silent = policy(move("A", "account.named", "deny, on_unknown: none"))
    certain, possible = "if account.named then deny", "if possibly account.named then deny"
    assert [proof.text for proof in analysed(silent, certain).proven] == [certain]
    (refuted,) = analysed(silent, possible).findings
    assert refuted.case is not None
    assert refuted.case.facts == {}


def test_a_claim_without_a_condition_speaks_of_every_subject() -> None:
    assert analysed(policy(APPROVAL), "always allow or approval").proven
    assert analysed(policy(APPROVAL), "always not deny").proven
    assert not analysed(policy(APPROVAL), "always allow unless fires(A)").proven
    assert analysed(policy(APPROVAL, move("B", "account.named", "deny")), "if account.named then deny").proven


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ("if account.named then forbidden", "there is no level `forbidden`"),
        ("if account.nmed then deny", "unknown fact `account.nmed`"),
        ("if account.named then not allow unless approved(vp)", "there is no role that approves `vp`"),
        ("if account.named then not allow unless waived(Z)", "there is no rule `Z`"),
        ("if account.named then not allow unless waived(A)", "nobody may waive rule `A`"),
        ("if account.late_deals then deny", "a condition must be true or false"),
    ],
)
def test_a_claim_that_names_what_is_not_there_is_refused(claim: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        analysed(policy(APPROVAL, move("B", "account.named", "deny")), claim)
    assert [p.message for p in refused.value.problems] == [problem]


def test_what_is_not_settled_is_said_and_a_claim_is_then_unproven() -> None:
    policies = policy(APPROVAL)
    claim = read_claim(PROOF.replace(" or waived by vp-sales", ""), "C", Place("claims"))
    analysis = analyse(policies, DAY, Budget(together=0), claims=[claim])
    assert [f.sort for f in analysis.findings] == [Sort.UNPROVEN]
    assert analysis.proven == ()
    assert analysis.settled == 0
    assert any("whether `A` is ever true" in item.question for item in analysis.left_out)


def test_a_clock_that_has_run_out_ends_the_search() -> None:
    analysis = analyse(policy(APPROVAL), DAY, Budget(clock=lambda: 5, until=5))
    assert analysis.settled == 0
    assert analysis.left_out


def test_rules_that_are_not_in_force_are_said_to_be_left_out() -> None:
    analysis = analyse(policy(APPROVAL), date(2025, 1, 1), Budget())
    assert [(item.question, item.why) for item in analysis.left_out] == [("1 rule", "not in force on 2025-01-01")]


def test_the_same_policies_are_analysed_to_the_same_words() -> None:
    policies = policy(move("WIDE", "account.late_deals > 5"), move("NARROW", "account.late_deals > 9"), APPROVAL)
    claim = "if account.named then not allow"
    assert analysed(policies, claim) == analysed(policies, claim)


@pytest.fixture(scope="module")
def shipped(project: Path) -> PolicySet:
    files = sorted((project / "policies").glob("*.yaml"))
    return load_policies([(file.name, file.read_text("utf-8")) for file in files])


def test_no_shipped_rule_is_idle_but_the_one_whose_floors_are_off(shipped: PolicySet) -> None:
    summary = analysis_summary(shipped, DAY)
    assert dict(summary.counts).get(Sort.NEVER_TRUE.value, 0) == 1
    idle = [f.names for f in analyse(shipped, DAY, Budget()).findings if f.sort is Sort.NEVER_TRUE]
    assert idle == [("G10",)]
    assert summary.sha256 == shipped.sha256


def test_no_move_of_an_anchored_account_is_ever_allowed_without_the_vice_president(shipped: PolicySet) -> None:
    claim = read_claim(PROOF.replace("if ", "if possibly "), "anchored", Place("claims"))
    analysis = analyse(shipped, DAY, Budget(), claims=[claim])
    assert [proof.claim for proof in analysis.proven] == ["anchored"]


def test_a_case_that_is_shown_holds_as_an_example_where_it_is_pasted() -> None:
    rules = (
        move("NEW", "to_rep.tenure <= days(90) && account.named"),
        move("OLD", "to_rep.tenure >= days(90)", "hold"),
    )
    policies = policy(*rules)
    (overlap,) = found(analysed(policies), Sort.OVERLAP)
    pasted = ", ".join(line.strip() for line in given(overlap, policies).splitlines()[1:])
    example = f"examples: [{{name: pasted, given: {{{pasted}}}, expect: fires}}]"
    tried = try_examples(policy(*(f"{rule}, {example}" for rule in rules)))
    assert [(t.answer, t.holds) for t in tried] == [("fires", True), ("fires", True)]


def test_what_has_no_formula_is_said_and_only_makes_more_possible() -> None:
    policies = policy(
        move("R", 'account.named && account.tier.matches("^A+$")'),
        move("NEVER", 'account.tier.matches("^A+$") && account.late_deals > 3 && account.late_deals < 3', "hold"),
    )
    analysis = analysed(policies)
    assert [f.names for f in found(analysis, Sort.NEVER_TRUE)] == [("NEVER",)]
    left = 'account.tier.matches("^A+$")'
    assert [(item.question, item.why) for item in analysis.left_out] == [
        (f"`{left}` in `R`", "taken as possible in any way"),
        (f"`{left}` in `NEVER`", "taken as possible in any way"),
    ]


def test_a_claim_that_hangs_on_what_has_no_formula_is_not_called_refuted() -> None:
    # Whatever matches the pattern is longer than a letter, which the solver does not know and evaluation does.
    policies = policy(move("R", 'account.tier == "A" && account.tier.matches("^BB$")'))
    (finding,) = analysed(policies, "always not deny").findings
    assert finding.sort is Sort.UNPROVEN


def test_a_quorum_of_approvals_is_part_of_a_proof() -> None:
    rule = move("A", "account.named", "require_approval, roles: [a, b, c], approvals: 2")
    assert analysed(policy(rule), "if account.named then not allow unless approved(a) or approved(b)").proven
    policies = policy(rule)
    (refuted,) = analysed(policies, "if account.named then not allow unless approved(a)").findings
    assert refuted.case is not None
    assert refuted.case.approved == {"b", "c"}


def test_a_rule_in_report_mode_changes_nothing_and_is_said_to_be_left_out() -> None:
    analysis = analysed(policy(move("R", "account.named", "deny, mode: report"), APPROVAL), "always not deny")
    assert [proof.claim for proof in analysis.proven] == ["C0"]
    assert [item.question for item in analysis.left_out] == ["rule `R`"]


def test_an_exception_that_allows_makes_a_claim_false() -> None:
    window = move("W", "account.late_deals > 5", "hold")
    free = move("F", "account.named", "allow, defeats: [W]")
    assert analysed(policy(window), "if account.late_deals > 5 then not allow").proven
    (refuted,) = analysed(policy(window, free), "if account.late_deals > 5 then not allow").findings
    assert refuted.case is not None
    assert refuted.case.facts["account.named"] is True


def test_a_named_condition_that_two_rules_share_is_no_finding() -> None:
    shared = """
conditions:
  - {name: busy, subject: move, when: account.late_deals > 5, source: s}
rules:
  - {id: A, title: t, message: m, source: s, effective: {from: 2026-01-01}, kind: engagement, subject: move,
     effect: deny, when: busy && account.named}
  - {id: B, title: t, message: m, source: s, effective: {from: 2026-01-01}, kind: engagement, subject: move,
     effect: require, obligation: call, when: busy}
  - {id: C, title: t, message: m, source: s, effective: {from: 2026-01-01}, kind: engagement, subject: move,
     effect: advise, obligation: mail, when: busy}
"""
    assert analysed(declared(shared)).findings == ()


def test_an_override_of_a_parameter_is_taken_into_account() -> None:
    limit = (
        "{limit: {unit: count, values: {2020-01-01: {value: 5, source: s}},"
        " overrides: [{region: [EMEA], values: {2020-01-01: {value: 9, source: s}}}]}}"
    )
    policies = policy(move("R", "account.late_deals > limit"), parameters=limit)
    # Where nobody knows the region, it is unknown which limit counts.
    assert analysed(policies, "if account.late_deals > 9 then deny or hold").proven
    (unknown,) = analysed(policies, "if account.late_deals > 9 then deny").findings
    assert unknown.case is not None
    assert unknown.case.absent == {"account.region"}
    (refuted,) = analysed(policies, "if account.late_deals > 5 then deny or hold").findings
    assert refuted.case is not None
    assert refuted.case.facts["account.region"] == "EMEA"


def test_rules_that_defeat_each_other_in_a_circle_are_refused() -> None:
    circle = (move("A", "account.named", "deny, defeats: [B]"), move("B", "account.named", "hold, defeats: [A]"))
    with pytest.raises(BadInput) as refused:
        analysed(policy(*circle))
    assert [p.message for p in refused.value.problems] == ["defeats go round: `A` defeats `B` defeats `A`"]


def test_an_error_in_the_condition_of_a_claim_is_shown_where_it_stands() -> None:
    (claim,) = read_claims("claims:\n  - id: A\n    claim: >-\n      if account.nmed\n      then deny\n", "c.yaml")
    with pytest.raises(BadInput) as refused:
        analyse(policy(move("R", "account.named")), DAY, Budget(), claims=[claim])
    assert [str(p.where) for p in refused.value.problems] == ["c.yaml:4:10"]
    with pytest.raises(BadInput) as refused:
        analysed(policy(move("R", "account.named")), "if account.nmed then deny")
    assert [str(p.where) for p in refused.value.problems] == ["claims:1:4"]


def test_where_much_is_left_out_people_are_told_the_first_of_it_and_how_much_more() -> None:
    policies = policy(*(move(f"R{n}", f"account.late_deals > {n}") for n in range(30)))
    analysis = analyse(policies, DAY, Budget(together=0))
    words = left_out_words(analysis)
    assert words[0] == "whether `R0` is ever true: not settled within the limits"
    assert words[-1] == f"and {len(analysis.left_out) - 20} more questions"
    assert len(words) == 21
