"""What a barcode scanner meant, when its keymap is not the console's. Pure.

A scanner types keys, not letters: it presses those which its own layout has for the code, and the
console names them by its own. `keymaps.toml` has both sides for the keymaps of Europe and America.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path

_FILE = Path(__file__).with_name("keymaps.toml")
# Scanners leave the factory with it, and consoles without a setting have it.
USUAL = "us"
_NONE = " "


@functools.cache
def names() -> tuple[str, ...]:
    """The keymaps known, as `keymaps.toml` calls them."""
    return tuple(tables())


@functools.cache
def tables() -> dict[str, tuple[str, str]]:
    """What each key types, by keymap: without Shift and with it; a blank: nothing by itself."""
    with _FILE.open("rb") as file:
        return {name: (keys["plain"], keys["shift"]) for name, keys in tomllib.load(file).items()}


def typed(code: str, scanner: str, console: str) -> str | None:
    """What the console shows of a code; `None` where the scanner has no key for a sign of it,
    or the console a dead one."""
    keys = {sign: to for sign, to in _pairs(scanner, console) if sign != _NONE}
    shown = [keys.get(sign, _NONE) for sign in code]
    return None if _NONE in shown else "".join(shown)


def readings(text: str) -> tuple[str, ...]:
    """All that a text may have been, likeliest first, without itself; only whole readings.

    A scanner as it was bought on any console, any scanner on a console nobody set, and then
    all other pairs.
    """
    signs = frozenset(text)
    found = (text.translate(table) for table, known in _translations() if signs <= known)
    return tuple(reading for reading in dict.fromkeys(found) if reading != text)


@functools.cache
def _translations() -> tuple[tuple[dict[int, str], frozenset[str]], ...]:
    made = []
    for scanner, console in _in_order():
        back: dict[str, str] = {}
        for meant, shown in _pairs(scanner, console):
            if _NONE not in (meant, shown):
                back.setdefault(shown, meant)
        for shown, meant in list(back.items()):  # Caps Lock: É for é
            for other in (shown.upper(), shown.lower()):
                if len(other) == 1:
                    back.setdefault(other, meant)
        made.append(({ord(shown): meant for shown, meant in back.items()}, frozenset(back)))
    return tuple(made)


def _pairs(scanner: str, console: str) -> Iterator[tuple[str, str]]:
    """Each sign the scanner's layout types, and what the console makes of its key."""
    for ours, theirs in zip(tables()[scanner], tables()[console], strict=True):
        yield from zip(ours, theirs, strict=True)


def _in_order() -> list[tuple[str, str]]:
    first = [(USUAL, console) for console in names()] + [(name, USUAL) for name in names()]
    rest = [(scanner, console) for scanner in names() for console in names()]
    return [pair for pair in dict.fromkeys(first + rest) if pair[0] != pair[1]]
