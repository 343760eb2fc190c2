"""Lines that somebody's web server carries to us, each asked for by an HTTP upgrade.

It listens on this machine alone. Once a line is asked for it is one like all others: TLS with our
own key, to the bench and not to who carries it. From whom it comes is what the web server says,
which counts for how many of one address are open, and for nothing else.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
from typing import Any

from bench.exchange.tunnel import PATH, PROTOCOL
from bench.hub.accounts.limits import network_of
from bench.hub.connections import Listener

_MOST_HEAD = 32 * 1024
_YES = f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {PROTOCOL}\r\n\r\n"
_NO = "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Carried(Listener):
    """Hears the request for a line, then the line."""

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.lines.admit(request, "")  # whose it is, its head says

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(self.lines.first_s)
        head = _head(request)
        asked = _read(head)
        if asked is None:
            request.sendall(_NO.format(status="404 Not Found").encode())
            return
        address = _caller(asked) or str(client_address[0])
        if not self.lines.move(request, address):
            request.sendall(_NO.format(status="503 Service Unavailable").encode())
            return
        request.sendall(_YES.encode())
        super().finish_request(request, (address, 0))


def _head(line: socket.socket) -> bytes:
    """The head of a request and nothing behind it, empty where it is none."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = line.recv(4096)
        head += part
        if not part or len(head) > _MOST_HEAD:
            return b""
    # Who speaks on before the answer carries something else.
    return head if head.endswith(b"\r\n\r\n") else b""


def _read(head: bytes) -> http.client.HTTPMessage | None:
    """The fields of a request for a line, `None` where it asks for something else."""
    first, _, rest = head.partition(b"\r\n")
    try:
        told = http.client.parse_headers(io.BytesIO(rest))
    except http.client.HTTPException:
        return None
    wanted = told.get("upgrade", "").strip().lower() == PROTOCOL
    return told if wanted and first == f"GET {PATH} HTTP/1.1".encode() else None


def _caller(told: http.client.HTTPMessage) -> str:
    """Who called the web server: what it wrote last itself; before it stands what callers say."""
    said = ",".join(told.get_all("x-forwarded-for", []))
    try:
        return network_of(str(ipaddress.ip_address(said.rpartition(",")[2].strip())))
    except ValueError:
        return ""
