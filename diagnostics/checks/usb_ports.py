"""USB sockets: the worker plugs one stick into each; we count the sockets that noticed.

SMBIOS lists sockets that do not exist and the firmware's port list is often wrong, so
the number of sockets is what the worker counts; the firmware's number is only shown.
A USB 3 socket has two port paths (2-3 and 1-3), one per speed: they are joined where
the kernel knows the pair (`peer`), so one socket is not counted twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from diagnostics.checks.context import CheckContext, untestable
from diagnostics.checks.model import CheckReason, CheckResult, Progress
from diagnostics.checks.plan import judge_sockets
from diagnostics.command import Runner
from diagnostics.sources.coerce import integer

ID = "usb"
FOLDER = "/sys/bus/usb/devices"
STEP_S = 0.4
_DEVICE = re.compile(r"\d+-\d+(?:\.\d+)*")
_PORT = re.compile(r"(?:usb)?[\d.-]+-port\d+")
_HUB_CLASS = "09"


class Plugged(msgspec.Struct, frozen=True):
    """One plugged device: the socket it is in (see `socket_name`), id of this plugging, speed."""

    socket: str
    number: str  # the kernel's device number: grows with each plugging
    speed_mbit: int | None = None
    removable: bool = False
    path: str = ""  # as the kernel names it: "2-3.1" hangs on a hub in "2-3"
    hub: bool = False


def plugged(runner: Runner) -> tuple[Plugged, ...] | None:
    """All devices, hubs too; `None` where there is no USB bus."""
    names = runner.names(FOLDER)
    if names is None:
        return None
    found = []
    for name in names:
        if not _DEVICE.fullmatch(name):
            continue
        base = f"{FOLDER}/{name}"
        found.append(
            Plugged(
                socket_name(runner, name),
                runner.read(f"{base}/devnum").text or "",
                integer(runner.read(f"{base}/speed").text, 1, 100_000),
                runner.read(f"{base}/removable").text == "removable",
                name,
                runner.read(f"{base}/bDeviceClass").text == _HUB_CLASS,
            )
        )
    return tuple(found)


def socket_name(runner: Runner, device: str) -> str:
    """The socket a device path stands for: the smaller of the two paths of a USB 3 socket.

    Asked of the hub, whose ports stay; the device's own `port` link comes after the
    device and goes before it, which counted one socket twice (seen in QEMU).
    """
    bus, _, ports = device.partition("-")
    above, dot, last = ports.rpartition(".")
    hub, port = f"{bus}-{above}:1.0", f"{bus}-{above}-port{last}"
    if not dot:
        hub, port = f"{bus}-0:1.0", f"usb{bus}-port{last}"
    peer = runner.link(f"{FOLDER}/{hub}/{port}/peer")
    other = port_path(peer) if peer else None
    return min((device, other), key=_order) if other else device


def port_path(folder: str) -> str | None:
    """ ".../usb2/2-0:1.0/usb2-port3" is "2-3"; ".../2-1:1.0/2-1-port4" is "2-1.4"."""
    name = folder.rpartition("/")[2]
    if not _PORT.fullmatch(name):
        return None
    hub, _, number = name.rpartition("-port")
    return f"{hub[3:]}-{number}" if hub.startswith("usb") else f"{hub}.{number}"


def _order(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path)[:12])


def firmware_count(runner: Runner) -> int | None:
    """How many sockets the firmware calls reachable ("hotplug"); `None` when it says nothing."""
    sockets: set[str] = set()
    told = False
    for name in runner.names(FOLDER) or ():
        hub = f"{FOLDER}/{name}"
        for port in runner.names(hub) or ():
            if not _PORT.fullmatch(port):
                continue
            kind = runner.read(f"{hub}/{port}/connect_type").text
            told = told or kind in ("hotplug", "hardwired", "not used")
            path = port_path(port)
            if kind == "hotplug" and path is not None:
                peer = runner.link(f"{hub}/{port}/peer")
                other = port_path(peer) if peer else None
                sockets.add(min((path, other), key=_order) if other else path)
    return len(sockets) if told else None


def newly(before: tuple[Plugged, ...], now: tuple[Plugged, ...]) -> tuple[Plugged, ...]:
    """What was plugged in since `before`; the same stick in the same socket again counts."""
    old = {(device.socket, device.number) for device in before}
    return tuple(device for device in now if (device.socket, device.number) not in old)


def sockets_of(fresh: tuple[Plugged, ...], hubs: frozenset[str]) -> dict[str, int | None]:
    """The sockets that noticed these devices, with their speed.

    `hubs` are the paths of hubs plugged in during the check: whatever hangs on them came in
    through the one socket the hub is in, and a hub alone is no stick.
    """
    found: dict[str, int | None] = {}
    for device in fresh:
        if device.hub or any(device.path.startswith(f"{hub}.") for hub in hubs):
            continue
        found[device.socket] = max(found.get(device.socket) or 0, device.speed_mbit or 0) or None
    return found


def judge(
    worked: Mapping[str, int | None], sockets: int | None, firmware: int | None = None
) -> CheckResult:
    """`worked`: sockets that noticed a device, with its speed; `sockets`: the worker's count."""
    evidence: dict[str, int | str] = {"ports": len(worked), "paths": " ".join(sorted(worked))[:200]}
    fastest = max((speed for speed in worked.values() if speed is not None), default=None)
    if fastest is not None:
        evidence["fastest_mbit"] = fastest
    if firmware is not None:
        evidence["firmware_sockets"] = firmware
    return judge_sockets(len(worked), sockets, evidence)


def run(context: CheckContext) -> CheckResult:
    """Watch until the worker says that all sockets were tried. The count is asked afterwards."""
    if not context.live:
        return untestable(ID, CheckReason.UNRECORDED)
    before = plugged(context.runner)
    if before is None:
        return untestable(ID, CheckReason.UNREADABLE)
    # The stick we booted from sits in a socket that works: the firmware calls it removable.
    worked = {
        device.socket: device.speed_mbit for device in before if device.removable and not device.hub
    }
    hubs: frozenset[str] = frozenset()
    expected = firmware_count(context.runner)
    _report(context, worked, expected)
    while not context.wait(STEP_S):
        now = plugged(context.runner)
        if now is None:
            continue
        fresh = newly(before, now)
        hubs |= {device.path for device in fresh if device.hub}
        for socket, speed in sockets_of(fresh, hubs).items():
            worked[socket] = max(worked.get(socket) or 0, speed or 0) or None
        # An unplugged device must count again when it comes back with a new number.
        if now != before:
            _report(context, worked, expected)
        before = now
        if expected and len(worked) >= expected:
            break
    return judge(worked, None, expected)


def _report(context: CheckContext, worked: Mapping[str, int | None], expected: int | None) -> None:
    context.report(Progress(ID, len(worked), expected, " ".join("■" for _ in worked)))
