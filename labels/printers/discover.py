"""Printers this bench can reach: on USB through the kernel's usblp, and by mDNS.

Reading is separate from understanding: `parse_1284` and `language_of` are pure.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from labels.printers.brother_ql import MODELS

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

RAW_SERVICE = "_pdl-datastream._tcp.local."
IPP_SERVICE = "_ipp._tcp.local."
BROTHER_USB = "04f9"
MASS_STORAGE_CLASS = "08"


class Found(msgspec.Struct, frozen=True):
    """One printer. `warnings` are codes with a sentence under `printer.<code>`.

    Warnings: `unknown_language`, `no_permission`, `dymo_550` (only takes chipped rolls),
    `editor_lite` (a Brother posing as a disk: hold its Editor Lite button),
    `device_missing` (USB printer without a device file).
    """

    destination: str  # what labels.printers.destination reads; "" where there is none
    maker: str
    model: str
    language: str | None  # a target's name, `pdf` for office printers, None = not known
    warnings: tuple[str, ...] = ()


def parse_1284(text: str) -> dict[str, str]:
    """IEEE 1284 device id (`MFG:Brother;MDL:QL-800;CMD:…;`) -> upper-case keys. Pure."""
    long_names = {"MANUFACTURER": "MFG", "MODEL": "MDL", "COMMAND SET": "CMD"}
    fields = {}
    for part in text.split(";")[:40]:
        key, colon, value = part.partition(":")
        if colon:
            name = key.strip().upper()
            fields[long_names.get(name, name)] = " ".join(value.split())[:80]
    return fields


def language_of(maker: str, model: str, commands: str) -> tuple[str | None, tuple[str, ...]]:
    """The target for a printer, and warnings; `None` rather than a guess. Pure."""
    name, spoken = f"{maker} {model}".upper(), commands.upper()
    if "LABELWRITER" in name:
        if re.search(r"\b(550|5XL)\b", name):
            return None, ("dymo_550",)
        if re.search(r"\b(4[05]0)\b", name):
            return "dymo", ()
        return None, ("unknown_language",)
    if any(model_name in name.replace(" ", "") for model_name in MODELS):
        return "ql", ()
    if re.search(r"\bPT-?(E550W|P700|P710BT|P750W)\b", name):
        return "pt", ()
    if "ZPL" in spoken:
        return "zpl", ()
    if "EPL" in spoken:
        return "epl", ()
    if re.search(r"ESC/?POS|EPSON ?TM-|\bTM-[TM]", f"{spoken} {name}"):
        return "escpos", ()
    if "PDF" in spoken or "URF" in spoken or "PWG" in spoken:
        return "pdf", ()
    return None, ("unknown_language",)


def usb(root: Path = Path("/")) -> list[Found]:
    """Printers on USB; `root` is where /dev and /sys are. Never raises."""
    found = []
    for entry in _entries(root / "sys/class/usbmisc"):
        if re.fullmatch(r"lp[0-9]+", entry.name):
            found.append(_usb_printer(root, entry))
    return [*found, *_posing_as_disks(root)]


def _usb_printer(root: Path, entry: Path) -> Found:
    fields = parse_1284(_text(entry / "device/ieee1284_id"))
    maker, model = fields.get("MFG", ""), fields.get("MDL", "")
    language, warnings = language_of(maker, model, fields.get("CMD", ""))
    device = root / "dev/usb" / entry.name
    if not device.exists():
        return Found("", maker, model, language, (*warnings, "device_missing"))
    if not os.access(device, os.R_OK | os.W_OK):
        warnings = (*warnings, "no_permission")
    return Found(f"usb:{device}", maker, model, language, warnings)


def _posing_as_disks(root: Path) -> Iterable[Found]:
    """Brother QL printers in Editor Lite mode: mass storage instead of a printer."""
    for device in _entries(root / "sys/bus/usb/devices"):
        product = _text(device / "product")
        if _text(device / "idVendor") != BROTHER_USB or not product.startswith("QL-"):
            continue
        classes = {_text(part / "bInterfaceClass") for part in _entries(device)}
        if MASS_STORAGE_CLASS in classes and "07" not in classes:
            yield Found("", "Brother", product, "ql", ("editor_lite",))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[:1000].decode("utf-8", "replace").strip()
    except OSError:
        return ""


# The first question may wait 120 ms and be repeated after a second (RFC 6762, 5.2).
LISTEN_S = 2.5


def network(listen_s: float = LISTEN_S, interfaces: list[str] | None = None) -> list[Found]:
    """Printers that announce themselves by mDNS within `listen_s`; empty without a network."""
    from zeroconf import InterfaceChoice, ServiceBrowser, Zeroconf

    names: set[tuple[str, str]] = set()
    over = threading.Event()

    class Listener:
        def add_service(self, _zeroconf: Zeroconf, kind: str, name: str) -> None:
            names.add((kind, name))

        update_service = add_service

        def remove_service(self, _zeroconf: Zeroconf, kind: str, name: str) -> None:
            names.discard((kind, name))

    try:
        zeroconf = Zeroconf(interfaces=interfaces or InterfaceChoice.All)
    except OSError:
        return []
    try:
        browser = ServiceBrowser(zeroconf, [RAW_SERVICE, IPP_SERVICE], Listener())  # type: ignore[arg-type]
        over.wait(listen_s)
        infos = [zeroconf.get_service_info(kind, name, 1000) for kind, name in sorted(names)]
        browser.cancel()
    finally:
        zeroconf.close()
    return [printer for info in infos if info is not None and (printer := _announced(info))]


def _announced(info: ServiceInfo) -> Found | None:
    addresses = info.parsed_addresses()
    if not addresses or not info.port:
        return None
    texts = _texts(info.properties)
    maker, model = texts.get("usb_mfg", ""), texts.get("usb_mdl", "") or texts.get("ty", "")
    spoken = f"{texts.get('usb_cmd', '')},{texts.get('pdl', '')}"
    language, warnings = language_of(maker, model, spoken)
    host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    if info.type == IPP_SERVICE:
        # Label languages go raw to port 9100, where the same printer announces itself too.
        if language != "pdf":
            return None
        path = texts.get("rp", "ipp/print").lstrip("/")
        return Found(f"ipp://{host}:{info.port}/{path}", maker, model, language, warnings)
    return Found(f"tcp://{host}:{info.port}", maker, model, language, warnings)


def _texts(properties: Mapping[bytes, bytes | None]) -> dict[str, str]:
    return {
        key.decode("utf-8", "replace").lower(): (value or b"").decode("utf-8", "replace")[:200]
        for key, value in properties.items()
    }
