"""A TCP 9100 printer of our own: real sockets, and the faults of real printers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StandIn:
    """Takes one caller at a time and keeps what each one sent.

    `fault`: None; `half` (closes after `half_bytes`); `silent` (reads, never closes);
    `deaf` (never reads); `answer` (answers each caller with `answer`). `pace_s`: how
    long it takes for each 4 kB, as printing does. `status`: what a Brother answers to
    ESC i S; a caller who only asks that is not counted. May be changed between callers.
    """

    def __init__(
        self,
        fault: str | None = None,
        half_bytes: int = 500,
        answer: bytes = b"",
        pace_s: float = 0,
        status: bytes = b"",
    ) -> None:
        self.fault, self.half_bytes, self.answer = fault, half_bytes, answer
        self.pace_s, self.status = pace_s, status
        self.received: list[bytes] = []
        self.arrived = threading.Condition()
        self._over = threading.Event()
        self._server = socket.socket()
        # Small buffers, as printers have: what is not read is not taken.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(8)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def wait_for(self, count: int, timeout_s: float = 10.0) -> list[bytes]:
        """What came, once `count` callers are done."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout_s)
            return list(self.received)

    def close(self) -> None:
        self._over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            with caller:
                got = self._take(caller)
                if got.endswith(b"\x1biS"):
                    continue
                with self.arrived:
                    self.received.append(got)
                    self.arrived.notify_all()
                if self.fault == "silent":
                    self._over.wait(30)

    def _take(self, caller: socket.socket) -> bytes:
        got = b""
        if self.fault == "deaf":
            self._over.wait(30)
            return got
        if self.fault == "answer":
            got = caller.recv(65536)
            caller.sendall(self.answer)
            return got
        try:
            while part := caller.recv(4096):
                got += part
                if got.endswith(b"\x1biS"):
                    caller.sendall(self.status)
                    return got
                if self.pace_s:
                    time.sleep(self.pace_s)
                if self.fault == "half" and len(got) >= self.half_bytes:
                    # Closing with unread data resets, as a printer losing power does.
                    return got
        except OSError:
            pass
        return got


@contextmanager
def printer(
    fault: str | None = None,
    half_bytes: int = 500,
    answer: bytes = b"",
    pace_s: float = 0,
    status: bytes = b"",
) -> Iterator[StandIn]:
    stand_in = StandIn(fault, half_bytes, answer, pace_s, status)
    try:
        yield stand_in
    finally:
        stand_in.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
