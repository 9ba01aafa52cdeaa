"""Inference: what follows from a pattern of findings, drawn by durable_rules and nowhere else.

The one door to that engine. It is fast and exact for what is asked of it here, and dangerous beyond: it can crash,
fall silent or lie. So facts are built from templates of numbers, come in stages (`stratification` says why),
every batch ends with a fact that must come back, a state lives for one pattern only, and after any surprise the whole
ruleset is thrown away. An error is never a conclusion.

This module only drives: which facts follow from which is said by `generic_rules`, and nothing here knows one of
its rules.
"""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from engine.inference.fact_encoding import (
    Encoded,
    Fact,
    batch_json,
    conclusion_of,
    encoded,
    encoding_of,
    rules_added,
    sentence,
)
from engine.inference.fact_kinds import KINDS
from engine.inference.generic_rule import GenericRule, Match, Term, referred
from engine.inference.generic_rules import GENERIC_RULES, stages
from engine.inference.logic import Conclusion, Logic, Pattern, Step
from engine.inference.logic_problems import MAX_FACTS, logic_problems
from engine.inference.stratification import ruleset_problems
from rules.problem import BadInput

try:
    import durable_rules_engine as durable  # type: ignore[import-not-found]  # a C module without stubs
except ImportError as error:
    # Its source calls a function that Python 3.13 removed, and only fails once it is loaded.
    raise ImportError(
        f"durable_rules does not load ({error}); install again with CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject"
    ) from error

_SID = "0"
"""The engine's own name of the one state; a state for each pattern would kill the process at the 1,025th."""
_REMEMBERED = 4_096
"""Conclusions kept; a run over a million subjects shows about a thousand patterns."""

_CAP = 60_000
"""Matches that one answer of the engine may hold; its own limit is 65,535."""

_Match = Mapping[str, Mapping[str, Any]]
"""Alias to the fact matched."""


class InferenceError(Exception):
    """The rules engine did not do what it must; nothing was concluded."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the rules engine failed: {what}")


class Inference:
    """Draws conclusions under one policy; a context manager. Threads may share it; one at a time is served."""

    def __init__(self, logic: Logic) -> None:
        """Raise BadInput with everything the policy does wrong, InferenceError if the rules themselves are unfit."""
        if problems := logic_problems(logic):
            raise BadInput(problems)
        self._encoding = encoding_of(logic)
        self._rules = (*GENERIC_RULES, *rules_added(logic, self._encoding))
        if unfit := ruleset_problems(self._rules):
            raise InferenceError("; ".join(unfit))
        self._concludes = {rule.name: _heads(rule) for rule in self._rules}
        self._heard = {match.kind for rule in self._rules for match in rule.matches}
        self._lock = threading.Lock()
        self._remembered: dict[Pattern, Conclusion] = {}
        self._ruleset: _Ruleset | None = _Ruleset(self._rules)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the engine's memory back; closing twice does nothing."""
        with self._lock:
            self._closed = True
            self._discard()

    def conclude(self, pattern: Pattern, *, steps: bool = False) -> Conclusion:
        """Everything that follows from a pattern; with `steps` also how, each firing in order.

        ValueError: the pattern contradicts itself or the policy. InferenceError: no conclusion could be drawn; the next
        call starts afresh.
        """
        with self._lock:
            if self._closed:
                raise ValueError("this inference is closed")
            if not steps and pattern in self._remembered:
                return self._remembered[pattern]
            given = encoded(self._encoding, pattern)
            firings = self._firings(given)
            facts = dict.fromkeys(fact for firing in firings for fact in firing.concluded)
            try:
                conclusion = conclusion_of(self._encoding, given.waivers, facts)
            except ValueError as error:
                raise InferenceError(str(error)) from error
            if steps:
                return replace(conclusion, steps=self._steps(firings, given.waivers))
            if len(self._remembered) == _REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[pattern] = conclusion
            return conclusion

    def _firings(self, given: Encoded) -> list["_Firing"]:
        """Every firing for one pattern, in a state of its own."""
        ruleset = self._ruleset = self._ruleset or _Ruleset(self._rules)
        try:
            try:
                return self._derive(ruleset, given)
            finally:
                ruleset.forget()
        except durable.error as error:
            self._discard()
            raise InferenceError(str(error)) from error
        except BaseException:
            self._discard()
            raise

    def _derive(self, ruleset: "_Ruleset", given: Encoded) -> list["_Firing"]:
        firings: list[_Firing] = []
        known = set(given.facts)
        batch: Sequence[Fact] = given.facts
        for stage in stages(given.ranks, counted=given.counted):
            # INVARIANT: a stage begins only when nothing more follows from what came before.
            batch = [*batch, ("stage", stage)]
            while batch:
                new: dict[Fact, None] = {}
                for rule, matches in ruleset.tell(batch):
                    # Of a rule that counts every head is constant, so that the first match speaks for all.
                    concluded = tuple(_filled(head, matches[0]) for head in self._concludes[rule])
                    firings.append(firing := _Firing(rule, matches, concluded))
                    new.update((fact, None) for fact in firing.concluded if fact not in known)
                known.update(new)
                batch = [fact for fact in new if fact[0] in self._heard]
        return firings

    def _steps(self, firings: Sequence["_Firing"], waivers: tuple[str, ...]) -> tuple[Step, ...]:
        def words(facts: Sequence[Fact]) -> tuple[str, ...]:
            return tuple(sentence(self._encoding, waivers, fact) for fact in facts)

        return tuple(
            Step(firing.rule.partition("/")[0], words(_matched(firing.matches)), words(firing.concluded))
            for firing in firings
            if firing.concluded
        )

    def _discard(self) -> None:
        if self._ruleset is not None:
            self._ruleset.delete()
        self._ruleset = None


