"""Small policies asked about a handful of cases: the rules as text, the facts as values, everything else left out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from engine.database import Database
from engine.evaluate import NOTHING_SAID, Evaluation, Standing, evaluate, question_of
from engine.fact_frames import frame_of
from engine.facts import Facts
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import fields_of

Cases = Mapping[str, Mapping[str, Value | None]]
DAY = date(2026, 6, 30)


def policy(*rules: str, parameters: str = "{}") -> PolicySet:
    """A policy set of rules written as flow mappings, each without title, message and source."""
    given = "".join(f"  - {{title: t, message: m, source: s, effective: {{from: 2026-01-01}}, {r}}}\n" for r in rules)
    return load_policies([("test.yaml", f"policy: p\ntitle: t\nowner: o\nparameters: {parameters}\nrules:\n{given}")])


@contextmanager
def asked(
    policies: PolicySet,
    cases: Cases,
    *,
    standing: Standing = NOTHING_SAID,
    missing: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Evaluation]:
    """The evaluation of every rule on cases by subject id; `missing` maps absent facts to the inputs not there."""
    gone = missing or {}
    rules = policies.rules(day=DAY)
    fields = fields_of(rules[0].subject)
    with Database() as db:
        frame_of(db, "cases", fields, list(cases.items()))
        facts = Facts(rules[0].subject, "cases", frozenset(gone), gone)
        yield evaluate(db, question_of(policies, rules, fields, DAY), facts, standing=standing)


def levels(policies: PolicySet, cases: Cases, *, standing: Standing = NOTHING_SAID) -> dict[str, str]:
    """The answer of every case in one word, `unknown` where it is undecided."""
    with asked(policies, cases, standing=standing) as evaluation:
        found = evaluation.by_subject()
        return {subject: c.level[evaluation.ladder] or "unknown" for subject, c in found.items()}
