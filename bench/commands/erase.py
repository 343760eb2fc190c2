"""`etabli erase`: plan, confirm, start, follow; or resume what a power cut stopped."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

import msgspec

from bench.casefile.numbers import read_asset
from bench.erasing.candidates import Candidate, candidate, same_code
from bench.erasing.report import not_resumed, refused, unbegun
from bench.errors.failure import Exit, Failure
from bench.errors.sentence import complain, tell, tell_json
from bench.exchange.signers import recorded
from bench.opening.context import Context
from bench.words.catalogue import say
from bench.words.reasons import reason_text, step_text
from wipe.decide.plan import PASS_LISTS, Refusal, Wish
from wipe.model.spec import Method, Options, Verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    methods = ("auto", *(method.value for method in Method))
    add = parser.add_argument
    add("disks", nargs="*", metavar="DISQUE", help=say("erase.disk"))
    add("--confirm", action="append", default=[], metavar="CODE", help=say("erase.confirm_help"))
    add("--image", action="store_true", help=say("erase.image_help"))
    add("--resume", action="store_true", help=say("erase.resume_help"))
    add("--recheck", action="store_true", help=say("erase.recheck_help"))
    add("--plan-only", action="store_true", help=say("erase.plan_help"))
    add("--technique", choices=methods, default="auto", help=say("erase.technique_help"))
    add("--passes", choices=tuple(PASS_LISTS), help=say("erase.passes_help"))
    add("--verify", choices=("full", "sample"), default="full", help=say("erase.verify_help"))
    add("--suspend", action="store_true", help=say("erase.suspend_help"))
    add("--detach", action="store_true", help=say("erase.detach_help"))
    add("--asset", default="", metavar="CODE", help=say("erase.asset_help"))
    add("--operator", default="", metavar="CODE", help=say("erase.operator_help"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """The worst of the disks' exit codes. Every disk is checked before any is started."""
    if arguments.resume or arguments.recheck:
        context.record_jobs()  # how it stands before it goes on
    if arguments.resume:
        return _resume(arguments, context)
    if arguments.recheck:
        return _recheck(arguments, context)
    if not arguments.disks:
        raise Failure("disk_missing", Exit.USAGE)
    wish = Wish(
        technique=arguments.technique,
        passes=arguments.passes,
        verify=Verify(arguments.verify),
        thaw=arguments.suspend,
    )
    if arguments.plan_only:
        from bench.erasing.report import show_plans

        _must_match(arguments)
        found = _weigh(arguments, context, wish)
        ended = Exit(show_plans(found, as_json=arguments.json))
        return int(max(ended, _codes_told(found, arguments.confirm)))
    if len(arguments.confirm) != len(arguments.disks):
        if not arguments.confirm:
            _refuse_unconfirmed(arguments, context, wish)
        _must_match(arguments)
    found = _weigh(arguments, context, wish)
    if wish.thaw:
        found = _thaw_if_asked(found, arguments, context, wish)
    return _erase(found, arguments, context)


def _must_match(arguments: argparse.Namespace) -> None:
    """As many codes as disks, where there is any."""
    if arguments.confirm and len(arguments.confirm) != len(arguments.disks):
        counts = {"disks": len(arguments.disks), "codes": len(arguments.confirm)}
        raise Failure("confirm_count", Exit.USAGE, **counts)


def _codes_told(found: list[Candidate], codes: list[str]) -> Exit:
    """With a plan, a code that would not do is told too: it is where somebody would try it."""
    wrong = [
        problem
        for weighed, code in zip(found, codes, strict=False)
        if weighed.allowed and (problem := _problem(weighed, code)) is not None
    ]
    for problem in wrong:
        complain(problem)
    return Exit.REFUSED if wrong else Exit.DONE


def _thaw_if_asked(
    found: list[Candidate], arguments: argparse.Namespace, context: Context, wish: Wish
) -> list[Candidate]:
    """After one sleep for all, where a disk meant to be erased is frozen."""
    from bench.erasing.thaw import thaw_if_needed

    context.data.make()
    codes = arguments.confirm
    meant = [
        _problem(candidate, code) is None for candidate, code in zip(found, codes, strict=True)
    ]
    awake = msgspec.structs.replace(wish, thaw=False)  # what is frozen still will stay so
    again = partial(_weigh, arguments, context, awake)
    jobs = context.data.jobs
    return list(thaw_if_needed(found, meant, again, runner=context.runner(), jobs=jobs))


