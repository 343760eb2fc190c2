"""Wi-Fi: a scan finds at least one network, so antenna, radio and driver work."""

from __future__ import annotations

import re

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.checks import radio
from diagnostics.checks.context import CheckContext, failed, passed, untestable, why
from diagnostics.checks.model import CheckReason, CheckResult
from diagnostics.command import Completed, Runner

ID = "wifi"
FOLDER = "/sys/class/net"
PCI = "/sys/bus/pci/devices"
TRIES = 3  # a scan that runs into another one answers "busy"; a first scan may miss beacons
ASKED: tuple[Command, ...] = (("iw", "dev", Word.INTERFACE, "scan"),)
_BSS = re.compile(r"^BSS ([0-9a-f]{2}(?::[0-9a-f]{2}){5})", re.MULTILINE)
_SIGNAL = re.compile(r"^\s*signal: (-?\d{1,3})(?:\.\d+)? dBm", re.MULTILINE)
_WIFI_CLASS = "0x0280"  # PCI network controller, other


class Scan(msgspec.Struct, frozen=True):
    """What one scan found. `networks` is `None` when it gave no answer at all."""

    networks: int | None
    best_dbm: int | None = None


def ports(runner: Runner) -> tuple[str, ...] | None:
    """Wi-Fi interfaces by name; `None` when the kernel shows no network folder."""
    names = runner.names(FOLDER)
    if names is None:
        return None
    marks = {"wireless", "phy80211"}
    return tuple(n for n in names if marks & set(runner.names(f"{FOLDER}/{n}") or ()))


def driverless(runner: Runner) -> bool:
    """Whether a PCI Wi-Fi card is there that no driver or firmware brought to life."""
    return any(
        (runner.read(f"{PCI}/{name}/class").text or "").startswith(_WIFI_CLASS)
        for name in runner.names(PCI) or ()
    )


def parse(text: str) -> Scan:
    """The networks in `iw dev X scan`: how many stations, and the strongest."""
    stations = set(_BSS.findall(text))
    signals = [int(found) for found in _SIGNAL.findall(text)]
    return Scan(len(stations), max(signals, default=None))


def judge(scans: tuple[Scan, ...], *, hard_off: bool) -> CheckResult:
    """Passed when any scan heard a network; no answer at all says nothing of the radio."""
    answered = [scan for scan in scans if scan.networks is not None]
    most = max((scan.networks or 0 for scan in answered), default=0)
    signals = [scan.best_dbm for scan in answered if scan.best_dbm is not None]
    evidence: dict[str, int | str] = {"scans": len(scans), "networks": most}
    if signals:
        evidence["best_dbm"] = max(signals)
    if most > 0:
        return passed(ID, evidence)
    if hard_off:
        return untestable(ID, CheckReason.SWITCHED_OFF, evidence)
    if not answered:
        return untestable(ID, CheckReason.UNREADABLE, evidence)
    return failed(ID, CheckReason.NO_NETWORK, evidence)


def run(context: CheckContext) -> CheckResult:
    """Switch the radio on, bring the interface up, scan."""
    runner = context.runner
    found = ports(runner)
    if not found:
        if found is not None and driverless(runner):
            return untestable(ID, CheckReason.NO_DRIVER)
        return untestable(
            ID, CheckReason.UNRECORDED if not context.live else CheckReason.UNREADABLE
        )
    if context.live and radio.soft_off(radio.switches(runner, "wlan")):
        radio.unblock(runner, "wlan")
    off = radio.hard_off(radio.switches(runner, "wlan"))
    scans: list[Scan] = []
    last: Completed | None = None
    for name in found:
        if context.live:
            runner.run(["ip", "link", "set", "dev", name, "up"], timeout_s=5)
        for _ in range(TRIES):
            last = runner.run(["iw", "dev", name, "scan"], timeout_s=15)
            answered = last.problem is None and last.exit_code == 0
            scans.append(parse(last.text) if answered else Scan(None))
            if scans[-1].networks or not context.live or context.wait(1.0):
                break
    result = judge(tuple(scans), hard_off=off)
    if result.reason is CheckReason.UNREADABLE and last is not None:
        return msgspec.structs.replace(result, reason=_refusal(last))
    return result


def _refusal(done: Completed) -> CheckReason:
    if done.problem is not None and done.problem.value == "missing":
        return CheckReason.NO_TOOL
    if done.problem is not None:
        return why(done.problem)
    return CheckReason.DENIED if b"not permitted" in done.stderr else CheckReason.UNREADABLE
