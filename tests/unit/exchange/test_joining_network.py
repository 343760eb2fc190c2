"""Joining over the network: anybody may ask, and gains nothing by it but an answer to himself."""

from __future__ import annotations

import contextlib
import http.client
import os
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.exchange import asking, credentials, push
from bench.exchange.wire import API, Line
from bench.hub import server, waiting
from bench.hub.waiting import FOLDER, MOST, MOST_OF_ONE, PACE_S, SILENT_S, Waiting
from bench.records import joining, log
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint, keys
from tests import forge
from tests.unit.exchange.serving import serving

Ticks = list[float]


def workshop_of(store: log.Log) -> keys.Key:
    return keys.load(store.store.path.parent / "keys" / "workshop.key")


def admit(shop: log.Log, heard: str) -> None:
    """What `etabli keys admit --heard` does."""
    folder = Waiting(shop.store.path.parent)
    found = folder.find(fingerprint.read(heard))
    assert found is not None
    folder.answer(found.public, joining.admit(shop, workshop_of(shop), found.raw, heard=heard))


@pytest.fixture
def shop(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "shop")


@pytest.fixture
def stranger(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "stranger")


def test_a_bench_asks_is_admitted_by_voice_joins_and_pushes(
    shop: log.Log, stranger: log.Log
) -> None:
    raw = joining.request(stranger, "Lens, poste 2")
    with serving(shop.store.path.parent) as (_, url):
        with pytest.raises(RecordsError, match="push_unproven"):
            push.push(stranger, url)
        assert asking.ask_all(stranger, [url], raw) == ((url,), {}, None)
        (found,) = Waiting(shop.store.path.parent).waiting()
        assert (found.asked.name, found.address) == ("Lens, poste 2", "127.0.0.1")
        admit(shop, stranger.key.fingerprint)
        for _ in range(2):  # power may fail before it is recorded: it is given again
            answer = asking.ask(stranger, url, raw)
            assert answer
        for heard in ("", stranger.key.fingerprint):
            with pytest.raises(RecordsError, match="fingerprint"):
                joining.join(stranger, answer, heard=heard)
        joining.join(stranger, answer, heard=workshop_of(shop).fingerprint)
        assert push.choose(stranger, [url]) == url
        assert push.push(stranger, url).events == 3


def test_a_server_in_the_middle_is_refused_by_what_is_heard(
    tmp_path: Path, shop: log.Log, stranger: log.Log
) -> None:
    """A thief answers too, with a certificate of his own workshop; then alone."""
    thief = forge.store_of(tmp_path, "thief")
    raw, heard = joining.request(stranger, "x"), workshop_of(shop).fingerprint
    with serving(tmp_path / "thief") as (_, his), serving(tmp_path / "shop") as (_, url):
        asking.ask_all(stranger, [his, url], raw)
        admit(thief, stranger.key.fingerprint)
        alone = asking.ask_all(stranger, [his, url], raw).answers
        assert list(alone) == [his]
        with pytest.raises(RecordsError, match="fingerprint_wrong"):
            joining.join(stranger, joining.of_heard(list(alone.values()), heard), heard=heard)
        admit(shop, stranger.key.fingerprint)
        both = list(asking.ask_all(stranger, [his, url], raw).answers.values())
        joining.join(stranger, joining.of_heard(both, heard), heard=heard)
        assert push.choose(stranger, [his, url]) == url
        with pytest.raises(RecordsError, match="push_unproven"):
            push.push(stranger, his)


