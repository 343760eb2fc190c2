"""Starts wipe processes, finds them again, watches them. The journal is the only link.

A wipe outlives whoever started it (docs/design.md, idea 3): a transient systemd unit
where there is systemd, else a session of its own.
"""

from __future__ import annotations

import datetime
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from bench.erasing import ordered
from bench.erasing.candidates import Candidate
from bench.errors.failure import Exit, Failure
from bench.setup.clock import Clock
from bench.words.version import VERSION
from diagnostics import durable
from diagnostics.command import Runner, start_detached
from diagnostics.learn import learn
from wipe.decide.plan import Plan
from wipe.job import prepare
from wipe.journal import state
from wipe.journal.journal import alive
from wipe.journal.state import JobState, Status, unreadable
from wipe.model.codes import TURNED_AWAY, Code, because
from wipe.model.spec import LOG_FILE, Claim, Options, TargetKind

CASE_FILE = "case.json"  # which machine's file the erasure belongs to
_ROOT = Path(__file__).parents[2]
_START_S = 15.0  # a wipe process alone that says nothing for so long has not started
_START_EACH_S = 3.0  # more for each one started beside it: two cores begin 24 of them in turns


class Case(msgspec.Struct, frozen=True):
    """The machine a job belongs to; `device` empty: a loose disk nobody numbered."""

    device: str = ""
    asset: str = ""
    operator: str = ""


def create(
    folder: Path,
    candidate: Candidate,
    *,
    clock: Clock,
    random: Callable[[int], bytes],
    case: Case | None = None,
    options: Options | None = None,
) -> Path:
    """Make the job folder; starts nothing. Raises `Failure`."""
    file = msgspec.json.encode(case or Case())
    if not isinstance(candidate.plan, Plan):
        raise Failure("guard_refused", Exit.REFUSED, path=candidate.target.path, reasons="")
    if folder.exists() and durable.writable_by_others(folder):
        raise Failure("jobs_open", Exit.REFUSED, path=folder)  # what it proves could be forged
    try:
        job = prepare.prepare(
            folder,
            candidate.target,
            candidate.plan,
            now=clock.now,
            random=random,
            operator=(case.operator or None) if case else None,
            options=options,
            tool_version=f"etabli {VERSION}",
            bound_to=_digest(file),
        )
        durable.write_whole(job / CASE_FILE, file, as_folder=True)
        ordered.seal(job, _digest(file), folder.parent)
    except OSError as error:
        raise Failure("data_folder", Exit.MACHINE, path=folder, why=error.strerror) from error
    return job


def case_of(job: Path, bound_to: str | None) -> Case | None:
    """The machine a job belongs to; `None` where the file is not the one it was made with.

    `bound_to`: the file's digest, as the journal has it (`JobState`). A job made before digests
    were kept has none: its file is believed, and an unreadable one is a loose disk. Raises
    `OSError` where nobody can tell.
    """
    try:
        raw = (job / CASE_FILE).read_bytes()
    except FileNotFoundError:
        raw = b""
    except OSError:
        if bound_to is not None:
            raise
        raw = b""
    if bound_to is not None and _digest(raw) != bound_to:
        return None
    try:
        return msgspec.json.decode(raw, type=Case)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Case()


def _digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def with_case(job: JobState, case: Case | None) -> JobState:
    """The state with what must be said of its case file: one that was changed names nobody."""
    if case is not None:
        return job
    return msgspec.structs.replace(job, reasons=(*job.reasons, because(Code.CASE_CHANGED)))


def listed(folder: Path, now: datetime.datetime | None = None) -> list[JobState]:
    """All jobs, oldest first, each with what must be said of its case file."""
    found = []
    for job in state.list_jobs(folder, now):
        try:
            found.append(with_case(job, case_of(folder / job.id, job.bound_to)))
        except OSError:
            found.append(job)  # the record tells that it cannot be read
    return found


def launch(job: Path, runner: Runner, *, recheck: bool = False) -> None:
    """Start the wipe process of a job, or start it again. Raises `Failure`.

    `recheck`: only look at a finished job once more, after a power cycle.
    """
    command = [sys.executable, "-P", "-m", "wipe", str(job), *(["--recheck"] if recheck else [])]
    durable.touch(
        job / LOG_FILE, as_folder=True
    )  # from here on a job without a process has lost it
    environment = {"PYTHONPATH": ":".join([str(_ROOT), *_libraries()])}
    if Path("/run/systemd/system").is_dir() and runner.has("systemd-run"):
        unit = [
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit=etabli-wipe-{job.name}-{time.time_ns()}",
            *(f"--setenv={name}={value}" for name, value in environment.items()),
            f"--property=StandardError=append:{job / LOG_FILE}",
        ]
        if runner.run([*unit, *command]).exit_code == 0:
            return
    try:
        start_detached(command, log=job / LOG_FILE, environment=environment)
    except OSError as error:
        raise Failure("job_not_started", Exit.MACHINE, why=error.strerror) from error


def resume(job: Path, runner: Runner, later: JobState | None) -> None:
    """Start a stopped job again. Raises `Failure`: `job_locked` where it runs already.

    `later`: the job that has overtaken it (`wipe.journal.overtaken`), which forbids it. Two that
    ask in the same moment both start a process; the journal's lock lets one go on.
    """
    if alive(job):
        path = state.read(job).path or job.name
        raise Failure("job_locked", Exit.REFUSED, path=path, job=job.name)
    if later is not None:
        raise Failure("job_overtaken", Exit.REFUSED, job=job.name, later=later.id)
    launch(job, runner)


