"""What is lost is rebuilt from the others: a region, a workshop, a stick."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.exchange.sync import sync
from bench.records import attachments, log
from bench.records.copies import backup
from bench.records.day import actions
from bench.records.signed import keys
from bench.records.store import Store
from tests import forge

WHY = {"reason": "vu", "operator": "enc-1"}


def register(store: log.Log, *others: log.Log) -> None:
    for other in others:
        workshop = keys.load(other.store.path.parent / "keys" / "workshop.key")
        log.trust(store.store, workshop.public, name="", at="", how="fingerprint")


def work(bench: log.Log, number: int) -> list[str]:
    """A few machines, one lot, and the quarrels of a real week."""
    devices = []
    for turn in range(4):
        device = bench.new_device()
        where = {"device": device, "lot": f"L{number}"}
        bench.append("machine.arrived", {"asset": f"A{number}-{turn}", "kind": "laptop"}, **where)
        bench.append("grade.given", {"grade": "B"}, device=device)
        bench.append("visit.done", {}, device=device)
        devices.append(device)
    bench.append("lot.received", {"count": 4}, lot=f"L{number}")
    actions.correct(bench, devices[0], "serial", f"S{number}", **WHY)
    actions.join(bench, devices[1], devices[2], **WHY)
    bench.append("future.kind", {"x": number}, device=devices[3])
    return devices


@pytest.mark.long
def test_a_region_is_rebuilt_from_its_sticks(tmp_path: Path) -> None:
    members = [forge.store_of(tmp_path, f"member-{n}") for n in range(4)]
    region = forge.store_of(tmp_path, "region")
    for one in (*members, region):
        register(one, *members, region)
    devices = [work(member, number) for number, member in enumerate(members)]
    sticks = []
    for number, member in enumerate(members):
        stick = tmp_path / f"stick-{number}"
        stick.mkdir()
        sticks.append(stick)
        sync(member, stick)
        assert sync(region, stick).ok
    # The region decides, members learn of it and go on.
    to = keys.load(tmp_path / "member-1" / "keys" / "workshop.key").id
    region.append("reservation.made", {"reservation": "R1"}, device=devices[0][3])
    for member, stick in zip(members, sticks, strict=True):
        sync(region, stick)
        sync(member, stick)
    sent = {"transfer": "T1", "to": to, "devices": [devices[0][0]]}
    members[0].append("transfer.sent", sent)
    members[1].append("transfer.accepted", {"transfer": "T1", "devices": [devices[0][0]]})
    for _ in range(2):
        for member, stick in zip(members, sticks, strict=True):
            sync(member, stick)
            sync(region, stick)
    state, count = region.store.state_hash(), region.store.count()
    holder = region.store.query("SELECT holder FROM machine WHERE device = ?", (devices[0][0],))
    assert holder == [(to,)]
    region.store.close()

    # The region's computer burns. Its key is gone too: a new one reads the sticks, and
    # what the region itself had written comes back with them.
    key = keys.create(tmp_path / "phoenix" / "keys" / "bench.key")
    phoenix = log.Log(Store.open(tmp_path / "phoenix" / "etabli.db"), key, forge.Clock())
    register(phoenix, *members, region)
    for stick in reversed(sticks):
        assert sync(phoenix, stick).ok
    assert phoenix.store.count() == count
    assert phoenix.store.state_hash() == state
    phoenix.store.rebuild()
    assert phoenix.store.state_hash() == state
    report = phoenix.verify()
    assert report.ok and not report.notices


def files(store: log.Log) -> set[str]:
    return attachments.public_hashes(store.store)


def meet(one: log.Log, other: log.Log, stick: Path) -> None:
    """The stick goes from one to the other and back."""
    stick.mkdir(exist_ok=True)
    for each in (one, other, one):
        assert sync(each, stick).ok


def fresh(folder: Path, name: str, *known: log.Log) -> log.Log:
    """A new key on a new stick, that has written nothing yet."""
    key = keys.create(folder / name / "keys" / "bench.key", forge.Noise(name))
    made = log.Log(Store.open(folder / name / "etabli.db"), key, forge.Clock())
    register(made, *known)
    return made


@pytest.mark.long
def test_the_workshop_is_rebuilt_from_its_sticks(tmp_path: Path) -> None:
    benches = [forge.store_of(tmp_path, f"poste-{n}") for n in range(3)]
    shop = forge.store_of(tmp_path, "shop")
    for one in (*benches, shop):
        register(one, *benches, shop)
    for turn in range(2):  # twice: what one wrote reaches the others by way of the shop
        for number, bench in enumerate(benches):
            device = work(bench, number)[0]
            sha256 = attachments.attach(bench.store, b"journal %d %d" % (turn, number))
            done = {"kind": "sheet", "sha256": sha256}
            bench.append("document.issued", done, device=device)
            meet(bench, shop, tmp_path / f"stick-{number}")
    for number, bench in enumerate(benches):
        meet(bench, shop, tmp_path / f"stick-{number}")
    state, count, held = shop.store.state_hash(), shop.store.count(), files(shop)
    assert len(held) == 6
    shop.store.close()
    again = fresh(tmp_path, "again", *benches, shop)
    for number in range(3):
        assert sync(again, tmp_path / f"stick-{number}").ok
    assert (again.store.count(), again.store.state_hash()) == (count, state)
    assert files(again) == held and again.verify().ok


def test_a_stick_is_rebuilt_from_the_workshop(tmp_path: Path) -> None:
    bench, shop = forge.store_of(tmp_path, "poste"), forge.store_of(tmp_path, "shop")
    for one in (bench, shop):
        register(one, bench, shop)
    work(bench, 1)
    attachments.attach(bench.store, b"never named by an event")
    sha256 = attachments.attach(bench.store, b"journal")
    bench.append("document.issued", {"kind": "sheet", "sha256": sha256})
    meet(bench, shop, tmp_path / "share")
    state, count = bench.store.state_hash(), bench.store.count()
    bench.store.close()
    again = fresh(tmp_path, "again", bench, shop)
    assert sync(again, tmp_path / "share").ok
    assert (again.store.count(), again.store.state_hash()) == (count, state)
    assert files(again) == {sha256} and again.verify().ok


def test_a_stick_put_back_from_an_old_backup_learns_what_it_had_written(tmp_path: Path) -> None:
    """Its own newer events come home from the workshop: it goes on after them, no fork."""
    bench, shop = forge.store_of(tmp_path, "poste"), forge.store_of(tmp_path, "shop")
    for one in (bench, shop):
        register(one, bench, shop)
    work(bench, 1)
    backup.save(bench, tmp_path / "backup")
    work(bench, 2)
    meet(bench, shop, tmp_path / "share")
    last, state = bench.store.heads()[bench.key.id], bench.store.state_hash()
    bench.store.close()
    backup.restore(tmp_path / "backup", tmp_path / "new", moment="m")
    again = log.open_bench(tmp_path / "new", forge.Clock(), forge.Noise("again"))
    assert again.store.heads()[again.key.id] < last
    assert sync(again, tmp_path / "share").ok
    assert again.store.heads()[again.key.id] == last
    assert again.store.state_hash() == state
    assert again.append("visit.done", {}, device="d").seq == last[0][0] + 1
    assert sync(shop, tmp_path / "share").ok and sync(again, tmp_path / "share").ok
    assert sync(shop, tmp_path / "share").ok
    assert shop.store.query("SELECT * FROM fork") == []
    assert shop.store.state_hash() == again.store.state_hash()
