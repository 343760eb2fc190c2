"""Requests to join that wait at the workshop's server, and the answers kept for who asked.

Whoever reaches the port may ask, so all of it is bounded: how large a request is, how many wait,
how many of one address, how often one address has something written, how long anything stays.
A request is named by its bench, which has proven its key: nobody replaces another's. One whose
fingerprint was heard always has room, so that no crowd of strangers keeps a bench out.

The server and `etabli keys` share the folder: one files what comes, the other admits.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.records import joining
from bench.records.errors import RecordsError
from bench.records.joining import Request
from bench.records.signed import keys
from bench.records.signed.fingerprint import Spoken
from diagnostics import durable
from diagnostics.learn import learn

FOLDER = "joining"
MOST, MOST_OF_ONE = 64, 8  # requests that wait: of all, of one address
SILENT_S = 600.0  # a bench that waits asks every few seconds; one that left makes room
ANSWER_S = 24 * 3600.0  # an answer is kept so long
HEARD_S = 600.0  # a fingerprint that was heard keeps its room so long
PACE_S = 2.0  # between two writings for one address
_NAME = re.compile(r"[0-9a-f]{32}")
_ADDRESSES = 1024  # of which it is remembered when they last had something written


class Waits(NamedTuple):
    """A request that waits: the bench's key, what it asks for, from where, the file's bytes."""

    public: bytes
    asked: Request
    address: str
    raw: bytes
    silent_s: float  # since it last asked


class _Filed(msgspec.Struct, frozen=True):
    address: str
    request: str


def count(data: Path) -> int:
    """How many requests lie there, without a look at them."""
    return len(_files(data / FOLDER / "requests"))


class Waiting:
    """The folder of requests and answers. Threads of one server share one; `wall` is the clock
    its files are dated by, `uptime` one that nobody sets."""

    def __init__(
        self,
        data: Path,
        *,
        wall: Callable[[], float] = time.time,
        uptime: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = data / FOLDER / "requests"
        self._answers = data / FOLDER / "answers"
        self._heard = data / FOLDER / "heard"
        self._key = data / "keys" / "workshop.key"
        self._wall, self._uptime = wall, uptime
        self._turn = threading.Lock()
        self._seen: dict[str, float] = {}  # benches that wait: when they last asked
        self._sweep_at = 0.0
        self._next: dict[str, float] = {}  # addresses: from when they may have something written

    # -- the server's side ---------------------------------------------------------

    def ask(self, public: bytes, raw: bytes, address: str) -> bytes:
        """A bench whose key was proven asks: its answer, empty while it waits.

        Raises `RecordsError`: `joining_closed` (nobody can admit here), `joining_full`,
        `joining_busy`, `sealed_*` (no request, or another bench's).
        """
        told, asked = joining.read_request(raw)
        if told != public or len(asked.name) > 64:
            raise RecordsError("sealed_unreadable", kind="request")
        bench = keys.key_id(public)
        with self._turn:
            if self._uptime() >= self._sweep_at:
                self._sweep()
            answer = _read(self._answers / bench)
            if answer and _certifies(answer, asked):
                return answer
            if not self._key.exists():
                raise RecordsError("joining_closed")
            self._file(bench, public, raw, address)
        return b""

    def _file(self, bench: str, public: bytes, raw: bytes, address: str) -> None:
        path = self._requests / bench
        filed = msgspec.json.encode(_Filed(address, raw.decode()))
        if _read(path) != filed:
            if not self._is_heard(public):
                self._room(bench, address)
            self._write(path, filed)
        elif self._uptime() - self._seen.get(bench, 0.0) > SILENT_S / 10:
            with contextlib.suppress(OSError):
                durable.touch(path)
        self._seen[bench] = self._uptime()

    def _room(self, bench: str, address: str) -> None:
        """Refuse what comes too soon, or would be one too many. Raises `RecordsError`."""
        now = self._uptime()
        if self._next.get(address, now) > now:
            raise RecordsError("joining_busy")
        if len(self._next) >= _ADDRESSES:
            self._next = {each: at for each, at in self._next.items() if at > now}
        if len(self._next) >= _ADDRESSES:
            raise RecordsError("joining_busy")
        self._next[address] = now + PACE_S
        others = [each.address for name, each in self._filed() if name != bench]
        if len(others) >= MOST or Counter(others)[address] >= MOST_OF_ONE:
            raise RecordsError("joining_full")

    def _is_heard(self, public: bytes) -> bool:
        return any(Spoken(path.name, True).names(public) for path in _files(self._heard))

    def _sweep(self) -> None:
        """What is too old goes."""
        now, self._sweep_at = self._wall(), self._uptime() + PACE_S
        for folder, most_s in (
            (self._requests, SILENT_S),
            (self._answers, ANSWER_S),
            (self._heard, HEARD_S),
        ):
            for path in _files(folder):
                with contextlib.suppress(OSError):
                    if now - path.stat().st_mtime > most_s:
                        durable.drop(path)
        self._seen = {name: at for name, at in self._seen.items() if self._uptime() - at < SILENT_S}

    # -- the workshop's side -------------------------------------------------------

    def waiting(self) -> list[Waits]:
        """The requests that wait, the one that asked last first."""
        with self._turn:
            self._sweep()
            return sorted(self._list(), key=lambda found: found.silent_s)

    def _list(self) -> Iterator[Waits]:
        for name, filed in self._filed():
            raw = filed.request.encode()
            try:
                silent = max(0.0, self._wall() - (self._requests / name).stat().st_mtime)
                public, asked = joining.read_request(raw)
            except (OSError, RecordsError):
                continue
            yield Waits(public, asked, filed.address, raw, silent)

    def _filed(self) -> Iterator[tuple[str, _Filed]]:
        """Each file by its name, which is its bench's; one that is none of ours is left out."""
        for path in _files(self._requests):
            try:
                yield path.name, msgspec.json.decode(path.read_bytes(), type=_Filed)
            except (OSError, msgspec.DecodeError, RecursionError):
                continue

    def find(self, spoken: Spoken) -> Waits | None:
        """The request of the bench whose fingerprint was heard."""
        return next((each for each in self.waiting() if spoken.names(each.public)), None)

    def expect(self, spoken: Spoken) -> None:
        """The bench whose fingerprint was heard has room here, whoever else asks."""
        self._write(self._heard / spoken.digits, b"")

    def answer(self, public: bytes, answer: bytes) -> None:
        """Keep what the workshop answers to a bench, until it fetches it or it is too old."""
        bench = keys.key_id(public)
        self._write(self._answers / bench, answer)
        over = [path for path in _files(self._heard) if Spoken(path.name, True).names(public)]
        for path in (self._requests / bench, *over):
            with contextlib.suppress(OSError):
                durable.drop(path)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            durable.write_whole(path, content, make_folder=True)
        except OSError as error:
            raise RecordsError(
                "folder_unwritable", path=str(path), cause=error.strerror or ""
            ) from error


def _certifies(answer: bytes, asked: Request) -> bool:
    """Whether it answers what is asked now: a code chosen since has a key to certify."""
    try:
        _, read = joining.read_answer(answer)
        known = keys.read_supervisor(read.supervisor).key if read.supervisor else ""
    except RecordsError:
        return False
    return known == asked.supervisor


def _files(folder: Path) -> list[Path]:
    """Whole files alone: a draft begins with a dot."""
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []


def _read(path: Path) -> bytes:
    if not _NAME.fullmatch(path.name):
        return b""
    try:
        return path.read_bytes()
    except OSError:
        return b""


learn(_Filed)
