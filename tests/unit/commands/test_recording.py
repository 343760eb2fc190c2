"""Every job folder is on record at the next command, whoever started it and however it ended."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bench.casefile import writing
from bench.erasing import candidates, jobs
from bench.erasing.record import STARTING_S, Recorder
from bench.opening.context import Context
from bench.records.log import Log, open_bench
from bench.records.signed.event import Event
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from diagnostics.command import System
from tests.unit.commands.conftest import ROOT, Etabli
from tests.unit.documents.recorded import name_workshop
from wipe.decide.plan import Wish
from wipe.journal import state
from wipe.model.spec import JOURNAL_FILE, SPEC_FILE, JobSpec, read_spec, write_spec

ASSET = "RC26-010001-7"
SMALL, LARGE = 8 << 20, 6 << 30  # the large one is sparse; a killed run may leave it being erased
ENDED_S = 60.0


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return sparse(tmp_path / "small.img", SMALL)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return sparse(tmp_path / "large.img", LARGE)


def begin(etabli: Etabli, data: Path, image: Path, *more: str) -> Path:
    """An erasure begun by the command, which does not wait for it; gives the job folder."""
    code = candidates.candidate(System(), str(image), image=True, wish=Wish()).confirm
    words = ("--confirm", code, "--detach", "--json", *(more or ("--asset", ASSET)))
    started = etabli("erase", "--image", image, *words)
    assert started.returncode == 0, started.stderr
    return data / "jobs" / json.loads(started.stdout)["job"]


def until(true: Callable[[], bool]) -> None:
    """Poll a job folder, which has no other event."""
    end = time.monotonic() + ENDED_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(job: Path) -> None:
    until(lambda: state.read(job).status is state.Status.DONE and not state.read(job).alive)


def kill(job: Path) -> None:
    """As a crash or an impatient hand would, in the middle of the work."""
    until(lambda: state.read(job).done_bytes > 0)
    os.kill(pid_of(job), signal.SIGKILL)
    until(lambda: not state.read(job).alive)


def pid_of(job: Path) -> int:
    """The wipe process of a job: named on its own command line."""
    for one in Path("/proc").iterdir():
        try:
            words = (one / "cmdline").read_bytes().split(b"\0") if one.name.isdigit() else []
        except OSError:
            continue
        if b"wipe" in words and str(job).encode() in words:
            return int(one.name)
    raise AssertionError("no process")


def create(data: Path, image: Path, *, age_s: float = 0, case: jobs.Case | None = None) -> Path:
    """A job made and never launched, as screens killed in between leave it."""

    class Then(SystemClock):
        def now(self) -> datetime.datetime:
            return super().now() - datetime.timedelta(seconds=age_s)

    found = candidates.candidate(System(), str(image), image=True, wish=Wish())
    case = case or jobs.Case(asset=ASSET)
    return jobs.create(data / "jobs", found, clock=Then(), random=os.urandom, case=case)


def told(data: Path) -> list[Event]:
    """What the record says of erasures, oldest first; looking does not bring it up to date."""
    log = open_bench(data, SystemClock())
    try:
        return [event for event in log.events() if event.type.startswith("erase.")]
    finally:
        log.store.close()


def claims(data: Path, job: Path) -> list[str]:
    """`planned`, or the claim, of one job."""
    mine = [event for event in told(data) if event.data["job"] == job.name]
    return [str(event.data.get("claim", "planned")) for event in mine]


def paper(inside: Etabli, data: Path) -> tuple[int, list[str]]:
    """The exit code of the attestation, and what it says of each disk."""
    name_workshop(data)
    done = inside("certificate", ASSET, "--out", data / "out", "--operator", "OP-7F3")
    signed = json.loads((data / "out" / f"attestation-{ASSET}.json").read_text("utf-8"))
    disks = [disk for machine in signed["payload"]["machines"] for disk in machine["disks"]]
    return done.returncode, sorted(disk["claim"] for disk in disks)


@pytest.mark.long
def test_an_erasure_nobody_waited_for_is_on_the_paper(
    etabli: Etabli, inside: Etabli, data: Path, small: Path
) -> None:
    job = begin(etabli, data, small)
    assert claims(data, job) == ["planned"]  # before it ran: known even if its folder is lost
    ended(job)
    assert paper(inside, data) == (0, ["clear"])
    assert claims(data, job) == ["planned", "clear"]


@pytest.mark.long
@pytest.mark.parametrize("next_command", ["jobs", "review", "certificate"])
def test_one_erased_and_one_killed_is_no_erased_machine(
    etabli: Etabli, inside: Etabli, data: Path, small: Path, large: Path, *, next_command: str
) -> None:
    ended(begin(etabli, data, small))
    cut = begin(etabli, data, large)
    kill(cut)
    if next_command == "certificate":
        assert paper(inside, data) == (1, ["clear", "interrupted"])
    again = [ASSET, "--operator", "OP-7F3"]
    shown = inside(next_command, *(again if next_command == "certificate" else []))
    assert claims(data, cut) == ["planned", "interrupted"]
    assert next_command == "certificate" or "nterrompu" in shown.stdout


@pytest.mark.long
def test_the_command_and_its_process_killed_together(
    inside: Etabli, data: Path, large: Path
) -> None:
    plan = json.loads(inside("erase", "--image", large, "--plan-only", "--json").stdout)
    words = ["erase", "--image", str(large), "--confirm", plan["confirm"], "--asset", ASSET]
    command = subprocess.Popen(
        [str(ROOT / "etabli"), *words],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "ETABLI_DATA": str(data)},
    )
    until(lambda: any((data / "jobs").glob("[!.]*/journal.jsonl")))
    (job,) = (data / "jobs").glob("[!.]*")
    kill(job)
    command.kill()
    command.wait()
    assert paper(inside, data) == (1, ["interrupted"])
    assert claims(data, job)[-1] == "interrupted"


@pytest.mark.long
def test_a_job_never_launched_is_planned_and_then_nothing_was_done(
    etabli: Etabli, inside: Etabli, data: Path, small: Path, tmp_path: Path
) -> None:
    ended(begin(etabli, data, small))
    young = create(data, sparse(tmp_path / "young.img", SMALL * 2))
    old = create(data, sparse(tmp_path / "old.img", SMALL * 3), age_s=STARTING_S + 1)
    assert paper(inside, data) == (1, ["clear", "interrupted", "none"])
    assert (claims(data, young), claims(data, old)) == (["planned"], ["none"])
    none = next(event for event in told(data) if event.data["job"] == old.name)
    assert [reason["code"] for reason in none.data["reasons"]] == ["nothing_done"]
    resumed = etabli("erase", "--resume", old.name)
    assert resumed.returncode == 0, resumed.stderr
    assert claims(data, old)[-1] == "clear"


@pytest.mark.long
def test_an_erasure_that_runs_is_known_and_said_once(
    etabli: Etabli, inside: Etabli, data: Path, small: Path, large: Path
) -> None:
    ended(begin(etabli, data, small))
    job = begin(etabli, data, large)
    until(lambda: state.read(job).done_bytes > 0)
    for _ in range(2):
        assert inside("review").returncode == 0
        assert paper(inside, data) == (1, ["clear", "interrupted"])  # not an erased machine
    assert claims(data, job) == ["planned"]
    kill(job)
    inside("review")
    with ThreadPoolExecutor(1) as pool:
        was = (job / JOURNAL_FILE).stat().st_size
        first = pool.submit(etabli, "erase", "--resume", job.name)
        # Killed before its first line it would be the same interruption, not another one.
        until(lambda: state.read(job).alive and (job / JOURNAL_FILE).stat().st_size > was)
        inside("review")
        kill(job)
        first.result()
    inside("review")
    assert claims(data, job) == ["planned", "interrupted", "interrupted"]


@pytest.mark.long
def test_screens_that_were_killed_leave_nothing_unrecorded(
    inside: Etabli, data: Path, small: Path
) -> None:
    screens = """
