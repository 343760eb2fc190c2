"""Firmware methods: parsers on what the tools print, and the driver that believes no exit code."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.command import Completed, Content, Problem, System
from diagnostics.model import DiskKind
from tests.unit.wipe.helpers_wipe import image, image_target, now
from wipe.decide.claim import Evidence, decide
from wipe.job.asking import read_capabilities
from wipe.job.work import Work
from wipe.journal import journal
from wipe.journal.evidence import gather
from wipe.journal.journal import Journal
from wipe.journal.progress import Board
from wipe.journal.standing import stand
from wipe.methods import ata, hidden, mmc, nvme, scsi
from wipe.methods.firmware import Poll, Started, erase
from wipe.model.capabilities import Capabilities, HiddenAreas
from wipe.model.codes import Code, Reason
from wipe.model.spec import Claim, JobSpec, Method, Options, Target, TargetKind, Technique
from wipe.seen.presence import parse_temperature
from wipe.seen.smart import parse_smart
from wipe.surface import sample
from wipe.surface.context import WipeContext
from wipe.surface.io import Buffer, Handle, open_target
from wipe.surface.sample import Look, Place, Sample, compare
from wipe.surface.sampling import after, before


def identify(**words: int) -> str:
    values = [words.get(f"w{number}", 0) for number in range(256)]
    rows = [values[start : start + 8] for start in range(0, 256, 8)]
    return "\n/dev/sda:\n" + "\n".join(" ".join(f"{one:04x}" for one in row) for row in rows)


def test_identify_words_59_82_89_90_128() -> None:
    words = ata.parse_identify(identify(w59=0xB400, w82=2, w89=0x8005, w90=0x0102, w128=0x002D))
    assert words is not None
    assert set(ata.sanitize_features(words)) == {"crypto", "block"}
    security = ata.security_features(words)
    assert security is not None and security.frozen and security.locked and not security.enabled
    assert security.enhanced and (security.normal_minutes, security.enhanced_minutes) == (10, 4)
    # The operations without the feature set, or the status without the set, are no promise.
    none = ata.parse_identify(identify(w59=0xE000, w128=0x0021))
    assert none is not None and not ata.sanitize_features(none)
    assert ata.security_features(none) is None
    assert ata.parse_identify("0000 0000\n") is None


HEAD = "\n/dev/sda:\nIssuing SANITIZE_STATUS command\nSanitize status:\n"


@pytest.mark.parametrize(
    ("out", "err", "poll"),
    [
        (HEAD + "    State:    SD0 Sanitize Idle\n", "", Poll(known=True)),
        (
            HEAD + "    State:    SD0 Sanitize Idle\n"
            "    Last Sanitize Operation Completed Without Error\n",
            "",
            Poll(known=True, success=True),
        ),
        (
            HEAD + "    State:    SD2 Sanitize operation In Process\n    Progress: 0x8000 (50%)\n",
            "",
            Poll(known=True, running=True, percent=50),
        ),
        (HEAD + "    State:    SD1 Sanitize Frozen\n", "", Poll(known=True)),
        (
            "\n/dev/sda:\nIssuing SANITIZE_STATUS command\n",
            "SANITIZE failed: Input/output error\nDrive in SD3 Sanitize Operation Failed state\n",
            Poll(known=True, failed=True),
        ),
        ("", "SG_IO: bad/missing sense data", Poll()),
    ],
)
def test_sanitize_status_as_hdparm_prints_it(out: str, err: str, poll: Poll) -> None:
    assert ata.parse_sanitize_status(out, err) == poll


def test_hidden_areas_as_hdparm_prints_them() -> None:
    text = "\n/dev/sda:\n max sectors   = 28672/32768, HPA is enabled\n"
    assert hidden.parse_hpa(text) == (28672, 32768)
    invalid = " max sectors   = 100/18446744072344861488, HPA setting seems invalid"
    assert hidden.parse_hpa(invalid) is None
    assert hidden.parse_dco("DCO Checksum verified.\n\tReal max sectors: 32768\n") == 32768
    assert hidden.parse_dco("DCO Checksum FAILED!\n\tReal max sectors: 32768\n") is None
    assert HiddenAreas(10, 20).hidden_sectors == HiddenAreas(10, 10, 20).hidden_sectors == 10
    assert HiddenAreas(10, 10, 10).hidden_sectors == HiddenAreas().hidden_sectors == 0


@pytest.mark.parametrize(
    ("words", "said", "areas"),
    [
        # Neither HPA nor DCO nor ACCESSIBLE MAX ADDRESS: there is no way to hide a sector.
        ({"w83": 0x4400, "w100": 5000, "w119": 0x4000}, "", HiddenAreas(5000, 5000)),
        ({"w83": 0x4000, "w60": 7, "w61": 1, "w119": 0x4000}, "", HiddenAreas(65543, 65543)),
        # The words do not count as valid, or a way is known but cannot be asked: unknown.
        ({"w83": 0x0400, "w100": 5000, "w119": 0x4000}, "", None),
        ({"w83": 0x4400, "w100": 5000}, "", None),
        ({"w82": 1 << 10, "w83": 0x4400, "w100": 5000, "w119": 0x4000}, "", None),
        ({"w83": 0x4400, "w100": 5000, "w119": 0x4100}, "", None),
        # hdparm asks drives with ACCESSIBLE MAX ADDRESS by that command.
        (
            {"w83": 0x4400, "w100": 5000, "w119": 0x4100},
            " max sectors   = 5000/6000, ACCESSIBLE MAX ADDRESS enabled",
            HiddenAreas(5000, 6000),
        ),
    ],
)
def test_what_a_drive_may_hide_is_in_its_identify_data(
    words: dict[str, int], said: str, areas: HiddenAreas | None
) -> None:
    tools = Tools({"hdparm --Istdout": identify(**words), "hdparm -N /dev/sda": said})
    assert read_capabilities(tools, disk(DiskKind.SSD)).hidden == areas


def test_nvme_structures() -> None:
    raw = bytearray(4096)
    raw[256], raw[524], raw[516], raw[328] = 0x02, 0x04, 1, 0x03
    found = nvme.parse_controller(bytes(raw))
    assert found is not None and found.sanitize == ("crypto", "block")
    assert found.format and found.format_crypto
    assert nvme.parse_controller(bytes(100)) is None
    log = (0x8000).to_bytes(2, "little") + b"\x02\x00" + bytes(508)
    assert nvme.parse_sanitize_log(log) == Poll(known=True, running=True, percent=50)
    done = b"\xff\xff\x01\x01" + bytes(508)
    assert nvme.parse_sanitize_log(done) == Poll(known=True, success=True)
    assert nvme.parse_sanitize_log(b"\xff\xff\x03\x00" + bytes(508)).failed
    assert nvme.parse_sanitize_log(b"\xff\xff\x00\x00" + bytes(508)) == Poll(known=True)
    purged = nvme.parse_sanitize_log(b"\xff\xff\x01\x09" + bytes(508))
    assert purged == Poll(known=True, success=True, attested=True)
    assert not nvme.parse_sanitize_log(b"\x00\x80\x02\x08" + bytes(508)).attested


def test_scsi_sense_in_both_formats() -> None:
    fixed = bytearray(18)
    fixed[0], fixed[2], fixed[12], fixed[13], fixed[15] = 0x70, 2, 0x04, 0x1B, 0x80
    fixed[16:18] = (0x4000).to_bytes(2, "big")
    assert scsi.parse_sense(bytes(fixed)) == Poll(known=True, running=True, percent=25)
    described = bytes([0x72, 2, 0x04, 0x04, 0, 0, 0, 8, 2, 6, 0, 0, 0x80, 0x80, 0, 0])
    assert scsi.parse_sense(described) == Poll(known=True, running=True, percent=50)
    failed = bytearray(18)
    failed[0], failed[2], failed[12], failed[13] = 0x70, 3, 0x31, 0x03
    assert scsi.parse_sense(bytes(failed)).failed
    idle = bytes([0x70]) + bytes(17)
    assert scsi.parse_sense(idle) == Poll(known=True, success=True)
    not_ready = bytearray(18)
    not_ready[0], not_ready[2], not_ready[12] = 0x70, 2, 0x3A
    assert scsi.parse_sense(bytes(not_ready)) == Poll()


@given(st.binary(max_size=600))
def test_no_parser_raises_on_anything(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    assert not ata.parse_sanitize_status(text, text).running or "SD2" in text
    ata.parse_identify(text)
    hidden.parse_hpa(text)
    hidden.parse_dco(text)
    mmc.parse_features(text)
    nvme.parse_controller(raw)
    nvme.parse_sanitize_log(raw)
    scsi.parse_sense(raw)
    assert parse_temperature(raw) is None
    assert parse_smart(raw) == {}


def test_smart_keeps_only_what_is_there() -> None:
    raw = b'{"smart_status":{"passed":true},"ata_smart_attributes":{"table":[{"id":5,"raw":'
    raw += b'{"value":3}},7,{"id":[]}]},"temperature":{"current":41},"power_on_time":"x"}'
    assert parse_smart(raw) == {"passed": True, "reallocated": 3, "temperature_c": 41}


class Tools:
    """The Runner seam: answers by the words of a command, and keeps what was asked."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers, self.asked = answers, []  # type: ignore[var-annotated]

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 0, stdin: bytes | None = None
    ) -> Completed:
        line = " ".join(argv)
        self.asked.append(line)
        text = next((out for words, out in self.answers.items() if words in line), None)
        return Completed(tuple(argv), 1 if text is None else 0, (text or "").encode(), b"", 0.0)

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return ("nvme0n1", "nvme0n1p1", "nvme1n1") if path == "/sys/class/block" else None

    def link(self, path: str) -> str | None:
        return "/sys/devices/pci/nvme/nvme0" if path.endswith("nvme0n1/device") else None

    def has(self, tool: str) -> bool:
        return True


