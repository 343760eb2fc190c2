"""The pages by uvicorn, until somebody wants it to end."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from bench.hub.web import headers, lines
from bench.records.errors import RecordsError

_STOP_S = 10  # requests under way at a stop have this long


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `RecordsError` (`hub_port`)."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, proto)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(128)
        except BaseException:
            made.close()
            raise
    except (OSError, OverflowError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise RecordsError("hub_port", host=host, port=port, cause=cause) from error
    return made


def config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the pages: nothing on the terminal, our own lines, one proxy believed."""
    return uvicorn.Config(
        app,
        http=lines.Line,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=headers.MOST_HEAD_BYTES,
        timeout_keep_alive=int(lines.IDLE_S),
        timeout_graceful_shutdown=_STOP_S,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",  # a proxy elsewhere could say anything
    )


class Stop:
    """Somebody wants the server to end: by SIGTERM or SIGINT, from before its address is told.

    A flag and no exception: one raised between two lines of a start would leave threads behind.
    """

    def __init__(self) -> None:
        self._asked = False
        self._server: uvicorn.Server | None = None

    def __call__(self, number: int, frame: object) -> None:
        self._asked = True
        if self._server is not None:
            self._server.should_exit = True

    def run(self, server: uvicorn.Server, listening: socket.socket) -> None:
        """Serve until then; what is under way at that moment is answered first."""
        self._server = server
        server.should_exit = self._asked
        server.run(sockets=[listening])


def serve_pages(app: ASGIApp, listening: socket.socket, stop: Stop) -> None:
    """Until SIGTERM or SIGINT."""
    stop.run(uvicorn.Server(config(app)), listening)


@contextlib.contextmanager
def stopping() -> Iterator[Stop]:
    """SIGTERM and SIGINT end the server that is run inside, whenever they come."""
    stop = Stop()
    before: dict[signal.Signals, Callable[..., object] | int | None] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
