"""What the guided screens need of the application around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.guide.comfort import ThemeName


class Host(Protocol):
    """The application, as the desk sees it: `bench.console.app.AppHost`, or a test."""

    def post(self, do: Callable[[], None]) -> None:
        """Do it in the screen's thread; may be called from any thread."""

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        """Do it after some time; the answer cancels it."""

    def redraw(self) -> None:
        """The page has changed."""

    def leave(self, code: int) -> None:
        """End the screens with that return code."""

    def wear(self, theme: ThemeName | None) -> None:
        """Other colours from now on; `None`: the bench's."""

    def practise(self, lesson: str) -> None:
        """Play that lesson on the screen, or ("") come back from one to what is real."""

    def bell(self) -> None:
        """The terminal's own sound."""

    def clock(self) -> float:
        """Monotonic seconds."""
