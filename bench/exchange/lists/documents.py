"""GLPI's inventory: one JSON document a machine, as its agent writes and its server takes. Pure.

Of a document the numbers and the parts are read. Who was signed in, addresses, programs and file
systems are in it too, and stay in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bench.exchange.lists import cells
from bench.exchange.lists.told import LineError, Refused, ToldMachine
from bench.records.errors import RecordsError
from diagnostics.sources.placeholders import Field

MOST_DOCUMENTS = 50_000
MOST_PARTS = 256
_NO_DISK = ("cd", "dvd", "floppy", "removable")


def is_document(text: str) -> bool:
    """Whether it is JSON and no sheet."""
    return text.lstrip().startswith(("{", "["))


def read(text: str) -> Iterator[ToldMachine | Refused]:
    """The machines of one document, or of a list of them: `line` is its place.

    Raises `RecordsError`: `list_json` (no JSON, or not GLPI's), `list_too_long`.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise RecordsError("list_json") from None
    documents = found if isinstance(found, list) else [found]
    if len(documents) > MOST_DOCUMENTS:
        raise RecordsError("list_too_long", limit=MOST_DOCUMENTS)
    if not any(isinstance(_part(each, "content"), dict) for each in documents):
        raise RecordsError("list_json")
    for line, each in enumerate(documents, 1):
        try:
            yield _machine(line, each)
        except LineError as error:
            yield Refused(line, error.reason, error.value)


def _machine(line: int, document: Any) -> ToldMachine:
    content, itemtype = _part(document, "content"), _part(document, "itemtype")
    if not isinstance(content, dict):
        raise LineError("no_number")
    if isinstance(itemtype, str) and cells.folded(itemtype) != "computer":
        raise LineError("not_machine", cells.name(itemtype[: cells.MOST_LETTERS])[:40])
    bios, hardware = _part(content, "bios"), _part(content, "hardware")
    return ToldMachine(
        line,
        tag=cells.tag(_text(bios, "assettag")),
        serial=cells.serial(_text(bios, "ssn")),
        kind=cells.kind(_text(hardware, "chassis_type")),
        maker=cells.name(_text(bios, "smanufacturer"), Field.MAKER),
        model=cells.name(_text(bios, "smodel"), Field.MODEL),
        cpu=next((cells.name(_text(cpu, "name")) for cpu in _parts(content, "cpus")), ""),
        ram_mib=_memory(content, hardware),
        storage_bytes=_storage(content),
    )


def _memory(content: dict[str, Any], hardware: Any) -> int:
    """Of the modules; what the system sees of them where they are not told."""
    modules = [_count(part, "capacity") for part in _parts(content, "memories")]
    total = sum(modules) or _count(hardware, "memory")
    return total if total <= cells.MOST_MIB else 0


def _storage(content: dict[str, Any]) -> int:
    """All disks; 0 where one does not tell its size: the sum would be wrong."""
    kinds = ((part, cells.folded(_text(part, "type"))) for part in _parts(content, "storages"))
    sizes = [_count(part, "disksize") for part, kind in kinds if kind not in _NO_DISK]
    total = sum(sizes) * 1_000_000 if all(sizes) else 0
    return total if total <= cells.MOST_STORAGE else 0


def _part(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, dict) else None


def _parts(of: Any, name: str) -> list[Any]:
    found = _part(of, name)
    return found[:MOST_PARTS] if isinstance(found, list) else []


def _text(of: Any, name: str) -> str:
    value = _part(of, name)
    return cells.bounded(value) if isinstance(value, str) else ""


def _count(of: Any, name: str) -> int:
    value = _part(of, name)
    good = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53
    return value if good else 0
