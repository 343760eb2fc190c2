"""What is printed on the keys, as data (`layouts.toml`), and a picture of it as text."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

_FILE = Path(__file__).with_name("layouts.toml")
DEFAULT = "azerty"
WIDTH = 78  # of the picture; the screens have 80 columns
_SEEN, _BAD = "■", "×"  # both in the console font Lat15-Terminus (docs/facts/screens.md)


@functools.cache
def _document() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


CODES: dict[str, int] = _document()["codes"]
NAMES: dict[int, str] = {code: name for name, code in CODES.items()}


class Layout(msgspec.Struct, frozen=True):
    """Rows of (key code, printed label); `core` must answer on every keyboard of its kind.

    `groups` are keys that come together (the numbers on the right) or one by one: expected
    only once one of the group was pressed.
    """

    name: str
    rows: tuple[tuple[tuple[int, str], ...], ...]
    core: frozenset[int]
    groups: tuple[frozenset[int], ...]

    @property
    def all(self) -> frozenset[int]:
        """Every key the picture shows or a group names."""
        drawn = frozenset(code for row in self.rows for code, _ in row)
        return drawn.union(*self.groups)

    def group_of(self, code: int) -> frozenset[int]:
        """The optional keys that exist when this one does."""
        return next((group for group in self.groups if code in group), frozenset())


@functools.cache
def layout(name: str) -> Layout:
    """The layout of this name; azerty for a name we do not have."""
    document = _document()
    table = document["layouts"].get(name) or document["layouts"][DEFAULT]
    rows = tuple(tuple(_key(word) for word in row.split()) for row in table["rows"])
    groups = tuple(frozenset(CODES[k] for k in group.split()) for group in document["groups"])
    optional = frozenset(code for group in groups for code in group)
    core = frozenset(code for row in rows for code, _ in row) - optional
    return Layout(name if name in document["layouts"] else DEFAULT, rows, core, groups)


def layouts() -> tuple[str, ...]:
    return tuple(_document()["layouts"])


def _key(word: str) -> tuple[int, str]:
    """ "q=A" is the key QWERTY calls q, printed A; "esc" alone is printed "esc"."""
    name, separator, label = word.partition("=")
    return CODES[name], (label if separator and label else name)


def picture(
    drawn: Layout,
    seen: Iterable[int],
    bad: Iterable[int] = (),
    shown: Iterable[int] | None = None,
) -> str:
    """The keyboard as lines of text: a key seen is filled, a key in trouble is crossed.

    `shown` limits the picture to these keys (default: the core and the groups seen).
    """
    done, wrong = frozenset(seen), frozenset(bad)
    wanted = drawn.all if shown is None else frozenset(shown)
    lines = []
    for row in drawn.rows:
        cells = [_cell(label, code, done, wrong) for code, label in row if code in wanted]
        lines.append(" ".join(cells)[:WIDTH])
    return "\n".join(lines)


def _cell(label: str, code: int, seen: frozenset[int], bad: frozenset[int]) -> str:
    if code in bad:
        return f"│{_BAD * len(label)}│"
    if code in seen:
        return f" {_SEEN * len(label)} "
    return f"│{label}│"  # no square brackets: Textual would read them as markup
