"""One cell's text as a value: numbers, kinds, sizes. Pure; raises `LineError` alone.

`own_text` takes off what spreadsheets put around a cell; all others take what it gave, or the text
of a document, `bounded`.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any

from bench.exchange.lists.told import LineError
from bench.exchange.people import plain_cell
from diagnostics.sources.placeholders import Field, clean, refused

MOST_LETTERS = 200
MOST_MIB = 16 << 20  # 16 TiB of memory: more is a slip
MOST_STORAGE = 10**16
_AS_TEXT = re.compile(r'="([^"]*)"')  # how a spreadsheet is told to leave a number alone
_SPOILT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.ASCII)  # what it makes of it otherwise
_SIZE = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?\s*([a-z]*)", re.ASCII)
_UNITS = {"mo": 2, "mb": 2, "mib": 2, "go": 3, "gb": 3, "gib": 3, "to": 4, "tb": 4, "tib": 4}
_UNITS |= {"m": 2, "g": 3, "t": 4}
_LARGEST_GIB = 512  # memory without a unit: gibibytes up to here, else mebibytes
_LARGEST_GB = 9_999  # the same of a disk: gigabytes, else megabytes


@functools.cache
def words() -> dict[str, Any]:
    """`headings.toml`."""
    with Path(__file__).with_name("headings.toml").open("rb") as file:
        return tomllib.load(file)


def folded(text: str) -> str:
    """Without case, accents and signs: how headings and words are compared."""
    letters = unicodedata.normalize("NFKD", text.replace("°", " ").casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


def own_text(cell: str) -> str:
    """A cell without what spreadsheets put around it. Raises `LineError`: `formula`, `too_long`."""
    raw = cell.strip()
    as_text = _AS_TEXT.fullmatch(raw)
    if raw.startswith("=") and as_text is None:
        raise LineError("formula", shown(raw))
    text = as_text.group(1).strip() if as_text else plain_cell(raw)
    return bounded(text)


def bounded(text: str) -> str:
    """A text as it is. Raises `LineError` (`too_long`)."""
    if len(text) > MOST_LETTERS:
        raise LineError("too_long", shown(text))
    return text


def shown(text: str) -> str:
    """What a refusal shows of a cell."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())[:40]


def number(text: str) -> str:
    """A tag or a serial, letter for letter; "" where nothing is told.

    Raises `LineError`: `several_numbers`, `hidden` (letters nobody sees), `spoilt`.
    """
    text = text.strip()
    if "\n" in text:
        raise LineError("several_numbers", shown(text))
    text = " ".join(text.split())
    if not text.isprintable() or "\N{REPLACEMENT CHARACTER}" in text:
        raise LineError("hidden", shown(text))
    if _SPOILT.fullmatch(text.upper()):
        raise LineError("spoilt", text[:40])
    return text if any(sign.isalnum() for sign in text) else ""


def serial(text: str) -> str:
    """As `number`; "" for what makers write where they wrote nothing."""
    text = number(text)
    return "" if refused(text, Field.SERIAL) else text


def tag(text: str) -> str:
    """As `number`; "" for words like « aucun »."""
    text = number(text)
    return "" if refused(text, Field.OTHER) else text


def name(text: str, field: Field = Field.OTHER) -> str:
    """A maker, a model, a processor: what can be read of it."""
    seen = "".join(c if c.isprintable() else " " for c in text)
    return clean(seen, field) or ""


def kind(told: str) -> str:
    """laptop, desktop, …; "" where it cannot be told. Raises `LineError` (`not_machine`)."""
    text = folded(told)
    if not text:
        return ""
    kinds: dict[str, list[str]] = words()["kinds"]
    for each, names in kinds.items():
        if text in names:
            return each
    others = words()["others"]["words"]
    if _named(text.split()[0], others) or text in others:
        raise LineError("not_machine", name(told)[:40])
    for each, names in kinds.items():
        if _named(text, names):
            return each
    if _named(text, others):
        raise LineError("not_machine", name(told)[:40])
    return ""


def must_be_here(status: str) -> None:
    """Raises `LineError` (`left`) where its status says that it is there no more."""
    text = folded(status)
    if text and _named(text, words()["left"]["words"]):
        raise LineError("left", name(status)[:40])


def _named(text: str, names: Collection[str]) -> bool:
    padded = f" {text} "
    return any(f" {each} " in padded for each in names)


def memory_mib(cell: str) -> int:
    """Memory in MiB, its parts added up; 0 where it cannot be read."""
    sizes = [_size(part, 2, _LARGEST_GIB, 1024) for part in cell.split("\n") if part.strip()]
    total = sum(sizes) >> 20 if all(sizes) else 0
    return total if total <= MOST_MIB else 0


def storage_bytes(cells: Collection[str]) -> int:
    """The disks of a machine in bytes, makers' units; 0 where one of them cannot be read."""
    parts = [part for cell in cells for part in cell.split("\n") if part.strip()]
    sizes = [_size(part, 2, _LARGEST_GB, 1000) for part in parts]
    total = sum(sizes) if all(sizes) else 0
    return total if total <= MOST_STORAGE else 0


def _size(text: str, small: int, largest: int, base: int) -> int:
    """« 8 Go », « 8192 », « 1,5 To »; 0 for anything else. Without a unit a number above
    `largest` is in units of `base` to the power `small`, else of the next power."""
    found = _SIZE.fullmatch(" ".join(text.replace("\xa0", " ").split()).strip("'").casefold())
    if found is None:
        return 0
    whole, part, unit = found.groups()
    power = _UNITS.get(unit, 0) if unit else (small if int(whole) > largest else small + 1)
    if not power:
        return 0
    thousandths = int(whole) * 1000 + int((part or "").ljust(3, "0"))
    return int(thousandths * base**power // 1000)
