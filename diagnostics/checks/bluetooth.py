"""Bluetooth: an adapter that can be switched on and has an address of its own.

An adapter whose firmware did not load is listed too; it then has the address
00:00:00:00:00:00 or refuses to come up.
"""

from __future__ import annotations

import re

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.checks import radio
from diagnostics.checks.context import CheckContext, failed, passed, untestable
from diagnostics.checks.model import CheckReason, CheckResult
from diagnostics.command import Runner

ID = "bluetooth"
FOLDER = "/sys/class/bluetooth"
ASKED: tuple[Command, ...] = (
    ("hciconfig", Word.ADAPTER, "up"),
    ("btmgmt", "--index", Word.NUMBER, "power", "on"),
    ("btmgmt", "--index", Word.NUMBER, "info"),
)
_ADAPTER = re.compile(r"hci\d{1,3}")
_ADDRESS = re.compile(r"\b((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})\b")
_NOWHERE = "00:00:00:00:00:00"


class Adapter(msgspec.Struct, frozen=True):
    """What a tool said of an adapter; `None` = it did not say."""

    address: str | None = None
    up: bool | None = None


def adapters(runner: Runner) -> tuple[str, ...] | None:
    """Adapters by name. The folder itself is missing where no driver ever loaded."""
    names = runner.names(FOLDER)
    return None if names is None else tuple(n for n in names if _ADAPTER.fullmatch(n))


def parse(text: str) -> Adapter:
    """The adapter in `hciconfig hciN`, `bluetoothctl show` or `btmgmt info`."""
    found = _ADDRESS.search(text)
    if re.search(r"^\s*Powered:\s*(yes|no)", text, re.MULTILINE):  # bluetoothctl
        up = bool(re.search(r"^\s*Powered:\s*yes", text, re.MULTILINE))
    elif settings := re.search(r"current settings: ?(.*)", text):  # btmgmt
        up = "powered" in settings[1].split()
    elif re.search(r"^\s*(UP|DOWN)\b", text, re.MULTILINE):  # hciconfig
        up = bool(re.search(r"^\s*UP RUNNING", text, re.MULTILINE))
    else:
        return Adapter(found[1] if found else None, None)
    return Adapter(found[1] if found else None, up)


def judge(found: tuple[Adapter, ...], *, hard_off: bool) -> CheckResult:
    """Passed when an adapter is up and has an address. Which address is nobody's business."""
    evidence: dict[str, int | str] = {"adapters": len(found)}
    if any(adapter.up and adapter.address not in (None, _NOWHERE) for adapter in found):
        return passed(ID, evidence)
    if hard_off:
        return untestable(ID, CheckReason.SWITCHED_OFF, evidence)
    if any(adapter.address == _NOWHERE for adapter in found):
        return failed(ID, CheckReason.NO_ADDRESS, evidence)
    if any(adapter.up is False for adapter in found):
        return failed(ID, CheckReason.NO_DRIVER, evidence)
    return untestable(ID, CheckReason.UNREADABLE, evidence)


def run(context: CheckContext) -> CheckResult:
    """Switch every adapter on and read it back with whichever tool there is."""
    runner = context.runner
    names = adapters(runner)
    if not names:
        return untestable(
            ID, CheckReason.UNRECORDED if not context.live else CheckReason.UNREADABLE
        )
    if context.live and radio.soft_off(radio.switches(runner, "bluetooth")):
        radio.unblock(runner, "bluetooth")
    off = radio.hard_off(radio.switches(runner, "bluetooth"))
    found = tuple(_ask(context, name) for name in names)
    if all(adapter is None for adapter in found):
        return untestable(ID, CheckReason.NO_TOOL if context.live else CheckReason.UNRECORDED)
    return judge(tuple(adapter for adapter in found if adapter is not None), hard_off=off)


def _ask(context: CheckContext, name: str) -> Adapter | None:
    number = name.removeprefix("hci")
    ways = (
        ("hciconfig", ["hciconfig", name, "up"], ["hciconfig", name]),
        ("btmgmt", ["btmgmt", "--index", number, "power", "on"],
         ["btmgmt", "--index", number, "info"]),
        ("bluetoothctl", ["bluetoothctl", "--timeout", "4", "power", "on"],
         ["bluetoothctl", "--timeout", "4", "show"]),
    )  # fmt: skip
    for tool, switch_on, show in ways:
        if not context.runner.has(tool):
            continue
        if context.live:
            context.runner.run(switch_on, timeout_s=6)
        done = context.runner.run(show, timeout_s=6)
        if done.problem is None and done.stdout:
            return parse(done.text)
    return None
