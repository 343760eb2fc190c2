"""What happened, one JSON object a line, chained by hashes and written through.

A line is `{"seq":…,"at":…,"kind":…,"data":{…},"chain":"…"}`; `chain` is SHA-256
over the previous chain and the bytes of the line before `,"chain"`. A line torn
by a power cut can only be the last: it is cut off before the next is written.
Damage anywhere else is reported and nothing after it is believed.

Space is reserved beforehand: when the data partition is full the reserve is
given back so that the last lines ("stopped: no space") can still be written.
"""

from __future__ import annotations

import datetime
import errno
import fcntl
import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from diagnostics import durable
from wipe.model.spec import JOURNAL_FILE

RESERVE_FILE = "reserve"
RESERVE_BYTES = 1 << 20
MAX_JOURNAL_BYTES = 256 << 20
START = "0" * 64
_MARK = b',"chain":"'


class Line(msgspec.Struct, frozen=True):
    """One thing that happened. `data` depends on `kind` (folded in `standing.py`)."""

    seq: int
    at: str
    kind: str
    data: dict[str, Any]
    chain: str = ""


_DECODER = msgspec.json.Decoder(Line)


class History(msgspec.Struct, frozen=True):
    """A journal as read: the good lines, where they end, and whether more is damaged."""

    lines: tuple[Line, ...] = ()
    good_bytes: int = 0
    torn: bool = False  # an unfinished last line: a power cut, harmless
    damaged: bool = False  # something in the middle is wrong: not to be believed or resumed

    @property
    def chain(self) -> str:
        """Hash over everything so far."""
        return self.lines[-1].chain if self.lines else START

    def last(self, kind: str) -> Line | None:
        """The newest line of a kind."""
        return next((line for line in reversed(self.lines) if line.kind == kind), None)

    def all(self, kind: str) -> list[Line]:
        """The lines of a kind, oldest first."""
        return [line for line in self.lines if line.kind == kind]


class End(msgspec.Struct, frozen=True):
    """Up to where a journal was read without damage."""

    lines: int
    good_bytes: int
    chain: str

    def after(self, more: History) -> End:
        """The end of what `read_on` gave."""
        return End(self.lines + len(more.lines), self.good_bytes + more.good_bytes, more.chain)


class _Body(msgspec.Struct):
    seq: int
    at: str
    kind: str
    data: dict[str, Any]


def encode(seq: int, at: str, kind: str, data: dict[str, Any], previous: str) -> tuple[bytes, str]:
    """One line with its chain, and the chain alone."""
    body = msgspec.json.encode(_Body(seq, at, kind, data))[:-1]
    chain = hashlib.sha256(previous.encode() + body).hexdigest()
    return body + _MARK + chain.encode() + b'"}\n', chain


def parse(raw: bytes, chain: str = START, seq: int = 0) -> History:
    """Read journal bytes, from the first on or from line `seq` on, before which it is `chain`.

    Never raises.
    """
    lines: list[Line] = []
    good = 0
    while good < len(raw):
        end = raw.find(b"\n", good)
        line = None if end < 0 else _line(raw[good:end], chain, seq + len(lines))
        if line is None:
            # Torn means: what follows has no further whole line. Anything else is damage.
            rest = raw[good:]
            whole_lines_follow = end >= 0 and bool(raw[end + 1 :].strip(b"\x00\n "))
            torn = not whole_lines_follow
            return History(tuple(lines), good, torn=torn and bool(rest), damaged=not torn)
        lines.append(line)
        chain, good = line.chain, end + 1
    return History(tuple(lines), good)


def _line(raw: bytes, previous: str, seq: int) -> Line | None:
    body, mark, tail = raw.rpartition(_MARK)
    if not mark or hashlib.sha256(previous.encode() + body).hexdigest().encode() + b'"}' != tail:
        return None
    try:
        line = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return line if line.seq == seq else None


def read(job: Path) -> History:
    """The journal of a job folder; empty when there is none yet."""
    try:
        with (job / JOURNAL_FILE).open("rb") as file:
            return parse(file.read(MAX_JOURNAL_BYTES))
    except OSError:
        return History()


def read_on(job: Path, end: End) -> History:
    """The lines after those already read; the chain proves that they follow them."""
    try:
        with (job / JOURNAL_FILE).open("rb") as file:
            file.seek(end.good_bytes)
            return parse(file.read(MAX_JOURNAL_BYTES), end.chain, end.lines)
    except OSError:
        return History()


class NoSpace(Exception):
    """The data partition is full. The reserve was given back; the job must stop."""


class Journal:
    """Appends durably. Holding it open is what shows a job to be alive (see `alive`)."""

    def __init__(self, job: Path, now: Callable[[], datetime.datetime]) -> None:
        """Open for appending after the last good line. Raises `OSError`, `BlockingIOError`."""
        self.job = job
        self._now = now
        path = job / JOURNAL_FILE
        self._descriptor = durable.open_file(path, os.O_RDWR | os.O_CREAT, as_folder=True)
        try:
            _lock(self._descriptor)
            self.history = parse(_all(self._descriptor))
            if not self.history.damaged:
                os.ftruncate(self._descriptor, self.history.good_bytes)
            os.lseek(self._descriptor, 0, os.SEEK_END)
        except OSError:
            os.close(self._descriptor)
            raise
        self._seq = len(self.history.lines)
        self.chain = self.history.chain
        self._end = self.history.good_bytes

    @property
    def length(self) -> int:
        """Lines written so far."""
        return self._seq

    def reserve(self) -> bool:
        """Set space aside for the last words; `False` when there is none."""
        try:
            descriptor = durable.open_file(self.job / RESERVE_FILE, os.O_RDWR | os.O_CREAT)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            self._give_back()
            return False
        return True

    def _give_back(self) -> None:
        try:
            durable.drop(self.job / RESERVE_FILE)
        except OSError:
            pass

    def append(self, kind: str, /, **data: Any) -> None:
        """Write one line through to the medium. Raises `NoSpace` or `OSError`."""
        at = rfc3339(self._now())
        raw, chain = encode(self._seq, at, kind, data, self.chain)
        try:
            self._write(raw)
        except OSError as error:
            # Nothing half-written may stay in front of a later line.
            os.ftruncate(self._descriptor, self._end)
            os.lseek(self._descriptor, self._end, os.SEEK_SET)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                self._give_back()
                raise NoSpace from error
            raise
        self._end += len(raw)
        self._seq += 1
        self.chain = chain

    def _write(self, raw: bytes) -> None:
        view = memoryview(raw)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go; the reserve is no longer needed."""
        self._give_back()
        os.close(self._descriptor)


def _all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def rfc3339(moment: datetime.datetime) -> str:
    """UTC with milliseconds and Z."""
    utc = moment.astimezone(datetime.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


# `struct flock`: type, whence, start, length, pid. Open-file-description locks (fcntl(2)) end
# with the process, are not lost by closing another descriptor, and can be asked about
# without being taken, so a reader never gets in the way of a job that starts.
_FLOCK = "@hhqqi"


def _lock(descriptor: int) -> None:
    fcntl.fcntl(
        descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    )


def alive(job: Path) -> bool:
    """Whether a process has this job's journal open. By lock, never by pid."""
    try:
        descriptor = os.open(job / JOURNAL_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked)
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
