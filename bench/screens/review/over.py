"""What the supervisor's pages share: they lie over the worker's, and no key calls anybody."""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.supervision import Did, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
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
