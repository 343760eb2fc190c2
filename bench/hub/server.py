"""The workshop's server for its benches: takes bags over HTTP and answers with receipts.

No page here, only the exchange. It listens on the workshop's own network; what it
accepts is decided by signatures, not by who can reach it.
"""

from __future__ import annotations

import base64
import binascii
import http.server
import re
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.exchange import receipt
from bench.exchange.importing import Imported, import_bags
from bench.exchange.push import API
from bench.hub.uploads import Uploads
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import keys, sealed

PORT = 8474
_MAX_PART = 8 << 20
_AUTHORIZATION = re.compile(r"Etabli ([0-9a-f]{64}) ([0-9a-f]{128})")
_STATUS = {
    "upload_offset": 409,
    "upload_full": 507,
    "upload_missing": 404,
    "upload_name": 404,
    "push_credentials": 401,
    "key_unknown": 403,
    "key_revoked": 403,
}


class Hub:
    """What the requests share: one record, one importer at a time.

    `open_log` is called for each request: SQLite connections stay in their thread.
    """

    def __init__(
        self,
        open_log: Callable[[], Log],
        folder: Path,
        told: Callable[[Imported], None] | None = None,
    ) -> None:
        self.open_log = open_log
        self.uploads = Uploads(folder / "uploads")
        self.turn = threading.Lock()
        self.told = told

    def listen(self, host: str, port: int = PORT) -> http.server.ThreadingHTTPServer:
        """A server bound and ready; the caller runs `serve_forever`. Raises `RecordsError`."""
        try:
            return _Listener((host, port), self)
        except (OSError, OverflowError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise RecordsError("hub_port", host=host, port=port, cause=cause) from error

    def take(self, log: Log, digest: str) -> bytes:
        """Import a bag that arrived whole; gives the receipt. Raises `RecordsError`."""
        kept = known_receipt(log, digest)
        if kept:
            return kept
        path = self.uploads.whole(digest)
        (done,) = import_bags(log, [path]).bags
        self.uploads.done(digest)
        if self.told:
            self.told(done)
        if done.error:
            raise RecordsError(done.error.code, **done.error.values)
        return done.receipt


def known_receipt(log: Log, digest: str) -> bytes:
    """The receipt of a bag imported before, empty where it was not."""
    rows = log.store.query("SELECT receipt FROM bag_in WHERE sha256 = ?", (digest,))
    return bytes(rows[0][0]) if rows else b""


def check_sender(log: Log, digest: str, length: str, header: str, certificate: str) -> None:
    """Refuse a sender no registered workshop vouches for, before taking a byte.

    Raises `RecordsError`: `push_credentials`, `key_unknown`, `key_revoked`.
    """
    match = _AUTHORIZATION.fullmatch(header)
    if not match:
        raise RecordsError("push_credentials")
    public = bytes.fromhex(match[1])
    body = f"{digest} {length}".encode("ascii", "replace")
    if not sealed.signature_holds(public, "push", body, bytes.fromhex(match[2])):
        raise RecordsError("push_credentials")
    bench = keys.key_id(public)
    try:
        statement = msgspec.json.decode(base64.b64decode(certificate, validate=True))
        vouched = keys.read_certificate(statement)
    except (binascii.Error, msgspec.DecodeError, RecursionError, RecordsError):
        raise RecordsError("key_unknown", bench=bench[:8]) from None
    trusted = log.store.query("SELECT 1 FROM trust WHERE workshop = ?", (vouched.workshop,))
    if vouched.bench != bench or not trusted:
        raise RecordsError("key_unknown", bench=bench[:8])
    revoked = log.store.query(
        "SELECT 1 FROM bench WHERE bench = ? AND revoked_after IS NOT NULL", (bench,)
    )
    if revoked:
        raise RecordsError("key_revoked", bench=bench[:8], after=0)


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], hub: Hub) -> None:
        self.hub = hub
        super().__init__(address, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "etabli"
    sys_version = ""
    timeout = 60
    server: _Listener

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal for each request."""

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_HEAD(self) -> None:
        self._guarded(self._head)

    def do_PATCH(self) -> None:
        self._guarded(self._patch)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def _guarded(self, action: Callable[[Log], None]) -> None:
        try:
            log = self.server.hub.open_log()
        except RecordsError as error:
            return self._refuse(error)
        try:
            action(log)
        except RecordsError as error:
            self._refuse(error)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            log.store.close()
        return None

    def _refuse(self, error: RecordsError) -> None:
        self.close_connection = True  # what remains of the body is not read
        fallback = 500 if error.code.startswith("store_") else 400
        offset = error.values.get("offset")
        told = {"Upload-Offset": str(offset)} if offset is not None else {}
        self._answer(_STATUS.get(error.code, fallback), b"", told | {"Etabli-Error": error.code})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _digest(self) -> str:
        prefix, _, digest = self.path.rpartition("/")
        if prefix != f"{API}/bags":
            raise RecordsError("upload_name")
        return digest

    def _known_sender(self, log: Log) -> str:
        digest = self._digest()
        check_sender(
            log,
            digest,
            self.headers.get("Upload-Length", ""),
            self.headers.get("Authorization", ""),
            self.headers.get("Etabli-Certificate", ""),
        )
        return digest

    def _get(self, log: Log) -> None:
        if self.path != f"{API}/heads":
            raise RecordsError("upload_name")
        with log.store.snapshot():
            body = msgspec.json.encode({"heads": receipt.heads(log.store)})
        self._answer(200, body, {"Content-Type": "application/json"})

    def _head(self, log: Log) -> None:
        digest = self._known_sender(log)
        length = self._number("Upload-Length")
        here = length if known_receipt(log, digest) else self.server.hub.uploads.offset(digest)
        self._answer(200, b"", {"Upload-Offset": str(here), "Upload-Length": str(length)})

    def _patch(self, log: Log) -> None:
        digest = self._known_sender(log)
        size = self._number("Content-Length")
        if not 0 < size <= _MAX_PART:
            raise RecordsError("upload_size")
        part = self.rfile.read(size)
        if len(part) != size:
            raise ConnectionError  # cut in the middle: this part is sent again
        hub = self.server.hub
        with hub.turn:
            length = self._number("Upload-Length")
            after = hub.uploads.append(digest, self._number("Upload-Offset"), part, length)
        self._answer(200, b"", {"Upload-Offset": str(after)})

    def _post(self, log: Log) -> None:
        digest = self._known_sender(log)
        with self.server.hub.turn:
            answer = self.server.hub.take(log, digest)
        self._answer(200, answer, {"Content-Type": "application/json"})

    def _number(self, name: str) -> int:
        text = self.headers.get(name, "")
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise RecordsError("upload_size")
        return int(text)
