"""USB devices worth naming: camera, fingerprint, card reader, Bluetooth; what is plugged where."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.model import Device, NetworkPort
from diagnostics.sources.placeholders import Field, clean

FOLDER = "/sys/bus/usb/devices"
_PORT = re.compile(r"\d+-\d+(\.\d+)*")
_HUB = "09"
# Makers whose vendor-specific interface is a fingerprint reader (libfprint's supported list).
_FINGERPRINT = {"06cb", "138a", "27c6", "1c7a", "08ff", "147e", "10a5", "298d", "2808"}
MAX_DEVICES = 256


class UsbDevice(msgspec.Struct, frozen=True):
    """One plugged device: port path ("1-2.3"), ids, names and its interfaces' classes."""

    port: str
    vendor_id: str | None
    product_id: str | None
    maker: str | None
    product: str | None
    interfaces: tuple[tuple[str, str], ...]  # (class, subclass), two hex digits each


def read(runner: Runner) -> Findings:
    """Devices by kind, and Bluetooth adapters as network ports."""
    plugged = topology(runner)
    if plugged is None:
        return Findings(unknown={"devices.usb": "missing"})
    devices = tuple(_device(plug, kind) for plug in plugged if (kind := kind_of(plug)) is not None)
    radios = tuple(
        _radio(i, adapter) for i, adapter in enumerate(o for o in plugged if _bluetooth(o))
    )
    return Findings(devices=devices, network=radios)


def topology(runner: Runner) -> tuple[UsbDevice, ...] | None:
    """All plugged devices except hubs; `None` where the kernel shows no USB bus."""
    names = runner.names(FOLDER)
    if names is None:
        return None
    found: list[UsbDevice] = []
    for name in names:
        if _PORT.fullmatch(name) and len(found) < MAX_DEVICES:
            device = _read_one(runner, name, names)
            if device is not None:
                found.append(device)
    return tuple(found)


def _read_one(runner: Runner, name: str, names: Sequence[str]) -> UsbDevice | None:
    base = f"{FOLDER}/{name}"
    if runner.read(f"{base}/bDeviceClass").text == _HUB:
        return None
    interfaces = []
    for child in names:
        if child.startswith(f"{name}:"):
            code = runner.read(f"{FOLDER}/{child}/bInterfaceClass").text or ""
            sub = runner.read(f"{FOLDER}/{child}/bInterfaceSubClass").text or ""
            interfaces.append((code, sub))
    return UsbDevice(
        port=name,
        vendor_id=runner.read(f"{base}/idVendor").text,
        product_id=runner.read(f"{base}/idProduct").text,
        maker=clean(runner.read(f"{base}/manufacturer").text, Field.MAKER),
        product=clean(runner.read(f"{base}/product").text, Field.MODEL),
        interfaces=tuple(interfaces),
    )


def kind_of(device: UsbDevice) -> str | None:
    """camera, fingerprint, card_reader, or `None` for what we do not name."""
    classes = {code for code, _ in device.interfaces}
    product = (device.product or "").casefold()
    if "0e" in classes:
        return "camera"
    if "fingerprint" in product or ("ff" in classes and device.vendor_id in _FINGERPRINT):
        return "fingerprint"
    if "08" in classes and ("card" in product or "reader" in product):
        return "card_reader"
    return None


def _bluetooth(device: UsbDevice) -> bool:
    return ("e0", "01") in device.interfaces


def _device(device: UsbDevice, kind: str) -> Device:
    return Device(
        kind=kind,
        model=device.product,
        maker=device.maker,
        vendor_id=device.vendor_id,
        product_id=device.product_id,
        bus="usb",
        address=device.port,
    )


def _radio(index: int, device: UsbDevice) -> NetworkPort:
    return NetworkPort(name=f"hci{index}", kind="bluetooth", model=device.product, driver="btusb")
