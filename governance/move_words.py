"""What does a document say of a rule that fired, and of a move with its verdict and reasons?"""

from collections.abc import Mapping
from typing import Any

from engine.evaluate import Evaluation
from engine.explain import outcomes
from engine.outcome import Fired


def fired_facts(fired: Fired) -> dict[str, Any]:
    """One rule that fired, as a document says it."""
    return {
        "rule": fired.rule.id,
        "title": fired.rule.title,
        "truth": fired.truth.value,
        "message": fired.message,
        "standing": fired.standing,
        "facts": {i.name: i.shown for i in fired.facts},
        "parameters": {i.name: {"value": i.shown, "source": i.source} for i in fired.parameters},
        "missing": list(fired.missing),
        "until": fired.until.isoformat() if fired.until else "",
    }


def move_words(evaluation: Evaluation) -> tuple[Mapping[str, Any], ...]:
    """Every move of an evaluation with its verdict and reasons, as a document says it."""
    named = {
        str(r["account"]): r for r in evaluation.db.records("SELECT account, from_rep, to_rep, effective FROM moves")
    }
    names = _account_names(evaluation)
    return tuple(
        {
            "account": outcome.id,
            "name": names.get(outcome.id) or "",
            "from_rep": named[outcome.id]["from_rep"],
            "to_rep": named[outcome.id]["to_rep"],
            "effective": named[outcome.id]["effective"].isoformat(),
            "verdict": outcome.word,
            "unknown": outcome.is_unknown,
            "decisive": [rule for _, rule in outcome.conclusion.reasons],
            "fired": [fired_facts(f) for f in outcome.fired],
            "owed": [{"rule": r, "obligation": o, "how": how} for r, o, how in outcome.conclusion.owed],
            "missing_roles": sorted({role for _, role in outcome.conclusion.missing}),
        }
        for outcome in outcomes(evaluation)
    )


def _account_names(evaluation: Evaluation) -> Mapping[str, str | None]:
    if "name" not in evaluation.db.columns("accounts"):
        return {}
    return {str(a): n for a, n in evaluation.db.rows("SELECT account, name FROM accounts")}
