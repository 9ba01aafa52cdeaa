"""What is true of one proposed move, alone in its file? The facts of `engine.metrics.move`, without a database.

To plan the twenty joins of that query takes longer than a person waits for one verdict. So the same definitions are
worked out here on tables kept by key; that both say the same of every move is what the tests of this module are about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from engine.metrics.move import DEAL_PARAMETERS
from engine.metrics.move_state import ApprovedMove, MoveState, Row, period_of, quarter_of
from rules.kinds import Value
from rules.model.calendar import in_window, next_window

_NOBODY: Row = {}
_OWN = ("requested_on", "approved_on", "announced_on", "reason", "requester", "approver", "evidence")
_REMEMBERED = 64
"""Quarters of which the books after the approved moves are kept."""


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """One move with the columns of a file of moves; what is not given is empty."""

    account: str
    from_rep: str
    to_rep: str
    effective: date
    more: Mapping[str, Value | None] = field(default_factory=dict)
    """Further columns of `engine.canonical.MOVES` by name."""


@dataclass(slots=True)
class _Book:
    """What a rep owns: how many accounts, and sums with the number of accounts that they lack."""

    accounts: int = 0
    units: int = 0
    without_units: int = 0
    potential: int = 0
    without_potential: int = 0
    fresh: int = 0
    """Potential that the rep did not own before."""

    def changed(self, worth: Row, *, sign: int, is_fresh: bool) -> None:
        """One account more or less."""
        units, potential = worth.get("units"), worth.get("potential")
        self.accounts += sign
        self.units += sign * (units or 0)
        self.without_units += sign * (units is None)
        self.potential += sign * (potential or 0)
        self.without_potential += sign * (potential is None)
        self.fresh += sign * (potential or 0) * is_fresh


@dataclass(frozen=True, slots=True)
class _Quarter:
    """A quarter after the approved moves that count in it."""

    approved: Sequence[ApprovedMove]
    after: Mapping[str, str | None]
    books: Mapping[str, _Book]


class OneMove:
    """Facts of single moves on one state. Not safe for threads."""

    def __init__(self, state: MoveState) -> None:
        self._state = state
        self._owned: dict[str | None, list[str]] = {}
        for account, (rep, _) in state.owners.items():
            self._owned.setdefault(rep, []).append(account)
        self._quarters: dict[date, _Quarter] = {}
        self._shares: dict[tuple[str, date], Mapping[str, int] | None] = {}

    def facts(self, move: ProposedMove) -> dict[str, Value | tuple[Value, ...] | None]:
        """Every fact by name, `None` where it is unknown or none; a fact that no definition here has is left out.

        Raises BadInput where a fiscal quarter begins before the calendar does.
        """
        state, day = self._state, move.effective
        account = state.accounts.get(move.account, _NOBODY)
        quarter = self._quarter(quarter_of(state.periods, day))
        found: dict[str, Any] = {f"move.{name}": move.more.get(name) for name in _OWN}
        found.update((name, value) for name, value in account.items() if "." in name)
        found.update(self._dates(move))
        found.update(self._account(move, quarter))
        found.update(self._giver(move, quarter))
        found.update(self._receiver(move, quarter, account))
        found["company.open_mergers"] = state.open_mergers
        return found

    def _dates(self, move: ProposedMove) -> dict[str, Any]:
        state, day = self._state, move.effective
        period, announced = period_of(state.periods, day), move.more.get("announced_on")
        is_open = in_window(state.calendar, day)
        return {
            "move.effective": day,
            "move.from_rep": move.from_rep,
            "move.to_rep": move.to_rep,
            "move.day_of_period": None if period is None else (day - period).days,
            "move.notice_days": (day - announced).days if isinstance(announced, date) else None,
            "move.in_window": is_open,
            "move.next_window": None if is_open else next_window(state.calendar, day),
        }

    def _account(self, move: ProposedMove, quarter: _Quarter) -> dict[str, Any]:
        state, day = self._state, move.effective
        after = {**dict.fromkeys((move.account,), move.to_rep)}
        owners = [after.get(r, quarter.after.get(r)) for r in state.relatives.get(move.account, ())]
        last = day + timedelta(days=state.numbers.get(DEAL_PARAMETERS[1], 0))
        return {
            "account.last_moved_on": max((d for d in state.changes.get(move.account, ()) if d < day), default=None),
            "account.late_deals": sum(day <= closes <= last for closes in state.deals.get(move.account, ())),
            "account.family_split": any(owner is not None and owner != move.to_rep for owner in owners),
        }

    def _giver(self, move: ProposedMove, quarter: _Quarter) -> dict[str, Any]:
        state, giver = self._state, self._state.reps.get(move.from_rep, _NOBODY)
        given = {move.account, *(m.account for m in quarter.approved if m.from_rep == move.from_rep)}
        t12: list[Any] = [state.accounts.get(account, _NOBODY).get("t12") for account in given]
        return {
            "from_rep.accounts_given": len(given),
            "from_rep.t12_given": None if None in t12 else self._rounded(sum(t12)),
            "from_rep.owns_account": state.owners.get(move.account, (None, None))[0] == move.from_rep,
            "from_rep.utilisation_after": self._utilisation(move, quarter, move.from_rep),
            "from_rep.name": giver.get("name"),
            "from_rep.region": giver.get("region"),
            "from_rep.quota_change": self._quota_change(move, quarter, move.from_rep),
        }

    def _receiver(self, move: ProposedMove, quarter: _Quarter, account: Row) -> dict[str, Any]:
        state, day, rep = self._state, move.effective, self._state.reps.get(move.to_rep, _NOBODY)
        hired, licences, needed = rep.get("hired_on"), rep.get("licences"), account.get("account.required_licence")
        book = self._book(move, quarter, move.to_rep)
        licensed = None
        if account.get("known") and rep:
            licensed = True if needed is None else None if licences is None else needed in licences
        whole = book is not None and not book.without_potential
        return {
            "to_rep.active": _active(rep, day),
            "to_rep.quota_carrying": rep.get("quota_carrying"),
            "to_rep.has_quota": any(
                (line.start <= day and (line.end is None or line.end > day)) or line.start == state.latest_quota
                for line in state.quotas.get(move.to_rep, ())
            ),
            "to_rep.size_segment": rep.get("size_segment"),
            "to_rep.tenure": None if hired is None else (day - hired).days,
            "to_rep.name": rep.get("name"),
            "to_rep.region": rep.get("region"),
            "to_rep.licences": licences,
            "to_rep.licensed": licensed,
            "to_rep.segmentations": tuple(
                sorted(
                    {
                        cut
                        for start, end, cut in state.cuts.get(move.to_rep, ())
                        if start <= day and (end is None or end > day)
                    }
                )
            ),
            "to_rep.new_tam_share": _ratio(book.fresh, book.potential) if book is not None and whole else None,
            "to_rep.bottom_quartile": rep.get("bottom"),
            "to_rep.utilisation_after": self._utilisation(move, quarter, move.to_rep),
            "to_rep.quota_change": self._quota_change(move, quarter, move.to_rep),
            "to_rep.accounts_after": book.accounts if book is not None else None,
        }

    def _quarter(self, quarter: date) -> _Quarter:
        if quarter not in self._quarters:
            if len(self._quarters) == _REMEMBERED:
                self._quarters.clear()
                self._shares.clear()
            self._quarters[quarter] = self._after([m for m in self._state.approved if m.quarter == quarter])
        return self._quarters[quarter]

    def _after(self, approved: Sequence[ApprovedMove]) -> _Quarter:
        """Owners and books once these moves are carried out, but those that a later change of owner overtook."""
        owners = self._state.owners
        after: dict[str, str | None] = {account: rep for account, (rep, _) in owners.items()}
        for move in sorted(approved, key=lambda m: m.effective):
            since = owners.get(move.account, (None, None))[1]
            after[move.account] = move.to_rep if since is None or since < move.effective else owners[move.account][0]
        books: dict[str, _Book] = {}
        for account, rep in after.items():
            if rep is not None:
                book = books.setdefault(rep, _Book())
                book.changed(self._worth(account), sign=1, is_fresh=self._before(account) != rep)
        return _Quarter(approved, after, books)

    def _book(self, move: ProposedMove, quarter: _Quarter, rep: str) -> _Book | None:
        """A rep's book after this move too; `None` where it is empty."""
        there, worth = quarter.books.get(rep), self._worth(move.account)
        b = there or _Book()
        book = _Book(b.accounts, b.units, b.without_units, b.potential, b.without_potential, b.fresh)
        before = self._before(move.account)
        if quarter.after.get(move.account) == rep:
            book.changed(worth, sign=-1, is_fresh=before != rep)
        if move.to_rep == rep:
            book.changed(worth, sign=1, is_fresh=before != rep)
        return book if book.accounts else None

    def _utilisation(self, move: ProposedMove, quarter: _Quarter, rep: str) -> Fraction | None:
        book = self._book(move, quarter, rep)
        units = 0 if book is None else None if book.without_units else book.units
        return _ratio(units, self._state.capacity.get(rep))

    def _quota_change(self, move: ProposedMove, quarter: _Quarter, rep: str) -> Fraction | None:
        """What the moves of the quarter bring a rep less what they take, by the rep's quota."""
        when = quarter_of(self._state.periods, move.effective)
        quota = self._quota(rep, when)
        change: int | None = 0
        others = ((m.account, m.from_rep, m.to_rep) for m in quarter.approved if m.account != move.account)
        for account, donor, receiver in ((move.account, move.from_rep, move.to_rep), *others):
            if rep in (donor, receiver):
                cents = (self._quota_shares(donor, when) or {}).get(account)
                sign = (rep == receiver) - (rep == donor)
                change = None if change is None or cents is None else change + sign * cents
        return _ratio(change, quota)

    def _quota(self, rep: str, when: date) -> int | None:
        """The amount of the latest line of the quarter, or of the latest quarter that has any."""
        lines = [
            (line.start, -line.amount)
            for line in self._state.quotas.get(rep, ())
            if line.amount is not None
            and ((line.start <= when and line.end is not None and line.end > when) or self._is_latest(line.start))
        ]
        return -max(lines)[1] if lines else None

    def _is_latest(self, start: date) -> bool:
        return start == self._state.latest_quota

    def _quota_shares(self, donor: str, when: date) -> Mapping[str, int] | None:
        """Account to its part of the donor's quota; `None` where nobody knows how it divides."""
        if (donor, when) not in self._shares:
            self._shares[donor, when] = self._divided(donor, self._quota(donor, when))
        return self._shares[donor, when]

    def _divided(self, donor: str, quota: int | None) -> Mapping[str, int] | None:
        accounts = self._owned.get(donor, [])
        weights = _weights([self._worth(a).get("potential") for a in accounts]) or _weights(
            [self._worth(a).get("t12") for a in accounts]
        )
        if quota is None or weights is None:
            return None
        size, whole, sign = abs(quota), sum(weights), -1 if quota < 0 else 1
        parts = {a: tuple(sign * n for n in divmod(size * w, whole)) for a, w in zip(accounts, weights, strict=True)}
        over = quota - sum(part for part, _ in parts.values())
        ranked = sorted(accounts, key=lambda a: (-parts[a][1], a))
        return {account: parts[account][0] + (place < over) for place, account in enumerate(ranked)}

    def _worth(self, account: str) -> Row:
        return self._state.accounts.get(account, _NOBODY)

    def _before(self, account: str) -> str | None:
        return self._state.owners.get(account, (None, None))[0]

    def _rounded(self, amount: int) -> int:
        """An amount at the source's scale in minor units, half-even."""
        digits = self._state.digits
        return amount * 10**digits if digits >= 0 else round(Fraction(amount, 10**-digits))


def _active(rep: Row, day: date) -> bool | None:
    """Whether somebody is employed on a day; a first day that nobody knows does not matter once they have left."""
    hired, left = rep.get("hired_on"), rep.get("left_on")
    if left is not None and left <= day:
        return False
    return None if hired is None else hired <= day


def _ratio(over: int | None, under: int | None) -> Fraction | None:
    return Fraction(over, under) if over is not None and under is not None and under > 0 else None


def _weights(values: Iterable[int | None]) -> list[int] | None:
    """The values as weights; `None` where one is unknown or below 0, or all are 0."""
    given = list(values)
    known = [value for value in given if value is not None and value >= 0]
    return known if len(known) == len(given) and any(known) else None
