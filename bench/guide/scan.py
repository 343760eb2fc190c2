"""Barcode scanners are keyboards: tell their bursts from a person's typing. Pure.

A scanner types its code in a few milliseconds a key and ends with Enter. Left
alone, that Enter presses the focused button, and two scans read at once run into
each other (measured, docs/facts/screens.md). So every key passes here first: a burst
becomes one `Scan` and its Enter is swallowed; anything slower comes out again as
`Typed`, in order.

A US-mode scanner on a French keymap swaps A/Q, Z/W, M and turns digits into
`&é"'(-è_çà`; a French-mode scanner on a US keymap does the reverse. Both are
repaired by key position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labels import keymaps

GAP_S = 0.025  # scanners send a key every 1 to 15 ms; quick typists need 60 ms or more
MIN_LENGTH = 4  # a rolled hand can give three keys at once, not four
ENTER = "enter"
ACTION_PREFIX = "ACT-"  # of the sheet of codes to scan instead of keys

_US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_US_SHIFT = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_FR = "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!"
_FR_SHIFT = "~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§"
_FR_TO_US = dict(zip(_FR + _FR_SHIFT, _US + _US_SHIFT, strict=True)) | dict(
    zip("ÉÈÇÀ", "2790", strict=True)  # with Caps Lock
)
_US_TO_FR = dict(zip(_US + _US_SHIFT, _FR + _FR_SHIFT, strict=True))
SWAPS = (_FR_TO_US, _US_TO_FR)  # what `layouts` tries first
_AZERTY_DIGITS = dict(zip("&é\"'(-è_çà", "1234567890", strict=True))
_DIGITS = _AZERTY_DIGITS | {"§": "6", "!": "8"}  # the Belgian ones
# Characters our codes never hold, that only a layout mismatch produces.
_FR_MARKS = frozenset("&éèçàÉÈÇÀ\"'(_")
_FR_ONLY = _FR_MARKS - frozenset("&(")  # `&` and `(` are digits of both rows
_US_MARKS = frozenset("!@#$%^*")
_CODE = re.compile(r"[A-Za-z0-9-]+")  # what our codes are made of
_PLAIN = re.compile(r"[A-Za-z0-9./+: -]*")  # and those of others: nothing to put right


@dataclass(frozen=True)
class Typed:
    """One key pressed by a person, as Textual names it, with its character if it has one."""

    key: str
    character: str | None


@dataclass(frozen=True)
class Scan:
    """One barcode, as the scanner meant it; `raw` is what the keymap made of it.

    `ended` is False when no Enter came with it: the scanner sends none, or late.
    """

    text: str
    raw: str
    ended: bool = True


@dataclass(frozen=True)
class Burst:
    """Keys held back until it is clear whether a person or a scanner sent them."""

    keys: tuple[Typed, ...] = ()
    last_at: float = 0.0  # monotonic seconds of the last key

    @property
    def waiting(self) -> bool:
        """True while something is held back: call `pause` after `GAP_S`."""
        return bool(self.keys)


Out = tuple[Scan | Typed, ...]


def press(burst: Burst, key: Typed, at: float) -> tuple[Burst, Out]:
    """Take one key at a monotonic time in seconds; give what is certain by now."""
    burst, out = pause(burst, at)
    if key.key == ENTER and len(burst.keys) >= MIN_LENGTH:
        return Burst(), (*out, _scan(burst, ended=True))
    if key.character is not None and key.character.isprintable() and key.character != " ":
        return Burst((*burst.keys, key), at), out
    return Burst(), (*out, *burst.keys, key)


def pause(burst: Burst, at: float) -> tuple[Burst, Out]:
    """Let time pass: what was held longer than the gap comes out."""
    if not burst.keys or at - burst.last_at <= GAP_S:
        return burst, ()
    if len(burst.keys) >= MIN_LENGTH:  # a scanner set up without Enter
        return Burst(), (_scan(burst, ended=False),)
    return Burst(), burst.keys


def _scan(burst: Burst, *, ended: bool) -> Scan:
    raw = "".join(key.character or "" for key in burst.keys)
    return Scan(repair(raw), raw, ended)


def repair(text: str) -> str:
    """The code as printed, in capitals, when scanner and console layouts differ.

    A digit typed without Shift on the wrong layout comes as a symbol, so a text with
    such symbols and no digit is translated back by key position. Letters alone give
    no clue and stay: the check character of our codes tells.
    """
    raw = text
    characters = frozenset(text)
    digits = characters & frozenset("0123456789")
    if characters & _FR_ONLY and not digits:
        text = "".join(_FR_TO_US.get(character, character) for character in text)
    elif characters & _US_MARKS and digits <= {"6"}:  # the French "-" is the American 6
        text = "".join(_US_TO_FR.get(character, character) for character in text)
    elif characters & _FR_MARKS and not digits:
        text = "".join(_FR_TO_US.get(character, character) for character in text)
    if not _PLAIN.fullmatch(raw) and not _CODE.fullmatch(text):
        return _other_keymaps(raw) or text.upper()
    return text.upper()


def _other_keymaps(raw: str) -> str:
    """The likeliest reading that holds what our codes are made of; empty for none."""
    whole = (reading for reading in keymaps.readings(raw) if _CODE.fullmatch(reading))
    return next(whole, "").upper()


def layouts(text: str) -> tuple[str, ...]:
    """All a text may have been if scanner and console had different layouts, itself first.

    For codes that are checked as a whole (a signature), whatever their letters. Digits may have
    come as they are: Caps Lock and number pads do so.
    """
    digits = frozenset("0123456789")
    found = [text]
    for keys in SWAPS:
        found.append("".join(keys.get(c, c) for c in text))
        found.append("".join(c if c in digits else keys.get(c, c) for c in text))
    found += keymaps.readings(text)
    return tuple(dict.fromkeys(found))


def readings(text: str) -> tuple[str, ...]:
    """What a typed or scanned text may mean, likeliest first, without repetition."""
    plain = text.strip().upper()
    digits = "".join(_AZERTY_DIGITS.get(character, character) for character in text.strip()).upper()
    return tuple(dict.fromkeys((plain, repair(text.strip()), digits)))


def digit(character: str | None) -> int | None:
    """1 to 9, or 0, for a digit key, with or without Shift on a French or Belgian keyboard."""
    found = _DIGITS.get(character or "", character or "")
    return int(found) if len(found) == 1 and found in "0123456789" else None


def matches(typed: str, wanted: str) -> bool:
    """True when the keys pressed are those of `wanted`, whatever Shift and layout did."""
    return bool(wanted) and wanted.upper() in readings(typed)
