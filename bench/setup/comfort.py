"""The comfort of each person of this bench, in a file of its own: `comfort.json`.

A file apart, and not the store: backups, bags and the log hold none of it, so what a person
takes back is gone at once. Who is no longer listed loses it at the next opening. What cannot be
read is nobody's any more and goes with the next writing: it is chosen anew in a minute, and must
not lie where nobody can take it back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.guide.comfort import THE_BENCHS, Comfort
from bench.setup.files import write_file
from bench.setup.settings import Operator
from diagnostics import durable

NAME = "comfort.json"
_Kept = dict[str, Comfort]  # by the person's code, in small letters
_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])


def of(folder: Path, code: str) -> Comfort:
    """What that person chose; the bench's where they chose nothing. Raises `Failure`."""
    return _read(folder)[0].get(code.casefold(), THE_BENCHS)


def keep(folder: Path, code: str, comfort: Comfort) -> None:
    """Keep it, whole or not at all; the bench's own is no choice, and leaves nothing behind.

    Raises `Failure`: `comfort_unreadable`, `file_unwritable`.
    """
    kept, whole = _read(folder)
    _write(folder, kept if whole else None, {**kept, code.casefold(): comfort})


def keep_only(folder: Path, people: Callable[[], Iterable[Operator]]) -> None:
    """Drop what others chose: who was forgotten, or is no longer listed. `people` is asked where
    anything is kept. Raises `Failure`."""
    kept, whole = _read(folder)
    if whole and not kept:
        return
    codes = {person.code.casefold() for person in people()}
    _write(
        folder,
        kept if whole else None,
        {code: comfort for code, comfort in kept.items() if code in codes},
    )


def _read(folder: Path) -> tuple[_Kept, bool]:
    """What can be read, and whether that is all there is."""
    path = folder / NAME
    try:
        found = _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return {}, True
    except OSError as error:
        raise Failure("comfort_unreadable", Exit.MACHINE, path=path, why=error.strerror) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}, False
    kept: _Kept = {}
    for code, raw in found.items():
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            kept[code] = msgspec.json.decode(raw, type=Comfort)
    return kept, len(kept) == len(found)


def _write(folder: Path, before: Mapping[str, Comfort] | None, now: Mapping[str, Comfort]) -> None:
    chosen = {code: comfort for code, comfort in now.items() if comfort != THE_BENCHS}
    if chosen == before:  # `None`: there is more, which nobody can read
        return
    path = folder / NAME
    if chosen:
        write_file(path, msgspec.json.format(msgspec.json.encode(chosen)) + b"\n")
        return
    try:
        durable.drop(path)
    except OSError as error:
        raise Failure("file_unwritable", Exit.MACHINE, path=path, why=error.strerror) from error
