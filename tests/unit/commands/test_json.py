"""Whatever a script may read is JSON too, alone on standard output, and says what the words say."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.exchange.bag import export_bag
from bench.records import log
from bench.records.signed import keys
from bench.words.catalogue import choose
from tests import forge
from tests.references.parsers import commands, whole
from tests.unit.documents.recorded import name_workshop

Etabli = Callable[..., subprocess.CompletedProcess[str]]
# Why a command has none. Another one without is a fault: a script would cut words.
BY_EXIT_CODE = "does what it is told; the exit code says whether"
WITHOUT = {
    "capture": BY_EXIT_CODE,
    "completion": "prints a script for a shell",
    "demo": "for people; the exit code says whether all held",
    "destine": BY_EXIT_CODE,
    "donor add": BY_EXIT_CODE,
    "hub account add": "prints one link, for a person",
    "hub account password": "prints one link, for a person",
    "hub account remove": BY_EXIT_CODE,
    "hub account token": "prints one token, for a program",
    "hub database home": BY_EXIT_CODE,
    "hub database move": BY_EXIT_CODE,
    "hub database settle": BY_EXIT_CODE,
    "hub mail off": BY_EXIT_CODE,
    "hub mail set": BY_EXIT_CODE,
    "hub mail test": BY_EXIT_CODE,
    "hub serve": "runs until it is stopped",
    "hub webhook add": "prints one secret, for a program",
    "hub webhook remove": BY_EXIT_CODE,
    "keys admit": BY_EXIT_CODE,
    "keys check": BY_EXIT_CODE,
    "keys code": BY_EXIT_CODE,
    "keys coordinate": BY_EXIT_CODE,
    "keys join": BY_EXIT_CODE,
    "keys reinstate": BY_EXIT_CODE,
    "keys request": BY_EXIT_CODE,
    "keys revoke": BY_EXIT_CODE,
    "lot add": BY_EXIT_CODE,
    "lot close": BY_EXIT_CODE,
    "lot collect": BY_EXIT_CODE,
    "lot open": BY_EXIT_CODE,
    "lot receive": BY_EXIT_CODE,
    "lot reopen": BY_EXIT_CODE,
    "lot unpack": BY_EXIT_CODE,
    "lot weigh": BY_EXIT_CODE,
    "netboot": "runs until it is stopped",
    "note hours": BY_EXIT_CODE,
    "note part": BY_EXIT_CODE,
    "note waste": BY_EXIT_CODE,
    "pack accept": BY_EXIT_CODE,
    "pack decline": BY_EXIT_CODE,
    "pack export": BY_EXIT_CODE,
    "pack fetch": BY_EXIT_CODE,
    "pack publish": BY_EXIT_CODE,
    "pack withdraw": BY_EXIT_CODE,
    "people add": BY_EXIT_CODE,
    "read": "always JSON, one line a file",
    "request add": BY_EXIT_CODE,
    "request close": BY_EXIT_CODE,
    "request release": BY_EXIT_CODE,
    "request reserve": BY_EXIT_CODE,
    "transfer accept": BY_EXIT_CODE,
    "transfer send": BY_EXIT_CODE,
    "transfer withdraw": BY_EXIT_CODE,
}


def leaves(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, bool]]:
    """Each command that does something, and whether it has `--json`."""
    below = list(commands(parser))
    for word, _, sub in below:
        yield from leaves(sub, f"{name} {word}".strip())
    if not below:
        yield name, any("--json" in action.option_strings for action in parser._actions)


def test_every_command_has_json_or_a_reason_for_none() -> None:
    choose("fr")
    found = dict(leaves(whole()))
    choose(None)
    assert {name for name, has in found.items() if not has} == set(WITHOUT)


@pytest.fixture
def bench(data: Path, tmp_path: Path) -> Path:
    """A bench of a workshop, and a machine in its record."""
    here = forge.store_of(tmp_path, data.name)
    device = here.new_device()
    here.append("machine.arrived", {"asset": "RC26-010001-7"}, device=device)
    here.store.close()
    return data


def told(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """What it printed, which is JSON and nothing else."""
    assert done.returncode == code, done
    return json.loads(done.stdout)


def test_bags_go_out_and_come_in(inside: Etabli, bench: Path, tmp_path: Path) -> None:
    out = told(inside("export", "--out", tmp_path / "a.zip", "--json"))
    assert out["format"] == "bag" and out["path"] == str(tmp_path / "a.zip")
    assert out["events"] == 3 and len(out["sha256"]) == 64
    table = told(inside("export", "--format", "csv", "--out", tmp_path / "a.csv", "--json"))
    assert table == {"format": "csv", "path": str(tmp_path / "a.csv"), "count": 1}

    other = ("--data", tmp_path / "other")
    (refused,) = told(inside("import", tmp_path / "a.zip", "--json", *other), 1)
    assert (refused["outcome"], refused["reason"]["code"]) == ("refused", "key_unknown")
    heard = told(inside("keys", "show", "--json"))["workshops"][0]["fingerprint"]
    trust = ("--trust", heard, "--receipts", tmp_path)
    (taken,) = told(inside("import", tmp_path / "a.zip", "--json", *trust, *other))
    assert (taken["outcome"], taken["added"], taken["reason"]) == ("applied", 3, None)
    assert Path(taken["receipt"]).is_file() and taken["sha256"] == out["sha256"]
    (again,) = told(inside("import", tmp_path / "a.zip", "--json", *other))
    assert again["outcome"] == "known"


def test_what_a_stick_took_and_brought(inside: Etabli, bench: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    stranger = forge.store_of(tmp_path, "stranger")
    export_bag(stranger, stick / "etabli-stranger.zip")
    first = told(inside("sync", stick, "--json"), 1)
    assert [bag["reason"]["code"] for bag in first["bags"]] == ["key_unknown"]
    assert first["left"]["events"] == 3 and first["unwritten"] is None
    assert Path(first["left"]["path"]).is_file()


def test_a_refused_receipt_is_named_with_its_reason(
    inside: Etabli, bench: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    first = told(inside("sync", stick, "--json"))
    (Path(first["left"]["path"]).parent / "accuse-x.json").write_bytes(b"{}")
    (refused,) = told(inside("sync", stick, "--json"))["refused_receipts"]
    assert refused["name"] == "accuse-x.json" and refused["code"].startswith(("sealed", "receipt"))
    assert refused["text"]


def test_donors_lots_and_who_is_kept(inside: Etabli, bench: Path) -> None:
    assert told(inside("donor", "list", "--json")) == []
    assert inside("donor", "add", "Mairie", "--kind", "public").returncode == 0
    donors = told(inside("donor", "list", "--json"))
    assert donors and {"reference", "kind", "name", "convention", "siren"} == set(donors[0])
    reference = donors[0]["reference"]
    assert inside("lot", "open", "L1", "--donor", donors[0]["name"], "--count", "2").returncode == 0
    assert inside("lot", "add", "L1", "RC26-010001-7").returncode == 0
    shown = told(inside("lot", "show", "L1", "--json"))
    (listed,) = told(inside("lot", "list", "--json"))
    assert listed == {name: value for name, value in shown.items() if name != "files"}
    assert [file["asset"] for file in shown["files"]] == ["RC26-010001-7"]

    known = told(inside("forget", "--list", "--json"))
    assert reference in {person["reference"] for person in known["persons"]}
    assert known["left"] == []
    gone = told(inside("forget", reference, "--json"))
    assert gone["forgotten"] == [reference] and gone["left"] == []
    left = {person["reference"] for person in told(inside("forget", "--list", "--json"))["persons"]}
    assert reference not in left
    assert told(inside("forget", "--expired", "--json"))["forgotten"] == []


def test_papers_labels_and_backups(inside: Etabli, bench: Path, tmp_path: Path) -> None:
    name_workshop(bench)
    made = ("certificate", "RC26-010001-7", "--out", tmp_path, "--operator", "OP-7F3", "--json")
    paper = told(inside(*made), 1)
    assert told(inside(*made), 1) == paper  # printed again, the same paper
    assert paper["not_erased"] and paper["kind"] == "attestation"
    assert all(Path(path).is_file() for path in paper["papers"]) and len(paper["papers"]) == 2
    codes = told(inside("certificate", "--kind", "codes", "--out", tmp_path, "--json"))
    assert [Path(path).name for path in codes["papers"]] == ["codes.pdf"]

    label = told(inside("label", "RC26-010001-7", "--out", tmp_path / "l.png", "--json"))
    assert label == {"asset": "RC26-010001-7", "path": str(tmp_path / "l.png")}
    sheet = told(inside("label", "--sheet", "1", "--out", tmp_path / "s.pdf", "--json"))
    assert sheet["count"] == 21 and sheet["first"] != sheet["last"]
    nowhere = ("--print", "tcp://127.0.0.1:9", "--to", "zpl", "--json")
    printed = told(inside("label", "RC26-010001-7", *nowhere), 4)
    assert not printed["printed"] and printed["text"]
    (waiting,) = told(inside("label", "--queue", "--json"))
    assert waiting["asset"] == "RC26-010001-7" and waiting["text"]
    sent = told(inside("label", "--queue", "send", "--json"), 4)
    assert sent["sent"][0]["error"] and sent["waiting"][0]["id"] == waiting["id"]
    cancelled = told(inside("label", waiting["id"], "--queue", "cancel", "--json"))
    assert cancelled["state"] == "cancelled"
    assert told(inside("label", "--queue", "--json")) == []

    saved = told(inside("restore", tmp_path / "save", "--save", "--json"))
    assert saved["events"] and Path(saved["path"]).is_file()
    put_back = told(inside("restore", tmp_path / "save", "--json"))
    assert put_back["events"] == saved["events"] and put_back["former"]


def test_what_cannot_be_answered_is_no_json(inside: Etabli, bench: Path, tmp_path: Path) -> None:
    for words in (
        ("import", tmp_path / "none.zip"),
        ("certificate", "RC26-010009-X"),
        ("lot", "show", "none"),
        ("handover", "RC26-010001-7"),
        ("restore", tmp_path / "none"),
        ("export", "--out", tmp_path),
    ):
        done = inside(*words, "--json")
        assert done.returncode in (1, 2, 3, 4) and not done.stdout, done
        assert done.stderr.startswith("etabli: ") and done.stderr.count("\n") == 1


def test_a_workshop_that_is_registered_is_told_with_its_fingerprint(
    inside: Etabli, bench: Path
) -> None:
    other = keys.Key(bytes(31) + b"\1")
    again = log.open_bench(bench, forge.Clock(), forge.Noise("again"), name="x")
    log.trust(again.store, other.public, name="Lille", at="", how="fingerprint", region=True)
    again.store.close()
    shops = {shop["workshop"]: shop for shop in told(inside("keys", "show", "--json"))["workshops"]}
    assert shops[other.id] == {
        "workshop": other.id,
        "name": "Lille",
        "fingerprint": other.fingerprint,
        "region": True,
    }
