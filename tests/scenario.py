"""A region's quarrels, from a seed: ten benches that fork, correct, join, transfer, disagree."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from bench.records.signed import keys
from bench.records.signed.event import Signed
from tests.forge import START, Bench, Clock

WORKSHOPS = tuple(keys.Key(bytes([number]) * 32) for number in (1, 2, 3))
Told = list[tuple[str, dict[str, Any]]]  # kinds of events with their data


class Scenario:
    """`events` holds every event made, by the bench that made it (clones under their own)."""

    def __init__(
        self, seed: int, benches: int = 10, steps: int = 150, *, revoking: bool = True
    ) -> None:
        self.draw = random.Random(seed)
        self.benches = [
            Bench(f"{seed}-{n}", WORKSHOPS[n % 3], clock=Clock(START, self.draw.choice([1, 3600])))
            for n in range(benches)
        ]
        self.events: list[list[Signed]] = [
            list(bench.opened("coordination" if n == 0 else "bench"))
            for n, bench in enumerate(self.benches)
        ]
        self.devices = [bench.device() for bench in self.benches for _ in range(2)]
        self.corrections: list[str] = []
        self.transfers: list[tuple[str, str]] = []
        for _ in range(steps):
            self.step()
        if revoking and self.draw.random() < 0.5:
            self.revoke()

    @property
    def all(self) -> list[Signed]:
        return [one for made in self.events for one in made]

    def step(self) -> None:
        number = self.draw.randrange(len(self.benches))
        bench = self.benches[number]
        if self.draw.random() < 0.3:  # it imported what another had written
            bench.tick = max(bench.tick, self.draw.choice(self.benches).tick)
        if self.draw.random() < 0.02:  # somebody copied the stick
            self.benches.append(copy.deepcopy(bench))
            self.events.append([])
        action: Callable[[Bench, str], Signed] = self.draw.choice(_ACTIONS).__get__(self)
        made = action(bench, self.draw.choice(self.devices))
        self.events[number].append(made)

    def revoke(self) -> None:
        number = self.draw.randrange(len(self.benches))
        bench, issuer = self.benches[number], self.draw.choice(self.benches)
        workshop = self.draw.choice([bench.workshop, bench.workshop, WORKSHOPS[2]])
        after = self.draw.randrange(1, 12)
        statement = keys.revoke(workshop, bench.key.id, after, reason="lost", at="")
        made = issuer.make("bench.revoked", {"revocation": statement.plain()})
        self.events[self.benches.index(issuer)].append(made)

    def _arrive(self, bench: Bench, device: str) -> Signed:
        asset = f"A{self.draw.randrange(9)}"
        data = {"asset": asset, "kind": self.draw.choice(["laptop", "desktop"])}
        return bench.make("machine.arrived", data, device=device, lot=f"L{self.draw.randrange(3)}")

    def _tell(self, bench: Bench, device: str) -> Signed:
        data = {"source": self.draw.choice(["glpi", "sheet"]), "file": "ab" * 32, "line": 2}
        number = self.draw.randrange(9)
        data |= {
            "tag": f"G{number}",
            "asset": f"A{number}",
            "serial": f"S{number}",
            "ram_mib": 8192,
        }
        return bench.make("machine.told", data, device=device)

    def _probe(self, bench: Bench, device: str) -> Signed:
        disks = [self._disk() for _ in range(self.draw.randrange(3))]
        identity = {"maker": "Dell", "serial": f"S{self.draw.randrange(5)}"}
        data = {"facts": {"identity": identity, "disks": disks}}
        return bench.make("machine.probed", data, device=device)

    def _disk(self) -> dict[str, object]:
        serial = self.draw.choice(["D1", "D2", None])
        return {"model": "WDC", "serial": serial, "size_bytes": 500}

    def _erase(self, bench: Bench, device: str) -> Signed:
        claim = self.draw.choice(["purge", "clear", "failed", "interrupted", "none", "refused"])
        checked = {"method": "full", "sectors": 9, "mismatches": self.draw.randrange(2)}
        data = {
            "job": f"j{self.draw.randrange(9)}",
            "disk": self._disk(),
            "technique": "overwrite",
            "claim": claim,
            "verified": self.draw.choice([None, checked]),
            "journal_hash": self.draw.choice(["", "ab" * 32]),
        }
        return bench.make("erase.done", data, device=device)

    def _take_out(self, bench: Bench, device: str) -> Signed:
        serial = self.draw.choice(["D1", "D2", None])
        return bench.make("disk.removed", {"disk": {"serial": serial}}, device=device)

    def _test(self, bench: Bench, device: str) -> Signed:
        data = {"test": self.draw.choice("abc"), "outcome": self.draw.choice(["passed", "failed"])}
        return bench.make("test.done", data, device=device)

    def _grade(self, bench: Bench, device: str) -> Signed:
        grade = self.draw.choice("ABCD")
        if self.draw.random() < 0.2:
            return bench.make("grade.validated", {"grade": grade}, device=device)
        if self.draw.random() < 0.5:
            return bench.make("grade.given", {"grade": grade}, device=device)
        return bench.make("grade.overridden", {"grade": grade, "reason": "vu"}, device=device)

    def _correct(self, bench: Bench, device: str) -> Signed:
        replaces = [self.draw.choice(self.corrections)] if self.corrections else []
        data = {
            "field": self.draw.choice(["serial", "model", "weight_g"]),
            "value": self.draw.choice(["X1", "X2", 7]),
            "reason": "lu sur la machine",
            "replaces": replaces if self.draw.random() < 0.3 else [],
        }
        made = bench.make("correction", data, device=device)
        self.corrections.append(made.hash.hex())
        return made

    def _join(self, bench: Bench, device: str) -> Signed:
        kind = self.draw.choice(["same_as", "same_as", "not_same"])
        return bench.make(kind, {"other": self.draw.choice(self.devices)}, device=device)

    def _reserve(self, bench: Bench, device: str) -> Signed:
        name = f"R{self.draw.randrange(6)}"
        if self.draw.random() < 0.3:
            return bench.make("reservation.released", {"reservation": name}, device=device)
        data = {"reservation": name, "request": f"Q{self.draw.randrange(3)}"}
        return bench.make("reservation.made", data, device=device)

    def _transfer(self, bench: Bench, device: str) -> Signed:
        if self.transfers and self.draw.random() < 0.5:
            name, moved = self.draw.choice(self.transfers)
            end = "withdrawn" if self.draw.random() < 0.3 else "accepted"
            return bench.make(f"transfer.{end}", {"transfer": name, "devices": [moved]})
        name = f"T{self.draw.randrange(8)}"
        self.transfers.append((name, device))
        to = self.draw.choice(WORKSHOPS).id
        return bench.make("transfer.sent", {"transfer": name, "to": to, "devices": [device]})

    def _hand_over(self, bench: Bench, device: str) -> Signed:
        return bench.make("handover.done", {"recipient": "r1"}, device=device)

    def _label(self, bench: Bench, device: str) -> Signed:
        return bench.make("label.printed", {"asset": f"A{self.draw.randrange(9)}"}, device=device)

    def _finish(self, bench: Bench, device: str) -> Signed:
        return bench.make("visit.done", {}, device=device)

    def _lot(self, bench: Bench, device: str) -> Signed:
        lot = f"L{self.draw.randrange(3)}"
        told: Told = [
            ("lot.promised", {"donor": f"D{self.draw.randrange(3)}", "count": 9}),
            ("lot.weighed", {"weight_g": 1500}),
            ("lot.received", {"count": 8}),
        ]
        kind, data = self.draw.choice(told)
        return bench.make(kind, data, lot=lot)

    def _day(self, bench: Bench, device: str) -> Signed:
        told: Told = [
            ("hours.noted", {"day": "2026-01-05", "step": "tests", "minutes": 30}),
            ("waste.weighed", {"kind": "d3e", "weight_g": 900, "day": "2026-01-05"}),
            ("day.closed", {"day": "2026-01-05"}),
            ("day.reopened", {"day": "2026-01-05", "reason": "r"}),
            ("donor.registered", {"donor": "D1", "kind": "company"}),
            ("request.made", {"request": "Q1", "quantity": 2}),
        ]
        kind, data = self.draw.choice(told)
        return bench.make(kind, data)

    def _odd(self, bench: Bench, device: str) -> Signed:
        """What a newer version, or a wrong one, might write."""
        told: Told = [
            ("future.kind", {"x": [1, None, True]}),
            ("test.done", {"outcome": 3}),
            ("same_as", {}),
        ]
        kind, data = self.draw.choice(told)
        return bench.make(kind, data, device=device)

    def _pack(self, bench: Bench, device: str) -> Signed:
        pack, version = self.draw.choice(["a", "b"]), self.draw.randrange(1, 4)
        said = {"pack": pack, "version": version, "kind": self.draw.choice(["grading", "sheet"])}
        said |= {"title": self.draw.choice(["T", "U"]), "form": "toml", "size_bytes": 9}
        told: Told = [
            ("pack.published", said | {"file": "ab" * 32}),
            ("pack.withdrawn", {"pack": pack, "version": version, "reason": "wrong"}),
            ("pack.answered", {"pack": pack, "publication": "cd" * 32, "answer": "accepted"}),
        ]
        kind, data = self.draw.choice(told)
        return bench.make(kind, data)


_ACTIONS = [
    Scenario._pack,
    Scenario._arrive,
    Scenario._tell,
    Scenario._probe,
    Scenario._erase,
    Scenario._take_out,
    Scenario._test,
    Scenario._grade,
    Scenario._correct,
    Scenario._join,
    Scenario._reserve,
    Scenario._transfer,
    Scenario._hand_over,
    Scenario._label,
    Scenario._finish,
    Scenario._lot,
    Scenario._day,
    Scenario._odd,
]
