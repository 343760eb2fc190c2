"""The supervisor's day by keyboard, on a real log: settle, join, close, export."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

import pytest

from bench.commands.push import told
from bench.exchange import push
from bench.guide.shown import PrintAnswer
from bench.records import log
from bench.records.day import review
from bench.setup.settings import Settings
from bench.workbench.day_list import keep_day_list
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.glyphs import SAFE
from tests.screens.test_look import assert_all_told
from tests.unit.exchange.parties import partner
from tests.unit.exchange.serving import serving

DISK = {"model": "WDC", "serial": "D1", "size_bytes": 500}


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def arrive(records: log.Log, asset: str, serial: str, *, blocked: str = "") -> str:
    device = records.new_device()
    records.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
    facts = {"identity": {"serial": serial}, "disks": [DISK]}
    records.append("machine.probed", {"facts": facts}, device=device)
    if blocked:
        records.append("machine.blocked", {"reason": blocked}, device=device)
    return device


def today(records: log.Log) -> str:
    return records.clock.now().date().isoformat()


async def write(b: Bench, text: str) -> None:
    await b.press(*("space" if one == " " else one for one in text), "enter")


async def enter(b: Bench, code: str = "481516") -> None:
    await b.at("HelloPage")
    await b.press("f9", "2")
    await b.at("PinPage")
    await write(b, "ENC")
    await write(b, code)


async def open_row(b: Bench, text: str) -> None:
    """Go down the list to the line with this text and open it."""
    while b.page.at > 0:
        await b.press("up")
    for _ in range(40):
        line = next((row for row in b.rows() if row.strip().startswith("→")), "")
        if text in line:
            break
        await b.press("down")
    assert text in line, b.text()
    await b.press("enter")
    await b.at("FindingPage")


@pytest.mark.long  # the whole day; what it is made of is tried one by one below
async def test_a_day_is_reviewed_corrected_joined_closed_and_exported(
    records: log.Log, tmp_path: Path
) -> None:
    for index in range(3):
        arrive(records, f"A{index}", f"S{index}", blocked="erasure_failed")
    arrive(records, "B1", "SAME")
    arrive(records, "B2", "SAME")
    desk = ReviewDesk(records, tmp_path / "out")
    async with bench(supervision=desk) as b:
        await enter(b)
        await write(b, "481516")  # no code yet: chosen, twice
        await b.at("DayPage")
        assert "Revue du" in b.text() and "Poste 1" in b.text()
        await b.press("1")
        await b.at("FindingsPage")
        assert not {one for one in b.text() if one not in SAFE and one != "\n"}

        await open_row(b, "bloquée : A1")
        await b.press("3")  # correct the record
        await b.at("AskOnePage")
        await b.press("down", "down", "down", "enter")
        await write(b, "ThinkPad T480")
        await write(b, "lu dessous")
        await b.at("FindingsPage")
        assert "C'est noté." in b.text()
        ((model,),) = records.store.query("SELECT model FROM machine WHERE asset = 'A1'")
        assert model == "ThinkPad T480"

        await open_row(b, "Doublon : SAME")
        await b.press("2")
        await write(b, "un seul PC")
        await b.at("FindingsPage")
        assert not review.duplicates(records.store, today(records))

        await open_row(b, "bloquée : A0")
        await b.press("2")
        await write(b, "disque sorti")
        await b.at("FindingsPage")
        assert review.review(records, today(records)).blocked.count == 2

        await b.press("escape", "2")
        await b.at("ClosePage")
        assert "A1 est bloquée (effacement raté)." in b.text()
        assert "Clore quand même" in b.text()
        await b.press("1")  # not yet
        assert not any(one.closed for one in review.review(records, today(records)).benches)
        await b.press("2")
        await b.at("ClosePage")
        await b.press("3")
        await b.at("DayPage")
        assert "est clôturée" in b.text()
        assert all(one.closed for one in review.review(records, today(records)).benches)
        await b.press("3")
        (made,) = (tmp_path / "out").iterdir()
        assert zipfile.is_zipfile(made)
        operators = {one.event.operator for one in records.store.events("1") if one.event.operator}
        assert operators == {"ENC"}


@pytest.mark.long
async def test_the_list_of_the_day_is_made_from_the_screen(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "A1", "S1")
    keep = partial(
        keep_day_list, records, Settings(workshop="Atelier des Weppes"), tmp_path / "papers"
    )
    desk = ReviewDesk(records, tmp_path / "out", keep_list=keep, send=lambda: "")
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        await b.press("6")
        assert "La liste du jour est dans" in b.text() and "Quitter la revue" in b.text()
    (paper,) = (tmp_path / "papers").iterdir()
    assert paper.name == f"journee-{today(records)}.pdf"
    assert paper.read_bytes().startswith(b"%PDF")


@pytest.mark.long
async def test_a_closed_day_is_opened_again_by_a_typed_reason(
    records: log.Log, tmp_path: Path
) -> None:
    desk = ReviewDesk(records, tmp_path / "out")
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        await b.press("2")
        await b.at("ClosePage")
        assert "Aucun point n'est ouvert." in b.text()
        await b.press("2")
        await b.at("DayPage")
        assert "Clôturée à" in b.text() and "par ENC." in b.text()
        assert "Clôturer la journée" not in b.text()
        await b.press("2")
        await b.at("ReopenPage")
        await b.press("enter")  # no reason
        await b.at("DayPage")
        assert desk.day().closed_here
        await b.press("2")
        await write(b, "un PC est revenu")
        await b.at("DayPage")
        assert "Rouverte à" in b.text() and "par ENC : un PC est revenu" in b.text()
        assert not desk.day().closed_here
        await b.press("2")
        await b.at("ClosePage")


@pytest.mark.long
@pytest.mark.parametrize("claim", ["clear", "interrupted"])
async def test_an_erasure_without_proof_or_end_keeps_the_day_open(
    records: log.Log, tmp_path: Path, claim: str
) -> None:
    device = arrive(records, "A1", "S1")
    done = {"job": "j", "disk": DISK, "technique": "overwrite", "claim": claim}
    done["journal_hash"] = "ab" * 32
    records.append("erase.done", done, device=device)
    desk = ReviewDesk(records, tmp_path / "out")
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        assert "un effacement est à régler" in b.text()
        await b.press("2")
        assert "est clôturée" not in b.text()
        assert not any(one.closed for one in review.review(records, today(records)).benches)


@pytest.mark.long
async def test_a_wrong_code_opens_nothing(records: log.Log, tmp_path: Path) -> None:
    desk = ReviewDesk(records, tmp_path / "out")
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b, "4813")
        assert b.name == "PinPage"
        assert not desk.close_day(today(records)).ok and not desk.export().ok
        await write(b, "à_&é")  # 0812 without Shift: wrong too, and read as digits
        assert b.name == "PinPage"


@pytest.mark.long
async def test_a_weak_code_is_refused_before_it_is_typed_again(
    records: log.Log, tmp_path: Path
) -> None:
    desk = ReviewDesk(records, tmp_path / "out")
    async with bench(supervision=desk) as b:
        await enter(b, "111111")
        assert b.name == "PinPage" and "trop simple" in b.text() and not desk.pin_is_set()
        await write(b, "481516")
        assert "encore" in b.text()
        await write(b, "481516")
        await b.at("DayPage")


async def test_workers_without_a_supervisor_see_no_such_choice() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        await b.press("f9")
        assert "Je suis l'encadrant" not in b.text()


@pytest.mark.long
async def test_what_was_recorded_is_sent_to_the_workshops_server(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "RC26-004217-7", "S1")
    office = partner(tmp_path, "office", records)
    with serving(tmp_path / "office") as (_, url):
        heard = [url]
        desk = ReviewDesk(
            records,
            tmp_path / "out",
            send=lambda: " ".join(told(push.push(records, push.choose(records, heard)))),
        )
        desk.choose_pin("481516")
        assert not desk.send().ok  # nobody has entered
        async with bench(supervision=desk) as b:
            await enter(b)
            await b.at("DayPage")
            await b.press("4")
            await b.until(lambda: "fiches envoyées" in b.text())
            await b.press("4")
            await b.until(lambda: "Le serveur a déjà tout." in b.text())
            heard.clear()
            await b.press("4")
            await b.until(lambda: "ucun serveur d'atelier" in b.text())
    assert office.store.query("SELECT asset FROM machine") == [("RC26-004217-7",)]


@pytest.mark.long
async def test_a_lock_is_answered_and_a_label_printed_from_the_review(
    records: log.Log, tmp_path: Path
) -> None:
    """All that can be asked of one machine fits on a page, and Enter alone opens no lock."""
    device = records.new_device()
    here = {"asset": "RC26-004217-H", "kind": "laptop"}
    records.append("machine.arrived", here, device=device, lot="L1")
    asked = ("mdm_attestation", "absolute_hint", "bios_password_unread", "apple_activation")
    for lock in asked:
        records.append("test.done", {"test": lock, "outcome": "not_tested"}, device=device)
    records.append("grade.given", {"grade": "D"}, device=device)
    printed: list[str] = []

    def print_label(what: str, operator: str) -> PrintAnswer:
        printed.append(operator)
        return PrintAnswer(True, "L'étiquette est imprimée.")

    desk = ReviewDesk(records, tmp_path / "out", print_label=print_label)
    assert desk.choose_pin("481516").ok
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        await b.press("1")
        await b.at("FindingsPage")
        await open_row(b, "Verrou à vérifier")
        assert_all_told(b)
        assert len(b.page.view().choices) == 7
        for number in ("2", "3", "4", "5"):
            await b.press(number)
            await b.at("AskOnePage")
            assert_all_told(b)
            await b.press("enter")  # "Non, pas encore" is in focus
            await b.at("FindingsPage")
            await open_row(b, "Verrou")
        found = records.dossier(device)
        assert set(found.locks_on) == set(asked) and not found.locks_open
        assert "Verrou fermé" in b.text()
        await b.press("escape")
        await open_row(b, "Machine sans étiquette")
        assert_all_told(b)
        await b.press("2")
        await b.at("FindingsPage")
        assert printed == ["ENC"] and "L'étiquette est imprimée." in b.text()


@pytest.mark.long
async def test_the_figures_of_days_weeks_and_months_keep_their_numbers(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "A1", "S1")
    desk = ReviewDesk(records, tmp_path / "out")
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        await b.press("5")
        await b.at("SumsPage")
        for number, span in (("2", "par semaine"), ("3", "par mois"), ("1", "par jour")):
            await b.press(number)
            await b.until(lambda span=span: span in b.text() and "Ensemble" in b.text(), span)  # type: ignore[misc]
            assert not {one for one in b.text() if one not in SAFE and one != "\n"}
            assert "4  Revenir à la journée" in b.text() and "disques effacés" in b.text()
        await b.press("4")
        await b.at("DayPage")
