"""Sends what a workshop's server does not hold yet; may be cut at any byte and begun again.

The shape is that of tus 1.0: HEAD tells how much of a bag arrived, PATCH adds from
there. A bag is named by its SHA-256, so sending it twice is sending it once. Our own
record of what arrived is the server's signed receipt and nothing less.
"""

from __future__ import annotations

import base64
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bench.exchange import receipt
from bench.exchange.archive import file_sha256
from bench.exchange.bag import export_bag
from bench.records.errors import RecordsError
from bench.records.log import Log
from diagnostics.learn import learn

API = "/etabli/v1"
_CHUNK = 1 << 20
_TIMEOUT_S = 60
_MAX_ANSWER = 16 * 1024 * 1024
_REFUSALS = {"key_unknown": "push_stranger", "key_revoked": "push_revoked"}
Progress = Callable[[int, int], None]


class Pushed(msgspec.Struct, frozen=True):
    """What was sent: `resumed_at` is the byte an earlier attempt had reached."""

    url: str
    events: int
    added: int
    resumed_at: int


class Heads(msgspec.Struct, frozen=True):
    """What the server says it holds."""

    heads: dict[str, tuple[int, str]]


def push(log: Log, url: str, progress: Progress | None = None) -> Pushed:
    """Send everything this store knows and the server does not.

    A bag left from an attempt that was cut is finished first. Raises `RecordsError`:
    `push_url`, `push_unreachable`, `push_refused`, `push_stranger`, `push_revoked`,
    `receipt_*`, `bag_*`, `store_*`.
    """
    server = _Server(url)
    folder = log.store.path.parent / "outgoing"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise RecordsError("bag_unwritable", path=str(folder), cause=str(error)) from error
    waiting = folder / "push.zip"
    events = added = resumed = 0
    if waiting.exists() and _ours(log, waiting):
        told, resumed = _send(log, server, waiting, progress)
        events, added = told.events, told.added
    heads = server.heads()
    if _missing(log, heads):
        export_bag(log, waiting, since_heads=heads)
        told, _ = _send(log, server, waiting, progress)
        events, added = events + told.events, added + told.added
    return Pushed(server.url, events, added, resumed)


def _ours(log: Log, waiting: Path) -> bool:
    """Whether the bag left behind was finished and noted; one that was not is made anew."""
    rows = log.store.query("SELECT 1 FROM bag_out WHERE sha256 = ?", (file_sha256(waiting),))
    return bool(rows)


def _missing(log: Log, heads: dict[str, tuple[int, str]]) -> bool:
    """Whether this store has a chain the server does not hold to its end."""
    for bench, tips in log.store.heads().items():
        seq, name = heads.get(bench, (0, ""))
        if len(tips) > 1 or tips[0][0] > seq or (tips[0][0] == seq and tips[0][1] != name):
            return True
    return False


def _send(
    log: Log, server: _Server, bag: Path, progress: Progress | None
) -> tuple[receipt.Receipt, int]:
    digest, size = file_sha256(bag), bag.stat().st_size
    headers = _credentials(log, digest, size)
    start = offset = server.offset(digest, headers)
    with bag.open("rb") as file:
        while offset < size:
            file.seek(offset)
            offset = server.patch(digest, offset, file.read(_CHUNK), headers)
            if progress:
                progress(offset, size)
    answer = server.receipt(digest, headers)
    told = receipt.record(log.store, answer)
    bag.unlink(missing_ok=True)
    return told, start


def _credentials(log: Log, digest: str, size: int) -> dict[str, str]:
    """Who sends: the server takes no byte from a bench nobody it knows vouches for."""
    certificate = msgspec.json.encode(receipt.certificate_of(log.store, log.key.id))
    signature = log.key.sign("push", f"{digest} {size}".encode()).hex()
    return {
        "Authorization": f"Etabli {log.key.public.hex()} {signature}",
        "Etabli-Certificate": base64.b64encode(certificate).decode(),
        "Upload-Length": str(size),
    }


class _Server:
    """The server's side as functions; every failure is one `RecordsError`."""

    def __init__(self, url: str) -> None:
        try:
            parts = urllib.parse.urlsplit(url)
        except ValueError:
            raise RecordsError("push_url", url=url[:100]) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RecordsError("push_url", url=url[:100])
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"

    def heads(self) -> dict[str, tuple[int, str]]:
        _, body = self._ask("GET", "/heads", {})
        try:
            return msgspec.json.decode(body, type=Heads).heads
        except (msgspec.DecodeError, RecursionError):
            raise RecordsError("push_refused", url=self.url, detail="heads") from None

    def offset(self, digest: str, headers: dict[str, str]) -> int:
        told, _ = self._ask("HEAD", f"/bags/{digest}", headers)
        return self._offset(told)

    def patch(self, digest: str, offset: int, part: bytes, headers: dict[str, str]) -> int:
        extra = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        told, _ = self._ask("PATCH", f"/bags/{digest}", headers | extra, part)
        after = self._offset(told)
        if after <= offset:
            raise RecordsError("push_refused", url=self.url, detail="offset")
        return after

    def receipt(self, digest: str, headers: dict[str, str]) -> bytes:
        return self._ask("POST", f"/bags/{digest}", headers, b"")[1]

    def _offset(self, told: Any) -> int:
        text = told.get("Upload-Offset", "")
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise RecordsError("push_refused", url=self.url, detail="offset")
        return int(text)

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[Any, bytes]:
        request = urllib.request.Request(
            f"{self.url}{API}{path}", data=body, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                content = answer.read(_MAX_ANSWER + 1)
                if len(content) > _MAX_ANSWER:
                    raise RecordsError("push_refused", url=self.url, detail="answer")
                return answer.headers, content
        except urllib.error.HTTPError as error:
            detail = error.headers.get("Etabli-Error", "") or str(error.code)
            code = _REFUSALS.get(detail, "push_refused")
            raise RecordsError(code, url=self.url, detail=detail[:100]) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise RecordsError("push_unreachable", url=self.url, detail=str(reason)) from error


learn(Heads)
