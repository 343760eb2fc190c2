"""A disk taken out of its machine is signed into the log as what it is, and as nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.casefile import writing
from bench.erasing.candidates import Candidate, key_of
from bench.guide.visit import Visit
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.workbench.bench import Workbench
from bench.workbench.disks import choice
from diagnostics.identity import Doubt
from diagnostics.model import Disk, Machine
from wipe.decide.guard import GuardAnswer
from wipe.decide.plan import plan
from wipe.job.prepare import confirm_codes
from wipe.model.capabilities import Capabilities
from wipe.model.spec import Seen, Target, TargetKind

ASSET = "RC26-010001-7"
PLAIN = Target(
    "/dev/sdb",
    TargetKind.BLOCK,
    512_000_000,
    model="Disk 2000",
    seen=Seen(boot_id="b", diskseq=7, port="/sys/devices/x/usb2/2-1"),
)


@pytest.fixture
def nameless(tmp_path: Path) -> Iterator[str]:
    """A disk with neither serial nor WWN: a loop device of this test's own."""
    if os.geteuid() != 0 or shutil.which("losetup") is None:
        pytest.skip("loop devices need root and losetup")
    (tmp_path / "disk.img").write_bytes(bytes(4 << 20))
    made = subprocess.run(
        ["losetup", "-f", "--show", str(tmp_path / "disk.img")],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no loop device here: {made.stderr.strip()}")
    yield made.stdout.strip()
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=False)


def removed(bench: Workbench) -> list[Any]:
    return [signed.event.data for signed in bench.log.store.events("event.type = 'disk.removed'")]


@pytest.mark.root
def test_a_disk_without_a_number_is_signed_as_one(tmp_path: Path, nameless: str) -> None:
    bench = Workbench(Context(DataFolder(tmp_path / "data", "option")))
    bench.save_visit(Visit(asset=ASSET, operator="K7"))
    seen = next(one for one in bench.disks().disks if one.path == nameless)
    subprocess.run(["losetup", "-d", nameless], check=True)
    bench.disk_taken_out(seen.key)
    (told,) = removed(bench)
    plain = msgspec.to_builtins(told)["disk"]
    assert not plain.get("serial") and not plain.get("wwn")
    assert plain["size_bytes"] == 4 << 20 and plain["attachment"]
    assert "/dev/" not in str(plain)
    bench.close()


@pytest.mark.root
def test_of_a_disk_nobody_knows_nothing_is_signed(tmp_path: Path, nameless: str) -> None:
    """The screens were started again: the key alone tells neither serial nor size."""
    bench = Workbench(Context(DataFolder(tmp_path / "data", "option")))
    bench.save_visit(Visit(asset=ASSET, operator="K7"))
    seen = next(one for one in bench.disks().disks if one.path == nameless)
    bench.close()
    again = Workbench(Context(DataFolder(tmp_path / "data", "option")))
    again.disk_taken_out(seen.key)
    assert removed(again) == []
    again.close()


def test_a_key_holds_nothing_that_could_be_read_out_of_it() -> None:
    for one in (PLAIN, msgspec.structs.replace(PLAIN, serial="S|1", wwn="W#2")):
        key = key_of(one)
        assert key.isalnum() and not set("|#/") & set(key)
    assert key_of(PLAIN) != key_of(msgspec.structs.replace(PLAIN, seen=Seen("", "", 8, "b")))


def test_two_disks_of_a_dock_have_two_keys_and_two_shown_codes() -> None:
    one = msgspec.structs.replace(PLAIN, serial="DOCK0001", doubt=Doubt.BRIDGE)
    seen = msgspec.structs.replace(one.seen, diskseq=8)
    other = msgspec.structs.replace(one, path="/dev/sdc", seen=seen)
    codes = confirm_codes([one, other])
    shown = [
        choice(Candidate(it, GuardAnswer(True), plan(it, Capabilities()), codes[it.path]))
        for it in (one, other)
    ]
    assert shown[0].key != shown[1].key and shown[0].confirm != shown[1].confirm
    assert all(it.confirm_shown and it.serial_tail == "" for it in shown)


def test_only_the_disk_taken_out_leaves_the_facts() -> None:
    disks = (
        Disk("/dev/sda", "sda", serial="S1", size_bytes=512),
        Disk("/dev/sdb", "sdb", size_bytes=512_000_000),
        Disk("/dev/sdc", "sdc", size_bytes=512_000_000),
    )
    left = writing.without_disk(Machine(disks=disks), PLAIN)
    assert [one.name for one in left.disks] == ["sda", "sdc"]
    first = Target("/dev/sdz", TargetKind.BLOCK, 512, serial="s1 ")
    assert [one.name for one in writing.without_disk(left, first).disks] == ["sdc"]
