"""Every effective day is in a window or knows when the next one opens."""

from datetime import date

from engine.database import Database
from engine.metrics.known import create_known
from engine.metrics.move_windows import create_windows
from rules.model.calendar import Calendar, Window
from tests.engine.conftest import Loaded


def windows_of(db: Database, calendar: Calendar) -> list[tuple[date, bool, date | None]]:
    create_windows(db, calendar)
    return [
        (day, bool(inside), following) for day, inside, following in db.rows("SELECT * FROM move_windows ORDER BY day")
    ]


def test_every_effective_day_has_one_row(june: Loaded) -> None:
    db, manifest = june
    days = (date(2026, 10, 1), date(2026, 11, 15), date(2026, 11, 16))
    accounts = [a for (a,) in db.rows("SELECT account FROM moves ORDER BY account")]
    for i, account in enumerate(accounts):
        db.run("UPDATE moves SET effective = ? WHERE account = ?", [days[i % 3], account])
    db.run("UPDATE moves SET effective = NULL WHERE account = ?", [accounts[0]])
    create_known(db, manifest, date(2026, 6, 30))
    assert windows_of(db, Calendar(windows=(Window((1, 4), 46, 92),))) == [
        (days[0], False, days[1]),
        (days[1], True, None),
        (days[2], True, None),
    ]
    assert windows_of(db, Calendar()) == [(day, True, None) for day in days]
