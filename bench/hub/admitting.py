"""A bench is let into the workshop once its code was heard from whoever stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.casefile.numbers import given_out
from bench.hub.waiting import Waiting, Waits
from bench.records import joining
from bench.records.signed import fingerprint, keys
from bench.setup.settings import load

if TYPE_CHECKING:
    from bench.records.log import Log


def certified(log: Log, raw: bytes, *, heard: str, role: str = "bench") -> bytes:
    """The answer to a request: a certificate, and which numbers are given out already.

    Raises `RecordsError`: `key_*` (the workshop's key is not here), `fingerprint_*`,
    `role_unknown`, `sealed_*`.
    """
    folder = log.store.path.parent
    workshop, numbers = keys.load(folder / "keys" / "workshop.key"), given_out(log, load(folder))
    return joining.admit(log, workshop, raw, heard=heard, role=role, numbers=numbers)


def admit_waiting(log: Log, heard: str, role: str = "bench") -> Waits | None:
    """Answer the bench of this fingerprint that asked at the server; gives what it asked.

    `None`: it did not ask yet, and has room there from now on. Raises as `certified`.
    """
    spoken = fingerprint.read(heard)
    waiting = Waiting(log.store.path.parent)
    found = waiting.find(spoken)
    if found is None:
        waiting.expect(spoken)
        return None
    waiting.answer(found.public, certified(log, found.raw, heard=heard, role=role))
    return found
