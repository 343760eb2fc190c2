"""What all methods share in which the drive erases itself.

A command is journalled before it is sent, then accepted, seen in progress, seen
successful: each a line of its own, and only these lines are evidence. The exit
code of a tool is kept but never believed (idle ATA drives report success when
nothing ran). The drive goes on when we are killed or the power fails, so a
resumed job asks for the state first and does not start again what still runs, nor
what was seen running and has ended well meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from diagnostics.command import Completed, Runner
from wipe.model.codes import Code, Phase, Reason, because
from wipe.surface.context import WipeContext

_FIRST_POLL_S, _LONGEST_POLL_S = 0.1, 5.0
ANSWER_LIMIT_S = 60.0  # a status command that takes longer is a hung drive


class Started(msgspec.Struct, frozen=True):
    """Whether the drive took the command. `detail` is the end of what the tool said."""

    accepted: bool
    detail: str = ""
    finished: bool = False  # a command that only answers when it is done
    all_namespaces: bool | None = None


class Poll(msgspec.Struct, frozen=True):
    """What the drive says of itself. `success` means: of the last operation."""

    known: bool = False
    running: bool = False
    percent: int | None = None
    success: bool = False
    failed: bool = False
    attested: bool = False  # NVMe PRGD: the drive says itself that it purged (IEEE 2883)


class Eraser(Protocol):
    """One technique on one drive. `start` may block for as long as the erasure takes."""

    limit_s: float
    remembers: bool  # "success" is a word about an operation, kept over a power cut

    def prepare(self, context: WipeContext) -> Reason | None:
        """Anything to do or journal before the command."""

    def start(self) -> Started:
        """Send the command."""

    def poll(self) -> Poll:
        """Ask how far it is."""

    def leave_failure(self) -> None:
        """Bring the drive out of a failed state, so that it can be tried otherwise."""


def erase(
    context: WipeContext, eraser: Eraser, known: Mapping[str, dict[str, Any]]
) -> Reason | None:
    """Run one technique to its end as the drive tells it. A reason only when stopped.

    `known`: the journal's newest lines of this technique by kind; none when it was not begun.
    Refusals and failures are lines in the journal; `claim.py` judges them. Nothing else is sent
    to the drive meanwhile. Raises `NoSpace` or `OSError` of the journal.
    """
    context.hold(True)
    try:
        return _erase(context, eraser, known)
    finally:
        context.hold(False)


def _erase(
    context: WipeContext, eraser: Eraser, known: Mapping[str, dict[str, Any]]
) -> Reason | None:
    if "command" in known and _goes_on(context, eraser, known):
        return _watch(context, eraser, finished=False)
    reason = eraser.prepare(context)
    if reason is not None:
        return reason
    context.note("command", limit_s=eraser.limit_s)
    started = _start(context, eraser)
    if isinstance(started, Reason):
        return started
    context.note("accepted", **msgspec.to_builtins(started))
    if not started.accepted:
        eraser.leave_failure()
        return None
    return _watch(context, eraser, finished=started.finished, started=started)


def _goes_on(context: WipeContext, eraser: Eraser, known: Mapping[str, dict[str, Any]]) -> bool:
    """Whether what we sent before a cut still runs, or was seen running and has ended well.

    A command whose answer was cut off was taken where the drive, known to be idle before it,
    runs now. Success alone proves nothing: it may be of an operation before ours.
    """
    now = _state_after_cut(context, eraser)
    accepted = known.get("accepted", {}).get("accepted")
    idle = known.get("state_before", {}).get("idle")
    if now.running and accepted is None and idle is True:
        context.note("accepted", accepted=True, detail="seen running after a cut")
    ended = now.success and eraser.remembers and accepted is True and "in_progress" in known
    return now.running or ended


def _state_after_cut(context: WipeContext, eraser: Eraser) -> Poll:
    """Ask until it answers: a drive just powered may not yet say that it still erases itself.

    To take silence for idleness would send the next technique at a drive that obeys nothing.
    """
    since, pause = context.monotonic(), _FIRST_POLL_S
    seen = eraser.poll()
    while not seen.known and context.monotonic() - since < ANSWER_LIMIT_S:
        context.show(Phase.FIRMWARE)
        if context.stop.wait(pause) or context.gone():
            break
        pause = min(pause * 1.5, _LONGEST_POLL_S)
        seen = eraser.poll()
    return seen


def _start(context: WipeContext, eraser: Eraser) -> Started | Reason:
    """In a thread: SECURITY ERASE UNIT answers only when all is erased, hours later."""
    answer: list[Started] = []
    thread = threading.Thread(target=lambda: answer.append(eraser.start()), daemon=True)
    thread.start()
    since = context.monotonic()
    while thread.is_alive():
        thread.join(0.25)
        spent = context.monotonic() - since
        # By the drive's own estimate, and never at its end: only the drive can say that.
        percent = min(int(spent * 100 / eraser.limit_s * 2), 99)
        left = max(int(eraser.limit_s / 2 - spent), 0)
        context.show(Phase.FIRMWARE, percent=percent, left_s=left or None)
        if spent > eraser.limit_s + ANSWER_LIMIT_S:
            return because(Code.STUCK, seconds=int(spent))
    return answer[0] if answer else because(Code.STUCK, seconds=0)


def _watch(
    context: WipeContext, eraser: Eraser, *, finished: bool, started: Started | None = None
) -> Reason | None:
    """Poll until the drive says success or failure, or the limit is reached."""
    since, pause, last = context.monotonic(), _FIRST_POLL_S, -1
    silent_since: float | None = None
    while True:
        seen = eraser.poll()
        now = context.monotonic()
        if seen.running and (last < 0 or (seen.percent or 0) >= last + 5):
            context.note("in_progress", percent=seen.percent)
            last = seen.percent or 0
        context.show(Phase.FIRMWARE, percent=seen.percent, left_s=_left(seen, now - since))
        if seen.failed:
            context.note("drive_failed")
            eraser.leave_failure()
            return None
        if seen.known and not seen.running:
            every = None if started is None else started.all_namespaces
            context.note(
                "success",
                success=seen.success or finished,
                all_namespaces=every,
                attested=seen.success and seen.attested,
            )
            return None
        silent_since = None if seen.known else (silent_since or now)
        if silent_since is not None and now - silent_since > 2 * ANSWER_LIMIT_S:
            return because(Code.DISK_GONE if context.gone() else Code.STUCK, seconds=120)
        if now - since > eraser.limit_s:
            return because(Code.STUCK, seconds=int(now - since))
        if context.stop.wait(pause):
            return because(Code.STOPPED)
        pause = min(pause * 1.5, _LONGEST_POLL_S)


def _left(seen: Poll, spent: float) -> int | None:
    """From the drive's own percentage; it is the only measure there is."""
    if not seen.percent or seen.percent < 2:
        return None
    return int(spent / seen.percent * (100 - seen.percent))


def note_state(context: WipeContext, before: Poll) -> None:
    """What the drive says before the command: an old "completed" must not pass for a new one."""
    idle = before.known and not before.running
    context.note("state_before", success=before.success, known=before.known, idle=idle)


def tail(done: Completed) -> str:
    """The end of what a tool said, for the journal."""
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace").strip()
    problem = f" [{done.problem.value}]" if done.problem else ""
    return f"exit {done.exit_code}{problem}: {said[-400:]}"


def sender(runner: Runner) -> Callable[..., Completed]:
    """`runner.run` with the limit of a short command."""

    def run(*words: str, limit_s: float = ANSWER_LIMIT_S) -> Completed:
        return runner.run(words, timeout_s=limit_s)

    return run
