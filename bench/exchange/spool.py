"""Events checked and waiting to be applied, in a file: a bag of a year must not fill memory."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from bench.records.signed import event
from bench.records.signed.event import Signed

_HEAD = struct.Struct("<I32s64s")
_IN_MEMORY_BYTES = 16 * 1024 * 1024


class Checked:
    """`put` events, then iterate over them once, in the same order."""

    def __init__(self, folder: Path) -> None:
        # The file has no name on the disk: nothing is left behind by a power cut.
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by __exit__
            _IN_MEMORY_BYTES, dir=str(folder)
        )

    def put(self, signed: Signed) -> None:
        """Keep an event whose signature was checked."""
        self._file.write(_HEAD.pack(len(signed.body), signed.public, signed.signature))
        self._file.write(signed.body)

    def __iter__(self) -> Iterator[Signed]:
        self._file.seek(0)
        while head := self._file.read(_HEAD.size):
            size, public, signature = _HEAD.unpack(head)
            body = self._file.read(size)
            yield Signed(event.parse_stored(body), body, public, signature)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ignored: object) -> None:
        self._file.close()