def disk(kind: DiskKind, path: str = "/dev/sda", **more: str) -> Target:
    return Target(path, TargetKind.BLOCK, 1 << 30, disk_kind=kind, **more)  # type: ignore[arg-type]


def test_scsi_is_asked_for_each_sanitize_by_its_opcode() -> None:
    yes = "Command is supported [conforming to SCSI standard], [no limit]"
    tools = Tools(
        {
            "--opcode=0x48,0x2 ": yes,
            "--opcode=0x48,0x3 ": "Command is NOT supported",
            "--opcode=0x4 ": yes,
            "sg_turs": "",
        }
    )
    can = read_capabilities(tools, disk(DiskKind.SAS_SSD))
    assert can.sanitize == ("block",) and can.format_unit and can.read


def test_nothing_is_asked_through_a_usb_bridge() -> None:
    tools = Tools({})
    for more in ({"usb_bridge": "152d:0578"}, {"transport": "usb"}):
        assert read_capabilities(tools, disk(DiskKind.SSD, **more)) == Capabilities()
    assert tools.asked == []


def test_nvme_is_asked_through_its_controller_and_only_when_alone() -> None:
    raw = bytearray(4096)
    raw[256], raw[328], raw[516] = 2, 3, 1
    tools = Tools({"nvme id-ctrl /dev/nvme0 --raw-binary": raw.decode("latin-1")})
    can = read_capabilities(tools, disk(DiskKind.NVME, "/dev/nvme0n1"))
    assert can.sanitize == ("crypto", "block") and can.namespaces == 1 and can.format_user
    tools.names = lambda path: ("nvme0n1", "nvme0n2")  # type: ignore[method-assign]
    two = read_capabilities(tools, disk(DiskKind.NVME, "/dev/nvme0n1"))
    assert two.sanitize == () and not two.format_user and two.namespaces == 2


