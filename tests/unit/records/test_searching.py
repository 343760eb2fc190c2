"""Machines found by parts of words: by the index as by looking at each, in both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bench.records.sql import searching, tables
from bench.records.store import Store
from tests import postgres, scenario
from tests.unit.records.test_postgres import opened

MAKERS = ["Dell Inc.", "LENOVO", "HP", 'a"b', "100%", "_x_", "Ĳssel", "o'Neill", ""]
MODELS = ["Latitude E7450", "ThinkPad T440", "ProDesk 600 G1", "!", "(unknown)", "*", "NEAR OR AND"]
WORDS = [
    "0042",
    "latitude",
    "LATI",
    "e7450",
    "pro",
    "dell inc",
    "i5",
    "%",
    "100%",
    "_x_",
    '"',
    'a"b',
]
WORDS += [
    "!",
    "or",
    "and",
    "near",
    "*",
    "(un",
    "o'neill",
    "-26-",
    "at1 lenovo",
    "nothing at all",
    "zz",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        made = Store.open(tmp_path / "etabli.db")
        yield made
        made.close()
        return
    with postgres.running() as server:
        made = opened(tmp_path, server.database())
        yield made
        made.close()


def write(store: Store, count: int, seed: int) -> list[str]:
    """So many machines as a fold writes them; what each is found by, in small letters."""
    draw, rows, texts = random.Random(seed), [], []
    for number in range(count):
        values: dict[str, object] = {
            name.split()[0]: "" if name.endswith("TEXT") else 0 for name in tables.MACHINE.columns
        }
        values |= {
            "device": f"device-{number:06}",
            "asset": f"AT{draw.randint(1, 9)}-26-{number:06}",
            "maker": draw.choice(MAKERS),
            "model": draw.choice(MODELS),
            "cpu": f"i{draw.choice('357')}-{draw.randint(2000, 9999)}U",
        }
        rows.append(tuple(values[name] for name in tables.MACHINE.names))
        texts.append(" ".join(str(values[name]) for name in ("asset", "maker", "model", "cpu")))
    marks = ", ".join("?" * len(tables.MACHINE.names))
    with store.transaction():
        store.db.conn.execute("DELETE FROM machine")
        store.db.conn.executemany(f"INSERT INTO machine VALUES ({marks})", rows)
        for start in range(0, count, 2000):
            searching.keep(store.db.conn, rows[start : start + 2000])
    return [text.lower() for text in texts]


def found(store: Store, typed: str) -> list[str]:
    where, values = searching.holding(store.query, typed.split(), indexed=store.in_file)
    rows = store.query(
        f"SELECT device FROM machine WHERE {' AND '.join(where)} ORDER BY device", values
    )
    return [device for (device,) in rows]


@pytest.mark.parametrize("count", [300, 5_000])
def test_all_that_hold_every_word_are_found_and_no_other(store: Store, count: int) -> None:
    # Written twice: the second time most have other words than before.
    write(store, count, 1)
    texts = write(store, count, 2)
    for typed in WORDS:
        wanted = [
            f"device-{at:06}"
            for at, text in enumerate(texts)
            if all(word.lower() in text for word in typed.split())
        ]
        assert found(store, typed) == wanted, typed


def test_a_rare_word_is_found_along_an_index(store: Store) -> None:
    write(store, 5_000, 3)
    where, values = searching.holding(store.query, ["004999"], indexed=store.in_file)
    asked = f"SELECT device FROM machine WHERE {' AND '.join(where)}"
    if store.in_file:
        told = str(store.query(f"EXPLAIN QUERY PLAN {asked}", values))
        assert "SCAN machine_word VIRTUAL TABLE INDEX" in told and "SEARCH machine " in told
    else:
        # Of 5,000 the server would rather read all.
        store.db.conn.execute("SET enable_seqscan = off")
        assert "machine_text" in str(store.query(f"EXPLAIN {asked}", values))


def test_without_the_right_to_make_an_index_all_is_found_more_slowly(tmp_path: Path) -> None:
    """The administrator took the database's CREATE back, and the extension away."""
    with postgres.running() as server:
        url = server.database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE etabli TO plain")
        store = opened(tmp_path, url.replace(f"{server.user}@", "plain@"))
        store.add(scenario.Scenario(7).all)
        before = found(store, "dell")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP EXTENSION pg_trgm CASCADE")
            connection.execute("REVOKE CREATE ON DATABASE etabli FROM plain")
        store.rebuild()
        assert found(store, "dell") == before != []
        indexes = store.query("SELECT indexname FROM pg_indexes WHERE tablename = 'machine'")
        assert indexes and ("machine_text",) not in indexes
        store.close()


def test_a_rebuilt_store_finds_what_it_found(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "etabli.db")
    store.add(scenario.Scenario(7).all)
    before = {word: found(store, word) for word in ("dell", "latitude", "26-")}
    assert any(before.values())
    store.rebuild()
    assert {word: found(store, word) for word in before} == before
    store.close()
