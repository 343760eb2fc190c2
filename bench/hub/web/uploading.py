"""A file that a browser sends: spooled as it comes, on the disk before anybody says so.

It lies beside the benches' own parts, and counts among them (`bench.hub.uploads`). A part of a
request that was cut is nobody's: it goes at the next start, what was whole is taken in then.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from bench.exchange.archive import MAX_FILE_BYTES
from bench.hub.uploads import KEEP_FREE_BYTES
from bench.hub.web import bodies
from bench.hub.web.bodies import BodyError
from diagnostics import durable

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

WHERE = "uploads/browser"
_MORE_BYTES = 64 << 10  # of the other fields, and the lines between the parts
_MOST_FIELD_BYTES, _MOST_FIELDS = 4 << 10, 20
_LOOK_BYTES = 8 << 20  # the room on the disk is looked at this often
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Arrived:
    """A file that came with a form: whole and on the disk under `path`; `name`: what it was
    called where it came from, only to be shown."""

    path: Path
    name: str


class What(NamedTuple):
    """A kind of file: what its name ends with once it is whole, and its most bytes."""

    suffix: str
    most_bytes: int


BAG = What(".bag", MAX_FILE_BYTES)  # a start takes in what lies there whole
PHOTO = What(".photo", 40_000_000)


async def receive(
    request: Request, folder: Path, checked: Callable[[str], None], what: What = BAG
) -> tuple[dict[str, str], Arrived | None]:
    """The fields of a form and the file after them. `checked` is asked of the field `form`, which
    comes first: a form that is not ours writes nothing. Raises `BodyError` and what it raises."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BodyError("body_kind")
    if not _AT_ONCE.acquire(blocking=False):
        raise BodyError("body_busy")
    taken = _Reception(folder / WHERE, checked, what)
    try:
        parser = _parser(options[b"boundary"], taken)
        async for part in bodies.parts(request, what.most_bytes + _MORE_BYTES):
            await run_in_threadpool(_fed, parser, part)
        return await run_in_threadpool(taken.finished)
    finally:
        taken.close()
        _AT_ONCE.release()


def left_over(folder: Path) -> Iterator[Path]:
    """At a start: files that came whole and were not taken in. What was cut off is removed."""
    for path in sorted((folder / WHERE).glob("*")):
        if path.suffix == BAG.suffix:
            yield path
        else:
            durable.drop(path)


def _parser(boundary: bytes, taken: _Reception) -> MultipartParser:
    try:
        return MultipartParser(boundary, taken.callbacks())
    except FormParserError:  # too long: it would not know its own lines
        raise BodyError("body_kind") from None


def _fed(parser: MultipartParser, part: bytes) -> None:
    try:
        parser.write(part)
    except MultipartParseError:
        raise BodyError("body_kind") from None
    except OSError:
        raise BodyError("body_room") from None


class _Reception:
    """What the parser tells, put where it belongs. One thread at a time."""

    def __init__(self, folder: Path, checked: Callable[[str], None], what: What) -> None:
        self._folder, self._checked, self._what = folder, checked, what
        self._fields: dict[str, str] = {}
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._name, self._size, self._ended = "", 0, False
        self._header = [b"", b""]
        self._disposition = b""
        self._field: tuple[str, bytearray] | None = None

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._ends,
        }

    def _part_begins(self) -> None:
        self._disposition, self._header = b"", [b"", b""]

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] = self._bounded(self._header[0] + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] = self._bounded(self._header[1] + data[start:end])

    def _header_ends(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_end(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise BodyError("body_kind")
        name = options[b"name"].decode("utf-8", "replace")
        if b"filename" not in options:
            if len(self._fields) >= _MOST_FIELDS:
                raise BodyError("body_size")
            self._field = (name, bytearray())
            return
        self._checked(self._fields.get("form", ""))
        if self._path is not None:
            raise BodyError("body_kind")  # one file a form
        self._name = shown_name(options[b"filename"].decode("utf-8", "replace"))
        if not self._name:
            return  # nothing was chosen: an empty part is sent all the same
        self._path = self._folder / f"{secrets.token_hex(16)}.part"
        self._room()
        self._file = os.fdopen(durable.new_file(self._path, make_folder=True), "wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field[1].extend(data[start:end])
            self._bounded(bytes(self._field[1]))
        elif self._file is not None:
            before = self._size // _LOOK_BYTES
            self._size += end - start
            if self._size > self._what.most_bytes:
                raise BodyError("body_size")
            if self._size // _LOOK_BYTES != before:
                self._room()
            self._file.write(data[start:end])

    def _part_ends(self) -> None:
        if self._field is not None:
            name, value = self._field
            told = bytes(value).decode("utf-8", "replace").replace("\x00", "\ufffd")
            self._fields.setdefault(name, told)
            self._field = None
        elif self._file is not None and self._path is not None:
            self._file.close()
            self._file = None
            durable.sync_file(self._path)

    def _ends(self) -> None:
        self._ended = True

    def finished(self) -> tuple[dict[str, str], Arrived | None]:
        """Once the body ended: the file under the name by which a start finds it."""
        self._checked(self._fields.get("form", ""))
        if not self._ended:
            raise BodyError("body_cut")
        if self._path is None:
            return self._fields, None
        whole = self._path.with_suffix(self._what.suffix)
        try:
            durable.move(self._path, whole)
        except OSError:
            raise BodyError("body_room") from None
        self._path = None
        return self._fields, Arrived(whole, self._name)

    def close(self) -> None:
        """Leave nothing of what did not become whole."""
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            durable.drop(self._path)

    def _room(self) -> None:
        durable.folder(self._folder)
        if shutil.disk_usage(self._folder).free < KEEP_FREE_BYTES:
            raise BodyError("body_room")

    def _bounded(self, value: bytes) -> bytes:
        if len(value) > _MOST_FIELD_BYTES:
            raise BodyError("body_size")
        return value


def shown_name(told: str) -> str:
    """A file's name as it may be shown: its last part, without what is not printable."""
    last = re.split(r"[\\/]", told)[-1]
    return "".join(c for c in last if c.isprintable())[:100]
