"""The whole USB tree: controllers, hubs and devices, with drivers. No serial numbers."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import Inventory, UsbInterface, UsbNode
from diagnostics.sources.coerce import first_integer
from diagnostics.sources.placeholders import Field, clean
from diagnostics.sources.sysfs import Folder

FOLDER = "/sys/bus/usb/devices"
MOST = 256
_NODE = re.compile(r"usb\d{1,3}|\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}")
_INTERFACE = re.compile(r".+:\d{1,3}\.(\d{1,3})")


def read(runner: Runner) -> Findings:
    """Every node the kernel numbered."""
    folder = Folder(runner, FOLDER)
    names = folder.names()
    nodes = [name for name in names if _NODE.fullmatch(name)][:MOST]
    return Findings(inventory=Inventory(usb=tuple(_node(folder, name, names) for name in nodes)))


def _node(folder: Folder, name: str, names: tuple[str, ...]) -> UsbNode:
    here = folder.inside(name)
    removable = here.text("removable")
    # A controller's own hub writes its interface as "1-0:1.0".
    stem = f"{name[3:]}-0:" if name.startswith("usb") else f"{name}:"
    return UsbNode(
        port=name,
        vendor_id=here.hexadecimal("idVendor"),
        product_id=here.hexadecimal("idProduct"),
        maker=clean(here.text("manufacturer"), Field.MAKER),
        product=clean(here.text("product"), Field.MODEL),
        class_code=here.hexadecimal("bDeviceClass"),
        usb_version=here.text("version", 10),
        speed_mbit=first_integer(here.text("speed"), 1, 100_000),
        most_ma=first_integer(here.text("bMaxPower"), 0, 10_000),
        sockets=here.number("maxchild", 1, 255),
        removable={"removable": True, "fixed": False}.get(removable or ""),
        interfaces=tuple(
            found
            for child in names
            if child.startswith(stem) and (found := _interface(folder.inside(child), child))
        )[:32],
    )


def _interface(here: Folder, name: str) -> UsbInterface | None:
    matched = _INTERFACE.fullmatch(name)
    if matched is None:
        return None
    codes = [
        here.hexadecimal(f"bInterface{part}") or "??" for part in ("Class", "SubClass", "Protocol")
    ]
    return UsbInterface(int(matched[1]), "".join(codes), here.target("driver"))
