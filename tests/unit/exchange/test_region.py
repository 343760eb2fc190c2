"""A region rebuilt from its members' sticks alone is the region that was lost."""

from __future__ import annotations

from pathlib import Path

from bench.exchange.sync import sync
from bench.records import actions, keys, log
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
    phoenix = log.Log(
        Store.open(tmp_path / "phoenix" / "etabli.db"),
        keys.create(tmp_path / "phoenix" / "keys" / "bench.key"),
        forge.Clock(),
    )
    register(phoenix, *members, region)
    for stick in reversed(sticks):
        assert sync(phoenix, stick).ok
    assert phoenix.store.count() == count
    assert phoenix.store.state_hash() == state
    phoenix.store.rebuild()
    assert phoenix.store.state_hash() == state
    report = phoenix.verify()
    assert report.ok and not report.notices
