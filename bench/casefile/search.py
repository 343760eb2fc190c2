"""Finding a machine among all by a few letters of what is known of it.

The list is read once and searched in memory: no index of the store serves the middle of a word,
and a key must be answered at once (20,000 machines: docs/performance.md).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bench.casefile.reading import donor_party
from bench.records.history import joined_numbers
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.records.log import Log

_MOST_WORDS = 8
_MOST_TEXT = 200  # of one value: a serial of 500 letters is found by its two ends


class Machine(NamedTuple):
    """One machine as a list shows it; every text as it was recorded."""

    device: str
    asset: str
    kind: str
    maker: str
    model: str
    serial: str
    state: str  # a code, `blocked` before all others
    grade: str
    lot: str
    donor: str  # the name, or the reference once it was forgotten
    arrived_day: str
    finished_day: str
    last_day: str
    also: str = ""  # numbers of records that were joined to it, a blank between
    tag: str = ""  # its number in another tool

    @property
    def state_text(self) -> str:
        """The state in a word."""
        return state_text(self.state)


def state_text(state: str) -> str:
    """The word of a state; one this version does not know stays as it is."""
    return find(f"story.state.{state}") or state


class Search(NamedTuple):
    """What was found: the first of them, and how many in all."""

    shown: tuple[Machine, ...]
    found: int


class Machines:
    """Every machine of a record, as it was when it was read; the latest first."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self.machines = list(machines)
        words: dict[str, str] = {}  # of codes, looked up once each
        self._texts = [_text_of(machine, words) for machine in self.machines]
        self._ends = [_ends_of(machine) for machine in self.machines]

    def find(self, typed: str, most: int) -> Search:
        """Those that hold every word typed, whatever its case and accents: label number, serial,
        maker, model, kind, lot, donor, state, grade and days. First those whose number or serial
        ends with a word. Without a word, all."""
        words = plain_words(typed)
        if not words:
            return Search(tuple(self.machines[:most]), len(self.machines))
        places: Sequence[int] = range(len(self.machines))
        texts, ends = self._texts, self._ends
        for word in words:  # plain loops: a generator within would cost ten times as much
            places = [at for at in places if word in texts[at]]
        first: set[int] = set()
        for word in words:
            end = f"{word}\n"
            first.update([at for at in places if end in ends[at]])
        kept = sorted(first)[:most]
        kept += [at for at in places[: 2 * most] if at not in first][: most - len(kept)]
        return Search(tuple(self.machines[at] for at in kept), len(places))


def read_machines(log: Log) -> Machines:
    """All of this record. Raises `RecordsError` where the store cannot be read."""
    rows = log.store.query(
        "SELECT m.device, asset, m.kind, maker, model, serial, m.state, grade, m.lot,"
        " coalesce(l.donor, ''), arrived_day, finished_day, last_day, blocked, tag"
        " FROM machine AS m LEFT JOIN lot AS l"
        " ON l.lot = m.lot AND l.workshop = m.lot_of AND m.lot <> ''"
        " ORDER BY last_day DESC, m.device DESC"
    )
    donors = {row[9] for row in rows if row[9]}
    names = {reference: donor_party(log, reference).name for reference in donors}
    also: dict[str, list[str]] = {}
    for number, root in joined_numbers(log.store):
        also.setdefault(root, []).append(number)
    return Machines(
        Machine._make(
            (
                *row[:6],
                "blocked" if row[13] else row[6],
                *row[7:9],
                names.get(row[9], ""),
                *row[10:13],
                " ".join(also.get(row[0], ())),
                row[14],
            )
        )
        for row in rows
    )


def plain_words(typed: str) -> list[str]:
    """The words that are looked for; what cannot be seen separates them as blanks do."""
    seen = "".join(letter if letter.isprintable() else " " for letter in typed[:_MOST_TEXT])
    return plain(seen).split()[:_MOST_WORDS]


def plain(text: str) -> str:
    """Without case, accents and other marks."""
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _text_of(machine: Machine, words: dict[str, str]) -> str:
    """All that a machine is found by, one thing a line."""
    coded = (f"documents.kind.{machine.kind}", f"story.state.{machine.state}")
    for key in coded:
        if key not in words:
            words[key] = find(key) or ""
    told = [machine.asset, machine.asset.replace("-", ""), machine.serial, machine.kind]
    told += [machine.also, machine.also.replace("-", ""), machine.tag]
    told += [machine.maker, machine.model, machine.lot, machine.donor, machine.state]
    told += [machine.device, *(words[key] for key in coded)]
    if machine.grade:
        told.append(say("story.grade", grade=machine.grade))
    days = [day for day in {machine.arrived_day, machine.finished_day, machine.last_day} if day]
    return plain("\n".join([*map(_cut, told), *days, *map(_french, days)]))


def _ends_of(machine: Machine) -> str:
    ends = (machine.asset, machine.serial, machine.tag, *machine.also.split())
    return plain("".join(f"{_cut(end)}\n" for end in ends))


def _cut(text: str) -> str:
    if len(text) <= _MOST_TEXT:
        return text
    return f"{text[: _MOST_TEXT // 2]}\n{text[-_MOST_TEXT // 2 :]}"


def _french(day: str) -> str:
    """2026-11-23 as people write it."""
    return "/".join(reversed(day.split("-")))
