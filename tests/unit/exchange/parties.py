"""The parties of an exchange: a bench with some work, and who it exchanges with."""

from __future__ import annotations

from pathlib import Path

from bench.records import log
from bench.records.signed import keys
from tests import forge


def register(store: log.Log, *others: log.Log) -> None:
    for other in others:
        workshop = keys.load(other.store.path.parent / "keys" / "workshop.key")
        log.trust(store.store, workshop.public, name="", at="", how="fingerprint")


def visit(bench: log.Log, asset: str) -> None:
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
    bench.append("visit.done", {}, device=device)


def partner(folder: Path, name: str, bench: log.Log) -> log.Log:
    """Another store; each of the two registered the other's workshop."""
    made = forge.store_of(folder, name)
    register(made, bench)
    register(bench, made)
    return made
