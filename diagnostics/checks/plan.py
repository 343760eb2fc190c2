"""Which checks this machine gets, in order; and what a person's answer makes of one. Pure."""

from __future__ import annotations

from diagnostics.checks.catalogue import ASK, checks, sight_question
from diagnostics.checks.model import (
    Capabilities,
    Check,
    CheckOutcome,
    CheckQuestion,
    CheckReason,
    CheckResult,
    Mode,
    Planned,
    QuestionKind,
    Who,
)
from diagnostics.model import Machine

UNKNOWN_KIND = "unknown"
# A pixel count above this is grade D in every network's table we know (facts, section 4).
MOST_PIXELS = 5
MOST_COUNT = 999
MOST_SOCKETS = 64  # more USB sockets than this is a slip of the keyboard


def plan(machine: Machine, capabilities: Capabilities) -> tuple[Planned, ...]:
    """The checks that apply to this kind of machine, in the order of the catalogue.

    A kind we do not know (or do not list) gets the longest list. A part that is not
    shown is settled by the catalogue's `absent` rule; not knowing whether it is shown
    settles nothing.
    """
    kind = kind_of(machine)
    return tuple(_planned(check, kind, capabilities) for check in checks() if kind in check.kinds)


def kind_of(machine: Machine) -> str:
    """The kind of the catalogue that this machine is taken for."""
    kind = machine.identity.kind or UNKNOWN_KIND
    listed = {name for check in checks() for name in check.kinds}
    kind = "desktop" if kind == "vm" else kind
    return kind if kind in listed else UNKNOWN_KIND


def _planned(check: Check, kind: str, capabilities: Capabilities) -> Planned:
    if capabilities.present.get(check.id) is not False:
        return Planned(check)
    rule = check.absent.get(kind, check.absent.get("other", CheckOutcome.NOT_TESTED.value))
    if rule == ASK:
        return Planned(check, None, sight_question(check.id))
    outcome = CheckOutcome(rule)
    reason = CheckReason.ABSENT if outcome is CheckOutcome.NOT_PRESENT else CheckReason.NOT_SEEN
    return Planned(check, CheckResult(check.id, outcome, reason))


def automatic(planned: tuple[Planned, ...]) -> tuple[Planned, ...]:
    """The checks that need nobody and are still to be done."""
    return tuple(
        check
        for check in planned
        if check.check.who is Who.AUTOMATIC and check.settled is None and check.question is None
    )


def needs_answer(check: Check, seen: CheckResult | None) -> CheckQuestion | None:
    """The question left open after the driver gave `seen`, or `None`."""
    if check.question is None or check.question.kind is QuestionKind.KEYS:
        return None
    if seen is None:
        return check.question if check.mode in (Mode.ASK, Mode.COLOURS) else None
    return check.question if seen.outcome in check.ask_when else None


def count_question(check: Check) -> CheckQuestion | None:
    """The whole number a person is asked for in this check, or `None`."""
    asked = check.question
    return asked if asked is not None and asked.kind is QuestionKind.COUNT else None


def most_counted(check_id: str) -> int:
    """The largest number that is an answer and not a slip of the keyboard."""
    return MOST_SOCKETS if check_id == "usb" else MOST_COUNT


def judge_answer(
    check_id: str, question: CheckQuestion, choice: str | int, seen: CheckResult | None = None
) -> CheckResult:
    """What a person's answer makes of a check. Never raises; nonsense leaves it *not tested*.

    `choice` is one of `question.choices`, or a number where a count is asked. What the
    driver measured before (`seen`) stays as evidence.
    """
    before = dict(seen.evidence) if seen is not None else {}
    if question.kind is QuestionKind.COUNT:
        return _counted(check_id, _whole(choice, most_counted(check_id)), before)
    outcome = question.outcomes.get(str(choice))
    if outcome is None:
        return CheckResult(check_id, CheckOutcome.NOT_TESTED, _why_open(seen), before)
    if check_id == "usb" and outcome is CheckOutcome.PASSED and not before.get("ports"):
        return judge_sockets(None, None, before)  # nobody plugged anything: no proof
    if check_id == "screen" and outcome is CheckOutcome.PASSED:
        before["dead_pixels"] = 0
    return CheckResult(check_id, outcome, CheckReason.ANSWERED, {**before, "answer": str(choice)})