@pytest.mark.parametrize(
    ("offered", "refused", "sent"),
    [
        # Usage as nvme-cli 3.0 (has --preq) and 2.3 (has not) print it, on standard error.
        ("[  --emvs, -e ]\n[  --preq, -q ]", False, ["--preq"]),
        ("[  --emvs, -e ]\n[  --preq, -q ]", True, ["--preq", "--sanact=2"]),
        ("[  --emvs, -e ]", False, ["--sanact=2"]),
    ],
)
def test_a_purge_is_asked_for_where_tool_and_drive_know_the_bit(
    offered: str, refused: bool, sent: list[str]
) -> None:
    answers = {"--help": offered, "sanitize /dev/nvme0": ""}
    tools = Tools({"--preq": None, **answers} if refused else answers)  # type: ignore[dict-item]
    eraser = nvme.Sanitize(tools, "/dev/nvme0", Method.NVME_SANITIZE_BLOCK, 1 << 30)
    assert eraser.start().accepted
    told = [line.split()[-1] for line in tools.asked if "--help" not in line]
    assert told == sent


class Drive:
    """A drive seen through its technique: scripted answers, then the last for ever."""

    limit_s = 5.0
    remembers = True

    def __init__(self, started: Started, *polls: Poll) -> None:
        self.started, self.polls, self.starts, self.left = started, list(polls), 0, 0

    def prepare(self, context: WipeContext) -> Reason | None:
        return None

    def start(self) -> Started:
        self.starts += 1
        return self.started

    def poll(self) -> Poll:
        return self.polls.pop(0) if len(self.polls) > 1 else self.polls[0]

    def leave_failure(self) -> None:
        self.left += 1


