"""Who answers is asked first; who asks is bound to this line; nobody keeps the others out."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bench.exchange import channel, credentials, push, receipt, wire
from bench.exchange.wire import API, Hello
from bench.hub import connections, uploads
from bench.hub.connections import Lines
from bench.hub.uploads import Uploads
from bench.records import joining, log
from bench.records.day.notices import unsynced_events
from bench.records.errors import RecordsError
from bench.records.signed import keys
from tests import forge
from tests.unit.exchange.parties import partner, register, visit
from tests.unit.exchange.serving import serving

Seen = list[tuple[str, str]]


@pytest.fixture
def hub(tmp_path: Path, bench: log.Log) -> log.Log:
    return partner(tmp_path, "hub", bench)


def address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("https://").rpartition(":")
    return host, int(port)


@pytest.fixture
def rogue(hub: log.Log) -> Iterator[tuple[str, Seen]]:
    """Whoever answers: a key of its own, and the true server's certificate, which is no secret."""
    seen: Seen = []
    certificate = receipt.certificate_of(hub.store, hub.key.id)

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            seen.append((self.command, self.path))
            body = msgspec.json.encode(Hello(certificate, "ab" * 16))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PATCH = answer

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = channel.server_context(keys.Key(b"\x66" * 32))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def refused(bench: log.Log, url: str) -> str:
    with pytest.raises(RecordsError) as caught:
        push.push(bench, url)
    return caught.value.code


def test_whoever_answers_hears_nothing_but_hello(bench: log.Log, rogue: tuple[str, Seen]) -> None:
    url, seen = rogue
    assert refused(bench, url) == "push_unproven"
    assert seen == [("GET", f"{API}/hello")]
    assert not (bench.store.path.parent / "outgoing").exists()


def test_a_server_of_another_workshop_or_revoked_is_not_ours(
    tmp_path: Path, bench: log.Log, hub: log.Log
) -> None:
    forge.store_of(tmp_path, "foreign")
    with serving(tmp_path / "foreign") as (_, url):
        assert refused(bench, url) == "push_unproven"
    with serving(tmp_path / "hub") as (_, url):
        assert push.push(bench, url).added == 4
        bench.store.add(list(hub.store.events()))
        workshop = keys.load(tmp_path / "hub" / "keys" / "workshop.key")
        joining.revoke(bench, workshop, hub.key.id, "2", reason="lost")
        assert refused(bench, url) == "push_unproven"


def test_what_others_tell_of_the_server_does_not_hide_its_own_certificate(
    tmp_path: Path, bench: log.Log, hub: log.Log
) -> None:
    """A member's chain holds, later than all, a certificate of an invented workshop for its key."""
    made_up = keys.certify(keys.Key(b"\x66" * 32), hub.key.public, name="x", at="")
    bench.append("bench.certified", {"certificate": made_up.plain()})
    with serving(tmp_path / "hub") as (_, url):
        assert push.push(bench, url).added == 5
        visit(bench, "A2")
        assert push.push(bench, url).added == 2


