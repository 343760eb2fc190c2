"""A key's fingerprint as people see, hear and type it: written and read here, nowhere else.

`12345 67890 12345 67890 12345 67890 42`: six groups of five digits of a hash of the key (99.6
bits, as half a safety number of Signal's), then two check digits over those thirty (ISO 7064
MOD 97-10, as an IBAN's). A slip of one digit and any two digits exchanged are always told apart
from another key. Why so: docs/decisions/spoken-fingerprint.md.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NamedTuple

from bench.records.errors import RecordsError

_GROUP = 5
_BARE = 30  # digits of the hash; all there was before the check digits
WHOLE = _BARE + 2
# What people write for a digit: typed from a paper, an O is no letter of anything here.
_MEANT = str.maketrans("OoIiLl|", "0011111")
_BETWEEN = frozenset(".,;:/_·'’\"«»()[]")
_BLANK = ("Zs", "Zl", "Zp", "Cc", "Cf", "Pd")  # spaces, what cannot be seen, dashes


class Spoken(NamedTuple):
    """A fingerprint as somebody typed it, readable by itself.

    `checked`: its check digits were given, and fit. Papers made before have none, and then
    nobody can tell a slip from another key.
    """

    digits: str  # thirty
    checked: bool

    def names(self, public: bytes) -> bool:
        """Whether it is that of this key (32 bytes)."""
        return self.digits == _hashed(public)

    def refusal(self) -> RecordsError:
        """That it is of another key. It never holds the one that would have been right."""
        return RecordsError("fingerprint_wrong" if self.checked else "fingerprint_unchecked")


def show(public: bytes) -> str:
    """The fingerprint of a key (32 bytes), to be shown and read aloud."""
    digits = _hashed(public)
    return grouped(digits + _check(digits))


def unchecked(public: bytes) -> str:
    """The six groups alone, as signed papers hold them: other versions compare every byte."""
    return grouped(_hashed(public))


def grouped(digits: str) -> str:
    """Digits of a fingerprint, some or all, in their groups; never more than there are."""
    whole = digits[:WHOLE]
    return " ".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def read(text: str) -> Spoken:
    """What somebody typed, with whatever blanks and dashes, O for 0, l and I for 1.

    Raises `RecordsError`: `fingerprint_unreadable`, `fingerprint_length`,
    `fingerprint_miscopied` (its check digits do not fit). None of them looks at any key.
    """
    digits = ""
    for typed, character in zip(text, text.translate(_MEANT), strict=True):
        number = unicodedata.decimal(character, None)
        if number is not None:
            digits += str(number)
        elif character not in _BETWEEN and unicodedata.category(character) not in _BLANK:
            raise RecordsError("fingerprint_unreadable", character=typed)
    if len(digits) not in (_BARE, WHOLE):
        raise RecordsError("fingerprint_length", count=len(digits), whole=WHOLE)
    bare, check = digits[:_BARE], digits[_BARE:]
    if check and check != _check(bare):
        raise RecordsError("fingerprint_miscopied")
    return Spoken(bare, checked=bool(check))


def _hashed(public: bytes) -> str:
    digest = hashlib.sha512(b"etabli fingerprint 1\0" + public).digest()
    numbers = (int.from_bytes(digest[at * 5 : at * 5 + 5], "big") for at in range(6))
    return "".join(f"{number % 100_000:05d}" for number in numbers)


def _check(bare: str) -> str:
    """ISO 7064 MOD 97-10, "02" to "98".

    Over 32 digits: the powers of 10 up to the 95th all differ modulo 97, a prime, so one digit
    changed, or two exchanged wherever they stand, never leave the remainder as it was.
    """
    return f"{98 - int(bare) * 100 % 97:02d}"
