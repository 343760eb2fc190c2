"""Lines that say nothing, too much, or nonsense; and a record that fails."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bench.hub.accounts import sessions
from bench.hub.accounts.roles import Role
from bench.hub.web import bodies, lines
from tests.unit.hub.world import World, browser, serving_pages, token_in


@pytest.fixture
def address(own: World) -> Iterator[tuple[str, int]]:
    with serving_pages(own.site) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def answer(line: socket.socket, most_s: float = 10) -> bytes:
    """All that comes until it is closed."""
    line.settimeout(most_s)
    found = b""
    try:
        while part := line.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_who_says_nothing_is_cut(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FIRST_S", 0.4)
    monkeypatch.setattr(lines, "IDLE_S", 0.4)
    begun = time.monotonic()
    with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        assert answer(silent) == b"" == answer(slow)
    with socket.create_connection(address) as kept:
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /he")
        assert answer(kept).count(b"HTTP/1.1 200") == 1
    assert time.monotonic() - begun < 5


def test_a_body_that_drips_is_refused(
    own: World, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.3)
    secret = own.secret(Role.AUDITOR)
    host = f"{address[0]}:{address[1]}"
    head = f"POST /sortir HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
    head += f"Cookie: etabli={secret}\r\nContent-Length: 70\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nform="
    with socket.create_connection(address) as line:
        line.sendall(head.encode())
        assert answer(line).startswith(b"HTTP/1.1 408 ")
    assert sessions.whose(own.site.accounts, secret) is not None


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),  # no host
        (
            b"POST /entrer HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            b"400",
        ),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /static/%2e%2e/hub.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /parc%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET //evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /parc/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", b"404"),
    ],
)
def test_what_is_no_request_of_ours(address: tuple[str, int], sent: bytes, status: bytes) -> None:
    with socket.create_connection(address) as line:
        line.sendall(sent)
        found = answer(line)
    assert found.split(b" ", 2)[1] == status
    assert b"evil.example" not in found and b"Traceback" not in found


def test_requests_behind_one_another_are_answered_in_order(address: tuple[str, int]) -> None:
    ask, last = b"GET /health HTTP/1.1\r\nHost: x\r\n", b"Connection: close\r\n\r\n"
    with socket.create_connection(address) as line:
        line.sendall((ask + b"\r\n") * 20 + ask + last)
        assert answer(line).count(b"\r\n\r\nok\n") == 21


def test_one_address_opens_so_many_lines(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_OF_ONE", 3)
    monkeypatch.setattr(lines, "_is_ours", lambda address: False)
    opened = [socket.create_connection(address) for _ in range(3)]
    with socket.create_connection(address) as fourth:
        assert answer(fourth) == b""
    opened.pop().close()
    time.sleep(0.1)
    with socket.create_connection(address) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " in answer(line)
    for each in opened:
        each.close()


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_form_that_is_too_large(own: World, address: tuple[str, int], size: int) -> None:
    secret, url = own.secret(Role.AUDITOR), f"http://{address[0]}:{address[1]}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with browser(url, secret) as client:
        body = b"form=" + b"x" * size
        assert client.post("/sortir", content=body, headers=kind).status_code == 413
        drip = (body[at : at + 10_000] for at in range(0, len(body), 10_000))
        try:
            assert client.post("/sortir", content=drip, headers=kind).status_code == 413
        except OSError:
            pass  # it was cut while it still sent
        many = {f"f{number}": "" for number in range(200)}
        assert client.post("/sortir", data=many).status_code == 415
        assert client.get("/compte").status_code == 200


@pytest.mark.parametrize("file", ["etabli.db", "hub.db"])
def test_a_record_that_fails_is_one_sentence(own: World, file: str) -> None:
    with serving_pages(own.site) as url, browser(url, own.secret(Role.AUDITOR)) as client:
        for broken in own.site.folder.glob(f"{file}*"):
            broken.write_bytes(b"no database at all" * 1000)
        for path in ("/", "/parc", "/health"):
            answer = client.get(path)
            if file == "hub.db" or path != "/health":
                assert answer.status_code == 503
                assert "Rien n&#39;est perdu" in answer.text
            assert str(own.site.folder) not in answer.text and "sqlite" not in answer.text.lower()
        assert client.get("/nowhere").status_code == 404


def test_a_bug_is_one_sentence(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own.site.opened, "one", lambda: 1 / 0)
    with serving_pages(own.site) as url, browser(url, own.secret(Role.AUDITOR)) as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert "Une erreur de notre part" in answer.text and "ZeroDivision" not in answer.text


def test_who_tries_passwords_keeps_no_page_waiting(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as come: they wait among themselves."""
    held = threading.Event()

    def held_up(name: str, password: str, typed: str) -> None:
        held.wait(20)

    monkeypatch.setattr(own.site.accounts, "signed", held_up)
    with serving_pages(own.site) as url, browser(url) as client:
        fields = {"form": token_in(client.get("/entrer")), "name": "x", "password": "y"}

        def tries() -> None:
            with browser(url, client.cookies["etabli"]) as other:
                assert other.post("/entrer", data=fields).status_code in (403, 429)

        crowd = [threading.Thread(target=tries) for _ in range(20)]
        for each in crowd:
            each.start()
        time.sleep(0.5)
        begun = time.monotonic()
        assert [client.get("/health").status_code for _ in range(5)] == [200] * 5
        assert time.monotonic() - begun < 5
        held.set()
        for each in crowd:
            each.join()
