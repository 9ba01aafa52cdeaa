"""A decision file that lacks what a decision needs is refused, with every reason at once."""

import pytest

from governance.frame import Frame, read_frame
from rules.problem import BadInput, Problem
from tests.governance.sample_decision import decision_text, policies

LEAST = """\
decision: Swap two books
question: Should two reps swap?
owner: {name: Ana Ruiz, role: director}
requester: P-07
effective: 2026-08-03
horizon: two quarters
objective: balance
scope: two territories
evidence: [minutes of 2026-06-22]
options:
  - {id: status-quo, name: Keep the books}
  - {id: swap, name: Swap both books, moves: moves.csv}
recommendation: swap
stop_conditions:
  - {id: S1, text: spread above 80 points, when: 'company.attainment_spread > points("80")', effect: stop}
"""

NOTHING = """\
decision: Swap two books
question: Should two reps swap?
requester: P-07
effective: 2026-08-03
horizon: two quarters
objective: balance
scope: two territories
evidence: []
options:
  - {id: swap, name: Swap both books, moves: gone.csv}
recommendation: redesign
stop_conditions:
  - {id: S1, text: made up, when: 'company.happiness > 3', effect: stop}
"""


def read(text: str, *files: str) -> Frame:
    return read_frame(text, "decision.yaml", policies(), is_there=lambda name: name in files)


def refusals(text: str, *files: str) -> tuple[Problem, ...]:
    with pytest.raises(BadInput) as refused:
        read(text, *files)
    return refused.value.problems


def test_a_file_with_all_that_it_needs_is_a_frame() -> None:
    framed = read(LEAST, "moves.csv")
    assert framed.owner.name == "Ana Ruiz"
    assert framed.text == LEAST
    assert [r.id for r in framed.rules] == ["S1"]
    option = framed.option("swap")
    assert option is not None
    assert option.moves == "moves.csv"
    assert framed.option("redesign") is None


def test_the_sample_decision_is_a_frame() -> None:
    assert {r.id for r in read(decision_text(), "moves.csv").rules} == {"V1", "S1", "S2", "E1", "X1"}


def test_every_reason_to_refuse_is_said_at_once_with_its_line() -> None:
    found = {(p.where.line, p.message) for p in refusals(NOTHING)}
    assert found == {
        (1, "a decision without an owner is not evaluated"),
        (8, "a decision without evidence is not evaluated"),
        (10, "the status quo is always an option"),
        (10, "the moves of option `swap` are not there"),
        (11, "recommends no option"),
        (13, "unknown fact `company.happiness`"),
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("owner: {name: Ana Ruiz, role: director}\n", "a decision without an owner is not evaluated"),
        ("evidence: [minutes of 2026-06-22]\n", "a decision without evidence is not evaluated"),
        ("recommendation: swap\n", "recommends no option"),
        ("  - {id: status-quo, name: Keep the books}\n", "the status quo is always an option"),
        (LEAST[LEAST.index("stop_conditions") :], "nothing would bring this decision back"),
    ],
)
def test_without_a_line_the_frame_is_refused(line: str, message: str) -> None:
    (problem,) = refusals(LEAST.replace(line, ""), "moves.csv")
    assert problem.message == message
    assert problem.expected or problem.hint


def test_evidence_of_blanks_is_none() -> None:
    (problem,) = refusals(LEAST.replace("minutes of 2026-06-22", "'  '"), "moves.csv")
    assert problem.message == "a decision without evidence is not evaluated"


def test_a_decision_between_nothing_and_nothing_is_refused() -> None:
    text = LEAST.replace("  - {id: swap, name: Swap both books, moves: moves.csv}\n", "").replace(
        ": swap", ": status-quo"
    )
    (problem,) = refusals(text)
    assert problem.message == "there is no choice besides the status quo"
    assert problem.hint == "add an option with `moves:`"


def test_options_have_ids_of_their_own() -> None:
    text = LEAST.replace("id: status-quo", "id: swap")
    assert [p.message for p in refusals(text, "moves.csv")] == ["two options have the same id"]


def test_moves_that_are_not_there_are_named_with_their_line() -> None:
    (problem,) = refusals(LEAST)
    assert (problem.message, problem.found, problem.where.line) == (
        "the moves of option `swap` are not there",
        "moves.csv",
        12,
    )


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ('company.attainment_spred > points("80")', "unknown fact `company.attainment_spred`"),
        ("company.attainment_spread", "a condition must be true or false"),
        ("account.tier == 'A'", "unknown fact `account.tier`"),
    ],
)
def test_a_stop_condition_that_means_nothing_is_refused(when: str, message: str) -> None:
    text = LEAST.replace(
        "'company.attainment_spread > points(\"80\")'", f"{when!r}" if "'" not in when else f'"{when}"'
    )
    assert message in [p.message for p in refusals(text, "moves.csv")]


def test_an_effect_of_another_kind_of_rule_is_refused() -> None:
    (problem,) = refusals(LEAST.replace("effect: stop", "effect: deny"), "moves.csv")
    assert problem.message == "not an effect of a review rule"


def test_a_condition_with_the_name_of_another_is_refused() -> None:
    again = "review_triggers:\n" + LEAST.splitlines()[-1].replace("effect: stop", "effect: review") + "\n"
    assert [p.message for p in refusals(LEAST + again, "moves.csv")] == ["`S1` stands twice"]


def test_what_nobody_asked_for_is_refused() -> None:
    (problem,) = refusals(LEAST + "mood: good\n", "moves.csv")
    assert problem.message == "unknown key `mood`"