@dataclass(frozen=True, slots=True)
class _Firing:
    rule: str
    matches: tuple[_Match, ...]
    """One; of a rule that counts as many as it counts to."""
    concluded: tuple[Fact, ...]


_Head = tuple[str, tuple[Term | tuple[str, str], ...]]
"""A kind and, for each of its fields, a constant or the alias and field to copy from."""


def _heads(rule: GenericRule) -> tuple[_Head, ...]:
    return tuple(
        (head.kind, tuple(referred(head.fields[f]) or head.fields[f] for f in KINDS[head.kind].fields))
        for head in rule.heads
    )


def _filled(head: _Head, match: _Match) -> Fact:
    kind, terms = head
    return kind, tuple(match[term[0]][term[1]] if isinstance(term, tuple) else term for term in terms)


def _matched(matches: Iterable[_Match]) -> tuple[Fact, ...]:
    """The facts of matches, each once, without those that only tell how far the facts have come."""
    facts = (
        (fact["kind"], tuple(fact[field] for field in KINDS[fact["kind"]].fields))
        for match in matches
        for fact in match.values()
        if fact["kind"] not in ("stage", "end")
    )
    return tuple(dict.fromkeys(facts))


class _Ruleset:
    """One handle of the engine with the one state that it may have at a time. Not safe for threads."""

    def __init__(self, rules: Sequence[GenericRule]) -> None:
        self._told = 0
        self._batches = 0
        self._offset: int | None = None
        self._counting = {rule.name for rule in rules if rule.count is not None}
        try:
            self._handle: int = durable.create_ruleset("merestone", _ruleset_json(rules))
            # A new state holds two pointers that nothing sets before a rule fires, and forgetting it frees them.
            self.tell(())
            self.forget()
        except durable.error as error:
            raise InferenceError(str(error)) from error

    def tell(self, facts: Sequence[Fact]) -> list[tuple[str, tuple[_Match, ...]]]:
        """Assert facts in one batch and hand back every firing, as rule name and matches."""
        self._batches += 1
        batch = [*facts, ("end", (self._batches,))]
        if self._told + len(batch) > MAX_FACTS:
            raise InferenceError(f"more than {MAX_FACTS:,} facts for one pattern")
        # Ids are 1, 2, 3 …: the engine knows an id by a hash, and no two numbers this small share one.
        text = batch_json(batch, self._told + 1)
        self._told += len(batch)
        return self._send(text)

    def _send(self, text: str) -> list[tuple[str, tuple[_Match, ...]]]:
        """Assert a JSON array of facts, the last one the end of this batch, and start and complete every action."""
        code, offset = durable.assert_facts(self._handle, text)
        if self._offset is None:
            self._offset = offset
        if code != 0 or offset != self._offset:
            # Starting an action with an offset that the engine did not set is a crash.
            raise InferenceError(f"a batch was answered by code {code}, offset {offset}")
        firings: list[tuple[str, tuple[_Match, ...]]] = []
        ends: list[object] = []
        started = durable.start_action_for_state(self._handle, offset)
        answer = started[1] if started else None
        while answer is not None:
            for rule, answered in json.loads(answer).items():
                matches = answered if isinstance(answered, list) else [answered]
                # An answer of a rule that counts is one firing; any other holds as many as are ready.
                firings += [(rule, tuple(matches))] if rule in self._counting else [(rule, (m,)) for m in matches]
                ends += [fact["batch"] for match in matches for fact in match.values() if fact["kind"] == "end"]
            answer = durable.complete_and_start_action(self._handle, offset)
        if ends != [self._batches]:
            # The engine stops reading at the first fact it does not like, and reports success.
            raise InferenceError("a batch was cut short")
        return firings

    def forget(self) -> None:
        """Delete the state: everything told since the last time."""
        if self._told:
            self._told = 0
            durable.delete_state(self._handle, _SID)

    def delete(self) -> None:
        """Delete the ruleset, which must have no state."""
        with suppress(durable.error):
            durable.delete_ruleset(self._handle)


def _ruleset_json(rules: Iterable[GenericRule]) -> str:
    """The rules as the engine reads them: a JSON ruleset of `all` rules over `kind` and the leaves' fields."""
    return json.dumps({rule.name: _definition(rule) for rule in rules})


def _definition(rule: GenericRule) -> dict[str, object]:
    antecedents = [{m.alias + ("$not" if m.negated else ""): _condition(m)} for m in rule.matches]
    return {"all": antecedents} | ({"cap": _CAP} if rule.count is None else {"count": rule.count})


def _condition(match: Match) -> dict[str, object]:
    leaves: list[dict[str, object]] = [{"kind": match.kind}]
    for leaf in match.leaves:
        test = {leaf.field: _operand(leaf.term)}
        leaves.append({leaf.operator: test} if leaf.operator else test)
    return {"$and": leaves} if len(leaves) > 1 else leaves[0]


def _operand(term: Term) -> object:
    reference = referred(term)
    return {reference[0]: reference[1]} if reference else term
