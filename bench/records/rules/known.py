"""What is known of the benches when it is judged whether an event counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.records.signed.event import Event

COORDINATION = "coordination"
# The events from which one follows, itself among them, by the hashes they name: those here.
Ancestors = Callable[[str], frozenset[str]]


@dataclass(frozen=True, order=True)
class Place:
    """An event in a chain. `event` is its hash; "" names all events up to that number, as
    revocations did before they named one."""

    seq: int
    event: str


@dataclass(frozen=True, order=True)
class Cut:
    """A revocation that stands: of the numbers from `first` to before `end` (0: no end), the time
    the bench belonged to who revoked it, only what leads to `place` counts."""

    place: Place
    first: int = 0
    end: int = 0

    def covers(self, seq: int) -> bool:
        """Whether it speaks of events with this number."""
        return self.first <= seq and (not self.end or seq < self.end)


@dataclass(frozen=True)
class Bench:
    """What registered workshops said of a bench. Without one: no workshop, no role.

    `times`: from which number on it belonged to which workshop. `supervisors`: the keys (hex) a
    supervisor signs with on this bench, and where each was recorded; "" for a certificate by
    which the workshop asks for such a signature, whether or not a key is there yet.
    """

    workshop: str = ""
    role: str = ""
    cuts: tuple[Cut, ...] = ()
    supervisors: tuple[tuple[str, Place], ...] = ()
    times: tuple[tuple[int, str], ...] = ()

    @property
    def revoked_after(self) -> int | None:
        """The number after which nothing can count; `None` where it still may work."""
        return min((cut.place.seq for cut in self.cuts if not cut.end), default=None)

    def workshop_at(self, seq: int) -> str:
        """The workshop it belonged to when it wrote an event with this number."""
        found = self.times[0][1] if self.times else ""
        for first, workshop in self.times:
            if first <= seq:
                found = workshop
        return found


def _no_ancestors(event: str) -> frozenset[str]:
    return frozenset()


@dataclass
class Known:
    """The benches by name; the registered workshops, each with whether it is a region's."""

    benches: dict[str, Bench] = field(default_factory=dict)
    workshops: Mapping[str, bool] = field(default_factory=dict)
    ancestors: Ancestors = _no_ancestors

    def bench(self, name: str) -> Bench:
        """What is known of a bench."""
        return self.benches.get(name) or _STRANGER

    def workshop(self, bench: str) -> str:
        """The workshop of a bench; one that no registered workshop certified is alone."""
        return self.bench(bench).workshop or bench

    def speaker(self, event: Event) -> str:
        """The workshop an event speaks for: the bench's when it was written."""
        return self.bench(event.bench).workshop_at(event.seq) or event.bench

    def coordinates(self, event: Event) -> bool:
        """Whether an event may act for every holder."""
        bench = self.bench(event.bench)
        return bench.role == COORDINATION and bench.workshop == bench.workshop_at(event.seq)


_STRANGER = Bench()
