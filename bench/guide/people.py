"""Who is this, as the screens ask it: a small port of its own, for Bonjour and the supervisor.

`bench.workbench.people` is the real one; the screens call it from their worker thread.
"""

from __future__ import annotations

from typing import Protocol

from bench.guide.comfort import Comfort
from bench.guide.shown import Shown


class Listed(Shown, frozen=True):
    """A person of this bench: the code that stands in the record, and the name people read."""

    code: str
    name: str


class Who(Shown, frozen=True):
    """Who a badge, code or name belongs to. `text` says why nobody, when `ok` is False.

    `new`: nobody's, and it may be a new person, whose badge `code` is ("" without a badge) and
    who may be called `name`.
    """

    ok: bool
    code: str = ""
    name: str = ""
    text: str = ""
    new: bool = False


class Added(Shown, frozen=True):
    """What became of listing a person. `asks_code`: the supervisor's code must come with it."""

    person: Listed | None = None
    text: str = ""
    asks_code: bool = False


class People(Protocol):
    """It may raise as `bench.guide.port.Port` does."""

    def listed(self) -> tuple[Listed, ...]:
        """Who works at this bench, each always in the same place."""

    def who(self, text: str, *, typed: bool) -> Who:
        """Whose a scanned or typed text is. Lists nobody."""

    def add(self, name: str, badge: str, code: str) -> Added:
        """List a new person; `code` is the supervisor's, "" where it was not asked yet."""

    def comfort(self, code: str) -> Comfort:
        """What that person chose; the bench's own where they chose nothing."""

    def keep_comfort(self, code: str, comfort: Comfort) -> None:
        """Keep it; the bench's own leaves nothing of that person behind."""
