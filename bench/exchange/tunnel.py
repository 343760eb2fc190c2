"""A line to a server that stands behind somebody's web server, carried by it and not read.

The web server speaks TLS for its name, as for any visitor. Inside that line a second one is asked
for by an HTTP upgrade (RFC 9110, 7.8), and through this the bench meets the workshop's server as
everywhere: its own TLS, its own key. Whoever is in the middle has bytes to pass on, nothing to
believe and nothing to read (docs/decisions/proven-server.md).
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading

from bench.records.errors import RecordsError

PATH = "/etabli/v2/line"
PROTOCOL = "etabli-line"
_PORT = 443
_MOST_HEAD = 16 * 1024
_STUCK_S = 60.0  # for the other end to take what it is given
_PART = 64 * 1024
_NO_SUCH = ("404", "405")  # what a web server answers that was told nothing of us


def opened(plain: socket.socket, host: str, url: str) -> socket.socket:
    """An end of a line to who is behind the web server at the other end of `plain`, which is used
    up. Closing it closes all. Raises `RecordsError`: `push_certificate` (it is not who was
    called, by the certificate authorities of this computer), `push_not_carried` (it brings no line
    to a hub), `push_unreachable`.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    try:
        outer = context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise RecordsError("push_certificate", url=url, detail=error.verify_message) from error
    except (OSError, ValueError) as error:
        raise RecordsError("push_unreachable", url=url, detail=error) from error
    try:
        _ask(outer, host, url)
        near, far = socket.socketpair()
    except OSError as error:
        outer.close()
        raise RecordsError("push_unreachable", url=url, detail=error) from error
    except RecordsError:
        outer.close()
        raise
    far.settimeout(plain.gettimeout())
    threading.Thread(target=_carry, args=(outer, near), name="tunnel", daemon=True).start()
    return far


def _ask(outer: ssl.SSLSocket, host: str, url: str) -> None:
    name = f"[{host}]" if ":" in host else host
    port = outer.getpeername()[1]
    where = name if port == _PORT else f"{name}:{port}"
    wanted = f"Connection: Upgrade\r\nUpgrade: {PROTOCOL}\r\n"
    outer.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {where}\r\n{wanted}\r\n".encode("ascii"))
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = outer.recv(1)  # one more than the head would be of the line inside
        if not byte or len(head) >= _MOST_HEAD:
            raise RecordsError("push_unreachable", url=url, detail="HTTP")
        head += byte
    status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if status[0] == "HTTP/1.1" and status[1:2] and status[1] in _NO_SUCH:
        raise RecordsError("push_not_carried", url=url)
    if status[0] != "HTTP/1.1" or status[1:2] != ["101"]:
        raise RecordsError("push_unreachable", url=url, detail=" ".join(status)[:60])


def _carry(outer: ssl.SSLSocket, near: socket.socket) -> None:
    """Both ways until one end is gone. One thread: a TLS line is not for two."""
    outer.setblocking(False)
    near.settimeout(_STUCK_S)
    with contextlib.suppress(OSError), outer, near:
        while True:
            ready = [outer] if outer.pending() else select.select([outer, near], [], [])[0]
            if near in ready and not _given(outer, near.recv(_PART)):
                return
            if outer in ready:
                try:
                    part = outer.recv(_PART)
                except ssl.SSLWantReadError:  # a record that is not whole yet, or not for us
                    continue
                if not part:
                    return
                near.sendall(part)


def _given(outer: ssl.SSLSocket, part: bytes) -> bool:
    """Whether there was something to give; it is given whole. Raises `OSError`."""
    left = memoryview(part)
    while left:
        try:
            left = left[outer.send(left) :]
        except ssl.SSLWantWriteError:
            if not select.select([], [outer], [], _STUCK_S)[1]:
                raise TimeoutError from None
        except ssl.SSLWantReadError:
            if not select.select([outer], [], [], _STUCK_S)[0]:
                raise TimeoutError from None
    return bool(part)