@pytest.fixture
def context(tmp_path: Path) -> WipeContext:
    disk = image(tmp_path / "disk.img", 1 << 20)
    handle = open_target(image_target(disk))
    assert isinstance(handle, Handle)
    written = Journal(tmp_path, now)
    written.append("begin", session="s", boot_id="b", diskseq=1, size_bytes=1 << 20)
    written.append("open", direct=True)
    written.append("capabilities", read=True)
    written.append("hidden_areas", state="none")
    written.append("technique", technique=0)
    return WipeContext(
        journal=written,
        board=Board(tmp_path),
        session="s",
        options=Options(sample_count=256),
        handle=handle,
        falls=False,
        temperature=lambda: None,
        hold=lambda held: None,
        hot_c=None,
        gone=lambda: False,
        stop=threading.Event(),
        random=os.urandom,
        started=time.monotonic(),
    )


def judged(context: WipeContext, folder: Path) -> tuple[Claim, list[Code], Evidence]:
    technique = Technique("BLOCK ERASE EXT", Method.ATA_SANITIZE_BLOCK, Claim.PURGE, Code.ONLY_WAY)
    spec = JobSpec("j", "t", Target("/dev/x", TargetKind.BLOCK, 1 << 20, serial="S"), (technique,))
    evidence = gather(spec, stand(journal.read(folder)), None)
    decision = decide(evidence)
    return decision.claim, [one.code for one in decision.reasons], evidence


RUNNING = Poll(known=True, running=True, percent=10)
DONE = Poll(known=True, success=True)


def wiped(context: WipeContext) -> None:
    """What an honest drive leaves."""
    buffer = Buffer(1 << 20)
    context.handle.write(buffer.view[: 1 << 20], 0)


def test_an_honest_drive_reaches_purge(context: WipeContext, tmp_path: Path) -> None:
    taken = before(context)
    assert isinstance(taken, Sample)
    drive = Drive(Started(True), RUNNING, DONE)
    assert erase(context, drive, known={}) is None
    wiped(context)
    assert after(context, taken) is None
    claim, codes, evidence = judged(context, tmp_path)
    assert claim is Claim.PURGE, codes
    assert evidence.sample is not None and evidence.sample.changed == evidence.sample.telling > 200


def test_a_drive_that_lies_is_caught_whatever_it_says(context: WipeContext, tmp_path: Path) -> None:
    taken = before(context)
    assert isinstance(taken, Sample)
    assert erase(context, Drive(Started(True), RUNNING, DONE), known={}) is None
    assert after(context, taken) is None
    claim, codes, _ = judged(context, tmp_path)
    assert claim is Claim.FAILED and codes[0] is Code.DRIVE_LIES


def test_success_without_ever_running_is_no_purge(context: WipeContext, tmp_path: Path) -> None:
    taken = before(context)
    assert isinstance(taken, Sample)
    assert erase(context, Drive(Started(True), DONE), known={}) is None
    wiped(context)
    assert after(context, taken) is None
    claim, codes, _ = judged(context, tmp_path)
    assert claim is Claim.CLEAR and codes == [
        Code.PROGRESS_NOT_SEEN,
        Code.SAMPLE_CHANGED,
        Code.POWER_CYCLE_NOT_CHECKED,
        Code.KIND_UNKNOWN,
    ]


