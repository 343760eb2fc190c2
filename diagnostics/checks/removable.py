"""Optical drive and card reader: a disc or card is put in, noticed, and can be read.

Reading is all that is done: nothing is written to what the worker puts in.
"""

from __future__ import annotations

import re

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested
from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult, Progress
from diagnostics.command import Completed, Problem, Runner
from diagnostics.sources.coerce import integer

BLOCK = "/sys/block"
STEP_S = 1.0
READ_MIB = 4
ASKED: tuple[Command, ...] = (("dd", Word.FROM_DISK, "of=/dev/null", "bs=1M", f"count={READ_MIB}"),)
_COPIED = re.compile(r"^(\d{1,12}) bytes", re.MULTILINE)


class Reading(msgspec.Struct, frozen=True):
    """What reading from a drive gave. `medium` None = nobody can tell."""

    medium: bool | None
    read_bytes: int = 0
    error: str = ""
    denied: bool = False


def optical_drives(runner: Runner) -> tuple[str, ...] | None:
    """Optical drives by kernel name."""
    names = runner.names(BLOCK)
    return None if names is None else tuple(n for n in names if re.fullmatch(r"sr\d{1,3}", n))


def cards(runner: Runner) -> frozenset[str]:
    """Cards in a reader now: SD cards of a built-in reader, media of a USB reader."""
    found = set()
    for name in runner.names(BLOCK) or ():
        base = f"{BLOCK}/{name}"
        if re.fullmatch(r"mmcblk\d{1,3}", name):
            # eMMC is soldered: its type is "MMC"
            if runner.read(f"{base}/device/type").text == "SD":
                found.add(name)
        elif re.fullmatch(r"sd[a-z]{1,3}", name) and _usb_reader(runner, base):
            sectors = integer(runner.read(f"{base}/size").text, 0)
            found |= {name} if sectors else set()  # an empty slot has size 0
    return frozenset(found)


def _usb_reader(runner: Runner, base: str) -> bool:
    """Removable medium, and a maker or model that says reader: a stick is none."""
    if runner.read(f"{base}/removable").text != "1":
        return False
    words = " ".join(runner.read(f"{base}/device/{n}").text or "" for n in ("vendor", "model"))
    return re.search(r"card|reader|multi|\bSD\b|SDXC|SDHC", words, re.IGNORECASE) is not None


def try_read(runner: Runner, name: str) -> Reading:
    """Read the first mebibytes."""
    argv = ["dd", f"if=/dev/{name}", "of=/dev/null", "bs=1M", f"count={READ_MIB}"]
    return parse(runner.run(argv, timeout_s=40))  # a drive spins up for 15 s and more


def parse(done: Completed) -> Reading:
    """What dd's last words say."""
    text = done.stderr.decode("utf-8", "replace")
    copied = _COPIED.search(text)
    count = int(copied[1]) if copied else 0
    if done.problem is not None:
        return Reading(None, count, done.problem.value, done.problem is Problem.DENIED)
    if done.exit_code == 0:
        return Reading(count > 0, count)
    if "No medium" in text:
        return Reading(False)
    if "ermission denied" in text:
        return Reading(None, 0, "denied", True)
    return Reading(True, count, text.strip().splitlines()[0][:120] if text.strip() else "error")


def judge(check_id: str, reading: Reading | None, empty: CheckReason) -> CheckResult:
    """`reading` is the best there was; `None` or no medium: nobody put anything in."""
    if reading is None or reading.medium is False:
        return untested(check_id, empty)
    if reading.denied:
        return untestable(check_id, CheckReason.DENIED)
    evidence: dict[str, int | str] = {"read_bytes": reading.read_bytes}
    if reading.error:
        evidence["error"] = reading.error
    if reading.medium is None:
        return untestable(check_id, CheckReason.UNREADABLE, evidence)
    if reading.error or reading.read_bytes <= 0:
        return failed(check_id, CheckReason.READ_ERROR, evidence)
    return passed(check_id, evidence)


def run_optical(context: CheckContext) -> CheckResult:
    """Try until a disc can be read, or the worker stops."""
    if not context.live:
        return untestable("optical", CheckReason.UNRECORDED)
    drives = optical_drives(context.runner)
    if not drives:
        return untestable("optical", CheckReason.UNREADABLE)
    best: Reading | None = None
    while True:
        for name in drives:
            reading = try_read(context.runner, name)
            if best is None or _rank(reading) > _rank(best):
                best = reading
        done = judge("optical", best, CheckReason.NO_DISC)
        context.report(Progress("optical", int(best is not None and bool(best.medium)), 1))
        over = done.outcome in (CheckOutcome.PASSED, CheckOutcome.NOT_TESTABLE_HERE)
        if over or context.wait(STEP_S):
            return done


def _rank(reading: Reading) -> tuple[bool, bool, int]:
    return reading.medium is True, not reading.error, reading.read_bytes


def run_card_reader(context: CheckContext) -> CheckResult:
    """Wait for a card, then read it. A card left in since the start is read as well."""
    if not context.live:
        return untestable("card_reader", CheckReason.UNRECORDED)
    while True:
        found = sorted(cards(context.runner))
        context.report(Progress("card_reader", len(found), 1))
        if found:
            return judge("card_reader", try_read(context.runner, found[0]), CheckReason.NO_CARD)
        if context.wait(STEP_S):
            return judge("card_reader", None, CheckReason.NO_CARD)
