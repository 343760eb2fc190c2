"""What is known of the benches when it is judged whether an event counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

COORDINATION = "coordination"
# The events from which one follows, itself among them, by the hashes they name: those here.
Ancestors = Callable[[str], frozenset[str]]


@dataclass(frozen=True, order=True)
class Place:
    """An event in a chain. `event` is its hash; "" names all events up to that number, as
    revocations did before they named one."""

    seq: int
    event: str


@dataclass(frozen=True)
class Bench:
    """What registered workshops said of a bench. Without one: no workshop, no role.

    `cuts`: what does not lead to each of these places does not count. `supervisors`: the
    keys (hex) a supervisor signs with on this bench, and where each was recorded.
    """

    workshop: str = ""
    role: str = ""
    cuts: tuple[Place, ...] = ()
    supervisors: tuple[tuple[str, Place], ...] = ()

    @property
    def revoked_after(self) -> int | None:
        """The number after which nothing can count; `None` where it is not revoked."""
        return min((cut.seq for cut in self.cuts), default=None)


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

    def coordinates(self, bench: str) -> bool:
        """Whether a bench may act for every holder."""
        return self.bench(bench).role == COORDINATION


_STRANGER = Bench()
