"""Which devices are one machine: joined and separated by supervisors. Pure.

Devices are minted at intake; serials are observations (placeholders and clones exist),
so only people join two records. The smallest name of a group stands for it.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.records.kinds import machine as kinds
from bench.records.sql.rows import Entry, Row, compact, conflict


def groups(
    entries: list[Entry], may_join: Callable[[Entry], bool]
) -> tuple[dict[str, str], list[Row]]:
    """`(device -> root)` for devices that are not their own root, and what contradicts.

    `may_join`: whether who says it had both machines; another's word is shown and joins nothing.
    Of one bench about one pair the last word counts; benches that disagree leave the
    pair apart and to be arbitrated, because a wrong join mixes two machines' proofs.
    """
    words: dict[tuple[str, str], dict[str, Entry]] = {}
    foreign: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        data, device = entry.data, entry.event.device
        if isinstance(data, kinds.SameAs) and device and data.other != device:
            pair = (min(device, data.other), max(device, data.other))
            if may_join(entry):
                words.setdefault(pair, {})[entry.event.bench] = entry
            else:
                foreign.setdefault(pair, []).append(entry.hash)
    joined: list[tuple[str, str]] = []
    parted: list[tuple[str, str]] = []
    conflicts = [_conflict(pair, "not_holder", sorted(told)) for pair, told in foreign.items()]
    for pair, by_bench in sorted(words.items()):
        apart = [isinstance(entry.data, kinds.NotSame) for entry in by_bench.values()]
        (parted if any(apart) else joined).append(pair)
        if any(apart) and not all(apart):
            hashes = sorted(entry.hash for entry in by_bench.values())
            conflicts.append(_conflict(pair, "disagree", hashes))
    roots = _components(joined)
    for pair in parted:
        if roots.get(pair[0], pair[0]) == roots.get(pair[1], pair[1]):
            hashes = sorted(entry.hash for entry in words[pair].values())
            conflicts.append(_conflict(pair, "joined_by_others", hashes))
    return {device: root for device, root in roots.items() if device != root}, conflicts


def _conflict(pair: tuple[str, str], detail: str, hashes: list[str]) -> Row:
    return conflict(f"identity:{pair[0]}", "identity", detail, compact(hashes), pair[1])


def _components(pairs: list[tuple[str, str]]) -> dict[str, str]:
    parent: dict[str, str] = {}

    def find(device: str) -> str:
        path = []
        while parent.setdefault(device, device) != device:
            path.append(device)
            device = parent[device]
        for member in path:
            parent[member] = device
        return device

    for this, other in pairs:
        first, second = sorted((find(this), find(other)))
        parent[second] = first
    return {device: find(device) for device in list(parent)}
