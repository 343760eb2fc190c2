"""The one Textual screen: header, words, drawing, choices, footer, always in the same places."""

from __future__ import annotations

from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import Static

from bench.console.widgets.block import Block, Unscrolled
from bench.console.widgets.choices import ChoiceBox, Choices, MarkBox, Scale
from bench.console.widgets.drawing import large, picture
from bench.console.widgets.table import DiskTable
from bench.console.widgets.words import Words
from bench.screens.kit.view import Tone, View
from bench.words.catalogue import say

MIN_COLUMNS, MIN_ROWS = 80, 24


class Frame(NamedTuple):
    """What stands around every page."""

    bench: str
    step: int  # 1 to 8
    steps: int
    step_name: str
    operator: str
    number: str  # of the machine; empty before it has one
    listen: bool  # F5 reads aloud here


class Column(Unscrolled, Vertical):
    """One under another."""


class Row(Unscrolled, Horizontal):
    """Side by side."""


class BenchScreen(Screen[None]):
    """Draws a `View`. It holds no state of its own and takes no keys."""

    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        with Column(id="sheet"):
            yield Block(id="header")
            yield Block(id="progress")
            with Row(id="body"):
                with Column(id="left"):
                    yield Words(id="words")
                    yield DiskTable(id="table")
                    yield Scale(id="scale")
                yield Block(id="picture")
            yield Choices(id="choices")
            yield Block(id="notice")
            yield Block(id="footer")
        yield Static(id="fill")
        yield Block(id="small")

    @property
    def small(self) -> bool:
        """True when the terminal cannot show a page: nothing may be chosen blindly."""
        return self.size.width < MIN_COLUMNS or self.size.height < MIN_ROWS

    def show(self, view: View, frame: Frame) -> None:
        """Put the page on the screen, or the one sentence of a screen too small."""
        sheet, fill, small = (
            self.query_one("#sheet"),
            self.query_one("#fill"),
            self._block("small"),
        )
        small.display = self.small
        fill.display = bool(view.fill) and not self.small
        sheet.display = not self.small and not view.fill
        if self.small:
            small.put(Content(say("screens.small.say")))
        elif view.fill:
            fill.styles.background = f"ansi_{view.fill}"
        else:
            self._show_frame(view, frame)
            self._show_page(view, frame)

    def cursor(self) -> Offset:
        """Where braille displays and screen readers look: on what Enter would do, else where one
        types, else where reading begins."""
        if not self.query_one("#sheet").display:
            return Offset(0, 0)
        scale = self.query_one(Scale)
        marks = self.query(MarkBox) if scale.display else ()  # hidden, they keep their focus
        boxes = (*self.query(ChoiceBox), *marks, self.query_one(DiskTable))
        found = (box.cursor() for box in boxes)
        return next((at for at in found if at is not None), self.query_one(Words).cursor())

    def _block(self, id: str) -> Block:
        return self.query_one(f"#{id}", Block)

    def _show_frame(self, view: View, frame: Frame) -> None:
        step = view.area or say(
            "screens.step", at=frame.step, all=frame.steps, name=frame.step_name
        )
        help = say("screens.keys.help") if view.hears else ""
        if frame.listen and view.hears:
            help = f"{say('screens.keys.listen')}   {help}"
        self._block("header").put(_spread(f" {frame.bench}   {step}", f"{help} ", self._width))
        done = frame.step * (self._width - 2) // frame.steps
        bar = "" if view.area else f" {'█' * done}{'░' * (self._width - 2 - done)}"
        self._block("progress").put(Content(bar))
        back = say("screens.keys.back") if view.back else ""
        enter = say("screens.keys.enter") if view.enters else ""
        call = say("screens.keys.call") if view.hears and not view.area else ""
        keys = "    ".join(text for text in (back, enter, call) if text)
        self._block("footer").put(_spread(f" {keys}", f"{frame.operator} ", self._width))

    @property
    def _width(self) -> int:
        return min(100, self.size.width)

    def _show_page(self, view: View, frame: Frame) -> None:
        # On these alone: of the whole screen it would style every widget anew.
        for id in ("choices", "picture", "notice"):
            toned = self.query_one(f"#{id}")
            toned.set_class(view.tone is Tone.DANGER, "-danger")
            toned.set_class(view.tone is Tone.GOOD, "-good")
        rows, marks = len(view.rows), len(view.marks)
        self.query_one(Words).show(view)
        self.query_one(DiskTable).show(view.rows, view.at)
        self.query_one(Scale).show(view.marks, view.at)
        drawn = large(view.big) if view.big else picture(view.picture, frame.number)
        side = self._block("picture")
        side.display = bool(drawn) and not rows and not marks
        if side.display:
            side.set_class(bool(view.big), "-big")
            side.put(Content("\n".join(drawn)))
        self.query_one(Choices).show(
            view.choices,
            view.at - rows - marks,
            numbered=view.field is None and not rows and not view.arrows,
            tight=bool(rows) or view.compact,
            first=marks + 1,
        )
        notice = self._block("notice")
        notice.set_class(bool(view.notice), "-said")
        notice.put(Content(view.notice))


def _spread(left: str, right: str, width: int) -> Content:
    """One text at the left edge, one at the right; the left one gives way."""
    room = max(0, width - len(right))
    left = left if len(left) <= room else left[: room - 1] + "…"
    return Content(left.ljust(room) + right)
