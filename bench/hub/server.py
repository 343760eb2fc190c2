"""The workshop's server for its benches: takes bags over HTTPS and answers with receipts.

No page here, only the exchange. It listens on the workshop's own network; who is heard is
decided by signatures, not by who can reach it, and who we are is proven to them first.
"""

from __future__ import annotations

import base64
import binascii
import http.server
import secrets
import ssl
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bench.exchange import asking, channel, credentials, receipt, shared_packs
from bench.exchange.archive import file_sha256
from bench.exchange.bag import export_bag
from bench.exchange.importing import Imported, import_bags
from bench.exchange.vouching import vouched
from bench.exchange.wire import API, PORT, Hello, Offer
from bench.hub import connections
from bench.hub.carried import Carried
from bench.hub.connections import Lines, Listener
from bench.hub.uploads import Uploads
from bench.hub.waiting import Waiting
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import keys
from diagnostics import durable

_MAX_PART = 8 << 20
_MAX_CHALLENGE = 64
_STATUS = {
    "upload_offset": 409,
    "upload_full": 507,
    "upload_missing": 404,
    "upload_name": 404,
    "push_credentials": 401,
    "key_unknown": 403,
    "key_revoked": 403,
    "joining_closed": 403,
    "joining_full": 503,
    "joining_busy": 429,
    "store_busy": 503,
    "store_down": 503,
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
        lines: Lines | None = None,
    ) -> None:
        self.open_log = open_log
        self.uploads = Uploads(folder / "uploads")
        self.waiting = Waiting(folder)
        self.packs_folder = folder / "packs"
        self.packs_made: dict[str, str] = {}  # of the bag that is there: its SHA-256
        self.turn = threading.Lock()
        self.told = told
        self.lines = lines or Lines()
        log = open_log()
        try:
            self.public = log.key.public
            self.context = channel.server_context(log.key)
        finally:
            log.store.close()

    def listen(
        self, host: str, port: int = PORT, *, carried: bool = False
    ) -> http.server.ThreadingHTTPServer:
        """A server bound and ready; the caller runs `serve_forever`. `carried`: for lines that a
        web server brings. Raises `RecordsError` (`hub_port`)."""
        try:
            if carried:  # what strangers of the internet open takes no line of the workshop's
                return _Behind((host, port), self, Lines(self.lines.first_s, self.lines.idle_s))
            return _Hearing((host, port), self, self.lines)
        except (OSError, OverflowError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            raise RecordsError("hub_port", host=host, port=port, cause=cause) from error

    def take(self, log: Log, bench: str, digest: str, nonce: str = "") -> bytes:
        """Import a bag that arrived whole; gives a receipt of this moment.

        Raises `RecordsError`. A bag taken before is not asked for again.
        """
        if here := receipt.again(log, digest, nonce):
            self.uploads.done(bench, digest)
            return here
        path = self.uploads.whole(bench, digest)
        (done,) = import_bags(log, [path]).bags
        self.uploads.done(bench, digest)
        if self.told:
            self.told(done)
        if done.error:
            raise RecordsError(done.error.code, **done.error.values)
        return receipt.again(log, digest, nonce)

    def packs(self, log: Log) -> tuple[str, Path] | None:
        """The bag of the network's packs as it is now, and its SHA-256; `None` where there are
        none. Made when they changed, so that the benches that ask are given one file."""
        if not shared_packs.networks(log.store):
            return None
        path = self.packs_folder / f"{shared_packs.digest(log)}.zip"
        made = self.packs_made.get(path.name)
        if made is None or not path.exists():
            durable.folder(self.packs_folder)
            if not path.exists():
                export_bag(log, path, packs=True)
            for other in self.packs_folder.glob("*.zip"):
                if other != path:
                    durable.drop(other)
            made = file_sha256(path)
            self.packs_made = {path.name: made}
        return made, path


def known(log: Log, digest: str) -> bool:
    """Whether a bag was imported before."""
    return bool(log.store.query("SELECT 1 FROM bag_in WHERE sha256 = ?", (digest,)))


class _Hearing(Listener):
    def __init__(self, address: tuple[str, int], hub: Hub, lines: Lines) -> None:
        self.hub = hub
        super().__init__(address, _Handler, hub.context, lines)


class _Behind(Carried, _Hearing):
    """The same, where a web server carries the lines."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "etabli"
    sys_version = ""
    server: _Hearing

    def __init__(self, line: ssl.SSLSocket, address: Any, server: _Hearing, name: Any) -> None:
        self._name = name  # of the line, for its deadlines
        self._nonce = secrets.token_hex(16)  # of this connection, and no other
        self._told: dict[str, str] = {}
        self._address = str(address[0])
        super().__init__(line, address, server)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal for each request."""

    def do_GET(self) -> None:
        paths = {f"{API}/hello": self._hello, f"{API}/heads": self._heads}
        paths[f"{API}/packs"] = self._packs
        if self.path.startswith(f"{API}/packs/"):
            paths[self.path] = self._packs_part
        self._guarded(paths)

    def do_HEAD(self) -> None:
        self._guarded({self.path: self._offset})

    def do_PATCH(self) -> None:
        self._guarded({self.path: self._patch})

    def do_POST(self) -> None:
        self._guarded({self.path: self._post} | {API + asking.PATH: self._join})

    def _guarded(self, paths: dict[str, Callable[[], None]]) -> None:
        lines = self.server.lines
        lines.give(self._name, None)  # from here on it waits for us
        try:
            self._told = {name.lower(): value for name, value in reversed(self.headers.items())}
            if self.path not in paths:
                raise RecordsError("upload_name")
            paths[self.path]()
        except RecordsError as error:
            self._refuse(error)
        except OSError:  # it hung up, or was cut
            self.close_connection = True
        except Exception as error:  # noqa: BLE001 - told to us, and to them without what it is
            traceback.print_exception(error)
            self._refuse(RecordsError("store_failed"))
        finally:
            lines.give(self._name, lines.idle_s)

    def _refuse(self, error: RecordsError) -> None:
        self.close_connection = True  # what remains of the body is not read
        fallback = 500 if error.code.startswith("store_") else 400
        offset = error.values.get("offset")
        told = {"Upload-Offset": str(offset)} if offset is not None else {}
        try:
            self._answer(
                _STATUS.get(error.code, fallback), b"", told | {"Etabli-Error": error.code}
            )
        except OSError:
            return  # it does not even wait for that

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.server.lines.give(self._name, connections.ANSWER_S + len(body) / 20_000)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self, most: int = 0) -> bytes:
        """The body, read to its end, so that nothing of it is taken for a request."""
        size = self._number("content-length")
        if "transfer-encoding" in self._told or size > most:
            raise RecordsError("upload_size")
        give = self.server.lines.give
        give(self._name, connections.BODY_S + size / connections.BODY_RATE)
        body = self.rfile.read(size)
        give(self._name, None)
        if len(body) != size:
            raise ConnectionError  # cut in the middle: this part is sent again
        return body

    def _digest(self) -> str:
        prefix, _, digest = self.path.rpartition("/")
        if prefix != f"{API}/bags":
            raise RecordsError("upload_name")
        return digest

    def _asked(self, action: Callable[[Log, str, bytes], None], most: int = 0) -> None:
        """Before the record is opened: a signature. Before a body is read: whose it is."""
        public = self._signer()
        log = self.server.hub.open_log()
        try:
            vouched(log.store, keys.key_id(public), self._certificate())
            action(log, keys.key_id(public), self._signed_body(most))
        finally:
            log.store.close()

    def _signer(self) -> bytes:
        here = {"nonce": self._nonce, "server": self.server.hub.public.hex()}
        return credentials.check(self.command, self.path, self._told, **here)

    def _signed_body(self, most: int) -> bytes:
        body = self._body(most)
        if self._told.get("content-digest") != credentials.content_digest(body):
            raise RecordsError("push_credentials")
        return body

    def _certificate(self) -> object:
        try:
            raw = base64.b64decode(self._told.get("etabli-certificate", ""), validate=True)
            return msgspec.json.decode(raw)
        except (binascii.Error, ValueError, RecursionError):
            return None

    def _hello(self) -> None:
        self._body()
        log = self.server.hub.open_log()
        try:
            told = Hello(receipt.certificate_of(log.store, log.key.id), self._nonce)
        finally:
            log.store.close()
        self._json(msgspec.json.encode(told))

    def _heads(self) -> None:
        def action(log: Log, bench: str, body: bytes) -> None:
            self._json(receipt.make(log, "", events=0, added=0, nonce=self._challenge()))

        self._asked(action)

    def _packs(self) -> None:
        def action(log: Log, bench: str, body: bytes) -> None:
            hub = self.server.hub
            with hub.turn:
                found = hub.packs(log)
            digest, path = found if found else ("", None)
            size = path.stat().st_size if path else 0
            offer = Offer(digest, size, shared_packs.networks(log.store))
            self._json(msgspec.json.encode(offer))

        self._asked(action)

    def _packs_part(self) -> None:
        def action(log: Log, bench: str, body: bytes) -> None:
            hub, offset = self.server.hub, self._number("upload-offset")
            with hub.turn:
                found = hub.packs(log)
            if found is None or self.path != f"{API}/packs/{found[0]}":
                raise RecordsError("upload_missing")  # they changed: it asks again
            with found[1].open("rb") as file:
                file.seek(offset)
                self._answer(200, file.read(_MAX_PART), {"Content-Type": "application/zip"})

        self._asked(action)

    def _offset(self) -> None:
        def action(log: Log, bench: str, body: bytes) -> None:
            digest, length = self._digest(), self._number("upload-length")
            here = self.server.hub.uploads.offset(bench, digest)
            here = length if known(log, digest) else here
            self._answer(200, b"", {"Upload-Offset": str(here), "Upload-Length": str(length)})

        self._asked(action)

    def _patch(self) -> None:
        def action(log: Log, bench: str, part: bytes) -> None:
            hub, digest = self.server.hub, self._digest()
            length, offset = self._number("upload-length"), self._number("upload-offset")
            with hub.turn:
                after = hub.uploads.append(bench, digest, offset, part, length)
            self._answer(200, b"", {"Upload-Offset": str(after)})

        self._asked(action, _MAX_PART)

    def _post(self) -> None:
        def action(log: Log, bench: str, body: bytes) -> None:
            hub, digest = self.server.hub, self._digest()
            with hub.turn:
                answer = hub.take(log, bench, digest, self._challenge())
            self._json(answer)

        self._asked(action)

    def _join(self) -> None:
        """Of a bench nobody knows yet: its key is proven, the record is not opened for it."""
        public = self._signer()
        request = self._signed_body(asking.MAX_REQUEST)
        answer = self.server.hub.waiting.ask(public, request, self._address)
        self._json(answer, 200 if answer else 202)

    def _json(self, body: bytes, status: int = 200) -> None:
        self._answer(status, body, {"Content-Type": "application/json"})

    def _challenge(self) -> str:
        nonce = self._told.get("etabli-challenge", "")
        if not 16 <= len(nonce) <= _MAX_CHALLENGE or not nonce.isalnum() or not nonce.isascii():
            raise RecordsError("push_credentials")
        return nonce

    def _number(self, name: str) -> int:
        text = self._told.get(name, "") or "0"
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise RecordsError("upload_size")
        return int(text)
