"""`etabli certificate`, on a real record: each paper written, signed, recorded, or refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.__main__ import main
from bench.documents.signed import verify
from bench.records.log import open_bench
from diagnostics.age import made_year
from diagnostics.model import Firmware, Machine
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, laptop, record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def run(data: Path, *words: str) -> int:
    return main(["certificate", *words, "--data", str(data), "--out", str(data / "out")])


def text_of(path: Path) -> str:
    return " ".join(texts(path.read_bytes()))


def test_a_machine_gets_its_attestation_signed_and_recorded(data: Path) -> None:
    assert run(data, ASSETS[0]) == 0
    signed = data / "out" / f"attestation-{ASSETS[0]}.json"
    answer = verify(signed.read_bytes())
    assert answer.whole and answer.payload is not None
    assert answer.payload["machines"][0]["disks"][0]["serial"] == "S1"
    assert "Le disque de cette machine est effacé." in text_of(signed.with_suffix(".pdf"))
    log = open_bench(data, FixedClock())
    kinds = [e.data["kind"] for e in log.events() if e.type == "document.issued"]
    log.store.close()
    assert kinds == ["attestation", "attestation"]


def test_a_disk_nobody_erased_is_on_the_paper(data: Path) -> None:
    assert run(data, ASSETS[1]) == 1
    text = text_of(data / "out" / f"attestation-{ASSETS[1]}.pdf")
    assert "1 disque sur 2 n'est PAS EFFACÉ" in text and "S3" in text


def test_a_machine_without_any_record_attests_nothing(data: Path) -> None:
    assert run(data, ASSETS[2], "--operator", "OP-7F3") == 1
    assert "Aucun disque" in text_of(data / "out" / f"attestation-{ASSETS[2]}.pdf")


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "code", "parts"),
    [
        ("attestation", 1, ["1 disque sur 3", ASSETS[0], ASSETS[1]]),
        ("donor", 0, ["1 disque ni effacé", "Machines promises 4", ASSETS[2]]),
        ("reuse", 0, ["2 machines à compter comme réemploi, sur 3", "2018"]),
    ],
)
def test_papers_of_the_lot(data: Path, kind: str, code: int, parts: list[str]) -> None:
    assert run(data, LOT, "--kind", kind) == code
    text = text_of(data / "out" / f"{kind}-{LOT}.pdf")
    for part in parts:
        assert part in text, part
    assert verify((data / "out" / f"{kind}-{LOT}.json").read_bytes()).whole


def test_lot_label_and_codes(data: Path) -> None:
    assert run(data, LOT, "--kind", "lot-label") == 0
    assert LOT in text_of(data / "out" / f"lot-{LOT}.pdf")
    assert run(data, "--kind", "codes") == 0
    assert "Planche de codes" in text_of(data / "out" / "codes.pdf")


def test_the_sheet_of_a_good_machine(data: Path) -> None:
    assert run(data, ASSETS[0], "--kind", "sheet") == 0
    text = text_of(data / "out" / f"sheet-{ASSETS[0]}.pdf")
    assert "1920 × 1080" in text and "90 % de sa capacité" in text


def test_a_hand_over_under_the_cap_and_what_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, ASSETS[0], "--kind", "handover", "--price", "120,50") == 0
    assert "120,50 €" in text_of(data / "out" / f"handover-{ASSETS[0]}.pdf").replace("\u00a0", " ")
    assert run(data, ASSETS[0], "--kind", "handover", "--price", "180.01") == 3
    assert "plafond 180,00" in capsys.readouterr().err
    assert run(data, ASSETS[1], "--kind", "handover") == 3
    assert "n'est pas prouvé" in capsys.readouterr().err
    assert run(data, ASSETS[2], "--kind", "handover") == 3


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        [],
        ["RC26-000001-A"],
        ["nothing like it"],
        [ASSETS[0], "--kind", "donor"],
        [LOT, "--kind", "sheet"],
        [ASSETS[0], "--kind", "handover", "--price", "beaucoup"],
        [ASSETS[0], "--kind", "handover", "--price", "-5"],
    ],
)
def test_wrong_use_is_one_sentence(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert run(data, *words) == 2
    except SystemExit as left:  # argparse takes -5 for an option
        assert left.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "Traceback" not in error
    assert not (data / "out").exists()


def test_an_updated_firmware_does_not_make_a_machine_young() -> None:
    assert made_year(msgspec.to_builtins(laptop())) == 2018
    young = msgspec.to_builtins(Machine(firmware=Firmware(date="2024-01-01")))
    assert made_year(young) is None
    panel = {"internal": True, "year": 2012}
    assert made_year({"displays": [panel, {"internal": False, "year": 2001}]}) == 2012
    for odd in ({}, {"displays": panel}, {"displays": [panel | {"year": "2012"}]}):
        assert made_year(odd) is None
    assert made_year({"displays": [panel], "firmware": {"date": ["2009"]}}) == 2012
    assert made_year({"displays": [panel | {"year": 2**70}, 7]}) is None
