"""Asset identifiers such as `RC26-004217-H`.

Shape: workshop prefix (1 to 4 letters), kind (1 letter), year (2 digits), number
(6 digits), check character. The check character is ISO 7064 MOD 37,36 over the ten
to thirteen characters before it, dashes left out: it catches every single
substitution and about 99.9 % of adjacent swaps (tests/properties/test_label_identifier.py),
where Luhn catches 97.8 %.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from labels.keymaps import readings

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER_DIGITS = 6
LAST_NUMBER = 10**NUMBER_DIGITS - 1
KINDS = {"C": "computer", "D": "disk", "E": "screen", "L": "lot", "M": "mobile", "P": "part"}

DEMO = "DEMO"  # prefix of what a demonstration numbers; no workshop may take it

_BODY = re.compile(r"([A-Z]{1,4})([A-Z])([0-9]{2})([0-9]{6})")
_COMPACT = re.compile(_BODY.pattern + r"([0-9A-Z])")
_HEAD = re.compile(r"[A-Z]*")
_MAX_TYPED = 64  # longer is not an identifier, whatever the keyboard did


class Identifier(msgspec.Struct, frozen=True, order=True):
    """One identifier; build it with `make` or `parse`, which check it."""

    prefix: str  # the workshop, 1 to 4 capital letters
    kind: str  # one capital letter, see KINDS; unknown letters are kept
    year: int  # 0 to 99
    number: int  # 1 to 999999

    @property
    def body(self) -> str:
        """Everything the check character covers, without dashes."""
        return f"{self.prefix}{self.kind}{self.year:02d}{self.number:0{NUMBER_DIGITS}d}"

    @property
    def check(self) -> str:
        return check_character(self.body)

    @property
    def compact(self) -> str:
        """`RC26004217H`: for file names and narrow places."""
        return self.body + self.check

    def __str__(self) -> str:
        head = f"{self.prefix}{self.kind}{self.year:02d}"
        return f"{head}-{self.number:0{NUMBER_DIGITS}d}-{self.check}"


class Wrong(msgspec.Struct, frozen=True):
    """Why a scanned or typed text is no identifier of ours.

    `code`: `empty`, `shape` (not letters, year, number, check), `check` (shape right,
    check character wrong), `missing_check` (everything but the check character).
    `suggestions`: likely right identifiers, likeliest first, for a person to choose;
    never to be taken without asking.
    """

    code: str
    text: str
    suggestions: tuple[str, ...] = ()


def is_demo(number: str) -> bool:
    """Whether a number, of a machine or of a paper, is a demonstration's."""
    return number.startswith(DEMO)


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 over capital letters and digits.

    Raises `ValueError` for any other character.
    """
    remainder = 36
    for character in body:
        remainder = (remainder + ALPHABET.index(character)) % 36 or 36
        remainder = remainder * 2 % 37
    return ALPHABET[(37 - remainder) % 36]


def make(prefix: str, kind: str, year: int, number: int) -> Identifier:
    """An identifier from its parts; `year` may be 26 or 2026.

    Raises `ValueError` for parts out of range: they come from settings, not from people.
    """
    identifier = Identifier(prefix, kind, year % 100, number)
    if not 1 <= number <= LAST_NUMBER or not _BODY.fullmatch(identifier.body):
        raise ValueError(f"not an identifier: {prefix!r} {kind!r} {year!r} {number!r}")
    return identifier


def parse(text: str, exists: Callable[[str], bool] | None = None) -> Identifier | Wrong:
    """Read a scanned or typed identifier; never raises.

    Lower case, spaces, any dashes or none, and a keyboard in the wrong layout are
    put right where the check character then agrees. `exists` tells whether an
    identifier is in the record; it only orders the suggestions.
    """
    if not isinstance(text, str) or not text.strip():
        return Wrong("empty", "")
    shown = text.strip()[:_MAX_TYPED]
    if len(text.strip()) > _MAX_TYPED:
        return Wrong("shape", shown)
    compact = normalise(text)
    found = _valid(compact)
    if found is not None:
        return found
    for reading in _other_keyboards(text):
        found = _valid(reading)
        if found is not None:
            return found
    others = {found for reading in readings(text.strip()) if (found := _valid(normalise(reading)))}
    if len(others) == 1:  # two right ones would be a guess
        return others.pop()
    if _BODY.fullmatch(compact):
        return Wrong("missing_check", shown, suggest(compact + "?", exists))
    code = "check" if _COMPACT.fullmatch(compact) else "shape"
    return Wrong(code, shown, suggest(compact, exists))


def normalise(text: str) -> str:
    """Capitals without spaces and dashes: the form the check is computed on."""
    return re.sub(r"[\s\u00ad\u2010-\u2015\u2212_.\-]+", "", text).upper()


def _valid(compact: str) -> Identifier | None:
    match = _COMPACT.fullmatch(compact)
    if match is None or check_character(compact[:-1]) != compact[-1]:
        return None
    prefix, kind, year, number, _ = match.groups()
    return Identifier(prefix, kind, int(year), int(number)) if int(number) else None


# A scanner set to a US keyboard on a French (AZERTY) console: digits arrive as the
# unshifted top row, the dash as ")" and A/Q, Z/W, M are exchanged.
_AZERTY_ROW = dict(zip("&é\"'(-è_çà", "1234567890", strict=True))
_US_ON_FRENCH = str.maketrans("AQZWaqzw?,", "QAWZqawzMM")
# The other way round: a French scanner on a US console holds Shift for each digit,
# and its dash key is the US 6.
_US_SHIFTED_ROW = str.maketrans({**dict(zip("!@#$%^&*()", "1234567890", strict=True)), "6": None})


def _other_keyboards(text: str) -> Iterator[str]:
    """What the text may have been on the other keyboard layout."""
    if any(character in _AZERTY_ROW for character in text.lower()):
        for swapped in (text.translate(_US_ON_FRENCH), text):
            yield from _azerty_readings(swapped.lower())
    if any(character in "!@#$%^*" for character in text):
        for swapped in (text.translate(_US_SHIFTED_ROW), _french_letters(text)):
            yield normalise(swapped)


def _french_letters(text: str) -> str:
    return text.translate(_US_SHIFTED_ROW).translate(str.maketrans("AQZWaqzw:;", "QAWZqawzMM"))


def _azerty_readings(text: str) -> Iterator[str]:
    """The unshifted row as digits; "-" is both the 6 key and a real dash: try both."""
    plain = "".join(
        character if character == "-" else _AZERTY_ROW.get(character, character)
        for character in text
        if character not in ")°"
    )
    dashes = min(plain.count("-"), 8)
    for choice in range(2**dashes):
        reading, seen = [], 0
        for character in plain:
            if character == "-":
                reading.append("6" if choice >> seen & 1 else "")
                seen += 1
            else:
                reading.append(character)
        yield normalise("".join(reading))


# Pairs people and worn labels confuse, both ways.
_LOOK_ALIKE = ("0O", "0D", "0Q", "1I", "1L", "2Z", "4A", "5S", "6G", "8B", "7T", "UV", "VW", "MN")


def suggest(compact: str, exists: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """Up to four identifiers likely meant by a text whose check character is wrong.

    In order: those in the record; those of the same workshop and kind; then one
    look-alike character put right, two neighbours swapped back, and the same body
    with its right check character.
    """
    candidates = [*_look_alikes(compact), *_swaps(compact), *_same_body(compact)]
    found = dict.fromkeys(str(valid) for text in candidates if (valid := _valid(text)))
    head = _HEAD.match(compact)
    same_head = head.group() if head else ""

    def rank(identifier: str) -> tuple[bool, bool]:
        unknown = exists is None or not exists(identifier)
        return unknown, not identifier.startswith(same_head)

    return tuple(sorted(found, key=rank)[:4])


def _look_alikes(compact: str) -> Iterator[str]:
    for index, character in enumerate(compact):
        for pair in _LOOK_ALIKE:
            if character in pair:
                other = pair[1] if character == pair[0] else pair[0]
                yield compact[:index] + other + compact[index + 1 :]


def _swaps(compact: str) -> Iterator[str]:
    for index in range(len(compact) - 1):
        first, second = compact[index], compact[index + 1]
        if first != second:
            yield compact[:index] + second + first + compact[index + 2 :]


def _same_body(compact: str) -> Iterator[str]:
    body = compact[:-1]
    if _BODY.fullmatch(body):
        yield body + check_character(body)
