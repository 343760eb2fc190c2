"""Another disk in the place of the first: docks give all their disks one serial and no WWN.

Two loop devices seen through a dock (`dock.py`), swapped between plan and start, and between cut
and resume. The second disk must be byte-identical afterwards, whatever the job was doing.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import Runner
from diagnostics.identity import Doubt
from diagnostics.model import Disk, DiskKind
from tests.unit.wipe.dock import Dock, put
from tests.unit.wipe.helpers_wipe import forked, image, loop, now, own_place
from wipe.decide.guard import examine
from wipe.decide.plan import Plan, Wish, plan
from wipe.job import job as wiping
from wipe.job import prepare
from wipe.job.job import Exit, Surroundings
from wipe.job.prepare import confirm_codes, told_apart
from wipe.job.start import find_again
from wipe.journal import journal, lock, state
from wipe.model.capabilities import Capabilities
from wipe.model.codes import Code
from wipe.model.spec import JOURNAL_FILE, Claim, Method, Seen, Target, TargetKind, Technique
from wipe.seen import naming, own_number
from wipe.seen.reading import read_topology
from wipe.seen.topology import Node, Topology

MIB = 1 << 20


def sha(disk: Path) -> str:
    return hashlib.sha256(disk.read_bytes()).hexdigest()


def run(job: Path, runner: Runner) -> int:
    around = Surroundings(runner, now, time.monotonic, os.urandom, threading.Event())
    return forked(lambda: wiping.run(job, around))


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """A place in a dock, the disk in it, and one like it that lies beside."""
    if os.geteuid() != 0:
        pytest.skip("loop devices need root")
    first, second = image(tmp_path / "first.img", 4 * MIB), image(tmp_path / "second.img", 4 * MIB)
    with own_place() as place, loop(first, place=place) as path:
        yield path, first, second


def planned(jobs: Path, runner: Runner, path: str, passes: str = "random_twice") -> Path:
    target = prepare.target_from_node(path, read_topology(runner))
    assert target is not None
    made = plan(target, Capabilities(), Wish(passes=passes))
    assert isinstance(made, Plan)
    return prepare.prepare(jobs, target, made, now=now, random=os.urandom)


@pytest.mark.root
def test_swapped_between_plan_and_start_the_other_disk_is_not_touched(
    tmp_path: Path, disks: tuple[str, Path, Path]
) -> None:
    path, _, second = disks
    dock, before = Dock(path), sha(second)
    job = planned(tmp_path / "jobs", dock, path)
    put(path, second)
    assert run(job, dock) == Exit.REFUSED
    seen = state.read(job)
    assert (seen.claim, seen.reasons[0].code) == (Claim.NONE, Code.DISK_SWAPPED)
    assert sha(second) == before


def cut_at(job: Path, moment: str) -> None:
    """The journal as a cut leaves it in the write, before its flush is on record, or in the
    read-back."""
    raw = (job / JOURNAL_FILE).read_bytes()
    kinds = [line.kind for line in journal.parse(raw).lines]
    lines = raw.splitlines(keepends=True)
    done = [at for at, kind in enumerate(kinds) if kind == "sweep_done"]
    keys = [at for at, kind in enumerate(kinds) if kind == "key"]
    last = {"write": keys[0] + 1, "flush": done[0], "read_back": done[1] + 2}[moment]
    (job / JOURNAL_FILE).write_bytes(b"".join(lines[:last]))


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("boot", [None, "another-boot"])
@pytest.mark.parametrize("moment", ["write", "flush", "read_back"])
def test_swapped_between_cut_and_resume_the_other_disk_is_not_touched(
    tmp_path: Path, disks: tuple[str, Path, Path], moment: str, boot: str | None
) -> None:
    """And the first one, put back, is known by what was written on it, and brought to its end."""
    path, first, second = disks
    dock, before = Dock(path), sha(second)
    passes = "random" if moment == "write" else "random_twice"
    job = planned(tmp_path / "jobs", dock, path, passes)
    assert run(job, dock) == Exit.DONE
    cut_at(job, moment)
    if moment == "flush":  # the second pass has not been there
        restore(first, job)
    put(path, second)
    dock.boot = boot
    assert run(job, dock) == Exit.REFUSED
    seen = state.read(job)
    assert (seen.claim, seen.reasons[0].code) == (Claim.INTERRUPTED, Code.CONTENT_CHANGED)
    assert sha(second) == before
    put(path, first)
    assert run(job, dock) == Exit.DONE
    ended = state.read(job)
    assert ended.claim is Claim.CLEAR and b"PLANTED" not in first.read_bytes()
    assert Code.SERIAL_DOUBTFUL in [reason.code for reason in ended.reasons]
    assert sha(second) == before


def restore(disk: Path, job: Path) -> None:
    """What the first pass alone had left on the disk."""
    from wipe.journal.standing import stand
    from wipe.surface.stream import open_stream

    key = stand(journal.read(job)).keys[0]
    content = bytearray(disk.stat().st_size)
    open_stream(key, len(content)).fill(memoryview(content), 0)
    disk.write_bytes(content)


@pytest.mark.root
def test_swapped_while_the_drive_erased_itself_the_other_disk_is_not_touched(
    tmp_path: Path, disks: tuple[str, Path, Path]
) -> None:
    """Two SATA disks with one serial: nothing of ours is on them that would tell them apart."""
    path, _, second = disks
    with loop(image(tmp_path / "beside.img", 4 * MIB)) as beside:
        dock, before = Dock(path, beside, usb=False), sha(second)
        target = told_apart(
            [
                one
                for name in (path, beside)
                if (one := prepare.target_from_node(name, read_topology(dock))) is not None
            ]
        )[0]
        assert target.doubt is Doubt.SHARED
        technique = Technique(
            "BLOCK ERASE EXT", Method.ATA_SANITIZE_BLOCK, Claim.PURGE, Code.ONLY_WAY
        )
        jobs = tmp_path / "jobs"
        job = prepare.prepare(jobs, target, Plan((technique,)), now=now, random=os.urandom)
        written = journal.Journal(job, now)
        topology = read_topology(dock)
        node = topology.node(Path(path).name)
        assert node is not None
        at = {"session": "s", "boot_id": topology.boot_id, "diskseq": node.diskseq}
        written.append("begin", **at, size_bytes=target.size_bytes, path=path)
        written.append("technique", technique=0, name=technique.name)
        written.append("command", sent=True)
        written.close()
        put(path, second)
        assert run(job, dock) == Exit.REFUSED
    assert state.read(job).reasons[0].code is Code.CONTENT_CHANGED
    assert sha(second) == before


@pytest.mark.root
def test_a_second_disk_with_the_number_of_the_planned_one_stops_the_job(
    tmp_path: Path, disks: tuple[str, Path, Path]
) -> None:
    path, first, _ = disks
    alone, before = Dock(path, usb=False), sha(first)
    job = planned(tmp_path / "jobs", alone, path)
    with loop(image(tmp_path / "beside.img", 4 * MIB)) as beside:
        assert run(job, Dock(path, beside, usb=False)) == Exit.REFUSED
    assert state.read(job).reasons[0].code is Code.AMBIGUOUS
    assert sha(first) == before


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("usb", [True, False])
def test_both_disks_of_a_dock_are_erased_side_by_side(
    tmp_path: Path, disks: tuple[str, Path, Path], usb: bool
) -> None:
    """The dock's number keeps none of them waiting, and neither is taken for the other; nor
    does what the kernel makes of it where a SATA disk has no WWN."""
    path, first, second = disks
    with loop(second) as other:
        dock, jobs = Dock(path, other, usb=usb), tmp_path / "jobs"
        one, two = planned(jobs, dock, path), planned(jobs, dock, other)
        names = [
            set(lock.lock_names(spec_target(job), number))
            for job, number in ((one, "7:1"), (two, "7:2"))
        ]
        assert not names[0] & names[1]
        assert (run(one, dock), run(two, dock)) == (Exit.DONE, Exit.DONE)
    assert b"PLANTED" not in first.read_bytes() + second.read_bytes()


def spec_target(job: Path) -> Target:
    from wipe.model.spec import read_spec

    spec = read_spec(job)
    assert spec is not None
    return spec.target


USB = "/sys/devices/pci0000:00/usb2/2-1/host6/6:0:0:0/block/sdb"
BRIDGED = Target(
    "/dev/sdb",
    TargetKind.BLOCK,
    512 * MIB,
    model="WDC WD5000",
    serial="WD-OWN",
    transport="usb",
    usb_bridge="152d:0578",
    seen=Seen(serial="DOCK1", boot_id="b", diskseq=4, port=USB, model="External"),
)


def there(name: str, diskseq: int, boot: str = "b", serial: str = "DOCK1") -> Topology:
    node = Node(name, "8:16", 512 * MIB, False, serial=serial, diskseq=diskseq, port=USB)
    return Topology(nodes=(node,), boot_id=boot)


def test_a_dock_is_never_followed_and_an_old_job_of_one_is_bound_to_nothing() -> None:
    doubted = msgspec.structs.replace(BRIDGED, doubt=Doubt.BRIDGE)
    assert find_again(there("sdc", 4), doubted).path == "/dev/sdb"
    assert examine(there("sdb", 4), doubted).allowed
    for elsewhere in (there("sdb", 5), there("sdb", 4, boot="c")):
        assert [one.code for one in examine(elsewhere, doubted).reasons] == [Code.DISK_SWAPPED]
    old = msgspec.structs.replace(BRIDGED, seen=Seen("DOCK1", None, 4, "b"))
    assert naming.doubt_of(old) is Doubt.BRIDGE
    assert [one.code for one in examine(there("sdb", 5), old).reasons] == [Code.DISK_SWAPPED]


class Asked(Dock):
    """A dock that lets IDENTIFY through, or answers itself."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__()
        self._answers = answers

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        from diagnostics.command import Completed

        words = tuple(argv)
        assert words[0] == "smartctl"
        return Completed(words, 0, self._answers.get(words[-1], b""), b"", 0.0)


