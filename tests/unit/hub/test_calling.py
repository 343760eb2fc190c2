"""Webhooks: signed, in order, again until they are known; they name what changed and no more."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.hub import calling
from bench.hub.accounts import webhooks
from bench.hub.accounts.webhooks import Webhook
from bench.hub.calling import Calling
from bench.records.errors import RecordsError
from bench.stock import requests
from tests.unit.hub import processes
from tests.unit.hub.test_commands import etabli
from tests.unit.hub.world import World


@dataclass
class Receiver:
    """Somebody's program: answers with what is in `answers`, then 204."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    slow_s: float = 0.0

    def told(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.came]


@contextlib.contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            if receiver.slow_s:
                self.wfile.write(b"HTTP/1.1 200 ")
                for _ in range(100):
                    with contextlib.suppress(OSError):
                        self.wfile.write(b"x")
                        self.wfile.flush()
                    time.sleep(receiver.slow_s / 100)
                return
            self.send_response(status)
            if status == 307:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


def hooked(world: World, url: str) -> Webhook:
    with world.site.reading() as log:
        ((newest,),) = log.store.query("SELECT max(n) FROM event")
    return webhooks.add(world.site.accounts, url, newest)


def asked(world: World, count: int = 1) -> list[str]:
    """Requests of an organisation whose name and telephone are personal."""
    with world.site.log() as log:
        who = requests.register_prescriber(log, "Mme Secret", contact="03 21 00 00 00")
        return [requests.ask(log, who, kind="laptop", quantity=n + 1) for n in range(count)]


def kept(world: World) -> Webhook:
    (hook,) = webhooks.every(world.site.accounts)
    return hook


def test_each_event_is_told_in_order_and_signed(own: World, receiver: Receiver) -> None:
    hook = hooked(own, receiver.url)
    made = asked(own, 3)
    with own.site.log() as log:
        log.append("note.added", {"text": "nobody's business"})
        requests.close(log, made[0], "withdrawn")
    for _ in range(3):
        Calling(own.site).look()
    told = receiver.told()
    assert [each["type"] for each in told] == ["request.made"] * 3 + ["request.closed"]
    names = [each["data"]["request"] for each in told]  # type: ignore[index]
    assert names == [*made, made[0]]
    key = base64.b64decode(webhooks.written(hook.secret).removeprefix("whsec_"))
    for headers, body in receiver.came:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        good = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{good}"
        assert json.loads(body)["data"]["event"] == headers["webhook-id"]
        assert b"Secret" not in body and b"03 21" not in body and b"ref-" not in body
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 4
    with own.site.reading() as log:
        assert log.store.query("SELECT max(n) FROM event") == [(kept(own).told,)]


def test_what_fails_is_told_again_later_and_nothing_is_passed_over(
    own: World, receiver: Receiver
) -> None:
    hooked(own, receiver.url)
    made = asked(own, 2)
    receiver.answers = [500, 307, 404]
    waits = []
    for _ in range(3):
        Calling(own.site).look()
        before = len(receiver.came)
        Calling(own.site).look()  # not due yet
        assert len(receiver.came) == before
        hook = kept(own)
        waits.append(hook.due - own.clock.now().timestamp())
        own.clock.later(waits[-1] + 1)
    assert waits == [5.0, 10.0, 20.0] and kept(own).trouble == "HTTP 404"
    Calling(own.site).look()
    names = [each["data"]["request"] for each in receiver.told()]  # type: ignore[index]
    assert names == [made[0]] * 4 + [made[1]]
    assert not any("elsewhere" in headers for headers, _ in receiver.came)
    assert kept(own).trouble == "" and kept(own).tries == 0


def test_one_that_is_away_or_slow_does_not_hold_the_others(
    own: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_S", 0.5)
    with listening() as gone:
        away = gone.url
    with listening() as slow:
        slow.slow_s = 3.0
        for url in (slow.url, away, receiver.url, receiver.url.replace("http://", "https://")):
            hooked(own, url)
        asked(own)
        begun = time.monotonic()
        Calling(own.site).look()
        assert time.monotonic() - begun < 2.9
    troubled = {each.url: each.trouble for each in webhooks.every(own.site.accounts)}
    assert troubled[slow.url] == "timeout" and "refused" in troubled[away]
    assert len(receiver.told()) == 1 and troubled[receiver.url] == ""
    assert troubled[receiver.url.replace("http://", "https://")]  # no TLS is spoken there


def test_a_record_that_was_put_back_is_told_from_then_on(own: World, receiver: Receiver) -> None:
    hook = hooked(own, receiver.url)
    webhooks.note(own.site.accounts, hook._replace(told=10**9))
    asked(own)
    Calling(own.site).look()
    asked(own)
    Calling(own.site).look()
    assert len(receiver.told()) == 1


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "http://reseau.example/", "ftp://127.0.0.1/", "https://", "https://[::1"),
        *("https://a:b@reseau.example/", "https://x y/", "https://é/", "http://127.0.0.1.x/"),
        *("https://reseau.example:port/", f"https://x/{'x' * 500}", "https://x/\n"),
    ],
)
def test_where_nothing_is_sent(own: World, url: str) -> None:
    with pytest.raises(RecordsError, match="webhook_url"):
        webhooks.add(own.site.accounts, url, 0)
    assert webhooks.every(own.site.accounts) == []


@pytest.mark.long
def test_by_the_command(own: World, tmp_path: Path, receiver: Receiver) -> None:
    folder = own.site.folder
    assert etabli(folder, "hub", "webhook", "add", "http://elsewhere/").returncode == 2
    added = etabli(folder, "hub", "webhook", "add", receiver.url)
    assert added.returncode == 0, added.stderr
    assert added.stdout.splitlines()[-1].startswith("whsec_")
    (reference,) = [hook.reference for hook in webhooks.every(own.site.accounts)]
    hub = processes.start(folder)
    try:
        asked(own)
        until = time.monotonic() + 60
        while not receiver.came:
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        hub.stop()
    assert receiver.url in etabli(folder, "hub", "webhook", "list").stdout
    listed = etabli(folder, "hub", "webhook", "list", "--json").stdout
    assert json.loads(listed)[0]["url"] == receiver.url and "secret" not in listed
    assert etabli(folder, "hub", "webhook", "remove", reference).returncode == 0
    assert etabli(folder, "hub", "webhook", "list").stdout == "Aucune adresse.\n"
    assert etabli(folder, "hub", "webhook", "remove", reference).returncode == 2
