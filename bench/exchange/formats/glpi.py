"""GLPI's native inventory (glpi-project/inventory_format): one JSON document a machine."""

from __future__ import annotations

import re
from typing import Any

from bench.exchange.formats.source import Item, known, number, text
from bench.words.version import VERSION

_MIB = 2**20
_MOST_SOCKETS = 64
_NETWORK = {"ethernet": "ethernet", "wifi": "wifi", "bluetooth": "bluetooth"}
_MAC = re.compile(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")


def document(item: Item, *, tag: str) -> dict[str, Any]:
    """The inventory of a machine; `tag` names the workshop. `deviceid` is our device."""
    content = known(
        {
            "bios": _bios(item),
            "hardware": _hardware(item),
            "cpus": _cpus(item),
            "memories": [_memory(n, module) for n, module in enumerate(_modules(item), 1)],
            "storages": [_storage(part) for part in item.parts("disks")],
            "batteries": [_battery(part) for part in item.parts("batteries")],
            "monitors": [_monitor(part) for part in item.parts("displays")],
            "networks": [_network(part) for part in item.parts("network") if text(part, "name")],
            "videos": _named(item, "gpu"),
            "sounds": _named(item, "audio"),
        }
    )
    content["versionclient"] = f"etabli-{VERSION}"
    found = {
        "deviceid": item.row["device"],
        "itemtype": "Computer",
        "action": "inventory",
        "content": content,
    }
    return found | ({"tag": tag} if tag else {})


def _bios(item: Item) -> dict[str, Any]:
    return known(
        {
            "assettag": item.row["asset"],
            "bmanufacturer": item.text("firmware", "vendor"),
            "bversion": item.text("firmware", "version"),
            "mmanufacturer": item.text("identity", "board_maker"),
            "mmodel": item.text("identity", "board_model"),
            "msn": item.text("identity", "board_serial"),
            "smanufacturer": item.row["maker"],
            "smodel": item.row["model"],
            "ssn": item.row["serial"],
            "enclosureserial": item.text("identity", "chassis_serial"),
        }
    )


def _hardware(item: Item) -> dict[str, Any]:
    memory = item.number("memory", "total_bytes")
    return known(
        {
            "name": item.row["asset"] or item.row["device"],
            "chassis_type": item.text("identity", "chassis"),
            "uuid": item.text("identity", "uuid"),
            "memory": memory // _MIB if memory else None,
            "description": f"grade {item.row['grade']}" if item.row["grade"] else "",
        }
    )


def _cpus(item: Item) -> list[dict[str, Any]]:
    name = item.text("cpu", "model")
    if not name:
        return []
    # Facts count the whole machine; GLPI wants one entry a processor, with what is its own.
    sockets = min(max(item.number("cpu", "sockets") or 1, 1), _MOST_SOCKETS)
    cores, threads = item.number("cpu", "cores"), item.number("cpu", "threads")
    own = _shared_out(cores, sockets)
    cpu = known(
        {
            "name": name,
            "manufacturer": item.text("cpu", "vendor"),
            "core": own,
            "corecount": own,
            "thread": _shared_out(threads, cores),  # unknown where only some cores run two
            "speed": item.number("cpu", "max_mhz"),
            "stepping": item.number("cpu", "stepping"),
        }
    )
    for name, point in (("familynumber", "family"), ("model", "model_number")):
        value = item.number("cpu", point)
        if value is not None:
            cpu[name] = str(value)
    return [cpu] * sockets


def _shared_out(whole: int | None, parts: int | None) -> int | None:
    """What each part has, where all have the same; processors of two sorts are left open."""
    return whole // parts if whole and parts and whole % parts == 0 else None


def _modules(item: Item) -> list[dict[str, Any]]:
    return [part for part in item.parts("memory", "modules") if number(part, "size_bytes")]


def _memory(place: int, module: dict[str, Any]) -> dict[str, Any]:
    size, speed = number(module, "size_bytes"), number(module, "speed_mts")
    return known(
        {
            "numslots": place,
            "caption": text(module, "slot"),
            "capacity": size // _MIB if size else None,
            "type": text(module, "type"),
            "formfactor": text(module, "form"),
            "speed": f"{speed} MT/s" if speed else "",
            "manufacturer": text(module, "maker"),
            "model": text(module, "part"),
            "serialnumber": text(module, "serial"),
        }
    )


def _storage(disk: dict[str, Any]) -> dict[str, Any]:
    size = number(disk, "size_bytes")
    return known(
        {
            "name": text(disk, "name"),
            "description": text(disk, "kind"),
            "type": "cd" if text(disk, "kind") == "optical" else "disk",
            "interface": text(disk, "transport").upper(),
            "disksize": size // 1_000_000 if size else None,  # the schema's MB are powers of ten
            "manufacturer": text(disk, "maker"),
            "model": text(disk, "model"),
            "serial": text(disk, "serial"),
            "firmware": text(disk, "firmware"),
            "wwn": text(disk, "wwn"),
        }
    )


def _battery(battery: dict[str, Any]) -> dict[str, Any]:
    return known(
        {
            "name": text(battery, "model") or text(battery, "name"),
            "manufacturer": text(battery, "maker"),
            "serial": text(battery, "serial"),
            "chemistry": text(battery, "technology"),
            "capacity": number(battery, "design_mwh"),
            "real_capacity": number(battery, "full_mwh"),
        }
    )


def _monitor(display: dict[str, Any]) -> dict[str, Any]:
    return known(
        {
            "manufacturer": text(display, "maker"),
            "caption": text(display, "model"),
            "name": text(display, "model"),
            "serial": text(display, "serial"),
            "port": text(display, "connector"),
            "description": str(number(display, "year") or ""),
        }
    )


def _network(port: dict[str, Any]) -> dict[str, Any]:
    mac, speed = text(port, "mac"), number(port, "speed_mbit")
    return known(
        {
            "description": text(port, "name"),
            "type": _NETWORK.get(text(port, "kind"), ""),
            "mac": mac if _MAC.fullmatch(mac) else "",
            "model": text(port, "model"),
            "driver": text(port, "driver"),
            "speed": str(speed) if speed and speed > 0 else "",
        }
    )


def _named(item: Item, kind: str) -> list[dict[str, Any]]:
    return [
        known({"name": text(part, "model"), "manufacturer": text(part, "maker")})
        if kind == "audio"
        else known({"name": text(part, "model"), "chipset": text(part, "maker")})
        for part in item.parts("devices")
        if text(part, "kind") == kind and text(part, "model")
    ]
