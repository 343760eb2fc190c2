"""Where a job is, this instant: one small record overwritten in place.

It lets a screen follow and a `kill -9` lose next to nothing, but it promises
nothing after a power cut: only a `checkpoint` line of the journal does. The
record carries its own checksum, so a torn one is simply not there.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import msgspec

from diagnostics import durable
from wipe.model.codes import Phase
from wipe.model.spec import PROGRESS_FILE

RECORD_BYTES = 1024


class Progress(msgspec.Struct, frozen=True):
    """A moment of a job. `position_bytes`: everything before it is done in this sweep."""

    session: str  # of the `begin` line, so that an old record is never taken for a new one
    sweep: int
    phase: Phase
    position_bytes: int
    done_bytes: int  # of the whole job, over all passes and the verification
    total_bytes: int
    written_bytes: int  # by this process
    elapsed_s: float  # of this process
    speed_bytes_s: int | None = None
    left_s: int | None = None
    temperature_c: int | None = None
    bad_sectors: int = 0
    percent: int | None = None  # firmware methods only know this
    paused_by: str | None = None
    journal_lines: int = 0  # how many the journal had: with fewer, it lost what this rests on


_DECODER = msgspec.json.Decoder(Progress)


def encode(progress: Progress) -> bytes:
    """A fixed-size record: CRC-32, JSON, padding."""
    body = msgspec.json.encode(progress)
    line = f"{zlib.crc32(body):08x} ".encode() + body
    return line.ljust(RECORD_BYTES - 1) + b"\n"


def parse(raw: bytes) -> Progress | None:
    """The record, or `None` when it is torn or not one. Never raises."""
    checksum, _, body = raw.strip().partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
        return _DECODER.decode(body)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None


def read(job: Path) -> Progress | None:
    """The progress of a job; tries twice, as a write may be under way."""
    for _ in range(2):
        try:
            found = parse((job / PROGRESS_FILE).read_bytes()[: RECORD_BYTES * 2])
        except OSError:
            return None
        if found is not None:
            return found
    return None


class Board:
    """Writes the record. A full partition is no reason to stop here: the journal decides."""

    def __init__(self, job: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT
        self._descriptor = durable.open_file(job / PROGRESS_FILE, flags, as_folder=True)

    def show(self, progress: Progress) -> None:
        """Overwrite the record; one `pwrite`, so a kill leaves the old or the new."""
        try:
            os.pwrite(self._descriptor, encode(progress), 0)
        except OSError:
            pass

    def close(self) -> None:
        os.close(self._descriptor)
