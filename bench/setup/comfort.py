"""The comfort of each person of this bench, in a file of its own: `comfort.json`.

A file apart, and not the store: backups, bags and the log hold none of it, so what a person
takes back is gone at once. Who is no longer listed loses it at the next opening.
"""

from __future__ import annotations

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
_DECODER = msgspec.json.Decoder(_Kept)


def of(folder: Path, code: str) -> Comfort:
    """What that person chose; the bench's where they chose nothing. Raises `Failure`."""
    return _read(folder).get(code.casefold(), THE_BENCHS)


def keep(folder: Path, code: str, comfort: Comfort) -> None:
    """Keep it, whole or not at all; the bench's own is no choice, and leaves nothing behind.

    Raises `Failure`: `comfort_unreadable`, `file_unwritable`.
    """
    kept = _read(folder)
    _write(folder, kept, {**kept, code.casefold(): comfort})


def keep_only(folder: Path, people: Callable[[], Iterable[Operator]]) -> None:
    """Drop what others chose: who was forgotten, or is no longer listed. `people` is asked where
    anything is kept. Raises `Failure`."""
    kept = _read(folder)
    if not kept:
        return
    codes = {person.code.casefold() for person in people()}
    _write(folder, kept, {code: comfort for code, comfort in kept.items() if code in codes})


def _read(folder: Path) -> _Kept:
    path = folder / NAME
    try:
        return _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Failure("comfort_unreadable", Exit.MACHINE, path=path, why=str(error)) from error


def _write(folder: Path, before: Mapping[str, Comfort], now: Mapping[str, Comfort]) -> None:
    chosen = {code: comfort for code, comfort in now.items() if comfort != THE_BENCHS}
    if chosen == before:
        return
    path = folder / NAME
    if chosen:
        write_file(path, msgspec.json.format(msgspec.json.encode(chosen)) + b"\n")
        return
    try:
        durable.drop(path)
    except OSError as error:
        raise Failure("file_unwritable", Exit.MACHINE, path=path, why=error.strerror) from error
