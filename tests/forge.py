"""Forges chains of signed events fast, for tests and benchmarks that need many.

`Log.append` commits and folds each event; here whole chains are made in memory and
handed to `Store.add`, as an import does.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.demo.region import chains
from bench.exchange.trust import Heard
from bench.exchange.verify import verify_bag
from bench.records import log
from bench.records.signed import event, keys
from bench.records.signed.event import Event, Signed
from bench.records.store import Store

START = datetime.datetime(2026, 1, 5, 7, 0, tzinfo=datetime.UTC)


Noise = chains.Noise


class Clock:
    """A second passes at every look."""

    def __init__(self, moment: datetime.datetime = START, step_s: float = 1) -> None:
        self.moment = moment
        self.step = datetime.timedelta(seconds=step_s)

    def now(self) -> datetime.datetime:
        self.moment += self.step
        return self.moment


class Bench:
    """A bench that forges its chain. `workshop` is the key that certifies it."""

    def __init__(self, name: str, workshop: keys.Key, *, clock: Clock | None = None) -> None:
        self.name = name
        self.random = Noise(name)
        self.key = keys.Key(self.random(32))
        self.workshop = workshop
        self.clock = clock or Clock()
        self.seq, self.tick, self.prev = 0, 0, ""

    def opened(self, role: str = "bench", *, founding: bool = False) -> list[Signed]:
        """The two events every chain begins with; `founding`: the workshop is its own."""
        told: dict[str, Any] = {"name": self.name, "role": role, "at": "", "founding": founding}
        certificate = keys.certify(self.workshop, self.key.public, **told)
        return [
            self.make("bench.opened", {"name": self.name}),
            self.make("bench.certified", {"certificate": certificate.plain()}),
        ]

    def make(
        self,
        type: str,
        data: dict[str, Any],
        *,
        supervisor: keys.Key | None = None,
        **envelope: str,
    ) -> Signed:
        """The next event of the chain."""
        moment = self.clock.now()
        self.seq, self.tick = self.seq + 1, self.tick + 1
        made = Event(
            schema=1,
            id=event.uuid7(moment, self.random),
            type=type,
            bench=self.key.id,
            seq=self.seq,
            tick=self.tick,
            prev=self.prev,
            at=event.timestamp(moment),
            data=data,
            **envelope,
        )
        if supervisor is not None:
            return self._follow(event.sign(made, self.key, supervisor))
        # The same bytes as RFC 8785 for such data, faster (tests/properties says so).
        body = msgspec.json.encode(event.plain(made), order="sorted")
        return self._follow(Signed(made, body, self.key.public, self.key.sign(event.KIND, body)))

    def _follow(self, signed: Signed) -> Signed:
        self.prev = signed.hash.hex()
        return signed

    def device(self) -> str:
        return event.new_device(self.key.id, self.clock.now(), self.random)

    def visit(self, number: int, tests: int = 31, lot: str = "") -> Iterator[Signed]:
        """A machine from arrival to the end: 9 events and its tests."""
        device = self.device()
        where: dict[str, Any] = {
            "device": device,
            "operator": f"op-{number % 5}",
            "lot": lot or f"L{number // 50}",
        }
        disk = {"model": "WDC WD5000BEVT", "serial": f"WX{number:07d}", "size_bytes": 500107862016}
        identity = {"maker": "Dell Inc.", "model": "Latitude E7450", "serial": f"SN{number:07d}"}
        facts = {
            "identity": identity,
            "disks": [disk],
            "cpu": {"model": "Intel(R) Core(TM) i5-5300U CPU @ 2.30GHz", "cores": 2, "threads": 4},
            "memory": {"total_bytes": 8 * 2**30, "modules": [{"size_bytes": 4 * 2**30}] * 2},
        }
        asset = f"GRPC26-{number:06d}"
        yield self.make("machine.arrived", {"asset": asset, "kind": "laptop"}, **where)
        yield self.make("machine.probed", {"facts": facts}, **where)
        for test in range(tests):
            data = {"test": f"test_{test}", "outcome": "passed", "evidence": {"keys": test}}
            yield self.make("test.done", data, **where)
        yield self.make("look.noted", {"answers": {"lid": 1, "screen": 0}}, **where)
        job = f"job-{number}"
        plan = {"job": job, "disk": disk, "technique": "overwrite"}
        yield self.make("erase.planned", plan, **where)
        failed = number % 97 == 0
        done = plan | {
            "claim": "failed" if failed else "clear",
            "verified": {"method": "full", "sectors": 976773168, "mismatches": int(failed)},
            "journal_hash": hashlib.sha256(job.encode()).hexdigest(),
            "tool": "etabli 1.0",
        }
        yield self.make("erase.done", done, **where)
        grade = "ABCD"[number % 4]
        yield self.make("grade.given", {"grade": grade, "functional": "A"}, **where)
        if number % 200 == 3:
            return
        yield self.make("label.printed", {"asset": asset, "target": "pdf"}, **where)
        yield self.make("document.issued", {"kind": "sheet", "sha256": "ab" * 32}, **where)
        yield self.make("visit.done", {}, **where)

    def short_visit(self, number: int) -> Iterator[Signed]:
        """The same in 5 events; some machines stay unfinished, some erasures fail."""
        device, asset = self.device(), f"GRPC26-{number:06d}"
        where: dict[str, Any] = {
            "device": device,
            "operator": f"op-{number % 5}",
            "lot": f"L{number // 50}",
        }
        disk = {"model": "WDC WD5000BEVT", "serial": f"WX{number:07d}", "size_bytes": 500107862016}
        identity = {"maker": "Dell Inc.", "model": "Latitude E7450", "serial": f"SN{number:07d}"}
        yield self.make("machine.arrived", {"asset": asset, "kind": "laptop"}, **where)
        facts = {"identity": identity, "disks": [disk]}
        yield self.make("machine.probed", {"facts": facts}, **where)
        claim = {0: "failed", 1: "interrupted"}.get(number % 50, "clear")
        done = {"job": f"job-{number}", "disk": disk, "technique": "overwrite", "claim": claim}
        proof = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}}
        journal = {"journal_hash": "" if number % 70 == 2 else "ab" * 32}
        yield self.make("erase.done", done | proof | journal, **where)
        yield self.make("label.printed", {"asset": asset, "target": "pdf"}, **where)
        if number % 100 != 7:
            yield self.make("visit.done", {}, **where)


def store_of(folder: Any, name: str, *workshops: keys.Key) -> log.Log:
    """A founded store that registered these workshops."""
    made = log.open_bench(folder / name, Clock(), Noise(f"store {name}"), name=name)
    register(made.store, *workshops)
    return made


def register(store: Store, *workshops: keys.Key, region: bool = False) -> None:
    """Register workshops as if their fingerprints had been heard."""
    for workshop in workshops:
        told = {"name": "workshop", "at": "", "how": "fingerprint"}
        log.trust(store, workshop.public, region=region, **told)


def heard(bag: Path) -> Heard:
    """The fingerprint of the workshop that sent a bag, as if it had been read aloud."""
    who = verify_bag(bag).who
    assert who is not None and who.fingerprint
    return Heard.typed(who.fingerprint)


def fill(store: Store, events: Iterator[Signed]) -> int:
    """Add events in one transaction; gives how many."""
    return store.add(events)
