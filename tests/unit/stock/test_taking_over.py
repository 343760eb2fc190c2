"""Another tool's list in the record: said by that tool, never doubled, twice is once."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.casefile import writing
from bench.casefile.numbers import next_asset
from bench.casefile.story import story_of
from bench.exchange.formats.write import write
from bench.exchange.lists.read import read
from bench.exchange.lists.told import StockList
from bench.network import stock
from bench.network.stock import Wanted
from bench.records.day.review import review
from bench.records.log import Log
from bench.records.signed import keys
from bench.setup.settings import Settings
from bench.stock.taking_over import Outcome, plan, take
from labels import identifier
from tests import forge

LISTS = Path(__file__).parents[2] / "lists"
SETTINGS = Settings(prefix="AV")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return forge.store_of(tmp_path, "bench")


def of(name: str) -> StockList:
    return read((LISTS / name).read_bytes())


def sheet(*lines: str, head: str = "Asset Tag,Serial,Model,Manufacturer") -> StockList:
    return read("\n".join((head, *lines)).encode())


def taken(log: Log, *lists: StockList) -> Counter[str]:
    return Counter(str(line.outcome) for line in take(log, plan(log, lists), SETTINGS))


def rows(log: Log, columns: str = "serial, state, told, tag") -> list[tuple[Any, ...]]:
    return list(log.store.query(f"SELECT {columns} FROM machine ORDER BY serial, asset"))


def test_it_is_what_another_tool_said_and_nothing_more(log: Log) -> None:
    before = sum(1 for _ in log.events())
    assert taken(log, of("snipeit_report.csv")) == {"taken": 3, "refused": 2}
    added = list(log.events())[before:]
    assert {event.type for event in added} <= {"machine.told", "number.block"}
    assert rows(log) == [
        ("", "told", "snipeit", "SNP-0105"),
        ("CZCTEST02", "told", "snipeit", "SNP-0102"),
        ("PF1TEST1", "told", "snipeit", "SNP-0101"),
    ]
    ((device, asset, grade, disks, arrived),) = log.store.query(
        "SELECT device, asset, grade, disks, arrived_day FROM machine WHERE serial = 'PF1TEST1'"
    )
    assert asset.startswith("AVC26-") and (grade, disks, arrived) == ("", 0, "")
    dossier = log.dossier(device)
    assert not dossier.data_removed and not dossier.tests and dossier.facts is None
    (line,) = story_of(log, device)
    assert "D'après Snipe-IT" in line.text and "SNP-0101" in line.text
    assert stock.by_state(log)["told"] == 3 and stock.by_state(log)["free"] == 0
    assert stock.count(log, Wanted(state="told")) == 3
    found = review(log, log.clock.now().date().isoformat())
    assert found.unlabelled.count == found.ungraded.count == 0
    assert sum(bench.arrived for bench in found.benches) == 0


def test_taken_twice_changes_nothing(log: Log) -> None:
    lists = [of(name) for name in ("snipeit_report.csv", "glpi_fr.csv", "bolc.csv", "sheet.tsv")]
    first = taken(log, *lists)
    count, stored = sum(1 for _ in log.events()), rows(log, "*")
    again = taken(log, *lists)
    assert again["same"] == first["taken"] == 8 and again["taken"] == again["updated"] == 0
    assert (sum(1 for _ in log.events()), rows(log, "*")) == (count, stored)


def test_a_plan_writes_nothing(log: Log) -> None:
    before = sum(1 for _ in log.events())
    assert plan(log, [of("bolc.csv")])
    assert sum(1 for _ in log.events()) == before and not rows(log)


def test_a_machine_the_bench_knows_is_told_and_not_doubled(log: Log) -> None:
    device = writing.arrive(log, "AVC26-000001-X", "laptop")
    facts = {"identity": {"maker": "Lenovo", "model": "20L5", "serial": "PF1TEST1"}}
    log.append("machine.probed", {"facts": facts}, device=device)
    (line, *_) = plan(log, [of("snipeit_report.csv")])
    assert (line.outcome, line.device, line.asset) == (Outcome.KNOWN, device, "AVC26-000001-X")
    taken(log, of("snipeit_report.csv"))
    assert len(rows(log)) == 3
    ((maker, model, told),) = log.store.query(
        "SELECT maker, model, told FROM machine WHERE device = ?", (device,)
    )
    assert (maker, model, told) == ("Lenovo", "20L5", "")


def test_what_the_list_says_now_is_said_anew(log: Log) -> None:
    taken(log, sheet("T1,SER0001X,T480,Lenovo"))
    ((device,),) = rows(log, "device")
    assert taken(log, sheet("T1,SER0001X,T480s,Lenovo")) == {"updated": 1}
    assert rows(log, "device, model") == [(device, "T480s")]


def test_of_two_tools_each_has_its_word_and_both_are_one_machine(log: Log) -> None:
    glpi = sheet("T9,SER0001X,T480,Lenovo", head="Inventory number,Serial,Model,Manufacturer")
    snipeit = sheet("T1,SER0001X,T480,Lenovo")
    assert taken(log, snipeit, glpi) == {"taken": 1, "doubtful": 1}  # twice in one go
    assert taken(log, glpi) == {"updated": 1}
    assert taken(log, snipeit) == taken(log, glpi) == {"same": 1}
    assert rows(log) == [("SER0001X", "told", "glpi", "T9")]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("T1,SER0001X,A,B", "T1,SER0002X,A,B"), "twice"),
        (("T1,SER0001X,A,B", "T2,ser0001x,A,B"), "twice"),
        (("T5,SER0009X,A,B",), "other_serial"),
        (("T5,SER0006X,A,B",), "several"),
    ],
)
def test_what_cannot_be_told_apart_is_not_taken(
    log: Log, lines: tuple[str, ...], reason: str
) -> None:
    taken(log, sheet("T5,SER0005X,A,B", "T6,SER0006X,A,B"))
    *_, last = plan(log, [sheet(*lines)])
    assert (last.outcome, last.reason) == (Outcome.DOUBTFUL, reason)
    count = len(rows(log))
    assert taken(log, sheet(*lines))["doubtful"] == 1
    assert len(rows(log)) == count + len(lines) - 1


def test_it_arrives_when_somebody_brings_it(log: Log) -> None:
    taken(log, sheet("T1,SER0001X,T480,Lenovo"))
    ((device, asset),) = rows(log, "device, asset")
    assert writing.arrive(log, asset, "laptop") == device
    assert writing.arrive(log, asset, "laptop") == device  # once
    assert rows(log, "state, told, arrived_day <> ''") == [("arrived", "snipeit", 1)]
    facts = {"identity": {"maker": "LENOVO", "model": "20L5", "serial": "SER0001X"}}
    log.append("machine.probed", {"facts": facts}, device=device)
    assert rows(log, "state, maker, model") == [("probed", "LENOVO", "20L5")]  # ours comes first
    assert taken(log, sheet("T1,SER0001X,T480,Lenovo")) == {"known": 1}


def test_a_label_of_ours_on_the_list_is_kept_and_given_to_no_other(log: Log) -> None:
    own = str(identifier.make("AV", "C", 26, 1))
    lines = ("T1,SER0001X,A,B", f"{own},SER0002X,A,B", "T3,SER0003X,A,B")
    assert taken(log, sheet(*lines)) == {"taken": 3}
    found = dict(rows(log, "serial, asset"))
    assert found["SER0002X"] == own and len(set(found.values())) == 3
    assert next_asset(log, SETTINGS) not in found.values()


def test_another_workshops_machine_is_not_taken(log: Log, tmp_path: Path) -> None:
    other = forge.Bench("elsewhere", keys.Key(b"\x09" * 32))
    device = other.device()
    facts = {"identity": {"serial": "SER0001X"}}
    forge.fill(log.store, iter([
        *other.opened(), other.make("machine.arrived", {"asset": "X"}, device=device),
        other.make("machine.probed", {"facts": facts}, device=device),
    ]))  # fmt: skip
    (line,) = plan(log, [sheet("T1,SER0001X,T480,Lenovo")])
    assert (line.outcome, line.reason) == (Outcome.DOUBTFUL, "elsewhere")


def machines(log: Log) -> dict[str, str]:
    facts = [
        ("laptop", "Lenovo", "ThinkPad T480", "PF1TEST1"),
        ("desktop", "HP", "EliteDesk 800 G3", "-5CDTEST2"),
        ("laptop", "=cmd|' /C calc'!A0", "+Model, with; separators", "@SERIAL03"),
        ("server", "Dell \"Inc.\"", "Power\tEdge", "STEST0004"),
        ("tablet", "Samsung", "Galaxy é", ""),
    ]  # fmt: skip
    found = {}
    for number, (kind, maker, model, serial) in enumerate(facts, 1):
        device, asset = log.new_device(), f"AVC26-{number:06}"
        log.append("machine.arrived", {"asset": asset, "kind": kind}, device=device)
        identity = {"maker": maker, "model": model, "serial": serial, "chassis": "Notebook"}
        log.append("machine.probed", {"facts": {"identity": identity}}, device=device)
        found[asset] = device
    return found


def test_what_goes_to_snipe_it_comes_back_as_it_was(log: Log, tmp_path: Path) -> None:
    known = machines(log)
    assert write(log, "snipeit", tmp_path / "s.csv", place="Lille") == len(known)
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    back = read((tmp_path / "s.csv").read_bytes())
    assert back.source == "snipeit" and not back.refused
    own = log.store.query("SELECT asset, kind, maker, model, serial FROM machine ORDER BY asset")
    assert [
        (each.tag, each.kind, each.maker, each.model, each.serial) for each in back.machines
    ] == [(*row[:3], " ".join(row[3].split()), row[4]) for row in own]
    # Our own bench knows them all; a bench that does not takes each once.
    assert {line.outcome for line in plan(log, [back])} == {Outcome.KNOWN}
    elsewhere = forge.store_of(tmp_path, "elsewhere")
    assert taken(elsewhere, back) == {"taken": len(known)}
    assert taken(elsewhere, back) == {"same": len(known)}


def test_what_was_taken_over_and_sent_out_again_is_no_news(log: Log, tmp_path: Path) -> None:
    lists = [of("snipeit_report.csv"), of("glpi_fr.csv")]
    taken(log, *lists)
    stored = rows(log, "*")
    write(log, "snipeit", tmp_path / "s.csv", place="Lille")
    assert taken(log, read((tmp_path / "s.csv").read_bytes())) == {"known": 5}
    assert taken(log, *lists)["same"] == 5 and rows(log, "*") == stored


def test_what_goes_to_glpi_comes_back_as_it_was(log: Log, tmp_path: Path) -> None:
    known = machines(log)
    write(log, "glpi", tmp_path / "glpi", place="Lille")
    lists = [read(path.read_bytes()) for path in sorted((tmp_path / "glpi").iterdir())]
    back = {each.machines[0].tag: each.machines[0] for each in lists}
    for asset, device in known.items():
        ((maker, model, serial),) = log.store.query(
            "SELECT maker, model, serial FROM machine WHERE device = ?", (device,)
        )
        found = back[asset]
        assert (found.maker, found.serial) == (maker, serial)
        assert found.model == " ".join(model.split())
    assert {line.outcome for line in plan(log, lists)} == {Outcome.KNOWN}


def etabli(data: Path, *words: str) -> int:
    try:
        return main(["--data", str(data), *words])
    except SystemExit as stopped:  # wrong use that the arguments themselves show
        return int(stopped.code or 0)


def test_the_command_plans_takes_and_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, name = tmp_path / "data", str(LISTS / "snipeit_report.csv")
    assert etabli(data, "import", "--stock", name, "--preview") == 1
    said = capsys.readouterr().out
    assert "Colonnes non lues" in said and "Ligne 4" in said and "n'est plus là" in said
    assert "Ligne 2, SNP-0101 : à reprendre" in said and "à reprendre : 3" in said
    assert etabli(data, "find", "SNP-0101") == 1  # nothing was written
    capsys.readouterr()
    assert etabli(data, "import", "--stock", name, "--json") == 1
    lines = json.loads(capsys.readouterr().out)
    assert [line["outcome"] for line in lines] == ["taken", "taken", "refused", "refused", "taken"]
    assert lines[0]["asset"].startswith("RC")
    assert etabli(data, "find", "SNP-0101") == 0
    said = capsys.readouterr().out
    assert "pas encore vue" in said and "Snipe-IT" in said
    assert etabli(data, "import", "--stock", str(LISTS / "bolc.csv"), name) == 1
    assert "déjà reprises : 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("import",), 2, "B.zip"),
        (("import", "--stock", "none.csv"), 2, "n'existe pas"),
        (("import", "x.zip", "--stock", "LISTE"), 2, "B.zip"),
        (("import", "--stock", "LISTE", "--trust", "x"), 2, "--trust"),
        (("import", "--stock", "LISTE", "BOOK"), 1, "enregistrez la feuille en CSV"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 99)
    named = {"LISTE": str(LISTS / "bolc.csv"), "BOOK": str(tmp_path / "book.xlsx")}
    assert etabli(tmp_path / "data", *(named.get(word, word) for word in words)) == code
    assert said in capsys.readouterr().err
    assert etabli(tmp_path / "data", "find") == 1
