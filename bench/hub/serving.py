"""One process: the pages by uvicorn, and beside them the intake that benches push to."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer

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


@contextlib.contextmanager
def beside(listener: ThreadingHTTPServer | None) -> Iterator[None]:
    """The intake in a thread of its own while the block lasts."""
    if listener is None:
        yield
        return
    thread = threading.Thread(target=listener.serve_forever, name="intake")
    thread.start()
    try:
        yield
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


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


def serve_pages(app: ASGIApp, listening: socket.socket) -> None:
    """Until SIGTERM or SIGINT; what is under way then is answered first."""
    uvicorn.Server(config(app)).run(sockets=[listening])


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """The block ends by SIGTERM or SIGINT, from its first line on; the stop is no failure.

    uvicorn, which has handlers of its own while it serves, raises the signal again afterwards.
    """
    before: dict[signal.Signals, Callable[..., object] | int | None] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
