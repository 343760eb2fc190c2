"""A screen's serial number as its label bears it, out of the two an EDID has. Pure.

The base block has a number of four bytes, a descriptor may have a text of thirteen signs. Most
makers print the text. Some have longer numbers and split them: the text alone is then the same
for all screens of a week. What each maker does is known from users who compared with
the label: the classes under `Tools/Screen` of glpi-project/glpi-agent, and its samples.
"""

from __future__ import annotations

import re

from diagnostics.sources.placeholders import Field, clean

_NOT_TOLD = frozenset({0, 0x01010101, 0xFFFFFFFF})
_ACER_TEXT = re.compile(r"[A-Z0-9]{12}")
# Acer's other brands; theirs is only joined where the number tells the EDID's own week.
_ACER_BRANDS = frozenset({"GWY", "PKB", "EMA"})
_PREFIX = re.compile(r"[A-Z0-9]{4}")
_LETTERS = re.compile(r"[A-Z]{1,4}")
# Before it (2010), and on tubes, Samsung's number names the chassis ("GH19"), not the screen.
_SAMSUNG_SPLIT = range(0x0500, 0x1000)
_SAMSUNG_TURNED = frozenset({0x0E5A})
_LG_CODED = frozenset({0x4B21})
_LG_SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def serial(
    maker: str | None, product: int, number: int, text: str | None, made: tuple[int, int]
) -> str | None:
    """The serial to show and search; `made` is week and year as the EDID has them.

    `None` where neither of the two says anything (all noughts or ones, a placeholder).
    """
    told = clean(text, Field.SERIAL)
    if number in _NOT_TOLD:
        return told
    if told is None:
        return clean(_number_alone(maker, product, number), Field.SERIAL)
    if maker == "ACR" or (maker in _ACER_BRANDS and _tells_week(number, made)):
        return _acer(number, told)
    if maker == "SAM" and product in _SAMSUNG_SPLIT:
        return _before(number, told, _PREFIX, turned=product in _SAMSUNG_TURNED)
    if maker == "BNQ":
        return _before(number, told, _LETTERS, turned=True)
    return told


def _acer(number: int, text: str) -> str:
    """Eight signs of the text, the number in hexadecimal, the last four of the text."""
    if _ACER_TEXT.fullmatch(text) is None:
        return text
    return f"{text[:8]}{number:08x}{text[8:]}"


def _tells_week(number: int, made: tuple[int, int]) -> bool:
    """Whether the number opens as Acer's do: last digit of the year, week in two digits."""
    week, year = made
    return f"{number:08x}"[:3] == f"{year % 10}{week:02d}" and 1 <= week <= 53


def _before(number: int, text: str, shape: re.Pattern[str], *, turned: bool) -> str:
    """The number's bytes as signs, before the text; the text alone where they are none."""
    signs = number.to_bytes(4, "little" if turned else "big").strip(b"\0")
    prefix = signs.decode("latin-1")
    return prefix + text if shape.fullmatch(prefix) else text


def _number_alone(maker: str | None, product: int, number: int) -> str:
    if maker == "PHL":
        return f"{number:06d}"  # the end of what is printed, noughts included
    high, low = divmod(number, 1000)
    if maker == "GSM" and product in _LG_CODED and high < len(_LG_SIGNS) ** 2:
        first, second = divmod(high, len(_LG_SIGNS))
        return f"{_LG_SIGNS[first]}{_LG_SIGNS[second]}{low:03d}"
    return str(number)
