"""The fold of packs: what the coordination shares, and what each workshop answered. Pure.

Whatever order events come in, the highest version that was not withdrawn is the network's word: an
older one that is sent again changes nothing.
"""

from __future__ import annotations

from typing import Any

from bench.records.kinds.packs import PackAnswered, PackPublished, PackWithdrawn
from bench.records.rules.known import Known
from bench.records.sql import tables
from bench.records.sql.rows import Entry, Row, Rows, make_row

CURRENT, OLDER, CLASH, WITHDRAWN = "current", "older", "clash", "withdrawn"


def fold(pack: str, entries: list[Entry], known: Known) -> Rows:
    """The packs of this name, one of each network; who may publish was asked before."""
    published: dict[str, list[Entry]] = {}
    withdrawn: dict[str, tuple[int, str]] = {}
    answers: dict[tuple[str, str], Row] = {}
    for entry in entries:
        data, workshop = entry.data, known.speaker(entry.event)
        if isinstance(data, PackPublished):
            published.setdefault(workshop, []).append(entry)
        elif isinstance(data, PackWithdrawn):
            if data.version > withdrawn.get(workshop, (0, ""))[0]:
                withdrawn[workshop] = (data.version, data.reason[:200])
        elif isinstance(data, PackAnswered):
            day, bench, tick = entry.event.at[:10], entry.event.bench, entry.event.tick
            key = (workshop, data.publication)
            answers[key] = (pack, *key, data.answer, day, bench, tick)
    rows = [
        row
        for workshop, said in published.items()
        for row in _versions(pack, workshop, said, *withdrawn.get(workshop, (0, "")))
    ]
    return {
        tables.PACK: [make_row(tables.PACK, row) for row in rows],
        tables.PACK_ANSWER: list(answers.values()),
    }


def _versions(
    pack: str, workshop: str, entries: list[Entry], gone: int, why: str
) -> list[dict[str, Any]]:
    """A row of each publication; the same one said again by another bench is no other."""
    different = {_said(entry): entry for entry in reversed(entries)}
    newest = max(version for version, *_ in different)
    counts: dict[int, int] = {}
    for version, *_ in different:
        counts[version] = counts.get(version, 0) + 1
    rows = []
    for (version, kind, title, form, file, size), entry in different.items():
        state = CURRENT if version == newest else OLDER
        state = WITHDRAWN if version <= gone else CLASH if counts[version] > 1 else state
        told = {"pack": pack, "workshop": workshop, "event": entry.hash, "version": version}
        told |= {"kind": kind, "title": title, "form": form, "file": file, "size_bytes": size}
        told |= {"bench": entry.event.bench, "day": entry.event.at[:10], "state": state}
        rows.append(told | {"reason": why if state == WITHDRAWN else ""})
    return rows


def _said(entry: Entry) -> tuple[int, str, str, str, str, int]:
    data = entry.data
    assert isinstance(data, PackPublished)
    return (data.version, data.kind, data.title, data.form, data.file, data.size_bytes)
