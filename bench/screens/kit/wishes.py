"""What is comfortable for the person at the bench, from when they come to when they leave."""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.comfort import THE_BENCHS, Comfort, Voice
from bench.screens.kit.desk import Desk
from bench.screens.kit.reading import Reader
from bench.words.catalogue import readers_language


class Wishes:
    """The comfort in force: a person's own, or the bench's while nobody is there."""

    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._desk, self._reader = desk, reader
        self.comfort = THE_BENCHS

    def ease(self, comfort: Comfort) -> None:
        """From now on as this person wants it; `THE_BENCHS` for nobody's wish."""
        before, self.comfort = self.comfort, comfort
        if comfort.language != before.language:
            self._desk.speak_language(comfort.language)
        if comfort.theme != before.theme:
            self._desk.host.wear(comfort.theme)
        self._reader.wish = comfort.voice or Voice.KEY
        self._desk.host.redraw()

    def follow(self, code: str | None) -> None:
        """Somebody else is at the bench, or nobody. A language chosen at Bonjour is a wish of who
        comes, unless they have one of their own."""
        if self.comfort != THE_BENCHS:
            self.ease(THE_BENCHS)
        if code is None:
            self._desk.speak_language(None)
            return

        chosen = readers_language()

        def known(comfort: Comfort) -> None:
            if self._desk.visit.operator == code:
                self.ease(replace(comfort, language=comfort.language or chosen))

        def unknown(text: str) -> None:
            self._desk.page.say(text)

        self._desk.call(lambda: self._desk.port.people.comfort(code), known, unknown)
