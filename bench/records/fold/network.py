"""Folds of lots, donors, requests, transfers, days and benches. Pure."""

from __future__ import annotations

from typing import Any

from bench.records.fold.holding import Transfer, transfers_of
from bench.records.kinds import machine, network
from bench.records.rules import membership
from bench.records.rules.known import Bench, Known, Place
from bench.records.rules.may import kept, may
from bench.records.signed import keys
from bench.records.sql import tables
from bench.records.sql.rows import Entry, Row, Rows, compact, conflict, make_row

_REPEATS = 4


def fold_lot(lot: str, entries: list[Entry], known: Known) -> Rows:
    """The lots of this name, one of each workshop that speaks of one.

    Benches count from 1 in every workshop, so `L26-1-001` is the first lot of many: what one
    workshop says of its own changes nothing in another's.
    """
    by_workshop: dict[str, list[Entry]] = {}
    for entry in entries:
        by_workshop.setdefault(known.speaker(entry.event), []).append(entry)
    rows: Rows = {tables.LOT: [], tables.CONFLICT: []}
    for workshop, said in sorted(by_workshop.items()):
        for table, found in _fold_lot_of(workshop, lot, said).items():
            rows[table] += found
    return rows


def _fold_lot_of(workshop: str, lot: str, entries: list[Entry]) -> Rows:
    """A lot: what was promised, collected, weighed, received, and its end. Weighings add up."""
    row: dict[str, Any] = {name: "" for name in tables.LOT.names}
    row.update(lot=lot, workshop=workshop, promised=0, collected=0, received=0, weight_g=0)
    for entry in entries:
        data, day = entry.data, entry.event.at[:10]
        if isinstance(data, network.LotPromised):
            row.update(promised=data.count, promised_day=data.day or day)
            row.update(convention=data.convention, destination=data.destination)
            row["state"] = row["state"] or "promised"
        elif isinstance(data, network.LotCollected):
            row.update(collected=data.count, collected_day=data.day or day)
            row["state"] = row["state"] if row["received_day"] else "collected"
        elif isinstance(data, network.LotWeighed):
            row["weight_g"] = min(row["weight_g"] + data.weight_g, 2**53)
        elif isinstance(data, network.LotReceived):
            row.update(received=data.count, received_day=day)
            row["state"] = "closed" if row["closed_day"] else "received"
        elif isinstance(data, network.LotClosed):
            row["closed_day"] = "" if data.reopened else day
            row["state"] = "received" if data.reopened else "closed"
    donors = sorted({d for e in entries if (d := getattr(e.data, "donor", ""))})
    if len(donors) == 1:
        row["donor"] = donors[0]
    rows: Rows = {tables.LOT: [make_row(tables.LOT, row)]}
    if len(donors) > 1:
        told = (f"lot:{lot}", "donor", "twice", compact(donors), workshop)
        rows[tables.CONFLICT] = [conflict(*told)]
    return rows


def fold_donor(donor: str, entries: list[Entry], known: Known) -> Rows:
    """A donor by reference: its kind and convention, never its name.

    Each workshop says it for its own lots, and a coordination for all: who else knows the
    reference changes nothing in what another's papers say.
    """
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        data = entry.data
        if isinstance(data, network.DonorRegistered):
            workshop = "" if known.coordinates(entry.event) else known.speaker(entry.event)
            before = rows.get(workshop, {})
            rows[workshop] = {
                "donor": donor,
                "workshop": workshop,
                "kind": data.kind,
                "convention": data.convention,
                "siren": "" if data.kind == "person" else data.siren,
                "day": before.get("day", entry.event.at[:10]),
            }
    return {tables.DONOR: [make_row(tables.DONOR, row) for row in rows.values()]} if rows else {}


def fold_request(request: str, entries: list[Entry], known: Known) -> Rows:
    """A request of a prescriber, and whether it was answered.

    Its words are those of the workshop that made it, and of a coordination: whoever else knows
    its reference, with a stolen stick's key too, neither changes nor closes it.
    """
    row: dict[str, Any] = {}
    outcome = ""
    made = [entry for entry in entries if isinstance(entry.data, network.RequestMade)]
    by_region = [entry for entry in made if known.coordinates(entry.event)]
    owner = known.speaker((by_region or made)[0].event) if made else ""
    for entry in entries:
        data = entry.data
        if known.speaker(entry.event) != owner and not known.coordinates(entry.event):
            continue
        if isinstance(data, network.RequestMade):
            row = {
                "request": request,
                "kind": data.kind,
                "minimum_grade": data.minimum_grade,
                "ram_mib": data.ram_mib,
                "quantity": data.quantity,
                "commune": data.commune,
                "deadline": data.deadline,
                "prescriber": data.prescriber,
                "day": entry.event.at[:10],
            }
        elif isinstance(data, network.RequestClosed):
            outcome = data.outcome or "closed"
    if not row:
        return {}
    return {tables.REQUEST: [make_row(tables.REQUEST, row | {"outcome": outcome})]}


