"""A hub in one file: taken while it serves, put back elsewhere, and nothing but what was in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import httpx
import pytest

from bench.exchange import push
from bench.hub import backup, donors
from bench.hub.accounts import sessions
from bench.hub.accounts.book import Book
from bench.hub.accounts.roles import Role
from bench.hub.served import served
from bench.records import log
from bench.records.errors import RecordsError
from bench.records.signed import keys
from tests import forge
from tests.unit.exchange.parties import register, visit
from tests.unit.hub import processes
from tests.unit.hub.test_commands import etabli
from tests.unit.hub.world import PASSWORD, World, browser, token_in


def saved(world: World, out: Path) -> backup.SavedHub:
    with world.site.log() as hub:
        return backup.save(hub, out)


def opened(folder: Path) -> log.Log:
    return log.open_bench(folder, forge.Clock(), forge.Noise("again"))


def test_what_is_in_it_comes_back(own: World, tmp_path: Path) -> None:
    account = own.accounts[Role.COORDINATION].reference
    own.site.accounts.set_password(account, PASSWORD)
    token = donors.new_link(own.site.accounts, "ref-donor")
    session, link = own.secret(Role.COORDINATION), own.site.accounts.link(account)
    own.site.accounts.set_password(account, PASSWORD)
    own.site.folder.joinpath("settings.toml").write_text('workshop = "Nord"\n')
    out = tmp_path / "hub.zip"
    told = saved(own, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (told.accounts, told.size_bytes) == (5, out.stat().st_size)
    done = backup.restore(out, tmp_path / "new", moment="m")
    assert (done.events, done.accounts, done.former) == (told.events, 5, ())
    with own.site.reading() as before:
        again = opened(tmp_path / "new")
        assert again.store.state_hash() == before.store.state_hash()
        assert again.key.id == before.key.id
        again.store.close()
    book = Book(tmp_path / "new", lambda: own.clock.now().timestamp())
    assert book.signed("le coordination", PASSWORD, "") is not None
    assert donors.opened_by(book, token) == ("ref-donor", "")
    assert sessions.whose(book, session) is None  # a door that was open is closed
    assert book.of_link(link) is None
    assert (tmp_path / "new" / "settings.toml").read_text() == 'workshop = "Nord"\n'
    for path in (tmp_path / "new").rglob("*.*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    assert not list((tmp_path / "new").glob(".*"))


def test_nothing_of_who_was_removed_is_in_it(own: World, tmp_path: Path) -> None:
    own.site.accounts.remove(own.accounts[Role.AUDITOR].reference)
    saved(own, tmp_path / "hub.zip")
    with zipfile.ZipFile(tmp_path / "hub.zip") as held:
        assert b"le auditor" not in held.read("hub.db")
        assert b"le donor" in held.read("hub.db")


def test_where_there_is_a_record_it_must_be_asked_for(own: World, tmp_path: Path) -> None:
    out, folder = tmp_path / "hub.zip", own.site.folder
    saved(own, out)
    with pytest.raises(RecordsError, match="hub_backup_exists"):
        saved(own, out)
    own.site.accounts.remove(own.accounts[Role.DONOR].reference)
    with pytest.raises(RecordsError, match="backup_exists"):
        backup.restore(out, folder, moment="m")
    assert len(own.site.accounts.all()) == 4
    done = backup.restore(out, folder, moment="m", replace=True)
    assert sorted(Path(path).name for path in done.former) == [
        "etabli-before-m.db",
        "hub-before-m.db",
    ]
    assert all(Path(path).exists() for path in done.former)
    assert len(own.site.accounts.all()) == 5


def test_a_key_of_another_bench_is_set_aside(own: World, tmp_path: Path) -> None:
    """Who began anew before finding the backup has founded another bench there."""
    saved(own, tmp_path / "hub.zip")
    folder = tmp_path / "new"
    founded = opened(folder)
    founded.store.close()
    done = backup.restore(tmp_path / "hub.zip", folder, moment="m", replace=True)
    again = opened(folder)
    with own.site.reading() as before:
        assert again.key.id == before.key.id != founded.key.id
    assert again.append("note.added", {"text": "going on"})
    again.store.close()
    assert (folder / "keys" / "bench.key.before-m").exists()
    assert any(path.endswith("bench.key.before-m") for path in done.former)


def test_one_served_is_not_replaced(own: World, tmp_path: Path) -> None:
    saved(own, tmp_path / "hub.zip")
    with served(own.site.folder), pytest.raises(RecordsError, match="store_in_use"):
        backup.restore(tmp_path / "hub.zip", own.site.folder, moment="m", replace=True)
    with served(own.site.folder), served(own.site.folder):
        pass  # pages and intake may be two programs


def rewritten(source: Path, target: Path, name: str, body: bytes | None) -> Path:
    """The same zip with one member changed, its own list untouched; `None`: left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if body is not None:
            new.writestr(name, body)
    return target