@pytest.mark.parametrize(
    ("drive", "code"),
    [
        (Drive(Started(False), DONE), Code.NOT_ACCEPTED),
        (Drive(Started(True), RUNNING, Poll(known=True, failed=True)), Code.DRIVE_FAILED),
        (Drive(Started(True), RUNNING, Poll(known=True)), Code.SUCCESS_NOT_SEEN),
    ],
)
def test_refusal_failure_and_silence_are_failed(
    context: WipeContext, tmp_path: Path, drive: Drive, code: Code
) -> None:
    assert isinstance(before(context), Sample)
    assert erase(context, drive, known={}) is None
    claim, codes, _ = judged(context, tmp_path)
    assert claim is Claim.FAILED and code in codes
    assert drive.left == (code is not Code.SUCCESS_NOT_SEEN)


def test_a_resumed_job_does_not_start_what_still_runs(context: WipeContext) -> None:
    drive = Drive(Started(True), RUNNING, RUNNING, DONE)
    assert erase(context, drive, known={"command": {}}) is None
    assert drive.starts == 0


IDLE = {"idle": True}
TAKEN = {"command": {}, "state_before": IDLE, "accepted": {"accepted": True}}


@pytest.mark.parametrize(
    ("known", "seen", "wanted"),
    [
        # The answer to the command was cut off; the drive, idle before, runs: it was taken.
        ({"command": {}, "state_before": IDLE}, RUNNING, (False, True)),
        # It ran already before ours: whose operation this is nobody knows.
        ({"command": {}, "state_before": {"idle": False}}, RUNNING, (False, None)),
        ({"command": {}}, RUNNING, (False, None)),
        # Seen running under our command, and ended well while nobody looked: hours are saved.
        ({**TAKEN, "in_progress": {}}, DONE, (False, None)),
        # Success that may be of an operation before ours proves nothing: begin again.
        (TAKEN, DONE, (True, True)),
        ({"command": {}, "state_before": IDLE, "in_progress": {}}, DONE, (True, True)),
    ],
)
def test_what_a_drive_did_while_nobody_looked_counts_only_where_it_was_ours(
    context: WipeContext,
    tmp_path: Path,
    known: dict[str, dict[str, bool]],
    seen: Poll,
    wanted: tuple[bool, bool | None],
) -> None:
    again, accepted = wanted
    drive = Drive(Started(True), seen, DONE)
    assert erase(context, drive, known) is None
    facts = stand(journal.read(tmp_path)).facts
    assert drive.starts == again
    assert facts.get("accepted", {}).get("accepted") is accepted
    assert facts["success"]["success"] is True


def test_success_is_not_believed_of_a_drive_that_remembers_nothing(context: WipeContext) -> None:
    drive = Drive(Started(True), DONE)
    drive.remembers = False
    assert erase(context, drive, {**TAKEN, "in_progress": {}}) is None
    assert drive.starts == 1


def test_a_stop_leaves_the_drive_to_itself_and_a_hang_is_limited(context: WipeContext) -> None:
    context.stop.set()
    stopped = erase(context, Drive(Started(True), RUNNING), known={})
    assert stopped is not None and stopped.code is Code.STOPPED
    context.stop.clear()
    drive = Drive(Started(True), RUNNING)
    drive.limit_s = 0.2
    stuck = erase(context, drive, known={})
    assert stuck is not None and stuck.code is Code.STUCK


def test_blank_places_get_canaries_and_content_is_never_kept(
    tmp_path: Path, context: WipeContext
) -> None:
    wiped(context)
    taken = before(context)
    assert isinstance(taken, Sample)
    assert {place.look for place in taken.places} == {Look.CANARY} and taken.whole
    kept = (tmp_path / "journal.jsonl").read_bytes()
    assert b"PLANTED" not in kept


