"""`etabli people`, and `--operator`: commands and screens read one list of who works here."""

from __future__ import annotations

import argparse
import importlib
import io
from pathlib import Path

import pytest

from bench.__main__ import COMMANDS
from bench.records.day import pin
from bench.records.log import open_bench
from bench.setup.clock import SystemClock
from tests.unit.commands.conftest import Etabli

CODE = "481516"


def parsers(name: str) -> list[tuple[str, argparse.ArgumentParser]]:
    """The parser of a command and those of its actions."""
    parser = argparse.ArgumentParser()
    importlib.import_module(f"bench.commands.{name.replace('import', 'import_')}").add_arguments(
        parser
    )
    found = [(name, parser)]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [(f"{name} {sub}", nested) for sub, nested in action.choices.items()]
    return found


def test_every_code_of_a_person_goes_through_the_one_reader() -> None:
    """`bench.__main__` reads `operator`: an option of another name would be believed."""
    asked = [
        (words, action.dest)
        for name in COMMANDS
        for words, parser in parsers(name)
        for action in parser._actions
        if "--operator" in action.option_strings or action.dest in ("operator", "badge", "who")
    ]
    assert len(asked) > 12
    assert {dest for words, dest in asked if words != "people add"} == {"operator"}


@pytest.mark.parametrize(
    "words",
    [
        ("lot", "open", "L-1", "--donor", "Nord", "--kind", "company"),
        ("donor", "add", "Nord", "--kind", "company"),
        ("note", "waste", "weee", "3"),
        ("review", "--close"),
        ("erase", "disk.img", "--image", "--confirm", "0000"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("who", ["2", "RC26-004217-7", "4006381333931", "NAD", "A" * 4000])
def test_who_is_not_listed_is_refused_and_nothing_is_recorded(
    inside: Etabli, data: Path, words: tuple[str, ...], who: str
) -> None:
    done = inside(*words, "--operator", who)
    assert done.returncode == 2 and len(done.stderr.splitlines()) <= 2, done.stderr
    assert "etabli people" in done.stderr and len(done.stderr) < 400
    assert not (data / "etabli.db").exists()


def test_a_person_is_added_found_by_name_and_recorded_by_code(inside: Etabli, data: Path) -> None:
    assert "Personne" in inside("people").stdout
    assert inside("people", "add", "Nadia", "--badge", "nad").returncode == 0
    assert inside("people", "add", "Karim").returncode == 0
    assert inside("people").stdout.splitlines()[0] == "NAD  Nadia"
    for again in (("nadia",), ("Lou", "--badge", "NAD"), ("Lou", "--badge", "4006381333931")):
        assert inside("people", "add", *again).returncode == 2
    done = inside("note", "waste", "weee", "3", "--operator", "nadia")
    assert done.returncode == 0, done.stderr
    log = open_bench(data, SystemClock())
    (event,) = [event for event in log.events() if event.type == "waste.weighed"]
    log.store.close()
    assert event.operator == "NAD"
    assert inside("verify", "NAD").returncode == 0
    assert not any("Nadia" in str(event) for event in log_events(data))


def log_events(data: Path) -> list[object]:
    log = open_bench(data, SystemClock())
    try:
        return list(log.events())
    finally:
        log.store.close()


@pytest.mark.long
def test_where_there_is_a_supervisors_code_it_is_asked(
    inside: Etabli, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_bench(data, SystemClock())
    pin.choose(log, CODE)
    log.store.close()
    for given, code in (("", 3), ("000000\n", 3), (f"{CODE}\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        done = inside("people", "add", "Nadia")
        assert (done.returncode == 0) == (code == 0), done.stderr
        assert ("Nadia" in inside("people").stdout) == (code == 0)