def _libraries() -> list[str]:
    """Where this process finds its libraries, wherever that is: what we could load, it can.

    A wipe process that cannot load its own dies without a word in its journal.
    """
    return [path for path in sys.path if Path(path).is_absolute() and path != str(_ROOT)]


def find(folder: Path, wanted: list[str]) -> list[Path]:
    """Job folders by their id, or its end. Raises `Failure("job_unknown")`."""
    known = [job for job in state.list_jobs(folder)]
    found = []
    for name in wanted:
        matches = [job for job in known if job.id == name or job.id.endswith(name)]
        if len(matches) != 1:
            raise Failure("job_unknown", Exit.USAGE, job=name)
        found.append(folder / matches[0].id)
    return found


def interrupted(jobs: Iterable[JobState]) -> list[JobState]:
    """Those that stopped before their last line, and can go on."""
    return [
        job
        for job in jobs
        if not unreadable(job) and job.status in (Status.INTERRUPTED, Status.PLANNED)
    ]


def recheckable(folder: Path) -> list[JobState]:
    """Erasures of disks that hold, and were not looked at again after a power cycle."""
    return [job for job in state.list_jobs(folder) if not_rechecked(job)]


def not_rechecked(job: JobState) -> bool:
    """Whether a second look at this disk may still say something; an image has no power to lose."""
    block = job.spec is not None and job.spec.target.kind is TargetKind.BLOCK
    proven = bool({"sample_after", "verified"} & job.facts.keys())
    looked = bool({"sample_power_cycle", "read_power_cycle"} & job.facts.keys())
    cut = any(reason.code is Code.SECOND_LOOK_CUT for reason in job.reasons)
    return block and proven and not looked and (cut or job.claim in (Claim.PURGE, Claim.CLEAR))


def died_at_start(job: JobState) -> bool:
    """Whether its process is gone and never wrote a line."""
    return any(reason.code is Code.DID_NOT_BEGIN for reason in job.reasons)


def last_words(job: JobState) -> str:
    """What a process that died at its start left in its `log.txt`; "" of any other."""
    said = [r.values.get("said") for r in job.reasons if r.code is Code.DID_NOT_BEGIN]
    return str(said[0]) if said else ""


def wait_until_begun(
    jobs: list[Path], clock: Clock, *, every_s: float = 0.1, sleep: Callable[[float], None]
) -> list[JobState]:
    """The states of jobs just launched, once each has written its first line or can no longer."""
    started = clock.monotonic_s()
    while True:
        states = [state.read(job, clock.now()) for job in jobs]
        begun = all(job.alive or job.journal_hash or died_at_start(job) for job in states)
        if begun or clock.monotonic_s() - started >= start_limit_s(len(jobs)):
            return states
        sleep(every_s)


def start_limit_s(count: int) -> float:
    """How long a job just launched may say nothing, where `count` jobs begin or run in all."""
    return _START_S + _START_EACH_S * count


def standings(jobs: list[Path]) -> dict[str, str | None]:
    """The journal hash of each job now: what `watch` needs to see that one went on since."""
    return {job.name: state.read(job).journal_hash for job in jobs}


def watch(
    jobs: list[Path],
    clock: Clock,
    *,
    every_s: float = 0.2,
    sleep: Callable[[float], None],
    before: Mapping[str, str | None] | None = None,
    recheck: bool = False,
) -> Iterator[list[JobState]]:
    """The states of these jobs, again and again, until none of them runs any more.

    A job just launched has not locked itself yet: it is given some seconds to begin. `before`:
    `standings` from before the launch; what a resumed job said in earlier sessions is no answer.
    `recheck`: they had ended already; only a process that came and went is an answer.
    """
    started = clock.monotonic_s()
    seen_alive: set[str] = set()
    while True:
        states = [state.read(job, clock.now()) for job in jobs]
        yield states
        seen_alive |= {state.id for state in states if state.alive}
        waiting = clock.monotonic_s() - started < start_limit_s(len(jobs))
        begun = {state.id for state in states if state.journal_hash != (before or {}).get(state.id)}
        if all(_settled(state, seen_alive | begun, waiting, recheck) for state in states):
            return
        sleep(every_s)


def _settled(job: JobState, begun: set[str], waiting: bool, recheck: bool) -> bool:
    if (job.status is Status.DONE and not recheck) or unreadable(job) or died_at_start(job):
        return True
    return not job.alive and (job.id in begun or not waiting)


def attested(job: JobState) -> str:
    """What the attestation will say: the claim, or less where it binds to no disk.

    A disk erased and read back, but without a serial or WWN, has the claim of the bytes
    and "none" here (facts/erasure.md: no claim over an unknown serial).
    """
    from bench.casefile.writing import erasure_data
    from bench.records.dossier.erasures import claim_of

    return claim_of(erasure_data(job))


def unattested(job: JobState) -> bool:
    """Whether its disk was erased and read back, and bears no number to attest it by."""
    from bench.casefile.writing import erasure_data
    from bench.records.dossier import erasures

    return erasures.unattested(erasures.why_not_of(erasure_data(job)))


def exit_code(job: JobState) -> Exit:
    """What the outcome of a job means for the shell (docs/design.md)."""
    if job.claim in (Claim.PURGE, Claim.CLEAR):
        return Exit.FINDING if unattested(job) else Exit.DONE
    if job.claim is Claim.FAILED:
        return Exit.FINDING
    refused = job.status is Status.DONE and job.claim is Claim.NONE and not unreadable(job)
    turned_away = bool(job.reasons) and job.reasons[0].code in TURNED_AWAY
    return Exit.REFUSED if refused or turned_away else Exit.MACHINE


learn(Case)
