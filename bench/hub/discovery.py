"""Finds the workshop's server on the local network, and lets it be found (mDNS, DNS-SD)."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

SERVICE = "_etabli._tcp.local."
_MORE_S = 1.0  # the first to answer may be a neighbour's: the workshop's is waited for


class Announcement:
    """Says `here I am` until closed."""

    def __init__(self, name: str, port: int, address: str) -> None:
        from zeroconf import ServiceInfo, Zeroconf

        label = name.replace(".", " ")[:48] or "etabli"
        self._zeroconf = Zeroconf()
        self._info = ServiceInfo(
            SERVICE,
            f"{label}.{SERVICE}",
            port=port,
            addresses=[socket.inet_aton(address)],
            properties={"path": "/"},
        )
        self._zeroconf.register_service(self._info, allow_name_change=True)

    def close(self) -> None:
        """Say good-bye."""
        self._zeroconf.unregister_service(self._info)
        self._zeroconf.close()


def own_address() -> str:
    """The address of this machine on its network, the loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: no packet is sent by a UDP connect
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def find(timeout_s: float = 3.0) -> list[str]:
    """Addresses of servers that answer, as `https://host:port`: addresses only, a key decides."""
    from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

    found: list[str] = []
    first = threading.Event()

    class Listener(ServiceListener):
        def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            info = zc.get_service_info(type_, name, timeout=2000)
            found.extend(address for address in _urls(info) if address not in found)
            first.set()

        def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            self.add_service(zc, type_, name)

        def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            """It was found all the same: a push says whether it answers."""

    try:
        zeroconf = Zeroconf()
    except OSError:
        return []  # no network
    try:
        ServiceBrowser(zeroconf, SERVICE, Listener())
        if first.wait(timeout_s):
            threading.Event().wait(_MORE_S)
    finally:
        zeroconf.close()
    return found


def _urls(info: ServiceInfo | None) -> list[str]:
    if info is None or not info.port:
        return []
    return [
        f"https://{address}:{info.port}" for address in info.parsed_addresses() if "." in address
    ]
