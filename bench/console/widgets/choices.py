"""The numbered choices, always at the foot of the screen, and the boxes of a drawn scale."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset

from bench.console.widgets.block import Block, Unscrolled
from bench.console.widgets.drawing import picture
from bench.screens.kit.view import Choice, Mark

MOST, MOST_TIGHT = 4, 8  # in boxes, one line each
MOST_MARKS = 5


class ChoiceBox(Block):
    """One choice. The focused one is filled and has an arrow: shape as well as colour."""

    def cursor(self) -> Offset | None:
        """On its number, where it is focused; in cells of the screen."""
        focused = self.display and self.has_class("-focused")
        return self.content_region.offset + Offset(2, 0) if focused else None

    def show(self, choice: Choice | None, number: int, *, focused: bool, numbered: bool) -> None:
        self.display = choice is not None
        if choice is None:
            return
        arrow = "→" if focused else " "
        name = f"{number}  " if numbered and not choice.hotkey else ""
        hotkey = f"  ({choice.hotkey})" if choice.hotkey else ""
        self.set_class(focused, "-focused")
        self.put(Content(f"{arrow} {name}{choice.text}{hotkey}"))


class Choices(Unscrolled, Vertical):
    """Up to four choices in boxes, or eight in lines; kept mounted and hidden: showing is free."""

    def compose(self) -> ComposeResult:
        for _ in range(MOST_TIGHT):
            yield ChoiceBox()

    def show(
        self, choices: tuple[Choice, ...], at: int, *, numbered: bool, tight: bool, first: int
    ) -> None:
        """`first` is the number of the first choice; `tight` takes one line a choice."""
        self.set_class(tight, "-tight")
        for index, box in enumerate(self.query(ChoiceBox)):
            choice = choices[index] if index < len(choices) else None
            box.show(choice, first + index, focused=index == at, numbered=numbered)


class MarkBox(Block):
    """One box of a scale: its number, its drawing, its words."""

    def cursor(self) -> Offset | None:
        """On its number, in the middle of the first line, where it is focused."""
        focused = self.display and self.has_class("-focused")
        inside = self.content_region
        return inside.offset + Offset(inside.width // 2 + 1, 0) if focused else None

    def show(self, mark: Mark | None, *, focused: bool) -> None:
        self.display = mark is not None
        if mark is None:
            return
        self.set_class(focused, "-focused")
        arrow = "→ " if focused else ""
        lines = [f"{arrow}{mark.key}", *picture(mark.picture), mark.label]
        self.put(Content("\n".join(lines)))


class Scale(Unscrolled, Horizontal):
    """A drawn scale: up to five boxes side by side, the best first."""

    def compose(self) -> ComposeResult:
        for _ in range(MOST_MARKS):
            yield MarkBox()

    def show(self, marks: tuple[Mark, ...], at: int) -> None:
        self.display = bool(marks)
        if not marks:
            return
        for index, box in enumerate(self.query(MarkBox)):
            box.show(marks[index] if index < len(marks) else None, focused=index == at)
