"""What was seen before a power cycle, a boot or another attachment is evidence of nothing after.

Journals of real runs are cut where the power would have, the boot, the sleep or the drive's
count is changed at the seam, and the disk is given back what its cache would have lost.
"""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diagnostics.command import Content, System
from diagnostics.model import DiskKind
from tests.unit.wipe.helpers_wipe import forked, image, image_target, make_job, now
from tests.unit.wipe.test_wipe_matrix import SANITIZE, Case, Profile, device, room
from wipe.decide.plan import Wish
from wipe.job import job as wiping
from wipe.job.job import Exit, Surroundings
from wipe.journal import journal, state
from wipe.journal.journal import History, Journal, Line
from wipe.journal.progress import Board, Progress
from wipe.journal.standing import Standing, stand
from wipe.model.codes import Code, Phase
from wipe.model.spec import JOURNAL_FILE, Claim, Verify
from wipe.seen.unbroken import Marks, kept
from wipe.surface.held import believe

__all__ = ["device", "room"]  # fixtures

MIB = 1 << 20
SIZE = 4 * MIB


class Boot(System):
    """This machine, in the boot named."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def read(self, path: str) -> Content:
        if path == "/proc/sys/kernel/random/boot_id":
            return Content(path, self._name.encode())
        return super().read(path)


def run(job: Path, boot: str = "one", asleep_s: float = 0.0) -> int:
    around = Surroundings(
        Boot(boot), now, time.monotonic, os.urandom, threading.Event(), lambda: asleep_s
    )
    return forked(lambda: wiping.run(job, around))


def cut_after(job: Path, kind: str, *more: tuple[str, dict[str, Any]], nth: int = 0) -> None:
    """The journal as it was just after the nth line of a kind, and what was written then."""
    raw = (job / JOURNAL_FILE).read_bytes()
    lines = journal.parse(raw).lines
    at = [number for number, line in enumerate(lines) if line.kind == kind][nth]
    kept_bytes = b"".join(raw.splitlines(keepends=True)[: at + 1])
    (job / JOURNAL_FILE).write_bytes(kept_bytes)
    (job / "progress").unlink(missing_ok=True)
    written = Journal(job, now)
    for name, data in more:
        written.append(name, **data)
    written.close()


def lose(disk: Path, start: int, length: int) -> None:
    """A stretch as it was before the erasure: what a lying cache leaves at a power cut."""
    with disk.open("r+b") as file:
        file.seek(start)
        file.write((b"PLANTED " * (length // 8 + 1))[:length])


def at_three_quarters(sweep: int) -> tuple[str, dict[str, Any]]:
    return "checkpoint", {"technique": 0, "sweep": sweep, "position_bytes": SIZE * 3 // 4}


@pytest.fixture
def cut(tmp_path: Path) -> tuple[Path, Path]:
    """A job cut at three quarters of its read-back, and its disk: all of it was written."""
    disk = image(tmp_path / "disk.img", SIZE)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert run(job) == Exit.DONE
    cut_after(job, "read_back", at_three_quarters(1))
    assert state.read(job).claim is Claim.INTERRUPTED
    return job, disk


@pytest.mark.long
@pytest.mark.parametrize(("boot", "asleep_s"), [("two", 0.0), ("one", 30.0)])
def test_after_a_boot_or_a_sleep_the_read_back_begins_at_0_and_finds_the_lost_stretch(
    cut: tuple[Path, Path], boot: str, asleep_s: float
) -> None:
    job, disk = cut
    lose(disk, MIB, MIB // 2)
    assert run(job, boot, asleep_s) == Exit.FINDING
    seen = state.read(job)
    assert seen.claim is Claim.FAILED
    assert Code.MISMATCHES in [one.code for one in seen.reasons]
    assert journal.read(job).all("read_back")[-1].data["position_bytes"] == 0


def test_a_killed_read_back_begins_at_0_again(cut: tuple[Path, Path]) -> None:
    job, _ = cut
    assert run(job) == Exit.DONE
    assert state.read(job).claim is Claim.CLEAR
    begun = [line.data["position_bytes"] for line in journal.read(job).all("read_back")]
    assert begun == [0, 0]


def test_what_somebody_wrote_between_two_sessions_is_found(cut: tuple[Path, Path]) -> None:
    """Same boot, same disk, only the process was killed; once it ended clear over 1 MiB of it."""
    job, disk = cut
    with disk.open("r+b") as file:
        file.write(b"SECRET" * 1000)
    assert run(job) == Exit.FINDING
    assert state.read(job).claim is Claim.FAILED


@pytest.mark.long
@pytest.mark.parametrize(("boot", "claim"), [("two", Claim.CLEAR), ("one", Claim.FAILED)])
def test_a_flush_that_failed_counts_until_what_it_was_to_hold_is_written_again(
    tmp_path: Path, boot: str, claim: Claim
) -> None:
    """Pulled in the middle of a flush and put back, a good disk once ended failed: all after the
    last flush that held is written again. Killed only, it goes on from further ahead."""
    job = make_job(tmp_path / "jobs", image_target(image(tmp_path / "disk.img", SIZE)))
    assert run(job) == Exit.DONE
    held = {"technique": 0, "sweep": 0, "position_bytes": SIZE // 4}
    failed = ("flush_failed", {"position_bytes": SIZE // 2, "error": 5})
    cut_after(job, "key", ("checkpoint", held), failed)
    run(job, boot)
    seen = state.read(job)
    assert seen.claim is claim
    assert (Code.FLUSH_FAILED in [one.code for one in seen.reasons]) is (claim is Claim.FAILED)


def test_a_copied_job_folder_is_not_the_job_that_ran(cut: tuple[Path, Path]) -> None:
    """Once a copy with another `case.json` signed a machine that was never erased."""
    job, _ = cut
    assert run(job) == Exit.DONE
    copy = job.with_name(job.name + "-copy")
    shutil.copytree(job, copy)
    assert state.read(job).claim is Claim.CLEAR
    assert state.read(copy).claim is Claim.NONE
    assert run(copy) == Exit.USAGE


def test_what_an_earlier_look_saw_against_the_disk_stays(cut: tuple[Path, Path]) -> None:
    job, _ = cut
    written = Journal(job, now)
    written.append("mismatch", sweep=1, ranges=[[4096, 4096]])
    written.append("unreadable", sweep=1, ranges=[[8192, 4096]])
    written.close()
    assert run(job, "two") == Exit.FINDING
    codes = {one.code for one in state.read(job).reasons}
    assert {Code.MISMATCHES, Code.UNREADABLE_SECTORS} <= codes


def test_killed_before_its_first_checkpoint_the_new_look_still_begins_at_0(
    cut: tuple[Path, Path],
) -> None:
    """The checkpoint of the look before the cut must not be taken up by the boot after it."""
    job, disk = cut
    lose(disk, MIB, MIB // 2)
    assert run(job, "two") == Exit.FINDING
    cut_after(job, "read_back", nth=-1)
    assert run(job, "two") == Exit.FINDING
    assert journal.read(job).all("read_back")[-1].data["position_bytes"] == 0


def test_a_sleep_in_the_middle_of_a_look_begins_it_again(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    slept = itertools.chain([0.0, 0.0, 40.0], itertools.repeat(40.0))  # begin, since, until
    around = Surroundings(
        Boot("one"), now, time.monotonic, os.urandom, threading.Event(), lambda: next(slept)
    )
    assert forked(lambda: wiping.run(job, around)) == Exit.DONE
    assert len(journal.read(job).all("read_back")) == 2
    assert state.read(job).claim is Claim.CLEAR


def test_a_look_that_is_broken_again_and_again_is_no_proof(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk))
    slept = itertools.count(0.0, 10.0)
    around = Surroundings(
        Boot("one"), now, time.monotonic, os.urandom, threading.Event(), lambda: next(slept)
    )
    assert forked(lambda: wiping.run(job, around)) == Exit.FINDING
    seen = state.read(job)
    assert (seen.claim, seen.reasons[0].code) == (Claim.FAILED, Code.READ_BACK_BROKEN)


def test_a_sample_read_back_is_one_look_too(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", MIB)
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(verify=Verify.SAMPLE))
    assert run(job) == Exit.DONE
    assert [line.data["position_bytes"] for line in journal.read(job).all("read_back")] == [0]


def test_killed_before_its_last_flush_a_pass_is_flushed_before_it_is_done(tmp_path: Path) -> None:
    """All was written and nothing of it confirmed: a checkpoint comes only with a flush."""
    disk = image(tmp_path / "disk.img", SIZE)
    job = make_job(tmp_path / "jobs", image_target(disk))
    assert run(job) == Exit.DONE
    cut_after(job, "key")
    cut = journal.read(job)
    shown = Progress(
        cut.lines[0].data["session"], 0, Phase.WRITE, SIZE, SIZE, 2 * SIZE, SIZE, 1.0,
        journal_lines=len(cut.lines),
    )  # fmt: skip
    board = Board(job)
    board.show(shown)
    board.close()
    assert run(job) == Exit.DONE
    assert journal.read(job).all("resume")[0].data["position_bytes"] == SIZE
    lines = journal.read(job).lines
    done = next(number for number, line in enumerate(lines) if line.kind == "sweep_done")
    durable = [line.data for line in lines[:done] if line.kind == "checkpoint"]
    assert durable and durable[-1]["position_bytes"] == SIZE
    assert state.read(job).claim is Claim.CLEAR


def test_an_unfinished_erasure_is_not_looked_at_again(cut: tuple[Path, Path]) -> None:
    job, _ = cut
    before = (job / JOURNAL_FILE).read_bytes()
    around = Surroundings(Boot("two"), now, time.monotonic, os.urandom, threading.Event())
    assert forked(lambda: wiping.run(job, around, check_again=True)) == Exit.USAGE
    assert (job / JOURNAL_FILE).read_bytes() == before
    assert state.read(job).claim is Claim.INTERRUPTED


# -- journals --------------------------------------------------------------------------

SESSION = {"session": "s", "boot_id": "one", "diskseq": 7, "path": "/dev/sda", "size_bytes": SIZE}
NEW = {"image": False, "asleep_s": 1.0, "power_cycles": 4}
CHECK = {
    "method": "full", "sectors": 8, "wanted_sectors": 8, "mismatches": 0, "unreadable": 0,
    "complete": True,
}  # fmt: skip


def standing(*lines: tuple[str, dict[str, Any]]) -> Standing:
    return stand(History(tuple(Line(n, "", kind, data) for n, (kind, data) in enumerate(lines))))


def look(*between: tuple[str, dict[str, Any]], **end: Any) -> Standing:
    """A journal of now: written, the read-back begun at 0, something, the read-back's end."""
    marks = {**{key: SESSION[key] for key in ("boot_id", "diskseq")}, **NEW}
    return standing(
        ("begin", SESSION | NEW),
        ("technique", {"technique": 0}),
        ("sweep_done", {"sweep": 0}),
        ("read_back", {"sweep": 1, "position_bytes": 0, **marks}),
        *between,
        ("verified", CHECK | {"marks": marks | end}),
    )