def test_what_is_no_answer_to_this_bench_is_none(
    tmp_path: Path, shop: log.Log, stranger: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another bench, changed on the way, or noise: it counts as nothing, and is no page."""
    other = forge.store_of(tmp_path, "other")
    theirs = joining.admit(
        shop,
        workshop_of(shop),
        joining.request(other, "x"),
        heard=other.key.fingerprint,
    )
    raw = joining.request(stranger, "x")
    good = joining.admit(shop, workshop_of(shop), raw, heard=stranger.key.fingerprint)
    swapped = good.replace(workshop_of(shop).public.hex().encode(), b"6" * 64)
    with serving(tmp_path / "shop") as (_, url):
        for told in (theirs, swapped, b"{}", b"\xff" * 9, b"[" * 60_000, b"x" * (1 << 17)):
            monkeypatch.setattr(Waiting, "ask", lambda *_, told=told: told)
            asked = asking.ask_all(stranger, [url], raw)
            assert not asked.answers and asked.why and asked.why.code == "push_refused", told[:20]
        monkeypatch.setattr(Waiting, "ask", lambda *_: good)
        assert asking.ask_all(stranger, [url], raw).answers == {url: good}


# -- what a stranger may send ----------------------------------------------------------------


def request_of(number: int, name: str = "x") -> tuple[keys.Key, bytes]:
    key = keys.Key(number.to_bytes(32, "big"))
    return key, key.seal("request", {"name": name, "at": ""}).dumps()


def refused(folder: Waiting, key: keys.Key, raw: bytes, address: str = "10.0.0.1") -> str:
    try:
        assert folder.ask(key.public, raw, address) == b""
    except RecordsError as error:
        return error.code
    return ""


@pytest.fixture
def clock() -> Ticks:
    return [1000.0]


@pytest.fixture
def folder(shop: log.Log, clock: Ticks) -> Waiting:
    return Waiting(shop.store.path.parent, uptime=lambda: clock[0])


def test_nobody_asks_in_anothers_name(folder: Waiting, clock: Ticks) -> None:
    key, raw = request_of(1, "mine")
    thief, _ = request_of(2)
    assert refused(folder, key, raw) == ""
    clock[0] += PACE_S
    assert refused(folder, thief, raw) == "sealed_unreadable"  # his key, another's request
    (kept,) = folder.waiting()
    assert (kept.public, kept.asked.name) == (key.public, "mine")
    _, again = request_of(1, "renamed")
    assert refused(folder, key, again) == ""  # its own it may change
    assert [each.asked.name for each in folder.waiting()] == ["renamed"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\xff\xfe\n",
        b"[" * 8000 + b"\n",
        b'{"kind":"request","body":"{}","key":"00","signature":"00"}\n',
        keys.Key(b"\1" * 32).seal("receipt", {"name": "x"}).dumps(),
        keys.Key(b"\1" * 32).seal("request", {"name": 7}).dumps(),
        keys.Key(b"\1" * 32).seal("request", {"name": "x" * 65}).dumps(),
        keys.Key(b"\1" * 32).seal("request", {"name": "x", "supervisor": "00" * 32}).dumps(),
        keys.Key(b"\1" * 32).seal("request", {"name": "x"}).dumps().replace(b"x", b"y"),
    ],
)
def test_what_is_no_request_is_refused_and_written_nowhere(folder: Waiting, raw: bytes) -> None:
    assert refused(folder, keys.Key(b"\1" * 32), raw)
    assert not folder.waiting()


def test_a_crowd_of_strangers_is_bounded_and_keeps_out_nobody_who_was_heard(
    folder: Waiting, clock: Ticks, shop: log.Log
) -> None:
    """Hundreds of keys of ten addresses; a bench that is read aloud has room at once."""
    first, raw = request_of(1)
    assert refused(folder, first, raw, "10.0.0.200") == ""
    codes = set()
    for number in range(400):
        clock[0] += 1.0 if number < 150 else 0.01
        codes.add(refused(folder, *request_of(number + 2), f"10.0.0.{number % 10}"))
    assert codes == {"", "joining_full", "joining_busy"}
    assert len(folder.waiting()) == MOST
    place = shop.store.path.parent / FOLDER
    held = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    assert held < MOST * 2 * asking.MAX_REQUEST
    assert refused(folder, first, raw, "10.0.0.200") == ""  # who waited waits on
    honest, asked = request_of(5000)
    clock[0] += PACE_S
    assert refused(folder, honest, asked, "10.0.0.201") == "joining_full"
    heard = fingerprint.read(honest.fingerprint)
    assert folder.find(heard) is None
    folder.expect(heard)
    assert refused(folder, honest, asked, "10.0.0.201") == ""
    found = folder.find(heard)
    assert found is not None and found.public == honest.public


def test_one_address_has_its_share_and_its_pace(folder: Waiting, clock: Ticks) -> None:
    assert refused(folder, *request_of(1)) == ""
    assert refused(folder, *request_of(2)) == "joining_busy"
    assert refused(folder, *request_of(1)) == ""  # what lies there is asked for as often as wished
    for number in range(2, MOST_OF_ONE + 2):
        clock[0] += PACE_S
        last = refused(folder, *request_of(number))
    assert last == "joining_full" and len(folder.waiting()) == MOST_OF_ONE
    assert refused(folder, *request_of(99), "10.0.0.2") == ""


def test_who_left_makes_room_and_who_asks_stays(
    shop: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    wall = [2.0e9]
    folder = Waiting(shop.store.path.parent, wall=lambda: wall[0], uptime=lambda: clock[0])
    utime = os.utime
    monkeypatch.setattr(os, "utime", lambda path, *_: utime(path, (wall[0], wall[0])))

    def dated(key: keys.Key, raw: bytes) -> None:
        assert refused(folder, key, raw) == ""
        os.utime(shop.store.path.parent / FOLDER / "requests" / key.id)

    left, asks = request_of(1), request_of(2)
    dated(*left)
    clock[0] += PACE_S
    dated(*asks)
    for _ in range(12):
        wall[0] += SILENT_S / 9
        clock[0] += SILENT_S / 9
        assert refused(folder, *asks) == ""
    assert [each.public for each in folder.waiting()] == [asks[0].public]
    folder.answer(asks[0].public, b"x")
    wall[0] += waiting.ANSWER_S + 60
    folder.waiting()
    assert not list((shop.store.path.parent / FOLDER / "answers").iterdir())


def test_an_old_answer_is_none_to_a_new_question(
    folder: Waiting, clock: Ticks, shop: log.Log
) -> None:
    """A code chosen since wants its key certified: the answer of before does not."""
    key, raw = request_of(1)
    refused(folder, key, raw)
    admit(shop, key.fingerprint)
    answer = folder.ask(key.public, raw, "10.0.0.1")
    assert answer and not folder.waiting()
    clock[0] += PACE_S
    supervisor = keys.Key(b"\7" * 32).public.hex()
    with_code = key.seal("request", {"name": "x", "at": "", "supervisor": supervisor}).dumps()
    assert folder.ask(key.public, with_code, "10.0.0.1") == b""
    admit(shop, key.fingerprint)
    newer = folder.ask(key.public, with_code, "10.0.0.1")
    assert newer and newer != answer


def test_a_server_without_the_workshops_key_takes_no_request(shop: log.Log) -> None:
    (shop.store.path.parent / "keys" / "workshop.key").unlink()
    assert refused(Waiting(shop.store.path.parent), *request_of(1)) == "joining_closed"


# -- on the wire -----------------------------------------------------------------------------


def statuses(shop: log.Log, stranger: log.Log, *told: dict[str, str], body: bytes) -> list[int]:
    """Requests to join with some of their headers changed after signing."""
    found = []
    with serving(shop.store.path.parent) as (_, url):
        for changed in told:
            line = Line(stranger, url)
            headers = dict.fromkeys(credentials.COVERED, "") | {
                "content-digest": credentials.content_digest(body),
                "etabli-server": line._key.hex(),
            }
            headers |= credentials.sign(
                stranger.key,
                "POST",
                API + asking.PATH,
                headers,
                nonce=line._nonce,
                created=1,
            )
            with contextlib.suppress(OSError, http.client.HTTPException):
                line._line.request("POST", API + asking.PATH, body, headers | changed)
            try:
                found.append(line._line.getresponse().status)
            except (OSError, http.client.HTTPException):
                found.append(0)  # cut
            line.close()
    return found


def test_a_request_is_taken_from_who_proves_its_key_and_no_larger(
    shop: log.Log, stranger: log.Log
) -> None:
    raw = joining.request(stranger, "x")
    told: tuple[dict[str, str], ...] = (
        {"etabli-server": "cd" * 32},
        {"content-digest": credentials.content_digest(b"other")},
        {"Signature": f"etabli=:{'A' * 86}==:"},
        {"Signature-Input": "x"},
        {"upload-length": "5"},
    )
    assert statuses(shop, stranger, *told, body=raw) == [401] * len(told)
    assert not Waiting(shop.store.path.parent).waiting()
    large = b"x" * (asking.MAX_REQUEST + 1)
    assert statuses(shop, stranger, {}, body=large) in ([400], [0])
    assert statuses(shop, stranger, {"Content-Length": str(10**11)}, body=b"x") in ([400], [0])
    assert statuses(shop, stranger, {}, body=raw) == [202]
    assert len(Waiting(shop.store.path.parent).waiting()) == 1


def test_a_request_passed_on_by_another_server_is_not_taken(
    shop: log.Log, stranger: log.Log
) -> None:
    """Who stands between has the request, and a signature for himself: neither opens the door."""
    raw = joining.request(stranger, "x")
    with serving(shop.store.path.parent) as (_, url):
        between = Line(forge.store_of(shop.store.path.parent.parent, "between"), url)
        with pytest.raises(RecordsError) as caught:
            between.ask("POST", asking.PATH, {}, raw)
        between.close()
        assert caught.value.values["detail"] == "sealed_unreadable"
    assert not Waiting(shop.store.path.parent).waiting()


def test_a_crowd_asking_does_not_keep_a_bench_from_pushing(
    tmp_path: Path, shop: log.Log, stranger: log.Log, bench: log.Log
) -> None:
    log.trust(shop.store, workshop_of(bench).public, name="", at="", how="fingerprint")
    log.trust(bench.store, workshop_of(shop).public, name="", at="", how="fingerprint")
    with serving(tmp_path / "shop") as (_, url):
        over = threading.Event()

        def crowd() -> None:
            while not over.is_set():
                asking.ask_all(stranger, [url], joining.request(stranger, "x"))

        thread = threading.Thread(target=crowd)
        thread.start()
        try:
            assert push.push(bench, url).added == 4
        finally:
            over.set()
            thread.join()


def test_a_server_that_answers_a_byte_at_a_time_holds_up_no_other(
    tmp_path: Path, shop: log.Log, stranger: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proven to be nobody, it greets well, then drips: each byte would begin a timeout anew."""
    monkeypatch.setattr(asking.ask, "__kwdefaults__", {"meeting_s": 1.0})
    thief, over = forge.store_of(tmp_path, "thief"), threading.Event()

    def drip(self: server._Handler) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not over.wait(0.05):
                self.wfile.write(b" ")

    with serving(tmp_path / "thief") as (hub, his), serving(tmp_path / "shop") as (_, url):
        ask = Waiting.ask

        def asked(self: Waiting, *told: Any) -> bytes:
            return b"drip" if self is hub.waiting else ask(self, *told)

        monkeypatch.setattr(Waiting, "ask", asked)
        answer = server._Handler._json

        def dripping(self: server._Handler, body: bytes, status: int = 200) -> None:
            drip(self) if body == b"drip" else answer(self, body, status)

        monkeypatch.setattr(server._Handler, "_json", dripping)
        start = time.monotonic()
        try:
            found = asking.ask_all(stranger, [his, url], joining.request(stranger, "x"))
        finally:
            over.set()
        assert time.monotonic() - start < 20
    assert found.taken == (url,) and not found.answers and found.why
    assert thief.store.count() == 2


def test_the_servers_asked_are_few_and_others_each_time(
    stranger: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief who announces hundreds hides the true one for a moment, not for good."""
    met: list[str] = []

    def ask(log: log.Log, url: str, request: bytes) -> bytes:
        met.append(url)
        raise RecordsError("push_unreachable", url=url, detail="")

    monkeypatch.setattr(asking, "ask", ask)
    urls = [f"https://10.0.0.{number}:8474" for number in range(100)]
    assert asking.ask_all(stranger, urls, b"").why
    assert len(met) == asking.MOST
    for _ in range(200):
        asking.ask_all(stranger, urls, b"")
    assert set(met) == set(urls)


def test_the_answer_says_no_more_than_the_certificate(shop: log.Log, stranger: log.Log) -> None:
    """Of the workshop a stranger learns what any server says first, and nothing while he waits."""
    with serving(shop.store.path.parent) as (_, url):
        line = Line(stranger, url)
        headers, body = line.ask("POST", asking.PATH, {}, joining.request(stranger, "x"))
        line.close()
    assert body == b""
    told = {name.lower() for name in headers}
    assert told <= {"server", "date", "content-type", "content-length", "connection"}
    admit(shop, stranger.key.fingerprint)
    answer = Waiting(shop.store.path.parent).ask(
        stranger.key.public, joining.request(stranger, "x"), "10.0.0.9"
    )
    said = msgspec.json.decode(answer)
    assert set(said) == {"bench", "networks", "numbers", "supervisor"}
    assert said["networks"] is None  # this workshop is of none


def test_numbers_given_out_are_the_workshops_own_word_to_this_bench(
    tmp_path: Path, shop: log.Log, stranger: log.Log
) -> None:
    raw, workshop = joining.request(stranger, "x"), workshop_of(shop)
    heard, last = stranger.key.fingerprint, {"RC26:70001": 70023}
    good = joining.admit(shop, workshop, raw, heard=heard, numbers=last)
    assert joining.numbers_of(good) == last
    thief = workshop_of(forge.store_of(tmp_path, "thief"))
    mine = {"bench": stranger.key.id, "last": {"RC26:70001": 79999}}
    for statement in (
        thief.seal("numbers", mine),
        workshop.seal("numbers", mine | {"bench": shop.key.id}),
        workshop.seal("numbers", mine | {"last": {"RC26:70001": -1}}),
        workshop.seal("numbers", mine | {"last": [1]}),
        workshop.seal("receipt", mine),
    ):
        answer = msgspec.json.decode(good) | {"numbers": statement.plain()}
        with pytest.raises(RecordsError):
            joining.read_answer(msgspec.json.encode(answer))
