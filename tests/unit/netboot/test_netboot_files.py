"""The HTTP server gives one file to whoever asks for it, and nothing else to anybody."""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.netboot.files import PATH, FileServer

SYSTEM = os.urandom((3 << 20) + 17)
Said = list[tuple[str, str]]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Said]]:
    file = tmp_path / "system.squashfs"
    file.write_bytes(SYSTEM)
    (tmp_path / "secret").write_text("of nobody's business")
    said: Said = []
    server = FileServer(
        "lo", "127.0.0.1", 0, file, lambda what, who, seconds: said.append((what, who))
    )
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1], said
    server.shutdown()
    server.server_close()


def asked(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def until(said: Said, what: str) -> None:
    deadline = time.monotonic() + 20
    while (what, "127.0.0.1") not in said:
        assert time.monotonic() < deadline, said
        time.sleep(0.02)


def test_the_system_comes_whole_and_is_told(served: tuple[int, Said]) -> None:
    port, said = served
    assert asked(port, PATH) == (200, SYSTEM)
    until(said, "sent")
    assert asked(port, PATH, "HEAD") == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/secret",
        "/../secret",
        "/system.squashfs/",
        "/system.squashfs?x",
        "*",
    ],
)
def test_nothing_else_is_there_and_nothing_is_listed(served: tuple[int, Said], path: str) -> None:
    port, said = served
    assert asked(port, path) == (404, b"")
    assert not said


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
def test_nothing_is_taken(served: tuple[int, Said], method: str) -> None:
    port, _ = served
    assert asked(port, PATH, method)[0] == 501


def test_a_pc_switched_off_is_told_and_others_go_on(served: tuple[int, Said]) -> None:
    port, said = served
    gone = socket.create_connection(("127.0.0.1", port))
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    gone.sendall(f"GET {PATH} HTTP/1.0\r\n\r\n".encode())
    gone.recv(100)
    assert asked(port, PATH) == (200, SYSTEM)  # beside it
    gone.close()
    until(said, "cut")


def test_only_its_own_interface_is_answered(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OSError):
        FileServer("nowhere0", "127.0.0.1", 0, tmp_path / "file", lambda what, who, seconds: None)
