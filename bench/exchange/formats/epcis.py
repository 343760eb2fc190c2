"""GS1 EPCIS 2.0 (JSON-LD): what happened to machines, for partners of the supply chain.

Machines are `urn:uuid:` of our device names, benches `urn:etabli:bench:`. Business steps
are those of the Core Business Vocabulary; what it has no word for is not invented, and
details stay under our own `etabli:` names, as the standard lets extensions do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bench.exchange.formats.source import known
from bench.records.dossier import erasures
from bench.records.kinds import kinds, machine
from bench.records.signed.event import Event, Signed

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"etabli": "urn:etabli:ns:"},
]
# type -> action, bizStep, disposition
_STEPS = {
    "machine.arrived": ("ADD", "receiving", "in_progress"),
    "label.printed": ("OBSERVE", "commissioning", "active"),
    "test.done": ("OBSERVE", "inspecting", "in_progress"),
    "erase.done": ("OBSERVE", "inspecting", "in_progress"),
    "grade.given": ("OBSERVE", "inspecting", "in_progress"),
    "visit.done": ("OBSERVE", "storing", "sellable_accessible"),
    "reservation.made": ("OBSERVE", "reserving", "reserved"),
    "transfer.sent": ("OBSERVE", "shipping", "in_transit"),
    "transfer.accepted": ("OBSERVE", "accepting", "in_progress"),
    "transfer.withdrawn": ("OBSERVE", "void_shipping", "in_progress"),
    "handover.done": ("OBSERVE", "dispensing", "dispensed"),
}
_ENDS = {"parts": ("disassembling", "disposed"), "weee": ("decommissioning", "disposed")}
_DETAILS = ("asset", "test", "outcome", "claim", "technique", "journal_hash", "grade", "transfer")


def document(events: Iterable[Signed], *, at: str) -> dict[str, Any]:
    """An EPCIS document of these events."""
    found = list(events)
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at,
        "epcisBody": {"eventList": list(_events(found))},
    }


def _events(found: list[Signed]) -> Iterator[dict[str, Any]]:
    corrected = _corrections(found)
    for signed in found:
        made = _event(signed.event)
        if made is not None:
            errors = corrected.get(signed.hash.hex())
            yield made | ({"errorDeclaration": errors} if errors else {})


def _event(event: Event) -> dict[str, Any] | None:
    data = kinds.read(event.type, event.data)
    step = _STEPS.get(event.type)
    if isinstance(data, machine.MachineDestined) and data.destination in _ENDS:
        step = ("DELETE", *_ENDS[data.destination])
    devices = _devices(event, data)
    if data is None or step is None or not devices:
        return None
    action, business, disposition = step
    details = {
        f"etabli:{name}": value
        for name in _DETAILS
        if isinstance(value := getattr(data, name, None), str) and value
    }
    if isinstance(data, machine.EraseDone):
        details["etabli:claim"] = erasures.claim_of(data)
    return (
        known(
            {
                "type": "ObjectEvent",
                "eventID": f"urn:uuid:{event.id}",
                "eventTime": event.at,
                "eventTimeZoneOffset": "+00:00",
                "epcList": [f"urn:uuid:{device}" for device in devices],
                "action": action,
                "bizStep": business,
                "disposition": disposition,
                "readPoint": {"id": f"urn:etabli:bench:{event.bench}"},
            }
        )
        | details
    )


def _devices(event: Event, data: object) -> list[str]:
    named = getattr(data, "devices", None)
    return list(named) if named else [event.device] if event.device else []


def _corrections(found: list[Signed]) -> dict[str, dict[str, Any]]:
    """By the hash of the corrected event, the error declaration it gets."""
    errors: dict[str, dict[str, Any]] = {}
    for signed in found:
        data = kinds.read(signed.event.type, signed.event.data)
        if isinstance(data, machine.Correction) and data.of:
            errors[data.of] = {
                "declarationTime": signed.event.at,
                "reason": "incorrect_data",
                "correctiveEventIDs": [f"urn:uuid:{signed.event.id}"],
            }
    return errors
