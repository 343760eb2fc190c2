"""Open lines to the pages: how many, from whom, and how long each may say nothing.

uvicorn waits for ever for the head of a first request, and for a reader that does not read.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST, MOST_OF_ONE = 256, 32  # of one address; a proxy on this machine is no address
FIRST_S = 15.0  # from the line's first byte to the end of a request's head
IDLE_S = 30.0  # from one answer to the end of the next head
READ_S = 30.0  # a reader that takes nothing of an answer


class Line(H11Protocol):
    """One line, with the hour at which it is cut."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        others = sum(
            1 for each in self.connections if (getattr(each, "client", None) or ("",))[0] == address
        )
        if len(self.connections) > MOST or (others > MOST_OF_ONE and not _is_ours(address)):
            self._cut()
        else:
            self._give(FIRST_S)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._give(None)  # a request is being answered: its body has its own time

    def on_response_complete(self) -> None:
        self._give(IDLE_S)  # whatever comes: what is left of a body, or the next head
        super().on_response_complete()
        if self.cycle is not None and not self.cycle.response_complete:
            self._give(None)  # the next one was here already

    def pause_writing(self) -> None:
        super().pause_writing()
        self._give(READ_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._give(IDLE_S if self.cycle is None or self.cycle.response_complete else None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._give(None)
        super().connection_lost(exc)

    def _give(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self._cut)

    def _cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()


def _is_ours(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
