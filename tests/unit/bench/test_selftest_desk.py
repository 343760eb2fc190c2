"""Self-tests of a visit: begun with the tests, recorded once ended, stopped by an erasure."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench import casefile
from bench.check_desk import CheckDesk, note_selftests
from bench.disk_use import free_of_work
from bench.records.log import open_bench
from diagnostics.model import Machine
from diagnostics.selftest import State
from tests.unit.diagnostics.test_selftest import Drive, disk_of, log_row
from tests.unit.documents.recorded import ASSETS, FixedClock


def desk_of(drive: Drive, *, live: bool = True) -> CheckDesk:
    machine = Machine(disks=(disk_of(drive),))
    desk = CheckDesk(drive, machine, live=live, free=lambda disk: True)
    if desk._watch is not None:
        desk._watch._poll_s = 0.001
    return desk


def test_a_failed_self_test_enters_the_record_and_the_verdict(tmp_path: Path) -> None:
    drive = Drive(log_row(0x71, "Completed: read failure", lba=4711))
    desk = desk_of(drive)
    machine = Machine(disks=desk._disks)
    desk._watch.start(desk._disks)  # type: ignore[union-attr]
    assert desk._watch.wait(10)  # type: ignore[union-attr]
    assert [one.state for one in desk.selftests()] == [State.FAILED]
    log = open_bench(tmp_path, FixedClock(), name="Poste 3")
    device = casefile.arrive(log, ASSETS[0])
    casefile.note_machine(log, device, machine)
    now = note_selftests(log, device, desk, machine)
    assert now != machine and note_selftests(log, device, desk, now) == now
    probed = [event for event in log.events(device) if event.type == "machine.probed"]
    assert len(probed) == 2  # the second time was no news
    past = casefile.past(log, device).machine
    assert past is not None and past.disks[0].smart == now.disks[0].smart
    log.store.close()


def test_a_replayed_machine_is_never_asked_to_test_itself() -> None:
    drive = Drive(None)
    desk = desk_of(drive, live=False)
    desk.start()
    desk.test_long("/dev/sda")
    desk.release("/dev/sda")
    desk.close()
    assert desk.selftests() == () and not drive.started
    machine = Machine(disks=desk._disks)
    assert desk.with_selftests(machine) == machine


def test_a_disk_nobody_can_place_is_not_free(tmp_path: Path) -> None:
    drive = Drive(None)
    disk = msgspec.structs.replace(disk_of(drive), path="/dev/nowhere", name="nowhere")
    assert not free_of_work(drive, tmp_path)(disk)
