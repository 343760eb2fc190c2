"""What an event is about: the things whose fold it changes. Pure.

A subject is `kind:id`. The state of a subject is a pure function of the events about
it, so adding an event recomputes a few rows and rebuilding recomputes them all,
through the same code and with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from bench.records.kinds import machine, network, packs
from bench.records.signed.event import Event

_BENCH = re.compile(r"[0-9a-f]{32}")
# By type, because an import asks this of every event: what it is about beside its device.
_Named = Callable[[Event, Any], Iterable[str]]


def subjects(event: Event, data: machine.Data | None) -> tuple[str, ...]:
    """The subjects of an event, `data` being `kinds.read(event.type, event.data)`.

    An event that nothing here understands is about nothing: it is stored and relayed.
    """
    if data is None:
        return ()
    kind = type(data)
    machine = (f"machine:{event.device}",) if event.device and kind not in _OF_BENCH else ()
    named = _NAMED.get(kind)
    return tuple(dict.fromkeys((*machine, *named(event, data)))) if named else machine


def name_of(subject: str) -> str:
    """What a subject is about, without its kind: a device, a lot, a bench."""
    return subject.partition(":")[2]


def _devices(event: Event, data: Any) -> list[str]:
    return [f"machine:{device[:64]}" for device in data.devices]


def _other(event: Event, data: Any) -> list[str]:
    return [f"machine:{data.other[:64]}"]


def _transfer(event: Event, data: Any) -> list[str]:
    return [*_devices(event, data), f"transfer:{data.transfer}"]


def _lot(event: Event, data: Any) -> list[str]:
    return [f"lot:{event.lot}"] if event.lot else []


def _day(event: Event, data: Any) -> list[str]:
    return [f"day:{event.bench}/{day_of(event, data)}"]


def _bench(event: Event, data: Any) -> list[str]:
    return [f"bench:{event.bench}"]


def _donor(event: Event, data: Any) -> list[str]:
    return [f"donor:{data.donor}"]


def _request(event: Event, data: Any) -> list[str]:
    return [f"request:{data.request}"]


def _pack(event: Event, data: Any) -> list[str]:
    return [f"pack:{data.pack}"]


def _certified(event: Event, data: Any) -> list[str]:
    # Unchecked names: the fold checks the signature inside, this only finds the rows.
    bench = bench_in(data.certificate)
    return [f"bench:{bench}"] if bench else []


def _revoked(event: Event, data: Any) -> list[str]:
    bench = bench_in(data.revocation)
    return [f"bench:{bench}"] if bench else []


def _reinstated(event: Event, data: Any) -> list[str]:
    bench = bench_in(data.reinstatement)
    return [f"bench:{bench}"] if bench else []


_OF_BENCH = {network.BenchOpened, network.NumberBlock}
_NAMED: dict[type[machine.Data], _Named] = {
    machine.TransferSent: _transfer,
    machine.TransferAccepted: _transfer,
    machine.TransferWithdrawn: _transfer,
    machine.ReservationMade: _devices,
    machine.ReservationReleased: _devices,
    machine.SameAs: _other,
    machine.NotSame: _other,
    network.LotPromised: _lot,
    network.LotCollected: _lot,
    network.LotWeighed: _lot,
    network.LotReceived: _lot,
    network.LotClosed: _lot,
    network.HoursNoted: _day,
    network.DayClosed: _day,
    network.DayReopened: _day,
    network.WasteWeighed: _day,
    network.PartUsed: _day,
    network.BenchOpened: _bench,
    network.NumberBlock: _bench,
    network.DonorRegistered: _donor,
    network.RequestMade: _request,
    network.RequestClosed: _request,
    packs.PackPublished: _pack,
    packs.PackWithdrawn: _pack,
    packs.PackAnswered: _pack,
    network.BenchCertified: _certified,
    network.BenchRevoked: _revoked,
    network.BenchReinstated: _reinstated,
    network.SupervisorCertified: _certified,
}


def bench_in(statement: dict[str, object]) -> str:
    """The bench a certificate or a revocation names, "" where it cannot be read."""
    try:
        value = msgspec.json.decode(str(statement.get("body", "")).encode())
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return ""
    bench = value.get("bench") if isinstance(value, dict) else None
    return bench if isinstance(bench, str) and _BENCH.fullmatch(bench) else ""


def day_of(event: Event, data: machine.Data) -> str:
    """The day an event counts for: the one it names, else the one of its clock."""
    named = getattr(data, "day", "")
    return named if named else event.at[:10]
