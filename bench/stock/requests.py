"""What organisations ask for on behalf of people: a request from its making to its end.

Who asks is a reference in the log; the organisation's name lies in the erasable table. Nothing is
kept of the people the machines are for.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure
from bench.records import persons
from bench.stock.donors import years_on

if TYPE_CHECKING:
    from bench.records.log import Log

KINDS = ("laptop", "desktop", "mini", "all_in_one", "tablet")
GRADES = ("A", "B", "C", "D")
SERVED, WITHDRAWN = "served", "withdrawn"
OUTCOMES = (SERVED, WITHDRAWN, "refused")
MOST_QUANTITY = 500
MOST_RAM_MIB = 1 << 20
# Details of a prescriber's contact go three years after they were given, as donors' do.
KEEP_YEARS = 3


class RequestLine(NamedTuple):
    """One request in a list; `reserved` and `given` count machines."""

    request: str
    kind: str  # "" for any
    minimum_grade: str  # "" for any
    ram_mib: int  # 0 for any
    quantity: int
    commune: str
    deadline: str  # a day, or ""
    prescriber: str  # reference
    name: str  # of the prescriber, else the reference
    day: str
    outcome: str  # "" while it is open
    reserved: int
    given: int

    @property
    def missing(self) -> int:
        """How many machines are still to be found."""
        return 0 if self.outcome else max(self.quantity - self.reserved - self.given, 0)


def register_prescriber(
    log: Log, name: str, *, contact: str = "", address: str = "", commune: str = ""
) -> str:
    """Keep an organisation that asks; gives its reference.

    Raises `Failure` (`sharing.prescriber_name`), `RecordsError`.
    """
    if not name.strip():
        raise Failure("sharing.prescriber_name", Exit.USAGE)
    details = {"name": name, "contact": contact, "address": address, "commune": commune}
    fields = {key: text.strip() for key, text in details.items() if text.strip()}
    return persons.add(log, "prescriber", fields, keep_until=years_on(log, KEEP_YEARS))


def prescribers(log: Log) -> dict[str, str]:
    """The name of each prescriber by its reference."""
    return {
        person.reference: person.fields.get("name") or person.reference
        for person in persons.everyone(log.store, "prescriber")
    }


def find_prescriber(log: Log, what: str) -> str:
    """The reference of a prescriber given by it or by its exact name. Raises `Failure`."""
    wanted = what.strip().casefold()
    found = [
        reference
        for reference, name in prescribers(log).items()
        if wanted in (reference, name.casefold())
    ]
    if len(found) != 1:
        raise Failure("sharing.prescriber_unknown", Exit.USAGE, what=what[:64])
    return found[0]


def ask(
    log: Log,
    prescriber: str,
    *,
    kind: str = "",
    minimum_grade: str = "",
    ram_mib: int = 0,
    quantity: int = 1,
    commune: str = "",
    deadline: str = "",
    operator: str = "",
) -> str:
    """Record a request of a prescriber (a reference); gives its own reference.

    Raises `Failure` (`sharing.request_*`) for a kind, grade, number or day that cannot be meant.
    """
    if kind and kind not in KINDS:
        raise Failure("sharing.request_kind", Exit.USAGE, kind=kind[:40], kinds=", ".join(KINDS))
    if minimum_grade and minimum_grade not in GRADES:
        raise Failure("sharing.request_grade", Exit.USAGE, grade=minimum_grade[:10])
    if not 1 <= quantity <= MOST_QUANTITY:
        raise Failure("sharing.request_quantity", Exit.USAGE, count=quantity, most=MOST_QUANTITY)
    if not 0 <= ram_mib <= MOST_RAM_MIB:
        raise Failure("sharing.request_memory", Exit.USAGE)
    if deadline and not _is_day(deadline):
        raise Failure("sharing.request_day", Exit.USAGE, day=deadline[:20])
    if deadline and deadline < log.clock.now().date().isoformat():
        raise Failure("sharing.request_past", Exit.USAGE, day=deadline)
    request = log.new_reference()
    data = {
        "request": request,
        "kind": kind,
        "minimum_grade": minimum_grade,
        "ram_mib": ram_mib,
        "quantity": quantity,
        "commune": " ".join(commune.split())[:80],
        "deadline": deadline,
        "prescriber": prescriber,
    }
    log.append("request.made", data, operator=operator)
    return request


def close(log: Log, request: str, outcome: str, *, operator: str = "") -> None:
    """End a request; what is reserved for it and not given is free again.

    Raises `Failure`: `sharing.request_unknown`, `sharing.request_closed`, `sharing.outcome`,
    `sharing.nothing_given` (served, and no machine was handed over for it).
    """
    if outcome not in OUTCOMES:
        raise Failure("sharing.outcome", Exit.USAGE, outcome=outcome[:40])
    with log.store.transaction():
        must_be_open(log, request)
        rows = log.store.query(
            "SELECT device, reservation FROM reservation WHERE request = ? AND active = 1",
            (request,),
        )
        given = {
            device
            for (device,) in log.store.query(
                "SELECT device FROM machine WHERE request = ? AND state = 'handed_over'", (request,)
            )
        }
        if outcome == SERVED and not given:
            raise Failure("sharing.nothing_given", Exit.REFUSED)
        for device, reservation in rows:
            if device not in given:
                data = {"reservation": reservation, "devices": [device]}
                log.append("reservation.released", data, device=device, operator=operator)
        log.append("request.closed", {"request": request, "outcome": outcome}, operator=operator)


_LINES = (
    "SELECT r.request, r.kind, r.minimum_grade, r.ram_mib, r.quantity, r.commune, r.deadline,"
    " r.prescriber, r.day, r.outcome,"
    " (SELECT count(*) FROM machine AS m WHERE m.request = r.request AND m.state <> 'handed_over'"
    "  AND m.request <> ''),"
    " (SELECT count(*) FROM machine AS m WHERE m.request = r.request AND m.state = 'handed_over'"
    "  AND m.request <> '') FROM request AS r"
)


def requests(log: Log, *, ended: bool = False, prescriber: str = "") -> list[RequestLine]:
    """The requests that are open, those with a near deadline first; all of them if `ended`.
    `prescriber`: of this one alone."""
    rows = log.store.query(
        f"{_LINES} WHERE (? OR r.outcome = '') AND (? = '' OR r.prescriber = ?)"
        " ORDER BY r.outcome <> '', r.deadline = '', r.deadline, r.day, r.request LIMIT 20000",
        (ended, prescriber, prescriber),
    )
    names = prescribers(log)
    return [_line(row, names) for row in rows]


def must_know(log: Log, request: str) -> RequestLine:
    """One request. Raises `Failure` (`sharing.request_unknown`)."""
    rows = log.store.query(f"{_LINES} WHERE r.request = ?", (request,))
    if not rows:
        raise Failure("sharing.request_unknown", Exit.USAGE, request=request[:40])
    return _line(rows[0], prescribers(log))


def must_be_open(log: Log, request: str) -> RequestLine:
    """The same, open. Raises `Failure` (`sharing.request_closed`) too."""
    found = must_know(log, request)
    if found.outcome:
        raise Failure("sharing.request_closed", Exit.REFUSED, request=request)
    return found


def _line(row: tuple[object, ...], names: dict[str, str]) -> RequestLine:
    reference = str(row[7])
    return RequestLine._make((*row[:8], names.get(reference, reference), *row[8:]))


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
