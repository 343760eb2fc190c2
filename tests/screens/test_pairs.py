"""Two records of one machine: looked at side by side, joined, found joined, and parted again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.casefile.beside import beside
from bench.casefile.joins import joins_of
from bench.casefile.search import read_machines
from bench.casefile.writing import device_of
from bench.guide.supervision import FindingKey
from bench.records import log
from bench.records.day import actions
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.screens.driver import bench
from tests.screens.glyphs import SAFE
from tests.screens.test_day import DISK, arrive, enter, open_row, write


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def opened(records: log.Log, tmp_path: Path) -> ReviewDesk:
    desk = ReviewDesk(records, tmp_path / "out")
    desk.choose_pin("481516")
    return desk


@pytest.mark.long
async def test_two_are_compared_joined_found_and_parted_by_keyboard(
    records: log.Log, tmp_path: Path
) -> None:
    first, second = arrive(records, "B1", "PF2SAME"), arrive(records, "B2", "PF2SAME")
    facts = {"identity": {"serial": "PF2SAME"}, "disks": [DISK | {"serial": "D2"}]}
    records.append("machine.probed", {"facts": facts}, device=second)
    async with bench(supervision=opened(records, tmp_path)) as b:
        await enter(b)
        await b.at("DayPage")
        await b.press("1")
        await b.at("FindingsPage")
        await open_row(b, "Doublon : PF2SAME")
        await b.press("4")
        await b.at("BesidePage")
        await b.until(lambda: "Pareil :" in b.text())
        shown = b.text()
        assert shown.index("Différent :") < shown.index("Numéro") < shown.index("Pareil :")
        assert shown.index("Pareil :") < shown.index("N° de série")
        one, two = (row for row in b.rows() if " Disque " in row)
        assert one.split()[1:] == ["D1", "D1", "(pas", "revu)"] and two.split()[1:] == ["-", "D2"]
        assert not {letter for letter in shown if letter not in SAFE and letter != "\n"}
        await b.press("1")
        await b.at("FindingPage")
        await b.press("2")  # one machine
        await write(b, "un seul PC")
        await b.at("FindingsPage")
        ((joined,),) = records.store.query("SELECT count(*) FROM machine WHERE serial = 'PF2SAME'")
        assert joined == 1

        await b.press("escape")
        await b.at("DayPage")
        await b.press("4")
        await b.at("FindPage")
        await b.press(*"2SAME")
        await b.until(lambda: len([row for row in b.rows() if "PF2SAME" in row]) == 1)
        await b.press("enter")
        await b.at("HistoryPage")
        await b.until(lambda: "Séparer des fiches jointes" in b.text())
        assert "Même machine que B2 (un seul PC)" in b.text()
        await b.press("2")
        await b.at("FindingPage")
        assert "un seul PC" in b.text() and "par ENC" in b.text()
        assert "Séparer B1 et B2" in b.text()
        await b.press("2")
        await b.at("AskOnePage")
        await write(b, "deux PC, vus ensemble")
        await b.at("HistoryPage")
        await b.until(lambda: "deux machines" in b.text())
        assert "Séparer des fiches jointes (pas possible)" in b.text()  # its number stays
        assert "Autre machine que B2" in b.text()
        await b.press("escape", "escape")
        await b.at("DayPage")
        await b.until(lambda: "2 arrivées" in b.text())  # read anew
    assert {device for (device,) in records.store.query("SELECT device FROM machine")} == {
        first,
        second,
    }


def test_a_pair_joined_again_after_it_was_parted_is_one_join(records: log.Log) -> None:
    first, second = arrive(records, "B1", "S"), arrive(records, "B2", "S")
    why = {"reason": "vu", "operator": "ENC"}
    actions.join(records, first, second, **why)
    actions.separate(records, second, first, **why)
    assert joins_of(records, first) == ()
    actions.join(records, second, first, **why)
    (join,) = joins_of(records, first)
    assert set(join.numbers) == {"B1", "B2"} and join.who == "ENC"


def test_of_three_records_each_join_is_undone_by_itself(records: log.Log) -> None:
    devices = [arrive(records, f"B{number}", "S") for number in range(3)]
    why = {"reason": "vu", "operator": "ENC"}
    actions.join(records, devices[0], devices[1], **why)
    actions.join(records, devices[1], devices[2], **why)
    joins = joins_of(records, devices[0])
    assert {join.numbers for join in joins} == {("B0", "B1"), ("B1", "B2")}
    actions.separate(records, joins[0].device, joins[0].other, **why)
    assert len(joins_of(records, devices[0])) == 1


def test_nobody_parts_what_the_page_does_not_show_or_without_the_code(
    records: log.Log, tmp_path: Path
) -> None:
    first, second = arrive(records, "B1", "S"), arrive(records, "B2", "S")
    actions.join(records, first, second, reason="vu", operator="ENC")
    desk = opened(records, tmp_path)
    joined = desk.finder.story(first).joined
    assert joined is not None
    assert not desk.finder.part(joined.key, joined.actions[0].key, ("x",)).ok  # not entered
    assert desk.enter("ENC", "481516").ok
    assert not desk.finder.part(joined.key, "part 9", ("x",)).ok
    assert not desk.finder.part(joined.key, joined.actions[0].key, ("  ",)).ok  # no reason
    assert len(joins_of(records, first)) == 1
    assert desk.finder.part(joined.key, joined.actions[0].key, ("deux PC",)).ok
    assert joins_of(records, first) == ()


def test_disks_stand_beside_each_other_by_their_numbers(records: log.Log) -> None:
    first, second = arrive(records, "B1", "S"), arrive(records, "B2", "S")
    for device, numbers in ((first, range(6)), (second, range(3, 9))):
        disks = [DISK | {"serial": f"F{number}"} for number in numbers]
        records.append("machine.probed", {"facts": {"disks": disks}}, device=device)
    shown = [fact for fact in beside(records, first, second) if fact.name in ("Disque", "")]
    pairs = [(fact.left[:2], fact.right[:2]) for fact in shown[:4]]
    assert pairs == [(number, number) for number in ("D1", "F3", "F4", "F5")]
    assert "autres disques" in shown[-1].left


def test_what_nobody_knows_is_compared_with_nothing(records: log.Log, tmp_path: Path) -> None:
    known = arrive(records, "B1", "S" * 300 + "\x1b[2J")
    assert opened(records, tmp_path).compare(FindingKey("duplicate", "none")) == ()
    facts = beside(records, known, "nobody")
    assert all(fact.right == "" for fact in facts)
    assert not any("\x1b" in fact.left for fact in facts)


def test_the_number_of_a_joined_record_still_finds_the_machine(records: log.Log) -> None:
    """Its label is on the PC: scanned, searched for, or given to a command."""
    first, second = arrive(records, "RC26-000001-A", "S1"), arrive(records, "RC26-000002-B", "S2")
    actions.join(records, first, second, reason="vu", operator="ENC")
    for number in ("RC26-000001-A", "RC26-000002-B"):
        assert device_of(records, number) == first
        assert actions.find_machine(records, number) == first
        found = read_machines(records).find(number, 5)
        assert [machine.device for machine in found.shown] == [first]
    assert read_machines(records).find("0002-B", 5).found == 1
    actions.separate(records, first, second, reason="deux", operator="ENC")
    assert device_of(records, "RC26-000002-B") == second
    assert device_of(records, "RC26-000009-X") is None
