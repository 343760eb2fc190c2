"""Games of honest benches and one thief, from a seed.

The thief holds the key of one bench and everything public. He signs what he likes in that
bench's chain, beside it and after it, makes up workshops, repeats what others signed, and
chooses in which order a store learns of it all. Once the workshop revoked his stick after
the last honest event, the record must be as if he had never been; before, no other bench
is silenced, no role gained, nobody forgotten.
"""

from __future__ import annotations

import datetime
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.sql import tables
from bench.records.store import Store
from tests import forge

SHOPS = (keys.Key(b"\x01" * 32), keys.Key(b"\x02" * 32))
SUPERVISOR = keys.Key(b"\x03" * 32)
DISK = {"model": "WDC", "serial": "WX1", "size_bytes": 500}
PROOF = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "journal_hash": "ab" * 32}
# What shows that somebody tried is not the same as if nobody had.
SHOWING = ("revocation", "fork")


class Game:
    """`honest` and `forged` are what was signed; the stolen bench is `benches[0]`."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.benches = [forge.Bench(f"{seed}-{n}", SHOPS[n // 2 % 2]) for n in range(4)]
        self.honest: list[Signed] = []
        self.forged: list[Signed] = []
        self.devices = [bench.device() for bench in self.benches]
        for bench, device in zip(self.benches, self.devices, strict=True):
            self.honest += bench.opened()
            if self.draw.random() < 0.5:
                self.honest.append(self.supervised(bench))
            elif self.draw.random() < 0.5:  # no code there, and none of a supervisor's acts
                told = certificate(bench.workshop, bench.key, "bench", supervised=True)
                self.honest.append(bench.make("bench.certified", told))
            self.say(bench, "machine.arrived", {"asset": device[-4:]}, device)
            self.say(bench, "erase.done", self.erasure("failed"), device)
        for _ in range(self.draw.randrange(8)):
            self.work(self.draw.choice(self.benches))
        self.thief = forge.Bench(f"{seed}-0", SHOPS[0])  # with the same key
        self.last = max(
            (e for e in self.honest if e.event.bench == self.thief.key.id),
            key=lambda e: e.event.seq,
        )

    def supervised(self, bench: forge.Bench) -> Signed:
        said = keys.certify_supervisor(bench.workshop, bench.key.id, SUPERVISOR.public, at="")
        return bench.make("supervisor.certified", {"certificate": said.plain()})

    def erasure(self, claim: str) -> dict[str, Any]:
        return {"job": "j", "disk": DISK, "technique": "overwrite", "claim": claim} | PROOF

    def say(self, bench: forge.Bench, kind: str, data: dict[str, Any], device: str = "") -> None:
        self.honest.append(bench.make(kind, data, device=device))

    def work(self, bench: forge.Bench) -> None:
        device = self.devices[self.benches.index(bench)]
        kind, data = self.draw.choice(
            [
                ("test.done", {"test": "screen", "outcome": "passed"}),
                ("erase.done", self.erasure(self.draw.choice(["purge", "failed", "clear"]))),
                ("grade.given", {"grade": self.draw.choice("ABCD")}),
                ("visit.done", {}),
            ]
        )
        self.say(bench, kind, data, device)

    # -- the thief ------------------------------------------------------------

    def attack(self) -> None:
        """Signs something, at any place of the stolen chain or beside it."""
        own = [e for e in (*self.honest, *self.forged) if e.event.bench == self.thief.key.id]
        after = self.draw.choice(own)
        self.thief.seq, self.thief.prev = after.event.seq, after.hash.hex()
        self.thief.tick = self.draw.choice([0, after.event.tick, after.event.tick + 10**9])
        made_up = keys.Key(self.draw.randbytes(32))
        workshop = self.draw.choice([made_up, made_up, self.thief.key])
        victim = self.draw.choice(self.benches).key
        device = self.draw.choice(self.devices)
        acts: list[Callable[[], tuple[str, dict[str, Any]]]] = [
            lambda: ("bench.certified", certificate(workshop, victim, "bench")),
            lambda: ("bench.certified", certificate(workshop, self.thief.key, "coordination")),
            lambda: ("bench.certified", stolen(self.draw, self.honest, "bench.certified")),
            lambda: self.repeated("supervisor.certified"),
            lambda: ("bench.revoked", revocation(self.draw, workshop, victim, self.honest)),
            lambda: ("supervisor.certified", supervisor(workshop, self.thief.key, made_up)),
            lambda: ("erase.done", self.erasure("purge")),
            lambda: ("correction", {"field": "serial", "value": "X", "reason": "r"}),
            lambda: ("grade.overridden", {"grade": "A", "reason": "r"}),
            lambda: ("same_as", {"other": self.draw.choice(self.devices)}),
            lambda: ("day.closed", {"day": "2026-01-05"}),
            lambda: ("day.reopened", {"day": "2026-01-05", "reason": "r"}),
            lambda: ("person.forgotten", {"person": "p"}),
            lambda: ("transfer.sent", {"transfer": "t", "to": made_up.id, "devices": [device]}),
            lambda: ("handover.done", {"recipient": "r"}),
            lambda: ("machine.arrived", {"asset": "T"}),
            lambda: ("bench.opened", {"name": "thief"}),
        ]
        kind, data = self.draw.choice(acts)()
        proof = self.draw.choice([None, None, made_up])
        self.forged.append(self.thief.make(kind, data, device=device, supervisor=proof))

    def repeated(self, kind: str) -> tuple[str, dict[str, Any]]:
        """What was said of the stolen bench, said again elsewhere."""
        own = self.thief.key.id
        told = [e for e in self.honest if (e.event.type, e.event.bench) == (kind, own)]
        return (kind, self.draw.choice(told).event.data) if told else ("visit.done", {})

    def word(self) -> Signed:
        """What the workshop says when the stick is lost."""
        said = keys.revoke(
            SHOPS[0],
            self.thief.key.id,
            self.last.event.seq,
            after_hash=self.last.hash.hex(),
            reason="lost",
            at="",
        )
        return self.benches[1].make("bench.revoked", {"revocation": said.plain()})

    def parts(self, events: list[Signed]) -> list[list[Signed]]:
        """The events in up to four bags, in any order."""
        mixed = list(events)
        self.draw.shuffle(mixed)
        cuts = sorted(self.draw.randrange(len(mixed) + 1) for _ in range(3))
        return [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, len(mixed)], strict=True) if a < b]


def certificate(
    workshop: keys.Key, victim: keys.Key, role: str, *, supervised: bool = False
) -> dict[str, Any]:
    told: dict[str, Any] = {"name": "x", "role": role, "at": "", "supervised": supervised}
    said = keys.certify(workshop, victim.public, **told)
    return {"certificate": said.plain()}


def supervisor(workshop: keys.Key, bench: keys.Key, key: keys.Key) -> dict[str, Any]:
    said = keys.certify_supervisor(workshop, bench.id, key.public, at="")
    return {"certificate": said.plain()}


def stolen(draw: random.Random, events: list[Signed], kind: str) -> dict[str, Any]:
    return draw.choice([e for e in events if e.event.type == kind]).event.data


def revocation(
    draw: random.Random, workshop: keys.Key, victim: keys.Key, events: list[Signed]
) -> dict[str, Any]:
    place = draw.choice([e for e in events if e.event.bench == victim.id])
    named = draw.choice([place.hash.hex(), ""])
    seq = place.event.seq if named else draw.choice([0, place.event.seq])
    said = keys.revoke(workshop, victim.id, seq, after_hash=named, reason="r", at="")
    return {"revocation": said.plain()}


class Stores:
    """Empty stores in memory that registered the two workshops."""

    def __init__(self, folder: Path) -> None:
        self.template = Store.open(folder / "template.db")
        forge.register(self.template, *SHOPS)

    def fresh(self) -> Store:
        connection = sqlite3.connect(":memory:")
        self.template.db.conn.backup(connection)
        return Store(Database(connection), self.template.path)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    made = Stores(tmp_path_factory.mktemp("thief"))
    yield made
    made.template.close()


def state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: store.query(f"SELECT * FROM {table.name} ORDER BY {table.order}")
        for table in tables.ALL
        if table.name not in SHOWING
    }


def play(stores: Stores, seed: int) -> int:
    """One game; gives how many events the thief signed."""
    game = Game(seed)
    for _ in range(game.draw.randrange(1, 9)):
        game.attack()
    clean, dirty = stores.fresh(), stores.fresh()
    clean.add(game.honest)
    benches = "SELECT bench, workshop, role, revoked_after FROM bench ORDER BY 1"
    machines = f"SELECT device, asset FROM machine WHERE device IN {tuple(game.devices)} ORDER BY 1"
    others = (
        f"SELECT bench, job, claim FROM erasure WHERE bench <> '{game.thief.key.id}' ORDER BY 1"
    )
    held = f"SELECT device, holder FROM machine WHERE device IN {tuple(game.devices)} ORDER BY 1"
    before = [clean.query(benches), {device for device, _ in clean.query(machines)}]
    for part in game.parts(game.honest + game.forged):
        dirty.add(part)
    assert dirty.query(benches) == before[0], seed
    ours = set(dirty.query(held)) - set(clean.query(held))
    assert all(device == game.devices[0] or holder == "" for device, holder in ours), seed
    roots = dict(dirty.query("SELECT device, root FROM alias"))
    seen = {device for device, _ in dirty.query(machines)} | roots.keys()
    assert seen == before[1], seed
    assert set(clean.query(others)) <= set(dirty.query(others)), seed
    if dirty.known().bench(game.thief.key.id).supervisors:  # nothing a supervisor decides
        decided = "SELECT count(*) FROM machine WHERE serial = 'X' OR grade_distance > 0"
        assert dirty.query(decided) == [(0,)], seed
        assert dirty.query("SELECT count(*) FROM day WHERE closed = 1") == [(0,)], seed
        assert roots == {}, seed
    word = game.word()
    clean.add([word])
    if game.draw.random() < 0.5:
        dirty.add([word])
        dirty.add(game.forged)
    else:
        dirty = stores.fresh()
        for part in game.parts([*game.honest, *game.forged, word]):
            dirty.add(part)
    assert state(dirty) == state(clean), seed
    dirty.rebuild()
    assert state(dirty) == state(clean), seed
    clean.close()
    dirty.close()
    return len(game.forged)


def test_a_thief_is_as_if_he_had_never_been(stores: Stores) -> None:
    forged = sum(play(stores, seed) for seed in range(50))
    assert forged > 130


@pytest.mark.long
def test_a_hundred_more_games(stores: Stores) -> None:
    forged = sum(play(stores, seed) for seed in range(50, 150))
    assert forged > 270


# Every day of CI plays others: a thousand a day find more than five thousand that are known.
GAMES = 500
FIRST = 1_000 + (datetime.date.today().toordinal() * 2 * GAMES if os.environ.get("CI") else 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", [FIRST, FIRST + GAMES])
def test_the_games_of_a_day(stores: Stores, seed: int) -> None:
    for each in range(seed, seed + GAMES):
        play(stores, each)
