"""Who is this, made real for the screens: `bench.setup.people` reads, this says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.guide.badges import why_no_badge
from bench.guide.comfort import Comfort
from bench.guide.people import Added, Listed, Who
from bench.records import returning
from bench.records.day import pin
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.setup import comfort as comforts
from bench.setup import people
from bench.setup.settings import Operator, Settings
from bench.words.catalogue import say


class PeopleDesk:
    """The people of one bench. `serials` are those of the PC in hand, as far as it was read."""

    def __init__(
        self, log: Log, settings: Settings, serials: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self._log, self._settings, self._serials = log, settings, serials

    @property
    def _people(self) -> tuple[Operator, ...]:
        return people.listed(self._log.store, self._settings)

    def listed(self) -> tuple[Listed, ...]:
        return tuple(_shown(person) for person in self._people)

    def who(self, text: str, *, typed: bool) -> Who:
        found = people.find(self._people, text)
        if found is not None:
            return Who(True, found.code, _shown(found).name)
        code = " ".join(text.split()).upper()
        recorded = (code,) if returning.is_serial(self._log.store, code) else ()
        why = why_no_badge(text, (*recorded, *self._serials()))
        if typed and why in ("", "shape"):
            return self._typed(code, why)
        if why:
            return Who(False, text=say(f"people.no_badge.{why}"))
        return Who(False, code, text=say("people.unknown"), new=True)

    def _typed(self, code: str, why: str) -> Who:
        """A name typed by a new person, or a code read off a badge that does not scan.

        Digits alone may be the supervisor's secret, typed one field too early: they are not shown
        again, and become nobody's badge."""
        if code.isdecimal():
            return Who(False, text=say("people.unknown_typed"))
        if any(character.isdecimal() for character in code):
            return Who(False, code, text=say("people.unknown_typed"), new=not why)
        try:
            name = people.usable_name((), code.title())
        except Failure:
            return Who(False, text=say("people.unknown_typed"))
        return Who(False, name=name, text=say("people.unknown_typed"), new=len(name) > 1)

    def add(self, name: str, badge: str, code: str) -> Added:
        try:
            people.usable_name(self._people, name)
            if pin.is_set(self._log):
                if not code:
                    return Added(asks_code=True)
                self._prove(code)
            return Added(_shown(people.add(self._log, self._people, name, badge)))
        except Failure as failure:
            return Added(text=_capital(sentence(failure)))
        except RecordsError as error:
            told = as_failure(error)
            return Added(text=_capital(sentence(told) if told else error.code))

    def comfort(self, code: str) -> Comfort:
        return comforts.of(self._folder, code)

    def keep_comfort(self, code: str, comfort: Comfort) -> None:
        comforts.keep(self._folder, code, comfort)

    @property
    def _folder(self) -> Path:
        return self._log.store.path.parent

    def _prove(self, code: str) -> None:
        """That a supervisor is there; nothing else may be decided by it. Raises `RecordsError`."""
        pin.unlock(self._log, code)
        pin.lock(self._log)


def _shown(person: Operator) -> Listed:
    return Listed(person.code, person.name or person.code)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
