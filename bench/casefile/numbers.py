"""The next asset number of this bench's block, never given twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from labels import blocks, identifier

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.setup.settings import Settings


def next_asset(log: Log, settings: Settings, kind: str = "C") -> str:
    """Give out a number; it is used up even if the label is never printed.

    The highest number given is kept in this store and compared with the arrivals
    in the log, so that a store restored from an older copy does not go back.
    A gap costs nothing; a number used twice costs a machine's history.
    """
    year = log.clock.now().year
    block = blocks.for_bench(settings.prefix, year, settings.bench, kind)
    meta = f"number:{block.prefix}{block.kind}{block.year:02d}:{block.start}"
    with log.store.transaction():
        known = [int(kept)] if (kept := log.store.meta(meta)) is not None else []
        known += _arrived(log, block)
        following = blocks.next_identifier(block, max(known, default=None))
        if following is None:
            raise Failure("numbers_used_up", Exit.MACHINE, prefix=settings.prefix)
        log.store.set_meta(meta, following.number)
    return str(following)


def _arrived(log: Log, block: blocks.Block) -> list[int]:
    """Numbers of this block already on machines, whoever recorded them."""
    wanted = f"{block.prefix}{block.kind}{block.year:02d}-%"
    rows = log.store.query("SELECT DISTINCT asset FROM machine WHERE asset LIKE ?", (wanted,))
    found = (identifier.parse(str(asset)) for (asset,) in rows)
    return [
        one.number
        for one in found
        if isinstance(one, identifier.Identifier) and block.start <= one.number < block.end
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