import os, sys
from pathlib import Path
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.demo import plant
from bench.demo.workbench import DemoWorkbench
from bench.guide.visit import Visit
bench = DemoWorkbench(Context(DataFolder(Path(sys.argv[1]), "option")))
bench.save_visit(Visit(operator="NAD", asset=sys.argv[2]))
(Path(sys.argv[1]) / "demo" / "disks").mkdir()
plant.plant(Path(sys.argv[1]) / "demo" / "disks" / f"{sys.argv[2]}.img", 8 << 20)
bench.probe(lambda part: None)
(disk,) = bench.disks().disks
print(bench.start_erase(disk.key, disk.path, disk.confirm).job, flush=True)
os.kill(os.getpid(), 9)
"""
    words = [sys.executable, "-P", "-c", screens, str(data), ASSET]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    job = data / "demo" / "jobs" / killed.stdout.strip()
    assert claims(data / "demo", job) == ["planned"]
    ended(job)
    done = inside("certificate", ASSET, "--data", data / "demo", "--out", data / "out")
    assert done.returncode == 0, done.stderr
    assert claims(data / "demo", job) == ["planned", "clear"]


@pytest.mark.long
def test_screens_record_what_another_hand_began(etabli: Etabli, data: Path, small: Path) -> None:
    """Of another machine than the one on the table."""
    from bench.workbench.bench import Workbench

    bench = Workbench(Context(DataFolder(data, "option")))
    try:
        job = begin(etabli, data, small)
        ended(job)
        assert bench.jobs() == ()
        assert claims(data, job) == ["planned", "clear"]
    finally:
        bench.close()


@pytest.mark.long
def test_two_processes_at_once_record_it_once(etabli: Etabli, data: Path, tmp_path: Path) -> None:
    made = [
        create(data, sparse(tmp_path / f"{n}.img", SMALL + 4096 * n), age_s=STARTING_S + 1)
        for n in range(12)
    ]
    with ThreadPoolExecutor(4) as pool:
        codes = [one.result().returncode for one in [pool.submit(etabli, "jobs") for _ in "1234"]]
    assert codes == [0] * 4
    assert sorted(str(event.data["job"]) for event in told(data)) == sorted(j.name for j in made)


@pytest.mark.long
def test_said_again_it_changes_nothing(
    etabli: Etabli, inside: Etabli, data: Path, small: Path
) -> None:
    job = begin(etabli, data, small)
    ended(job)
    inside("review")
    os.utime(job / JOURNAL_FILE)  # looks changed: it is read again
    for command in ("review", "jobs"):
        inside(command)
    log = open_bench(data, SystemClock())
    log.store.db.conn.execute("DELETE FROM meta WHERE name >= 'job:' AND name < 'job;'")
    log.store.db.conn.commit()
    log.store.close()
    inside("review")  # a store that has forgotten what it knew, or of an older Établi
    assert claims(data, job) == ["planned", "clear"]


@pytest.mark.long
@pytest.mark.parametrize("spoilt", [JOURNAL_FILE, SPEC_FILE])
def test_a_damaged_job_is_recorded_as_what_nobody_can_tell(
    etabli: Etabli, inside: Etabli, data: Path, small: Path, large: Path, *, spoilt: str
) -> None:
    ended(begin(etabli, data, small))
    cut = begin(etabli, data, large)
    kill(cut)
    raw = bytearray((cut / spoilt).read_bytes())
    raw[100] ^= 1
    (cut / spoilt).write_bytes(bytes(raw))
    code, disks = paper(inside, data)
    assert code == 1 and disks == ["clear", "none"]
    assert claims(data, cut) == ["planned", "none"]


@pytest.mark.long
def test_a_folder_that_cannot_be_read_stops_no_command(
    etabli: Etabli, inside: Etabli, data: Path, small: Path
) -> None:
    job = begin(etabli, data, small)
    ended(job)
    (data / "jobs" / "20990101T000000-00000000").mkdir()  # a cut while it was made: nobody's
    loop = data / "jobs" / "20990101T000000-11111111"
    loop.mkdir()
    (loop / JOURNAL_FILE).symlink_to(loop / JOURNAL_FILE)  # as unreadable for root as for all
    shown = inside("review")
    assert shown.returncode == 0
    assert "11111111" in shown.stderr and "ne peut pas être lu" in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
    assert claims(data, job) == ["planned", "clear"]
    assert len(told(data)) == 2


def test_what_no_event_can_hold_is_recorded_without_a_name(
    inside: Etabli, data: Path, small: Path
) -> None:
    job = create(data, small, age_s=STARTING_S + 1)
    spec = read_spec(job)
    assert spec is not None
    write_spec(job, huge(spec))
    assert inside("review").returncode == 0
    assert claims(data, job) == ["none"]
    (event,) = told(data)
    assert event.data["reasons"][0]["code"] == "spec_unreadable"


def huge(spec: JobSpec) -> JobSpec:
    """A size that no drive has, and no JSON number holds everywhere."""
    import msgspec

    target = msgspec.structs.replace(spec.target, size_bytes=1 << 60)
    return msgspec.structs.replace(spec, target=target)


def test_a_throw_away_image_is_nobodys_and_founds_no_record(
    etabli: Etabli, inside: Etabli, data: Path, small: Path
) -> None:
    data.mkdir(exist_ok=True)
    (data / "settings.toml").write_text('[[operators]]\ncode = "NAD"\n')
    ended(begin(etabli, data, small, "--operator", "NAD"))
    assert "clear" in inside("jobs", "--json").stdout
    assert not (data / "etabli.db").exists()
    inside("review")
    assert told(data) == []


def test_a_disk_of_no_machine_gets_one_file_of_its_own(data: Path, small: Path) -> None:
    """Its case file lost, its serial unknown: recorded all the same, and under one name."""
    made = [create(data, small, age_s=STARTING_S + 1, case=jobs.Case()) for _ in range(2)]
    for job, serial in zip(made, ("Z1", None), strict=True):
        (job / jobs.CASE_FILE).unlink()
        spec = read_spec(job)
        assert spec is not None
        write_spec(job, block(spec, serial))
    for _ in range(3):
        Context(DataFolder(data, "option")).open_log().store.close()
    assert [event.data["claim"] for event in told(data)] == ["none", "none"]
    assert len({event.device for event in told(data)}) == 2
    assert len({event.device for event in arrivals(data)}) == 2


def block(spec: JobSpec, serial: str | None) -> JobSpec:
    import msgspec

    from wipe.model.spec import TargetKind

    target = msgspec.structs.replace(
        spec.target, kind=TargetKind.BLOCK, path="/dev/nothing", serial=serial
    )
    return msgspec.structs.replace(spec, target=target)


def arrivals(data: Path) -> list[Event]:
    log = open_bench(data, SystemClock())
    try:
        return [event for event in log.events() if event.type == "machine.arrived"]
    finally:
        log.store.close()


@pytest.mark.long
def test_a_claim_that_was_withdrawn_is_not_said_anew(
    etabli: Etabli, inside: Etabli, data: Path, small: Path
) -> None:
    job = begin(etabli, data, small)
    ended(job)
    inside("review")
    log = open_bench(data, SystemClock())
    device = writing.must_know(log, ASSET)
    event = {"job": job.name, "disk": {}, "technique": "overwrite", "claim": "failed"}
    log.append("erase.done", event, device=device)
    log.store.close()
    os.utime(job / JOURNAL_FILE)
    inside("review")
    assert claims(data, job) == ["planned", "clear", "failed"]


@pytest.mark.parametrize("action", ["verify", "rebuild"])
def test_what_only_checks_the_record_writes_nothing(
    inside: Etabli, data: Path, small: Path, action: str
) -> None:
    inside("review")
    create(data, small, age_s=STARTING_S + 1)
    assert inside("log", action).returncode == 0
    assert told(data) == []
    assert inside("log", "show").returncode == 0
    assert len(told(data)) == 1


@pytest.mark.long
def test_a_bench_put_back_takes_its_own_events_home_before_it_writes(
    etabli: Etabli, inside: Etabli, data: Path, small: Path, tmp_path: Path
) -> None:
    """Else the same numbers would name two events, and the bench would count as copied."""
    inside("review")
    assert inside("restore", "--save", tmp_path / "stick").returncode == 0
    job = begin(etabli, data, small)
    ended(job)
    assert inside("export", "--out", tmp_path / "all.zip").returncode == 0
    assert inside("restore", tmp_path / "stick").returncode == 0
    assert told(data) == []
    home = inside("import", tmp_path / "all.zip")
    assert home.returncode == 0, home.stdout + home.stderr
    assert claims(data, job) == ["planned", "clear"]
    review = json.loads(inside("review", "--json").stdout)
    assert "fork" not in [one["code"] for one in review["warnings"]]
    assert len(told(data)) == 2


def test_only_these_open_the_log_without_looking_at_the_jobs() -> None:
    """A command that reads machines or gives something out cannot forget to."""
    sources = [path for path in (ROOT / "bench").rglob("*.py") if path.name != "context.py"]
    found = {
        path.name
        for path in sources
        if "record_jobs=False" in path.read_text("utf-8") and path.name != "context.py"
    }
    # screens.py: what sends by itself; the screens look at the jobs.
    # Of the hub, whose machines were worked on elsewhere. queue_lines.py: labels that wait.
    hub = {"hooking.py", "hub.py", "intake.py", "keeping.py", "starting.py"}
    hub |= {"databases.py", "posting.py"}
    others = {"keys.py", "import_.py", "queue_lines.py", "screens.py", "start.py", "sync.py"}
    assert found == hub | others
    openers = {path.name for path in sources if "open_bench(" in path.read_text("utf-8")}
    assert openers == {"log.py"}  # and context.py


@pytest.mark.long
def test_hundreds_of_finished_jobs_are_not_read_again(
    data: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """29 ms for 2,000 on a quiet machine, as nothing is opened: that is what is held here."""
    log = many(data, small, 500)
    recorder = Recorder(log, data / "jobs")
    recorder.sweep()

    def read(job: Path) -> None:
        raise AssertionError(f"{job} was read again")

    monkeypatch.setattr("bench.erasing.record.state.read", read)
    assert recorder.sweep() == ()
    (data / "jobs" / f"20260101T000000-{7:08x}" / JOURNAL_FILE).touch()  # one file, many links
    with pytest.raises(AssertionError, match="was read again"):
        recorder.sweep()
    log.store.close()
    assert len(told(data)) == 501


def many(data: Path, image: Path, count: int) -> Log:
    """Jobs that ended, each of its own machine, as links to the files of one that did."""
    job = create(data, image)
    jobs.launch(job, System())
    ended(job)
    for number in range(count):
        other = data / "jobs" / f"20260101T000000-{number:08x}"
        other.mkdir()
        for name in (SPEC_FILE, JOURNAL_FILE):
            os.link(job / name, other / name)
        case = {"device": f"device-{number}", "asset": "", "operator": ""}
        (other / jobs.CASE_FILE).write_text(json.dumps(case))
    log = open_bench(data, SystemClock())
    with log.store.transaction():  # one commit instead of thousands
        Recorder(log, data / "jobs").sweep()
    return log


def test_a_full_record_stops_what_would_speak_of_it(
    inside: Etabli, data: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather no paper than one that knows nothing of the last erasure; the list is shown."""
    inside("review")
    name_workshop(data)
    create(data, small, age_s=STARTING_S + 1)
    log = open_bench(data, SystemClock())
    log.store.set_meta("tick", 2**52)
    log.store.close()
    assert inside("certificate", ASSET, "--out", data / "out").returncode == 4
    assert not (data / "out").exists()
    shown: Any = inside("jobs", "--json")
    assert shown.returncode == 0 and len(json.loads(shown.stdout)) == 1
    assert len(shown.stderr.splitlines()) == 1