def _why_open(seen: CheckResult | None) -> CheckReason:
    """Why a check stays *not tested* where a person could not tell: what was measured."""
    measured = seen is not None and seen.outcome is CheckOutcome.NOT_TESTED
    if seen is None or not measured or seen.reason is CheckReason.OK:
        return CheckReason.STOPPED
    return seen.reason


def leave_out(check_id: str, seen: CheckResult | None = None) -> CheckResult:
    """What a check is that a person left out: *not tested*, and no fault of the machine.

    What the driver found until then stays as evidence; an outcome that claims nothing stands.
    """
    if seen is None:
        return CheckResult(check_id, CheckOutcome.NOT_TESTED, CheckReason.SKIPPED)
    if seen.outcome not in (CheckOutcome.FAILED, CheckOutcome.PASSED):
        return seen
    found: dict[str, int | str] = {**seen.evidence, "until_then": seen.reason.value}
    return CheckResult(check_id, CheckOutcome.NOT_TESTED, CheckReason.SKIPPED, found)


def lacking(check_id: str, seen: CheckResult | None = None) -> CheckResult:
    """What a check is whose part a person looked for and did not find on the machine."""
    before = dict(seen.evidence) if seen is not None else {}
    evidence: dict[str, int | str] = {**before, "answer": "absent"}
    return CheckResult(check_id, CheckOutcome.NOT_PRESENT, CheckReason.ANSWERED, evidence)


def may_lack(check: Check, kind: str) -> bool:
    """Whether machines of this kind are built without that part too: `absent` in the catalogue."""
    rule = check.absent.get(kind, check.absent.get("other", ""))
    return rule in (ASK, CheckOutcome.NOT_PRESENT.value)


def _whole(choice: str | int, most: int) -> int | None:
    if isinstance(choice, bool):
        return None
    if isinstance(choice, int):
        return choice if 0 <= choice <= most else None
    text = choice.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else most + 1
    return number if number <= most else None


def _counted(check_id: str, count: int | None, before: dict[str, int | str]) -> CheckResult:
    if check_id == "screen":
        return judge_pixels(count)
    if check_id == "usb":
        worked = before.get("ports")
        return judge_sockets(worked if isinstance(worked, int) else None, count, before)
    return CheckResult(check_id, CheckOutcome.NOT_TESTED, CheckReason.STOPPED, before)


def judge_pixels(count: int | None) -> CheckResult:
    """The screen, from the dead pixels the worker counted on the plain colours."""
    if count is None or count < 0:
        return CheckResult("screen", CheckOutcome.NOT_TESTED, CheckReason.STOPPED)
    evidence: dict[str, int | str] = {"dead_pixels": count}
    if count > MOST_PIXELS:
        return CheckResult("screen", CheckOutcome.FAILED, CheckReason.PIXELS, evidence)
    return CheckResult("screen", CheckOutcome.PASSED, CheckReason.OK, evidence)


def judge_sockets(
    worked: int | None, sockets: int | None, evidence: dict[str, int | str] | None = None
) -> CheckResult:
    """USB sockets: those where something was plugged and seen, against those there are."""
    kept = dict(evidence or {})
    if not worked:
        return CheckResult("usb", CheckOutcome.NOT_TESTED, CheckReason.NO_PLUG, kept)
    if sockets is None or not 0 < sockets <= MOST_SOCKETS:
        return CheckResult("usb", CheckOutcome.NOT_TESTED, CheckReason.PORTS_UNCOUNTED, kept)
    kept |= {"ports": worked, "sockets": sockets}
    if worked < sockets:
        return CheckResult("usb", CheckOutcome.FAILED, CheckReason.PORTS_MISSING, kept)
    return CheckResult("usb", CheckOutcome.PASSED, CheckReason.OK, kept)
