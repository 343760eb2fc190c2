"""Reads a form's body: so much, in so long, and no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

MOST_FORM_BYTES, MOST_FIELDS = 64 << 10, 100
BODY_S, BODY_RATE = 20.0, 20_000  # a body has this long, and a second for each 20 kB


class BodyError(Exception):
    """A body that is not taken. `code`: one of `STATUS`."""

    STATUS: ClassVar = {
        "body_size": 413,
        "body_late": 408,
        "body_kind": 415,
        "body_cut": 400,
        "body_busy": 503,  # as many send a file as may at once
        "body_room": 507,
    }

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.status = code, self.STATUS[code]


async def parts(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises `BodyError` where it is too much, or too slow."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        raise BodyError("body_size")
    begun, size = time.monotonic(), 0
    stream = request.stream()
    try:
        while True:
            left = begun + BODY_S + size / BODY_RATE - time.monotonic()
            part = await asyncio.wait_for(anext(stream), max(0.0, left))
            size += len(part)
            if size > most:
                raise BodyError("body_size")
            yield part
    except StopAsyncIteration:
        return
    except TimeoutError:
        raise BodyError("body_late") from None
    except ClientDisconnect:
        raise BodyError("body_cut") from None


async def form(request: Request) -> dict[str, str]:
    """The fields of a form; the first of each name. Raises `BodyError`."""
    body = b"".join([part async for part in parts(request, MOST_FORM_BYTES)])
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BodyError("body_kind")
    found: dict[str, str] = {}
    try:
        told = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BodyError("body_kind") from None
    for name, value in told:
        found.setdefault(name, value.replace("\x00", "\ufffd"))
    return found
