"""The HTTP server: one file, on one interface, to read. No folder, no listing, no other name.

`python -m bench.netboot.files INTERFACE ADDRESS PORT FILE` is a process of its own, nobody's once
its file and port are open. What it sends is no secret, and is checked by who fetches it
(live/initramfs/net); so it is plain HTTP, and proves nothing.
"""

from __future__ import annotations

import contextlib
import grp
import http.server
import os
import pwd
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench.errors.failure import Exit
from bench.errors.sentence import tell
from bench.netboot.menus import SYSTEM

PATH = f"/{SYSTEM}"
_MOST = 32  # at once: more wait for the network anyway
_SILENT_S = 60.0
Told = Callable[[str, str, float], None]  # what ("began", "sent", "cut"), the PC's address, seconds


class FileServer(http.server.ThreadingHTTPServer):
    """Listens as soon as it is made. Raises `OSError`."""

    daemon_threads = True
    request_queue_size = _MOST

    def __init__(self, interface: str, address: str, port: int, system: Path, told: Told) -> None:
        self.file = system.open("rb", buffering=0)
        self.size = os.fstat(self.file.fileno()).st_size
        self.told = told
        self._room = threading.Semaphore(_MOST)
        self._device = interface.encode()
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        """What comes in by another interface finds nobody, whatever address it asks for."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._device)
        super().server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A PC that was switched off, or a stranger's nonsense: nobody need read of it."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FileServer
    timeout = _SILENT_S
    server_version, sys_version = "etabli", ""

    def do_GET(self) -> None:
        if not self._head():
            return
        server, address, began = self.server, self.client_address[0], time.monotonic()
        server.told("began", address, 0.0)
        sent = 0
        with contextlib.suppress(OSError):  # gone, or silent for too long
            while sent < server.size:  # at an offset: threads share the file
                sent += self._some(sent)
        server.told("sent" if sent == server.size else "cut", address, time.monotonic() - began)

    def _some(self, offset: int) -> int:
        part = os.pread(self.server.file.fileno(), min(1 << 20, self.server.size - offset), offset)
        if not part:
            raise OSError(5, "the file became shorter")
        self.connection.sendall(part)
        return len(part)

    def do_HEAD(self) -> None:
        self._head()

    def _head(self) -> bool:
        known = self.path == PATH
        self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(self.server.size if known else 0))
        self.end_headers()
        return known

    def log_message(self, format: str, *args: Any) -> None:
        """Said by `Told`."""


USER, GROUP = "nobody", "nogroup"
READY = "ready"


def main(words: list[str]) -> int:
    """Say `READY`, then a line `WHAT ADDRESS SECONDS` for each `Told`; end with standard input.

    Exit code 4: it could not open its file or port; the last line says why.
    """
    interface, address, port, system = words
    try:
        server = FileServer(interface, address, int(port), Path(system), _say)
    except OSError as error:
        tell(error.strerror or str(error), flush=True)
        return int(Exit.MACHINE)
    user, group = pwd.getpwnam(USER).pw_uid, grp.getgrnam(GROUP).gr_gid
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(READY, flush=True)
    sys.stdin.buffer.read()  # ends when who started us does
    return int(Exit.DONE)


def _say(what: str, address: str, seconds: float) -> None:
    tell(f"{what} {address} {seconds:.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
