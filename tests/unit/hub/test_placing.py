"""`etabli hub serve --database`: said once, tried first, and never a second record in silence."""

from __future__ import annotations

import gc
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.hub.placing import place
from bench.records import attachments, log, moving, persons
from bench.records.copies import backup
from bench.records.errors import RecordsError
from bench.records.postgres import addresses
from tests import forge, postgres, scenario
from tests.unit.hub.test_commands import ENVIRONMENT, etabli

pytestmark = pytest.mark.long  # a server is started for them

SERVE = ("hub", "serve", "--port", "0", "--intake-port", "0", "--quiet")


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as started:
        yield started


def started(folder: Path, *words: str) -> tuple[subprocess.Popen[str], str]:
    """The server as somebody types it, and where its pages are."""
    made = subprocess.Popen(
        [sys.executable, "-P", "-m", "bench", *words, "--data", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert made.stdout
    for line in made.stdout:
        if found := re.search(r"http://\S+", line):
            return made, found[0]
    raise AssertionError(made.wait())


@pytest.mark.long
def test_it_is_said_once_and_holds_for_every_command(
    server: postgres.Server, tmp_path: Path
) -> None:
    url = server.database()
    for words in ((*SERVE, "--database", url), SERVE):
        running, pages = started(tmp_path, *words)
        try:
            assert httpx.get(f"{pages}/health").text == "ok\n"
            server.stop(signal.SIGQUIT)
            assert httpx.get(f"{pages}/health").status_code == 503
            assert httpx.get(f"{pages}/ouvert").status_code == 503
            server.start()
            assert httpx.get(f"{pages}/health").text == "ok\n"
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0
    assert not (tmp_path / "etabli.db").exists()
    assert "poste" in (told := etabli(tmp_path, "log", "verify")).stdout, told
    assert "sceau" in told.stdout  # what no event covers is not sealed there, and that is said
    kept = etabli(tmp_path, "restore", "--save", str(tmp_path / "copy"))
    assert kept.returncode != 0 and "pg_dump" in kept.stderr
    server.stop(signal.SIGQUIT)
    down = etabli(tmp_path, *SERVE)
    assert down.returncode != 0 and "ne répond pas" in down.stderr
    server.start()


@pytest.mark.long
def test_the_demonstration_in_a_database(server: postgres.Server, tmp_path: Path) -> None:
    words = ("hub", "serve", "--demo", "--port", "0", "--database", server.database())
    running, pages = started(tmp_path, *words)
    try:
        assert httpx.get(f"{pages}/ouvert").status_code == 200
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


def test_a_folder_that_has_its_record_in_a_file_keeps_it(tmp_path: Path) -> None:
    forge.store_of(tmp_path, "hub").store.close()
    with pytest.raises(RecordsError, match="database_file"):
        place(tmp_path / "hub", "postgresql://localhost/never")
    assert addresses.named(tmp_path / "hub") == ""


def test_a_record_is_moved_whole(server: postgres.Server, tmp_path: Path) -> None:
    bench = forge.store_of(tmp_path, "hub")
    bench.store.add(scenario.Scenario(11).all)
    persons.add(bench, "donor", {"name": "Anne\0"}, reference="ref-anne")
    attachments.attach(bench.store, b"a photo")
    bench.store.set_meta("kept", b"\x00\xff")
    before, key = bench.store.state_hash(), bench.key.id
    heads, trust = bench.store.heads(), bench.store.query("SELECT * FROM trust ORDER BY 1")
    bench.store.close()
    former = place(tmp_path / "hub", server.database(), move=True)
    assert former is not None and former.exists() and not (tmp_path / "hub/etabli.db").exists()
    again = log.open_bench(tmp_path / "hub", forge.Clock(), forge.Noise("again"))
    assert (again.key.id, again.store.state_hash(), again.store.heads()) == (key, before, heads)
    assert again.store.query("SELECT * FROM trust ORDER BY 1") == trust
    assert [each.fields for each in persons.everyone(again.store)] == [{"name": "Anne\0"}]
    assert again.store.query("SELECT body FROM attachment") == [(b"a photo",)]
    assert again.store.meta("kept") == b"\x00\xff" and again.store.meta("seal") is None
    again.append("note.added", {"text": "it goes on"})
    assert again.verify().ok
    persons.forget(again, "ref-anne")
    assert not persons.everyone(again.store) and not again.store.owes_scrub()
    again.store.close()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_move_that_is_stopped_leaves_all_as_it_was(
    server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_TOLD_EVERY", 1)
    bench = forge.store_of(tmp_path, "hub")
    bench.store.add(scenario.Scenario(11).all)
    before, url = bench.store.state_hash(), server.database()
    bench.store.close()

    def stopped(done: int, total: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place(tmp_path / "hub", url, move=True, progress=stopped)
    gc.collect()  # what was left open would say so now
    assert sorted(path.name for path in (tmp_path / "hub").iterdir()) == ["etabli.db", "keys"]
    assert place(tmp_path / "hub", url, move=True)  # the database was left empty
    again = log.open_bench(tmp_path / "hub", forge.Clock(), forge.Noise("again"))
    assert again.store.state_hash() == before
    again.store.close()


def test_a_record_is_not_moved_over_another(server: postgres.Server, tmp_path: Path) -> None:
    url = server.database()
    place(tmp_path / "one", url)
    log.open_bench(tmp_path / "one", forge.Clock(), forge.Noise("one")).store.close()
    forge.store_of(tmp_path, "two").store.close()
    with pytest.raises(RecordsError, match="database_taken"):
        place(tmp_path / "two", url, move=True)
    assert addresses.named(tmp_path / "two") == "" and (tmp_path / "two/etabli.db").exists()


def test_an_address_that_does_not_answer_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="store_down"):
        place(tmp_path, f"postgresql://nobody@/etabli?host={tmp_path}")
    assert not list(tmp_path.iterdir())


def test_another_address_is_refused(server: postgres.Server, tmp_path: Path) -> None:
    url = server.database()
    place(tmp_path, url)
    place(tmp_path, url)
    with pytest.raises(RecordsError, match="database_other"):
        place(tmp_path, url.replace("/etabli", "/other"))
    assert addresses.named(tmp_path) == url
    assert (tmp_path / addresses.FILE).stat().st_mode & 0o777 == 0o600


def test_an_address_that_others_may_write_is_not_followed(tmp_path: Path) -> None:
    addresses.keep(tmp_path, "postgresql://localhost/etabli")
    (tmp_path / addresses.FILE).chmod(0o666)
    with pytest.raises(RecordsError, match="store_unopenable"):
        addresses.named(tmp_path)


def test_a_database_of_another_folder_is_refused(server: postgres.Server, tmp_path: Path) -> None:
    url = server.database()
    place(tmp_path / "one", url)
    log.open_bench(tmp_path / "one", forge.Clock(), forge.Noise("one")).store.close()
    with pytest.raises(RecordsError, match="database_taken"):
        place(tmp_path / "two", url)
    assert addresses.named(tmp_path / "two") == ""


def test_a_backup_is_not_put_into_a_folder_whose_record_is_elsewhere(
    server: postgres.Server, tmp_path: Path
) -> None:
    place(tmp_path / "one", server.database())
    with pytest.raises(RecordsError, match="store_no_file"):
        backup.restore(tmp_path, tmp_path / "one", moment="m")


def test_without_psycopg_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses.keep(tmp_path, "postgresql://localhost/etabli")
    hidden: Any = None
    for name in [name for name in sys.modules if name.startswith("bench.records.postgres.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", hidden)
    with pytest.raises(RecordsError, match="database_library"):
        log.open_bench(tmp_path, forge.Clock(), forge.Noise("none"))


def test_the_bench_does_without_psycopg(tmp_path: Path) -> None:
    before = "import sys; sys.modules['psycopg'] = None"
    done = etabli(tmp_path, "log", "show", before=before)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "etabli.db").exists()