def test_a_changed_place_counts_only_where_it_can_tell() -> None:
    old = Sample(
        "00",
        (
            Place(0, "a", Look.NOISE),
            Place(4096, "b", Look.BLANK),
            Place(8192, "c", Look.CANARY),
            Place(12288, "d", Look.STRUCTURED),
        ),
        False,
    )
    new = [
        Place(0, "x", Look.BLANK),
        Place(4096, "x", Look.BLANK),
        Place(8192, "c", Look.NOISE),
        Place(12288, "", Look.UNREADABLE),
    ]
    found = compare(old, new, [Place(1, "", Look.STRUCTURED)])
    assert (found.telling, found.changed, found.unchanged, found.unreadable) == (2, 1, 1, 1)
    assert found.fresh_structured == 1 and found.canaries == 1


@pytest.mark.parametrize(
    ("block", "look"),
    [
        (bytes(4096), Look.BLANK),
        (b"\xff" * 4096, Look.BLANK),
        (b"\x33\xcc\x55\xaa" * 1024, Look.BLANK),
        (b"Jeanne Dupont, 12 rue de la Paix. " * 121, Look.STRUCTURED),
    ],
)
def test_looks(block: bytes, look: Look) -> None:
    assert sample.look_at(block[:4096]) is look


@given(st.integers(0, 1 << 64))
def test_random_blocks_look_like_noise(seed: int) -> None:
    assert sample.look_at(random.Random(seed).randbytes(4096)) is Look.NOISE


@given(st.integers(1, 1 << 44), st.integers(2, 3000), st.binary(max_size=4))
def test_places_are_spread_and_reach_both_ends(size: int, count: int, seed: bytes) -> None:
    offsets = sample.choose(size, count, seed)
    blocks = size // 4096
    assert all(0 <= offset <= size - 4096 and offset % 4096 == 0 for offset in offsets)
    assert len(set(offsets)) == len(offsets) and list(offsets) == sorted(offsets)
    if blocks > count:
        assert offsets[0] == 0 and offsets[-1] == (blocks - 1) * 4096
        assert max(b - a for a, b in itertools.pairwise(offsets)) <= 4 * 4096 * (
            blocks // max(count // 2, 1) + 1
        )


def test_hidden_areas_are_asked_again_when_a_job_is_resumed(
    context: WipeContext, tmp_path: Path
) -> None:
    """What the first session lifted stays lifted in the record of the second."""
    target = Target("/dev/x", TargetKind.BLOCK, 1 << 20, serial="S", disk_kind=DiskKind.SSD)
    spec = JobSpec("j", "t", target, ())
    work = Work(
        context, spec, target, System(), tmp_path, None, True,
        lambda: stand(journal.read(tmp_path)),
    )  # fmt: skip
    nothing_more = Capabilities(hidden=HiddenAreas(2048, 2048))
    for known, wanted in (("none", "none"), ("pending", "removed"), ("removed", "removed")):
        context.note("hidden_areas", state=known, native_sectors=2048)
        for _ in range(2):  # as often as the job is begun again
            assert work._hidden(nothing_more) is None
            assert stand(journal.read(tmp_path)).facts["hidden_areas"]["state"] == wanted


def test_what_the_kernel_does_not_show_yet_is_never_called_lifted(
    context: WipeContext, tmp_path: Path
) -> None:
    """Resumed without the power cycle: the drive gave its sectors back, the device lacks them."""
    target = Target(
        str(tmp_path / "disk.img"), TargetKind.IMAGE, 1 << 20, serial="S", disk_kind=DiskKind.HDD
    )
    work = Work(
        context, JobSpec("j", "t", target, ()), target, System(), tmp_path, None, True,
        lambda: stand(journal.read(tmp_path)),
    )  # fmt: skip
    context.note("hidden_areas", state="pending", native_sectors=4096)
    for _ in range(2):
        reason = work._hidden(Capabilities(hidden=HiddenAreas(4096, 4096)))
        assert reason is not None and reason.code is Code.POWER_CYCLE_NEEDED
        assert stand(journal.read(tmp_path)).facts["hidden_areas"]["state"] == "pending"
    with (tmp_path / "disk.img").open("r+b") as file:  # now the kernel shows it
        file.truncate(2 << 20)
    assert work._hidden(Capabilities(hidden=HiddenAreas(4096, 4096))) is None
    assert stand(journal.read(tmp_path)).facts["hidden_areas"]["state"] == "removed"
    assert context.handle.size_bytes == 2 << 20
