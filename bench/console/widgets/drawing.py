"""Drawings and very large letters, from glyphs that every console font has."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

_PICTURES = Path(__file__).parents[2] / "screens" / "pictures.toml"
_NUMBER = "N" * 18
# 5 x 5, drawn two columns a point: a letter is 10 wide.
_POINTS = {
    "0": "01110 10001 10001 10001 01110",
    "1": "00100 01100 00100 00100 01110",
    "2": "11110 00001 01110 10000 11111",
    "3": "11110 00001 01110 00001 11110",
    "4": "10010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 11110",
    "6": "01110 10000 11110 10001 01110",
    "7": "11111 00010 00100 01000 01000",
    "8": "01110 10001 01110 10001 01110",
    "9": "01110 10001 01111 00001 01110",
    "A": "01110 10001 11111 10001 10001",
    "B": "11110 10001 11110 10001 11110",
    "C": "01111 10000 10000 10000 01111",
    "D": "11110 10001 10001 10001 11110",
    "E": "11111 10000 11110 10000 11111",
    "F": "11111 10000 11110 10000 10000",
}


@functools.cache
def pictures() -> dict[str, tuple[str, ...]]:
    """All drawings by name, as lines."""
    with _PICTURES.open("rb") as file:
        found: dict[str, str] = tomllib.load(file)
    return {name: tuple(text.splitlines()) for name, text in found.items()}


def picture(name: str, number: str = "") -> tuple[str, ...]:
    """One drawing, with the machine's number on its label.

    An unknown name is no drawing rather than an error on a worker's screen.
    """
    room = len(_NUMBER)
    stamp = (number if len(number) <= room else "").ljust(room)  # half a number is a wrong one
    return tuple(line.replace(_NUMBER, stamp) for line in pictures().get(name, ()))


def large(text: str) -> tuple[str, ...]:
    """A few letters or digits drawn 5 lines high; what cannot be drawn is written."""
    known = [_POINTS[character].split() for character in text.upper() if character in _POINTS]
    if len(known) != len(text):
        return (text,)
    return tuple(
        "  ".join(line[row].replace("1", "██").replace("0", "  ") for line in known)
        for row in range(5)
    )
