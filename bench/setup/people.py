"""Who works here: the one reader of "who is this", for screens and commands.

The people of a bench are those its `settings.toml` lists and those who were added at the
bench: these stand in the erasable table of persons, never in the log. Whoever is not listed is
nobody: a barcode becomes no person by being scanned. Nothing here asks a person.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.errors.failure import Exit, Failure
from bench.exchange import signers
from bench.guide.badges import MOST_CODE, why_no_badge
from bench.guide.scan import readings
from bench.records import persons
from bench.records.errors import RecordsError
from bench.records.postgres.addresses import is_there
from bench.setup.settings import Operator, Settings

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.records.store import Store

MOST_NAME = 24  # a first name, as it stands on the first page
_ROLE = "operator"
_LESSONS = "lessons"  # field of an entry: exercises its person asked to be remembered
_IN_NAMES = " '’.-"  # beside letters and digits
_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ23456789"  # of a code we make: no vowels, so no words


def listed(store: Store, settings: Settings) -> tuple[Operator, ...]:
    """The people of this bench, those of the settings first; each keeps its place."""
    return _each_once(settings, (person.fields for person in persons.everyone(store, _ROLE)))


def read(database: Path, settings: Settings) -> tuple[Operator, ...]:
    """The same without opening the record for writing; what cannot be read lists nobody."""
    if not is_there(database):
        return settings.operators
    try:
        with signers.opened(database) as connection:
            chosen = "SELECT fields FROM person WHERE role = ? ORDER BY at, reference"
            rows = connection.execute(chosen, (_ROLE,)).fetchall()
        return _each_once(
            settings, [msgspec.json.decode(fields, type=dict[str, str]) for (fields,) in rows]
        )
    except (sqlite3.Error, OSError, RecordsError, msgspec.DecodeError):
        return settings.operators


def _each_once(settings: Settings, added: Iterable[dict[str, str]]) -> tuple[Operator, ...]:
    found = {person.code.casefold(): person for person in settings.operators}
    for fields in added:
        code = fields.get("code", "")
        if code and "name" in fields:
            found.setdefault(code.casefold(), Operator(code, fields["name"]))
    return tuple(found.values())


def find(people: Sequence[Operator], text: str) -> Operator | None:
    """Whose badge, code or name that is; `None` for nobody's, or a name that two have. Pure."""
    if not text.strip() or len(text) > MOST_CODE:
        return None
    spelled = {reading.casefold() for reading in readings(text)}
    coded = [person for person in people if person.code.casefold() in spelled]
    named = [person for person in people if person.name and _plain(person.name) == _plain(text)]
    found = coded or named
    return found[0] if len(found) == 1 else None


def must_know(people: Sequence[Operator], text: str) -> str:
    """The code of who that is. Raises `Failure("operator_unknown")`."""
    found = find(people, text)
    if found is None:
        raise Failure("operator_unknown", Exit.USAGE, text=" ".join(text.split())[:MOST_CODE])
    return found.code


def add(log: Log, people: Sequence[Operator], name: str, badge: str = "") -> Operator:
    """List a new person; who may do so was asked before. Without a badge a code is made.

    Raises `Failure`: `name_unusable`, `name_taken`, `badge_taken`, `badge_unusable`.
    """
    name = usable_name(people, name)
    code = " ".join(badge.split()).upper()
    if code and why_no_badge(code):
        raise Failure("badge_unusable", Exit.USAGE, text=code[:MOST_CODE])
    if code and find(people, code) is not None:
        raise Failure("badge_taken", Exit.USAGE, text=code)
    taken = {person.code.casefold() for person in people}
    while not code or code.casefold() in taken:
        code = "OP-" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in log.random(4))
    persons.add(log, _ROLE, {"code": code, "name": name})
    return Operator(code, name)


def lessons_of(store: Store, code: str) -> frozenset[str]:
    """The exercises somebody asked to be remembered as finished; nobody else's list is given."""
    kept = [entry.fields.get(_LESSONS, "") for entry in _entries(store, code)]
    return frozenset(" ".join(kept).split())


def keep_lesson(log: Log, person: Operator, lesson: str) -> None:
    """Remember an exercise with the person's entry, which is erasable and never leaves the bench.

    Who stands in the settings alone gets an entry that holds this and lists nobody.
    Raises `RecordsError`.
    """
    known = _entries(log.store, person.code)
    if not known:
        persons.add(log, _ROLE, {"code": person.code, _LESSONS: lesson})
        return
    kept = sorted({*known[0].fields.get(_LESSONS, "").split(), lesson})
    persons.amend(log, known[0].reference, {**known[0].fields, _LESSONS: " ".join(kept)})


def _entries(store: Store, code: str) -> list[persons.Person]:
    everyone = persons.everyone(store, _ROLE)
    return [entry for entry in everyone if entry.fields.get("code", "") == code]


def usable_name(people: Sequence[Operator], name: str) -> str:
    """The name as it will be listed. Raises `Failure`: `name_unusable`, `name_taken`."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    good = 0 < len(plain) <= MOST_NAME and plain[0].isalpha()
    good &= all(letter.isalnum() or letter in _IN_NAMES for letter in plain)
    if not good or why_no_badge(plain) not in ("", "shape"):
        raise Failure("name_unusable", Exit.USAGE, most=MOST_NAME)
    if any(_plain(plain) in (_plain(person.name), _plain(person.code)) for person in people):
        raise Failure("name_taken", Exit.USAGE, name=plain)
    return plain


def _plain(text: str) -> str:
    """A name without accents and capitals: what a person types of it in a hurry."""
    parts = unicodedata.normalize("NFKD", " ".join(text.split()))
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()
