"""The wipe service: a real one as root, asked by a process that has given up root.

What is erased is a loop device over a file of the test's own; the service finds it itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.erasing.candidates import Candidate, key_of
from bench.erasing.eraser import Ordered, Why
from bench.erasing.jobs import Case
from bench.erasing.served import Served
from bench.erasing.service import Service as Answering
from bench.erasing.talk import ANSWERS
from bench.errors.failure import Failure
from bench.setup.asking import Failed
from diagnostics import durable
from diagnostics.served import wire
from tests.services import NAMED, NOBODY, Service, as_nobody
from tests.unit.wipe.helpers_wipe import block_target, image, loop, make_job
from wipe.journal import state
from wipe.journal.state import Status
from wipe.model.spec import Claim, read_spec

SIZE = 8 << 20
LIMIT_S = 120
pytestmark = pytest.mark.root

# Libraries may lie where the screens' user cannot read: all is loaded before root is given up.
IMPORTS = """
import sys, json, os, time, pkgutil, importlib
from pathlib import Path
import bench, diagnostics, wipe
for package in (bench, diagnostics, wipe):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__") and ".console" not in found.name:
            importlib.import_module(found.name)
from sqlite_utils.plugins import ensure_plugins_loaded
ensure_plugins_loaded()
from bench.erasing.served import Served
from bench.errors.failure import Failure
from bench.setup.asking import Failed
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder anybody may look into; paths of sockets are short."""
    with tempfile.TemporaryDirectory(prefix="wiping") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def service(place: Path) -> Iterator[Service]:
    words = (NAMED, str(place / "jobs"))
    with Service("bench.erasing.service", place / "wipe", *words) as running:
        yield running


def until(true: Callable[[], object], why: str) -> None:
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def disk_at(eraser: Served, path: str) -> Candidate:
    return next(one for one in eraser.found() if one.target.path == path)


def ordered(service: Service, path: str) -> str:
    eraser = Served(service.path)
    disk = disk_at(eraser, path)
    made = eraser.order(key_of(disk.target), path, disk.confirm, Case())
    assert made.job, made
    return made.job


@pytest.mark.long
def test_a_disk_is_erased_from_end_to_end_for_screens_that_are_nobodys(
    service: Service, place: Path
) -> None:
    """The workbench itself: found, confirmed, on record before it begins, followed, done."""
    data = place / "data"
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    once_before = (
        IMPORTS
        + """
import tempfile
from bench.guide.shown import JobStatus
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder, locate
from bench.workbench.bench import Workbench
with tempfile.TemporaryDirectory() as folder:  # as root: what is imported late is there then
    Workbench(Context(DataFolder(Path(folder), "option"))).close()
"""
    )
    script = """
bench = Workbench(Context(locate(sys.argv[1])))
bench.save_visit(bench.current_visit())
bench.device = "0190a0a0-0000-7000-8000-000000000001"
found = next(one for one in bench.disks().disks if one.path == sys.argv[2])
wrong = bench.start_erase(found.key, found.path, "WRNG")
answer = bench.start_erase(found.key, found.path, found.confirm)
assert answer.job, answer
end = time.monotonic() + 120
while (seen := bench.jobs()) and seen[0].status is not JobStatus.DONE:
    assert time.monotonic() < end, seen
    time.sleep(0.1)
rows = bench.log.store.query("SELECT claim FROM erasure")
print(json.dumps([os.getuid(), wrong.job, answer.job, seen[0].status.value,
                  [row[0] for row in rows]]))
bench.close()
"""
    disk = image(place / "disk.img", SIZE)
    environment = {"ETABLI_SERVICES": str(place), "ETABLI_JOBS": str(place / "jobs")}
    with loop(disk) as path:
        told = as_nobody(once_before, script, str(data), path, environment=environment)
    uid, wrong, job, status, claims = json.loads(told)
    assert (uid, wrong, status, claims) == (NOBODY, None, "done", ["clear"])
    assert b"PLANTED" not in disk.read_bytes()
    spec = read_spec(place / "jobs" / job)
    assert spec is not None and spec.target.path == path
    for entry in (place / "jobs" / job, *(place / "jobs" / job).iterdir()):
        assert entry.stat().st_uid == 0 and not entry.stat().st_mode & 0o022, entry


@pytest.mark.long
def test_screens_change_nothing_of_a_job_and_another_user_sees_nothing(
    service: Service, place: Path
) -> None:
    with loop(image(place / "disk.img", SIZE)) as path:
        job = place / "jobs" / ordered(service, path)
        script = """
job = Path(sys.argv[1])
def tried(act):
    try: act()
    except OSError as error: return type(error).__name__
    return "done"
