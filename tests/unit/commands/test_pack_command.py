"""`etabli pack` as it is typed: published at the coordination, taken in and accepted at a bench."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.grading import rules
from bench.records.log import open_bench, trust
from bench.records.signed import fingerprint, keys
from labels.identifier import make
from tests import forge

REGION = keys.Key(b"\x07" * 32)
ASSET = str(make("RC", "C", 26, 1))
RULES = Path(rules.__file__).with_name("rules.toml").read_text("utf-8")
RULES = RULES.replace(rules.standard_rules().version, "reseau-2026")


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """The data folder of a coordination."""
    log = open_bench(tmp_path / "region", forge.Clock(), forge.Noise("r"), name="R")
    trust(log.store, REGION.public, name="Réseau du Nord", at="", how="own", region=True)
    told = keys.certify(REGION, log.key.public, name="Réseau du Nord", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    log.store.close()
    return tmp_path / "region"


def run(data: Path, *words: object) -> int:
    return main([*map(str, words), "--data", str(data)])


def test_from_a_file_of_the_coordination_to_the_grade_of_a_bench(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench, out = tmp_path / "bench", tmp_path / "recueils.zip"
    (tmp_path / "regles.toml").write_text(RULES.replace("at_least = 85", "at_least = 90"), "utf-8")
    (tmp_path / "fiche.txt").write_text("Nettoyer : alcool, chiffon.\n", "utf-8")
    rules = ("--kind", "grading", "--title", "Règles 2026")
    assert run(region, "pack", "publish", "notes", tmp_path / "regles.toml", *rules) == 0
    fiche = ("--kind", "sheet", "--title", "Nettoyer un clavier")
    assert run(region, "pack", "publish", "clavier", tmp_path / "fiche.txt", *fiche) == 0
    assert run(region, "pack", "export", "--out", out) == 0
    assert run(bench, "import", out) == 1  # nobody here knows that network
    heard = fingerprint.show(REGION.public)
    assert run(bench, "import", out, "--trust", heard, "--region") == 0
    capsys.readouterr()
    assert run(bench, "pack") == 0
    told = capsys.readouterr().out
    assert "d'après Réseau du Nord" in told and "en attente d'un·e encadrant·e" in told
    today = ("review", "--json")
    assert run(bench, "review") == 0
    told = capsys.readouterr().out
    assert "notes 1 : règles du réseau à accepter ou non (Règles 2026" in told
    assert "Rien ce jour-là" not in told
    assert run(bench, *today) == 0
    assert [one["pack"] for one in json.loads(capsys.readouterr().out)["packs"]] == ["notes"]
    assert run(bench, "pack", "accept", "notes") == 0
    capsys.readouterr()
    assert run(bench, *today) == 0 and json.loads(capsys.readouterr().out)["packs"] == []
    assert run(bench, "review") == 0 and "Rien ce jour-là" in capsys.readouterr().out
    assert run(bench, "pack", "accept", "clavier") == 2
    capsys.readouterr()
    assert run(bench, "pack", "list", "--json") == 0
    found = {pack["pack"]: pack for pack in json.loads(capsys.readouterr().out)}
    assert found["notes"]["used"] and found["notes"]["answer"] == "accepted"
    assert [pack["trouble"] for pack in found.values()] == [None, None]
    log = open_bench(bench, forge.Clock(), forge.Noise("b"))
    device = log.new_device()
    log.append("machine.arrived", {"asset": ASSET, "kind": "laptop"}, device=device)
    log.store.close()
    assert run(bench, "grade", ASSET, "--json") == 0
    graded = json.loads(capsys.readouterr().out)
    assert graded["rule_set"] == f"notes 1 ({found['notes']['file'][:16]})"
    assert run(bench, "grade", ASSET) == 0
    assert f"Règles : {graded['rule_set']}." in capsys.readouterr().out
    assert run(bench, "pack", "show", "clavier", "--out", tmp_path / "given.txt") == 0
    assert (tmp_path / "given.txt").read_text("utf-8") == "Nettoyer : alcool, chiffon.\n"
    assert run(bench, "pack", "show", "clavier", "--out", tmp_path / "given.txt") != 0  # is there
    assert run(bench, "pack", "decline", "notes") == 0
    capsys.readouterr()
    assert run(bench, "grade", ASSET) == 0 and "Règles :" not in capsys.readouterr().out
    capsys.readouterr()
    assert run(bench, "pack") == 0 and "écartées ici" in capsys.readouterr().out


def test_a_text_is_shown_line_by_line(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fiche.txt").write_bytes("\ufeffUn :\r\n\talcool\r\n\nFin\rRecueil\n".encode())
    fiche = (tmp_path / "fiche.txt", "--kind", "sheet", "--title", "Fiche")
    assert run(region, "pack", "publish", "fiche", *fiche) == 0
    capsys.readouterr()
    assert run(region, "pack", "show", "fiche") == 0
    lines = capsys.readouterr().out.split("\n")[2:]
    assert lines == ["  Un :", "      alcool", "", "  Fin\ufffdRecueil", ""]


def test_rules_are_read_before_they_are_accepted(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "regles.toml").write_text(RULES, "utf-8")
    rules = (tmp_path / "regles.toml", "--kind", "grading", "--title", "Règles")
    assert run(region, "pack", "publish", "notes", *rules) == 0
    capsys.readouterr()
    assert run(region, "pack", "show", "notes") == 0
    told = capsys.readouterr().out
    assert "\ufffd" not in told
    assert [line.strip() for line in told.splitlines()[2:]] == [
        line.strip() for line in RULES.rstrip().splitlines()
    ]


def test_what_is_withdrawn_is_said(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fiche.pdf").write_bytes(b"%PDF-1.4")
    fiche = (tmp_path / "fiche.pdf", "--kind", "poster", "--title", "Tri")
    assert run(region, "pack", "publish", "tri", *fiche) == 0
    assert run(region, "pack", "withdraw", "tri", "--reason", "logo faux") == 0
    capsys.readouterr()
    assert run(region, "pack", "show", "tri") == 3
    assert "logo faux" in capsys.readouterr().err
    assert run(region, "pack") == 0 and "Aucun recueil." in capsys.readouterr().out
    for words in (("pack", "list", "--all"), ("pack", "--all"), ("pack", "--all", "list")):
        assert run(region, *words) == 0 and "retiré" in capsys.readouterr().out
    assert run(region, "pack", "--all", "--json") == 0
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == ["withdrawn"]
    assert run(region, "pack", "withdraw", "tri", "--reason", "encore") == 0
    assert "déjà retiré" in capsys.readouterr().out
    log = open_bench(region, forge.Clock(), forge.Noise("r"))
    assert len(list(log.store.events("event.type = 'pack.withdrawn'"))) == 1
    log.store.close()
    (tmp_path / "fiche.pdf").write_bytes(b"%PDF-1.5")
    assert run(region, "pack", "publish", "tri", *fiche) == 0
    assert run(region, "pack", "withdraw", "tri", "--reason", "encore") == 0
    assert "Recueil tri retiré." in capsys.readouterr().out


def test_a_name_of_two_networks_says_whose_it_is(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, bench = keys.Key(b"\x09" * 32), tmp_path / "bench"
    log = open_bench(tmp_path / "other", forge.Clock(), forge.Noise("o"), name="O")
    trust(log.store, other.public, name="Réseau du Nord", at="", how="own", region=True)
    told = keys.certify(other, log.key.public, name="Réseau du Nord", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    log.store.close()
    (tmp_path / "fiche.txt").write_text("Trier.\n", "utf-8")
    fiche = (tmp_path / "fiche.txt", "--kind", "sheet", "--title", "Tri")
    for data, key in ((region, REGION), (tmp_path / "other", other)):
        out = tmp_path / f"{data.name}.zip"
        assert run(data, "pack", "publish", "tri", *fiche) == 0
        assert run(data, "pack", "export", "--out", out) == 0
        heard = fingerprint.show(key.public)
        assert run(bench, "import", out, "--trust", heard, "--region") == 0
    capsys.readouterr()
    assert run(bench, "pack", "show", "tri") == 3
    told_error = capsys.readouterr().err
    assert run(bench, "pack") == 0
    listed = capsys.readouterr().out
    for key in (REGION, other):
        assert f"Réseau du Nord ({key.id[:8]})" in told_error
        assert f"d'après Réseau du Nord ({key.id[:8]})" in listed


def test_rules_that_were_withdrawn_wait_for_nobody(
    region: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "regles.toml").write_text(RULES, "utf-8")
    rules = (tmp_path / "regles.toml", "--kind", "grading", "--title", "Règles")
    for name in ("vues", "prises"):
        assert run(region, "pack", "publish", name, *rules) == 0
    assert run(region, "pack", "accept", "prises") == 0
    for name in ("vues", "prises"):
        assert run(region, "pack", "withdraw", name, "--reason", "erreur") == 0
    capsys.readouterr()
    assert run(region, "pack", "list", "--all") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("  retiré") for line in lines[:2]] == [True, True]
    assert run(region, "review") == 0
    told = capsys.readouterr().out
    assert "prises 1 : ces règles ont été retirées par le réseau (erreur)." in told
    assert "vues" not in told
    assert run(region, "pack", "decline", "prises") == 0  # read
    assert run(region, "pack", "decline", "vues") == 3
    capsys.readouterr()
    assert run(region, "review") == 0 and "prises" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, code",
    [
        (("publish", "Tri", "F", "--kind", "poster", "--title", "T"), 2),
        (("publish", "tri", "absent", "--kind", "poster", "--title", "T"), 2),
        (("publish", "tri", "F", "--kind", "grading", "--title", "T"), 2),
        (("publish", "tri", "F", "--kind", "poster", "--title", " "), 2),
        (("publish", "tri", "F", "--kind", "film", "--title", "T"), 2),
        (("withdraw", "tri", "--reason", "x"), 2),
        (("accept", "tri"), 2),
        (("show", "tri"), 2),
        (("fetch", "--trust", "12"), 2),
    ],
)
def test_wrong_use_is_one_line_and_writes_nothing(
    region: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
) -> None:
    (tmp_path / "F").write_bytes(b"%PDF-1.4")
    given = [str(tmp_path / word) if word in ("F", "absent") else word for word in words]
    try:
        ended = run(region, "pack", *given)
    except SystemExit as left:  # argparse
        ended = int(left.code or 0)
    told = capsys.readouterr()
    assert ended == code and told.out == ""
    assert len(told.err.strip().splitlines()) == 1
    log = open_bench(region, forge.Clock(), forge.Noise("r"))
    assert list(log.store.events("event.type LIKE 'pack.%'")) == []
    log.store.close()
