"""The shipped policies without what they say of reviews and of the use of rules, and small policies beside them."""

from dataclasses import replace
from functools import cache

from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import Subject
from tests.governance.sample_decision import policies

REVIEWING = ("review_trigger", "escalation_trigger", "stop_condition", "reversal_signal")


@cache
def bare() -> PolicySet:
    """The shipped policies; nothing in them is about a review, or about how rules are used."""
    return replace(
        policies(),
        policies=tuple(
            replace(
                p,
                rules=tuple(r for r in p.rules if r.kind.value not in REVIEWING and r.subject is not Subject.RULE),
            )
            for p in policies().policies
        ),
    )


def with_rules(*rules: str, declared: str = "") -> PolicySet:
    """Those, and a policy `small` with these rules and declarations as written."""
    listed = "rules:\n" + "".join(rules) if rules else ""
    small = load_policies([("small.yaml", f"policy: small\ntitle: small\nowner: somebody\n{declared}{listed}")])
    return replace(bare(), policies=(*bare().policies, *small.policies), sha256=small.sha256)
