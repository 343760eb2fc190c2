"""Who gives: a reference in the log, and a name in the table that can be erased."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure
from bench.records import persons

if TYPE_CHECKING:
    from bench.records.log import Log

KINDS = ("company", "association", "public", "person")
# Of a private person the details go three years after the last gift, as the CNIL advises for
# contacts; a legal person has none to be forgotten, but its contact may ask (`etabli forget`).
KEEP_YEARS = 3
_SIREN, _SIRET = re.compile(r"\d{9}"), re.compile(r"\d{14}")


class Donor(NamedTuple):
    """One donor as this bench knows it; `name` is the reference once it was forgotten."""

    reference: str
    kind: str
    name: str
    convention: str
    siren: str


def register(
    log: Log,
    kind: str,
    name: str,
    *,
    siret: str = "",
    address: str = "",
    contact: str = "",
    convention: str = "",
    operator: str = "",
) -> str:
    """Keep who gives, and gives the reference their lots are known by.

    `siret` may be a SIREN (9 figures) or a SIRET (14), and is kept for legal persons only.
    Raises `Failure` (`stock.donor_*`), `RecordsError`.
    """
    if kind not in KINDS:
        raise Failure("stock.donor_kind", Exit.USAGE, kind=kind, kinds=", ".join(KINDS))
    if not name.strip():
        raise Failure("stock.donor_name", Exit.USAGE)
    number = re.sub(r"[\s.]", "", siret) if kind != "person" else ""
    if number and not good_number(number):
        raise Failure("stock.donor_number", Exit.USAGE, number=siret)
    details = {"name": name, "siret": number, "address": address, "contact": contact}
    fields = {key: text.strip() for key, text in details.items() if text.strip()}
    keep_until = years_on(log, KEEP_YEARS) if kind == "person" else ""
    with log.store.transaction():
        reference = persons.add(log, "donor", fields, keep_until=keep_until)
        data = {"donor": reference, "kind": kind, "siren": number[:9], "convention": convention}
        log.append("donor.registered", data, operator=operator)
    return reference


def good_number(number: str) -> bool:
    """A SIREN or SIRET whose check digit is right (Luhn, ISO/IEC 7812-1 annex B).

    La Poste's own establishments are the one exception INSEE made: their digits add up to a
    multiple of 5.
    """
    if not (_SIREN.fullmatch(number) or _SIRET.fullmatch(number)):
        return False
    doubled = (int(c) * (1 + at % 2) for at, c in enumerate(reversed(number)))
    if sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0:
        return True
    return number.startswith("356000000") and sum(map(int, number)) % 5 == 0


def years_on(log: Log, years: int) -> str:
    """The same day some years on, `YYYY-MM-DD`; a 29 February becomes the 28th."""
    today = log.clock.now().date()
    try:
        return today.replace(year=today.year + years).isoformat()
    except ValueError:
        return datetime.date(today.year + years, 2, 28).isoformat()


def donors(log: Log) -> list[Donor]:
    """The workshop's donors, and those a coordination registered, the newest first."""
    names = {
        person.reference: person.fields.get("name", "")
        for person in persons.everyone(log.store, "donor")
    }
    rows = log.store.query(
        "SELECT donor, kind, convention, siren FROM donor AS d WHERE workshop IN ('', ?1) AND"
        " NOT EXISTS (SELECT 1 FROM donor AS o WHERE o.donor = d.donor AND o.workshop = ''"
        " AND d.workshop <> '') ORDER BY day DESC, donor",
        (log.workshop,),
    )
    return [
        Donor(reference, kind, names.get(reference) or reference, convention, siren)
        for reference, kind, convention, siren in rows
    ]


def find(log: Log, what: str) -> str:
    """The reference of a donor given by its reference or its exact name. Raises `Failure`."""
    wanted = what.strip().casefold()
    found = [
        donor.reference
        for donor in donors(log)
        if wanted in (donor.reference, donor.name.casefold())
    ]
    if len(found) != 1:
        raise Failure("stock.donor_unknown", Exit.USAGE, what=what[:64], count=len(found))
    return found[0]
