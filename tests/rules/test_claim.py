"""A claim is a sentence that a person can write: what is understood, and what is refused with a reason."""

import pytest

from rules.problem import BadInput, Place
from rules.proof.claim import Unless, read_claim, read_claims
from rules.vocabulary import Subject

HERE = Place("claims.yaml", 3, 12)


def test_a_claim_has_a_condition_levels_and_exceptions() -> None:
    claim = read_claim("if account.named && x > 1 then not allow unless approved(vp) or waived by vp", "C", HERE)
    assert (claim.when, claim.negated, claim.possibly, claim.levels) == (
        "account.named && x > 1",
        True,
        False,
        ("allow",),
    )
    assert claim.unless == Unless("or", parts=(Unless("approved", "vp"), Unless("waived by", "vp")))
    assert claim.subject is None


def test_a_claim_may_name_its_subject_and_speak_of_what_is_possibly_so() -> None:
    claim = read_claim("on rep: if possibly has(rep.left_on) then protected or none", "C", HERE)
    assert (claim.subject, claim.when, claim.possibly) == (Subject.REP, "has(rep.left_on)", True)
    assert claim.levels == ("protected", "none")


def test_a_claim_without_a_condition_always_holds() -> None:
    claim = read_claim("always not deny", "C", HERE)
    assert (claim.when, claim.negated, claim.levels) == ("", True, ("deny",))


def test_words_of_the_sentence_may_stand_in_a_text() -> None:
    claim = read_claim("""if move.reason == "now then unless" then hold""", "C", HERE)
    assert claim.when == 'move.reason == "now then unless"'


def test_and_binds_more_tightly_than_or_and_parentheses_most() -> None:
    plain = read_claim("always allow unless waived or approved(a) and fires(R)", "C", HERE)
    grouped = read_claim("always allow unless (waived(Q) or approved(a)) and fires(R)", "C", HERE)
    a, r = Unless("approved", "a"), Unless("fires", "R")
    assert plain.unless == Unless("or", parts=(Unless("waived"), Unless("and", parts=(a, r))))
    assert grouped.unless == Unless("and", parts=(Unless("or", parts=(Unless("waived", "Q"), a)), r))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("account.named implies deny", "this is not a claim"),
        ("if account.named then", "this is not a claim"),
        ("", "this is not a claim"),
        ("on mve: always allow", "there is no subject `mve`"),
        ("always allow unless", "this is not a claim"),
        ("always allow unless approved", "this exception of a claim is not understood"),
        ("always allow unless approved(", "this exception of a claim is not understood"),
        ("always allow unless signed(vp)", "this exception of a claim is not understood"),
        ("always allow unless waived waived", "this exception of a claim is not understood"),
        ("always allow unless (waived", "this exception of a claim is not understood"),
        ("always allow unless " + "(" * 5_000 + "waived" + ")" * 5_000, "this exception of a claim is not understood"),
        ("always allow unless waived by", "this exception of a claim is not understood"),
    ],
)
def test_what_is_no_claim_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_claim(text, "C", HERE)
    assert [(p.where, p.message) for p in refused.value.problems] == [(HERE, message)]


def test_a_file_of_claims_tells_all_that_is_wrong_at_once() -> None:
    text = "claims:\n  - {id: A, claim: always allow}\n  - {id: A, claim: nonsense}\n"
    with pytest.raises(BadInput) as refused:
        read_claims(text, "claims.yaml")
    assert [p.message for p in refused.value.problems] == ["claim `A` stands twice", "this is not a claim"]
    assert {p.where.line for p in refused.value.problems} == {3}


def test_a_file_of_claims_is_read() -> None:
    text = (
        "claims:\n  - {id: A, claim: always allow}\n  - id: B\n    claim: >-\n      if account.named\n      then hold\n"
    )
    claims = read_claims(text, "claims.yaml")
    assert [(claim.id, claim.text) for claim in claims] == [
        ("A", "always allow"),
        ("B", "if account.named then hold"),
    ]
