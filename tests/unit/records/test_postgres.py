"""One log in SQLite and in PostgreSQL: the same folds, the same tables, one state hash."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.records.errors import RecordsError
from bench.records.postgres import addresses, text
from bench.records.postgres.statements import translated
from bench.records.signed import keys
from bench.records.signed.event import Signed
from bench.records.sql import tables
from bench.records.store import Store
from tests import forge, histories, postgres, scenario
from tests.properties.test_records_union import in_parts


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as started:
        yield started


def opened(folder: Path, url: str) -> Store:
    """A store whose record is on the server."""
    addresses.keep(folder, url)
    return Store.open(folder / "etabli.db")


def assert_same(one: Store, other: Store) -> None:
    for table in tables.MADE:
        columns = f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {table.order}"
        assert one.query(columns) == other.query(columns), table.name
    assert one.state_hash() == other.state_hash() and one.heads() == other.heads()


def test_the_same_events_give_the_same_state(server: postgres.Server, tmp_path: Path) -> None:
    events = scenario.Scenario(7).all
    here, there = Store.open(tmp_path / "file" / "etabli.db"), tmp_path / "there"
    with_server = opened(there, server.database())
    assert here.add(events) == with_server.add(events) == with_server.count()
    assert_same(here, with_server)
    with_server.close()
    again = Store.open(there / "etabli.db")
    again.rebuild()
    assert_same(here, again)
    again.close()
    here.close()


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_any_order_split_and_repetition_gives_the_state_of_sqlite(
    seed: int, server: postgres.Server, tmp_path: Path
) -> None:
    made = scenario.Scenario(seed)
    here, there = Store.open(tmp_path / "file" / "etabli.db"), tmp_path / "there"
    here.add(made.all)
    with_server = opened(there, server.database())
    for part in in_parts(made.all, random.Random(seed)):
        with_server.add(part)
    assert_same(here, with_server)
    with_server.rebuild()
    assert_same(here, with_server)
    with_server.close()
    again = Store.open(there / "etabli.db")
    assert_same(here, again)
    again.close()
    here.close()


@pytest.mark.long
def test_histories_that_erase_join_and_revoke(server: postgres.Server, tmp_path: Path) -> None:
    here = Store.open(tmp_path / "file" / "etabli.db")
    there = opened(tmp_path / "there", server.database())
    for store in (here, there):
        public = histories.WORKSHOP.public
        store.register(keys.key_id(public), public, name="W", at="", how="own", region=False)
    for seed in range(12):
        for part in histories.History(seed).shuffled():
            here.add(part)
            there.add(part)
    assert_same(here, there)
    there.close()
    here.close()


# What PostgreSQL keeps in no text, what it reads otherwise in JSON, what sorts otherwise there, and
# the longest name of the widest letters: an index of its takes 2,704 bytes.
WORDS = (
    "\0", "a\0b", "\x01", "\x01\x01", "\x01\x02\0", "\\u0000", "\\\\u0000", "\\", "%", "_", "'",
    '"', "$1", "?1", "é", "Z", "a", "B", "ß", "İ", "\U0010ffff", "", " ", "\x7f", "null", "{", "-0",
)  # fmt: skip
LONGEST = "".join(chr(0x10000 + 977 * n % 0xFFFFF) for n in range(200))


def hostile(seed: int) -> list[Signed]:
    """Events whose every text is one of those."""
    draw, workshop = random.Random(seed), keys.Key(b"\x52" * 32)
    bench = forge.Bench(f"hostile {seed}", workshop)
    events = bench.opened()

    def word() -> str:
        return draw.choice((*WORDS, LONGEST, "".join(draw.choices(WORDS, k=3))))[:200]

    for number in range(12):
        device = bench.device()
        disk = {"model": word(), "serial": word(), "wwn": word(), "size_bytes": 2**53 - 1}
        identity = {"maker": word(), "model": word(), "serial": word(), "board_serial": word()}
        facts = {"identity": identity, "disks": [disk | {"path": word(), "name": word()}]}
        said = (
            ("machine.arrived", {"asset": word(), "kind": word() or "laptop"}),
            ("machine.probed", {"facts": facts}),
            ("correction", {"field": word() or "model", "value": word(), "reason": word() or "x"}),
            ("note.added", {"text": word()}),
            ("test.done", {"test": word() or "t", "outcome": "passed"}),
            ("grade.given", {"grade": "A", "reason": word()}),
            ("request.made", {"request": f"{number}", "kind": "laptop", "prescriber": word()}),
            ("donor.registered", {"donor": word() or "d", "kind": word()}),
            ("lot.received", {"donor": word(), "count": 3}),
        )
        for kind, data in said:
            lot = f"lot-{number}" if kind.startswith("lot.") else ""
            about = "" if kind.startswith(("donor", "request", "lot")) else device
            events.append(bench.make(kind, data, device=about, lot=lot))
    return events


@pytest.mark.parametrize("seed", range(3))
def test_hostile_texts_come_back_as_they_were(
    seed: int, server: postgres.Server, tmp_path: Path
) -> None:
    events = hostile(seed)
    here = Store.open(tmp_path / "file" / "etabli.db")
    there = opened(tmp_path / "there", server.database())
    for store in (here, there):
        public = keys.Key(b"\x52" * 32).public
        store.register(keys.key_id(public), public, name="W\0", at="", how="own", region=False)
        store.add(events)
    assert_same(here, there)
    assert [one.body for one in there.events()] == [one.body for one in here.events()]
    # SQLite ends a text of JSON at U+0000, in which no page is interested; PostgreSQL does not.
    texts = [one.event.data["text"] for one in events if one.event.type == "note.added"]
    said = "SELECT json_extract(body, '$.data.text') FROM event WHERE type = 'note.added'"
    assert there.query(f"{said} ORDER BY n") == [(each,) for each in texts]
    assert here.query(f"{said} ORDER BY n") == [(each.partition("\0")[0],) for each in texts]
    whose = "SELECT count(*) FROM event WHERE json_extract(body, '$.data.text') = ?"
    for word in WORDS:
        assert there.query(whose, (word,)) == [(texts.count(word),)]
    there.close()
    here.close()


@settings(max_examples=300)
@given(st.text(), st.text())
def test_a_kept_text_is_read_back_and_keeps_its_place(one: str, other: str) -> None:
    assert text.read(text.written(one)) == one and "\0" not in text.written(one)
    before = one.encode(errors="surrogatepass") < other.encode(errors="surrogatepass")
    kept = [text.written(each).encode(errors="surrogatepass") for each in (one, other)]
    assert (kept[0] < kept[1]) == before


def test_values_of_every_kind_are_given_back(server: postgres.Server, tmp_path: Path) -> None:
    store = opened(tmp_path, server.database())
    for value in ("", "a\0b", 0, 2**62, -1, b"", b"\x00\xff", "1", "[]", '["00"]'):
        store.set_meta("one", value)
        assert store.meta("one") == value and type(store.meta("one")) is type(value)
    asked = "SELECT 1 = 1, sum(n), ? FROM (SELECT 2 AS n UNION ALL SELECT 5) AS told"
    assert store.query(asked, ("x",)) == [(1, 7, "x")]
    with pytest.raises(OverflowError):
        store.query("SELECT 1 FROM event WHERE seq = ?", (2**63,))
    with pytest.raises(RecordsError, match="value_text"):
        store.query("SELECT 1 FROM event WHERE bench = ?", ("\udc80",))
    store.close()


def test_what_is_read_in_pieces_is_whole(server: postgres.Server, tmp_path: Path) -> None:
    store = opened(tmp_path, server.database())
    rows = store.query_stream("SELECT n FROM generate_series(1, 4500) AS n")
    assert [n for (n,) in rows] == list(range(1, 4501))
    started = store.query_stream("SELECT n FROM generate_series(1, 9000) AS n")
    assert next(started) == (1,) and store.count() == 0
    started.close()
    with store.snapshot():
        inside = store.query_stream("SELECT n FROM generate_series(1, 4500) AS n")
        assert next(inside) == (1,) and store.count() == 0
        assert sum(1 for _ in inside) == 4499
    assert store.query("SELECT count(*) FROM pg_cursors WHERE name <> ''") == [(0,)]
    store.close()


def test_a_server_that_may_no_longer_be_written_to_is_left(
    server: postgres.Server, tmp_path: Path
) -> None:
    """After a failover an open line leads to what is now a copy."""
    store = opened(tmp_path, server.database())
    store.query("SET default_transaction_read_only = on")
    with pytest.raises(RecordsError, match="store_down"):
        store.set_meta("one", 1)
    store.set_meta("one", 2)
    assert store.meta("one") == 2
    store.close()


def test_a_failure_inside_takes_all_of_it_back(server: postgres.Server, tmp_path: Path) -> None:
    store = opened(tmp_path, server.database())
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.set_meta("kept", 1)
        raise ZeroDivisionError
    assert store.meta("kept") is None
    with store.transaction():
        store.set_meta("outer", 1)
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.set_meta("inner", 1)
            raise ZeroDivisionError
    assert (store.meta("outer"), store.meta("inner")) == (1, None)
    # A statement that failed and was passed over: nothing of the rest is told to be kept.
    with pytest.raises(RecordsError), store.transaction():
        store.set_meta("before", 1)
        with pytest.raises(RecordsError):
            store.query("SELECT nothing FROM nowhere")
    assert store.meta("before") is None
    store.close()


def test_who_writes_waits_for_who_writes(server: postgres.Server, tmp_path: Path) -> None:
    store = opened(tmp_path, server.database())
    store.set_meta("count", 0)

    def add() -> None:
        own = Store.open(tmp_path / "etabli.db")
        for _ in range(20):
            with own.transaction():
                own.set_meta("count", own.meta("count") + 1)
        own.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.meta("count") == 80
    store.close()


def test_a_reader_sees_one_state_while_others_write(
    server: postgres.Server, tmp_path: Path
) -> None:
    store = opened(tmp_path, server.database())
    other = Store.open(tmp_path / "etabli.db")
    with store.snapshot():
        assert store.meta("new") is None
        other.set_meta("new", 1)
        assert store.meta("new") is None
    assert store.meta("new") == 1
    other.close()
    store.close()


def test_two_first_starts_make_one_record(server: postgres.Server, tmp_path: Path) -> None:
    addresses.keep(tmp_path, server.database())
    found: list[object] = []

    def start() -> None:
        store = Store.open(tmp_path / "etabli.db")
        found.append(store.meta("tick"))
        store.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 4


def test_a_database_that_sorts_by_another_rule_is_refused(
    server: postgres.Server, tmp_path: Path
) -> None:
    made = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
    with pytest.raises(RecordsError, match="database_unfit"):
        opened(tmp_path, server.database(made))


def test_a_server_told_not_to_wait_for_its_disk_is_told_to(
    server: postgres.Server, tmp_path: Path
) -> None:
    url = server.database()
    lax = f"{url}&options={quote('-c synchronous_commit=off')}"
    with psycopg.connect(lax) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("off",)
    store = opened(tmp_path, lax)
    assert store.query("SHOW synchronous_commit") == [("on",)]
    store.close()


def test_a_record_of_a_newer_version_is_refused(server: postgres.Server, tmp_path: Path) -> None:
    store = opened(tmp_path, server.database())
    store.query("UPDATE version SET number = 99 RETURNING 1")
    store.close()
    with pytest.raises(RecordsError, match="store_newer"):
        Store.open(tmp_path / "etabli.db")


def test_a_record_folded_by_another_version_is_folded_anew(
    server: postgres.Server, tmp_path: Path
) -> None:
    made = scenario.Scenario(9)
    store = opened(tmp_path, server.database())
    store.add(made.all)
    state = store.state_hash()
    store.query("UPDATE machine SET asset = 'x' RETURNING 1")
    store.set_meta("fold_version", 0)
    store.close()
    again = Store.open(tmp_path / "etabli.db")
    assert again.state_hash() == state
    again.close()


@pytest.mark.parametrize(
    "url", ["", "mysql://a/b", "postgresql://a/b\n", "postgres", "postgresql://[x/b"]
)
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="database_url"):
        addresses.keep(tmp_path, url)
    assert addresses.named(tmp_path) == ""


def test_values_and_types_of_a_statement_are_said_as_postgresql_takes_them() -> None:
    assert translated("SELECT '?' FROM a WHERE b = ? AND c = ?2 AND d LIKE ? ESCAPE '!'") == (
        "SELECT '?' FROM a WHERE b = $1 AND c = $2 AND d ILIKE $3 ESCAPE '!'"
    )
    assert translated("SELECT a FROM b WHERE a LIKE ?1") == (
        "SELECT a FROM b WHERE a ILIKE $1 ESCAPE ''"
    )
    kinds, ours = "(b BLOB, c INTEGER, d TEXT, PRIMARY KEY (b))", "STRICT, WITHOUT ROWID"
    theirs = "(b bytea, c bigint, d text, PRIMARY KEY (b))"
    assert translated(f"CREATE TABLE a {kinds} {ours}") == f"CREATE TABLE a {theirs}"


def test_what_is_only_sqlites_is_refused_in_one_sentence(
    server: postgres.Server, tmp_path: Path
) -> None:
    store = opened(tmp_path, server.database())
    with pytest.raises(RecordsError, match="store_no_file"):
        store.file()
    store.add(scenario.Scenario(5).all)
    assert store.scrub() and not store.owes_scrub()
    assert msgspec.json.encode(store.count())
    store.close()
