"""Numbers people type and numbers given out: assets, euros, kilograms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from labels import blocks, identifier

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.setup.settings import Settings


_META = "number:"  # among the local values: the last number given out of a block
_BLOCK = re.compile(r"[A-Z]{1,8}[0-9]{2}:[0-9]{1,7}")


def next_asset(log: Log, settings: Settings, kind: str = "C") -> str:
    """Give out a number; it is used up even if the label is never printed.

    The highest number given is kept in this store and compared with the arrivals
    in the log, so that a store restored from an older copy does not go back.
    A gap costs nothing; a number used twice costs a machine's history.
    """
    (asset,) = next_assets(log, settings, 1, kind)
    return asset


def next_assets(log: Log, settings: Settings, count: int, kind: str = "C") -> list[str]:
    """As `next_asset`, several at once: the record is looked through once. All or none.

    Raises `Failure` (`numbers_used_up`).
    """
    if count < 1:
        return []
    year = log.clock.now().year
    block = blocks.for_bench(settings.prefix, year, settings.bench, kind)
    meta = _META + _name(block)
    with log.store.transaction():
        known = [int(kept)] if (kept := log.store.meta(meta)) is not None else []
        known += _arrived(log, block)
        last = max(known, default=None)
        given: list[identifier.Identifier] = []
        for _ in range(count):
            following = blocks.next_identifier(block, given[-1].number if given else last)
            if following is None:
                raise Failure("numbers_used_up", Exit.MACHINE, prefix=settings.prefix)
            given.append(following)
        log.store.set_meta(meta, given[-1].number)
        _declare(log, block)
    return list(map(str, given))


def given_out(log: Log, settings: Settings) -> dict[str, int]:
    """The last number on a machine of each of the workshop's blocks of this year: told to a bench
    it admits, which may have had that block before and kept nothing of it."""
    year = log.clock.now().year % 100
    rows = log.store.query(
        "SELECT DISTINCT asset FROM machine WHERE asset LIKE ?",
        (f"{settings.prefix}_{year:02d}-%",),
    )
    found: dict[str, int] = {}
    for (asset,) in rows:
        read = identifier.parse(str(asset))
        if isinstance(read, identifier.Identifier) and read.kind in identifier.KINDS:
            block = blocks.of_number(read)
            found[_name(block)] = max(found.get(_name(block), 0), read.number)
    return found


def note_given_out(log: Log, last: Mapping[str, int]) -> None:
    """Go on after those numbers. What names no block is nobody's."""
    with log.store.transaction():
        for name, number in last.items():
            if not _BLOCK.fullmatch(name):
                continue
            kept = log.store.meta(_META + name)
            log.store.set_meta(_META + name, max(int(kept or 0), number))


def _name(block: blocks.Block) -> str:
    return f"{block.prefix}{block.kind}{block.year:02d}:{block.start}"


def _declare(log: Log, block: blocks.Block) -> None:
    """Tell the network once which numbers this bench gives out: two benches with one block are
    seen before two machines bear one number.
    """
    facts = {"prefix": f"{block.prefix}{block.kind}", "year": block.year, "start": block.start}
    rows = log.store.query(
        "SELECT 1 FROM number_block WHERE bench = ? AND prefix = ? AND year = ? AND start = ?",
        (log.key.id, *facts.values()),
    )
    if not rows:
        log.append("number.block", facts | {"size": block.end - block.start})


def _arrived(log: Log, block: blocks.Block) -> list[int]:
    """Numbers of this block already on machines, whoever recorded them."""
    wanted = f"{block.prefix}{block.kind}{block.year:02d}-%"
    rows = log.store.query("SELECT DISTINCT asset FROM machine WHERE asset LIKE ?", (wanted,))
    found = (identifier.parse(str(asset)) for (asset,) in rows)
    return [
        number.number
        for number in found
        if isinstance(number, identifier.Identifier) and block.start <= number.number < block.end
    ]


def read_asset(text: str) -> str:
    """An asset number as it is written on labels. Raises `Failure` with the likely right one."""
    found = identifier.parse(text)
    if isinstance(found, identifier.Identifier):
        return str(found)
    if found.suggestions and found.code in ("check", "missing_check"):
        suggestion = " / ".join(found.suggestions[:3])
        raise Failure("asset_bad", Exit.USAGE, text=found.text, suggestion=suggestion)
    raise Failure("asset_malformed", Exit.USAGE, text=found.text)


_MOST_DIGITS = 9  # before the comma: more was never meant, and a part of it even less


def cents(text: str) -> int:
    """Euros as people type them: 120, 120.50, 120,5. Raises `Failure`."""
    euros, _, rest = text.strip().replace(",", ".").partition(".")
    plain = text.isascii() and euros.isdecimal() and (rest == "" or rest.isdecimal())
    if not plain or len(euros) > _MOST_DIGITS or len(rest) > 2:
        raise Failure("documents.refused.price_unreadable", Exit.USAGE, price=text[:40])
    return int(euros) * 100 + int(rest.ljust(2, "0"))


def grams(kilograms: str) -> int:
    """Kilograms as people type them (12, 12.5, 12,500 kg) in grams. Raises `Failure`."""
    text = kilograms.strip().lower().removesuffix("kg").strip().replace(",", ".")
    whole, _, rest = text.partition(".")
    readable = whole.isascii() and whole.isdecimal() and len(whole) <= _MOST_DIGITS
    if not readable or len(rest) > 3:
        raise Failure("stock.weight", Exit.USAGE, weight=kilograms[:20])
    if rest and not (rest.isascii() and rest.isdecimal()):
        raise Failure("stock.weight", Exit.USAGE, weight=kilograms[:20])
    return int(whole) * 1000 + int(rest.ljust(3, "0"))