def test_a_plain_server_and_an_old_tls_are_refused(bench: log.Log) -> None:
    class Silent(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert refused(bench, f"https://127.0.0.1:{server.server_address[1]}") == "push_unproven"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_server_that_answers_a_byte_at_a_time_is_left(bench: log.Log) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            line, _ = listener.accept()
            with contextlib.suppress(OSError), line:
                line.sendall(b"\x16\x03\x03\x40\x00")  # of a handshake of 16 KB
                while not left.wait(0.05):  # each byte would begin a timeout of its own anew
                    line.sendall(b"\x02")

        left, thread = threading.Event(), threading.Thread(target=drip)
        thread.start()
        start = time.monotonic()
        with pytest.raises(RecordsError, match="push_unproven"):
            wire.Server(bench, f"https://127.0.0.1:{listener.getsockname()[1]}", meeting_s=1.0)
        assert time.monotonic() - start < 10
        left.set()
        thread.join(20)


def test_a_line_that_was_cut_is_not_opened_again(
    tmp_path: Path, bench: log.Log, hub: log.Log
) -> None:
    """Who answers at that address now was not asked who he is."""
    with serving(tmp_path / "hub") as (_, url):
        server = wire.Server(bench, url)
        server._line.close()
        with pytest.raises(RecordsError, match="push_unreachable"):
            server.heads()


def test_of_several_servers_the_key_decides(
    tmp_path: Path, bench: log.Log, hub: log.Log, rogue: tuple[str, Seen]
) -> None:
    second = forge.store_of(tmp_path, "second")
    register(second, bench)
    register(bench, second)
    with pytest.raises(RecordsError, match="hub_not_found"):
        push.choose(bench, [])
    with pytest.raises(RecordsError, match="push_unproven"):
        push.choose(bench, [rogue[0]])
    with serving(tmp_path / "hub") as (_, url), serving(tmp_path / "second") as (_, other):
        assert push.choose(bench, [rogue[0], url]) == url
        with pytest.raises(RecordsError, match="hub_several"):
            push.choose(bench, [url, other])
        push.push(bench, url)
        assert push.choose(bench, [other, url, rogue[0]]) == url
        with pytest.raises(RecordsError, match="hub_other"):
            push.choose(bench, [other, rogue[0]])


METHOD, PATH = "PATCH", f"{API}/bags/{'a' * 64}"
SERVER, NONCE = "cd" * 32, "ab" * 16
BAG = f"/bags/{'a' * 64}"


def signed(key: keys.Key) -> dict[str, str]:
    headers = dict.fromkeys(credentials.COVERED, "") | {
        "content-digest": credentials.content_digest(b"part"),
        "upload-length": "9",
        "upload-offset": "4",
        "etabli-challenge": "ef" * 16,
        "etabli-certificate": "e30=",
        "etabli-server": SERVER,
    }
    made = credentials.sign(key, METHOD, PATH, headers, nonce=NONCE, created=5)
    return headers | {name.lower(): value for name, value in made.items()}


def test_credentials_are_good_for_one_request_to_one_server_on_one_line() -> None:
    key = keys.Key(b"\7" * 32)
    headers = signed(key)
    assert credentials.check(METHOD, PATH, headers, nonce=NONCE, server=SERVER) == key.public

    def fails(
        told: dict[str, str],
        method: str = METHOD,
        path: str = PATH,
        nonce: str = NONCE,
        server: str = SERVER,
    ) -> bool:
        try:
            credentials.check(method, path, told, nonce=nonce, server=server)
        except RecordsError as error:
            return error.code == "push_credentials"
        return False

    assert fails(headers, method="POST") and fails(headers, path=f"{API}/bags/{'b' * 64}")
    assert fails(headers, nonce="ac" * 16)
    assert fails(headers, server="ce" * 32)  # passed on by another
    for name in headers:
        assert fails(headers | {name: headers[name] + "1"}), name
        assert fails(headers | {name: "x"}), name
    for old, new in (("created=5", "created=6"), (' "upload-offset"', ""), (NONCE, "ac" * 16)):
        assert fails(headers | {"signature-input": headers["signature-input"].replace(old, new)})


@pytest.mark.parametrize(
    "method, path", [("GET", "/heads"), ("HEAD", BAG), ("PATCH", BAG), ("POST", BAG)]
)
def test_nothing_is_told_or_taken_without_credentials(
    tmp_path: Path, hub: log.Log, method: str, path: str
) -> None:
    with serving(tmp_path / "hub") as (_, url):
        plain = socket.create_connection(address(url), timeout=10)
        with channel.client_context().wrap_socket(plain) as line:
            ask = f"{method} {API}{path} HTTP/1.1\r\nHost: x\r\nUpload-Length: 5\r\n"
            line.sendall(f"{ask}Content-Length: 5\r\n\r\n12345GET /".encode())
            answer = b""
            while part := line.recv(4000):  # to the end: the line is closed, not read on
                answer += part
    assert answer.startswith(b"HTTP/1.1 401 ") and answer.count(b"HTTP/1.1") == 1
    assert not list((tmp_path / "hub" / "uploads").iterdir())


def test_a_server_that_names_heads_it_never_had_is_found_out(
    tmp_path: Path, bench: log.Log, hub: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is certified, and it lies: nothing is left out for it, nothing counts as safe."""
    last = bench.store.heads()[bench.key.id][0][0]
    with serving(tmp_path / "hub") as (_, url):
        monkeypatch.setattr(receipt, "heads", lambda store: {bench.key.id: (last, "ab" * 32)})
        done = push.push(bench, url)
        assert (done.events, done.odd) == (4, (bench.key.id,))
        assert unsynced_events(bench) == 4
        monkeypatch.setattr(receipt, "heads", lambda store: {bench.key.id: (10**6, "ab" * 32)})
        assert push.push(bench, url).ahead and unsynced_events(bench) == 4


def test_one_bench_leaves_room_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_BENCH_BYTES", 1000)
    spool, greedy, other = Uploads(tmp_path / "uploads"), "a" * 32, "b" * 32
    spool.append(greedy, "1" * 64, 0, b"x" * 900, 5000)
    for digest, offset in (("1" * 64, 900), ("2" * 64, 0)):
        with pytest.raises(RecordsError, match="upload_full"):
            spool.append(greedy, digest, offset, b"x" * 200, 5000)
    for number in range(3):
        spool.append(greedy, f"{number + 3}" * 64, 0, b"x", 10)
    with pytest.raises(RecordsError, match="upload_full"):  # too many at once
        spool.append(greedy, "9" * 64, 0, b"x", 10)
    assert spool.append(other, "1" * 64, 0, b"x" * 900, 5000) == 900
    with pytest.raises(RecordsError, match="upload_missing"):  # another's bag is not one's own
        spool.whole(other, "3" * 64)
    monkeypatch.setattr(uploads, "KEEP_FREE_BYTES", 2**62)
    with pytest.raises(RecordsError, match="upload_full"):
        spool.append("c" * 32, "1" * 64, 0, b"x", 10)


def closed(line: socket.socket) -> bool:
    """Waits until the other end hangs up; False where it says something."""
    line.settimeout(20)
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def test_silent_and_slow_lines_are_cut_and_keep_nobody_out(
    tmp_path: Path, bench: log.Log, hub: log.Log
) -> None:
    lines = Lines(first_s=1.0, idle_s=1.0)
    with serving(tmp_path / "hub", lines) as (_, url):
        silent = [
            socket.create_connection(address(url), timeout=20, source_address=("127.0.0.2", 0))
            for _ in range(connections.MOST_OF_ONE)
        ]
        over = socket.create_connection(address(url), timeout=20, source_address=("127.0.0.2", 0))
        assert closed(over)  # one address has its share
        assert push.push(bench, url).added == 4  # the others theirs
        slow = channel.client_context().wrap_socket(
            socket.create_connection(address(url), timeout=20, source_address=("127.0.0.3", 0))
        )
        slow.sendall(b"GET /etabli/v2/hello HTTP/1.1\r\nX: ")
        assert closed(slow)
        assert all(closed(line) for line in silent)
        for line in (*silent, over, slow):
            line.close()
        again = socket.create_connection(address(url), timeout=20, source_address=("127.0.0.2", 0))
        assert channel.client_context().wrap_socket(again).version() == "TLSv1.3"
        again.close()


def test_a_body_that_never_ends_is_cut(
    tmp_path: Path, bench: log.Log, hub: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a certified bench: credentials buy no endless line."""
    monkeypatch.setattr(connections, "BODY_S", 0.5)
    monkeypatch.setattr(connections, "BODY_RATE", 10**9)
    with serving(tmp_path / "hub") as (_, url):
        server = wire.Server(bench, url)
        assert server._line.sock
        whole = b"x" * 5000
        headers = dict.fromkeys(credentials.COVERED, "") | {
            "content-digest": credentials.content_digest(whole),
            "upload-length": "5000",
            "etabli-certificate": server._certificate,
            "etabli-server": server._key.hex(),
        }
        path = f"{API}/bags/{'a' * 64}"
        headers |= credentials.sign(
            bench.key, "PATCH", path, headers, nonce=server._nonce, created=1
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        ask = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n{head}\r\n"
        server._line.sock.sendall(ask.encode() + whole[:100])
        assert closed(server._line.sock)
        server.close()
        assert push.push(bench, url).added == 4
