"""`etabli verify`: known and whole, whole, or bad, by word, exit code and JSON alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.paper import Issued
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.records import joining, log
from bench.records.signed import keys
from tests import forge
from tests.unit.commands.test_output import ODD, unseen
from tests.unit.documents.papers import GOOD, attestation, machine

WORDS = {0: "BON", 5: "INCONNU", 1: "MAUVAIS"}
ANSWERS = {0: "known", 5: "unknown", 1: "bad"}
Verify = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> log.Log:
    return forge.store_of(tmp_path, "home")


@pytest.fixture
def paper(home: log.Log) -> Issued:
    return issue_attestation(attestation(machine(GOOD)), home.key)


@pytest.fixture
def says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verify as a bench with this data folder; the three ways of answering agree."""

    def run(what: object, folder: str, code: int) -> str:
        words = ["verify", str(what), "--data", str(tmp_path / folder)]
        capsys.readouterr()
        assert main(words) == code
        told = capsys.readouterr()
        assert main([*words, "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        assert told.out.startswith(f"{WORDS[code]} : ") and not told.err
        assert found["answer"] == ANSWERS[code] and found["ok"] is (code == 0)
        assert not unseen(told.out)
        return told.out

    return run


def wrote(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.fixture
def things(tmp_path: Path, home: log.Log, paper: Issued) -> list[object]:
    """All that a bench signs and gives away: a paper, its code, a bag."""
    export_bag(home, tmp_path / "bag.zip")
    return [wrote(tmp_path / "a.json", paper.json), paper.code, tmp_path / "bag.zip"]


def test_at_home_it_is_known(things: list[object], home: log.Log, says: Verify) -> None:
    for thing in things:
        assert "« home »" in says(thing, "home", 0)
    told = says(things[0], "home", 0)
    assert home.key.fingerprint in told and "Le disque de cette machine est effacé." in told


def test_a_stranger_is_never_good(things: list[object], tmp_path: Path, says: Verify) -> None:
    forge.store_of(tmp_path, "other").store.close()
    for thing in things:
        says(thing, "other", 5)
        told = says(thing, "no folder at all", 5)
        assert "inconnu" in told.lower() and "Signé par" not in told
    told = says(things[0], "other", 5)
    # What it says of itself is said to be a claim.
    assert told.index("Se dit de « Atelier") < told.index("sans preuve") < told.index("effacé.")
    assert not (tmp_path / "no folder at all").exists()


def test_an_event_seen_here_makes_nobody_known(
    things: list[object], home: log.Log, tmp_path: Path, says: Verify
) -> None:
    """Rows of any bench are in the record; only a registered workshop vouches for one."""
    other = forge.store_of(tmp_path, "other")
    other.store.add(list(home.store.events()))
    assert other.store.query("SELECT 1 FROM bench WHERE bench = ?", (home.key.id,))
    for thing in things:
        says(thing, "other", 5)
    workshop = keys.load(tmp_path / "home" / "keys" / "workshop.key")
    log.trust(other.store, workshop.public, name="voisin", at="", how="fingerprint")
    for thing in things:
        says(thing, "other", 0)


def test_a_bag_certified_by_a_registered_workshop_is_known_before_it_is_imported(
    things: list[object], tmp_path: Path, says: Verify
) -> None:
    workshop = keys.load(tmp_path / "home" / "keys" / "workshop.key")
    other = forge.store_of(tmp_path, "other", workshop)
    assert "home" in says(things[2], "other", 0)
    says(things[0], "other", 5)  # a paper brings no certificate
    assert import_bags(other, [tmp_path / "bag.zip"]).ok
    says(things[0], "other", 0)


def test_a_revoked_signer_is_said_to_be_and_never_known(
    tmp_path: Path, home: log.Log, paper: Issued, says: Verify
) -> None:
    """What the log has from before is told apart from what whoever has the key made since."""
    device = home.new_device()
    home.append("machine.arrived", {"asset": "RC26-004217-7"}, device=device)
    facts = {"kind": "attestation", "sha256": hashlib.sha256(paper.json).hexdigest(), "name": "a"}
    last = home.append("document.issued", facts, device=device)
    export_bag(home, tmp_path / "bag.zip")
    stolen = issue_attestation(attestation(machine(GOOD, GOOD)), home.key)
    workshop = keys.load(tmp_path / "home" / "keys" / "workshop.key")
    joining.revoke(home, workshop, home.key.id, str(last.seq), reason="perdu")
    for thing in (wrote(tmp_path / "b.json", stolen.json), stolen.code, tmp_path / "bag.zip"):
        assert "RÉVOQUÉ" in says(thing, "home", 1)
    for thing in (wrote(tmp_path / "a.json", paper.json), paper.code):
        assert "RÉVOQUÉ depuis" in says(thing, "home", 5)


def test_one_revoked_before_it_was_ever_met_is_not_known_by_its_certificate(
    things: list[object], home: log.Log, tmp_path: Path, says: Verify
) -> None:
    workshop = keys.load(tmp_path / "home" / "keys" / "workshop.key")
    other = forge.store_of(tmp_path, "other", workshop)
    says(things[2], "other", 0)
    said = keys.revoke(workshop, home.key.id, 0, after_hash="", reason="perdu", at="")
    other.append("bench.revoked", {"revocation": said.plain()})
    for thing in things:
        assert "RÉVOQUÉ" in says(thing, "other", 1)


def test_one_changed_byte_is_bad(tmp_path: Path, things: list[object], says: Verify) -> None:
    for thing in things:
        if isinstance(thing, Path):
            data = bytearray(thing.read_bytes())
            data[len(data) // 2] ^= 1
            thing.write_bytes(data)
            says(thing, "home", 1)
        else:
            text = str(thing)
            other = "A" if text[60] != "A" else "B"
            says(text[:60] + other + text[61:], "home", 1)


def test_names_that_move_the_cursor_are_shown_as_words(
    tmp_path: Path, says: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "Préfecture" + ODD.replace("\ud800", "")
    thief = log.open_bench(tmp_path / "thief", forge.Clock(), forge.Noise("t"), name=name)
    device = thief.new_device()
    thief.append("machine.arrived", {"asset": f"A{name}"}, device=device)
    export_bag(thief, tmp_path / "bag.zip")
    forged = attestation(machine(GOOD), lot=name)
    issued = issue_attestation(forged, thief.key)
    thing = wrote(tmp_path / "a.json", issued.json)
    for what in (thing, issued.code, tmp_path / "bag.zip"):
        for folder, code in (("nobody", 5), ("thief", 0)):
            assert says(what, folder, code).count("\n") < 9
    main(["verify", str(tmp_path / "bag.zip"), "--json", "--data", str(tmp_path / "nobody")])
    shown = capsys.readouterr().out
    assert not unseen(shown) and json.loads(shown)["who"]["name"] == name
