"""The line to a server as a bench sees it; the workshop's is proven before it hears a word."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from typing import Any

import msgspec

from bench.exchange import channel, credentials, receipt, tunnel
from bench.exchange.receipt import Receipt
from bench.exchange.vouching import vouched
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import keys
from diagnostics.learn import learn

API = "/etabli/v2"
PORT = 8474
_BEHIND = "/etabli"  # an address with this path: carried there by somebody's web server
_WEB_PORT = 443
_TIMEOUT_S = 60
_MEETING_S = 20.0  # for whoever answers to prove who he is; a byte now and then is no answer
_IMPORT_S = 900  # a bag of a year is checked and taken in before it is answered
_MAX_ANSWER = 16 * 1024 * 1024
_MAX_HELLO = 64 * 1024
_REFUSALS = {"key_unknown": "push_stranger", "key_revoked": "push_revoked"}
_REFUSALS |= {code: code for code in ("joining_closed", "joining_full", "joining_busy")}
_REFUSALS |= {code: "push_unreachable" for code in ("store_down", "store_busy")}  # for now


class Hello(msgspec.Struct, frozen=True):
    """What a server says first: who vouches for its key, and the challenge to sign."""

    certificate: dict[str, str]
    nonce: str


class Offer(msgspec.Struct, frozen=True):
    """The bag of the network's packs that a server has to give: "" where there is none.
    `networks`: the workshops that speak in it."""

    sha256: str
    size_bytes: int
    networks: list[str]


class Line:
    """One connection to whoever answers at an address; every failure is one `RecordsError`.

    Raises `push_url`, `push_unreachable`, `push_unproven` (no key of ours was proven),
    `push_certificate` (of the web server that should carry the line), `push_not_carried` (it
    carries none), `push_web_server` (one answers where a hub was called).
    """

    def __init__(self, log: Log, url: str, *, meeting_s: float = _MEETING_S) -> None:
        self.url, host, port, carried = _address(url)
        self._log = log
        self._certificate = ""  # who vouches for us, told once it is known who answers
        self._line = http.client.HTTPConnection(host, port)
        self._line.auto_open = 0  # a line opened again would be anybody's
        try:
            plain = socket.create_connection((host, port), timeout=meeting_s)
        except (OSError, ValueError) as error:  # a name that is none, too
            raise RecordsError("push_unreachable", url=self.url, detail=error) from error
        try:
            with within(plain, meeting_s):
                line = tunnel.opened(plain, host, self.url) if carried else plain
                self.id, self._key, self._nonce = self._meet(line, host)
        except RecordsError:
            plain.close()
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _judge(self, bench: str, certificate: object) -> None:
        """Refuse who answers. Raises `RecordsError`."""

    def _meet(self, plain: socket.socket, host: str) -> tuple[str, bytes, str]:
        """Learn who answers, and whether we go on, before anything of us is told."""
        try:
            # The name proves nothing here: it is for who passes lines on by it, unopened.
            line = channel.client_context().wrap_socket(plain, server_hostname=host)
        except (OSError, ValueError):
            plain.close()
            raise RecordsError("push_unproven", url=self.url) from None
        self._line.sock = line
        public = channel.peer_key(line)
        try:
            _, body = self._send("GET", "/hello", {}, None, _MAX_HELLO)
        except RecordsError as error:
            if error.code != "push_refused" or public or self.url.endswith(_BEHIND):
                raise
            # Somebody's web server, that has no such page: it may carry lines below its own path.
            raise RecordsError("push_web_server", url=self.url, behind=self.url + _BEHIND) from None
        try:
            hello = msgspec.json.decode(body, type=Hello)
            self._judge(keys.key_id(public), hello.certificate)
        except (msgspec.DecodeError, RecursionError, RecordsError):
            raise RecordsError("push_unproven", url=self.url) from None
        if keys.key_id(public) == self._log.key.id or not 16 <= len(hello.nonce) <= 64:
            raise RecordsError("push_unproven", url=self.url)  # a copy of ourselves is no server
        line.settimeout(_TIMEOUT_S)
        return keys.key_id(public), public, hello.nonce

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None = None,
        *,
        most: int = _MAX_ANSWER,
        limit_s: float = 0.0,
    ) -> tuple[Any, bytes]:
        """A request signed for this server and this connection; the headers and body of the
        answer. `limit_s`: the whole of it, for a server that nobody proved; 0: no limit."""
        every = dict.fromkeys(credentials.COVERED, "") | headers
        every |= {
            "content-digest": credentials.content_digest(body or b""),
            "etabli-certificate": self._certificate,
            "etabli-server": self._key.hex(),
        }
        created = max(0, int(self._log.clock.now().timestamp()))
        every |= credentials.sign(
            self._log.key, method, API + path, every, nonce=self._nonce, created=created
        )
        if not limit_s or self._line.sock is None:
            return self._send(method, path, every, body, most)
        with within(self._line.sock, limit_s):
            return self._send(method, path, every, body, most)

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, most: int
    ) -> tuple[Any, bytes]:
        try:
            self._line.request(method, API + path, body, headers)
            answer = self._line.getresponse()
            content = answer.read(most + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise RecordsError("push_unreachable", url=self.url, detail=error) from error
        if len(content) > most:
            raise RecordsError("push_refused", url=self.url, detail="answer")
        if answer.status not in (200, 202):
            detail = answer.headers.get("Etabli-Error", "") or str(answer.status)
            code = _REFUSALS.get(detail, "push_refused")
            raise RecordsError(code, url=self.url, detail=detail[:100])
        return answer.headers, content


class Server(Line):
    """The workshop's server as functions, proven to be it before it hears a word.

    Raises as `Line`; `push_unproven`: whoever answers is no bench of a workshop registered
    here, or was revoked. Nothing was sent.
    """

    def __init__(self, log: Log, url: str, *, meeting_s: float = _MEETING_S) -> None:
        super().__init__(log, url, meeting_s=meeting_s)
        certificate = receipt.certificate_of(log.store, log.key.id)
        self._certificate = base64.b64encode(msgspec.json.encode(certificate)).decode()

    def _judge(self, bench: str, certificate: object) -> None:
        vouched(self._log.store, bench, certificate)

    def heads(self) -> Receipt:
        """What it holds now, signed: it is kept as its latest word."""
        return self._told("GET", "/heads", {})

    def packs(self) -> Offer:
        """What it has to give of the network's packs. Raises `push_refused` (`upload_name`) where
        the server is of a version that knows of none."""
        _, body = self.ask("GET", "/packs", {}, most=_MAX_HELLO)
        try:
            return msgspec.json.decode(body, type=Offer)
        except (msgspec.DecodeError, RecursionError):
            raise RecordsError("push_refused", url=self.url, detail="packs") from None

    def packs_part(self, digest: str, offset: int) -> bytes:
        """The next bytes of that bag."""
        _, part = self.ask("GET", f"/packs/{digest}", {"upload-offset": str(offset)})
        return part

    def offset(self, digest: str, size: int) -> int:
        told, _ = self.ask("HEAD", f"/bags/{digest}", {"upload-length": str(size)})
        return self._offset(told)

    def patch(self, digest: str, size: int, offset: int, part: bytes) -> int:
        headers = {"upload-length": str(size), "upload-offset": str(offset)}
        told, _ = self.ask("PATCH", f"/bags/{digest}", headers, part)
        after = self._offset(told)
        if after <= offset:
            raise RecordsError("push_refused", url=self.url, detail="offset")
        return after

    def receipt(self, digest: str, size: int) -> Receipt:
        """Have it take the bag in."""
        if self._line.sock:
            self._line.sock.settimeout(_IMPORT_S)
        return self._told("POST", f"/bags/{digest}", {"upload-length": str(size)})

    def _told(self, method: str, path: str, headers: dict[str, str]) -> Receipt:
        challenge = self._log.random(16).hex()
        _, body = self.ask(method, path, headers | {"etabli-challenge": challenge})
        return receipt.record(self._log.store, body, receiver=self.id, nonce=challenge)

    def _offset(self, told: Any) -> int:
        text = told.get("Upload-Offset", "")
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise RecordsError("push_refused", url=self.url, detail="offset")
        return int(text)


@contextlib.contextmanager
def within(line: socket.socket, seconds: float) -> Iterator[None]:
    """Cut a line that takes longer: each byte it sends would begin an ordinary timeout anew."""
    hook = socket.socket(fileno=os.dup(line.fileno()))

    def cut() -> None:
        with contextlib.suppress(OSError):
            hook.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        hook.close()


def _address(url: str) -> tuple[str, str, int, bool]:
    """`https://host:port`, the server itself, or `https://host/etabli`, behind a web server: how it
    is written says which, nobody who answers does. Raises `RecordsError` (`push_url`)."""
    try:
        parts = urllib.parse.urlsplit(url)
        carried = parts.path.rstrip("/") == _BEHIND
        port = parts.port or (_WEB_PORT if carried else PORT)
        name = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        raise RecordsError("push_url", url=url[:100]) from None
    path = carried or parts.path in ("", "/")
    plain = path and not (parts.query or parts.fragment or parts.username)
    if parts.scheme != "https" or not name or not plain:
        raise RecordsError("push_url", url=url[:100])
    return f"https://{parts.netloc}{_BEHIND if carried else ''}", name, port, carried


learn(Hello, Offer)
