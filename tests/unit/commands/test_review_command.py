"""`etabli review`: closing and opening again as a command, by the same rules as on the screens."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bench.opening import supervisor
from bench.records import log
from bench.records.day import pin
from tests import forge
from tests.unit.commands.conftest import Etabli
from tests.unit.documents.paper_reader import texts


@pytest.fixture
def day(data: Path) -> str:
    """A bench with a supervisor's code and one machine without a grade; its day."""
    bench = log.open_bench(data, forge.Clock(), forge.Noise("x"), name="poste")
    device = bench.new_device()
    bench.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    pin.choose(bench, "481516")
    bench.store.close()
    (data / "settings.toml").write_text(
        'workshop = "Atelier des Weppes"\n[[operators]]\ncode = "ENC"\nname = "Encadrant"\n'
    )
    return "2026-01-05"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.long
def test_a_day_is_closed_opened_with_a_reason_and_closed_again(
    inside: Etabli, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("review", "--day", day, "--operator", "ENC")
    typed(monkeypatch, "\n")
    assert inside(*words, "--close").returncode == 3  # no code, no closing
    typed(monkeypatch, "481516\n")
    done = inside(*words, "--close")
    assert done.returncode == 0 and "La journée du 05/01/2026 est clôturée." in done.stdout
    typed(monkeypatch, "481516\n")
    again = inside(*words, "--close")
    assert again.returncode == 3 and "du 05/01/2026 est déjà clôturée" in again.stderr
    assert inside(*words, "--reopen", " ").returncode == 2  # a reason is needed
    typed(monkeypatch, "\n")
    assert inside(*words, "--reopen", "oubli").returncode == 3  # and the code
    typed(monkeypatch, "481516\n")
    opened = inside(*words, "--reopen", "un PC\nest \x1b[2Jrevenu")
    assert opened.returncode == 0 and "par ENC : un PC est \ufffd[2Jrevenu" in opened.stdout
    typed(monkeypatch, "481516\n")
    assert inside(*words, "--reopen", "encore").returncode == 3  # it is open
    typed(monkeypatch, "481516\n")
    assert inside(*words, "--close").returncode == 0
    told = json.loads(inside("review", "--day", day, "--json").stdout)
    assert [one["closed"] for one in told["closings"]] == [True, False, True]
    assert {one["operator"] for one in told["closings"]} == {"ENC"}
    assert told["closed_here"] and told["closings"][0]["open"] == 3


def test_the_list_of_the_day_is_written_where_it_is_asked_for(
    inside: Etabli, day: str, tmp_path: Path
) -> None:
    done = inside("review", "--day", day, "--print", tmp_path / "liste.pdf")
    assert done.returncode == 0 and str(tmp_path / "liste.pdf") in done.stdout
    (page,) = texts((tmp_path / "liste.pdf").read_bytes())
    assert "Journée du 05/01/2026" in page and "A1 n'a pas de note." in page
    refused = inside("review", "--day", day, "--print", tmp_path / "liste.pdf" / "x.pdf")
    assert refused.returncode == 2 and not refused.stderr.startswith("Traceback")


def test_at_a_terminal_who_and_whether_are_asked_as_on_the_screens(
    inside: Etabli, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(supervisor, "read_code", lambda prompt: "481516")
    monkeypatch.setattr("sys.stdin", Typed("non\n"))
    kept = inside("review", "--day", day, "--close")
    assert "La journée reste ouverte." in kept.stdout and "Points ouverts : 3" in kept.stderr
    monkeypatch.setattr("sys.stdin", Typed("oui\npersonne\n"))
    assert inside("review", "--day", day, "--close").returncode == 2  # nobody's code
    monkeypatch.setattr("sys.stdin", Typed("oui\nenc\n"))
    closed = inside("review", "--day", day, "--close")
    assert "est clôturée" in closed.stdout and "Votre badge, ou votre nom" in closed.stderr
    told = json.loads(inside("review", "--day", day, "--json").stdout)
    assert [one["operator"] for one in told["closings"]] == ["ENC"]


def test_machines_and_quarrels_are_named_as_people_name_them(inside: Etabli, data: Path) -> None:
    """By asset numbers where there are some, and no code of the record in between."""
    bench = log.open_bench(data, forge.Clock(), forge.Noise("x"), name="poste")
    first, second, bare = (bench.new_device() for _ in range(3))
    for device, asset in ((first, "A1"), (second, "A2"), (bare, "")):
        bench.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
        bench.append("machine.probed", {"facts": {"identity": {"serial": "S1"}}}, device=device)
    unsure = {"by": "serial", "other": first, "answer": "unsure"}
    bench.append("machine.recognised", unsure, device=second)
    bench.store.close()
    told = inside("review", "--day", "2026-01-05").stdout
    assert "Revue du 05/01/2026" in told and "poste : 3 arrivées, 0 finie, 0 bloquée" in told
    (shared,) = [line for line in told.splitlines() if line.startswith("Numéro de série S1")]
    assert set(shared.partition(" : ")[2].split(", ")) == {"A1", "A2", bare[:13]}
    quarrel = "  - déjà venue ou non, le poste ne savait pas (numéro de série) : A2, A1"
    assert quarrel in told.splitlines()


@pytest.mark.long
@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_the_figures_of_a_span_as_lines_and_as_data(inside: Etabli, day: str, span: str) -> None:
    shown = inside("review", "--day", day, "--span", span)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert len(lines) == 12 and "disques effacés" in lines[0] and "Ensemble" in lines[-1]
    told = json.loads(inside("review", "--day", day, "--span", span, "--json").stdout)
    assert told[-1]["first"] <= day <= told[-1]["last"] and told[-1]["arrived"] == 1


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ("--span", "year"),
        ("--span", "day", "--day", "2999-01-01"),
        ("--span", "day", "--day", "hier"),
        ("--span", "day", "--close"),
        ("--span", "day", "--print", "x.pdf"),
    ],
)
def test_figures_wrongly_asked_for_are_one_sentence(inside: Etabli, day: str, words: str) -> None:
    done = inside("review", *words)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) <= 2, done.stderr


def test_figures_of_the_first_year_there_is(inside: Etabli, day: str) -> None:
    done = inside("review", "--span", "month", "--day", "0001-01-01")
    assert done.returncode == 0, done.stderr


def test_a_day_that_is_not_closed_is_not_said_to_be_ready_first(
    inside: Etabli, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --close only what became of it is said; without, how the day stands."""
    ready = "La journée peut être clôturée."
    words = ("review", "--day", day, "--operator", "ENC")
    assert ready in inside(*words).stdout
    typed(monkeypatch, "\n")
    refused = inside(*words, "--close")
    assert refused.returncode == 3 and ready not in refused.stdout
    typed(monkeypatch, "481516\n")
    closed = inside(*words, "--close")
    assert closed.returncode == 0 and ready not in closed.stdout
    typed(monkeypatch, "481516\n")
    again = inside(*words, "--close")
    assert again.returncode == 3 and ready not in again.stdout
    later = inside(*words)
    assert ready not in later.stdout and "du 05/01/2026 est clôturée" in later.stdout
