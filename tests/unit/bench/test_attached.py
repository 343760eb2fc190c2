"""A drive too slow for the probe is asked again, alone, before anything is decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.erasing.attached import patiently
from diagnostics.command import Completed, Problem
from diagnostics.model import Disk, DiskKind
from diagnostics.recording.replay import Replay

MACHINE = Path(__file__).resolve().parents[2] / "machines" / "laptop-sata-ssd"


class Asked(Replay):
    """A recorded machine that keeps what it was asked."""

    asked: list[tuple[str, ...]]

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        self.asked = [*getattr(self, "asked", []), tuple(argv)]
        return super().run(argv, timeout_s=timeout_s, stdin=stdin)


def test_a_named_disk_of_unknown_kind_is_read_again() -> None:
    runner = Asked(MACHINE)
    bare = Disk(path="/dev/sda", name="sda", size_bytes=256_060_514_304)
    (known,) = patiently(runner, [bare], ["/dev/sda"])
    assert known.kind is DiskKind.SSD
    assert known.smart is not None and known.smart.passed is not None


def test_other_disks_are_left_alone() -> None:
    runner = Asked(MACHINE)
    slow = Disk(path="/dev/sda", name="sda")
    known = Disk(path="/dev/sdb", name="sdb", kind=DiskKind.HDD)
    assert patiently(runner, [slow, known], ["/dev/sdb"]) == (slow, known)
    assert not any("smartctl" in argv for argv in getattr(runner, "asked", []))


def test_a_drive_that_never_answers_stays_unknown(tmp_path: Path) -> None:
    class Silent(Asked):
        def run(
            self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
        ) -> Completed:
            return Completed(tuple(argv), None, b"", b"", timeout_s, Problem.TIMEOUT)

    bare = Disk(path="/dev/sda", name="sda")
    (still,) = patiently(Silent(MACHINE), [bare], ["/dev/sda"])
    assert still.kind is DiskKind.UNKNOWN and still.smart is None