def again(**changes: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Another session that goes on at half."""
    marks = {**{key: SESSION[key] for key in ("boot_id", "diskseq")}, **NEW, **changes}
    return (
        ("begin", SESSION | NEW | changes),
        ("technique", {"technique": 0}),
        ("read_back", {"sweep": 1, "position_bytes": SIZE // 2, **marks}),
    )


@pytest.mark.parametrize(
    ("seen", "unbroken"),
    [
        (look(), True),
        (look(*again()), False),  # whatever was the same: somebody may have written in between
        (look(*again(boot_id="two")), False),
        (look(*again(diskseq=8)), False),
        (look(*again(diskseq=None)), False),
        (look(*again(asleep_s=9.0), asleep_s=9.0), False),
        (look(*again(power_cycles=5), power_cycles=5), False),
        (look(*again(power_cycles=None)), False),
        (look(("suspend", {"slept": True})), False),
        (look(power_cycles=5), False),  # a blink that the kernel took for a link reset
        (look(asleep_s=9.0), False),
    ],
)
def test_one_look_is_one_boot_one_attachment_one_power_on(seen: Standing, unbroken: bool) -> None:
    assert seen.unbroken is unbroken


@pytest.mark.parametrize(("boot", "claim"), [("one", Claim.FAILED), ("two", Claim.FAILED)])
def test_a_journal_of_before_that_went_on_in_another_session_is_not_believed(
    cut: tuple[Path, Path], boot: str, claim: Claim
) -> None:
    """As version 1.0 wrote them: no marks, and "full" whatever lay between."""
    job, _ = cut
    whole = journal.read(job).lines
    (job / JOURNAL_FILE).unlink()
    older = [(line.kind, dict(line.data)) for line in whole if line.kind != "read_back"]
    begin = {key: older[0][1][key] for key in ("boot_id", "diskseq", "path", "size_bytes")}
    older[0] = ("begin", {**begin, "session": "a", "spec_sha256": older[0][1]["spec_sha256"]})
    older += [
        ("begin", {**older[0][1], "session": "b", "boot_id": boot}),
        ("technique", {"technique": 0}),
        ("verified", CHECK),
        ("sweep_done", {"sweep": 1}),
        ("end", {"claim": "clear", "reasons": []}),
    ]
    written = Journal(job, now)
    for kind, data in older:
        written.append(kind, **data)
    written.close()
    seen = state.read(job)
    assert seen.claim is claim
    assert (Code.READ_BACK_BROKEN in [one.code for one in seen.reasons]) is (claim is Claim.FAILED)


def test_stepped_back_and_killed_again_it_is_not_further_on_than_it_stepped() -> None:
    seen = standing(
        ("begin", SESSION | NEW),
        ("technique", {"technique": 0}),
        ("checkpoint", {"sweep": 0, "position_bytes": 3000}),
        ("begin", SESSION | NEW | {"boot_id": "two"}),
        ("technique", {"technique": 0}),
        ("resume", {"position_bytes": 1000}),
    )
    assert believe(seen, None, nothing_lost=True) == 1000
    ahead = standing(
        ("begin", SESSION | NEW),
        ("technique", {"technique": 0}),
        ("checkpoint", {"sweep": 0, "position_bytes": 3000}),
        ("resume", {"position_bytes": 3500}),  # from the record: not durable
    )
    assert believe(ahead, None, nothing_lost=False) == 3000


def test_what_was_seen_of_a_command_before_says_nothing_of_the_next() -> None:
    seen = standing(
        ("begin", SESSION | NEW),
        ("technique", {"technique": 0}),
        ("command", {}),
        ("accepted", {"accepted": True}),
        ("in_progress", {"percent": 5}),
        ("command", {}),
    )
    assert {"accepted", "in_progress", "success"}.isdisjoint(seen.facts)


def test_a_second_sample_keeps_what_the_first_saw_against_the_disk() -> None:
    one = {"taken": 10, "telling": 10, "changed": 9, "unchanged": 1, "unreadable": 2}
    seen = standing(("sample_after", one), ("sample_after", {**one, "unchanged": 0, "changed": 10}))
    assert seen.facts["sample_after"]["unchanged"] == 1
    assert seen.facts["sample_after"]["changed"] == 10


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (Marks("b", 1, asleep_s=0.0), Marks("b", 1, asleep_s=0.1), True),
        (Marks("b", None, asleep_s=0.0), Marks("b", None, asleep_s=0.0), False),
        (Marks("b", None, True, 0.0), Marks("b", None, True, 0.0), True),
        (Marks(None, 1, asleep_s=0.0), Marks(None, 1, asleep_s=0.0), False),
        (Marks("b", 1, asleep_s=None), Marks("b", 1, asleep_s=0.0), False),
        (Marks("b", 1, False, 0.0, 3), Marks("b", 1, False, 0.0, 4), False),
    ],
)
def test_unknown_is_never_kept(before: Marks, after: Marks, same: bool) -> None:
    assert kept(before, after) is same


# -- passes ----------------------------------------------------------------------------


@pytest.mark.parametrize("where", [0, SIZE // 2])
def test_a_pass_the_drive_forgot_is_done_again_and_the_claim_says_so(
    tmp_path: Path, where: int
) -> None:
    """Cut in the second of two passes; of the first, which it had confirmed, a half is gone."""
    disk = image(tmp_path / "disk.img", SIZE)
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(passes="random_zero"))
    assert run(job) == Exit.DONE
    cut_after(job, "key", ("checkpoint", {"sweep": 1, "position_bytes": where}), nth=1)
    lose(disk, where, SIZE - where)
    assert run(job, "two") == Exit.DONE
    seen, lines = state.read(job), journal.read(job)
    assert seen.claim is Claim.CLEAR
    assert Code.WRITES_FORGOTTEN in [one.code for one in seen.reasons]
    assert [line.data["sweep"] for line in lines.all("sweep_done")] == [0, 0, 1, 2]
    assert disk.read_bytes() == bytes(SIZE)


def test_a_pass_the_drive_kept_is_not_done_again(tmp_path: Path) -> None:
    disk = image(tmp_path / "disk.img", SIZE)
    job = make_job(tmp_path / "jobs", image_target(disk), Wish(passes="random_zero"))
    assert run(job) == Exit.DONE
    cut_after(job, "key", ("checkpoint", {"sweep": 1, "position_bytes": SIZE // 2}), nth=1)
    assert run(job, "two") == Exit.DONE
    assert [line.data["sweep"] for line in journal.read(job).all("sweep_done")] == [0, 1, 2]
    assert Code.WRITES_FORGOTTEN not in [one.code for one in state.read(job).reasons]


# -- firmware --------------------------------------------------------------------------


def blank_liar(room: Path, device: tuple[str, Path], name: str) -> Case:
    """A disk of zeros with one old secret no sample need meet, that erases nothing."""
    profile: Profile = (DiskKind.SSD, SANITIZE, "lies")
    case = Case(room / name, device, profile)
    case.medium.write_bytes(bytes(case.medium.stat().st_size))
    return case


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("last", ["sample_before", "accepted", "in_progress"])
def test_canaries_that_the_power_took_prove_no_erasure(
    room: Path, device: tuple[str, Path], last: str
) -> None:
    """Only canaries can tell on a blank disk; its volatile cache loses them in the cut."""
    for moment in itertools.count():
        case = blank_liar(room, device, f"at-{moment}")
        assert case.session(moment) is None, "it was never cut where it should be"
        if [line.kind for line in journal.read(case.job).lines][-1:] == [last]:
            break
    case.medium.write_bytes(bytes(case.medium.stat().st_size))
    case.drive.power_cycle()
    case.session()
    ended = case.seen()
    assert ended.claim is Claim.CLEAR, ended.reasons
    assert ended.technique == "Overwrite: random"
    codes = {one.code for one in ended.reasons}
    assert codes & {Code.DRIVE_LIES, Code.SAMPLE_TOO_SMALL}, ended.reasons


def test_a_kept_canary_still_tells_against_the_drive() -> None:
    from wipe.surface.sample import Look, Place, Sample, compare

    before = Sample("", (Place(0, "c", Look.CANARY), Place(1, "d", Look.CANARY)), True)
    same, gone = Place(0, "c", Look.NOISE), Place(1, "", Look.BLANK)
    found = compare(before, [same, gone], [], canaries_tell=False)
    assert (found.telling, found.changed, found.unchanged) == (1, 0, 1)
    told = compare(before, [same, gone], [])
    assert (told.telling, told.changed, told.unchanged) == (2, 1, 1)
    assert msgspec.structs.asdict(told)["canaries"] == 2