def _weigh(arguments: argparse.Namespace, context: Context, wish: Wish) -> list[Candidate]:
    """Each disk named, once. A disk named twice would be erased by two hands."""
    from bench.erasing.attached import patiently
    from diagnostics.probe import probe

    runner = context.runner()
    disks = () if arguments.image else patiently(runner, probe(runner).disks, arguments.disks)
    found = [
        candidate(
            runner,
            path,
            image=arguments.image,
            wish=wish,
            disks=disks,
            jobs=context.data.jobs,
        )
        for path in arguments.disks
    ]
    paths = [candidate.target.path for candidate in found]
    if len(set(paths)) != len(paths):
        raise Failure("disk_twice", Exit.USAGE)
    return found


def _refuse_unconfirmed(arguments: argparse.Namespace, context: Context, wish: Wish) -> None:
    """Without a code: a disk the guard refuses says so first; else ask for the code."""
    for weighed in _weigh(arguments, context, wish):
        if not weighed.allowed:
            raise _refusal(weighed)
    raise Failure("confirm_missing", Exit.USAGE, path=arguments.disks[0])


def _refusal(candidate: Candidate) -> Failure:
    reasons = " ".join(reason_text(reason) for reason in candidate.reasons)
    if isinstance(candidate.plan, Refusal):
        reasons = f"{reasons} {step_text(candidate.plan)}"
    return Failure("guard_refused", Exit.REFUSED, path=candidate.target.path, reasons=reasons)


def _erase(found: list[Candidate], arguments: argparse.Namespace, context: Context) -> int:
    from bench.erasing.jobs import launch

    worst = Exit.DONE
    made: list[tuple[Candidate, Path]] = []
    for weighed, code in zip(found, arguments.confirm, strict=True):
        problem = _problem(weighed, code)
        if problem is None:
            continue
        if not arguments.json or len(found) == 1:
            complain(problem)
        if arguments.json:
            tell_json(refused(weighed, problem))
        worst = Exit.REFUSED
    context.data.make()
    asset = read_asset(arguments.asset) if arguments.asset else ""
    if asset and recorded(context.data.database, asset, ()) != "asset":
        tell(say("erase.asset_new", asset=asset), error=True)
    for weighed, code in zip(found, arguments.confirm, strict=True):
        if _problem(weighed, code) is not None:
            continue
        try:
            made.append((weighed, _make(weighed, asset, arguments, context)))
        except Failure as failure:
            worst = max(worst, _not_begun(weighed, failure, arguments))
    context.record_jobs()  # before any starts: they are known even where their folders are lost
    jobs: list[Path] = []
    for weighed, job in made:
        try:
            launch(job, context.runner())
            jobs.append(job)
        except Failure as failure:
            # Those already started go on, and must be followed and recorded all the same.
            worst = max(worst, _not_begun(weighed, failure, arguments))
    return _follow(jobs, worst, arguments, context)


def _not_begun(candidate: Candidate, failure: Failure, arguments: argparse.Namespace) -> Exit:
    complain(failure)
    if arguments.json:
        tell_json(unbegun(candidate, failure))
    return failure.exit_code


def _make(
    candidate: Candidate, asset: str, arguments: argparse.Namespace, context: Context
) -> Path:
    """One job, made and not started. Raises `Failure`."""
    from bench.erasing.jobs import Case, create

    return create(
        context.data.jobs,
        candidate,
        clock=context.clock,
        random=context.random,
        case=Case(asset=asset, operator=arguments.operator),
        options=Options(suspend_if_frozen=arguments.suspend),
    )


def _problem(candidate: Candidate, code: str) -> Failure | None:
    if not candidate.allowed:
        return _refusal(candidate)
    if not same_code(code, candidate.confirm):
        return Failure("confirm_wrong", Exit.REFUSED, given=code, path=candidate.target.path)
    return None


