"""Other tools' lists as they come: encodings, headings, what a line is refused for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.exchange.lists.read import read
from bench.exchange.lists.told import Refused, StockList, ToldMachine
from bench.records.errors import RecordsError

LISTS = Path(__file__).parents[2] / "lists"


def of(name: str) -> StockList:
    return read((LISTS / name).read_bytes())


def refused(found: StockList) -> dict[int, str]:
    return {line.line: line.reason for line in found.refused}


def test_a_report_of_snipe_it() -> None:
    found = of("snipeit_report.csv")
    assert found.source == "snipeit"
    assert found.machines == (
        ToldMachine(2, "SNP-0101", "PF1TEST1", "laptop", "Lenovo", "ThinkPad T480"),
        ToldMachine(3, "SNP-0102", "CZCTEST02", "desktop", "HP", "EliteDesk 800 G3"),
        ToldMachine(6, "SNP-0105", "", "desktop", "Fujitsu", "Esprimo D556"),
    )
    assert refused(found) == {4: "left", 5: "not_machine"}
    # Who has it, where it stands, what was noted: not read, and said so.
    assert {"Checked Out", "Location", "Notes", "Asset Name", "Company"} <= set(found.unread)
    assert "Durand" not in repr(found)


def test_snipe_its_own_import_file() -> None:
    found = of("snipeit_import.csv")
    assert found.source == "snipeit" and not found.refused
    assert [machine.serial for machine in found.machines] == ["PC0TEST21", "-5CDTEST22"]


def test_a_search_of_glpi_in_french_and_windows_letters() -> None:
    found = of("glpi_fr.csv")
    assert found.source == "glpi"
    first, second = found.machines
    assert first == ToldMachine(
        2, "INV-0001", "GTEST01", "laptop", "Dell Inc.", "Latitude E7470",
        "Intel(R) Core(TM) i5-6300U CPU @ 2.40GHz", 8192,
    )  # fmt: skip
    assert second.ram_mib == 8192 and second.line == 3  # two modules in one cell
    assert refused(found) == {5: "left", 6: "no_number"}
    assert "Utilisateur" in found.unread and "dupont" not in repr(found)


def test_a_search_of_glpi_in_english() -> None:
    (machine,) = of("glpi_en.csv").machines
    assert (machine.serial, machine.kind, machine.tag) == ("C02TEST4", "laptop", "")


def test_a_document_of_glpis_agent() -> None:
    found = of("glpi_agent.json")
    assert found.machines == (
        ToldMachine(
            1, "AT-1", "JTEST1", "laptop", "LENOVO", "20L5CTO1WW",
            "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", 8192, 256_060_000_000,
        ),
    )  # fmt: skip
    assert "personne" not in repr(found)


def test_a_bolc_sheet_with_a_title_above() -> None:
    found = of("bolc.csv")
    assert found.source == "bolc"
    first = found.machines[0]
    assert first.kind == "laptop"  # of Type; Catégorie is a grade there
    assert (first.ram_mib, first.storage_bytes, first.lot) == (4096, 1_128_000_000_000, "L22-07")
    assert found.machines[1].storage_bytes == 256_000_000_000
    assert refused(found) == {5: "not_machine"}
    assert "Catégorie" in found.unread and "Grade esth." in found.unread


def test_a_sheet_kept_by_hand_as_unicode_text() -> None:
    found = of("sheet.tsv")
    assert found.source == "sheet"
    assert found.machines == (
        ToldMachine(2, "1", "STEST01", "", "Acer", "Veriton X2640G", "", 8192),
    )
    assert refused(found) == {3: "spoilt"}


HEAD = "Code;Série;Modèle\n"
FIRST, SECOND, THIRD = "PF0TEST0", "PF0TEST8", "PF0TEST9"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('A;=HYPERLINK("http://x");M', "formula"),
        ("A;@x;=1+1", "formula"),
        ("A;S\u202e1;M", "hidden"),
        ("A;S\u200b1;M", "hidden"),
        ("A;S\x1b[31m;M", "hidden"),
        (f"A;{'9' * 201};M", "too_long"),
        (f"A;S;{'x' * 70_000}", "too_long"),
        (f"A;S;{'x' * 10_000_000}", "too_long"),
        ("A;S;M;M2", "columns"),
        ('A;"S;M', "quote"),
        ('A;"S"1;M', "quote"),
        ('A;"S1\nS2";M', "several_numbers"),
        (";N/A;M", "no_number"),
        (";To Be Filled By O.E.M.;M", "no_number"),
        ("A;1.23457E+11;M", "spoilt"),
    ],
)
def test_a_wrong_line_loses_no_other(line: str, reason: str) -> None:
    found = read(f'{HEAD}A0;{FIRST};M\n{line}\nZ8;{SECOND};M\n"Z9";"{THIRD}";M\n'.encode())
    assert [each.reason for each in found.refused] == [reason]
    assert [machine.serial for machine in found.machines] == [FIRST, SECOND, THIRD]


def test_quotes_never_swallow_the_lines_below() -> None:
    body = "".join(f'"A{n}";"PF1TST{n}";M\n' for n in range(30))
    found = read((HEAD + '"A;S;M\n' + body).encode())
    assert [machine.serial for machine in found.machines] == [f"PF1TST{n}" for n in range(30)]
    assert found.refused == (Refused(2, "quote"),)


def test_what_spreadsheets_put_around_a_number_is_taken_off() -> None:
    found = read((HEAD + 'A1;="0071234";M\nA2;\'-12TEST;M\nA3; PF\xa03TEST ;M\n').encode())
    assert [machine.serial for machine in found.machines] == ["0071234", "-12TEST", "PF 3TEST"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "list_empty"),
        (b" \n\n", "list_empty"),
        (b"PK\x03\x04" + b"\0" * 50, "list_workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 50, "list_workbook"),
        (b"Code;Serie\nA;\0", "list_binary"),
        (b"\xff\xfeA\0\x00\xd8", "list_binary"),
        (b"x" * (17 << 20), "list_too_big"),
        (b"a\n" * 50_001, "list_too_long"),
        (b"bonjour\nle monde\n", "list_headings"),
        (b"Nom;Lieu\nA;B\n", "list_headings"),
        (b"{", "list_json"),
        (b"[" * 100_000, "list_json"),
        (b"{}", "list_json"),
        (b'[{"content": 3}]', "list_json"),
        (b'{"content": {"bios": ' + b"9" * 5000 + b"}}", "list_json"),
    ],
)
def test_what_is_no_list_is_one_error(data: bytes, code: str) -> None:
    with pytest.raises(RecordsError) as caught:
        read(data)
    assert caught.value.code == code


def test_documents_of_other_things_and_wrong_types_are_told() -> None:
    good = json.loads((LISTS / "glpi_agent.json").read_bytes())
    printer = good | {"itemtype": "Printer"}
    wrong = {"content": {"bios": [], "hardware": 7, "cpus": {"name": 1}, "memories": [None, 3]}}
    found = read(json.dumps([printer, wrong, 7, good]).encode())
    assert refused(found) == {1: "not_machine", 2: "no_number", 3: "no_number"}
    assert [machine.line for machine in found.machines] == [4]
