"""Self-tests of a visit: begun with the tests, recorded once ended, stopped by an erasure."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.casefile import writing
from bench.erasing.free import free_of_work
from bench.records.log import open_bench
from bench.workbench.checks import CheckDesk, note_selftests
from bench.workbench.selftests import views
from diagnostics.health.rules import DriveUse
from diagnostics.health.verdict import verdict
from diagnostics.model import Disk, Machine
from diagnostics.selftest.start import Length, Result, SelfTestState
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
    assert [one.state for one in desk.selftests()] == [SelfTestState.FAILED]
    log = open_bench(tmp_path, FixedClock(), name="Poste 3")
    device = writing.arrive(log, ASSETS[0])
    writing.note_machine(log, device, machine)
    now = note_selftests(log, device, desk, machine)
    assert now != machine and note_selftests(log, device, desk, now) == now
    probed = [event for event in log.newest(device) if event.type == "machine.probed"]
    assert len(probed) == 2  # the second time was no news
    past = writing.past(log, device).machine
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


def watched(drive: Drive) -> Disk:
    """A drive judged *watch*: some of its sectors were replaced."""
    disk = disk_of(drive)
    assert disk.smart is not None
    worn = msgspec.structs.replace(disk, smart=msgspec.structs.replace(disk.smart, reallocated=4))
    assert verdict(worn).verdict is DriveUse.WATCH
    return worn


@pytest.mark.parametrize(
    ("state", "length", "why", "offered"),
    [
        (SelfTestState.PASSED, Length.SHORT, "", True),
        (SelfTestState.UNKNOWN, Length.SHORT, "", True),
        (
            SelfTestState.RUNNING,
            Length.SHORT,
            "",
            False,
        ),  # the drive would take it for the same test
        (SelfTestState.PASSED, Length.LONG, "", False),
        (SelfTestState.ABORTED, Length.SHORT, "erasure", False),
        (SelfTestState.FAILED, Length.SHORT, "", False),
    ],
)
def test_when_the_long_test_is_offered(
    state: SelfTestState, length: Length, why: str, offered: bool
) -> None:
    drive = Drive(None)
    machine = Machine(disks=(watched(drive),))
    result = Result("/dev/sda", length, state, why=why, left_percent=60)
    (shown,) = views([result, Result("/dev/gone", length, state)], machine)
    assert shown.long_offered is offered
    assert ("60 %" in shown.text) is (state is SelfTestState.RUNNING)
    sound = Machine(disks=(disk_of(drive),))
    assert not views([result], sound)[0].long_offered


def test_the_short_test_never_passes_for_the_long_one() -> None:
    """A long test that leaves no line of its own: the newest line is the short test's."""
    drive = Drive(log_row(0, "Completed without error"))
    desk = desk_of(drive)
    assert desk._watch is not None
    desk._watch.start(desk._disks)
    assert desk._watch.wait(10)
    assert [one.state for one in desk.selftests()] == [SelfTestState.PASSED]
    desk.test_long("/dev/sda")
    assert desk._watch.wait(10)
    (long,) = desk.selftests()
    assert (long.length, long.state) == (Length.LONG, SelfTestState.UNKNOWN)
