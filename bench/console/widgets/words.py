"""The text of a screen: title, sentences, facts, the field, the bar of an erasure."""

from __future__ import annotations

from textual.content import Content

from bench.console.widgets.block import Block
from bench.screens.kit.view import Field, View

BAR_WIDTH = 40


class Words(Block):
    """Everything that is read, one block, top left."""

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
