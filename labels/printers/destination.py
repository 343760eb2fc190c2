"""Where a label goes, as one short text a person can type or a bench can remember."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from labels.errors import LabelError

RAW_PORT = 9100
IPP_PORT = 631


class Device(msgspec.Struct, frozen=True, tag=True):
    """A printer's device file of the kernel's usblp driver."""

    path: str


class Network(msgspec.Struct, frozen=True, tag=True):
    """A printer that takes raw bytes on a TCP port.

    `quiet`: this model never closes the connection; what its network chip acknowledged
    then has to pass for taken.
    """

    host: str
    port: int = RAW_PORT
    quiet: bool = False


class Ipp(msgspec.Struct, frozen=True, tag=True):
    """An office printer spoken to directly in IPP."""

    url: str  # http://host:631/ipp/print

    @property
    def printer_uri(self) -> str:
        return "ipp" + self.url.removeprefix("http")


class CupsQueue(msgspec.Struct, frozen=True, tag=True):
    """A queue of the local CUPS, through `lp`."""

    name: str


class File(msgspec.Struct, frozen=True, tag=True):
    """A file, written whole or not at all."""

    path: str


Destination = Device | Network | Ipp | CupsQueue | File

_SCHEMES = frozenset({"usb", "tcp", "ipp", "ipps", "lp", "file"})
_HOST = r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)"
_NETWORK = re.compile(rf"tcp://{_HOST}(?::([0-9]{{1,5}}))?/?(\?quiet)?")
_IPP = re.compile(rf"(ipps?)://{_HOST}(?::([0-9]{{1,5}}))?(/[!-~]*)?")


def destination(text: str) -> Destination:
    """`usb:/dev/usb/lp0`, `tcp://host[:9100][?quiet]`, `ipp://host/ipp/print`, `lp:QUEUE`,
    `file:PATH`.

    A bare path under /dev/ is a device, any other a file. Raises
    `LabelError("unknown_destination")`.
    """
    network, ipp = _NETWORK.fullmatch(text), _IPP.fullmatch(text)
    if network:
        return Network(network[1].strip("[]"), _port(text, network[2], RAW_PORT), bool(network[3]))
    if ipp and ipp[1] == "ipp":
        return Ipp(f"http://{ipp[2]}:{_port(text, ipp[3], IPP_PORT)}{ipp[4] or '/ipp/print'}")
    scheme, _, rest = text.partition(":")
    if scheme == "usb" and rest.startswith("/dev/"):
        return Device(rest)
    if scheme == "lp" and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,126}", rest):
        return CupsQueue(rest)
    if scheme == "file" and rest:
        return File(rest)
    if text.startswith("/dev/"):
        return Device(text)
    if scheme not in _SCHEMES and "://" not in text and Path(text).name:
        return File(text)
    raise LabelError("unknown_destination", address=text)


def _port(text: str, port: str | None, default: int) -> int:
    number = default if port is None else int(port)
    if not 0 < number < 65536:
        raise LabelError("unknown_destination", address=text)
    return number
