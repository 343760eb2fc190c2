"""Network ports from `/sys/class/net` and radio switches from `/sys/class/rfkill`."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.model import NetworkPort
from diagnostics.sources.coerce import boolean, integer

FOLDER = "/sys/class/net"
RFKILL = "/sys/class/rfkill"
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_KINDS = {"wlan": "wifi", "bluetooth": "bluetooth", "wwan": "wwan"}
_PERMANENT = "0"  # addr_assign_type: NET_ADDR_PERM


def read(runner: Runner) -> Findings:
    """Ports with hardware behind them; bridges, tunnels and containers' pairs have none."""
    names = runner.names(FOLDER)
    if names is None:
        return Findings(unknown={"network": "missing"})
    blocked = _radios(runner)
    ports = tuple(
        _port(runner, name, blocked)
        for name in names
        if name != "lo" and runner.link(f"{FOLDER}/{name}/device") is not None
    )
    return Findings(network=ports)


def _port(runner: Runner, name: str, blocked: dict[str, bool]) -> NetworkPort:
    base = f"{FOLDER}/{name}"
    inside = runner.names(base) or ()
    kind = "wifi" if "phy80211" in inside or "wireless" in inside else "ethernet"
    if name.startswith("ww"):
        kind = "wwan"
    carrier = boolean(runner.read(f"{base}/carrier").text)  # EINVAL while the port is down
    driver = (runner.link(f"{base}/device/driver") or "").rpartition("/")[2] or None
    return NetworkPort(
        name=name,
        kind=kind,
        mac=_mac(runner, base),
        driver=driver,
        carrier=carrier,
        speed_mbit=integer(runner.read(f"{base}/speed").text, 1, 1_000_000) if carrier else None,
        blocked=blocked.get(kind),
        bus=_bus(runner.link(f"{base}/device")),
    )


def _bus(device: str | None) -> str | None:
    """How the port is attached, from its place in the device tree; the innermost bus counts."""
    path = device or ""
    if re.search(r"/usb\d+/", path):
        return "usb"
    if "/virtio" in path:
        return "virtio"
    return "pci" if "/pci" in path else ("platform" if "/platform/" in path else None)


def _mac(runner: Runner, base: str) -> str | None:
    """The address burnt in; a random or borrowed one names no machine."""
    address = (runner.read(f"{base}/address").text or "").lower()
    kind = runner.read(f"{base}/addr_assign_type").text
    return address if kind in (_PERMANENT, None) and believable_mac(address) else None


def believable_mac(address: str) -> bool:
    """Six bytes, a unicast address given by a maker, not all alike."""
    if not _MAC.fullmatch(address) or len(set(address.split(":"))) < 3:
        return False
    first = int(address[:2], 16)
    return not first & 0b11  # multicast, or locally made up


def _radios(runner: Runner) -> dict[str, bool]:
    """Whether all radios of a kind are switched off, by kind."""
    blocked: dict[str, bool] = {}
    for name in runner.names(RFKILL) or ():
        kind = _KINDS.get(runner.read(f"{RFKILL}/{name}/type").text or "")
        soft = boolean(runner.read(f"{RFKILL}/{name}/soft").text)
        hard = boolean(runner.read(f"{RFKILL}/{name}/hard").text)
        if kind is not None and (soft is not None or hard is not None):
            blocked[kind] = blocked.get(kind, True) and bool(soft or hard)
    return blocked
