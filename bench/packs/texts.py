"""The text of a pack: UTF-8, and no letter that is not seen. Pure; says why in `RecordsError`."""

from __future__ import annotations

import unicodedata

import msgspec

from bench.records.errors import RecordsError

# Control, format (writing turned round), surrogate, unassigned, private, line ends that no editor
# counts. Spaces of all kinds are left: French puts a no-break one before its colons.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"))
_LINES = "\n\r\t"
_BINARY = bytes({*range(32), 127} - set(b"\n\r\t\f\x1b"))  # what no editor leaves in a text


def text_of(content: bytes) -> str:
    """The text of a file, without the mark some editors put before it.

    Raises `RecordsError`: `pack_text` (not in UTF-8), `pack_letter` (which, and in what line).
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RecordsError("pack_text") from None
    for number, line in enumerate(text.split("\n"), 1):
        if letter := unseen(line, _LINES):
            raise RecordsError("pack_letter", letter=letter, line=number)
    return text


def is_binary(content: bytes) -> bool:
    """Whether it is no text at all, whatever its letters are written in."""
    return len(content.translate(None, _BINARY)) < len(content)


def unseen(text: str, but: str = "") -> str:
    """The first letter that is not seen, as `U+202E`; "" where there is none."""
    if text.isprintable():
        return ""
    found = (c for c in text if c not in but and unicodedata.category(c) in _UNSEEN)
    return next((f"U+{ord(letter):04X}" for letter in found), "")


def unfit(place: str) -> Exception:
    """What does not fit in a file, in the form whose words are ours (`bench.words.troubles`)."""
    return msgspec.ValidationError(f"Invalid value - at `$.{place}`")