@pytest.mark.long
def test_a_damaged_one_replaces_nothing(own: World, tmp_path: Path) -> None:
    good = tmp_path / "hub.zip"
    saved(own, good)
    whole = good.read_bytes()
    with zipfile.ZipFile(good) as held:
        names, listed = held.namelist(), json.loads(held.read("etabli-hub.json"))
        accounts = held.read("hub.db")
    bad = [rewritten(good, tmp_path / f"{n}.zip", name, None) for n, name in enumerate(names)]
    bad += [rewritten(good, tmp_path / f"x{n}.zip", name, b"other") for n, name in enumerate(names)]
    for number, cut in enumerate((0, 10, len(whole) // 2, len(whole) - 1)):
        bad.append(tmp_path / f"cut{number}.zip")
        bad[-1].write_bytes(whole[:cut])
    for number, place in enumerate(range(60, len(whole) - 400, len(whole) // 12)):
        changed = bytearray(whole)
        changed[place] ^= 0x10
        bad.append(tmp_path / f"bit{number}.zip")
        bad[-1].write_bytes(changed)
    for number, name in enumerate(("../escape.key", "keys/../escape.key", "/tmp/escape", "other")):
        told = listed | {"files": listed["files"] | {name: listed["files"]["hub.db"]}}
        made = rewritten(good, tmp_path / f"n{number}.zip", name, accounts)
        listing = json.dumps(told).encode()
        bad.append(rewritten(made, tmp_path / f"m{number}.zip", "etabli-hub.json", listing))
    with own.site.reading() as before:
        state = before.store.state_hash()
    for number, path in enumerate(bad):
        folder = tmp_path / f"into{number}"
        try:
            backup.restore(path, folder, moment="m")
        except RecordsError as refused:
            assert refused.code in ("backup_bad", "backup_unwritable"), path.name
            assert [each.name for each in folder.iterdir()] == ["hub.lock"], path.name
            continue
        assert path.name.startswith("bit"), path.name  # a date of the zip's own
        again = opened(folder)
        assert again.store.state_hash() == state
        again.store.close()
    assert not list(tmp_path.rglob("escape*"))


def test_accounts_with_a_trigger_are_not_put_back(own: World, tmp_path: Path) -> None:
    saved(own, tmp_path / "hub.zip")
    with zipfile.ZipFile(tmp_path / "hub.zip") as held:
        (tmp_path / "hub.db").write_bytes(held.read("hub.db"))
        listed = json.loads(held.read("etabli-hub.json"))
    with sqlite3.connect(tmp_path / "hub.db") as db:
        db.execute(
            "CREATE TRIGGER t AFTER INSERT ON session BEGIN"
            " UPDATE account SET role = 'coordination'; END"
        )
    db.close()
    body = (tmp_path / "hub.db").read_bytes()
    listed["files"]["hub.db"] = [hashlib.sha256(body).hexdigest(), len(body)]
    made = rewritten(tmp_path / "hub.zip", tmp_path / "a.zip", "hub.db", body)
    made = rewritten(made, tmp_path / "b.zip", "etabli-hub.json", json.dumps(listed).encode())
    with pytest.raises(RecordsError, match="backup_bad"):
        backup.restore(made, tmp_path / "new", moment="m")


@pytest.mark.long
def test_taken_from_a_hub_that_serves_and_put_back_elsewhere(tmp_path: Path) -> None:
    """As it happens: a bench pushes, the hub is copied, its computer dies, another goes on."""
    first, second, out = tmp_path / "hub", tmp_path / "other", tmp_path / "hub.zip"
    hub = log.open_bench(first, log.SystemClock(), os.urandom)
    bench = log.open_bench(tmp_path / "bench", log.SystemClock(), os.urandom)
    register(hub, hub, bench)
    register(bench, hub)
    hub_id = hub.key.id
    hub.store.close()
    hub_process = processes.start(first)
    url, intake = hub_process.pages, hub_process.intake
    try:
        link = etabli(first, "hub", "account", "add", "Anne", "--role", "auditor", "--url", url)
        path = link.stdout.splitlines()[-1]
        with browser(url) as client:
            fields = {"form": token_in(client.get(path)), "password": PASSWORD, "again": PASSWORD}
            assert client.post(path, data=fields).status_code == 303
        visit(bench, "A1")
        assert push.push(bench, intake).added > 0
        done = etabli(first, "hub", "backup", "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert "1 compte" in done.stdout
        assert httpx.get(f"{url}/health").text == "ok\n"
        refused = etabli(first, "hub", "restore", str(out), "--replace")
        assert refused.returncode == 4 and "ouvertes" in refused.stderr
        visit(bench, "A2")
        assert push.push(bench, intake).added == 2
    finally:
        hub_process.stop()
    shutil.rmtree(first)
    put = etabli(second, "hub", "restore", str(out))
    assert put.returncode == 0, put.stderr
    assert etabli(second, "hub", "restore", str(out)).returncode == 3
    hub_process = processes.start(second)
    url, intake = hub_process.pages, hub_process.intake
    try:
        with browser(url) as client:
            into = {"form": token_in(client.get("/entrer")), "name": "Anne", "password": PASSWORD}
            assert client.post("/entrer", data=into).status_code == 303
            assert "A1" in client.get("/stock?texte=A1").text
        again = push.push(bench, intake)
        assert (again.lost, again.added) == (2, 2)
    finally:
        hub_process.stop()
    back = log.open_bench(second, log.SystemClock(), os.urandom)
    assert back.key.id == hub_id
    assert back.store.heads()[bench.key.id] == bench.store.heads()[bench.key.id]
    assert keys.load(second / "keys" / "workshop.key")
