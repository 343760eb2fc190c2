"""What dnsmasq is told, and what it says of benches that ask to start. Pure.

It answers only to firmware that asks what to start (proxy-DHCP) and sends it files (TFTP).
Addresses are given by the workshop's own router alone; names are answered to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bench.netboot.files import GROUP, USER
from bench.netboot.place import Place

# By the architecture that firmware names (RFC 4578); UEFI of 64 bits says 7 or 9.
_SERVICES = (
    ("x86PC", "pxelinux.0"),
    ("BC_EFI", "shimx64.efi"),
    ("X86-64_EFI", "shimx64.efi"),
)
_CARD = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"
_ASKS = re.compile(rf"dnsmasq-dhcp(?:\[\d+\])?: PXE\([^)]*\) (?:\S+ )?({_CARD}) proxy")


def argv(place: Place, tftp: Path) -> Sequence[str]:
    """dnsmasq's options; no file of settings is read."""
    return (
        "--conf-file=/dev/null",
        "--keep-in-foreground",
        "--log-facility=-",
        "--port=0",
        f"--user={USER}",
        f"--group={GROUP}",
        "--pid-file",
        "--leasefile-ro",
        "--no-hosts",
        "--no-resolv",
        f"--interface={place.interface}",
        "--except-interface=lo",
        "--bind-interfaces",
        f"--dhcp-range={place.network.network_address},proxy,{place.network.netmask}",
        "--enable-tftp",
        f"--tftp-root={tftp}",
        *(f"--pxe-service={name},ETABLI,{file}" for name, file in _SERVICES),
    )


def asking(line: str) -> str | None:
    """The network card whose firmware asks for a start; `None` for any other line."""
    found = _ASKS.search(line)
    return found[1] if found else None
