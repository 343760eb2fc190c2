"""Commands of a hub's folder whose record is in PostgreSQL: they say what they say of a file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.demo.network import plant
from bench.exchange.reading import Bag
from bench.records.postgres import addresses
from bench.records.store import Store
from tests import postgres
from tests.unit.hub.test_commands import etabli

TODAY = datetime.date(2026, 11, 30)
# `{lot}`, `{asset}` and `{day}` are those of the network; `{out}` a file whose content is compared.
COMMANDS = (
    "lot list --all", "donor list", "request list", "request propose",
    "transfer list", "review", "review --json", "review --day {day}", "find {asset}",
    "find thinkpad", "find --json {asset}", "log show", "keys show", "people list",
    "forget --list", "certificate {asset}", "verify {asset}", "export --format csv --out {out}",
    "export --format snipeit --out {out}", "export --format csv --lot {lot} --out {out}",
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """One network, in a file and in a database."""
    file, there = (tmp_path_factory.mktemp(name) / "data" for name in ("file", "server"))
    with postgres.running() as server:
        addresses.keep(there, server.database())
        for folder in (file, there):
            plant(folder, TODAY)
        yield file, there


@pytest.mark.long
def test_commands_say_the_same(folders: tuple[Path, Path], tmp_path: Path) -> None:
    store = Store.open(folders[0] / "etabli.db")
    asked = {
        "lot": "SELECT min(lot || '@' || substr(workshop, 1, 12)) FROM lot",
        "asset": "SELECT min(asset) FROM machine WHERE state = 'finished'",
        "day": "SELECT max(arrived_day) FROM machine",
    }
    named = {name: str(store.query(sql)[0][0]) for name, sql in asked.items()}
    store.close()
    for command in COMMANDS:
        said = []
        for folder in folders:
            out = tmp_path / "out"
            out.unlink(missing_ok=True)
            words = [word.format(out=out, **named) for word in command.split()]
            done = etabli(folder, *words)
            written = out.read_text(encoding="utf-8") if out.exists() else ""
            told = (done.stdout + done.stderr).replace(str(folder), "")
            said.append((done.returncode, told.split("\n"), written.split("\n")))
        assert said[0] == said[1], command
        assert said[0][0] == 0, (command, said[0])


@pytest.mark.long
def test_the_whole_record_is_verified_and_relayed(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """What a hub exports out of PostgreSQL is what it exports out of a file."""
    assert etabli(folders[1], "log", "verify").returncode == 0
    held = []
    for number, folder in enumerate(folders):
        out = tmp_path / f"{number}.zip"
        made = etabli(folder, "export", "--out", str(out))
        assert made.returncode == 0, made.stderr
        with Bag(out, None) as bag:
            events = [signed for signed, _ in bag.signed_events(lambda _: {})]
        # A paper made by a command before bears the moment of its making.
        held.append({each.hash for each in events if each.event.type != "document.issued"})
    assert held[0] == held[1] and len(held[0]) > 20_000