print(json.dumps([
    tried(lambda: (job / "spec.json").read_bytes()),
    tried(lambda: (job / "spec.json").write_bytes(b"{}")),
    tried(lambda: (job / "spec.json").unlink()),
    tried(lambda: (job / "journal.jsonl").touch()),
    tried(lambda: os.symlink("/etc/passwd", job / "progress")),
    tried(lambda: job.rename(job.parent / "20200101T000000-00000000")),
    tried(lambda: (job.parent / "20200101T000000-00000000").mkdir()),
    tried(lambda: job.parent.rename(job.parent.with_name("mine"))),
    tried(lambda: job.parent.chmod(0o777)),
]))
"""
        assert json.loads(as_nobody(IMPORTS, script, str(job))) == [
            "done",
            *["PermissionError"] * 8,
        ]
        other = as_nobody(IMPORTS, script, str(job), uid=NOBODY - 1)
        assert json.loads(other) == ["PermissionError"] * 9


@pytest.mark.long
def test_only_a_disk_that_was_confirmed_is_ordered(service: Service, place: Path) -> None:
    eraser = Served(service.path)
    with loop(image(place / "disk.img", SIZE)) as path:
        disk = disk_at(eraser, path)
        key, code = key_of(disk.target), disk.confirm
        tries = [
            (key, path, "WRNG", Why.CODE_WRONG),
            (key, path, "", Why.CODE_WRONG),
            ("0" * 24, path, code, Why.DISK_CHANGED),
            (key, "/dev/loop99", code, Why.DISK_CHANGED),
            (key, str(place / "disk.img"), code, Why.DISK_CHANGED),
            (key, f"/dev/../{path}", code, Why.DISK_CHANGED),
            (key, "", code, Why.DISK_CHANGED),
        ]
        for tried_key, tried_path, tried_code, why in tries:
            answer = eraser.order(tried_key, tried_path, tried_code, Case())
            assert answer == Ordered(why=why)
        mounted = [one for one in eraser.found() if not one.allowed]
        for one in mounted:  # whatever this machine runs from
            refused = eraser.order(key_of(one.target), one.target.path, one.confirm, Case())
            assert refused.why in (Why.REFUSED, Why.DISK_CHANGED) and not refused.job
        with pytest.raises(Failure) as long:
            eraser.order(key, path, code, Case(device="x" * 300))
        with pytest.raises(Failure) as odd:
            eraser.order(key, path, code, Case(operator="a\nb"))
        assert long.value.code == odd.value.code == "wipe_question"
        assert list((place / "jobs").glob("2*")) == []


@pytest.mark.long
def test_a_service_killed_in_the_middle_loses_no_erasure(service: Service, place: Path) -> None:
    disk = place / "disk.img"
    with disk.open("wb") as file:
        file.truncate(64 << 30)  # too large to end before; only what is written takes room
    eraser = Served(service.path)
    with loop(disk) as path:
        job = place / "jobs" / ordered(service, path)
        eraser.begin(job.name)
        until(lambda: state.read(job).done_bytes > 0, "the first bytes")
        with pytest.raises(Failure) as twice:
            eraser.begin(job.name)
        assert twice.value.code == "job_locked"
        service.kill()
        with contextlib.closing(_hold(service)):
            done = state.read(job).done_bytes
            until(lambda: state.read(job).done_bytes > done, "it goes on without the service")
        service.start()
        assert state.read(job).alive
        assert eraser.stop(job.name)  # the new service finds it again
        until(lambda: not state.read(job).alive, "the stop")
        assert state.read(job).status is Status.INTERRUPTED
        assert not eraser.stop(job.name)


def _hold(service: Service) -> Any:
    """Nothing runs meanwhile: a process that was not killed would be seen here."""
    with pytest.raises(ProcessLookupError):
        os.kill(service.process.pid, 0)
    return contextlib.ExitStack()


@pytest.mark.long
def test_only_jobs_of_its_own_folder_are_begun_and_stopped(service: Service, place: Path) -> None:
    eraser = Served(service.path)
    with loop(image(place / "disk.img", SIZE)) as path:
        outside = make_job(place / "elsewhere", block_target(path))
        job = ordered(service, path)
        (place / "jobs" / "20200101T000000-0000000a").symlink_to(outside)
        names = [
            *("", ".", "..", ".locks", "/", "../elsewhere/" + outside.name, str(outside)),
            *(outside.name, job + "/", "./" + job, job + "\0", job + "\n", "../jobs/" + job),
            *("20200101T000000-0000000a", "--recheck", job[:-1], job.upper() + "x"),
        ]
        for name in names:
            for act in (eraser.begin, eraser.stop, eraser.cycled):
                with pytest.raises(Failure) as refused:
                    act(name)
                assert refused.value.code == "job_unknown", name
        with pytest.raises(Failure) as nothing_ended:
            eraser.begin(job, recheck=True)
        assert nothing_ended.value.code == "wipe_question"
        assert not state.read(outside).journal_hash and not state.read(place / "jobs" / job).alive


@pytest.mark.long
def test_what_has_ended_is_not_begun_again_nor_what_was_overtaken(
    service: Service, place: Path
) -> None:
    eraser = Served(service.path)
    with loop(image(place / "disk.img", SIZE)) as path:
        first, second = ordered(service, path), ordered(service, path)
        eraser.begin(second)
        until(lambda: state.read(place / "jobs" / second).status is Status.DONE, "the end")
        assert state.read(place / "jobs" / second).claim is Claim.CLEAR
        with pytest.raises(Failure) as ended:
            eraser.begin(second)
        assert ended.value.code == "wipe_question"
        with pytest.raises(Failure) as late:
            eraser.begin(first)
        assert late.value.code == "job_overtaken"


@pytest.mark.long
@pytest.mark.parametrize("how", ["open", "foreign", "link", "under an open folder"])
def test_a_folder_others_could_change_holds_no_job(place: Path, how: str) -> None:
    jobs = place / "jobs"
    if how == "link":
        (place / "mine").mkdir()
        os.chown(place / "mine", NOBODY, NOBODY)
        jobs.symlink_to(place / "mine")
    elif how == "under an open folder":
        jobs = place / "data" / "jobs"
        jobs.parent.mkdir()
        os.chown(jobs.parent, NOBODY, NOBODY)
    else:
        jobs.mkdir()
        jobs.chmod(0o777 if how == "open" else 0o700)
        if how == "foreign":
            os.chown(jobs, NOBODY, NOBODY)
    with Service("bench.erasing.service", place / "wipe", NAMED, str(jobs)) as running:
        with pytest.raises(Failure) as refused:
            Served(running.path).found()
        assert refused.value.code == "data_folder"


@pytest.mark.long
def test_another_user_is_not_answered(service: Service) -> None:
    script = (
        "try: Served(Path(sys.argv[1])).stop('x')\nexcept Failure as failure: print(failure.code)\n"
    )
    assert as_nobody(IMPORTS, script, str(service.path), uid=NOBODY - 1) == "wipe_service\n"
    assert as_nobody(IMPORTS, script, str(service.path)) == "job_unknown\n"


def test_no_service_and_a_hung_one_are_one_clear_sentence(place: Path) -> None:
    from bench.errors.sentence import sentence

    with pytest.raises(Failure) as gone:
        Served(place / "wipe").found()
    assert gone.value.code == "wipe_service"
    assert "service" in sentence(gone.value)


class Nothing:
    """An eraser of no disk: what is asked of it here must never reach it."""

    def found(self) -> list[Candidate]:
        return []

    def order(self, key: str, path: str, confirm: str, case: Case) -> Ordered:
        return Ordered(why=Why.DISK_CHANGED)

    def begin(self, job: str, *, recheck: bool = False) -> None:
        raise AssertionError(job)

    def stop(self, job: str) -> bool:
        raise AssertionError(job)

    def sleep(self) -> bool:
        return False

    def cycled(self, job: str) -> bool:
        raise AssertionError(job)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIELD = st.text() | NESTED
STRUCTURES = st.fixed_dictionaries(
    {"type": st.sampled_from(["disks", "order", "begin", "stop", "sleep", "cycled", "erase"])},
    optional={name: FIELD for name in ("key", "path", "confirm", "device", "job", "recheck", "x")},
)
QUESTIONS = (
    st.binary(min_size=1, max_size=300)
    | NESTED.map(lambda value: json.dumps(value).encode())
    | STRUCTURES.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
)


@pytest.mark.long
@settings(max_examples=300)
@given(raw=QUESTIONS)
def test_whatever_is_asked_has_one_answer_and_begins_nothing(raw: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        jobs = Path(folder) / "jobs"
        answer = ANSWERS.decode(Answering(Nothing(), jobs, NOBODY).answer(raw))
        if isinstance(answer, Failed):
            assert answer.code in ("wipe_question", "job_unknown")
        assert not jobs.exists() or list(jobs.iterdir()) == []


@pytest.mark.long
def test_a_flood_leaves_the_service_as_it_was(service: Service) -> None:
    def ask(raw: bytes) -> bytes:
        return wire.ask(service.path, raw, timeout_s=60)

    questions = [b"{", b"[" * 50_000, b'{"type":"begin","job":"..\\u0000"}', b'{"type":"erase"}']
    for raw in questions * 25:
        ask(raw)
    before = service.memory_kib()
    for raw in questions * 500:
        assert isinstance(ANSWERS.decode(ask(raw)), Failed)
    with pytest.raises(wire.Silent):
        ask(bytes(1 << 20))
    assert service.process.poll() is None
    assert service.memory_kib() - before < 8 << 10
    assert service.errors.read_bytes() == b""


def test_a_lent_folder_is_for_looking(tmp_path: Path) -> None:
    """An installed bench's folders stay private: nothing is lent that was not asked for."""
    durable.folder(tmp_path / "own")
    durable.new_folder(tmp_path / "own" / "job", as_folder=True)
    durable.write_whole(tmp_path / "own" / "job" / "file", b"x", as_folder=True)
    modes = [(tmp_path / "own" / name).stat().st_mode & 0o777 for name in ("", "job", "job/file")]
    assert modes == [0o700, 0o700, 0o600]
    durable.lend_folder(tmp_path / "lent", NOBODY)
    durable.new_folder(tmp_path / "lent" / "job", as_folder=True)
    durable.new_folder(tmp_path / "lent" / "locks")
    lent = tmp_path / "lent"
    assert (lent.stat().st_mode & 0o7777, lent.stat().st_gid) == (0o750, NOBODY)
    assert (lent / "job").stat().st_mode & 0o777 == 0o755
    assert (lent / "locks").stat().st_mode & 0o777 == 0o700