def answer(protocol: str, serial: str) -> bytes:
    told = {"device": {"protocol": protocol}, "serial_number": serial, "model_name": "WDC WD5000"}
    return msgspec.json.encode(told)


def test_the_disks_own_number_read_through_the_bridge_is_followed() -> None:
    moved = there("sdc", 9)
    right = Asked({"/dev/sdc": answer("ATA", "WD-OWN")})
    assert own_number.follow(right, moved, BRIDGED).path == "/dev/sdc"
    for told in (answer("ATA", "WD-OTHER"), answer("SCSI", "WD-OWN"), b"", b"[]"):
        assert own_number.follow(Asked({"/dev/sdc": told}), moved, BRIDGED).path == "/dev/sdb"


def test_what_the_kernel_tells_over_usb_is_doubted_and_what_the_disk_tells_is_not() -> None:
    topology = there("sdb", 4)
    bare = prepare.target_from_node("/dev/sdb", topology)
    assert bare is not None and bare.doubt is Doubt.BRIDGE
    asked = Disk("/dev/sdb", "sdb", DiskKind.HDD, serial="WD-OWN", transport="usb")
    told = prepare.target_from_disk(asked, topology)
    assert told is not None and told.doubt is None
    doubted = msgspec.structs.replace(asked, serial_doubt="contradicted")
    kept = prepare.target_from_disk(doubted, topology)
    assert kept is not None and kept.doubt is Doubt.CONTRADICTED


