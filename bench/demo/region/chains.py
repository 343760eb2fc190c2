"""Signs planned events in the order of their times: whole chains at once, in memory.

`Log.append` commits and folds each event; a year of a network is signed first and handed to
`Store.add` as an import does. The same seed gives the same keys, and so the same bytes.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from bench.records.signed import event, keys
from bench.records.signed.event import Event, Signed

_DAY_S = 86_400
_EPOCH = datetime.date(1970, 1, 1).toordinal()


class Noise:
    """Bytes that differ at every call and are the same in every run: nothing here is a secret."""

    def __init__(self, name: str) -> None:
        self._name, self._count = name, 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_128(f"{self._name}/{self._count}".encode()).digest(size)


class Chain:
    """One bench's key, and where its chain stands."""

    def __init__(self, name: str, workshop: keys.Key) -> None:
        self.name, self.workshop = name, workshop
        self.random = Noise(f"demo bench {name}")
        self.key = keys.Key(self.random(32))
        self.seq, self.prev = 0, ""

    def certificate(self, at: str, role: str) -> dict[str, str]:
        """Its workshop's word that it is a bench of it."""
        told = keys.certify(self.workshop, self.key.public, name=self.name, role=role, at=at)
        return told.plain()

    def sign(self, act: Act, tick: int) -> Signed:
        """The next event of the chain."""
        data = act.data if isinstance(act.data, dict) else act.data()
        moment = moment_of(act.at)
        self.seq += 1
        made = Event(
            schema=event.SCHEMA,
            id=event.uuid7(moment, self.random),
            type=act.type,
            bench=self.key.id,
            seq=self.seq,
            tick=tick,
            prev=self.prev,
            at=event.timestamp(moment),
            operator=act.operator,
            device=act.device,
            lot=act.lot,
            data=data,
        )
        # The same bytes as `event.sign` gives for such data, in half the time; `log verify` on
        # the planted record says so.
        body = msgspec.json.encode(event.plain(made), order="sorted")
        signed = Signed(made, body, self.key.public, self.key.sign(event.KIND, body))
        self.prev = signed.hash.hex()
        return signed

    def device(self, at: int) -> str:
        """A name for a machine that arrives here."""
        return event.new_device(self.key.id, moment_of(at), self.random)

    def copied(self, after: Signed) -> Chain:
        """This chain as a copy of the stick goes on with it, after one of its events."""
        copy = Chain(self.name, self.workshop)
        copy.random = Noise(f"demo copy of {self.name}")
        copy.seq, copy.prev = after.event.seq, after.hash.hex()
        return copy


class Act(NamedTuple):
    """Something that happened, to be signed. `data` may be made when its turn comes: of what
    was signed before it. `lost`: it never reached the region."""

    at: int  # seconds since 1970, UTC
    chain: Chain
    type: str
    data: dict[str, Any] | Callable[[], dict[str, Any]]
    device: str = ""
    lot: str = ""
    operator: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Place:
    """Where a planned machine stands: its bench, its name, its lot, its number."""

    chain: Chain
    device: str
    lot: str
    asset: str
    operator: str = ""

    def act(self, at: int, type: str, data: dict[str, Any], chain: Chain | None = None) -> Act:
        """Something that happened to it, on its own bench unless another is given."""
        by = chain or self.chain
        return Act(at, by, type, data, self.device, self.lot, self.operator)


def sign_all(acts: Iterable[Act]) -> list[Signed]:
    """All acts as signed events, the earliest first, without those that were lost.

    Each knows of all before it: members synchronise daily, and the ticks say so.
    """
    ordered: Sequence[Act] = sorted(acts, key=lambda act: act.at)  # stable: else as planned
    signed = [(act.lost, act.chain.sign(act, tick)) for tick, act in enumerate(ordered, start=1)]
    return [each for lost, each in signed if not lost]


def seconds(day: datetime.date, hour: int = 8, minute: int = 0) -> int:
    """A time of a day as `Act.at` counts it."""
    return (day.toordinal() - _EPOCH) * _DAY_S + hour * 3600 + minute * 60


def day_of(at: int) -> datetime.date:
    """The day of such a time."""
    return datetime.date.fromordinal(_EPOCH + at // _DAY_S)


def moment_of(at: int) -> datetime.datetime:
    """The same as a moment with its time zone."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC)
