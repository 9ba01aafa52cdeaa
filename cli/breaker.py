"""When does a check of moves stop by itself? Shares in percent, from `merestone.toml` and from `--stop-over`.

[breaker]
deny = 50     # of the moves in the file
move = 25     # of the accounts in the snapshot
from = 100    # files of fewer moves are never stopped
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from engine.bulk.breaker import LIMITED, Limit, stops
from governance.refusal import Refused
from rules.problem import Place, Problem, as_written

SECTION = "breaker"
LEAST = "from"
DEFAULTS = f"""
# A check of moves stops, and writes nothing, where it would deny more than this share of the moves in the file, or let
# move more than this share of the accounts in the snapshot, in percent. Files of fewer moves are never stopped.
[{SECTION}]
deny = 50
move = 25
{LEAST} = 100
"""
"""What a new workspace begins with."""


class ShareType(click.ParamType[Limit]):
    """`deny=20` or `move=12.5`: a share in percent that stops a run."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        if isinstance(value, Limit):
            return value
        what, _, percent = str(value).partition("=")
        share = _percent(percent)
        if what not in LIMITED or share is None:
            words = " or ".join(f"{each}=PERCENT" for each in LIMITED)
            self.fail(f"`{value}` is no limit; expected {words}, from 0 to 100", param, ctx)
        return Limit(what, share)


stop_over = click.option(
    "--stop-over",
    type=ShareType(),
    multiple=True,
    metavar="WHAT=PERCENT",
    help="Stop, writing nothing, over this share: deny=20 of the moves, move=30 of the accounts. Default: [breaker].",
)


def limits_in(table: Mapping[str, Any], config: Path) -> tuple[tuple[Limit, ...], list[Problem]]:
    """The limits in a workspace's configuration, none where it names none, and what is wrong with them."""
    section = table.get(SECTION, {})
    place = Place(str(config))
    if not isinstance(section, dict):
        return (), [Problem(place, f"`{SECTION}` is no section", as_written(section), f"[{SECTION}]")]
    problems = [
        Problem(place, f"unknown key `{key}` in [{SECTION}]", expected=", ".join((*LIMITED, LEAST)))
        for key in section
        if key not in (*LIMITED, LEAST)
    ]
    least = section.get(LEAST, 0)
    if type(least) is not int or least < 0:
        problems.append(Problem(place, f"`{LEAST}` in [{SECTION}] is no number of moves", as_written(least)))
        least = 0
    limits = []
    for what in LIMITED:
        if what in section:
            share = _percent(section[what])
            if share is None:
                expected = "a number from 0 to 100"
                problems.append(
                    Problem(place, f"`{what}` in [{SECTION}] is no share", as_written(section[what]), expected)
                )
            else:
                limits.append(Limit(what, share, least))
    return tuple(limits), problems


def _percent(written: object) -> Fraction | None:
    """Exactly what is written; `None` for what is no share."""
    if isinstance(written, bool) or not isinstance(written, int | Decimal | str):
        return None
    try:
        share = Decimal(written)
    except InvalidOperation:
        return None
    return Fraction(share) if share.is_finite() and 0 <= share <= 100 else None  # noqa: PLR2004 -- percent


def refuse_too_far(
    verdicts: Mapping[str, int], accounts: int, configured: Iterable[Limit], given: Iterable[Limit]
) -> None:
    """Raise Refused where a run with these verdicts goes too far. A given limit stands for a configured one."""
    limits = {limit.what: limit for limit in (*configured, *given)}
    if found := stops(verdicts, accounts, limits.values()):
        hint = f"look at the verdicts first; `--stop-over {found[0].limit.what}=100` lets any share pass"
        raise Refused("stopped: " + "; ".join(stop.words for stop in found) + ". Nothing has been written", hint)
