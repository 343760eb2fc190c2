"""Bags handed in by the browser: on the disk first, taken whole or not at all, hostile or not."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bench.exchange.bag import export_bag
from bench.hub.accounts import sessions
from bench.hub.accounts.book import Book
from bench.hub.accounts.roles import Role
from bench.hub.pages.deposit import take_left_over
from bench.hub.web import uploading
from bench.hub.web.uploading import WHERE, shown_name
from bench.records import log
from bench.records.signed import keys
from tests import forge
from tests.unit.exchange.parties import register, visit
from tests.unit.hub.world import World, browser, serving_pages

ROOT = Path(__file__).resolve().parents[3]


def bag_for(world: World, folder: Path, machines: int = 2) -> Path:
    """A bag of a bench whose workshop the hub registered."""
    bench = forge.store_of(folder, "bench")
    for number in range(machines):
        visit(bench, f"A{number}")
    with world.site.log() as hub:
        register(hub, bench)
    export_bag(bench, folder / "bag.zip")
    bench.store.close()
    return folder / "bag.zip"


def hand_in(client: httpx.Client, secret: str, name: str, body: bytes) -> tuple[int, str]:
    """The status, and what the page says, as a person reads it."""
    fields = {"form": sessions.form_token(secret)}
    answer = client.post("/depot", data=fields, files={"bag": (name, body)})
    return answer.status_code, html.unescape(answer.text)


def events(world: World) -> int:
    with world.site.reading() as hub:
        return hub.store.count()


def spooled(world: World) -> list[Path]:
    return list((world.site.folder / WHERE).glob("*"))


def test_a_bag_is_taken_known_and_shown_on_the_first_page(own: World, tmp_path: Path) -> None:
    body = bag_for(own, tmp_path).read_bytes()
    before, secret = events(own), own.secret(Role.COORDINATION)
    with serving_pages(own.site) as url, browser(url, secret) as client:
        assert "jamais" in client.get("/").text
        status, said = hand_in(client, secret, "lundi.zip", body)
        assert status == 200 and "lundi.zip : 6 fiches nouvelles." in said
        status, said = hand_in(client, secret, "lundi.zip", body)
        assert status == 200 and "lundi.zip : déjà pris." in said
        assert "07/01/2026 à" in client.get("/").text
    assert events(own) == before + 6
    assert spooled(own) == []


@pytest.mark.parametrize("kind", ["nothing", "noise", "cut", "changed", "stranger", "bomb name"])
def test_bad_bags_change_nothing_and_say_why(own: World, tmp_path: Path, kind: str) -> None:
    good = bag_for(own, tmp_path).read_bytes()
    stranger = forge.store_of(tmp_path / "else", "stranger")
    visit(stranger, "X1")
    export_bag(stranger, tmp_path / "stranger.zip")
    body = {
        "nothing": b"",
        "noise": os.urandom(5000),
        "cut": good[: len(good) // 2],
        "changed": good[:300] + bytes([good[300] ^ 1]) + good[301:],
        "stranger": (tmp_path / "stranger.zip").read_bytes(),
        "bomb name": good[:-1],
    }[kind]
    before, secret = events(own), own.secret(Role.SUPERVISOR)
    name = "../../<b>é\u202e\"'.zip"
    with serving_pages(own.site) as url, browser(url, secret) as client:
        status, said = hand_in(client, secret, name, body)
        assert client.get("/parc").status_code == 200
    assert status == 422 and "refusé." in said and "Mis de côté" in said
    assert "<b>é" in said and "../" not in said.partition("refusé")[0].rpartition("<p>")[2]
    assert events(own) == before
    assert spooled(own) == []
    assert not list(own.site.folder.parent.glob("*é*"))


def test_a_form_without_a_file(own: World) -> None:
    secret = own.secret(Role.COORDINATION)
    with serving_pages(own.site) as url, browser(url, secret) as client:
        status, said = hand_in(client, secret, "", b"")
        assert status == 400 and "Aucun fichier" in said
        fields = {"form": sessions.form_token(secret)}
        assert client.post("/depot", data=fields).status_code == 415
    assert spooled(own) == []


def multipart(*parts: tuple[str, bytes], end: bytes = b"--x--\r\n") -> bytes:
    made = [
        b"--x\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"
        for head, body in parts
    ]
    return b"".join(made) + end


@pytest.mark.parametrize("kind", ["late token", "two files", "no end", "many", "long", "no name"])
def test_forms_that_are_built_wrongly(own: World, kind: str) -> None:
    secret = own.secret(Role.COORDINATION)
    token = ('name="form"', sessions.form_token(secret).encode())
    file = ('name="bag"; filename="b.zip"', b"x" * 1000)
    body, expected = {
        "late token": (multipart(file, token), 403),
        "two files": (multipart(token, file, file), 415),
        "no end": (multipart(token, file, end=b""), 400),
        "many": (multipart(token, *[(f'name="n{n}"', b"") for n in range(50)], file), 413),
        "long": (multipart(token, ('name="n"', b"y" * 5000), file), 413),
        "no name": (multipart(token, ("x", b""), file), 415),
    }[kind]
    with serving_pages(own.site) as url, browser(url, secret) as client:
        told = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = client.post("/depot", content=body, headers=told)
        assert answer.status_code == expected
        assert client.get("/depot").status_code == 200
    assert spooled(own) == []


def test_no_more_than_a_bag_may_hold(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what is announced, and by what comes without being announced."""
    secret = own.secret(Role.COORDINATION)
    with serving_pages(own.site) as url, browser(url, secret) as client:
        huge = {
            "Content-Length": str(2**31 + 2**20),
            "Content-Type": "multipart/form-data; boundary=x",
        }
        told = client.build_request("POST", "/depot", headers=huge, content=b"")
        with socket.create_connection((told.url.host, told.url.port or 80)) as line:
            head = "".join(f"{name}: {value}\r\n" for name, value in told.headers.items())
            line.sendall(f"POST /depot HTTP/1.1\r\n{head}\r\n".encode())
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")
        monkeypatch.setattr(uploading, "BAG", uploading.What(".bag", 10_000))
        parts = multipart(
            ('name="form"', sessions.form_token(secret).encode()),
            ('name="bag"; filename="b.zip"', b"x" * 20_000),
        )
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = client.post("/depot", content=iter([parts]), headers=form)
        assert answer.status_code == 413
    assert spooled(own) == []


