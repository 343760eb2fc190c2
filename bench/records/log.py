"""The log of one bench: appends signed events to its chain in the store."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from bench.records import audit
from bench.records.dossier.dossier import Dossier
from bench.records.errors import RecordsError
from bench.records.history import worked_on
from bench.records.kinds import kinds
from bench.records.kinds.machine import Data
from bench.records.rules import may
from bench.records.rules.known import COORDINATION
from bench.records.signed import event, keys, sealed
from bench.records.signed.event import Event, Signed
from bench.records.signed.keys import Key
from bench.records.store import Store

SUPERVISOR_IDLE_S = 600  # without an act the key closes: a supervisor may have walked away
OWN_BENCH = "bench"  # among the local values: whose store it is
DEMO = "demo"  # and that its machines are a demonstration's: papers of the day say so


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime.datetime:
        """The moment, with its time zone."""


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime.datetime:
        """The moment."""
        return datetime.datetime.now(datetime.UTC)


class Log:
    """What a bench writes and reads. `random(n)` gives n random bytes."""

    def __init__(
        self, store: Store, key: Key, clock: Clock, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.store = store
        self.key = key
        self.clock = clock
        self.random = random
        # A supervisor's key while one is at the bench; `day.pin` opens it with the code.
        self.supervisor: Key | None = None
        self.supervisor_until = 0.0  # by the time this machine has been on, in seconds
        # How a command asks for the code when an act needs it; screens ask before.
        self.ask_supervisor: Callable[[], None] | None = None

    def append(
        self,
        type: str,
        data: dict[str, Any] | Data,
        *,
        operator: str = "",
        device: str = "",
        lot: str = "",
    ) -> Event:
        """Record that something happened; on the disk when this returns.

        Raises `RecordsError`: `event_data`, `event_type`, `value_*` for data that may not
        be recorded, `supervisor_needed` for an act of a supervisor on a bench that has one's
        key, `store_*` where the disk failed us. Nothing is written then.
        """
        return self.append_signed(type, data, operator=operator, device=device, lot=lot).event

    def append_signed(
        self,
        type: str,
        data: dict[str, Any] | Data,
        *,
        operator: str = "",
        device: str = "",
        lot: str = "",
    ) -> Signed:
        """As `append`; gives the event with its bytes, hash and signature."""
        data = kinds.plain(data)
        kinds.validate(type, data)
        supervisor = self.supervisor_for(type)
        moment = self.clock.now()
        with self.store.transaction():
            seq, prev = self._head()
            tick = int(self.store.meta("tick") or 0) + 1
            if tick >= event.MAX_TICK:
                raise RecordsError("log_full")
            made = Event(
                schema=event.SCHEMA,
                id=event.uuid7(moment, self.random),
                type=type,
                bench=self.key.id,
                seq=seq + 1,
                tick=tick,
                prev=prev,
                at=event.timestamp(moment),
                operator=operator or "",
                device=device or "",
                lot=lot or "",
                data=data,
            )
            signed = event.sign(made, self.key, supervisor)
            self.store.add([signed])
        return signed

    def supervisor_for(self, type: str) -> Key | None:
        """The supervisor's key that this kind of event is signed with; `None` where it needs
        none. Who writes it inside a transaction asks before: a person may have to type a code.

        Raises `RecordsError`: `supervisor_needed`, `pin_*`.
        """
        if not may.asks(type, may.Who.SUPERVISOR):
            return None
        if not self.needs_supervisor():
            return self.supervisor
        if not self.has_supervisor():
            raise RecordsError("supervisor_uncertified")
        if self.supervisor is None or self.uptime() > self.supervisor_until:
            self.supervisor = None
            if self.ask_supervisor is None:
                raise RecordsError("supervisor_needed")
            self.ask_supervisor()
        self.supervisor_until = self.uptime() + SUPERVISOR_IDLE_S
        return self.supervisor

    def supervisor_here(self) -> bool:
        """Whether a supervisor typed the code and has done something since, `SUPERVISOR_IDLE_S`
        ago at most; what asks it is done by one, and keeps the door open as long again."""
        here = self.uptime() <= self.supervisor_until
        if here:
            self.supervisor_until = self.uptime() + SUPERVISOR_IDLE_S
        return here

    @staticmethod
    def uptime() -> float:
        """Seconds this machine has been on: no clock that somebody can set."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def needs_supervisor(self) -> bool:
        """Whether a supervisor's acts count here only with a supervisor's signature."""
        return bool(self.store.known().bench(self.key.id).supervisors)

    def has_supervisor(self) -> bool:
        """Whether the workshop certified a key that supervisors sign with on this bench."""
        return any(key for key, _ in self.store.known().bench(self.key.id).supervisors)

    @property
    def demo(self) -> bool:
        """Whether all that is recorded here is a demonstration's: its papers and labels say so."""
        return bool(self.store.meta(DEMO))

    @property
    def coordinates(self) -> bool:
        """Whether this bench coordinates a region: it may act for every holder."""
        return self.store.known().bench(self.key.id).role == COORDINATION

    @property
    def workshop(self) -> str:
        """The workshop this bench speaks for; its own name where no workshop certified it."""
        return self.store.known().workshop(self.key.id)

    def holds(self, device: str) -> bool:
        """Whether this bench's workshop holds a machine, or did when it handed it to somebody.

        What it belonged to before it moved is not its own: its words no longer count there.
        """
        rows = self.store.query("SELECT holder FROM machine WHERE device = ?", (device,))
        return bool(rows) and rows[0][0] == self.workshop

    def acts_for(self, device: str) -> bool:
        """Whether what this bench decides of a machine counts: it is held here, or by a member
        of the region that this bench coordinates."""
        return self.holds(device) or self.coordinates

    def speaks_of(self, device: str) -> bool:
        """Whether this bench may attest what became of a machine: it acts for it, or its
        workshop worked on it before it went elsewhere."""
        return self.acts_for(device) or worked_on(self.store, device, self.key.id)

    def _head(self) -> tuple[int, str]:
        """Number and hash of this bench's last event, `(0, "")` before the first.

        Of a fork the branch with the smallest hash goes on: any choice does, so long as
        it is the same after a restart.
        """
        rows = self.store.query(
            "SELECT seq, lower(hex(hash)) FROM event WHERE bench = ? AND seq < ?"
            " ORDER BY seq DESC, hash LIMIT 1",
            (self.key.id, event.MAX_TICK // 2),  # whoever copied the key may count to the end
        )
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "")

    def new_device(self) -> str:
        """A name for a machine that arrives: minted here, never taken from the machine."""
        return event.new_device(self.key.id, self.clock.now(), self.random)

    def new_reference(self) -> str:
        """A random reference for a person, a lot, a request: says nothing about it."""
        return self.random(8).hex()

    def events(self) -> Iterator[Event]:
        """All events by chain. What they say of a machine is read by `dossier` alone."""
        return (signed.event for signed in self.store.events())

    def dossier(self, device: str) -> Dossier:
        """All that is recorded of a machine and of the records joined to it."""
        return self.store.dossier(device)

    def newest(self, device: str = "") -> Iterator[Event]:
        """The same, the most recently received first."""
        about = "WHERE n IN (SELECT event FROM subject WHERE subject = ?)" if device else ""
        rows = self.store.query_stream(
            f"SELECT body FROM event {about} ORDER BY n DESC",
            (f"machine:{device}",) if device else (),
        )
        return (event.parse_stored(body) for (body,) in rows)

    def verify(self) -> audit.AuditReport:
        """Check every event, chain, signature and certificate; see `audit.verify`."""
        return audit.verify(self.store, self.key.id)


