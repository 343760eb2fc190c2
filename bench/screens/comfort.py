"""Mon confort (F6): voice, colours, language and pace of the person at the bench.

What is chosen is felt at once, on this page already; Échap puts back what was before, and only
« garder » is remembered.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec.structs import replace

from bench.guide.comfort import MOST_PACE_S, THE_BENCHS, Comfort, ThemeName, Voice
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say
from bench.words.letters import offered, own_name

VOICES: Mapping[str, Voice | None] = {"off": Voice.OFF, "bench": None, "always": Voice.ALWAYS}
THEMES: Mapping[str, ThemeName | None] = {
    "bench": None,
    "contrast": "contrast",
    "light": "light",
    "mono": "mono",
    "console": "console",
}
PACES: Mapping[str, float | None] = {"bench": None, "calm": 0.3, "slow": MOST_PACE_S}


class ComfortPage(Page):
    """Each wish with what is chosen now; a number opens its values."""

    help = "comfort"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.before = desk.comfort
        self.person = desk.visit.operator or ""

    def draw(self) -> View:
        wished = self.desk.comfort
        return View(
            title=say("comfort.title", name=self.desk.visit.operator_name or ""),
            lines=tuple(say("comfort.how").splitlines()),
            choices=(
                *(
                    Choice(wish, say(f"comfort.{wish}.is", now=_said(wish, wished)))
                    for wish in ("voice", "theme", "language", "pace")
                ),
                Choice("erase", say("comfort.erase")),
                Choice("keep", say("comfort.keep")),
            ),
            compact=True,
        )

    def choose(self, key: str) -> None:
        if key == "keep":
            self._keep()
        elif key == "erase":
            self.desk.ease(THE_BENCHS)
            self._keep()
        else:
            self.desk.put(ValuesPage(self.desk, key))

    def _keep(self) -> None:
        people, person, wished = self.desk.port.people, self.person, self.desk.comfort

        def kept(_: None) -> None:
            self.desk.drop()
            self.desk.page.say(say("comfort.kept"), Tone.GOOD)

        if person:
            self.desk.call(lambda: people.keep_comfort(person, wished), kept)

    def stale(self) -> bool:
        """Another person has come, or nobody is there: their comfort is no concern of this page."""
        return (self.desk.visit.operator or "") != self.person

    def special(self, name: str) -> bool:
        if name == "f6":
            self.back()
        return name == "f6"

    def back(self) -> None:
        self.desk.ease(self.before)
        self.desk.drop()


class ValuesPage(Page):
    """The values of one wish, each felt as soon as it is chosen."""

    help = "comfort"

    def __init__(self, desk: Desk, wish: str) -> None:
        super().__init__(desk)
        self.wish = wish
        self.at = list(_values(wish)).index(_named(wish, desk.comfort))

    def draw(self) -> View:
        return View(
            title=say(f"comfort.{self.wish}.title"),
            lines=tuple(say(f"comfort.{self.wish}.what").splitlines()),
            choices=tuple(Choice(name, _word(self.wish, name)) for name in _values(self.wish)),
            compact=len(_values(self.wish)) > 4,
        )

    def choose(self, key: str) -> None:
        self.desk.drop()
        self.desk.ease(_with(self.desk.comfort, self.wish, key))

    def back(self) -> None:
        self.desk.drop()


def _values(wish: str) -> tuple[str, ...]:
    """The names of what may be chosen, in their order."""
    if wish == "language":
        return ("bench", *offered(os.environ))
    return tuple({"voice": VOICES, "theme": THEMES, "pace": PACES}[wish])


def _with(comfort: Comfort, wish: str, name: str) -> Comfort:
    if wish == "voice":
        return replace(comfort, voice=VOICES[name])
    if wish == "theme":
        return replace(comfort, theme=THEMES[name])
    if wish == "pace":
        return replace(comfort, pace_s=PACES[name])
    return replace(comfort, language=None if name == "bench" else name)


def _named(wish: str, comfort: Comfort) -> str:
    """The name of what is chosen; of a pace that is none of ours, the one nearest to it."""
    if wish == "voice":
        return next((name for name, voice in VOICES.items() if voice is comfort.voice), "bench")
    if wish == "theme":
        return comfort.theme or "bench"
    if wish == "language":
        return comfort.language if comfort.language in _values(wish) else "bench"
    pace_s = comfort.pace_s or 0.0
    return min(PACES, key=lambda name: abs((PACES[name] or 0.0) - pace_s))


def _said(wish: str, comfort: Comfort) -> str:
    return _word(wish, _named(wish, comfort))


def _word(wish: str, name: str) -> str:
    """What a value is called; a language by its own name, or its code."""
    if wish == "language" and name != "bench":
        return own_name(name)
    return say(f"comfort.{wish}.{name}")