def test_a_full_disk_is_said(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "KEEP_FREE_BYTES", 1 << 60)
    secret = own.secret(Role.COORDINATION)
    with serving_pages(own.site) as url, browser(url, secret) as client:
        assert hand_in(client, secret, "b.zip", b"x")[0] == 507
    assert spooled(own) == []


def test_what_was_whole_at_a_stop_is_taken_in_at_the_start(own: World, tmp_path: Path) -> None:
    body, before = bag_for(own, tmp_path).read_bytes(), events(own)
    folder = own.site.folder / WHERE
    folder.mkdir(parents=True)
    (folder / "a.bag").write_bytes(body)
    (folder / "b.part").write_bytes(body[:500])
    (folder / "c.bag").write_bytes(b"broken")
    assert take_left_over(own.site) == 2
    assert events(own) == before + 6 and spooled(own) == []
    assert take_left_over(own.site) == 0


@pytest.mark.parametrize(
    ("told", "shown"),
    [("a.zip", "a.zip"), ("C:\\x\\b.zip", "b.zip"), ("../../c", "c"), ("d/", ""), ("e\x1b\n", "e")],
)
def test_a_name_is_only_shown(told: str, shown: str) -> None:
    assert shown_name(told) == shown
    assert len(shown_name("x" * 500)) == 100


@pytest.mark.long
def test_killed_in_the_middle_of_an_upload(tmp_path: Path) -> None:
    """The real program, by SIGKILL while a bag comes in; it starts again, and takes it."""
    folder = tmp_path / "data"
    hub = log.open_bench(folder, log.SystemClock())
    bench = forge.store_of(tmp_path, "bench")
    visit(bench, "A1")
    workshop = keys.load(tmp_path / "bench" / "keys" / "workshop.key")
    log.trust(hub.store, workshop.public, name="", at="", how="fingerprint")
    hub.store.close()
    export_bag(bench, tmp_path / "bag.zip")
    body = (tmp_path / "bag.zip").read_bytes()
    book = Book(folder, time.time)
    secret = sessions.begin(book, book.add("Anne", "coordination").reference)
    url, server = start(folder)
    whole = multipart(
        ('name="form"', sessions.form_token(secret).encode()),
        ('name="bag"; filename="b.zip"', body),
    )
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port or 80)) as line:
        head = f"POST /depot HTTP/1.1\r\nHost: {address.netloc.decode()}\r\nOrigin: {url}\r\n"
        head += f"Cookie: etabli={secret}\r\nContent-Length: {len(whole)}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        line.sendall(head.encode() + whole[:-400])
        until = time.monotonic() + 20
        while not list((folder / WHERE).glob("*.part")) and time.monotonic() < until:
            time.sleep(0.05)
        assert list((folder / WHERE).glob("*.part"))
        server.send_signal(signal.SIGKILL)
        server.wait()
    url, server = start(folder)
    try:
        assert list((folder / WHERE).glob("*")) == []
        with browser(url, secret) as client:  # the session holds over a restart
            status, said = hand_in(client, secret, "b.zip", body)
        assert status == 200 and "4 fiches nouvelles" in said
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def start(folder: Path) -> tuple[str, subprocess.Popen[str]]:
    """`etabli hub serve` on free ports; gives its address once it says it."""
    words = ["hub", "serve", "--port", "0", "--intake-port", "0", "--quiet", "--data", str(folder)]
    server = subprocess.Popen(
        [sys.executable, "-P", str(ROOT / "bench" / "__main__.py"), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdout
    for line in server.stdout:
        if found := re.search(r"pages .* (http://\S+)", line):
            return found[1], server
    raise AssertionError(f"it ended by {server.wait()}")
