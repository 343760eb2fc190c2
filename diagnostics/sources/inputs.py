"""Built-in controls from `/proc/bus/input/devices`: touch screen, touchpad, keyboard, lid."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Device

PATH = "/proc/bus/input/devices"
_IDS = re.compile(r"I: Bus=([0-9a-f]{4}) Vendor=([0-9a-f]{4}) Product=([0-9a-f]{4})")
_NAME = re.compile(r'N: Name="(.{0,200})"')
_POINTER, _DIRECT = 1 << 0, 1 << 1  # INPUT_PROP_POINTER, INPUT_PROP_DIRECT
_MULTITOUCH = 1 << 0x35  # ABS_MT_POSITION_X
_BUSES = {"0003": "usb", "0011": "platform", "0018": "platform", "0019": "platform"}


def read(runner: Runner) -> Findings:
    """The controls the kernel drives."""
    content = runner.read(PATH)
    if content.text is None:
        return Findings(unknown={"devices.input": reason(content.problem)})
    return Findings(devices=parse(content.text))


def parse(source: str) -> tuple[Device, ...]:
    """Controls of the kernel's input list; buttons and hot keys are left out."""
    found = []
    for number, block in enumerate(source.split("\n\n")[:256]):
        ids, name = _IDS.search(block), _NAME.search(block)
        kind = _kind(block, name[1] if name else "")
        if ids is None or kind is None:
            continue
        found.append(
            Device(
                kind=kind,
                model=name[1] if name else None,
                vendor_id=ids[2],
                product_id=ids[3],
                bus=_BUSES.get(ids[1], "platform"),
                address=f"input{number}",
            )
        )
    return tuple(found)


def _kind(block: str, name: str) -> str | None:
    properties = _bits(block, "PROP")
    axes = _bits(block, "ABS")
    if properties & _DIRECT and axes & _MULTITOUCH:
        return "touch"
    if properties & _POINTER and axes:
        return "touchpad"
    if name == "AT Translated Set 2 keyboard" or (
        re.search(r"keyboard", name, re.IGNORECASE) and _bits(block, "EV") & (1 << 0x14)
    ):
        return "keyboard"
    return "lid" if name == "Lid Switch" else None


def _bits(block: str, label: str) -> int:
    """A bit map printed as 64-bit words, highest first."""
    found = re.search(rf"^B: {label}=([0-9a-f ]{{1,400}})$", block, re.MULTILINE)
    value = 0
    for word in (found[1].split() if found else [])[:24]:
        value = value << 64 | int(word[:16], 16)
    return value
