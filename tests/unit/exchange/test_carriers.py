"""Bags on their way: by a stick, by a real HTTP server, cut in the middle, begun again."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bench.__main__ import main
from bench.commands.push import told
from bench.exchange import channel, push, receipt
from bench.exchange.archive import file_sha256
from bench.exchange.bag import export_bag
from bench.exchange.sync import sync
from bench.exchange.wire import API
from bench.hub import discovery
from bench.hub.server import Hub
from bench.hub.uploads import Uploads
from bench.records import log
from bench.records.errors import RecordsError
from bench.words.catalogue import say
from tests import forge
from tests.unit.exchange.parties import partner, register, visit


@pytest.fixture
def region(tmp_path: Path, bench: log.Log) -> log.Log:
    return partner(tmp_path, "region", bench)


@pytest.fixture
def server(region: log.Log) -> Iterator[tuple[Hub, str]]:
    folder = region.store.path.parent
    hub = Hub(lambda: log.open_bench(folder, forge.Clock(), forge.Noise("hub")), folder)
    listener = hub.listen("127.0.0.1", 0)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield hub, f"https://127.0.0.1:{listener.server_address[1]}"
    listener.shutdown()
    thread.join()
    listener.server_close()


def assets(store: log.Log) -> list[str]:
    return [asset for (asset,) in store.store.query("SELECT asset FROM machine ORDER BY 1")]


def test_a_push_sends_all_then_only_what_is_new(
    bench: log.Log, region: log.Log, server: tuple[Hub, str]
) -> None:
    _, url = server
    assert push.push(bench, url).added == 4
    assert push.push(bench, url) == push.Pushed(url, 0, 0, 0, packs_outcome="none")
    visit(bench, "A2")
    done = push.push(bench, url)
    assert (done.events, done.added) == (4, 2)
    assert assets(region) == ["A1", "A2"]
    assert not list((bench.store.path.parent / "outgoing").iterdir())
    assert not list((region.store.path.parent / "uploads").iterdir())
    assert bench.store.query("SELECT count(*) FROM receipt") == [(2,)]


def test_what_a_push_did_is_told_to_a_script(
    bench: log.Log, region: log.Log, server: tuple[Hub, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = server
    words = ["push", url, "--json", "--data", str(bench.store.path.parent)]
    assert main(words) == 0
    first = json.loads(capsys.readouterr().out)
    assert first == {
        "url": url,
        "events": first["added"],
        "added": first["added"],
        "resumed_at": 0,
        "lost": 0,
        "odd": [],
        "ahead": False,
        "packs": 0,
        "packs_outcome": "none",
    }
    assert first["added"] >= 4
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["events"] == 0


def test_a_push_cut_in_the_middle_goes_on_from_there(
    bench: log.Log, region: log.Log, server: tuple[Hub, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = server
    monkeypatch.setattr(push, "_CHUNK", 1000)

    class Cut(Exception):
        pass

    def cut(done: int, total: int) -> None:
        if done >= 2000:
            raise Cut

    with pytest.raises(Cut):
        push.push(bench, url, cut)
    assert assets(region) == []
    visit(bench, "A2")
    done = push.push(bench, url)
    assert done.resumed_at == 2000
    assert assets(region) == ["A1", "A2"]


def test_an_answer_lost_after_the_import_doubles_nothing(
    bench: log.Log, region: log.Log, server: tuple[Hub, str]
) -> None:
    hub, url = server
    folder = bench.store.path.parent / "outgoing"
    folder.mkdir()
    export_bag(bench, folder / "push.zip")
    digest = file_sha256(folder / "push.zip")
    whole = (folder / "push.zip").read_bytes()
    hub.uploads.append(bench.key.id, digest, 0, whole, len(whole))
    with hub.turn:
        hub.take(region, bench.key.id, digest)  # and the answer never reached the bench
    done = push.push(bench, url)
    assert (done.events, done.resumed_at) == (4, len(whole))
    assert region.store.query("SELECT count(*) FROM bag_in") == [(1,)]
    assert region.verify().ok


def test_a_stranger_is_refused_before_a_byte_is_taken(
    tmp_path: Path, region: log.Log, server: tuple[Hub, str]
) -> None:
    _, url = server
    stranger = forge.store_of(tmp_path, "stranger")
    register(stranger, region)
    with pytest.raises(RecordsError) as caught:
        push.push(stranger, url)
    assert caught.value.code == "push_stranger"
    assert not list((region.store.path.parent / "uploads").iterdir())


def test_a_server_that_is_away_loses_nothing(bench: log.Log) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(RecordsError) as caught:
        push.push(bench, f"https://127.0.0.1:{port}")
    assert caught.value.code == "push_unreachable"
    for url in ("ftp://x", "rien", "https://", "https://[::1", "http://127.0.0.1:9", "https://x/y"):
        with pytest.raises(RecordsError, match="push_url"):
            push.push(bench, url)


@pytest.mark.long
@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1",
        b"GET /etabli/v2/../../etc/passwd HTTP/1.1",
        b"HEAD /etabli/v2/bags/..%2f..%2fetc HTTP/1.1",
        b"PATCH /etabli/v2/bags/" + b"a" * 64 + b" HTTP/1.1\r\nContent-Length: 99999999999999",
        b"PATCH /etabli/v2/bags/" + b"a" * 64 + b" HTTP/1.1\r\nContent-Length: -5",
        b"POST /etabli/v2/bags/" + b"a" * 64 + b" HTTP/1.1\r\nAuthorization: Etabli zz",
        b"\x16\x03\x01\x02\x00\x01",
        b"DELETE /etabli/v2/heads HTTP/1.1",
    ],
)
def test_the_server_refuses_nonsense_and_goes_on(
    bench: log.Log, region: log.Log, server: tuple[Hub, str], request_line: bytes
) -> None:
    _, url = server
    host, port = url.removeprefix("https://").split(":")
    plain = socket.create_connection((host, int(port)), timeout=10)
    with channel.client_context().wrap_socket(plain) as line:
        line.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = line.recv(4000)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert push.push(bench, url).added == 4


def test_a_false_offset_and_a_wrong_size_are_refused(tmp_path: Path) -> None:
    uploads, who, digest = Uploads(tmp_path / "uploads"), "b" * 32, "a" * 64
    assert uploads.append(who, digest, 0, b"123", 5) == 3
    for offset, part, length, code in (
        (0, b"1", 5, "upload_offset"),
        (9, b"1", 5, "upload_offset"),
        (3, b"123", 5, "upload_size"),
        (3, b"1", 2**40, "upload_size"),
    ):
        with pytest.raises(RecordsError, match=code):
            uploads.append(who, digest, offset, part, length)
    assert uploads.append(who, digest, 3, b"45", 5) == 5
    with pytest.raises(RecordsError, match="upload_differs"):
        uploads.whole(who, digest)
    for name in ("", "..", "A" * 64, "../" * 5):
        with pytest.raises(RecordsError, match="upload_name"):
            uploads.offset(who, name)


def test_the_api_is_versioned() -> None:
    assert API == "/etabli/v2"


def test_a_stick_carried_around_brings_everybody_the_same(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    other = forge.store_of(tmp_path, "other")
    visit(other, "B1")
    for store in (bench, region, other):
        register(store, bench, region, other)
    stick = tmp_path / "stick"
    stick.mkdir()
    for store in (bench, other, region, bench, other):
        assert sync(store, stick).ok
    states = {store.store.state_hash() for store in (bench, region, other)}
    assert len(states) == 1
    assert assets(region) == ["A1", "B1"]
    sync(bench, stick)
    again = sync(bench, stick)
    assert again.left is None and {bag.outcome for bag in again.bags} == {"known"}
    assert bench.store.query("SELECT count(*) FROM receipt")[0][0] > 0


def test_a_bad_bag_on_a_stick_stops_no_other(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    export_bag(bench, stick / "good.zip")
    (stick / "bad.zip").write_bytes(b"PK\3\4 nothing")
    (stick / "accuse-1.json").write_bytes(b"{}\n")
    (stick / "link.zip").symlink_to("/dev/zero")
    (stick / "dir.zip").mkdir()
    done = sync(region, stick)
    outcomes = {bag.name: bag.error.code if bag.error else bag.outcome for bag in done.bags}
    assert outcomes == {"good.zip": "applied", "bad.zip": "bag_not_sealed"}
    assert [name for name, _ in done.refused_receipts] == ["accuse-1.json"]


def test_receipts_left_on_the_stick_are_believed(
    bench: log.Log, region: log.Log, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    sync(bench, stick)
    assert sync(region, stick).answers
    assert sync(bench, stick).receipts
    (told,) = bench.store.query("SELECT body FROM receipt")
    assert receipt.read(bench.store, told[0]).heads[bench.key.id][0] == 4


@pytest.mark.long
def test_a_server_is_found_on_the_network() -> None:
    address = discovery.own_address()
    try:
        announced = discovery.Announcement("etabli essai", 18999, address)
    except OSError:
        pytest.skip("no network on this machine")
    try:
        found = discovery.find(timeout_s=10)
    finally:
        announced.close()
    if not found:
        pytest.skip("this network carries no multicast")
    assert f"https://{address}:18999" in found


def test_a_server_that_holds_more_of_a_bench_has_not_all_of_it() -> None:
    """A copy of its key had pushed first: "the server has all" hid that nothing of here went."""
    done = push.Pushed("https://x", events=0, added=0, resumed_at=0, ahead=True)
    assert told(done) == [say("exchange.push.ahead")]
    assert told(msgspec.structs.replace(done, ahead=False)) == [say("exchange.push.nothing")]
