"""`etabli request` and `etabli transfer`, as they are typed, right and wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.records.log import open_bench, trust
from bench.records.signed import keys
from bench.stock import transfers
from labels.identifier import make
from tests import forge

FIRST = str(make("GRP", "C", 26, 1))
OWN, OTHER = keys.Key(b"\x71" * 32), keys.Key(b"\x72" * 32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A bench with three free machines of its workshop, which knows another one."""
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("d"), name="D")
    for key, name in ((OWN, "Lens"), (OTHER, "Lille")):
        trust(log.store, key.public, name=name, at="", how="own")
    told = keys.certify(OWN, log.key.public, name="d", at="")
    log.append("bench.certified", {"certificate": told.plain()})
    bench = forge.Bench("b", OWN)
    events = bench.opened()
    for number in range(1, 4):
        visit = list(bench.visit(number, tests=1))
        named = {"field": "asset", "value": str(make("GRP", "C", 26, number)), "reason": "x"}
        events += [*visit, bench.make("correction", named, device=visit[0].event.device)]
    log.store.add(events)
    log.store.close()
    return tmp_path


def run(data: Path, *words: str) -> int:
    return main([*words, "--data", str(data)])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    told = capsys.readouterr()
    return told.out + told.err


def asked(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    words = ("--for", "Mission locale", "--kind", "laptop", "--count", "2", "--memory", "8")
    assert run(data, "request", "add", *words) == 0
    return said(capsys).split()[-1]


def test_a_request_is_proposed_reserved_released_and_closed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(data, capsys)
    assert run(data, "request") == 0
    assert "2 × PC portable" in said(capsys)
    assert run(data, "request", "propose", request, "--json") == 0
    made = json.loads(said(capsys))
    assert [each["request"] for each in made] == [request] * 2
    code = made[0]["asset"]
    assert run(data, "request", "reserve", request, code) == 0
    assert run(data, "request", "list", "--json") == 0
    (line,) = json.loads(said(capsys).partition("\n")[2])
    assert (line["missing"], line["reserved"]) == (1, 1)
    assert run(data, "request", "release", code, "--reason", "cassé") == 0
    assert run(data, "request", "close", request, "--outcome", "withdrawn") == 0
    said(capsys)
    assert run(data, "request") == 0
    assert said(capsys).strip() == "Aucune demande ouverte."


def test_machines_are_sent_and_wait_for_the_receiver(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, "transfer", "send", FIRST, "--to", "lille") == 0
    transfer = said(capsys).split()[-1]
    assert run(data, "transfer") == 0
    assert "Lens → Lille, machines : 1" in said(capsys)
    assert run(data, "transfer", "accept", transfer) == 3
    assert "autre atelier" in said(capsys)
    log = open_bench(data, forge.Clock(), forge.Noise("d"))
    assert [line.state for line in transfers.transfers(log)] == ["in_transit"]
    log.store.close()


@pytest.mark.parametrize(
    "words, code",
    [
        ("request add --for X --kind toaster", 2),
        ("request add --for X --count 0", 2),
        ("request add --for X --deadline demain", 2),
        ("request add --for X --memory -4", 2),
        ("request close nothing", 2),
        ("request reserve nothing FIRST", 2),
        ("request release FIRST --reason x", 3),
        ("request propose nothing", 2),
        ("transfer send FIRST --to nobody", 2),
        ("transfer send GRPC26-999999 --to Lille", 2),
        ("transfer send FIRST --to Lens", 2),
        ("transfer accept nothing", 2),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    data: Path, words: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def count() -> int:
        log = open_bench(data, forge.Clock(), forge.Noise("d"))
        found = log.store.count()
        log.store.close()
        return found

    before = count()
    assert run(data, *words.replace("FIRST", FIRST).split()) == code
    told = said(capsys)
    assert told.startswith("etabli: ") and told.count("\n") == 1
    assert "Traceback" not in told and count() == before


def test_without_the_solver_it_is_said_how_to_get_it(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bench does without the hub's libraries, and notes and reserves all the same."""
    asked(data, capsys)
    monkeypatch.setitem(sys.modules, "highspy", None)
    assert run(data, "request", "propose") == 4
    assert "./etabli hub serve" in said(capsys)