def fold_transfer(transfer: str, entries: list[Entry], known: Known) -> Rows:
    """The transfers of this name, one of each workshop that sends one: in transit until the
    receiving workshop accepts it, or either takes it back."""
    rows = [_transfer_row(each) for each in transfers_of(entries, known)]
    return {tables.TRANSFER: [make_row(tables.TRANSFER, row) for row in rows]}


def _transfer_row(transfer: Transfer) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(tables.TRANSFER.names, "")
    row.update(transfer=transfer.name, sender=transfer.sender, devices=0, state="accepted_only")
    devices = set(_devices(transfer.sent))
    # A word on other machines under this name is none on these.
    accepted = [entry for entry in transfer.accepted if devices & set(_devices([entry]))]
    withdrawn = [entry for entry in transfer.withdrawn if devices & set(_devices([entry]))]
    if transfer.sent:
        first = transfer.sent[0]
        assert isinstance(first.data, machine.TransferSent)
        row.update(receiver=first.data.to, sent_day=first.event.at[:10], devices=len(devices))
        row["state"] = "in_transit"
    if accepted and transfer.sent:
        row.update(state="accepted", accepted_day=accepted[0].event.at[:10])
    elif withdrawn:
        row.update(state="withdrawn", withdrawn_day=withdrawn[0].event.at[:10])
    return row


def _devices(entries: list[Entry]) -> list[str]:
    return [device for entry in entries for device in getattr(entry.data, "devices", ())]


def fold_day(subject: str, entries: list[Entry], known: Known) -> Rows:
    """A bench's day: closed or not, waste by kind, hours by step."""
    bench, _, day = subject.partition("/")
    base: dict[str, Any] = {"subject": subject, "bench": bench, "day": day}
    row = base | {"closed": 0, "closed_event": "", "reopened_event": "", "parts": 0}
    hours: dict[str, int] = {}
    waste: dict[str, int] = {}
    for entry in entries:
        data = entry.data
        if isinstance(data, network.DayClosed):
            row.update(closed=1, closed_event=entry.hash)
        elif isinstance(data, network.DayReopened):
            # Before any closing that counts it takes nothing back.
            if row["closed"]:
                row.update(closed=0, reopened_event=entry.hash)
        elif isinstance(data, network.HoursNoted):
            hours[data.step] = hours.get(data.step, 0) + data.minutes
        elif isinstance(data, network.WasteWeighed):
            waste[data.kind] = min(waste.get(data.kind, 0) + data.weight_g, 2**53)
        elif isinstance(data, network.PartUsed):
            row["parts"] += 1
    return {
        tables.DAY: [make_row(tables.DAY, row)],
        tables.HOURS: [
            make_row(tables.HOURS, base | {"step": step, "minutes": minutes})
            for step, minutes in hours.items()
        ],
        tables.WASTE: [
            make_row(tables.WASTE, base | {"kind": kind, "weight_g": weight})
            for kind, weight in waste.items()
        ],
    }


def fold_bench(bench: str, entries: list[Entry], known: Known) -> Rows:
    """A bench: name, workshop, role, blocks of label numbers, who revoked it and for whom."""
    said = membership.read(bench, entries, known.workshops)
    supervisors = _first_places(said.bench, known)
    row: dict[str, Any] = dict.fromkeys(tables.BENCH.names, "")
    row.update(bench=bench, workshop=said.bench.workshop, role=said.bench.role)
    row["revoked_after"] = said.bench.revoked_after
    row["cuts"] = compact(
        [[cut.place.seq, cut.place.event, cut.first, cut.end] for cut in said.bench.cuts]
    )
    row["supervisors"] = compact([[k, at.seq, at.event] for k, at in supervisors])
    row["times"] = compact([list(time) for time in said.bench.times])
    blocks: dict[tuple[str, int, int], int] = {}
    judging = Known({bench: said.bench}, known.workshops, known.ancestors)
    for entry in entries:
        data = entry.data
        if entry.event.bench != bench or may(entry, judging):
            continue
        if isinstance(data, network.BenchOpened):
            row.update(name=data.name, site=data.site)
            row.update(prefix=data.prefix, software=data.software)
        elif isinstance(data, network.NumberBlock):
            block = (data.prefix, data.year, data.start)
            blocks[block] = max(blocks.get(block, 0), data.size)
    return {
        tables.BENCH: [make_row(tables.BENCH, row)],
        tables.NUMBERS: [(bench, *block, size) for block, size in blocks.items()],
        tables.REVOCATION: [_revocation(*each) for each in said.revocations],
    }


def _first_places(bench: Bench, known: Known) -> list[tuple[str, Place]]:
    """Of each supervisors' key the first places that count: who has the bench's key can repeat a
    statement without end, beside the chain too."""
    found: dict[str, list[Place]] = {}
    for key, place in bench.supervisors:  # in order
        if len(found.setdefault(key, [])) < _REPEATS and kept(place, bench, known):
            found[key].append(place)
    return [(key, place) for key, places in sorted(found.items()) for place in places]


def _revocation(said: keys.Revocation, state: str) -> Row:
    place = (said.after_seq, said.after_hash)
    return (said.bench, said.name, said.workshop, *place, said.reason[:200], said.at[:40], state)
