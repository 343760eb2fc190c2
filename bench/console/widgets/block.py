"""Text that is drawn again only when it changed: a key must be answered at once."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Static

from bench.errors.sentence import plain


class Unscrolled:
    """A widget that never scrolls: what it holds may change without a second layout.

    Textual lays the whole screen out again whenever the inner size of a widget changed, for
    the scrollbars it may then need: a third of the cost of each new page (Textual 8.2.8).
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))


class Block(Unscrolled, Static):
    """A `Static` that knows what it shows. Laying out a screen costs more than all else."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._shown = Content("")

    def put(self, content: Content) -> None:
        """Show this text, laying the screen out anew only if it has other lines."""
        before, content = self._shown, _plain(content)
        if content.plain == before.plain and content.spans == before.spans:
            return
        self._shown = content
        self.update(content, layout=_shape(content) != _shape(before))


def _plain(content: Content) -> Content:
    """What a disk, a label or another bench wrote moves no cursor; each letter keeps its place."""
    clean = "\n".join(map(plain, content.plain.split("\n")))
    return content if clean == content.plain else Content(clean, list(content.spans))


def _shape(content: Content) -> list[int]:
    """Lines and their lengths decide how high a text is."""
    return [len(line) for line in content.plain.split("\n")]
