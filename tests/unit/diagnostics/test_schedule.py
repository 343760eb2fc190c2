"""Probing: a hung source delays nobody, a crashed one is shown, an ordinary user is told why."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from diagnostics.command import Completed, Content, Problem
from diagnostics.findings import Findings, merge, merge_disks
from diagnostics.model import Disk, DiskKind, Identity, Machine, Smart
from diagnostics.probe import probe
from diagnostics.recording.capture import Replay
from diagnostics.schedule import Pool, Task

LAPTOP = Path(__file__).resolve().parents[2] / "machines" / "laptop-sata-ssd"


def task(name: str, limit: float, work: object) -> Task:
    return Task(name, (0, name), limit, f"point.{name}", work)  # type: ignore[arg-type]


def test_a_hung_source_times_out_while_others_answer() -> None:
    release = threading.Event()
    pool = Pool()

    def hung() -> Findings:
        release.wait()
        return Findings(kernel="late")

    pool.start(task("hung", 0.2, hung))
    pool.start(task("quick", 5.0, lambda: Findings(kernel="6.12")))
    deadline = time.monotonic() + 5
    first = pool.next(deadline)
    second = pool.next(deadline)
    assert (first[0].name, first[1].kernel) == ("quick", "6.12")
    assert second[1].unknown == {"point.hung": "timeout"}
    assert not pool.busy
    release.set()


def test_a_crash_in_a_source_is_a_value() -> None:
    pool = Pool()
    pool.start(task("bad", 1.0, lambda: 1 // 0))
    _, found = pool.next(time.monotonic() + 1)
    assert found.unknown == {"point.bad": "crashed:ZeroDivisionError"}


class Stuck(Replay):
    """The recorded laptop with a drive that never answers smartctl."""

    def __init__(self) -> None:
        super().__init__(LAPTOP)
        self.release = threading.Event()

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10, stdin: bytes | None = None
    ) -> Completed:
        if argv[0] == "smartctl":
            self.release.wait()
        return super().run(argv, timeout_s=timeout_s, stdin=stdin)


def test_a_hung_drive_delays_nothing_else() -> None:
    runner = Stuck()
    seen: list[tuple[float, Machine]] = []
    started = time.monotonic()
    machine = probe(
        runner, lambda part: seen.append((time.monotonic() - started, part)), deadline_s=1.5
    )
    runner.release.set()
    assert machine.unknown["disks.sda.smart"] == "timeout"
    assert machine.disks[0].size_bytes == 256_060_514_304
    complete = next(at for at, part in seen if part.identity.key and part.memory.modules)
    assert complete < 1.0
    assert time.monotonic() - started < 3.0


class Ordinary(Replay):
    """The recorded laptop as an ordinary user sees it."""

    def __init__(self) -> None:
        super().__init__(LAPTOP)

    def read(self, path: str) -> Content:
        if path.endswith(("_serial", "product_uuid")):
            return Content(path, None, Problem.DENIED)
        return super().read(path)

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10, stdin: bytes | None = None
    ) -> Completed:
        if argv[0] == "dmidecode":
            return Completed(tuple(argv), 1, b"", b"/sys/...: Permission denied\n", 0.0)
        if argv[0] == "smartctl":
            message = (
                b'{"smartctl":{"exit_status":2,"messages":[{"string":"Smartctl open device: '
                b'/dev/sda failed: Permission denied","severity":"error"}]}}'
            )
            return Completed(tuple(argv), 2, message, b"", 0.0)
        return super().run(argv, timeout_s=timeout_s, stdin=stdin)


def test_an_ordinary_user_is_told_what_was_denied() -> None:
    machine = probe(Ordinary())
    for point in ("identity.serial", "identity.uuid", "memory.modules", "disks.sda.smart"):
        assert machine.unknown[point] == "denied"
    assert machine.identity.model == "ThinkPad T470"
    assert machine.identity.key_source == "mac"
    assert machine.cpu.cores == 2 and machine.disks[0].kind is DiskKind.SSD


def test_known_points_lose_their_reason_and_order_does_not_matter() -> None:
    first = Findings(unknown={"identity.serial": "denied"})
    second = Findings(identity=Identity(serial="ABC123"))
    one = merge(merge(Machine(), first), second)
    other = merge(merge(Machine(), second), first)
    assert one == other and one.unknown == {}


@pytest.mark.parametrize("kind", [DiskKind.SAS_HDD, DiskKind.SAS_SSD])
def test_a_bridge_never_makes_a_usb_disk_a_sas_disk(kind: DiskKind) -> None:
    had = Disk(path="/dev/sdb", name="sdb", transport="usb")
    told = Disk(path="/dev/sdb", name="sdb", kind=kind, smart=Smart(passed=True))
    (merged,) = merge_disks((had,), (told,))
    assert merged.kind is DiskKind.UNKNOWN and merged.smart is not None
