"""Wi-Fi through iwd, asked over D-Bus with `busctl`: what is in reach, and joining it.

Not `iwctl`: it prints tables for people, in which a network's name may look like anything. A
name is up to 32 bytes of anybody's choice; iwd's object paths hold them in hexadecimal, so no
name is ever an argument or part of a path here. A passphrase goes into the file iwd reads it
from and nowhere else.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from bench.guide.network import MOST_BARS, Lock, Wifi
from diagnostics.command import Runner

IWD = "net.connman.iwd"
_CALL = ("busctl", "--system", "--json=short", "--timeout=45", "call", IWD)
OBJECTS = (*_CALL, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
_DBM = (-5500, -6700, -7500)  # hundredths of dBm: from here on one bar less
_KINDS = {"open": Lock.OPEN, "psk": Lock.PASSPHRASE}
_PATH = re.compile(r"/net/connman/iwd/\d{1,4}/\d{1,4}(/(?P<name>([0-9a-f]{2}){1,32})_[a-z0-9]+)?")
_PLAIN = re.compile(rb"[A-Za-z0-9 _-]+")
_PASSPHRASE = re.compile(r"[ -~]{8,63}")


class Station(msgspec.Struct, frozen=True):
    """A Wi-Fi device that can join networks. `networks`: by path, whether known and joined."""

    path: str
    device: str
    networks: dict[str, Wifi]


def station_of(text: str) -> Station | None:
    """The first station of what iwd's object manager answers; never raises."""
    objects = _data(text, 0)
    if not isinstance(objects, dict):
        return None
    for path, interfaces in sorted(objects.items()):
        device, station = _part(interfaces, "Device"), _part(interfaces, "Station")
        name = _value(device, "Name")
        if station is not None and isinstance(name, str) and _PATH.fullmatch(path):
            return Station(path, name, _networks(objects, path))
    return None


def unpowered(text: str) -> tuple[str, ...]:
    """Paths of adapters and devices that are switched off in software; never raises."""
    objects = _data(text, 0)
    found = []
    for path, interfaces in sorted(objects.items()) if isinstance(objects, dict) else ():
        for kind in ("Adapter", "Device"):
            if _value(_part(interfaces, kind), "Powered") is False and _ADAPTER.fullmatch(path):
                found.append(f"{path} {kind}")
    return tuple(found)


_ADAPTER = re.compile(r"/net/connman/iwd/\d{1,4}(/\d{1,4})?")


def strongest(text: str, networks: dict[str, Wifi]) -> tuple[Wifi, ...]:
    """The networks in the order iwd gives them, with their strength; never raises."""
    found = []
    entries = _data(text, 0)
    for entry in entries if isinstance(entries, list) else ():
        if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)):
            continue
        path, signal = entry
        if path in networks and isinstance(signal, int):
            bars = MOST_BARS - sum(signal < limit for limit in _DBM)
            found.append(msgspec.structs.replace(networks[path], bars=bars))
    return tuple(found)


def name_of(path: str) -> bytes:
    """The name in a network's path, its bytes as they were sent; b"" for no such path."""
    found = _PATH.fullmatch(path)
    return bytes.fromhex(found["name"]) if found and found["name"] else b""


def shown(name: bytes) -> str:
    """A name fit for the console: what its font cannot draw, or moves the cursor, is `?`."""
    text = name.decode("utf-8", "replace")
    return "".join(
        letter if letter.isprintable() and ord(letter) < 0x180 else "?" for letter in text
    )


def file_name(path: str, lock: Lock) -> str:
    """The file iwd keeps a network in: its name, or `=` and the bytes in hexadecimal.

    Source: iwd.network(5).
    """
    name = name_of(path)
    stem = name.decode("ascii") if _PLAIN.fullmatch(name) else f"={name.hex()}"
    return f"{stem}.{'psk' if lock is Lock.PASSPHRASE else 'open'}"


def is_passphrase(text: str) -> bool:
    """8 to 63 characters of ASCII, as WPA has them."""
    return _PASSPHRASE.fullmatch(text) is not None


def file_text(passphrase: str) -> bytes:
    """What iwd reads of a network: the passphrase, escaped as its settings are."""
    if not passphrase:
        return b"[Settings]\nAutoConnect=true\n"
    text = passphrase.replace("\\", "\\\\").replace(" ", "\\s")
    return f"[Security]\nPassphrase={text}\n".encode("ascii")


def ordered(runner: Runner, station: Station) -> str:
    """The networks a station hears, as `strongest` reads it."""
    argv = (*_CALL, station.path, f"{IWD}.Station", "GetOrderedNetworks")
    return runner.run(argv, timeout_s=10).text


def search(runner: Runner, station: Station) -> None:
    """Begin to listen for networks."""
    runner.run((*_CALL, station.path, f"{IWD}.Station", "Scan"), timeout_s=10)


def connect(runner: Runner, path: str) -> bool:
    """Join a network iwd has the file of; whether it is joined.

    After a wrong passphrase iwd (3.8) once wants to ask a person, whatever the file says, and
    fails for want of an agent; then it reads the file again.
    """
    argv = (*_CALL, path, f"{IWD}.Network", "Connect")
    done = runner.run(argv, timeout_s=50)
    if done.exit_code != 0 and b"No Agent" in done.stderr:
        done = runner.run(argv, timeout_s=50)
    return done.exit_code == 0


def power(runner: Runner, what: str) -> None:
    """Switch on an entry of `unpowered`."""
    path, _, kind = what.partition(" ")
    argv = ("busctl", "--system", "set-property", IWD, path, f"{IWD}.{kind}", "Powered")
    runner.run((*argv, "b", "true"), timeout_s=10)


def is_searching(text: str, station: Station) -> bool:
    """Whether that station is still listening; never raises."""
    objects = _data(text, 0)
    found = objects.get(station.path) if isinstance(objects, dict) else None
    return _value(_part(found, "Station"), "Scanning") is True


def _networks(objects: dict[str, Any], station: str) -> dict[str, Wifi]:
    found = {}
    for path, interfaces in objects.items():
        network = _part(interfaces, "Network")
        if network is None or not path.startswith(f"{station}/") or not name_of(path):
            continue
        lock = _KINDS.get(str(_value(network, "Type")), Lock.OTHER)
        known, joined = "KnownNetwork" in network, _value(network, "Connected") is True
        found[path] = Wifi(path, shown(name_of(path)), 1, lock, known, joined)
    return found


def _data(text: str, at: int) -> Any:
    """What a call gave, out of busctl's JSON; `None` for anything else."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    data = answer.get("data") if isinstance(answer, dict) else None
    return data[at] if isinstance(data, list) and len(data) > at else None


def _part(interfaces: Any, name: str) -> dict[str, Any] | None:
    part = interfaces.get(f"{IWD}.{name}") if isinstance(interfaces, dict) else None
    return part if isinstance(part, dict) else None


def _value(part: dict[str, Any] | None, name: str) -> Any:
    found = (part or {}).get(name)
    return found.get("data") if isinstance(found, dict) else None
