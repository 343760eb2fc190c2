"""What is comfortable for a person stays on the bench, and goes with the person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.errors.failure import Failure
from bench.exchange.bag import export_bag
from bench.guide.comfort import THE_BENCHS, Comfort, Voice
from bench.opening.context import Context
from bench.records import persons
from bench.records.copies import backup
from bench.setup import comfort, people
from bench.setup.datafolder import DataFolder
from bench.setup.settings import load
from bench.workbench.people import PeopleDesk

WISHED = Comfort(Voice.ALWAYS, "contrast", "en", 0.5)
SETTINGS = '[[operators]]\ncode = "NAD"\nname = "Nadia"\n'


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = Context(DataFolder(tmp_path / "data", "option"))
    made.data.make()
    (made.data.path / "settings.toml").write_text(SETTINGS, "utf-8")
    return made


def test_it_is_kept_under_the_code_however_it_is_written(tmp_path: Path) -> None:
    comfort.keep(tmp_path, "OP-nadia", WISHED)
    comfort.keep(tmp_path, "KAR", Comfort(pace_s=0.3))
    assert comfort.of(tmp_path, "op-NADIA") == WISHED
    assert comfort.of(tmp_path, "KAR") == Comfort(pace_s=0.3)
    assert comfort.of(tmp_path, "DEN") == THE_BENCHS
    assert (tmp_path / comfort.NAME).stat().st_mode & 0o077 == tmp_path.stat().st_mode & 0o077


def test_taken_back_it_leaves_nothing_behind(tmp_path: Path) -> None:
    comfort.keep(tmp_path, "NAD", WISHED)
    comfort.keep(tmp_path, "KAR", Comfort(theme="light"))
    comfort.keep(tmp_path, "NAD", THE_BENCHS)
    assert b"nad" not in (tmp_path / comfort.NAME).read_bytes().lower()
    comfort.keep(tmp_path, "KAR", THE_BENCHS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"\xff", b"[]", b"[" * 100_000, b'{"nad": {"pace_s": 7}}', b'{"nad": {"x": 1}}'],
)
def test_what_cannot_be_read_is_nobodys_and_stops_nobody(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / comfort.NAME
    path.write_bytes(broken)
    assert comfort.of(tmp_path, "NAD") == THE_BENCHS
    comfort.keep(tmp_path, "NAD", WISHED)
    assert comfort.of(tmp_path, "NAD") == WISHED
    path.write_bytes(broken)
    comfort.keep(tmp_path, "NAD", THE_BENCHS)
    assert not path.exists()  # nothing of anybody is left lying
    path.write_bytes(broken)
    comfort.keep_only(tmp_path, tuple)
    assert not path.exists()


def test_one_persons_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    comfort.keep(tmp_path, "ZOE", WISHED)
    path = tmp_path / comfort.NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), "nad": {"theme": "neon"}}))
    assert comfort.of(tmp_path, "ZOE") == WISHED and comfort.of(tmp_path, "NAD") == THE_BENCHS
    comfort.keep(tmp_path, "NAD", Comfort(theme="mono"))
    assert comfort.of(tmp_path, "ZOE") == WISHED
    assert comfort.of(tmp_path, "NAD") == Comfort(theme="mono")


def test_a_folder_in_its_place_is_said_and_keeps_no_bench_from_opening(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    (context.data.path / comfort.NAME).mkdir(parents=True)
    with pytest.raises(Failure, match="comfort_unreadable"):
        comfort.of(context.data.path, "NAD")
    context.open_log().store.close()
    assert comfort.NAME in capsys.readouterr().err


def test_who_is_forgotten_or_no_longer_listed_loses_it(context: Context) -> None:
    from bench.commands import forget

    log = context.open_log()
    karim = people.add(log, (), "Karim")
    (row,) = persons.everyone(log.store, "operator")
    for code in ("NAD", karim.code):
        comfort.keep(context.data.path, code, WISHED)
    forget._forget(log, context.data.path, row.reference)
    log.store.close()
    assert comfort.of(context.data.path, karim.code) == THE_BENCHS
    assert comfort.of(context.data.path, "NAD") == WISHED
    (context.data.path / "settings.toml").write_text("bench = 1\n", "utf-8")  # Nadia has left
    context.open_log().store.close()
    assert not (context.data.path / comfort.NAME).exists()


def test_neither_log_nor_backup_nor_bag_has_it(context: Context, tmp_path: Path) -> None:
    """What a person needs says something of their health: it stays on the bench."""
    log = context.open_log()
    desk = PeopleDesk(log, load(context.data.path))
    desk.keep_comfort("NAD", WISHED)
    assert desk.comfort("NAD") == WISHED
    events = len(list(log.events()))
    desk.keep_comfort("NAD", Comfort(Voice.OFF))
    assert len(list(log.events())) == events
    backup.save(log, tmp_path / "stick")
    export_bag(log, tmp_path / "bag.zip")
    log.store.close()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != comfort.NAME]
    assert any("backup" in path.name for path in kept)
    assert not [path for path in kept if b"pace_s" in path.read_bytes()]


def test_the_command_sets_what_is_named_and_forgets_it_all(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench.__main__ import main

    def said(*words: str) -> dict[str, object]:
        code = main(["--data", str(context.data.path), "people", "comfort", *words, "--json"])
        assert code == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    assert said("Nadia") == {"code": "NAD"}
    assert said("nad", "--voice", "always", "--pace", "0.5") == {
        "code": "NAD", "voice": "always", "pace_s": 0.5,
    }  # fmt: skip
    assert said("NAD", "--theme", "light")["voice"] == "always"
    assert said("NAD", "--forget") == {"code": "NAD"}
    assert not (context.data.path / comfort.NAME).exists()
    for wrong in (("--pace", "0.6"), ("--pace", "x"), ("--pace", "nan"), ("--voice", "loud")):
        words = ["--data", str(context.data.path), "people", "comfort", "NAD", *wrong]
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 2
    assert main(["--data", str(context.data.path), "people", "comfort", "NOBODY"]) == 2


@pytest.mark.parametrize(
    "also", [("--theme", "mono"), ("--voice", "always"), ("--language", "en"), ("--pace", "0")]
)
def test_what_is_to_be_forgotten_and_kept_at_once_is_refused(
    also: tuple[str, str], context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench.__main__ import main

    command = ["--data", str(context.data.path), "people", "comfort", "NAD"]
    assert main([*command, "--theme", "light"]) == 0
    capsys.readouterr()
    assert main([*command, "--forget", *also]) == 2
    told = capsys.readouterr()
    assert not told.out and f"--forget, {also[0]}" in told.err
    assert comfort.of(context.data.path, "NAD").theme == "light"
