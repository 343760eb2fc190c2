"""Health read again after the erasure: kept, judged by its change, and said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.casefile.health import change_text, judged, readings, verdict_words
from bench.records.dossier.disks import DiskRecord, Disks
from bench.records.dossier.erasures import Erasure
from bench.records.kinds.machine import DiskName, EraseDone, MachineProbed
from bench.words.catalogue import choose
from diagnostics.health.after import with_values
from diagnostics.model import Attribute, Disk, DiskKind, Smart
from diagnostics.rawword import count
from wipe.journal import journal
from wipe.journal.state import JobState, read
from wipe.model.spec import JOURNAL_FILE, JobSpec, Target, TargetKind, write_spec

SOUND = {"passed": True, "power_on_hours": 900, "reallocated": 0, "pending": 0, "uncorrectable": 0}
DISK = Disk(
    path="/dev/sda",
    name="sda",
    kind=DiskKind.HDD,
    serial="WD-ETAB0001",
    smart=Smart(
        passed=True,
        exit_status=0,
        power_on_hours=900,
        reallocated=0,
        pending=0,
        uncorrectable=0,
        attributes=(Attribute(5, "Reallocated_Sector_Ct"),),
    ),
)


def ended(folder: Path, **notes: Mapping[str, object]) -> JobState:
    """A job whose journal has these readings."""
    target = Target(path="/dev/sda", kind=TargetKind.BLOCK, size_bytes=10**9, disk_kind=DISK.kind)
    write_spec(folder, JobSpec(folder.name, "2026-11-23T09:00:00Z", target, ()))
    chain, lines = journal.START, b""
    for seq, (kind, values) in enumerate(notes.items()):
        line, chain = journal.encode(seq, "2026-11-23T09:00:00Z", kind, {"values": values}, chain)
        lines += line
    (folder / JOURNAL_FILE).write_bytes(lines)
    return read(folder)


def test_both_readings_come_out_of_the_journal(tmp_path: Path) -> None:
    after = {**SOUND, "pending": 2, "x": "y"}
    found = readings(ended(tmp_path, smart_before=SOUND, smart_after=after))
    assert found["smart_before"] == SOUND
    assert found["smart_after"]["pending"] == 2 and "x" not in found["smart_after"]
    assert readings(read(tmp_path / "nowhere")) == {}


@pytest.mark.parametrize(
    ("after", "word", "rule"),
    [
        ({}, "reuse", None),
        ({"pending": 1}, "scrap", "hdd.pending.after"),
        ({"reallocated": 3}, "watch", "hdd.reallocated.growing"),
        ({"reallocated": 17}, "scrap", "hdd.reallocated.scrap"),
        ({"passed": False}, "scrap", "any.health.failed"),
        # 0 (2000 0): nought in a packed word, and no growth (facts, SMART traps)
        ({"reallocated": 8_589_934_592_000}, "reuse", None),
    ],
)
def test_the_change_is_judged(after: dict[str, object], word: str, rule: str | None) -> None:
    found = judged(DISK, SOUND, {**SOUND, **after})
    assert found is not None and found.verdict.value == word
    assert rule is None or rule in [reason.rule for reason in found.reasons]


def test_a_drive_that_goes_silent_is_not_unchanged() -> None:
    found = judged(DISK, SOUND, {})
    assert found is not None and found.verdict.value == "unknown"
    assert with_values(DISK, {}).smart.pending is None  # type: ignore[union-attr]


def recorded(serial: str | None) -> tuple[DiskRecord, ...]:
    """The probed disk, and an erasure of the disk of this serial after which it was read again."""
    disks = Disks()
    disks.probed(MachineProbed(facts={"disks": [{"path": DISK.path, "serial": DISK.serial}]}))
    told = EraseDone(
        job="j",
        disk=DiskName(serial=serial),
        technique="overwrite",
        claim="clear",
        smart_after={**SOUND, "pending": 1},
    )
    disks.erased(Erasure("00", "b", "2026-11-23T09:00:00Z", "", told))
    return disks.records()


def test_the_grade_hears_of_it_by_the_disk() -> None:
    assert verdict_words(recorded(DISK.serial))(DISK) == "scrap"
    assert verdict_words([])(DISK) == "reuse"
    assert verdict_words(recorded("OTHER"))(DISK) == "reuse"


def test_the_sentence(tmp_path: Path) -> None:
    choose("fr")
    for number, (after, said) in enumerate(
        (
            ({**SOUND}, "Santé relue : rien de nouveau."),
            ({**SOUND, "pending": 2}, "Secteurs encore illisibles après l'effacement : 2."),
            ({}, "La santé du disque n'a pas pu être relue."),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert said in change_text(ended(folder, smart_before=SOUND, smart_after=after))
    assert change_text(ended(tmp_path)) == ""
    assert change_text(ended(tmp_path, smart_before={}, smart_after={})) == ""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0, 0),
        (7, 7),
        (8_590_065_666, 2),
        (0xFFFFFFFFFFFF, None),
        (-1, None),
        (True, None),
        ("x", None),
    ],
)
def test_raw_words(raw: object, expected: int | None) -> None:
    assert count(raw) == expected
