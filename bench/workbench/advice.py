"""What the network knows of the model at the bench, for the worker, with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.guide.shown import Advice
from bench.packs import shelf
from bench.words.dates import day_text
from diagnostics.model import Machine

if TYPE_CHECKING:
    from bench.records.log import Log

_MOST = 5  # pages that a worker reads for one PC


def advice_on(log: Log, machine: Machine) -> tuple[Advice, ...]:
    """The advice for this machine, by pack."""
    identity = machine.identity
    found = shelf.advice(log, identity.maker or "", identity.model or "")
    return tuple(Advice(text, pack.network, day_text(pack.day)) for text, pack in found[:_MOST])
