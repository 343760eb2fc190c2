"""Killed after every word to the drive and at every line of the journal, then resumed.

Each case is a process of its own that ends by SIGKILL, on a loop device of the
test; the drive remembers (scripted_drive.py). It must end as if never interrupted, or with a
lower claim; never with a higher one, a traceback, or planted bytes behind a claim.
"""

from __future__ import annotations

import datetime
import itertools
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from diagnostics.command import System
from diagnostics.model import DiskKind
from tests.unit.wipe.helpers_wipe import image, loop, now
from tests.unit.wipe.scripted_drive import Bench, Drive
from wipe.decide.plan import Plan, Refusal, Wish, plan
from wipe.job import prepare
from wipe.job.asking import read_capabilities
from wipe.job.job import Surroundings, run
from wipe.journal import journal, state
from wipe.journal.state import JobState, Status
from wipe.model.capabilities import Capabilities, Security
from wipe.model.codes import Code
from wipe.model.spec import Claim, Method, Options, Target
from wipe.seen.reading import read_topology

SIZE = 1 << 20
SATA = Capabilities(sanitize=("block", "crypto"))
SECURITY = Capabilities(security=Security(supported=True))
SANITIZE = Capabilities(sanitize=("block",))
FORMAT = Capabilities(format_user=True)
Profile = tuple[DiskKind, Capabilities, str]
WEIGHT = {Claim.NONE: 0, Claim.INTERRUPTED: 0, Claim.FAILED: 1, Claim.CLEAR: 2, Claim.PURGE: 3}


