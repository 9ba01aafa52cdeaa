"""Write the exports of Ostrevale Weighing, an invented maker of industrial scales: the same bytes on every run.

    python examples/ostrevale/make_exports.py [FOLDER]

Each folder `exports-DATE` is the whole set as its systems showed it at the end of that day: a CRM in English, an order
system and a payroll in German, tables of finance, planning and sales operations. Every system has its own encoding,
delimiter, column names, dates and numbers; `mapping.yaml` says how each is read. `moves.csv` is the proposal.
"""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from accounts import ACCOUNTS, BY_LABEL
from company import CAPACITY, LICENCES, REPS, TERRITORIES, WORK, draw
from proposal import ANNOUNCED, APPROVED, MOVES, REQUESTED, ownership_after, territory_on
from trade import EVENTS, QUARTERS, Booking, Deal, bookings, deals, pay, quotas

AS_OF = (date(2026, 6, 30), date(2026, 9, 30))
STAGES = ("1 Contact", "2 Site visit", "3 Trial weighing", "4 Offer", "5 Negotiation", "6 Order")
RENEWED = {BY_LABEL["NOR-2 C4"].id: (date(2026, 9, 12), date(2028, 9, 12))}
"""Contract by account: day of its renewal, and its new end."""
STALE_OWNERS = {BY_LABEL["FAR-2 A2"].id: "E-34", BY_LABEL["FAR-2 B6"].id: "E-34"}
"""Owners on the account sheet that nobody corrected when E-34 left."""
Row = Sequence[str | int]


def iso(day: date | None) -> str:
    """2026-08-03"""
    return day.isoformat() if day else ""


def british(day: date | None) -> str:
    """03/08/2026"""
    return f"{day:%d/%m/%Y}" if day else ""


def german(day: date) -> str:
    """03.08.2026"""
    return f"{day:%d.%m.%Y}"


def through(end: date | None, as_of: date) -> date | None:
    """The last day before `end`, if it had passed by then: these systems write ends inclusively."""
    return end - timedelta(days=1) if end and end <= as_of else None


def english_money(cents: int) -> str:
    """98,000.00"""
    return f"{cents // 100:,}.{cents % 100:02}"


def german_money(cents: int) -> str:
    """98.000,00"""
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"


