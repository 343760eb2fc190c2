"""Runs one job from wherever it stands to its claim. The journal is the only outcome."""

from __future__ import annotations

import datetime
import errno
import os
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec

from diagnostics.command import Runner
from wipe.decide.claim import Decision
from wipe.job import recheck
from wipe.job.start import Ready, make_ready, not_alone
from wipe.job.work import Work
from wipe.journal import progress
from wipe.journal.journal import Journal, NoSpace, parse
from wipe.journal.overtaken import overtaken_by
from wipe.journal.progress import Board
from wipe.journal.standing import Standing, same_spec, stand
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import JOURNAL_FILE, Claim, JobSpec, Method, TargetKind, read_spec, spec_sha256
from wipe.seen.asleep import seconds_asleep
from wipe.seen.presence import Presence, Thermometer, pause_at_c
from wipe.seen.smart import read_smart
from wipe.seen.system import running_system
from wipe.seen.unbroken import Marks, kept, power_cycles
from wipe.surface.context import WipeContext


class Surroundings(msgspec.Struct):
    """What a job is given: machine, clock, chance, and the wish to stop."""

    runner: Runner
    now: Callable[[], datetime.datetime]
    monotonic: Callable[[], float]
    random: Callable[[int], bytes]
    stop: threading.Event
    asleep: Callable[[], float] = seconds_asleep


class Exit:
    """Exit codes of `python -m wipe`: docs/design.md."""

    DONE = 0
    FINDING = 1
    USAGE = 2
    REFUSED = 3
    TROUBLE = 4


def run(job: Path, around: Surroundings, *, check_again: bool = False) -> int:
    """Run or resume a job folder; gives the exit code. Every failure ends in the journal.

    `check_again`: only look at a finished job once more, after a power cycle (`recheck.py`).
    """
    spec = read_spec(job)
    if spec is None or not spec.plan:
        return Exit.USAGE
    try:
        journal = Journal(job, around.now)
    except BlockingIOError:
        return Exit.REFUSED  # another process runs this very job
    except OSError:
        return Exit.TROUBLE
    try:
        steps = _check_again if check_again else _run_journalled
        return steps(job, spec, journal, around)
    except NoSpace:
        return _last_words(journal, because(Code.NO_SPACE))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _last_words(journal, because(Code.NO_SPACE))
        return _last_words(journal, because(Code.JOURNAL_FAILED, error=str(error.errno)))
    except Exception as error:  # noqa: BLE001 (a value a person sees; the rest in log.txt)
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"[:200]
        return _last_words(journal, because(Code.UNEXPECTED, error=told))
    finally:
        journal.close()


def _last_words(journal: Journal, reason: Reason) -> int:
    """Say why the job stops; the first line that finds no space gives the reserve back."""
    for _ in range(2):
        try:
            journal.append("stopped", reason=reason)
        except NoSpace:
            continue
        except OSError:
            pass
        break  # even without a line the job reads as interrupted, which is true
    return Exit.TROUBLE


def _run_journalled(job: Path, spec: JobSpec, journal: Journal, around: Surroundings) -> int:
    if journal.history.damaged:
        return Exit.TROUBLE  # nothing may be appended behind damage; the state says so
    before = stand(journal.history)
    if before.end is not None:
        return _exit_code(before.end.get("claim"))
    if not same_spec(before, spec_sha256(job)):
        return _refuse(journal, before, because(Code.SPEC_CHANGED))
    if (later := overtaken_by(job, spec, before)) is not None:
        return _refuse(journal, before, because(Code.OVERTAKEN, later=later))
    if not journal.reserve():
        return _last_words(journal, because(Code.NO_SPACE))
    ready = make_ready(around.runner, job.parent, spec.target, before)
    if isinstance(ready, Reason):
        return _refuse(journal, before, ready)
    board = Board(job)
    shown = progress.read(job)
    try:
        marks = _marks(spec, before, ready, around)
        context = _begin(spec, journal, board, (ready, marks), around)
        for kind in ("unwritten", "unreadable", "mismatch"):
            context.troubles[kind] = list(getattr(before, kind))
        technique = spec.plan[before.technique]
        context.note("technique", technique=before.technique, name=technique.name)
        work = Work(
            context=context,
            spec=spec,
            target=ready.target,
            runner=around.runner,
            jobs=job.parent,
            shown=shown,
            nothing_lost=ready.same_attachment and kept(before.marks, marks),
            marks=marks,
            look=lambda: stand(parse((job / JOURNAL_FILE).read_bytes())),
        )
        context.flush_failed = work.look().flush_failed  # as this session's beginning leaves it
        return _finish(spec, context, work)
    finally:
        board.close()


