"""The text of a screen: title, sentences, facts, the field, the bar of an erasure."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Offset

from bench.console.widgets.block import Block
from bench.screens.kit.view import Field, View
from bench.screens.kit.wrapped import columns

BAR_WIDTH = 40


class Words(Block):
    """Everything that is read, one block, top left."""

    _typed: int | None = None  # columns before the place where the next letter comes

    def cursor(self) -> Offset:
        """Where one types, on the last line; without a field, where reading begins."""
        inside = self.content_region
        if self._typed is None:
            return inside.offset
        return inside.offset + Offset(min(self._typed, inside.width - 1), inside.height - 1)

    def show(self, view: View) -> None:
        parts = [Content.styled(view.title, "$strong")]
        if view.facts or view.lines or view.field or view.percent is not None:
            parts.append(Content(""))
        width = max((len(name) for name, _ in view.facts), default=0)
        for name, value in view.facts:
            parts.append(Content.assemble(f"{name.ljust(width)}  ", (value, "$strong"), end=""))
        if view.facts and view.lines:
            parts.append(Content(""))
        if view.percent is not None:
            parts.append(Content(bar(view.percent, BAR_WIDTH)))
        parts += [Content(line) for line in view.lines]
        if view.field is not None:
            parts += [Content(""), _field(view.field)]
        self._typed = None if view.field is None else _before(view.field)
        self.put(Content("\n").join(parts))


def bar(percent: int, width: int) -> str:
    """`████░░░░  45 %`: full only when all is done."""
    full = max(0, min(100, percent)) * width // 100
    return f"{'█' * full}{'░' * (width - full)}  {percent} %"


def _field(field: Field) -> Content:
    if field.slots:
        shown = " ".join(field.text.ljust(field.slots, "_"))
        return Content.assemble(f"{field.label}\n\n     [ ", (shown, "$strong"), " ]")
    return Content.assemble(f"{field.label}\n[ ", (f"{field.text}_", "$strong"), " ]")


def _before(field: Field) -> int:
    """How many columns stand before the place of the next letter."""
    typed = columns(field.text)
    return 7 + 2 * min(typed, field.slots - 1) if field.slots else 2 + typed
