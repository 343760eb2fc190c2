"""Quirks by model: what workshops learnt of one model, shown at the bench that has it. Pure.

[[quirk]]
maker = "lenovo*"            # may be left out
model = "ThinkPad T440*"     # "*" is anything; case says nothing
text = "Enlève la petite pile avant d'ouvrir."
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from typing import Annotated

import msgspec

from bench.packs import texts
from bench.records.errors import RecordsError
from diagnostics.learn import learn
from diagnostics.naming import machine_name

MOST = 500
_SURE = 3  # signs of a model's own: "*" alone would speak at every machine
_Pattern = Annotated[str, msgspec.Meta(max_length=80)]


class Quirk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`maker` and `model` are patterns; `text` is one line that a worker reads."""

    model: _Pattern
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    maker: _Pattern = ""

    def fits(self, maker: str, model: str) -> bool:
        """Whether it speaks of this machine; what was not read is no machine of it."""
        if self.maker and not _fits(self.maker, maker):
            return False
        return _fits(self.model, model) or _fits(self.model, machine_name(maker, model) or "")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quirk: Annotated[tuple[Quirk, ...], msgspec.Meta(min_length=1, max_length=MOST)]


@functools.lru_cache(maxsize=32)
def read(content: bytes) -> tuple[Quirk, ...]:
    """The quirks of a file. Raises `RecordsError` (`pack_quirks`, `pack_letter_in`), with what
    does not fit."""
    try:
        found = msgspec.convert(tomllib.loads(content.decode("utf-8-sig")), _File).quirk
    except (ValueError, RecursionError) as error:
        raise RecordsError("pack_quirks", detail=error) from None
    for at, quirk in enumerate(found, 1):
        for name, value in (("maker", quirk.maker), ("model", quirk.model), ("text", quirk.text)):
            if letter := texts.unseen(value):
                raise RecordsError("pack_letter_in", letter=letter, name=f"quirk {at}, {name}")
        if wrong := next(_wrong(quirk), ""):
            raise RecordsError("pack_quirks", detail=texts.unfit(f"quirk {at}, {wrong}"))
    return found


def _wrong(quirk: Quirk) -> Iterator[str]:
    for name, value in (("maker", quirk.maker), ("model", quirk.model), ("text", quirk.text)):
        if value != value.strip():
            yield name
    if len(quirk.model.replace("*", "").replace(" ", "")) < _SURE:
        yield "model"


def _fits(pattern: str, name: str) -> bool:
    """Each part in its order, as early as it is found: no pattern costs more than its length."""
    first, *rest = pattern.casefold().split("*")
    left = name.strip().casefold()
    if not rest:
        return left == first
    if not left.startswith(first):
        return False
    left = left.removeprefix(first)
    *middle, last = rest
    for part in middle:
        _, found, left = left.partition(part) if part else ("", "*", left)
        if not found:
            return False
    return left.endswith(last)


learn(Quirk, _File)
