"""What the supervisor's pages share: they lie over the worker's, and no key calls anybody."""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.supervision import Did, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import MAX_TEXT, Page
from bench.screens.kit.view import Tone, View
from bench.words.catalogue import say


class OverPage(Page):
    """A page of the supervisor's mode."""

    help = "day"
    calls = False  # who is called is here

    def __init__(self, desk: Desk, supervision: Supervision) -> None:
        super().__init__(desk)
        self.supervision = supervision

    def view(self) -> View:
        return replace(super().view(), area=say("supervisor.area"))

    def back(self) -> None:
        self.desk.drop()

    def told(self, did: Did) -> None:
        """Say what became of a decision."""
        self.say(did.text, Tone.GOOD if did.ok else Tone.DANGER)


class TypingPage(OverPage):
    """A page where words are typed: as they are, with their blanks."""

    def types(self) -> bool:
        """Whether a text is typed now."""
        return True

    def as_typed(self, character: str) -> str:
        return character

    def scanned(self, text: str) -> None:
        if self.types():
            self.text = text
            self.edited()

    def special(self, name: str) -> bool:
        """Within a text, Space is a space."""
        if name == "space" and self.types() and self.text:
            self.text = f"{self.text} "[:MAX_TEXT]
            self.edited()
            return True
        return False