def open_bench(
    folder: Path,
    clock: Clock,
    random: Callable[[int], bytes] = os.urandom,
    *,
    name: str = "",
    software: str = "",
) -> Log:
    """Open the record of a data folder; the first call founds it.

    Founding makes the bench's key and, where the folder has no workshop key and no
    certificate, a workshop of its own: a bench alone needs no ceremony, and joins a
    workshop later with a certificate of that workshop. Raises `RecordsError`.
    """
    store = Store.open(folder / "etabli.db")
    try:
        key = keys.load_or_create(folder / "keys" / "bench.key", random)
        log = Log(store, key, clock, random)
        if store.meta(OWN_BENCH) != key.id:
            store.set_meta(OWN_BENCH, key.id)
        if not store.query("SELECT 1 FROM event WHERE bench = ? LIMIT 1", (key.id,)):
            store.seal_as(key)
            found(log, folder, name=name or f"poste-{key.id[:4]}", software=software)
    except BaseException:
        store.close()
        raise
    return log


def found(log: Log, folder: Path, *, name: str, software: str = "") -> None:
    """Write the first two events of a bench: its opening, and its workshop's certificate."""
    workshop = keys.load_or_create(folder / "keys" / "workshop.key", log.random)
    at = event.timestamp(log.clock.now())
    certificate = keys.certify(workshop, log.key.public, name=name, at=at, founding=True)
    with log.store.transaction():
        trust(log.store, workshop.public, name=name, at=at, how="own")
        log.append("bench.opened", {"name": name, "software": software})
        log.append("bench.certified", {"certificate": certificate.plain()})


def trust(
    store: Store, public: bytes, *, name: str, at: str, how: str, region: bool = False
) -> str:
    """Register a workshop's key (face to face, by its fingerprint); gives its name.

    As a region's, its benches may be given the role `coordination`. Raises `RecordsError`
    (`key_unfit`) for bytes that are nobody's key.
    """
    if not sealed.is_public_key(public.hex()):
        raise RecordsError("key_unfit")
    workshop = keys.key_id(public)
    store.register(workshop, public, name=name, at=at, how=how, region=region)
    return workshop
