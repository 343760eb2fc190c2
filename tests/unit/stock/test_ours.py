"""Whose a machine is has one reader: what this bench may open, decide of, and attest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile import writing
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records.log import Log, open_bench, trust
from bench.records.signed import keys
from tests import forge
from tests.unit.documents.recorded import LOT

FIRST, SECOND = keys.Key(b"\x31" * 32), keys.Key(b"\x32" * 32)
ASSET = "RC26-000044-D"


def joins(log: Log, workshop: keys.Key, at: str, role: str = "bench") -> None:
    trust(log.store, workshop.public, name="w", at=at, how="fingerprint", region=True)
    told = keys.certify(workshop, log.key.public, name="b", at=at, role=role)
    log.append("bench.certified", {"certificate": told.plain()})


@pytest.fixture
def told(tmp_path: Path) -> Log:
    """A bench that heard of another workshop's machine."""
    other = open_bench(tmp_path / "other", forge.Clock(), forge.Noise("o"), name="O")
    writing.arrive(other, ASSET)
    export_bag(other, tmp_path / "bag.zip")
    here = open_bench(tmp_path / "here", forge.Clock(), forge.Noise("h"), name="H")
    assert import_bags(here, [tmp_path / "bag.zip"], heard=forge.heard(tmp_path / "bag.zip")).ok
    return here


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ["certificate", ASSET],
        ["certificate", ASSET, "--kind", "sheet"],
        ["certificate", ASSET, "--kind", "handover"],
        ["label", ASSET, "--out", "label.png"],
        ["grade", ASSET],
        ["lot", "add", LOT, ASSET],
        ["note", "part", ASSET, "ram"],
        ["handover", ASSET],
        ["destine", ASSET, "--to", "reuse"],
    ],
    ids=lambda words: " ".join(words[::2]),
)
def test_nothing_is_said_here_of_another_workshops_machine(
    told: Log,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told.append("lot.received", {"count": 1}, lot=LOT)
    before = len(list(told.events()))
    told.store.close()
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--data", str(tmp_path / "here")]) == 3
    assert "est tenue par un autre atelier" in capsys.readouterr().err
    after = open_bench(tmp_path / "here", forge.Clock(), forge.Noise("h"))
    assert len(list(after.events())) == before
    assert not list(tmp_path.rglob("*.p[dn][fg]"))
    after.store.close()


def test_a_coordination_decides_over_it_and_opens_no_file_under_its_number(told: Log) -> None:
    joins(told, FIRST, "2026-01-01T00:00:00Z", role="coordination")
    device = writing.must_act(told, ASSET)
    assert told.speaks_of(device) and not told.holds(device)
    assert writing.arrive(told, ASSET) != device


def test_a_bench_that_was_alone_keeps_its_machines_and_one_that_moved_leaves_them(
    tmp_path: Path,
) -> None:
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("a"), name="A")
    device = writing.arrive(log, "X1")
    joins(log, FIRST, "2026-01-02T00:00:00Z")
    second = writing.arrive(log, "X2")
    assert log.holds(device) and log.holds(second)
    joins(log, SECOND, "2026-01-03T00:00:00Z")
    # Its words speak for the second workshop now: the record counts none of them there.
    assert not log.holds(device) and not log.holds(second) and not log.speaks_of(second)
    log.append("grade.overridden", {"grade": "A", "reason": "r"}, device=second)
    assert log.dossier(second).override is None


def test_what_was_sent_on_is_attested_by_who_worked_on_it_and_held_by_who_took_it(
    tmp_path: Path,
) -> None:
    log = open_bench(tmp_path, forge.Clock(), forge.Noise("a"), name="A")
    joins(log, FIRST, "2026-01-02T00:00:00Z")
    other = forge.Bench("other", SECOND)
    trust(log.store, SECOND.public, name="s", at="", how="fingerprint")
    log.store.add(other.opened())
    device = writing.arrive(log, "X1")
    sent = {"transfer": "t", "to": SECOND.id, "devices": [device]}
    log.append("transfer.sent", sent)
    log.store.add([other.make("transfer.accepted", {"transfer": "t", "devices": [device]})])
    assert not log.holds(device) and not log.acts_for(device) and log.speaks_of(device)
    theirs = "0" * 32 + "-theirs"
    log.store.add([other.make("machine.arrived", {"asset": "Y1", "kind": ""}, device=theirs)])
    log.append("transfer.accepted", {"transfer": "u", "devices": [theirs]})  # a claim, no work
    assert log.store.query("SELECT 1 FROM machine WHERE device = ?", (theirs,))
    assert not log.speaks_of(theirs)
