"""The same paper printed again keeps its number, its date and its bytes, days and processes later.

Two papers of one number are one paper. So a paper is made under the number it had, and only if its
signed file is then the very one on record; whatever else changed makes another paper, with a number
of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from bench.records.signed.event import parse_stored
from bench.setup.clock import rfc3339
from labels.identifier import DEMO, is_demo

if TYPE_CHECKING:
    from bench.records.log import Log

Paper = TypeVar("Paper", bound=msgspec.Struct)
# What stands in a number for the kind of paper: two papers of one second are not one.
MARKS = {
    "attestation": "AE", "sheet": "FM", "handover": "BR", "donor": "DD", "reuse": "AR"
}  # fmt: skip
_LOOKED_AT = 5  # of the papers before: each costs a signature over the whole of it


class About(NamedTuple):
    """What a paper is of: its kind, and a machine or a lot by the name people use."""

    kind: str  # a key of MARKS
    name: str
    device: str = ""
    lot: str = ""


def under_its_number(
    log: Log, about: About, content: Paper, file_of: Callable[[Paper], bytes]
) -> Paper:
    """The content with number, date and tool of the same paper before, else with new ones.

    `file_of`: the signed file of a content. Raises `RecordsError`.
    """
    before = _before(log, about)
    for told in before[:_LOOKED_AT]:
        again = msgspec.structs.replace(
            content, number=told.number, issued_at=told.issued_at, tool=told.tool
        )
        if hashlib.sha256(file_of(again)).hexdigest() == told.sha256:
            return again
    taken = {told.number for told in before}
    moment = log.clock.now()
    while (number := _number(log, about, moment)) in taken:
        moment += dt.timedelta(seconds=1)  # of the number alone: another one was made this second
    return msgspec.structs.replace(content, number=number, issued_at=rfc3339(log.clock.now()))


class _Before(NamedTuple):
    number: str
    issued_at: str
    tool: str
    sha256: str


def _before(log: Log, about: About) -> list[_Before]:
    """The papers of this kind that this bench made of it, the newest first."""
    found = []
    for (body,) in log.store.query(
        "SELECT body FROM event WHERE type = 'document.issued' AND bench = ?"
        " AND coalesce(json_extract(body, '$.device'), '') = ?"
        " AND coalesce(json_extract(body, '$.lot'), '') = ?"
        " ORDER BY seq DESC",
        (log.key.id, about.device, about.lot),
    ):
        data = parse_stored(body).data
        if data.get("number") and data.get("kind") == about.kind:
            found.append(_Before(*(str(data.get(name, "")) for name in _Before._fields)))
    return found


def _number(log: Log, about: About, moment: dt.datetime) -> str:
    demo = f"{DEMO}-" if log.demo and not is_demo(about.name) else ""
    return f"{demo}{about.name}/{MARKS[about.kind]}-{moment.astimezone():%Y%m%d-%H%M%S}"
