"""The key ceremony: a bench joins a workshop, a thief does not, a lost stick is put out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import joining, log
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint, keys
from tests import forge


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "shop")


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "bench")


def workshop_of(one: log.Log) -> keys.Key:
    return keys.load(one.store.path.parent / "keys" / "workshop.key")


def belongs(store: log.Log, bench: log.Log) -> tuple[str, int | None]:
    rows = store.store.query(
        "SELECT workshop, revoked_after FROM bench WHERE bench = ?", (bench.key.id,)
    )
    return rows[0]


def ceremony(shop: log.Log, bench: log.Log) -> None:
    raw = joining.request(bench, "Poste 2")
    heard = bench.key.fingerprint
    answer = joining.admit(shop, workshop_of(shop), raw, heard=heard)
    joining.join(bench, answer, heard=workshop_of(shop).fingerprint)


def test_a_bench_joins_and_is_believed(shop: log.Log, bench: log.Log, tmp_path: Path) -> None:
    export_bag(bench, tmp_path / "before.zip")
    (before,) = import_bags(shop, [tmp_path / "before.zip"]).bags
    assert before.error and before.error.code == "key_unknown"
    ceremony(shop, bench)
    assert belongs(bench, bench) == (workshop_of(shop).id, None)
    export_bag(bench, tmp_path / "after.zip")
    export_bag(shop, tmp_path / "shop.zip")
    assert import_bags(shop, [tmp_path / "after.zip"]).ok
    assert import_bags(bench, [tmp_path / "shop.zip"]).ok
    assert shop.store.state_hash() == bench.store.state_hash()
    assert belongs(shop, bench) == (workshop_of(shop).id, None)


def test_another_fingerprint_is_refused(shop: log.Log, bench: log.Log) -> None:
    raw, count = joining.request(bench, "x"), shop.store.count()
    own = bench.key.fingerprint
    slip = own[:-1] + str((int(own[-1]) + 1) % 10)
    told = {"": "length", shop.key.fingerprint: "wrong", own[:-1]: "length", slip: "miscopied"}
    told[fingerprint.unchecked(shop.key.public)] = "unchecked"
    for heard, code in told.items():
        with pytest.raises(RecordsError, match=f"fingerprint_{code}"):
            joining.admit(shop, workshop_of(shop), raw, heard=heard)
    with pytest.raises(RecordsError, match="sealed_signature"):
        changed = raw.replace(b'\\"name\\":\\"x', b'\\"name\\":\\"y')
        joining.admit(shop, workshop_of(shop), changed, heard=bench.key.fingerprint)
    assert shop.store.count() == count


def test_a_certificate_for_another_bench_is_refused(
    shop: log.Log, bench: log.Log, tmp_path: Path
) -> None:
    raw = joining.request(bench, "x")
    certificate = joining.admit(shop, workshop_of(shop), raw, heard=bench.key.fingerprint)
    other = forge.store_of(tmp_path, "other")
    with pytest.raises(RecordsError, match="certificate_other"):
        joining.join(other, certificate, heard=workshop_of(shop).fingerprint)


def test_a_lost_stick_is_revoked_by_its_workshop_only(
    shop: log.Log, bench: log.Log, tmp_path: Path
) -> None:
    ceremony(shop, bench)
    bench.append("machine.arrived", {"asset": "A1"}, device="d1")
    export_bag(bench, tmp_path / "a.zip")
    import_bags(shop, [tmp_path / "a.zip"])
    stranger = keys.Key(b"\7" * 32)
    for code, workshop, name in (
        ("workshop_foreign", stranger, bench.key.id),
        ("bench_unknown", workshop_of(shop), "zzz"),
        ("bench_unknown", workshop_of(shop), ""),
    ):
        with pytest.raises(RecordsError, match=code):
            joining.revoke(shop, workshop, name, "3", reason="perdue")
    joining.revoke(shop, workshop_of(shop), bench.key.id[:10], "3", reason="perdue")
    assert belongs(shop, bench) == (workshop_of(shop).id, 3)
    assert shop.store.query("SELECT 1 FROM machine WHERE device = 'd1'") == []
    # A thief joins the stolen stick to a workshop of his own: it stays revoked.
    thief = forge.store_of(tmp_path, "thief")
    ceremony(thief, bench)
    export_bag(bench, tmp_path / "b.zip")
    (refused,) = import_bags(shop, [tmp_path / "b.zip"]).bags
    assert refused.error and refused.error.code == "key_revoked"
    assert belongs(shop, bench) == (workshop_of(shop).id, 3)


REGION = keys.Key(b"\x09" * 32)


def test_a_bench_is_of_the_networks_that_its_workshop_heard(
    shop: log.Log, bench: log.Log, tmp_path: Path
) -> None:
    other = keys.Key(b"\x0a" * 32)
    forge.register(shop.store, REGION, region=True)
    forge.register(shop.store, other)  # a workshop like any other is nobody's business there
    ceremony(shop, bench)
    assert dict(bench.store.query("SELECT workshop, region FROM trust")) == {
        workshop_of(shop).id: 0,
        REGION.id: 1,
    }
    plain = forge.store_of(tmp_path, "plain shop")
    alone = forge.store_of(tmp_path, "alone")
    ceremony(plain, alone)
    assert alone.store.query("SELECT 1 FROM trust WHERE region = 1") == []


def test_networks_that_another_signed_or_of_another_bench_are_refused(
    shop: log.Log, bench: log.Log, tmp_path: Path
) -> None:
    """Nothing is joined then: an answer is whole or none."""
    thief = forge.store_of(tmp_path, "thief")
    for one in (thief, shop):
        forge.register(one.store, REGION, region=True)
    raw = joining.request(bench, "Poste 2")
    heard = bench.key.fingerprint
    true = msgspec.json.decode(joining.admit(shop, workshop_of(shop), raw, heard=heard))
    false = msgspec.json.decode(joining.admit(thief, workshop_of(thief), raw, heard=heard))
    other = forge.store_of(tmp_path, "other")
    asked = joining.request(other, "Poste 3")
    theirs = joining.admit(shop, workshop_of(shop), asked, heard=other.key.fingerprint)
    known = [{"key": "00" * 32, "name": "nobody's key"}]
    unfit = workshop_of(shop).seal("networks", {"bench": bench.key.id, "known": known}).plain()
    shape = workshop_of(shop).seal("networks", {"bench": bench.key.id, "known": 3}).plain()
    before = bench.store.count()
    for networks in (false["networks"], msgspec.json.decode(theirs)["networks"], unfit, shape):
        answer = msgspec.json.encode(true | {"networks": networks})
        with pytest.raises(RecordsError, match="certificate_unreadable"):
            joining.join(bench, answer, heard=workshop_of(shop).fingerprint)
    assert bench.store.count() == before
    assert bench.store.query("SELECT 1 FROM trust WHERE region = 1") == []
    older = {name: value for name, value in true.items() if name != "networks"}
    joining.join(bench, msgspec.json.encode(older), heard=workshop_of(shop).fingerprint)
