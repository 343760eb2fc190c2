"""A stranger's bag costs next to nothing; one of a bench we know no more than it weighs."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.exchange import contents
from bench.exchange.bag import export_bag
from bench.exchange.importing import Imported, import_bags
from bench.records import log
from bench.records.signed import keys, sealed
from bench.records.signed.event import Signed
from tests import forge, pace
from tests.unit.exchange import hostile
from tests.unit.exchange.hostile import Members
from tests.unit.exchange.parties import register

WORKSHOP = keys.Key(b"\5" * 32)
NOISE = random.Random(5)
BIG = 10_000_000


def attach(members: Members, content: bytes) -> None:
    members[contents.ATTACHMENTS + hashlib.sha256(content).hexdigest()] = content


def many_small(members: Members, key: keys.Key) -> None:
    for number in range(50_000):
        attach(members, b"%d" % number)


def large(members: Members, key: keys.Key) -> None:
    for _ in range(BIG // 1_000_000):
        attach(members, NOISE.randbytes(1_000_000))


def swollen(members: Members, key: keys.Key) -> None:
    """Each within the ratio of one member, all together no honest bag."""
    for number in range(150):
        attach(members, b"%d" % number + bytes(900_000))


def deep(members: Members, key: keys.Key) -> None:
    nest = b"[" * 120_000 + b"]" * 120_000
    line = b'{"event":{"type":"bench.certified","bench":"%s","x":%s},"key":"%s","signature":"%s"}\n'
    told = line % (key.id.encode(), nest, b"0" * 64, b"0" * 128)
    hostile.with_events(members, key, lambda lines: [*lines, *[told] * 60])


def long_statement(members: Members, key: keys.Key) -> None:
    value, _ = sealed.read(members[contents.STATEMENT], "statement")
    value["heads_to"] = {f"{n:032x}": [[1, NOISE.randbytes(32).hex()]] for n in range(7000)}
    hostile.restate(members, key, value)


def certificates(bench: forge.Bench) -> list[Signed]:
    """Of as many workshops as fit, each with a signature that holds."""
    made = []
    for number in range(6000):
        workshop = keys.Key(number.to_bytes(32, "big"))
        told = keys.certify(workshop, bench.key.public, name="x", at="")
        made.append(bench.make("bench.certified", {"certificate": told.plain()}))
    return made


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "shop")


def taken(shop: log.Log, path: Path) -> tuple[Imported, float]:
    start = time.process_time()
    (done,) = import_bags(shop, [path]).bags
    return done, time.process_time() - start


@pytest.mark.long
@pytest.mark.parametrize("spoil", [many_small, large, swollen, deep, long_statement])
def test_a_strangers_bag_costs_under_two_seconds(
    tmp_path: Path, shop: log.Log, spoil: Callable[[Members, keys.Key], None]
) -> None:
    stranger = forge.store_of(tmp_path, "stranger")
    export_bag(stranger, tmp_path / "good.zip")
    members = hostile.take_apart(tmp_path / "good.zip")
    spoil(members, stranger.key)
    hostile.reseal_tags(members)
    hostile.put_together(tmp_path / "bad.zip", members, stranger.key)
    done, seconds = taken(shop, tmp_path / "bad.zip")
    bomb = spoil in (swollen, deep)  # found from the directory alone
    assert done.error and done.error.code == ("bag_bomb" if bomb else "key_unknown")
    assert pace.within(seconds, 2)


def test_a_stranger_is_refused_before_his_members_are_unpacked(
    tmp_path: Path, shop: log.Log
) -> None:
    """What is false further in is not even found."""
    stranger = forge.store_of(tmp_path, "stranger")
    export_bag(stranger, tmp_path / "good.zip")
    members = hostile.take_apart(tmp_path / "good.zip")
    members[contents.MANIFEST] = b"nonsense"
    hostile.put_together(tmp_path / "bad.zip", members, stranger.key)
    assert taken(shop, tmp_path / "bad.zip")[0].error.code == "key_unknown"  # type: ignore[union-attr]


def test_a_bag_of_before_tells_its_certificate_among_its_events(
    tmp_path: Path, shop: log.Log
) -> None:
    bench = forge.store_of(tmp_path, "bench")
    register(shop, bench)
    export_bag(bench, tmp_path / "new.zip")
    members = hostile.take_apart(tmp_path / "new.zip")
    value, _ = sealed.read(members[contents.STATEMENT], "statement")
    assert value.pop("certificate")["kind"] == "certificate"
    hostile.restate(members, bench.key, value)
    hostile.reseal_tags(members)
    hostile.put_together(tmp_path / "old.zip", members, bench.key)
    assert taken(shop, tmp_path / "old.zip")[0].added == 2


@pytest.mark.long  # signs 18,000 times first; what strangers send is in every run
def test_a_known_benchs_thousands_of_certificates_cost_what_they_weigh(
    tmp_path: Path, shop: log.Log
) -> None:
    log.trust(shop.store, WORKSHOP.public, name="", at="", how="fingerprint")
    bench = forge.Bench("b", WORKSHOP)
    made = forge.store_of(tmp_path, "made", WORKSHOP)
    made.store.add([*bench.opened(), *certificates(bench)])
    export_bag(made, tmp_path / "a.zip")
    register(shop, made)
    done, seconds = taken(shop, tmp_path / "a.zip")
    assert done.added == 6004 and pace.within(seconds, 5)
