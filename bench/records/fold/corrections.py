"""Corrections: later words on what was recorded, and those that contradict each other. Pure."""

from __future__ import annotations

from typing import Any

from bench.records.kinds import machine as kinds
from bench.records.rules.known import Known
from bench.records.sql.rows import Entry, compact

# What a person may correct. A claim of erasure is not here: only an erasure changes it.
TEXT_FIELDS = ("asset", "kind", "maker", "model", "serial", "lot")
NUMBER_FIELDS = ("weight_g",)


def standing(entries: list[Entry]) -> dict[str, list[Entry]]:
    """By field, the corrections nobody replaced.

    A bench's later correction of a field replaces its earlier one: who wrote it saw the
    first. Between benches only `replaces` does.
    """
    replaced: set[str] = set()
    latest: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if isinstance(entry.data, kinds.Correction):
            replaced.update(entry.data.replaces)
            latest[entry.data.field, entry.event.bench] = entry
    found: dict[str, list[Entry]] = {}
    for (name, _), entry in latest.items():
        if entry.hash not in replaced:
            found.setdefault(name, []).append(entry)
    return found


def apply(row: dict[str, Any], entries: list[Entry], known: Known) -> list[tuple[str, str, str]]:
    """Correct the row where everybody agrees; give `(kind, detail, choices)` elsewhere."""
    conflicts: list[tuple[str, str, str]] = []
    for name, chosen in sorted(standing(entries).items()):
        values = {compact(_value(entry)): entry for entry in chosen}
        if len(values) > 1:
            choices = compact(sorted([text, entry.hash] for text, entry in values.items()))
            conflicts.append(("correction", name, choices))
            continue
        value = _value(chosen[0])
        if (name in TEXT_FIELDS and isinstance(value, str)) or (
            name in NUMBER_FIELDS and type(value) is int
        ):
            row[name] = value
            # A coordination corrects a name for a member; who else names a lot means its own.
            if name == "lot" and not (row["lot_of"] and known.coordinates(chosen[0].event)):
                row["lot_of"] = known.speaker(chosen[0].event)
    return conflicts


def _value(entry: Entry) -> object:
    assert isinstance(entry.data, kinds.Correction)
    return entry.data.value
