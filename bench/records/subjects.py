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

from bench.records import kinds_machine, kinds_network
from bench.records.event import Event

_BENCH = re.compile(r"[0-9a-f]{32}")
# By type, because an import asks this of every event: what it is about beside its device.
_Named = Callable[[Event, Any], Iterable[str]]


def subjects(event: Event, data: kinds_machine.Data | None) -> tuple[str, ...]:
    """The subjects of an event, `data` being `kinds.read(event.type, event.data)`.

    An event that nothing here understands is about nothing: it is stored and relayed.
    """
    if data is None:
        return ()
    kind = type(data)
    machine = (f"machine:{event.device}",) if event.device and kind not in _OF_BENCH else ()
    named = _NAMED.get(kind)
    return tuple(dict.fromkeys((*machine, *named(event, data)))) if named else machine


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


def _certified(event: Event, data: Any) -> list[str]:
    # Unchecked names: the fold checks the signature inside, this only finds the rows.
    bench = bench_in(data.certificate)
    return [f"bench:{bench}"] if bench else []


def _revoked(event: Event, data: Any) -> list[str]:
    bench = bench_in(data.revocation)
    return [f"bench:{bench}"] if bench else []


_OF_BENCH = {kinds_network.BenchOpened, kinds_network.NumberBlock}
_NAMED: dict[type[kinds_machine.Data], _Named] = {
    kinds_machine.TransferSent: _transfer,
    kinds_machine.TransferAccepted: _transfer,
    kinds_machine.ReservationMade: _devices,
    kinds_machine.ReservationReleased: _devices,
    kinds_machine.SameAs: _other,
    kinds_machine.NotSame: _other,
    kinds_network.LotPromised: _lot,
    kinds_network.LotCollected: _lot,
    kinds_network.LotWeighed: _lot,
    kinds_network.LotReceived: _lot,
    kinds_network.HoursNoted: _day,
    kinds_network.DayClosed: _day,
    kinds_network.WasteWeighed: _day,
    kinds_network.PartUsed: _day,
    kinds_network.BenchOpened: _bench,
    kinds_network.NumberBlock: _bench,
    kinds_network.DonorRegistered: _donor,
    kinds_network.RequestMade: _request,
    kinds_network.RequestClosed: _request,
    kinds_network.BenchCertified: _certified,
    kinds_network.BenchRevoked: _revoked,
}


def bench_in(statement: dict[str, object]) -> str:
    """The bench a certificate or a revocation names, "" where it cannot be read."""
    try:
        value = msgspec.json.decode(str(statement.get("body", "")).encode())
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return ""
    bench = value.get("bench") if isinstance(value, dict) else None
    return bench if isinstance(bench, str) and _BENCH.fullmatch(bench) else ""


def day_of(event: Event, data: kinds_machine.Data) -> str:
    """The day an event counts for: the one it names, else the one of its clock."""
    named = getattr(data, "day", "")
    return named if named else event.at[:10]
