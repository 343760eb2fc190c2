"""What other tools read: the official schema, a real spreadsheet, a proof that holds."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bench.exchange.formats import bolc, credential, sheets, snipeit
from bench.exchange.formats.source import Item, items
from bench.exchange.formats.write import write
from bench.records import log
from bench.records.errors import RecordsError
from bench.records.signed.canonical import without_floats
from tests import forge

MACHINES = Path(__file__).resolve().parents[2] / "machines"
RECORDED = sorted(path.parent.name for path in MACHINES.glob("*/expected.json"))
PROOF = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "journal_hash": "ab" * 32}


def record(bench: log.Log, facts: dict[str, Any], asset: str, lot: str = "L1") -> str:
    device = bench.new_device()
    where = {"device": device, "lot": lot}
    bench.append("machine.arrived", {"asset": asset, "kind": "laptop"}, **where)
    bench.append("machine.probed", {"facts": without_floats(facts)}, **where)
    disks = facts.get("disks")
    for disk in disks if isinstance(disks, list) else ():
        if not isinstance(disk, dict) or not isinstance(disk.get("model"), str):
            continue
        named = {name: disk.get(name) for name in ("model", "serial", "size_bytes", "wwn")}
        done = {"job": "j", "disk": named, "technique": "overwrite", "claim": "clear"}
        bench.append("erase.done", done | PROOF, **where)
    bench.append("test.done", {"test": "webcam", "outcome": "failed"}, **where)
    bench.append("grade.given", {"grade": "B", "functional": "F2", "cosmetic": "C3"}, **where)
    bench.append("label.printed", {"asset": asset, "target": "pdf"}, **where)
    bench.append("visit.done", {}, **where)
    return device


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    made = forge.store_of(tmp_path, "bench")
    for number, name in enumerate(RECORDED):
        record(made, json.loads((MACHINES / name / "expected.json").read_bytes()), f"A{number}")
    return made


def test_there_are_recorded_machines() -> None:
    assert len(RECORDED) >= 3


def test_glpi_validates_for_every_recorded_machine(
    bench: log.Log, corpus: Path, tmp_path: Path
) -> None:
    schema = json.loads((corpus / "schemas" / "glpi-inventory.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert write(bench, "glpi", tmp_path / "glpi", place="Atelier de Lille") == len(RECORDED)
    for path in sorted((tmp_path / "glpi").iterdir()):
        made = json.loads(path.read_text())
        validator.validate(made)
        assert made["tag"] == "Atelier de Lille" and made["itemtype"] == "Computer"
        assert made["content"]["bios"]["assettag"].startswith("A")
        assert made["content"]["storages"] and made["content"]["cpus"]


@pytest.mark.long
def test_hostile_facts_still_give_a_valid_document(
    bench: log.Log, corpus: Path, tmp_path: Path
) -> None:
    schema = json.loads((corpus / "schemas" / "glpi-inventory.schema.json").read_text())
    wrong: list[Any] = [None, 7, "x", [], {}, [None], [3], {"a": 1}, -1, True, "\0\x1b[31m"]
    for value in wrong:
        names = ("identity", "cpu", "memory", "disks", "displays", "network", "batteries")
        facts = {name: value for name in names} | {"devices": [{"kind": value, "model": value}]}
        record(bench, facts, "../../etc/passwd")
        inner = {name: {"model": value, "size_bytes": value, "cores": value} for name in names}
        record(bench, inner | {"disks": [{"kind": value, "size_bytes": value}]}, "x/..\\")
        parts = [{"name": value, "mac": value, "speed_mbit": value, "kind": value}]
        record(bench, {"network": parts, "displays": parts, "batteries": parts}, "=1+1")
    write(bench, "glpi", tmp_path / "glpi")
    for path in (tmp_path / "glpi").iterdir():
        jsonschema.validate(json.loads(path.read_text()), schema)
    for format in ("bolc", "snipeit", "epcis", "csv"):
        assert write(bench, format, tmp_path / format) > 0
    assert write(bench, "xlsx", tmp_path / "x.xlsx") > 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "bench", "glpi", "bolc", "snipeit", "epcis", "csv", "x.xlsx"
    }  # fmt: skip


def test_the_audit_sheet_has_its_columns_and_never_a_no(bench: log.Log, tmp_path: Path) -> None:
    write(bench, "bolc", tmp_path / "bolc.csv")
    with (tmp_path / "bolc.csv").open(encoding="utf-8-sig", newline="") as file:
        titles, *rows = list(csv.reader(file, delimiter=";"))
    assert titles == bolc.TITLES and len(titles) == 18
    assert len(rows) == len(RECORDED)
    for row in rows:
        shown = dict(zip(titles, row, strict=True))
        assert shown["Numéro Lot"] == "L1" and shown["Type"] == "PC portable"
        assert shown["Grade esth."] == "C3" and shown["Catégorie"] == "B"
        assert shown["Disque 1 taille"].endswith(" Go")
        assert "webcam" in shown["Remarques"] and "clear" in shown["Remarques"]
        assert "non" not in row


def test_what_was_not_read_is_an_empty_cell() -> None:
    row = {name: "" for name in ("lot", "asset", "kind", "maker", "model", "serial", "blocked")}
    row |= {"cosmetic": "", "grade": ""}
    assert bolc.row(Item(row, {}, (), {}, True)) == [""] * 18


def test_snipe_it_gets_a_tag_for_every_line(bench: log.Log, tmp_path: Path) -> None:
    bench.append("machine.arrived", {"kind": "laptop"}, device=bench.new_device())
    assert write(bench, "snipeit", tmp_path / "s.csv", place="Lille") == len(RECORDED)
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == snipeit.TITLES
    assert all(row["Asset Tag"] and row["Model name"] for row in rows)
    assert {row["Status"] for row in rows} == {"Ready to Deploy"}


def test_epcis_events_have_what_the_standard_requires(bench: log.Log, tmp_path: Path) -> None:
    first = next(one for one in bench.store.events("type = 'machine.arrived'"))
    data = {"of": first.hash.hex(), "field": "asset", "value": "B1", "reason": "lu"}
    bench.append("correction", data, device=first.event.device)
    write(bench, "epcis", tmp_path / "e.json", lot="L1")
    made = json.loads((tmp_path / "e.json").read_text())
    assert made["type"] == "EPCISDocument" and made["schemaVersion"] == "2.0"
    events = made["epcisBody"]["eventList"]
    assert {"receiving", "inspecting", "storing", "commissioning"} <= {e["bizStep"] for e in events}
    for one in events:
        required = {"type", "eventID", "eventTime", "eventTimeZoneOffset", "action", "epcList"}
        assert required <= set(one) and one["type"] == "ObjectEvent"
    (corrected,) = [one for one in events if "errorDeclaration" in one]
    assert corrected["eventID"] == f"urn:uuid:{first.event.id}"


def test_a_credential_proves_and_any_change_breaks_it(bench: log.Log, tmp_path: Path) -> None:
    assert write(bench, "credential", tmp_path / "vc") == len(RECORDED)
    made = json.loads(next(iter(sorted((tmp_path / "vc").iterdir()))).read_text())
    assert credential.verify(made)
    assert made["issuer"] == credential.did(bench.key.public)
    assert made["credentialSubject"]["disks"][0]["result"] == "clear"
    for path, value in (
        (("credentialSubject", "serial"), "other"),
        (("credentialSubject", "disks"), []),
        (("proof", "created"), "2020-01-01T00:00:00.000Z"),
        (("proof", "verificationMethod"), "did:key:z6Mk#x"),
        (("proof", "proofValue"), "z111"),
        (("proof", "proofValue"), ""),
        (("proof",), "x"),
        (("issuer",), 7),
        (("issuer",), credential.did(b"\1" * 32)),
    ):
        changed = json.loads(json.dumps(made))
        node = changed
        for name in path[:-1]:
            node = node[name]
        node[path[-1]] = value
        assert not credential.verify(changed)
    assert not credential.verify({})


def test_no_credential_without_a_proof(bench: log.Log) -> None:
    device = bench.new_device()
    disk = {"model": "m", "serial": "s", "size_bytes": 1}
    bench.append("machine.probed", {"facts": {"disks": [disk]}}, device=device)
    done = {"job": "j", "disk": disk, "technique": "x", "claim": "purge"}
    bench.append("erase.done", done, device=device)
    (item,) = items(bench.store, device=device)
    with pytest.raises(RecordsError, match="nothing_proven"):
        credential.issue(item, bench.key, at="")


def test_base58_keeps_every_byte() -> None:
    # Test vectors of draft-msporny-base58-03, section 5.
    assert credential.base58(b"Hello World!") == "2NEpo7TZRRrLZSi2U"
    assert credential.base58(bytes.fromhex("0000287fb4cd")) == "11233QC4"
    for raw in (b"", b"\0", b"\0\0\1", bytes(range(40))):
        assert credential.from_base58(credential.base58(raw)) == raw


def test_a_workbook_holds_text_and_no_formula(tmp_path: Path) -> None:
    rows = [["=1+1", 7, None, "http://x", "\x01é", "12"]]
    sheets.write_xlsx(tmp_path / "x.xlsx", {"Liste": (list("abcdef"), rows)})
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in book.namelist() if "hyperlink" in name.lower()]
    assert "<f>" not in sheet and "=1+1" in sheet and "<v>7</v>" in sheet


def test_wrong_names_are_refused(bench: log.Log, tmp_path: Path) -> None:
    for format, more in (("doc", {}), ("csv", {"table": "event"}), ("csv", {"table": "x; DROP"})):
        with pytest.raises(RecordsError, match="format_unknown"):
            write(bench, format, tmp_path / "x", **more)
    with pytest.raises(RecordsError, match="lot_unknown"):
        write(bench, "bolc", tmp_path / "x", lot="none")
    with pytest.raises(RecordsError, match="bag_unwritable"):
        write(bench, "bolc", tmp_path / "no" / "x.csv")


@pytest.mark.parametrize("format", ["bolc", "snipeit", "csv"])
def test_a_real_spreadsheet_opens_it(bench: log.Log, tmp_path: Path, format: str) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not on this machine")
    out = tmp_path / f"{format}.csv"
    write(bench, format, out)
    write(bench, "xlsx", tmp_path / "machines.xlsx")
    for path in (out, tmp_path / "machines.xlsx"):
        subprocess.run(
            [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
             "--convert-to", "ods", "--outdir", str(tmp_path / "ods"), str(path)],
            check=True, timeout=180, capture_output=True,
        )  # fmt: skip
        assert (tmp_path / "ods" / f"{path.stem}.ods").stat().st_size > 2000
