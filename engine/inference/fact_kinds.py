"""The kinds of fact that inference joins and concludes: their fields, what a field stands for, how a fact is said.

`given` kinds come from a policy or a pattern, the others are concluded; `stage` and `end` only tell the rules how far
the facts have come. Outside a fact every value is a name, inside a small number (or one of a few words): see
engine.inference.fact_encoding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Sort(Enum):
    """What a field's value stands for. Names are numbered within their sort, waivers for each pattern anew."""

    RULE = "rule"
    EFFECT = "effect"
    LADDER = "ladder"
    LEVEL = "level"
    """Of the ladder in the same fact, counted from 0; -1 is undecided."""
    ROLE = "role"
    OBLIGATION = "obligation"
    QUESTION = "question"
    VALUE = "value"
    ACT = "act"
    CONDITION = "condition"
    GROUP = "group"
    WAIVER = "waiver"
    RANK = "rank"
    """Of a rule: one more than the highest rank among the rules that defeat it."""
    STAGE = "stage"
    WORD = "word"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: its fields in order and, for explanation, how it is said. `given` ones come with a pattern."""

    fields: Mapping[str, Sort]
    said: str
    given: bool = False


KINDS: Mapping[str, Kind] = {
    "finding": Kind(
        {"rule": Sort.RULE, "truth": Sort.WORD, "effect": Sort.EFFECT, "rank": Sort.RANK},
        "condition of `{rule}` is {truth}, effect {effect}",
        given=True,
    ),
    "waiver": Kind({"waiver": Sort.WAIVER, "of": Sort.RULE}, "waiver `{waiver}` of `{of}`", given=True),
    "approved": Kind({"role": Sort.ROLE}, "`{role}` approved", given=True),
    "answered": Kind({"condition": Sort.CONDITION}, "`{condition}` answered", given=True),
    "hit": Kind(
        {"group": Sort.GROUP, "indicator": Sort.RULE, "truth": Sort.WORD},
        "indicator `{indicator}` of `{group}` is {truth}",
        given=True,
    ),
    "counter": Kind(
        {"rule": Sort.RULE, "effect": Sort.EFFECT, "rank": Sort.RANK}, "`{rule}` counts, effect {effect}", given=True
    ),
    "defeats": Kind({"by": Sort.RULE, "of": Sort.RULE}, "`{by}` defeats `{of}`", given=True),
    "vetoes": Kind({"rule": Sort.RULE}, "a defeat by `{rule}` is a veto", given=True),
    "means": Kind(
        {"effect": Sort.EFFECT, "truth": Sort.WORD, "ladder": Sort.LADDER, "level": Sort.LEVEL},
        "{effect} that is {truth} reaches {ladder} {level}",
        given=True,
    ),
    "needs_role": Kind(
        {"rule": Sort.RULE, "role": Sort.ROLE, "ladder": Sort.LADDER, "level": Sort.LEVEL},
        "`{rule}` needs `{role}`, until then {ladder} {level}",
        given=True,
    ),
    "quorum": Kind({"rule": Sort.RULE, "needed": Sort.NUMBER}, "{needed} roles are enough for `{rule}`", given=True),
    "disputed": Kind(
        {"question": Sort.QUESTION, "ladder": Sort.LADDER, "level": Sort.LEVEL},
        "a conflict on {question} reaches {ladder} {level}",
        given=True,
    ),
    "carries": Kind(
        {"rule": Sort.RULE, "obligation": Sort.OBLIGATION, "how": Sort.WORD},
        "`{rule}` carries {how} `{obligation}`",
        given=True,
    ),
    "says": Kind(
        {"rule": Sort.RULE, "question": Sort.QUESTION, "value": Sort.VALUE},
        "`{rule}` says {question} is {value}",
        given=True,
    ),
    "starts": Kind(
        {"rule": Sort.RULE, "truth": Sort.WORD, "act": Sort.ACT}, "`{rule}` that is {truth} starts {act}", given=True
    ),
    "leads": Kind(
        {"act": Sort.ACT, "to": Sort.ACT, "unless": Sort.CONDITION}, "{act} leads to {to} unless `{unless}`", given=True
    ),
    "ladder": Kind({"ladder": Sort.LADDER, "strict": Sort.NUMBER}, "ladder {ladder}", given=True),
    "stage": Kind({"stage": Sort.STAGE, "rank": Sort.RANK}, "stage {stage} {rank}"),
    "end": Kind({"batch": Sort.NUMBER}, "end of batch {batch}"),
    "reached": Kind({"rule": Sort.RULE, "truth": Sort.WORD}, "count of `{rule}` is {truth}"),
    "waived": Kind({"of": Sort.RULE, "by": Sort.WAIVER}, "`{of}` is waived by `{by}`"),
    "effective": Kind(
        {"rule": Sort.RULE, "truth": Sort.WORD, "effect": Sort.EFFECT},
        "`{rule}` is effective, {truth}, effect {effect}",
    ),
    "defeated": Kind({"of": Sort.RULE, "by": Sort.RULE}, "`{of}` is defeated by `{by}`"),
    "contested": Kind({"of": Sort.RULE, "by": Sort.RULE}, "`{of}` is contested by `{by}`"),
    "veto": Kind({"by": Sort.RULE, "of": Sort.RULE}, "`{by}` vetoes `{of}`"),
    "level": Kind({"ladder": Sort.LADDER, "level": Sort.LEVEL}, "{ladder} reaches {level}"),
    "support": Kind(
        {"ladder": Sort.LADDER, "level": Sort.LEVEL, "rule": Sort.RULE}, "{ladder} {level} because of `{rule}`"
    ),
    "granted": Kind({"rule": Sort.RULE, "role": Sort.ROLE}, "`{role}` approved `{rule}`"),
    "agreed": Kind({"rule": Sort.RULE}, "enough roles approved `{rule}`"),
    "missing": Kind(
        {"rule": Sort.RULE, "role": Sort.ROLE, "ladder": Sort.LADDER, "level": Sort.LEVEL},
        "`{role}` has yet to approve `{rule}`",
    ),
    "owed": Kind(
        {"rule": Sort.RULE, "obligation": Sort.OBLIGATION, "how": Sort.WORD}, "{how} `{obligation}` because of `{rule}`"
    ),
    "open": Kind({"rule": Sort.RULE}, "`{rule}` is open"),
    "may": Kind(
        {"ladder": Sort.LADDER, "level": Sort.LEVEL, "rule": Sort.RULE}, "`{rule}` may still mean {ladder} {level}"
    ),
    "may_rise": Kind(
        {"ladder": Sort.LADDER, "level": Sort.LEVEL, "rule": Sort.RULE}, "{ladder} may rise to {level} by `{rule}`"
    ),
    "said": Kind(
        {"question": Sort.QUESTION, "value": Sort.VALUE, "rule": Sort.RULE}, "{question} is {value} by `{rule}`"
    ),
    "conflict": Kind(
        {"question": Sort.QUESTION, "rule": Sort.RULE, "other": Sort.RULE},
        "`{rule}` and `{other}` disagree on {question}",
    ),
    "act": Kind({"act": Sort.ACT}, "{act}"),
    "top": Kind({"ladder": Sort.LADDER, "level": Sort.LEVEL}, "{ladder} is {level}"),
    "reason": Kind({"ladder": Sort.LADDER, "rule": Sort.RULE}, "`{rule}` is a reason of {ladder}"),
}
