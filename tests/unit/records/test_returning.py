"""A machine known by its maker's numbers: what is offered, and what never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.records import log, returning
from bench.records.day import actions, review
from tests import forge

SERIAL, BOARD = "PF1ABCDE", "L1HF8BU00X7"
WHY = {"reason": "vu", "operator": "ENC"}


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def disk(serial: str = "WX11A1", **more: Any) -> dict[str, Any]:
    size = {"size_bytes": 500_107_862_016}
    name = {"path": "/dev/sda", "name": "sda", "model": "WDC WD5000AAKX", "serial": serial}
    return name | size | {"kind": "hdd", "transport": "sata"} | more


def facts(
    serial: str | None = None,
    board: str | None = None,
    *disks: dict[str, Any],
    model: str = "ThinkPad T480",
) -> dict[str, Any]:
    identity = {"maker": "LENOVO", "model": model, "serial": serial, "board_serial": board}
    return {"identity": identity, "disks": list(disks)}


def came(records: log.Log, asset: str, told: dict[str, Any], kind: str = "laptop") -> str:
    device = records.new_device()
    records.append("machine.arrived", {"asset": asset, "kind": kind}, device=device)
    records.append("machine.probed", {"facts": told}, device=device)
    return device


def found(records: log.Log, told: dict[str, Any], own: str = "") -> list[tuple[str, str]]:
    return [(before.asset, before.by) for before in returning.earlier(records, told, own)]


def test_a_machine_is_known_by_its_serial_by_its_board_and_its_disk_apart(
    records: log.Log,
) -> None:
    came(records, "A1", facts(SERIAL, BOARD, disk()))
    assert found(records, facts(SERIAL)) == [("A1", "serial")]
    assert found(records, facts(None, BOARD)) == [("A1", "board")]
    assert found(records, facts(None, None, disk())) == [("A1", "disk")]
    assert found(records, facts(SERIAL, BOARD, disk())) == [("A1", "serial")]
    assert found(records, facts("PF2OTHER", "L1HF8BU0000", disk("WX22B2"))) == []
    assert found(records, facts()) == []


@pytest.mark.parametrize(
    "serial",
    ["To Be Filled By O.E.M.", "Default string", "System Serial Number", "0123456789", "00000000",
     "None", "Not Specified", "123456789", "XXXXXXXXXX", ""],
)  # fmt: skip
def test_a_placeholder_is_never_a_match(records: log.Log, serial: str) -> None:
    """As an older version, or another tool, may have recorded it."""
    came(records, "A1", facts(serial, serial, disk(serial)))
    assert found(records, facts(serial, serial, disk(serial))) == []


@pytest.mark.parametrize(
    "borrowed",
    [
        disk("DOCK0001", serial_doubt="bridge"),
        disk("DOCK0001", serial_doubt="shared"),
        disk("DOCK0001", serial_doubt="contradicted"),
        disk("DOCK0001", transport="usb"),
        disk("USB1", kind="usb_flash", transport="usb"),
    ],
    ids=["bridge", "shared", "contradicted", "dock", "stick"],
)
def test_a_borrowed_number_or_a_stick_is_never_a_match(
    records: log.Log, borrowed: dict[str, Any]
) -> None:
    came(records, "A1", facts("S-ONE-1", None, borrowed))
    assert found(records, facts("S-TWO-2", None, borrowed)) == []


def test_a_disk_that_moved_says_so_and_that_the_pcs_differ(records: log.Log) -> None:
    came(records, "A1", facts(SERIAL, None, disk()))
    (before,) = returning.earlier(records, facts("PF2OTHER", None, disk()))
    assert before.by == "disk" and before.apart and before.disk is not None
    assert before.disk.serial == "WX11A1"
    (before,) = returning.earlier(records, facts(None, None, disk()))
    assert not before.apart  # a board without a serial: it may be the same


def test_a_disk_is_known_by_its_wwn_too_and_another_model_is_another_disk(
    records: log.Log,
) -> None:
    came(records, "A1", facts("S-ONE-1", None, disk("WX11A1", wwn="0x50014ee2b1234567")))
    named_otherwise = disk("wx11a1", wwn="0x50014ee2b1234567")
    assert found(records, facts("S-TWO-2", None, named_otherwise)) == [("A1", "disk")]
    assert found(records, facts("S-TWO-2", None, disk(model="ST500DM002"))) == []


def test_a_disk_that_was_taken_out_or_lay_loose_has_moved(records: log.Log) -> None:
    device = came(records, "A1", facts("S-ONE-1", None, disk()))
    name = {"model": "WDC WD5000AAKX", "serial": "WX11A1", "size_bytes": 500_107_862_016}
    records.append("disk.removed", {"disk": name}, device=device)
    assert found(records, facts("S-TWO-2", None, disk())) == []
    came(records, "D1", facts(None, None, disk("WX22B2")), kind="disk")
    assert found(records, facts("S-TWO-2", None, disk("WX22B2"))) == []


def test_another_model_with_the_serial_is_another_machine(records: log.Log) -> None:
    came(records, "A1", facts(SERIAL))
    assert found(records, facts(SERIAL, model="EliteBook 840")) == []


def test_a_board_under_another_serial_is_no_match(records: log.Log) -> None:
    came(records, "A1", facts(SERIAL, BOARD))
    assert found(records, facts("PF2OTHER", BOARD)) == []


def test_what_the_own_file_knows_is_not_asked_again(records: log.Log) -> None:
    came(records, "A1", facts(SERIAL, BOARD, disk()))
    own = came(records, "A2", facts(SERIAL, BOARD, disk()))
    assert found(records, facts(SERIAL, BOARD, disk()), own) == []


def test_a_serial_of_many_machines_is_nobodys(records: log.Log) -> None:
    for number in range(returning.MOST):
        came(records, f"A{number}", facts(SERIAL))
    assert len(found(records, facts(SERIAL))) == returning.MOST
    came(records, "A9", facts(SERIAL))
    assert found(records, facts(SERIAL)) == []


def test_twins_that_were_parted_are_offered_to_nobody_and_no_finding(records: log.Log) -> None:
    one, two = (came(records, asset, facts(SERIAL)) for asset in ("A1", "A2"))
    today = records.clock.now().date().isoformat()
    assert len(found(records, facts(SERIAL))) == 2
    assert len(review.duplicates(records.store, today)) == 1
    actions.separate(records, one, two, **WHY)
    assert found(records, facts(SERIAL)) == []
    assert not review.duplicates(records.store, today)


def test_joined_files_are_one_offer(records: log.Log) -> None:
    one, two = (came(records, asset, facts(SERIAL)) for asset in ("A1", "A2"))
    actions.join(records, one, two, **WHY)
    assert len(found(records, facts(SERIAL))) == 1
    assert found(records, facts(SERIAL), two) == []


def told(records: log.Log, answer: str, device: str, other: str) -> None:
    data = {"answer": answer, "by": "serial", "other": other}
    records.append("machine.recognised", data, device=device)


@pytest.mark.parametrize("decide", [actions.join, actions.separate])
@pytest.mark.parametrize("answer", ["unsure", "same"])
def test_who_could_not_tell_leaves_it_to_a_supervisor(
    records: log.Log, answer: str, decide: Any
) -> None:
    one, two = (came(records, asset, facts(SERIAL)) for asset in ("A1", "A2"))
    told(records, answer, two, one)
    today = records.clock.now().date().isoformat()
    (conflict,) = review.review(records, today).to_arbitrate
    assert (conflict.kind, conflict.name, conflict.other) == ("returned", two, one)
    records.store.rebuild()
    assert len(review.review(records, today).to_arbitrate) == 1
    decide(records, two, one, **WHY)
    assert not review.review(records, today).to_arbitrate
    records.store.rebuild()
    assert not review.review(records, today).to_arbitrate


def test_a_twin_is_nothing_to_arbitrate(records: log.Log) -> None:
    one, two = (came(records, asset, facts(SERIAL)) for asset in ("A1", "A2"))
    told(records, "unsure", two, one)
    told(records, "other", two, one)  # the later word counts
    today = records.clock.now().date().isoformat()
    assert not review.review(records, today).to_arbitrate


@pytest.mark.parametrize("bad", [None, 5, [], "x", {"serial": 7}, {"serial": ["a"]}])
def test_facts_of_another_version_are_read_leniently(records: log.Log, bad: Any) -> None:
    came(records, "A1", facts(SERIAL))
    assert found(records, {"identity": bad, "disks": bad}) == []
    came(records, "A2", {"identity": bad, "disks": bad})
    assert found(records, facts(SERIAL)) == [("A1", "serial")]
