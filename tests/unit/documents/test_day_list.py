"""The list of a day on paper, read back from its PDF."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.demo.workbench import DemoWorkbench
from bench.documents.day_list import DayList, DayMachine, day_list_pdf
from bench.errors.failure import Failure
from bench.opening.context import Context
from bench.records import log
from bench.records.day import actions
from bench.records.day.review import Review, review
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings
from bench.workbench.day_list import day_list, keep_day_list
from bench.workbench.points import Points
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.unit.documents.paper_reader import texts

DAY = "2026-01-05"
DISK = {"model": "WDC", "serial": "D1", "size_bytes": 500}
PROOF = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "journal_hash": "ab" * 32}
SETTINGS = Settings(workshop="Atelier des Weppes")


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def arrive(records: log.Log, asset: str, claim: str, **proof: object) -> str:
    device = records.new_device()
    records.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
    identity = {"maker": "LENOVO", "model": "ThinkPad T480", "serial": f"S{asset}"}
    facts = {"identity": identity, "disks": [DISK]}
    records.append("machine.probed", {"facts": facts}, device=device)
    done = {"job": asset, "disk": DISK, "technique": "overwrite", "claim": claim}
    records.append("erase.done", done | proof, device=device)
    return device


def made(records: log.Log, settings: Settings = SETTINGS) -> DayList:
    found: Review = review(records, DAY)
    findings = Points(records).findings(found)
    return day_list(records, found, findings, settings)


def text_of(content: DayList) -> str:
    return " ".join(texts(day_list_pdf(content)))


def test_it_says_what_became_of_each_machine_and_what_is_open(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "A1", "clear", **PROOF)
    gone = arrive(records, "A2", "clear", **PROOF)
    records.append("machine.destined", {"destination": "parts"}, device=gone)
    arrive(records, "A3", "purge")  # claimed, and nothing proves it
    content = made(records)
    by_asset = {machine.asset: machine for machine in content.machines}
    assert by_asset["A1"].disks == "1 sur 1" and by_asset["A3"].disks == "0 sur 1"
    assert (by_asset["A2"].state, by_asset["A2"].where) == ("partie", "pièces")
    shown = text_of(content)
    assert "Journée pas encore clôturée" in shown and "n'atteste rien" in shown
    assert "Cette journée n'a pas été clôturée." in shown and "DÉMONSTRATION" not in shown
    assert "A3 : un effacement est sans preuve" in shown
    assert f"Points ouverts : {content.open_count}" in shown
    assert day_list_pdf(content) == day_list_pdf(content)


def test_it_says_who_closed_and_who_opened_again(records: log.Log, tmp_path: Path) -> None:
    arrive(records, "A1", "clear", **PROOF)
    actions.close_day(records, DAY, operator="ENC")
    assert "Journée clôturée" in text_of(made(records))
    actions.reopen_day(records, DAY, reason="un PC est revenu", operator="CHEF")
    shown = text_of(made(records))
    assert "Journée pas encore clôturée" in shown
    assert "par ENC, points ouverts" in shown and "par CHEF : un PC est revenu" in shown


def test_a_demonstration_is_marked_on_the_paper_and_on_its_lines(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "A1", "clear", **PROOF)
    arrive(records, "DEMOC26-010001-Z", "clear", **PROOF)
    some = text_of(made(records))
    assert "Machines de démonstration dans cette liste : 1." in some
    assert some.count("DÉMO,") == 1  # on its line, not on the other
    records.store.set_meta(log.DEMO, 1)
    whole = text_of(made(records))
    assert "Rien ici n'est une vraie machine." in whole


def test_the_guided_demonstration_marks_its_whole_record(tmp_path: Path) -> None:
    bench = DemoWorkbench(Context(DataFolder(tmp_path, "option")))
    try:
        found = review(bench.log, bench.log.clock.now().date().isoformat())
        assert "DÉMONSTRATION" in text_of(day_list(bench.log, found, (), SETTINGS))
        assert bench.log.verify().ok
    finally:
        bench.close()


@pytest.mark.long
def test_hostile_words_and_a_thousand_machines_go_over_pages() -> None:
    hostile = "\x1b[2J\u202e漢" * 200
    machine = DayMachine(hostile, hostile, "S" * 500, "finie", "A", "1 sur 1", hostile)
    content = DayList(
        DAY, hostile, "etabli", (hostile,), (machine,) * 5, (hostile,), 9, (), closed=False
    )
    assert texts(day_list_pdf(content))
    plain = msgspec.structs.replace(
        content,
        machines=tuple(
            msgspec.structs.replace(
                machine, asset=f"A{number:04}", machine="T480", serial="S", where="en stock"
            )
            for number in range(1000)
        ),
    )
    pages = texts(day_list_pdf(plain))
    shown = " ".join(pages)
    assert len(pages) > 5 and all(f"A{number:04}" in shown for number in range(1000))


def test_a_folder_that_cannot_be_written_is_one_sentence(records: log.Log, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk = ReviewDesk(
        records,
        tmp_path / "out",
        keep_list=lambda found, findings: keep_day_list(
            records, SETTINGS, tmp_path / "file" / "papers", found, findings
        ),
    )
    assert desk.choose_pin("481516").ok and not desk.make_list(DAY).ok  # nobody has entered
    assert desk.enter("ENC", "481516").ok
    told = desk.make_list(DAY)
    assert not told.ok and str(tmp_path / "file") in told.text
    with pytest.raises(Failure):
        keep_day_list(records, SETTINGS, tmp_path / "file" / "papers", review(records, DAY), ())