class Impatient(threading.Event):
    """Waits for nothing: a poll of the drive follows the one before at once."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class Reaper:
    """Counts what passes, and kills this very process at one of them."""

    def __init__(self, at: int | None, told: Path) -> None:
        self._at, self._told, self._count = at, told, itertools.count()
        self._lock = threading.Lock()

    def passing(self) -> None:
        with self._lock:
            number = next(self._count)
            self._told.write_text(str(number + 1))
            if number == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)

    def clock(self) -> datetime.datetime:
        """The journal asks for the time before each line."""
        self.passing()
        return now()


class Case:
    """One drive, one job, as many sessions as wanted."""

    def __init__(self, folder: Path, place: tuple[str, Path], profile: Profile) -> None:
        (device, medium), (kind, can, behaviour) = place, profile
        folder.mkdir()
        image(medium, SIZE)
        self.folder, self.device, self.medium = folder, device, medium
        self.drive = Drive(folder, medium, behaviour)
        target = prepare.target_from_node(device, read_topology(self._bench(lambda: None)))
        assert target is not None and target.serial == "SERIAL-1"
        self.target = msgspec.structs.replace(target, disk_kind=kind, rotational=False)
        self.job = self.another(planned(self.target, can))

    def _bench(self, passing: Callable[[], None]) -> Bench:
        return Bench(System(), self.drive, Path(self.device).name, passing)

    def another(self, made: Plan) -> Path:
        """A job of its own on this drive."""
        return prepare.prepare(
            self.folder / "jobs", self.target, made, now=now, random=os.urandom,
            options=Options(temperature_every_s=3600, sample_count=300),
        )  # fmt: skip

    def able(self, jobs: Path | None = None) -> Capabilities:
        """What the drive says it can do."""
        return read_capabilities(self._bench(lambda: None), self.target, jobs)

    def session(self, kill_at: int | None = None, check_again: bool = False) -> int | None:
        """Run the job in a process of its own; its exit code, `None` when it was killed."""
        told, child = self.folder / "passed", os.fork()
        if child == 0:
            self._child(Reaper(kill_at, told), check_again)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        return os.waitstatus_to_exitcode(status)

    def _child(self, reaper: Reaper, check_again: bool) -> None:
        code = 99
        try:
            sys.stderr = (self.folder / "errors").open("a", buffering=1)
            around = Surroundings(
                self._bench(reaper.passing), reaper.clock, time.monotonic, os.urandom, Impatient()
            )
            code = run(self.job, around, check_again=check_again)
        except BaseException:  # noqa: BLE001 (a forked test must never return into pytest)
            traceback.print_exc()
        finally:
            os._exit(code)

    def passed(self) -> int:
        return int((self.folder / "passed").read_text())

    def seen(self) -> JobState:
        """The outcome, with everything that must hold of any outcome."""
        errors = self.folder / "errors"
        assert not errors.exists() or errors.read_text() == ""
        found = state.read(self.job)
        assert not any(one.code == "unexpected" for one in found.reasons), found.reasons
        if found.claim in (Claim.CLEAR, Claim.PURGE):
            assert b"PLANTED" not in self.medium.read_bytes()
        return found


def planned(target: Target, can: Capabilities) -> Plan:
    made = plan(target, can, Wish())
    assert isinstance(made, Plan)
    return made


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is some: hundreds of journals are written through here."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="etabli-matrix-") as name:
        yield Path(name)


@pytest.fixture
def device(room: Path) -> Iterator[tuple[str, Path]]:
    medium = image(room / "disk.img", SIZE)
    with loop(medium) as path:
        yield path, medium


PROFILES = {
    "ata sanitize": (DiskKind.SSD, SATA, "honest", Claim.PURGE),
    "ata sanitize, lies": (DiskKind.SSD, SATA, "lies", Claim.CLEAR),
    "ata sanitize, refuses": (DiskKind.SSD, SANITIZE, "refuses", Claim.CLEAR),
    "ata security": (DiskKind.SSD, SECURITY, "honest", Claim.CLEAR),
    "ata security, refuses": (DiskKind.SSD, SECURITY, "refuses", Claim.CLEAR),
    "nvme sanitize": (DiskKind.NVME, SANITIZE, "honest", Claim.PURGE),
    "nvme sanitize, fails": (DiskKind.NVME, SANITIZE, "fails", Claim.CLEAR),
    "nvme format": (DiskKind.NVME, FORMAT, "honest", Claim.CLEAR),
    "scsi sanitize": (DiskKind.SAS_SSD, SANITIZE, "honest", Claim.PURGE),
    "scsi sanitize, fails": (DiskKind.SAS_SSD, SANITIZE, "fails", Claim.CLEAR),
}
QUICKEST = "nvme format"


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize(
    "profile",
    [pytest.param(name, marks=() if name == QUICKEST else pytest.mark.long) for name in PROFILES],
)
def test_killed_anywhere_it_ends_no_better_than_uninterrupted(
    room: Path, device: tuple[str, Path], profile: str
) -> None:
    kind, can, behaviour, wanted = PROFILES[profile]
    make: Callable[[str], Case] = lambda name: Case(  # noqa: E731
        room / name, device, (kind, can, behaviour)
    )
    whole = make("whole")
    assert whole.session() in (0, 1)
    assert whole.seen().claim is wanted, whole.seen().reasons
    moments = range(whole.passed())
    assert len(moments) > 15
    dice = random.Random(profile)
    for moment in moments:
        case = make(f"at-{moment}")
        assert case.session(moment) is None
        assert case.seen().status in (Status.INTERRUPTED, Status.PLANNED)
        assert case.seen().claim in (Claim.INTERRUPTED, Claim.NONE)
        if moment % 2:
            case.drive.power_cycle()
        if moment % 4 < 2:  # and once more on the way
            case.session(dice.randrange(len(moments)))
        case.session()
        ended = case.seen()
        assert ended.status is Status.DONE, (moment, ended.reasons)
        assert WEIGHT[ended.claim] <= WEIGHT[wanted], (moment, ended.reasons)
        assert case.drive.state()["password"] == "", moment


@pytest.mark.long
@pytest.mark.root
def test_a_drive_that_forgets_is_caught_after_the_power_cycle_however_often_it_is_killed(
    room: Path, device: tuple[str, Path]
) -> None:
    """Until the second look is begun the old claim stands; from then on, no more."""
    make: Callable[[str], Case] = lambda name: Case(  # noqa: E731
        room / name, device, (DiskKind.SSD, SANITIZE, "forgets")
    )
    whole = make("whole")
    assert whole.session() == 0 and whole.seen().claim is Claim.PURGE
    assert whole.session(check_again=True) == 2  # no power cycle was seen
    whole.drive.power_cycle()
    assert whole.session(check_again=True) == 1 and whole.seen().claim is Claim.FAILED
    for moment in range(whole.passed()):
        case = make(f"at-{moment}")
        case.session()
        case.drive.power_cycle()
        assert case.session(moment, check_again=True) is None
        lines = [line.kind for line in journal.read(case.job).lines]
        looked = "sample_power_cycle" in lines
        begun = "recheck" in lines  # a look that was begun and not ended proves nothing
        assert (state.read(case.job).claim is Claim.INTERRUPTED) == begun, moment
        if looked:
            case.session()
        else:
            case.drive.power_cycle()
            case.session(check_again=True)
        assert case.seen().claim in (Claim.FAILED, Claim.CLEAR), moment
    assert looked


@pytest.mark.long
@pytest.mark.root
@pytest.mark.parametrize("locked", [True, False])
def test_a_drive_left_locked_is_opened_by_a_new_erasure_too(
    room: Path, device: tuple[str, Path], locked: bool
) -> None:
    """Its password is in the journal of the job that was cut; nobody has to know that job."""
    for moment in itertools.count():
        cut = Case(room / f"at-{moment}", device, (DiskKind.SSD, SECURITY, "honest"))
        assert cut.session(moment) is None
        if cut.drive.state()["password"]:
            break
    if locked:
        cut.drive.power_cycle()
    assert cut.able().password_known is False
    can = cut.able(cut.job.parent)
    assert can.password_known and can.security is not None and can.security.locked == locked
    fresh = planned(cut.target, msgspec.structs.replace(can, sanitize=()))
    assert fresh.notes[0].code is Code.LOCKED_BY_US
    assert fresh.techniques[0].method is Method.ATA_SECURITY
    cut.job = cut.another(fresh)
    assert cut.session() == 0
    ended = cut.seen()
    assert (ended.claim, ended.technique) == (Claim.CLEAR, "SECURITY ERASE UNIT")
    assert cut.drive.state()["password"] == ""


@pytest.mark.root
def test_a_drive_locked_by_somebody_else_stays_so(room: Path, device: tuple[str, Path]) -> None:
    case = Case(room / "case", device, (DiskKind.SSD, SECURITY, "honest"))
    case.drive.keep({**case.drive.state(), "password": "theirs"})
    case.drive.power_cycle()
    refused = plan(case.target, case.able(case.job.parent))
    assert isinstance(refused, Refusal) and refused.reason.code is Code.LOCKED
    assert case.session() == 1  # a job planned before it was locked
    ended = case.seen()
    assert ended.claim is Claim.FAILED and ended.reasons[0].code is Code.LOCKED
    assert b"PLANTED" in case.medium.read_bytes()
