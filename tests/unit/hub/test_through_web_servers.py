"""Bags through somebody's web server: it carries them, and can neither read nor play the hub."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.errors.sentence import as_failure, sentence
from bench.exchange import channel, push, receipt, tunnel, wire
from bench.hub import connections
from bench.hub.connections import Lines
from bench.hub.server import Hub
from bench.records import log
from bench.records.errors import RecordsError
from tests import forge
from tests.unit.exchange.parties import partner, register, visit
from tests.unit.hub import processes, web_servers
from tests.unit.hub.web_servers import DAY, Authority, Web, free_port, running

Recipe = Callable[[Web], list[str]]
OPENING = [web_servers.caddy, web_servers.nginx, web_servers.haproxy]
PASSING = [web_servers.nginx_passing, web_servers.haproxy_passing]


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    made = forge.store_of(tmp_path, "bench")
    visit(made, "A1")
    return made


@pytest.fixture
def region(tmp_path: Path, bench: log.Log) -> log.Log:
    return partner(tmp_path, "region", bench)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one that this computer believes."""
    made = Authority(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return made


@pytest.fixture
def web(tmp_path: Path, authority: Authority) -> Web:
    (tmp_path / "web").mkdir()
    return Web(tmp_path / "web", authority.signs("localhost"), free_port())


@contextlib.contextmanager
def behind(folder: Path, *, idle_s: float = 60.0) -> Iterator[int]:
    """A hub that a web server of this machine brings lines to; gives its port."""
    lines = Lines(first_s=idle_s, idle_s=idle_s)
    hub = Hub(
        lambda: log.open_bench(folder, forge.Clock(), forge.Noise("hub")), folder, lines=lines
    )
    listener = hub.listen("127.0.0.1", 0, carried=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield listener.server_address[1]
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def of(web: Web) -> str:
    return f"https://localhost:{web.port}/etabli"


def refused(bench: log.Log, url: str) -> str:
    with pytest.raises(RecordsError) as caught:
        push.push(bench, url)
    return caught.value.code


def assets(store: log.Log) -> list[str]:
    return [asset for (asset,) in store.store.query("SELECT asset FROM machine ORDER BY 1")]


@pytest.mark.long
@pytest.mark.parametrize("made", [*OPENING, *PASSING])
def test_a_bench_pushes_through_a_real_one(
    bench: log.Log, region: log.Log, web: Web, made: Recipe
) -> None:
    """As the page says it: real programs, each in a process of its own."""
    bench.store.close()
    region.store.close()
    web.carried = free_port()
    folder = region.store.path.parent
    hub = processes.start_intake(folder, more=["--carried-port", str(web.carried)])
    web.intake = int(hub.intake.rpartition(":")[2])
    url = of(web) if made in OPENING else f"https://localhost:{web.port}"
    words = [sys.executable, "-P", str(processes.ROOT / "bench" / "__main__.py")]
    words += ["push", url, "--data", str(bench.store.path.parent)]
    told = []
    try:
        with running(made(web), web):
            for _ in range(2):
                environment = {**os.environ, "PYTHONPATH": str(processes.ROOT)}
                done = subprocess.run(
                    words, env=environment, capture_output=True, text=True, timeout=120, check=False
                )
                assert done.returncode == 0, done.stderr
                told.append(done.stdout)
    finally:
        hub.stop()
    assert url in told[0] and told[1] == "Le serveur a déjà tout.\n"
    held = log.open_bench(folder, log.SystemClock(), os.urandom)
    assert assets(held) == ["A1"]
    own = log.open_bench(bench.store.path.parent, log.SystemClock(), os.urandom)
    word = receipt.last(own.store, held.key.id)
    assert word
    assert receipt.read(own.store, word).heads[own.key.id] == own.store.heads()[own.key.id][0]
    own.store.close()
    held.store.close()


@pytest.mark.long
def test_twenty_benches_at_once(
    tmp_path: Path, region: log.Log, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each from an address of its own, as the web server tells it to the hub."""
    here, create = threading.local(), socket.create_connection

    def from_there(address: tuple[str, int], timeout: float) -> socket.socket:
        return create(address, timeout, source_address=(here.address, 0))

    folders = []
    for number in range(20):
        own = forge.store_of(tmp_path, f"b{number}")
        register(region, own)
        register(own, region)
        visit(own, f"B{number:02}")
        own.store.close()
        folders.append(own.store.path.parent)

    def work(number: int) -> push.Pushed:
        here.address = f"127.0.1.{number + 1}"
        own = log.open_bench(folders[number], forge.Clock(), forge.Noise(f"push {number}"))
        try:
            return push.push(own, f"https://127.0.0.1:{web.port}/etabli")
        finally:
            own.store.close()

    web.certificate = authority_for_address(tmp_path, monkeypatch)
    with behind(region.store.path.parent) as web.carried, running(web_servers.haproxy(web), web):
        monkeypatch.setattr(socket, "create_connection", from_there)
        with ThreadPoolExecutor(20) as pool:
            done = list(pool.map(work, range(20)))
        monkeypatch.undo()
    assert all(each.added == 4 and not each.odd for each in done)
    assert [name for name in assets(region) if name.startswith("B")] == [
        f"B{number:02}" for number in range(20)
    ]


def authority_for_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 from an authority that this computer believes from now on."""
    made = Authority(tmp_path, "of addresses")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made.signs("127.0.0.1")


def test_what_was_cut_goes_on_from_there(
    bench: log.Log, region: log.Log, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_CHUNK", 1000)
    with behind(region.store.path.parent) as web.carried:
        with running(web_servers.haproxy(web), web) as process:

            def cut(done: int, total: int) -> None:
                if done >= 2000:
                    process.kill()
                    process.wait(30)

            with pytest.raises(RecordsError, match="push_unreachable"):
                push.push(bench, of(web), cut)
        assert assets(region) == []
        with running(web_servers.haproxy(web), web):
            done = push.push(bench, of(web))
            assert done.resumed_at >= 2000 and assets(region) == ["A1"]
            assert push.push(bench, of(web)).events == 0


def test_another_hub_behind_the_right_name_is_refused(
    tmp_path: Path, bench: log.Log, region: log.Log, web: Web
) -> None:
    """Stolen DNS and a certificate that was given out wrongly: all that authorities can say is
    true, and the workshop's key is not there."""
    forge.store_of(tmp_path, "thief")
    with behind(tmp_path / "thief") as web.carried, running(web_servers.haproxy(web), web):
        assert refused(bench, of(web)) == "push_unproven"
    assert not list((tmp_path / "thief" / "uploads").iterdir())
    assert not (bench.store.path.parent / "outgoing").exists()


@pytest.mark.parametrize("wrong", ["authority", "name", "over"])
def test_a_wrong_certificate_is_refused_before_a_line_is_asked_for(
    tmp_path: Path, bench: log.Log, web: Web, authority: Authority, wrong: str
) -> None:
    web.certificate = {
        "authority": lambda: Authority(tmp_path, "another").signs("localhost"),
        "name": lambda: authority.signs("elsewhere.example"),
        "over": lambda: authority.signs("localhost", left=-DAY),
    }[wrong]()
    with socket.create_server(("127.0.0.1", 0)) as hub:
        web.carried = hub.getsockname()[1]
        with running(web_servers.haproxy(web), web):
            assert refused(bench, of(web)) == "push_certificate"
        hub.settimeout(0.2)
        with pytest.raises(TimeoutError):
            hub.accept()


class Middle:
    """A web server that opens the line and keeps what it carries; `answer`: says this itself."""

    def __init__(self, web: Web, answer: bytes = b"") -> None:
        self.up, self.down = bytearray(), bytearray()
        self._web, self._answer = web, answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(web.certificate)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        with socket.create_server(("127.0.0.1", self._web.port)) as listener:
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            yield
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(20)

    def _serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with contextlib.suppress(OSError):
                    self._one(self._context.wrap_socket(plain, server_side=True))

    def _one(self, line: ssl.SSLSocket) -> None:
        if self._answer:
            self.up += line.recv(4096)
            line.sendall(self._answer)
            line.close()
            return
        with socket.create_connection(("127.0.0.1", self._web.carried)) as hub, line:
            back = threading.Thread(target=self._back, args=(hub, line), daemon=True)
            while part := line.recv(4096):
                self.up += part
                hub.sendall(part)
                if not back.ident:
                    back.start()

    def _back(self, hub: socket.socket, line: ssl.SSLSocket) -> None:
        with contextlib.suppress(OSError):
            while part := hub.recv(4096):
                self.down += part
                line.sendall(part)


def test_who_carries_a_bag_reads_nothing_of_it_and_cannot_send_it_again(
    bench: log.Log, region: log.Log, web: Web
) -> None:
    middle = Middle(web)
    with behind(region.store.path.parent) as web.carried:
        with middle.serving():
            assert push.push(bench, of(web)).added == 4
        head, _, inside = bytes(middle.up).partition(b"\r\n\r\n")
        assert head.startswith(b"GET /etabli/v2/line ") and inside[:3] == b"\x16\x03\x01"
        said = bytes(middle.up + middle.down)
        for word in (b"PATCH", b"hello", b"signature", bench.key.id[:8].encode(), b'A1"'):
            assert word not in said
        before = region.store.query("SELECT count(*) FROM bag_in")
        with socket.create_connection(("127.0.0.1", web.carried), timeout=20) as again:
            again.sendall(head + b"\r\n\r\n")
            assert again.recv(4096).startswith(b"HTTP/1.1 101 ")
            again.sendall(inside)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while part := again.recv(4096):
                    answer += part
        assert b"HTTP" not in answer
        assert region.store.query("SELECT count(*) FROM bag_in") == before


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://hotspot.example/\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 101\x00\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"\r\n\r\n",
        b"x" * 40_000,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"\x15\x03\x03\x00\x02\x02\x28",
    ],
)
def test_a_page_in_the_place_of_the_hub_ends_the_push(
    bench: log.Log, web: Web, answer: bytes
) -> None:
    middle = Middle(web, answer)
    with middle.serving():
        codes = {b"Switching": "push_unproven", b"404": "push_not_carried"}
        code = next((codes[each] for each in codes if each in answer), "push_unreachable")
        assert refused(bench, of(web)) == code
    assert middle.up.startswith(b"GET /etabli/v2/line HTTP/1.1\r\nHost: localhost:")
    assert bench.key.id.encode() not in middle.up


def test_an_address_without_its_end_names_it(bench: log.Log, web: Web) -> None:
    middle = Middle(web, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    with middle.serving(), pytest.raises(RecordsError) as caught:
        push.push(bench, f"https://localhost:{web.port}/")
    assert caught.value.code == "push_web_server"
    assert caught.value.values["behind"] == of(web)
    assert bench.key.id.encode() not in middle.up


def test_a_port_of_plain_http_is_said_to_speak_no_tls(bench: log.Log, web: Web) -> None:
    with socket.create_server(("127.0.0.1", web.port)) as listener:

        def answer() -> None:
            plain, _ = listener.accept()
            with plain:
                plain.recv(4096)
                plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(RecordsError) as caught:
            push.push(bench, of(web))
        thread.join(20)
    failure = as_failure(caught.value)
    assert failure is not None and "TLS" in sentence(failure)


def test_one_that_answers_for_ever_is_left(bench: log.Log, web: Web) -> None:
    with socket.create_server(("127.0.0.1", web.port)) as listener:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(web.certificate)
        left = threading.Event()

        def drip() -> None:
            plain, _ = listener.accept()
            with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
                while not left.wait(0.05):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        start = time.monotonic()
        with pytest.raises(RecordsError, match="push_unreachable"):
            wire.Server(bench, of(web), meeting_s=1.0)
        assert time.monotonic() - start < 10
        left.set()
        thread.join(20)


def test_how_an_address_is_written_says_which_way_and_nobody_else_does(
    bench: log.Log, region: log.Log, web: Web
) -> None:
    """A direct address stays pinned to the key: a web server there is nobody's hub."""
    with behind(region.store.path.parent) as web.carried, running(web_servers.haproxy(web), web):
        assert refused(bench, f"https://localhost:{web.port}") == "push_web_server"  # its own 503
    for url in ("http://x/etabli", "https://x/etabli?a", "https://x/Etabli", "https://a@x/etabli"):
        assert refused(bench, url) == "push_url"
    for url in ("https://a..b", f"https://{'x' * 64}/etabli"):
        assert refused(bench, url) == "push_url"


LINE = f"GET {tunnel.PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: {tunnel.PROTOCOL}\r\n"


def asked(port: int, head: str) -> tuple[socket.socket, bytes]:
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.sendall(head.encode())
    try:
        return line, line.recv(4096)
    except ConnectionError:
        return line, b""


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET {tunnel.PATH} HTTP/1.1\r\nHost: x\r\n\r\n",
        LINE.replace("GET", "POST") + "\r\n",
        LINE + "\r\nGET / HTTP/1.1\r\n",
        LINE + "".join(f"X-{n}: y\r\n" for n in range(200)) + "\r\n",
        "\x16\x03\x01\r\n\r\n",
        "x" * 40_000,
    ],
)
def test_the_door_takes_a_request_for_a_line_and_nothing_else(region: log.Log, head: str) -> None:
    with behind(region.store.path.parent) as port:
        line, answer = asked(port, head)
        line.close()
        assert not answer.startswith(b"HTTP/1.1 101")
        line, answer = asked(port, LINE + "\r\n")
        line.close()
        assert answer.startswith(b"HTTP/1.1 101 ")


def test_each_bench_behind_the_web_server_has_its_own_share(region: log.Log) -> None:
    """By the address that the web server wrote; what callers write before it counts for nothing."""
    with behind(region.store.path.parent) as port:
        lines = []
        for number in range(connections.MOST_OF_ONE + 1):
            from_one = f"X-Forwarded-For: 10.0.0.{number}\r\nX-Forwarded-For: 192.0.2.7\r\n"
            lines.append(asked(port, f"{LINE}{from_one}\r\n"))
        told = [answer[9:12] for _, answer in lines]
        assert told == [b"101"] * connections.MOST_OF_ONE + [b"503"]
        other, answer = asked(port, f"{LINE}X-Forwarded-For: 192.0.2.7, 192.0.2.8\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        met = channel.client_context().wrap_socket(other)
        assert channel.peer_key(met) == region.key.public
        for line in (met, *(line for line, _ in lines)):
            line.close()


def test_a_household_of_addresses_has_one_share(region: log.Log) -> None:
    """Of IPv6 a household has 2^64."""
    with behind(region.store.path.parent) as port:
        told = []
        for number in range(connections.MOST_OF_ONE + 1):
            told.append(asked(port, f"{LINE}X-Forwarded-For: 2001:db8:0:1::{number:x}\r\n\r\n"))
        assert [answer[9:12] for _, answer in told][-2:] == [b"101", b"503"]
        for line, _ in told:
            line.close()


def test_silent_lines_are_cut(region: log.Log) -> None:
    with behind(region.store.path.parent, idle_s=0.5) as port:
        silent = socket.create_connection(("127.0.0.1", port), timeout=20)
        upgraded, _ = asked(port, LINE + "\r\n")
        for line in (silent, upgraded):
            with contextlib.suppress(ConnectionError):
                assert line.recv(100) == b""
            line.close()
