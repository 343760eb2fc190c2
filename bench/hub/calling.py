"""Calls the addresses that want to know (webhooks): each event once at least, in order, signed.

A call names what changed and says nothing of it: the receiver asks the API, with what it may see.
Signed as Standard Webhooks 1.0 says (HMAC-SHA256 over id, time and body); the id is the event's
hash, so one that comes twice is known. How far each was told is kept, so nothing is lost by a stop.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import ssl
import threading
import traceback
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from bench.hub import following
from bench.hub.accounts import webhooks
from bench.hub.accounts.undelivered import quoted
from bench.hub.accounts.webhooks import Webhook
from bench.hub.pages.page import Site
from bench.records.errors import RecordsError
from bench.records.signed.event import Event
from bench.words.version import VERSION

TYPES = (
    *("request.made", "request.closed", "reservation.made", "reservation.released"),
    *("transfer.sent", "transfer.accepted", "transfer.withdrawn", "handover.done"),
    *("lot.promised", "lot.collected", "lot.received", "lot.closed"),
)
_NAMED = ("request", "reservation", "transfer")  # of an event's data: names, nothing else
LOOK_S, CALL_S = 2.0, 15.0
AGAIN_S, LONGEST_S = 5.0, 3600.0  # after the first failure, and at the most
_AT_ONCE = 50


class Call(NamedTuple):
    """What one event tells: its number in the record, its hash, the body."""

    number: int
    name: str
    body: bytes


class Calling:
    """Of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._failed = False

    def run(self, over: threading.Event) -> None:
        """Until it is over; what fails of ours is said once, and tried again."""
        while not over.wait(LOOK_S):
            try:
                self.look(over)
                self._failed = False
            except RecordsError as error:
                if not self._failed:
                    traceback.print_exception(error)
                self._failed = True

    def look(self, over: threading.Event | None = None) -> None:
        """Tell each that is due what it was not told. Raises `RecordsError` (`store_*`)."""
        now = self._site.accounts.now_s()
        for hook in webhooks.every(self._site.accounts):
            if hook.due <= now or hook.due > now + LONGEST_S:  # or the clock was put back
                self._tell(hook, over)

    def _tell(self, hook: Webhook, over: threading.Event | None) -> None:
        newest, calls = self._calls(hook)
        for call in calls:
            if over is not None and over.is_set():
                return
            trouble = post(hook, call, int(self._site.accounts.now_s()))
            if trouble:
                wait = min(AGAIN_S * 2**hook.tries, LONGEST_S)
                due = self._site.accounts.now_s() + wait
                tries = min(hook.tries + 1, 20)
                webhooks.note(
                    self._site.accounts, hook._replace(tries=tries, due=due, trouble=trouble)
                )
                return
            hook = hook._replace(told=call.number, tries=0, due=0.0, trouble="")
            webhooks.note(self._site.accounts, hook)
        if len(calls) < _AT_ONCE and hook.told != newest:  # what comes of no kind it is told of
            webhooks.note(self._site.accounts, hook._replace(told=newest))

    def _calls(self, hook: Webhook) -> tuple[int, list[Call]]:
        """The number of the newest event, and what is to be told. A record that was put back has
        fewer events than were told: then what comes from now on."""
        with self._site.reading() as log:
            newest, found = following.after(log.store, hook.told, TYPES, _AT_ONCE)
        return newest, [
            Call(each.number, each.name, _body(each.name, each.event)) for each in found
        ]


def _body(name: str, told: Event) -> bytes:
    named: dict[str, object] = {"event": name, "device": told.device, "lot": told.lot}
    named |= {key: told.data[key] for key in _NAMED if isinstance(told.data.get(key), str)}
    data = {key: value for key, value in named.items() if value}
    return msgspec.json.encode({"type": told.type, "timestamp": told.at, "data": data})


def signature(secret: bytes, name: str, moment: int, body: bytes) -> str:
    """As Standard Webhooks writes it."""
    signed = hmac.new(secret, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def post(hook: Webhook, call: Call, moment: int) -> str:
    """Tell it; "" where it answered that it knows, else why not. No redirect is followed: the
    address was given by who runs the hub, and leads nowhere else."""
    where = urlsplit(hook.url)
    host, port = where.hostname or "", where.port
    line = (
        http.client.HTTPSConnection(
            host, port, timeout=CALL_S, context=ssl.create_default_context()
        )
        if where.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=CALL_S)
    )
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"etabli/{VERSION}",
        "webhook-id": call.name,
        "webhook-timestamp": str(moment),
        "webhook-signature": signature(hook.secret, call.name, moment, call.body),
    }
    late = threading.Event()
    cut = threading.Timer(CALL_S, _cut, (line, late))
    cut.start()
    try:
        line.request("POST", path, call.body, headers)
        status = line.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Cut while it was read, the line may break rather than end.
        return "timeout" if late.is_set() else quoted(str(error) or type(error).__name__)
    finally:
        cut.cancel()
        line.close()
    if late.is_set():  # what was cut reads like an answer
        return "timeout"
    return "" if 200 <= status < 300 else f"HTTP {status}"


def _cut(line: http.client.HTTPConnection, late: threading.Event) -> None:
    """Whoever answers byte by byte does not hold us."""
    late.set()
    with contextlib.suppress(OSError):
        if line.sock is not None:
            line.sock.shutdown(2)


@contextlib.contextmanager
def calling(site: Site) -> Iterator[None]:
    """In a thread of its own while the block lasts."""
    over = threading.Event()
    thread = threading.Thread(target=Calling(site).run, args=(over,), name="calls")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