SERIALS = st.sampled_from(["", "DOCK0001", "AB0001", "CD0001", "0001", "WD-WX21A1234567"])
PRESENT = st.lists(
    st.tuples(
        SERIALS,
        st.sampled_from([None, "0x5001", "0x5002"]),
        st.sampled_from([None, *Doubt]),
        st.sampled_from([512, 1024]),
        st.booleans(),
    ),
    min_size=2,
    max_size=24,
)


@given(PRESENT)
def test_no_two_present_disks_share_a_code(
    present: list[tuple[str, str | None, Doubt | None, int, bool]],
) -> None:
    targets = told_apart(
        [
            Target(
                f"/dev/sd{at}",
                TargetKind.BLOCK,
                size,
                serial=serial,
                wwn=wwn,
                doubt=doubt,
                seen=Seen(boot_id="b", diskseq=at if counted else None, port=f"/sys/devices/{at}"),
            )
            for at, (serial, wwn, doubt, size, counted) in enumerate(present)
        ]
    )
    codes = confirm_codes(targets)
    assert set(codes) == {one.path for one in targets}
    assert len(set(codes.values())) == len(targets)
    assert codes == confirm_codes(targets[::-1])
    for one in targets:  # a dock's number is never what is typed for one of its disks
        if one.doubt is not None and one.serial:
            assert not one.serial.endswith(codes[one.path])