def text_of(header: Row, rows: Iterable[Row], delimiter: str = ",") -> str:
    """A table as text with CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def crm_territories() -> bytes:
    """UTF-8 with a byte order mark."""
    header = ("Territory Code", "Territory", "Region", "Model", "Definition Changed")
    rows = [(t.code, t.name, t.region, t.model, iso(t.changed_on)) for t in TERRITORIES]
    return text_of(header, rows).encode("utf-8-sig")


def crm_users() -> bytes:
    """UTF-8, British dates, last day worked."""
    header = (
        "Employee",
        "Personnel No",
        "First Name",
        "Last Name",
        "Title",
        "Manages",
        "Quota",
        "Region",
        "Reports To",
    )
    rows = []
    for r in REPS:
        manages, quota = ("Yes", "No") if r.manager else ("No", "Yes")
        row = (r.id, r.personnel_number(), r.first, r.last, r.title, manages, quota, r.region, r.reports_to)
        last_day = r.left_on - timedelta(days=1) if r.left_on else None
        rows.append((*row, british(r.hired_on), british(last_day), r.segment, "; ".join(LICENCES.get(r.id, ()))))
    return text_of((*header, "Start Date", "Last Day", "Segment", "Licences"), rows).encode()


def crm_user_territories(as_of: date) -> bytes:
    """UTF-8, British dates, percent."""
    rows = [
        (w.rep, w.territory, w.percent, british(w.start), british(through(w.end, as_of)))
        for w in WORK
        if w.start <= as_of
    ]
    return text_of(("Employee", "Territory", "Capacity %", "From", "Through"), rows).encode()


def crm_accounts(as_of: date) -> bytes:
    """UTF-16 little endian with a byte order mark, tabs; names in four languages."""
    header = ("Account ID", "Account Name", "Territory", "Parent Account", "Size", "Key Account", "Industry")
    owners = {o.account: o.rep for o in ownership_after() if o.start <= as_of}
    rows: list[Row] = []
    for a in ACCOUNTS:
        renewed, end = RENEWED.get(a.id, (as_of, a.contract_end))
        contract_end = end if renewed <= as_of else a.contract_end
        size = "MM" if a.potential >= 500_000 else "SMB"
        row = (
            a.id,
            a.name,
            territory_on(a, as_of),
            a.parent,
            size,
            "x" if a.named else "-",
            a.industry,
            iso(contract_end),
        )
        owner = STALE_OWNERS.get(a.id, owners.get(a.id, ""))
        row = (*row, "x" if a.anchor else "-", f"{a.potential:,}", owner)
        rows.append((*row, "x" if a.plan else "-", a.contacts, a.risk, a.licence))
    header = (*header, "Contract Ends", "Anchored", "Potential EUR", "Account Owner", "Plan", "Contacts", "Churn Risk")
    text = text_of((*header, "Licence"), rows, "\t")
    return b"\xff\xfe" + text.encode("utf-16-le")


def crm_owner_history(as_of: date) -> bytes:
    """UTF-8, British dates, last day owned."""
    rows = [
        (o.account, o.rep, british(o.start), british(through(o.end, as_of)))
        for o in ownership_after()
        if o.start <= as_of
    ]
    return text_of(("Account ID", "Owner", "From", "Through"), rows).encode()


def crm_opportunities(as_of: date) -> bytes:
    """UTF-8, ISO dates. Two rows were typed by hand and are wrong: an impossible day, a letter in an amount."""
    header = (
        "Opportunity ID",
        "Account ID",
        "Owner",
        "Status",
        "Stage",
        "Stage No",
        "Created",
        "Expected Close",
        "Closed",
    )
    rows: list[Row] = [_deal_row(deal, as_of) for deal in deals() if deal.created_on <= as_of]
    by_hand = (BY_LABEL["FAR-3 A3"].id, "E-33", "Open", STAGES[1], 2)
    rows.insert(120, ("OP-4998", *by_hand, "2026-02-31", "2026-10-15", "", "14,200.00", "2026-06-02"))
    rows.insert(240, ("OP-4999", *by_hand, "2026-04-09", "2026-11-02", "", "12,5O0.00", "2026-06-02"))
    return text_of((*header, "Amount EUR", "Last Changed"), rows).encode()


def _deal_row(deal: Deal, as_of: date) -> Row:
    """The deal as it stood at the end of that day: one stage later after each sixth of its life."""
    days = (deal.closed_on - deal.created_on).days
    steps = [deal.created_on + timedelta(days=days * k // 6) for k in range(6)]
    reached = sum(day <= as_of for day in steps)
    slip = 0 if deal.exact else draw(31, "slip", deal.id) - 10
    if deal.closed_on <= as_of:
        rank = 6 if deal.won else 1 + draw(5, "lost in", deal.id)
        status, closed, changed = "Won" if deal.won else "Lost", deal.closed_on, deal.closed_on
    else:
        rank, status, closed, changed = reached, "Open", None, steps[reached - 1]
    expected = closed or deal.closed_on + timedelta(days=slip)
    row = (deal.id, deal.account.id, deal.rep, status, STAGES[rank - 1], rank, iso(deal.created_on), iso(expected))
    return (*row, iso(closed), english_money(deal.cents), iso(changed))


def erp_orders(as_of: date, sold: Sequence[Booking]) -> bytes:
    """Latin-1, semicolons, decimal comma, German dates."""
    header = ("Beleg", "Datum", "Kunde", "Verkäufer", "Gebiet", "Betrag EUR")
    rows = [
        (b.id, german(b.day), b.account.id, b.rep, territory_on(b.account, b.day), german_money(b.cents))
        for b in sold
        if b.day <= as_of
    ]
    return text_of(header, rows, ";").encode("latin-1")


def payroll(as_of: date, sold: Sequence[Booking]) -> bytes:
    """Latin-1, semicolons, decimal comma, months as 07.2025, personnel numbers of its own."""
    header = ("Personalnummer", "Monat", "Provision", "Bruttobezüge", "davon Einmalzahlung", "Abwesenheitstage")
    numbers = {r.id: r.personnel_number() for r in REPS}
    rows: list[Row] = []
    for p in pay(sold):
        if p.month <= as_of:
            amounts = (german_money(cents) for cents in (p.commission, p.earnings, p.one_offs))
            rows.append((numbers[p.rep], f"{p.month:%m.%Y}", *amounts, p.leave_days))
    return text_of(header, rows, ";").encode("latin-1")


def finance_quotas(as_of: date) -> bytes:
    """UTF-8, thousands separators, last days of quarters."""
    rows = [
        (q.rep, iso(q.start), iso(q.end - timedelta(days=1)), english_money(q.cents))
        for q in quotas()
        if q.start <= as_of
    ]
    return text_of(("Employee", "First Day", "Last Day", "Quota EUR"), rows).encode()


def finance_calendar() -> bytes:
    """UTF-8, the fiscal quarters up to March 2027, with their last days."""
    starts = (*QUARTERS, date(2027, 1, 1), date(2027, 4, 1))
    rows = [
        (f"{start.year}-Q{start.month // 3 + 1}", iso(start), iso(starts[n + 1] - timedelta(days=1)))
        for n, start in enumerate(starts[:-1])
    ]
    return text_of(("Quarter", "First Day", "Last Day"), rows).encode()


def planning_capacity(as_of: date) -> bytes:
    """UTF-8. In June one cell is still empty."""
    rows = [(rep, "" if rep == "E-33" and as_of == AS_OF[0] else units) for rep, units in sorted(CAPACITY.items())]
    return text_of(("Employee", "Full Book Units"), rows).encode()


def operations_events(as_of: date) -> bytes:
    """UTF-8, the diary of sales operations."""
    header = ("No", "Kind", "Day", "Region", "Employee", "Asked By", "Answered", "Note")
    rows = []
    for e in EVENTS:
        if e.happened_on <= as_of:
            answered = e.closed_on if e.closed_on and e.closed_on <= as_of else None
            rows.append((e.id, e.kind, iso(e.happened_on), e.region, e.rep, e.asked_by, iso(answered), e.note))
    return text_of(header, rows).encode()


def moves() -> bytes:
    """The proposal, in the columns that `merestone moves check` reads."""
    header = ("account", "from_rep", "to_rep", "effective", "requested_on", "approved_on", "announced_on", "reason")
    rows = []
    for m in MOVES:
        days = (iso(m.effective), iso(REQUESTED), iso(APPROVED), iso(ANNOUNCED))
        row = (BY_LABEL[m.account].id, m.giver, m.receiver, *days, m.reason)
        rows.append((*row, m.requester, m.approver, m.evidence_link()))
    return text_of((*header, "requester", "approver", "evidence"), rows).replace("\r\n", "\n").encode()


def exports(as_of: date) -> dict[str, bytes]:
    """File name to content of the whole set as of the end of that day."""
    sold = bookings()
    return {
        "crm_territories.csv": crm_territories(),
        "crm_users.csv": crm_users(),
        "crm_user_territories.csv": crm_user_territories(as_of),
        "crm_accounts.tsv": crm_accounts(as_of),
        "crm_owner_history.csv": crm_owner_history(as_of),
        "crm_opportunities.csv": crm_opportunities(as_of),
        "erp_auftraege.csv": erp_orders(as_of, sold),
        "payroll_bezuege.csv": payroll(as_of, sold),
        "finance_quotas.csv": finance_quotas(as_of),
        "finance_calendar.csv": finance_calendar(),
        "planning_capacity.csv": planning_capacity(as_of),
        "operations_events.csv": operations_events(as_of),
    }


def everything() -> dict[str, bytes]:
    """Path below the company's folder to content."""
    files = {f"exports-{as_of}/{name}": content for as_of in AS_OF for name, content in exports(as_of).items()}
    return files | {"moves.csv": moves()}


def main(folder: Path) -> None:
    """Write everything below `folder`."""
    for name, content in everything().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
