"""The hardware clock: it runs, and it did not fall back to its birthday.

A dead coin cell shows only after the machine was without mains: donated machines
arrive unplugged, so the first start at the bench is the right moment to look.
The reference is the day the running kernel was built, and the day the image was made:
no network is asked.
"""

from __future__ import annotations

import datetime
import re

from diagnostics.checks.context import CheckContext, failed, passed, untestable
from diagnostics.checks.model import CheckReason, CheckResult
from diagnostics.sources.coerce import integer

ID = "clock"
PATH = "/sys/class/rtc/rtc0/since_epoch"
MOST_YEARS_AHEAD = 10  # an image may be old; a clock in 2099 was set by a dead cell
TICK_S = 2.0
_DEBIAN = re.compile(r"\((\d{4}-\d{2}-\d{2})\)\s*$")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_CTIME = re.compile(r"\b([A-Z][a-z]{2}) +(\d{1,2}) [\d:]{8} (?:[A-Z]{2,5} )?(\d{4})\s*$")


def kernel_date(version: str) -> datetime.date | None:
    """The build date at the end of `/proc/version` (Debian's, or the kernel's own form)."""
    try:
        if found := _DEBIAN.search(version):
            return datetime.date.fromisoformat(found[1])
        if (found := _CTIME.search(version)) and found[1] in _MONTHS:
            return datetime.date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))
    except ValueError:
        pass
    return None


def judge(
    first_s: int | None, second_s: int | None, reference: datetime.date | None
) -> CheckResult:
    """Seconds since 1970 of the hardware clock, twice `TICK_S` apart, against `reference`."""
    if first_s is None or second_s is None:
        return untestable(ID, CheckReason.UNREADABLE)
    if reference is None:
        return untestable(ID, CheckReason.NO_REFERENCE)
    built_s = (reference - datetime.date(1970, 1, 1)).days * 86400
    evidence: dict[str, int | str] = {
        "clock_s": first_s,
        "reference": reference.isoformat(),
        "ticked_s": second_s - first_s,
    }
    if first_s < built_s - 86400:  # the clock may run on local time
        return failed(ID, CheckReason.CLOCK_RESET, evidence)
    if first_s > built_s + MOST_YEARS_AHEAD * 366 * 86400:
        return failed(ID, CheckReason.CLOCK_AHEAD, evidence)
    if not 1 <= second_s - first_s <= 5:
        return failed(ID, CheckReason.CLOCK_STOPPED, evidence)
    return passed(ID, evidence)


def run(context: CheckContext) -> CheckResult:
    """Read the clock twice. A recorded clock cannot tick: not testable on a replay."""
    version = context.runner.read("/proc/version").text or ""
    known = [date for date in (kernel_date(version), context.built) if date is not None]
    content = context.runner.read(PATH)
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    if content.data is None:
        return untestable(
            ID, CheckReason.DENIED if content.problem is None else CheckReason.UNREADABLE
        )
    if context.wait(TICK_S):
        return untestable(ID, CheckReason.STOPPED)
    again = context.runner.read(PATH)
    return judge(_seconds(content.text), _seconds(again.text), max(known, default=None))


def _seconds(text: str | None) -> int | None:
    return integer(text, 0, 2**40)
