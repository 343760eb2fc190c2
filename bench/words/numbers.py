"""Which form of a word a number takes, and how a figure is written, language by language. Pure.

The rules are CLDR's (cldr-plurals, cardinals), written out: five languages need fifteen lines.
Babel would bring all of CLDR, some 30 MB onto a stick that starts from memory, for the same
answers. Forms stand in the sentence in CLDR's order: `one|many`, in Ukrainian `one|few|many`.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def _french(number: float) -> int:
    return int(number >= 2)  # 0, 1 and 1,5 are one


def _one(number: float) -> int:
    return int(number != 1)


def _ukrainian(number: float) -> int:
    if not math.isfinite(number):
        return 2
    if number != int(number):
        return 1  # "1,5 диска": CLDR's fourth form; the nearest of the three
    units, hundreds = number % 10, number % 100
    if units == 1 and hundreds != 11:
        return 0
    return 1 if 2 <= units <= 4 and not 12 <= hundreds <= 14 else 2


# Portuguese is Portugal's: in Brazil's 0 is one.
_RULES: dict[str, tuple[int, Callable[[float], int]]] = {
    "fr": (2, _french),
    "en": (2, _one),
    "es": (2, _one),
    "pt": (2, _one),
    "uk": (3, _ukrainian),
}


def forms_of(language: str) -> int:
    """How many forms of a word that language's sentences give."""
    return _RULES[language][0]


def form(number: object, language: str) -> int:
    """The place of the form that so many take: 0 is the singular.

    The number may be written already ("1 234", "1,5"); "12+" and what is no number are many.
    """
    forms, rule = _RULES[language]
    try:
        count = abs(float("".join(str(number).split()).replace(",", ".")))
    except ValueError:
        return forms - 1
    return forms - 1 if math.isnan(count) else rule(count)


def decimal(figure: str, language: str) -> str:
    """A figure written with a point, as that language writes it: English alone keeps the point."""
    return figure if language == "en" else figure.replace(".", ",")