def _resume(arguments: argparse.Namespace, context: Context) -> int:
    from bench.erasing.jobs import find, interrupted, resume, standings
    from wipe.journal.overtaken import overtaken
    from wipe.journal.state import list_jobs

    folder = context.data.jobs
    known = list_jobs(folder)
    later = overtaken(known)
    if arguments.disks:
        jobs = find(folder, arguments.disks)
    else:
        jobs = [folder / job.id for job in interrupted(known) if job.id not in later]
    if not jobs:
        raise Failure("nothing_to_resume", Exit.DONE)
    if not arguments.json:
        tell(say("erase.resuming", count=len(jobs)), flush=True)
    before, worst, begun = standings(jobs), Exit.DONE, []
    for job in jobs:
        try:
            resume(job, context.runner(), later.get(job.name))
            begun.append(job)
        except Failure as failure:  # the others go on
            complain(failure)
            worst = max(worst, failure.exit_code)
            if arguments.json:
                tell_json(not_resumed(job, failure))
    return _follow(begun, worst, arguments, context, before)


def _recheck(arguments: argparse.Namespace, context: Context) -> int:
    """A second look at the disks that were without power since they were erased."""
    from bench.erasing.jobs import find, launch, recheckable, standings
    from wipe.job.recheck import cycle_seen

    jobs = [context.data.jobs / job.id for job in recheckable(context.data.jobs)]
    if arguments.disks:
        jobs = [job for job in find(context.data.jobs, arguments.disks) if job in jobs]
    if not jobs:
        raise Failure("nothing_to_recheck", Exit.DONE)
    runner = context.runner()
    ready = [job for job in jobs if cycle_seen(runner, job)]
    before = standings(ready)
    for job in ready:
        launch(job, runner, recheck=True)
    code = _follow(ready, Exit.DONE, arguments, context, before, recheck=True)
    unread = [job for job in jobs if job not in ready]
    if not arguments.detach:
        # What was turned away at its start (mounted, busy) read nothing: its old claim is no answer
        now = standings(ready)
        unread += [job for job in ready if now[job.name] == before[job.name]]
    for job in unread:
        complain(Failure("not_rechecked", Exit.REFUSED, job=job.name))
    return max(code, int(Exit.REFUSED)) if unread else code


def _left_alone(jobs: list[Path], arguments: argparse.Namespace, context: Context) -> int:
    """Nobody waits for their end; that they began is looked at. The worst code."""
    from bench.erasing.jobs import died_at_start, last_words, wait_until_begun

    states = wait_until_begun(jobs, context.clock, sleep=time.sleep)
    dead = [state for state in states if died_at_start(state)]
    for state in dead:
        complain(Failure("job_died", Exit.MACHINE, job=state.id, why=last_words(state)))
    if arguments.json:
        for job in jobs:
            tell_json({"job": job.name})
    elif len(dead) < len(jobs):
        tell(say("erase.detached"))
    return int(Exit.MACHINE if dead else Exit.DONE)


def _follow(
    jobs: list[Path],
    worst: Exit,
    arguments: argparse.Namespace,
    context: Context,
    before: dict[str, str | None] | None = None,
    *,
    recheck: bool = False,
) -> int:
    """Show them until they end, record how they ended, give the worst code."""
    from bench.casefile.health import change_text
    from bench.erasing.jobs import exit_code, watch
    from bench.erasing.live import Lines, live
    from bench.erasing.report import name, plain

    if not jobs:
        return int(worst)
    if arguments.detach:
        return max(int(worst), _left_alone(jobs, arguments, context))
    states = []
    try:
        with live() if not arguments.json else Lines(None) as board:
            every = watch(jobs, context.clock, sleep=time.sleep, before=before, recheck=recheck)
            for states in every:
                board.show(states)
    except KeyboardInterrupt:
        tell(say("erase.detached"), error=True)
        return 130
    context.record_jobs()
    for state in states:
        worst = max(worst, exit_code(state))
        if arguments.json:
            tell_json(plain(state))
        elif health := change_text(state):
            tell(f"{name(state)} : {health}")
    return int(worst)
