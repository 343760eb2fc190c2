"""Histories of machines from a seed: three benches that erase, join, separate, revoke, correct,
interrupt, take disks out and put them back; signed for real, imported in any order."""

from __future__ import annotations

import random
from typing import Any

from bench.records.signed import keys
from bench.records.signed.event import Signed
from tests.forge import START, Bench, Clock

WORKSHOP = keys.Key(b"\x51" * 32)
CLAIMS = ("purge", "clear", "failed", "interrupted", "none", "refused")
# Two good disks, two that tell one serial, one in a dock that tells its own, one without number.
DISKS: tuple[dict[str, Any], ...] = (
    {"model": "Samsung SSD 860", "serial": "S3Y9A", "wwn": "0x5002538e40a1b2c3", "size_bytes": 256},
    {"model": "WDC WD5000LPCX", "serial": "WD-WX1", "size_bytes": 500},
    {"model": "TCSUNBOW X3", "serial": "AA000000000000000001", "size_bytes": 120},
    {"model": "TCSUNBOW X3", "serial": "AA000000000000000001", "size_bytes": 120},
    {"model": "JMicron", "serial": "0123456789AB", "size_bytes": 999, "doubt": "bridge"},
    {"model": "SD CARD", "serial": None, "size_bytes": 64},
)


class History:
    """`events` are all that was signed, in the order of signing."""

    def __init__(self, seed: int, steps: int = 14) -> None:
        self.draw = random.Random(seed)
        self.benches = [Bench(f"h{seed}-{n}", WORKSHOP, clock=Clock(START)) for n in range(3)]
        self.events: list[Signed] = [one for bench in self.benches for one in bench.opened()]
        self.devices = [self.benches[0].device(), self.benches[1].device()]
        self.jobs: list[tuple[str, dict[str, Any]]] = []
        for number, device in enumerate(self.devices):
            data = {"asset": f"H{seed}-{number}", "kind": "laptop"}
            self._say(self.benches[number], "machine.arrived", data, device)
        for _ in range(steps):
            self._step()
        if self.draw.random() < 0.4:
            self._revoke()

    def shuffled(self) -> list[list[Signed]]:
        """The events in three bags, in any order."""
        mixed = list(self.events)
        self.draw.shuffle(mixed)
        first, second = sorted(self.draw.randrange(len(mixed)) for _ in range(2))
        return [part for part in (mixed[:first], mixed[first:second], mixed[second:]) if part]

    def _say(self, bench: Bench, kind: str, data: dict[str, Any], device: str) -> None:
        self.events.append(bench.make(kind, data, device=device, operator="op-1"))

    def _step(self) -> None:
        bench, device = self.draw.choice(self.benches), self.draw.choice(self.devices)
        if self.draw.random() < 0.5:  # it had imported what the others wrote
            bench.tick = max(other.tick for other in self.benches)
        acts = [self._erase] * 5 + [self._probe] * 2 + [self._test, self._test, self._look]
        acts += [self._plan, self._take_out, self._join, self._grade, self._correct]
        self.draw.choice(acts)(bench, device)

    def _disk(self) -> dict[str, Any]:
        disk = dict(self.draw.choice(DISKS))
        if disk.get("doubt") or not disk["serial"]:
            disk["attachment"] = f"boot-{self.draw.randrange(2)} {self.draw.randrange(1, 3)}"
        return disk

    def _probe(self, bench: Bench, device: str) -> None:
        seen = self.draw.sample(DISKS, self.draw.randrange(4))
        disks = [
            {k: v for k, v in disk.items() if k != "doubt"}
            | {"path": f"/dev/sd{'abcd'[n]}", "name": f"sd{'abcd'[n]}", "kind": "ssd"}
            | {"serial_doubt": disk.get("doubt")}
            for n, disk in enumerate(seen)
        ]
        identity = {"maker": "LENOVO", "model": "T480", "serial": "PF1", "kind": "laptop"}
        self._say(
            bench, "machine.probed", {"facts": {"identity": identity, "disks": disks}}, device
        )

    def _erase(self, bench: Bench, device: str) -> None:
        """A job of its own, or the next word of one that was recorded before."""
        job, disk = f"j{len(self.jobs)}", self._disk()
        if self.jobs and self.draw.random() < 0.3:
            job, disk = self.draw.choice(self.jobs)
        self.jobs.append((job, disk))
        claim = self.draw.choice((*CLAIMS, "purge", "clear"))
        good = {"method": "full", "sectors": 9, "mismatches": 0}
        data = {
            "job": job,
            "disk": disk,
            "technique": "overwrite",
            "claim": claim,
            "reasons": self.draw.choice([None, [{"code": "journal_damaged", "values": {}}]]),
            "verified": self.draw.choice([good, good, good, None, good | {"mismatches": 1}]),
            "hidden_areas": self.draw.choice(["none", "none", "none", "left"]),
            "journal_hash": self.draw.choice(["ab" * 32, "ab" * 32, "ab" * 32, ""]),
            "ended": "2026-01-05T09:00:00Z",
        }
        self._say(bench, "erase.done", data, device)

    def _plan(self, bench: Bench, device: str) -> None:
        job, disk = f"j{len(self.jobs)}", self._disk()
        self.jobs.append((job, disk))
        data = {"job": job, "disk": disk, "technique": "overwrite"}
        self._say(bench, "erase.planned", data, device)

    def _take_out(self, bench: Bench, device: str) -> None:
        self._say(bench, "disk.removed", {"disk": self._disk(), "reason": "vu"}, device)

    def _test(self, bench: Bench, device: str) -> None:
        outcome = self.draw.choice(["passed", "failed", "not_tested"])
        data = {"test": self.draw.choice(["screen", "sound", "wifi"]), "outcome": outcome}
        self._say(bench, "test.done", data, device)

    def _look(self, bench: Bench, device: str) -> None:
        self._say(bench, "look.noted", {"answers": {"lid": self.draw.randrange(3)}}, device)

    def _grade(self, bench: Bench, device: str) -> None:
        self._say(bench, "grade.given", {"grade": self.draw.choice("ABCD")}, device)

    def _correct(self, bench: Bench, device: str) -> None:
        data = {"field": "model", "value": f"M{self.draw.randrange(3)}", "reason": "lu"}
        self._say(bench, "correction", data, device)

    def _join(self, bench: Bench, device: str) -> None:
        other = next(one for one in self.devices if one != device)
        kind = self.draw.choice(["same_as", "same_as", "not_same"])
        self._say(bench, kind, {"other": other}, device)

    def _revoke(self) -> None:
        bench, issuer = self.draw.sample(self.benches, 2)
        after = self.draw.randrange(2, bench.seq + 1)
        statement = keys.revoke(WORKSHOP, bench.key.id, after, reason="lost", at="")
        self._say(issuer, "bench.revoked", {"revocation": statement.plain()}, "")