def _check_again(job: Path, spec: JobSpec, journal: Journal, around: Surroundings) -> int:
    """A second look after a power cycle; 2 where there is nothing to check or no cycle was seen."""
    before = stand(journal.history)
    what = recheck.subject(spec, before)
    if journal.history.damaged or what is None or not same_spec(before, spec_sha256(job)):
        return Exit.USAGE
    ready = make_ready(around.runner, job.parent, spec.target, before)
    if isinstance(ready, Reason):
        return Exit.REFUSED
    cycles = read_smart(around.runner, ready.target.path).get("power_cycles")
    if not recheck.power_cycled(before, ready.boot_id, cycles):
        ready.handle.close()
        return Exit.USAGE
    board = Board(job)
    try:
        marks = _marks(spec, before, ready, around)
        context = _begin(spec, journal, board, (ready, marks), around)
        context.note("recheck")  # until it ends this says that it was begun
        reason = recheck.again(context, what, before)
        ready.handle.close()
        if reason is not None:
            return Exit.TROUBLE  # the last line stands as it was
        standing = stand(parse((job / JOURNAL_FILE).read_bytes()))
        return _end(spec, context, standing, recheck.judge(spec, standing))
    finally:
        board.close()


def _refuse(journal: Journal, before: Standing, reason: Reason) -> int:
    """A job that never began ends here; one that did waits to be resumed."""
    if before.touched:
        journal.append("stopped", reason=reason)
    else:
        claim = Claim.NONE
        journal.append("end", claim=claim, reasons=[reason], journal=journal.chain)
    return Exit.REFUSED


def _marks(spec: JobSpec, before: Standing, ready: Ready, around: Surroundings) -> Marks:
    """This moment. A drive that may be erasing itself is not asked for its count."""
    overwrites = spec.plan[before.technique].method is Method.OVERWRITE
    asked = before.touched and overwrites
    return Marks(
        boot_id=ready.boot_id,
        diskseq=ready.node.diskseq if ready.node else None,
        image=ready.target.kind is TargetKind.IMAGE,
        asleep_s=around.asleep(),
        power_cycles=power_cycles(around.runner, ready.target) if asked else None,
    )


def _begin(
    spec: JobSpec,
    journal: Journal,
    board: Board,
    here: tuple[Ready, Marks],
    around: Surroundings,
) -> WipeContext:
    ready, marks = here
    session = around.random(8).hex()
    thermometer = Thermometer(around.runner, ready.target, spec.options.temperature_every_s)
    falls = ready.target.rotational is True
    context = WipeContext(
        journal=journal,
        board=board,
        session=session,
        options=spec.options,
        handle=ready.handle,
        falls=falls,
        temperature=thermometer.latest,
        hold=thermometer.hold,
        hot_c=pause_at_c(ready.target, spec.options.pause_temperature_c),
        gone=Presence(around.runner, ready.target, marks.diskseq).gone,
        stop=around.stop,
        random=around.random,
        monotonic=around.monotonic,
        started=around.monotonic(),
        asleep=around.asleep,
    )
    context.note(
        "begin",
        session=session,
        **msgspec.to_builtins(marks),
        size_bytes=ready.handle.size_bytes,
        spec_sha256=spec_sha256(journal.job),
        bound_to=spec.bound_to,
        path=ready.target.path,
        pid=os.getpid(),
        tool_version=spec.tool_version,
        system=running_system(around.runner),
    )
    context.note(
        "open",
        direct=ready.handle.direct,
        sector_bytes=ready.handle.sector_bytes,
        others_seen=ready.others_seen,
    )
    if ready.node is not None:
        context.note("identity", **msgspec.to_builtins(ready.node))
    return context


def _finish(spec: JobSpec, context: WipeContext, work: Work) -> int:
    """Carry the plan out, judge what the journal then holds, say it in the last line."""
    decision, standing = work.run()
    if decision.claim in (Claim.PURGE, Claim.CLEAR):
        disturbed = not_alone(work.runner, work.target)
        if disturbed is not None:
            decision = Decision(Claim.FAILED, (disturbed, *decision.reasons))
    context.handle.close()
    if decision.claim is Claim.INTERRUPTED:
        reason = decision.reasons[0]
        context.note("stopped", reason=msgspec.to_builtins(reason))
        return Exit.DONE if reason.code is Code.STOPPED else Exit.TROUBLE
    return _end(spec, context, standing, decision)


def _end(spec: JobSpec, context: WipeContext, standing: Standing, decision: Decision) -> int:
    """The last line: it carries the claim and the hash of everything before it."""
    context.note(
        "end",
        claim=decision.claim,
        reasons=[msgspec.to_builtins(reason) for reason in decision.reasons],
        technique=spec.plan[standing.technique].name,
        bad_sectors=context.bad_sectors(),
        total_elapsed_s=round(standing.elapsed_s, 3),
        journal=context.journal.chain,
    )
    return _exit_code(decision.claim)


def _exit_code(claim: object) -> int:
    return {"purge": Exit.DONE, "clear": Exit.DONE, "none": Exit.REFUSED}.get(
        str(claim), Exit.FINDING
    )
