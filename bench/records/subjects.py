"""What an event is about: the things whose fold it changes. Pure.

A subject is `kind:id`. The state of a subject is a pure function of the events about
it, so adding an event recomputes a few rows and rebuilding recomputes them all,
through the same code and with the same result.
"""

from __future__ import annotations

from bench.records import kinds_machine, kinds_network
from bench.records.event import Event

_BY_FIELD: dict[type[kinds_machine.Data], tuple[str, str]] = {
    kinds_network.DonorRegistered: ("donor", "donor"),
    kinds_network.RequestMade: ("request", "request"),
    kinds_network.RequestClosed: ("request", "request"),
}
_OF_BENCH = (kinds_network.BenchOpened, kinds_network.NumberBlock)
_OF_DEVICES = (
    kinds_machine.TransferSent,
    kinds_machine.TransferAccepted,
    kinds_machine.ReservationMade,
    kinds_machine.ReservationReleased,
)
_OF_LOT = (
    kinds_network.LotPromised,
    kinds_network.LotCollected,
    kinds_network.LotWeighed,
    kinds_network.LotReceived,
)
_OF_DAY = (
    kinds_network.HoursNoted,
    kinds_network.DayClosed,
    kinds_network.WasteWeighed,
    kinds_network.PartUsed,
)


def subjects(event: Event, data: kinds_machine.Data | None) -> tuple[str, ...]:
    """The subjects of an event, `data` being `kinds.read(event.type, event.data)`.

    An event that nothing here understands is about nothing: it is stored and relayed.
    """
    if data is None:
        return ()
    found: dict[str, None] = {}
    if event.device and not isinstance(data, _OF_BENCH):
        found[f"machine:{event.device}"] = None
    if isinstance(data, _OF_DEVICES):
        for device in data.devices:
            found[f"machine:{device[:64]}"] = None
    if isinstance(data, kinds_machine.SameAs):
        found[f"machine:{data.other[:64]}"] = None
    if isinstance(data, _OF_LOT) and event.lot:
        found[f"lot:{event.lot}"] = None
    if isinstance(data, _OF_DAY):
        found[f"day:{event.bench}/{day_of(event, data)}"] = None
    if isinstance(data, (kinds_machine.TransferSent, kinds_machine.TransferAccepted)):
        found[f"transfer:{data.transfer}"] = None
    if isinstance(data, _OF_BENCH):
        found[f"bench:{event.bench}"] = None
    by_field = _BY_FIELD.get(type(data))
    if by_field:
        found[f"{by_field[0]}:{getattr(data, by_field[1])}"] = None
    found.update(dict.fromkeys(_named_bench(data)))
    return tuple(found)


def _named_bench(data: kinds_machine.Data) -> tuple[str, ...]:
    # Unchecked names: the fold checks the signature inside, this only finds the rows.
    for attribute in ("certificate", "revocation"):
        statement = getattr(data, attribute, None)
        if isinstance(statement, dict):
            bench = bench_in(statement)
            return (f"bench:{bench}",) if bench else ()
    return ()


def bench_in(statement: dict[str, object]) -> str:
    """The bench a certificate or a revocation names, "" where it cannot be read."""
    import msgspec

    try:
        value = msgspec.json.decode(str(statement.get("body", "")).encode())
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return ""
    bench = value.get("bench") if isinstance(value, dict) else None
    return bench if isinstance(bench, str) and len(bench) == 32 else ""


def day_of(event: Event, data: kinds_machine.Data) -> str:
    """The day an event counts for: the one it names, else the one of its clock."""
    named = getattr(data, "day", "")
    return named if named else event.at[:10]
