"""Cable sockets: a link comes up, at a speed that uses all pairs of the cable."""

from __future__ import annotations

import re

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.checks.context import CheckContext, failed, passed, untestable, untested, why
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.command import Runner
from diagnostics.sources.coerce import boolean, integer

ID = "ethernet"
FOLDER = "/sys/class/net"
SLOWEST_MBIT = 100  # at 10 Mbit/s a pair is broken: nothing sold since 2000 stops there
PATIENCE_S = 20.0  # spanning tree and power-saving switches take up to 15 s
ASKED: tuple[Command, ...] = (("ip", "link", "set", "dev", Word.INTERFACE, "up"),)  # Wi-Fi too
_STEP_S = 0.5
_ETHERNET = "1"  # ARPHRD_ETHER
_USB = re.compile(r"/usb\d+/")


class Link(msgspec.Struct, frozen=True):
    """One socket as seen at one moment. `None` = the kernel does not say."""

    name: str
    carrier: bool | None = None
    speed_mbit: int | None = None


def sockets(runner: Runner) -> tuple[str, ...] | None:
    """Names of the machine's own sockets; a USB adapter belongs to the bench."""
    names = runner.names(FOLDER)
    if names is None:
        return None
    return tuple(name for name in names if _own(runner, name))


def _own(runner: Runner, name: str) -> bool:
    base = f"{FOLDER}/{name}"
    inside = runner.names(base) or ()
    device = runner.link(f"{base}/device")
    if device is None or _USB.search(device):
        return False
    if {"wireless", "phy80211"} & set(inside) or name.startswith("ww"):
        return False
    return runner.read(f"{base}/type").text in (_ETHERNET, None)


def look(runner: Runner, names: tuple[str, ...]) -> tuple[Link, ...]:
    """The sockets now. Reading `speed` without carrier gives an error: not asked."""
    links = []
    for name in names:
        carrier = boolean(runner.read(f"{FOLDER}/{name}/carrier").text)
        speed = integer(runner.read(f"{FOLDER}/{name}/speed").text, 1, 1_000_000)
        if carrier and speed is None:  # the cable may have been pulled between the two
            carrier = boolean(runner.read(f"{FOLDER}/{name}/carrier").text)
        links.append(Link(name, carrier, speed if carrier else None))
    return tuple(links)


def best(before: tuple[Link, ...], now: tuple[Link, ...]) -> tuple[Link, ...]:
    """Each socket at its best moment: one cable may visit several sockets in turn."""
    kept = {link.name: link for link in before}
    for link in now:
        had = kept.get(link.name)
        if had is None or _rank(link) > _rank(had):
            kept[link.name] = link
    return tuple(kept[name] for name in sorted(kept))


def _rank(link: Link) -> tuple[bool, int]:
    return link.carrier is True, link.speed_mbit or 0


def judge(links: tuple[Link, ...]) -> CheckResult:
    """All sockets must have had a link. No link alone is no defect: there may be no cable."""
    evidence: dict[str, int | str] = {"sockets": len(links)}
    evidence |= {f"{link.name}_mbit": link.speed_mbit for link in links if link.speed_mbit}
    if not links:
        return untestable(ID, CheckReason.UNREADABLE)
    up = [link for link in links if link.carrier]
    evidence["linked"] = len(up)
    if any(link.speed_mbit is not None and link.speed_mbit < SLOWEST_MBIT for link in up):
        return failed(ID, CheckReason.SLOW_LINK, evidence)
    if len(up) < len(links):
        return untested(ID, CheckReason.NO_CABLE, evidence)
    if any(link.speed_mbit is None for link in up):
        return untestable(ID, CheckReason.SPEED_UNKNOWN, evidence)
    return passed(ID, evidence)


def run(context: CheckContext) -> CheckResult:
    """Bring the sockets up and watch them until all had a link, stop, or patience ends."""
    names = sockets(context.runner)
    if names is None:
        return untestable(
            ID, CheckReason.UNRECORDED if not context.live else CheckReason.UNREADABLE
        )
    if context.live:
        for name in names:  # a socket that is down has no carrier to show
            done = context.runner.run(["ip", "link", "set", "dev", name, "up"], timeout_s=5)
            if done.problem is not None or done.exit_code != 0:
                carrier = context.runner.read(f"{FOLDER}/{name}/carrier")
                if carrier.data is None:  # down, and we may not bring it up
                    missing = done.problem is not None
                    return untestable(ID, why(done.problem) if missing else CheckReason.DENIED)
    seen = look(context.runner, names)
    until = context.monotonic() + PATIENCE_S
    while context.live and not _settled(seen) and context.monotonic() < until:
        context.report(Progress(ID, sum(bool(link.carrier) for link in seen), len(seen)))
        if context.wait(_STEP_S):
            break
        seen = best(seen, look(context.runner, names))
    return judge(seen)


def _settled(links: tuple[Link, ...]) -> bool:
    return all(link.carrier and link.speed_mbit for link in links)
