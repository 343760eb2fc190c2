"""Locks that outlive an erasure: what only a supervisor can answer, asked and answered.

A worker at the bench cannot know whether a donor released a machine. The question is recorded
as a check that nobody has done, and until it is answered the machine is not ready: its label
has no grade, and it is handed to nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.casefile import writing
from bench.casefile.grade import give_grade
from diagnostics.locks import MANAGED, QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.records.log import Log


def put_to_supervisor(log: Log, device: str, locks: Iterable[str], operator: str = "") -> None:
    """Record the questions of this machine that were not put before."""
    known = log.dossier(device).tests
    for lock in locks:
        if lock not in known:
            asked = {"asked": "supervisor"}
            writing.note_check(log, device, lock, "not_tested", evidence=asked, operator=operator)


def answered(log: Log, device: str, lock: str) -> bool:
    """Whether somebody who may know has answered that question; not so of what a worker saw."""
    told = log.dossier(device).tests.get(lock) if device and lock in QUESTIONS else None
    evidence = told.evidence if told is not None else None
    return isinstance(evidence, dict) and "answered_by" in evidence


def answer(log: Log, device: str, lock: str, *, free: bool, operator: str) -> str:
    """Record a supervisor's answer; the grade that follows from it, "" where none was given yet.

    A grade that a supervisor gave stays: the rules' would take its place.
    """
    log.append("lock.answered", {"lock": lock, "free": free}, device=device, operator=operator)
    found = log.dossier(device)
    if found.grade_given is None or found.override is not None:
        return ""
    return give_grade(log, device, operator).final


def answer_lot(log: Log, device: str, *, operator: str) -> int:
    """The donor released every machine of this one's lot: how many were waiting for that."""
    rows = log.store.query(
        "SELECT m.device FROM machine AS m JOIN machine AS asked"
        " ON asked.lot = m.lot AND asked.lot_of = m.lot_of"
        " WHERE asked.device = ? AND m.lot <> '' AND m.locks <> ''"
        " AND m.state NOT IN ('handed_over', 'gone')",
        (device,),
    )
    lot = [str(row[0]) for row in rows]
    waiting = [member for member in lot if MANAGED in log.dossier(member).locks_open]
    for member in waiting:
        answer(log, member, MANAGED, free=True, operator=operator)
    return len(waiting)
