"""One machine with all a foreign format may want to say of it.

Facts come from signed events, perhaps of another workshop, perhaps hostile: every value
is asked for by type, and one that is not of that type is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bench.records.dossier.disks import DiskRecord
from bench.records.errors import RecordsError
from bench.records.lots import MACHINES, LotName
from bench.records.sql import tables
from bench.records.store import Store


class Item(msgspec.Struct, frozen=True):
    """A machine's row, its facts as probed (empty where it was not), its disks, its tests."""

    row: dict[str, Any]
    facts: dict[str, Any]
    disks: tuple[DiskRecord, ...]
    tests: dict[str, str]
    disks_known: bool  # whether nothing else can be in the machine

    def text(self, *path: str) -> str:
        """A text of the facts, "" where it is not known."""
        value = self._at(path)
        return value if isinstance(value, str) else ""

    def number(self, *path: str) -> int | None:
        """A whole number of the facts, `None` where it is not known."""
        value = self._at(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def parts(self, *path: str) -> list[dict[str, Any]]:
        """A list of parts of the facts; what is no part is left out."""
        value = self._at(path)
        return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    def _at(self, path: tuple[str, ...]) -> Any:
        value: Any = self.facts
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value


def text(part: dict[str, Any], name: str) -> str:
    """A text of a part, "" where it is not known."""
    value = part.get(name)
    return value if isinstance(value, str) else ""


def number(part: dict[str, Any], name: str) -> int | None:
    """A whole number of a part."""
    value = part.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def known(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known: an empty field would read as an empty answer."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def items(store: Store, *, lot: LotName | None = None, device: str = "") -> Iterator[Item]:
    """All machines, those of a lot, or one. Raises `RecordsError` (`lot_unknown`)."""
    where = ""
    values: tuple[str, ...] = ()
    if device:
        where, values = " WHERE device = ?", (device,)
    elif lot:
        where, values = f" WHERE {MACHINES}", tuple(lot)
    names = tables.MACHINE.names
    chosen = f"SELECT {', '.join(names)} FROM machine{where} ORDER BY asset, device"
    rows = store.query(chosen, values)
    if lot and not rows:
        raise RecordsError("lot_unknown", lot=lot.lot[:64])
    for row in rows:
        yield _item(store, dict(zip(names, row, strict=True)))


def _item(store: Store, row: dict[str, Any]) -> Item:
    found = store.dossier(row["device"])
    tests = {name: test.outcome for name, test in found.tests.items()}
    return Item(row, found.facts or {}, found.disks, tests, found.disks_known)
