"""Who has a role in a move: people by whom reps report to, and nobody where that is not said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.approvers import Org, Reports, approver, org_of
from engine.engines.embedded import Embedded

ORG = Org(
    {
        "E-1": Reports("Ada", "E-3"),
        "E-2": Reports("Bo", "E-4"),
        "E-3": Reports("Cy", "E-5"),
        "E-4": Reports("Di", "E-5"),
        "E-5": Reports("Ed", "Val Boss"),
        "E-6": Reports("Flo", ""),
        "E-7": Reports("Gus", "E-8"),
        "E-8": Reports("Hal", "E-7"),
        "E-9": Reports("Ida", "Cy"),
    }
)


@pytest.mark.parametrize(
    ("role", "giving", "receiving", "shown"),
    [
        ("giving-manager", "E-1", "E-2", "giving-manager (Cy, E-3)"),
        ("receiving-manager", "E-1", "E-2", "receiving-manager (Di, E-4)"),
        ("giving-manager-2", "E-1", "E-2", "giving-manager-2 (Ed, E-5)"),
        ("giving-manager-3", "E-1", "E-2", "giving-manager-3 (Val Boss)"),
        ("giving-manager-4", "E-1", "E-2", "giving-manager-4 (unknown: nobody says whom Val Boss reports to)"),
        ("common-manager", "E-1", "E-2", "common-manager (Ed, E-5)"),
        # Somebody who is a party to the move approves nothing of it as its common manager.
        ("common-manager", "E-3", "E-1", "common-manager (Ed, E-5)"),
        ("common-manager", "E-1", "E-6", ("common-manager (unknown: nobody says whom Val Boss reports to, "
         "E-6 reports to nobody)")),
        ("giving-manager", "E-6", "E-2", "giving-manager (unknown: E-6 reports to nobody)"),
        ("giving-manager", "E-0", "E-2", "giving-manager (unknown: nobody says whom E-0 reports to)"),
        ("giving-manager", "", "E-2", "giving-manager (unknown: the move names no giving rep)"),
        ("common-manager", "E-1", "", "common-manager (unknown: the move does not name both reps)"),
        ("giving-manager", "E-7", "E-2", "giving-manager (Hal, E-8)"),
        ("giving-manager-2", "E-7", "E-2", "giving-manager-2 (unknown: above E-7, reporting goes round at E-7)"),
        # A name stands for the one rep who has it.
        ("giving-manager", "E-9", "E-2", "giving-manager (Cy, E-3)"),
        ("giving-manager-2", "E-9", "E-2", "giving-manager-2 (Ed, E-5)"),
        ("vp-sales", "E-1", "E-2", "vp-sales"),
        ("giving-manager-1", "E-1", "E-2", "giving-manager-1"),
    ],
)  # fmt: skip
def test_a_role_is_shown_with_the_person_who_has_it_or_with_why_nobody_knows(
    role: str, giving: str, receiving: str, shown: str
) -> None:
    assert approver(role, giving, receiving, ORG).shown == shown


def test_a_common_manager_in_a_circle_is_unknown() -> None:
    org = Org({"a": Reports("", "b"), "b": Reports("", "a"), "c": Reports("", "a")})
    assert approver("common-manager", "a", "c", org).unknown == (
        "above a, reporting goes round at a, above c, reporting goes round at a"
    )


def test_a_name_that_two_reps_have_stands_for_neither() -> None:
    org = Org({"a": Reports("", "Kim"), "b": Reports("Kim", "d"), "c": Reports("Kim", "d"), "d": Reports("Dee", "")})
    assert approver("giving-manager", "a", "b", org).shown == "giving-manager (Kim)"
    assert approver("giving-manager-2", "a", "b", org).unknown == "nobody says whom Kim reports to"


NAMES = st.sampled_from("abcdef")
ORGS = st.dictionaries(NAMES, st.builds(Reports, st.just(""), NAMES | st.just("")))


@given(ORGS, NAMES, NAMES)
def test_every_role_ends_in_a_person_or_in_a_reason_and_sides_may_be_turned(
    reps: dict[str, Reports], giving: str, receiving: str
) -> None:
    org = Org(reps)
    for n in ("", "-2", "-3", "-9"):
        one = approver(f"giving-manager{n}", giving, receiving, org)
        other = approver(f"receiving-manager{n}", receiving, giving, org)
        assert bool(one.person) is not bool(one.unknown)
        assert (one.person, one.unknown) == (other.person, other.unknown)
    common = approver("common-manager", giving, receiving, org)
    assert bool(common.person) is not bool(common.unknown)
    assert common.person == approver("common-manager", receiving, giving, org).person
    assert common.person not in (giving, receiving)


def test_reps_are_read_from_what_was_known_and_nobody_where_there_is_no_table() -> None:
    with Embedded() as db:
        assert org_of(db).reps == {}
        db.run("CREATE TABLE known_reps AS SELECT * FROM (VALUES ('a', 'Ada', 'b'), ('b', NULL, NULL)) "
               "AS t(rep, name, reports_to)")  # fmt: skip
        assert org_of(db).reps == {"a": Reports("Ada", "b"), "b": Reports("", "")}
