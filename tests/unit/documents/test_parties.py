"""No paper has an empty party: it is refused with what to fill in and where, nothing is made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile.erasure import Party
from bench.documents.wording import party_lines
from bench.records.log import DEMO, open_bench
from bench.setup.settings import NAMELESS, Settings
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.recorded import (
    ASSETS,
    LOT,
    SETTINGS,
    FixedClock,
    disk,
    erased_machine,
    laptop,
    record,
)

KINDS = [
    (ASSETS[0], "attestation"), (ASSETS[0], "sheet"), (ASSETS[0], "handover"),
    (LOT, "attestation"), (LOT, "donor"), (LOT, "reuse"), (LOT, "lot-label"),
]  # fmt: skip
_EMPTY = re.compile(r"Atelier\s*:?\s*—|Donateur\s*:?\s*(—|Non indiqué)|Pour\s+:|Opérateur·rice : —")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def run(data: Path, *words: str) -> int:
    return main(["certificate", *words, "--data", str(data), "--out", str(data / "out")])


def issued(data: Path) -> list[str]:
    log = open_bench(data, FixedClock())
    try:
        return [e.data["kind"] for e in log.events() if e.type == "document.issued"]
    finally:
        log.store.close()


@pytest.mark.long
@pytest.mark.parametrize("name", ["", "   ", "—", NAMELESS, "ATELIER ", "Workshop", None])
@pytest.mark.parametrize(("what", "kind"), KINDS)
def test_a_workshop_without_a_name_makes_no_paper(
    data: Path, what: str, kind: str, name: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "" if name is None else f'workshop = "{name}"\n'
    text = SETTINGS.replace('workshop = "Atelier des Weppes"\n', line)
    (data / "settings.toml").write_text(text, "utf-8")
    assert run(data, what, "--kind", kind) == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "L'atelier n'a pas de nom" in said
    assert str(data / "settings.toml") in said and "workshop" in said
    assert not (data / "out").exists() and issued(data) == []


def test_nor_a_sheet_of_codes_or_a_list_of_the_day(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "settings.toml").unlink()
    assert run(data, "--kind", "codes") == 3
    assert main(["review", "--print", str(data / "day.pdf"), "--data", str(data)]) == 3
    assert not (data / "out").exists() and not (data / "day.pdf").exists()


def test_a_demonstration_has_a_name_of_its_own(tmp_path: Path) -> None:
    log = open_bench(tmp_path, FixedClock())
    log.store.set_meta(DEMO, 1)
    log.store.close()
    assert run(tmp_path, "--kind", "codes") == 0
    text = " ".join(texts((tmp_path / "out" / "codes.pdf").read_bytes()))
    assert "Atelier de démonstration" in text


@pytest.mark.long
@pytest.mark.parametrize(("what", "kind"), KINDS)
def test_no_paper_has_an_empty_party(data: Path, what: str, kind: str) -> None:
    assert run(data, what, "--kind", kind) in (0, 1)
    (path,) = (data / "out").glob("*.pdf")
    text = " ".join(texts(path.read_bytes()))
    assert not _EMPTY.search(text) and "Atelier des Weppes" in text, text


def test_who_makes_it_is_asked_where_nobody_erased(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, ASSETS[2]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and ASSETS[2] in said and "--operator" in said
    assert run(data, ASSETS[2], "--operator", "nobody-here") == 2
    assert not (data / "out").exists()
    assert run(data, ASSETS[2], "--operator", "op-7f3") == 1
    text = " ".join(texts((data / "out" / f"attestation-{ASSETS[2]}.pdf").read_bytes()))
    assert "Opérateur·rice : OP-7F3." in text


def test_a_lot_without_a_donor_has_no_papers_for_one(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = open_bench(data, FixedClock())
    erased_machine(log, "RC26-000009-H", laptop(disk("S9")), "S9", lot="LOT-SANS")
    log.store.close()
    for kind in ("donor", "reuse"):
        assert run(data, "LOT-SANS", "--kind", kind) == 3
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "LOT-SANS n'a pas de donateur" in said
    assert run(data, "LOT-SANS") == 0  # that its disks are erased stands without one
    text = " ".join(texts((data / "out" / "attestation-LOT-SANS.pdf").read_bytes()))
    assert "Donateur" not in text


@pytest.mark.parametrize(
    ("name", "named"),
    [("Atelier", False), ("", False), ("Atelier des Weppes", True), ("L'Atelier", True)],
)
def test_what_is_a_name(name: str, named: bool) -> None:
    assert Settings(workshop=name).named is named


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("21590512200010", "SIRET 215 905 122 00010"),
        ("SIRET 812 345 678 00019", "SIRET 812 345 678 00019"),
        ("732.829.320", "SIREN 732 829 320"),
        ("W595001234", "N° W595001234"),
        ("812345678000190", "N° 812345678000190"),
    ],
)
def test_a_number_is_called_by_its_name(number: str, said: str) -> None:
    assert party_lines(Party("Atelier des Weppes", number)) == ["Atelier des Weppes", said]
