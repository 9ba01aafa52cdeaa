"""Write the realignment of 2012-11-30 as a proposal: `moves.csv` from AdventureWorks' own order history.

    python examples/adventureworks/realignment.py FOLDER-OF-EXPORTS OUT-FOLDER

A customer moved if its first reseller order in the six months from 2012-11-30 was sold by somebody else than its
last one before. The proposal is constructed: the data has orders, not a proposal, and requester and evidence say so.
"""

import csv
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

EFFECTIVE = date(2012, 11, 30)
SEEN_UNTIL = date(2013, 5, 30)
COLUMNS = (
    "account",
    "from_rep",
    "to_rep",
    "effective",
    "requested_on",
    "announced_on",
    "reason",
    "requester",
    "approver",
    "evidence",
)
ORDER_ID, ORDER_DATE, CUSTOMER, SELLER = 0, 2, 10, 11


def reseller_orders(exports: Path) -> Iterator[tuple[date, int, str, str]]:
    """(day, order id, customer, seller) of every order with a sales person."""
    with (exports / "SalesOrderHeader.csv").open(encoding="ascii", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row[SELLER]:
                yield date.fromisoformat(row[ORDER_DATE][:10]), int(row[ORDER_ID]), row[CUSTOMER], row[SELLER]


def moves(exports: Path) -> list[tuple[str, str, str]]:
    """(account, giving rep, receiving rep), in order of account."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for day, _, customer, seller in sorted(reseller_orders(exports)):
        if day < EFFECTIVE:
            before[customer] = seller
        elif day < SEEN_UNTIL:
            after.setdefault(customer, seller)
    return sorted((c, before[c], seller) for c, seller in after.items() if c in before and before[c] != seller)


def main(exports: Path, out: Path) -> None:
    """Write `moves.csv`, and `decision.yaml` beside it."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "moves.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        said = (
            EFFECTIVE.isoformat(),
            "2012-10-15",
            "2012-11-15",
            "rebalance",
            "constructed requester",
            "constructed approver",
            "constructed from orders",
        )
        writer.writerows((*move, *said) for move in moves(exports))
    shutil.copyfile(Path(__file__).with_name("decision.yaml"), out / "decision.yaml")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
