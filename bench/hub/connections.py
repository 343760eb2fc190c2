"""The server's open lines: how many, from whom, and until when each may stay silent.

Whoever can reach the port can open lines; a curious neighbour must not keep the benches out.
"""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

MOST = 64
MOST_OF_ONE = 8  # of one address
FIRST_S = 15.0  # from the first byte of the line to its first request, TLS included
IDLE_S = 60.0  # from one answer to the end of the next request's head
ANSWER_S = 60.0
BODY_S, BODY_RATE = 20.0, 20_000  # a body has this long, and a second for each 20 kB


@dataclass
class _Line:
    address: str
    hook: socket.socket  # the same line a second time: the first is TLS's own
    until: float | None


class Lines:
    """Counts lines and cuts those that are late. Used from every thread of the server."""

    def __init__(self, first_s: float = FIRST_S, idle_s: float = IDLE_S) -> None:
        self.first_s, self.idle_s = first_s, idle_s
        self._open: dict[int, _Line] = {}
        self._turn = threading.Lock()

    def admit(self, line: socket.socket, address: str) -> bool:
        """Whether one more from there may be opened; "": from whom is not known yet."""
        with self._turn:
            if len(self._open) >= MOST or not self._has_room(address):
                return False
            until = time.monotonic() + self.first_s
            self._open[id(line)] = _Line(address, line.dup(), until)
        return True

    def move(self, line: socket.socket, address: str) -> bool:
        """It is from there, as is known now: whether that one may have it."""
        with self._turn:
            known = self._open.get(id(line))
            if known is None or not self._has_room(address):
                return False
            known.address = address
        return True

    def _has_room(self, address: str) -> bool:
        of_one = Counter(each.address for each in self._open.values())[address]
        return not address or of_one < MOST_OF_ONE

    def give(self, line: socket.socket, seconds: float | None) -> None:
        """It has this long from now; `None`: it waits for us."""
        with self._turn:
            known = self._open.get(id(line))
            if known:
                known.until = None if seconds is None else time.monotonic() + seconds

    def drop(self, line: socket.socket) -> None:
        """It is closed."""
        with self._turn:
            known = self._open.pop(id(line), None)
        if known:
            known.hook.close()

    def cut_late(self) -> None:
        """Cut every line whose time is over; its thread finds it closed."""
        now = time.monotonic()
        with self._turn:
            for each in self._open.values():
                if each.until is not None and now > each.until:
                    with contextlib.suppress(OSError):
                        each.hook.shutdown(socket.SHUT_RDWR)


class Listener(http.server.ThreadingHTTPServer):
    """Takes lines in, each with its thread; TLS is spoken there, so that nobody waits for it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 32

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[http.server.BaseHTTPRequestHandler],
        context: ssl.SSLContext,
        lines: Lines,
    ) -> None:
        self.context, self.lines = context, lines
        super().__init__(address, handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.lines.admit(request, str(client_address[0]))

    def finish_request(self, request: Any, client_address: Any) -> None:
        # The deadlines are those of `lines`; this one only ends what they have cut.
        request.settimeout(max(self.lines.idle_s, ANSWER_S))
        # `request` stays the name of the line: TLS takes its descriptor away.
        with self.context.wrap_socket(request, server_side=True) as secure:
            handler: Any = self.RequestHandlerClass
            handler(secure, client_address, self, request)

    def shutdown_request(self, request: Any) -> None:
        self.lines.drop(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called twice a second."""
        self.lines.cut_late()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that broke is no news. What breaks in us has been answered by the handler."""
