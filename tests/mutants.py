"""Thousands of spoilt bags and receipts in one process of its own, and what they cost.

    python -m tests.mutants bags 10000 1
    python -m tests.mutants receipts 2000 1

prints one line of JSON: how many were accepted, how many raised what they must not, the longest
processor time of one, the most memory this process ever held. Seeds repeat a run.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import msgspec

from bench.exchange import contents, receipt
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.verify import verify_bag
from bench.records import attachments, log
from bench.records.errors import RecordsError
from bench.records.signed import keys, sealed
from tests import forge, pace
from tests.properties.test_bags_mutated import MUTATIONS, mutant
from tests.unit.exchange import hostile

STRANGER = keys.Key(b"\x42" * 32)


def bytes_of(draw: random.Random, whole: bytes) -> bytes:
    """Bytes changed in one of the usual ways, surely not the same."""
    mutated = whole
    while mutated == whole:
        mutated = draw.choice(MUTATIONS)(draw, mutated) or b"\0"
    return mutated


class Bags:
    """A shop that knows one bench, whose bag is spoilt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bench = forge.store_of(folder, "bench")
        for number in range(4):
            device = bench.new_device()
            bench.append("machine.arrived", {"asset": f"A{number}"}, device=device)
            sha256 = attachments.attach(bench.store, bytes([number]) * 700)
            bench.append("document.issued", {"kind": "sheet", "sha256": sha256}, device=device)
        export_bag(bench, folder / "good.zip")
        self.whole = (folder / "good.zip").read_bytes()
        self.members = hostile.take_apart(folder / "good.zip")
        workshop = keys.load(folder / "bench" / "keys" / "workshop.key")
        self.shop = forge.store_of(folder, "shop", workshop)
        self.state = self._state()

    def takes_the_good_one(self) -> bool:
        (done,) = import_bags(self.shop, [self.folder / "good.zip"]).bags
        return done.outcome == "applied" and self._state() != self.state

    def _state(self) -> tuple[Any, ...]:
        store = self.shop.store
        return store.state_hash(), store.count(), store.query("SELECT count(*) FROM attachment")

    def __call__(self, draw: random.Random) -> bool:
        bad = self.folder / "bad.zip"
        if draw.random() < 0.6:
            mutated = mutant(draw.getrandbits(64), self.whole)
            if mutated == self.whole:  # two changes may undo each other
                return False
            bad.write_bytes(mutated)
        else:
            self._resealed(draw, bad)
        (done,) = import_bags(self.shop, [bad]).bags
        accepted = done.error is None or self._state() != self.state
        sound = verify_bag(bad)
        for path in (self.folder / "shop" / "quarantine").iterdir():
            path.unlink()
        return accepted or (
            sound.whole and sound.who is not None and sound.who.bench != STRANGER.id
        )

    def _resealed(self, draw: random.Random, bad: Path) -> None:
        """What is inside is spoilt, and the seal of somebody nobody knows holds around it."""
        members = dict(self.members)
        name = draw.choice(sorted(members))
        if draw.random() < 0.8:
            members[name] = bytes_of(draw, members[name])
        else:
            members.pop(name)
        if draw.random() < 0.5:
            value, _ = sealed.read(self.members[contents.STATEMENT], "statement")
            body = members.get(contents.EVENTS, b"")
            value |= {"sender": STRANGER.id, "events_sha256": hashlib.sha256(body).hexdigest()}
            value["events"] = body.count(b"\n")
            hostile.restate(members, STRANGER, value)
        if contents.BAGIT in members and draw.random() < 0.7:
            hostile.reseal_tags(members)
        hostile.put_together(bad, members, STRANGER)


class Receipts:
    """A bench, and a true receipt for its bag which is spoilt."""

    def __init__(self, folder: Path) -> None:
        self.bench, shop = forge.store_of(folder, "bench"), forge.store_of(folder, "shop")
        for one, other in ((self.bench, shop), (shop, self.bench)):
            key = keys.load(other.store.path.parent / "keys" / "workshop.key")
            log.trust(one.store, key.public, name="", at="", how="fingerprint")
        export_bag(self.bench, folder / "a.zip")
        (done,) = import_bags(shop, [folder / "a.zip"]).bags
        self.whole = done.receipt
        self.value, _ = sealed.read(done.receipt, "receipt")

    def __call__(self, draw: random.Random) -> bool:
        way = draw.randrange(3)
        if way == 0:
            mutated = bytes_of(draw, self.whole)
        elif way == 1:  # a word changed, the signature left as it was
            told = json.loads(self.whole)
            told["body"] = msgspec.json.encode(self._changed(draw), order="sorted").decode()
            mutated = sealed.sealed_bytes(msgspec.convert(told, sealed.Sealed))
        else:  # signed again, by somebody nobody knows
            changed = self._changed(draw) | {"receiver": draw.choice([STRANGER.id, "ab" * 16])}
            mutated = sealed.sealed_bytes(STRANGER.seal("receipt", changed))
        if mutated == self.whole:
            return False
        try:
            receipt.record(self.bench.store, mutated)
        except RecordsError as error:
            if error.code.startswith("store_"):
                raise
        return self.bench.store.query("SELECT count(*) FROM receipt") != [(0,)]

    def takes_the_good_one(self) -> bool:
        return receipt.record(self.bench.store, self.whole).events == 2

    def _changed(self, draw: random.Random) -> dict[str, Any]:
        value = dict(self.value)
        name = draw.choice(sorted(value))
        odd: tuple[Any, ...] = (
            None,
            "",
            "x" * 50_000,
            0,
            -1,
            2**53 - 1,
            [],
            {},
            {"a": [1, "b"]},
            [[1]],
            True,
        )
        value[name] = draw.choice([other for other in odd if other != value[name]])
        return value


def peak_mb() -> int:
    """The most memory this program had. Not `ru_maxrss`: it keeps what its parent had at fork."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def run(taken: Bags | Receipts, count: int, seed: int) -> dict[str, Any]:
    """Play them; the draw of each is its own, so that one can be repeated alone."""
    accepted, raised, longest = 0, 0, 0.0
    for number in range(count):
        draw = random.Random(f"{seed}/{number}")
        start = time.process_time()
        try:
            if taken(draw):
                accepted += 1
                print(f"accepted: {seed}/{number}", file=sys.stderr)
        except Exception:  # noqa: BLE001 - this is what is looked for
            raised += 1
            traceback.print_exc()
        longest = max(longest, time.process_time() - start)
    memory = peak_mb()
    told = {"played": count, "accepted": accepted, "raised": raised}
    told["good"] = int(taken.takes_the_good_one())
    return told | {"longest_s": round(longest / pace.slowness(), 3), "memory_mb": memory}


if __name__ == "__main__":
    kind: type[Bags] | type[Receipts] = Bags if sys.argv[1] == "bags" else Receipts
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(run(kind(Path(place)), int(sys.argv[2]), int(sys.argv[3]))))
