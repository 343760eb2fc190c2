"""The supervisor's decisions where they meet the record, without a screen."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from bench.guide.supervision import FindingKey
from bench.records import log
from bench.records.day import actions
from bench.records.day.review import OPEN_LISTS
from bench.setup.settings import Settings
from bench.words.catalogue import LANGUAGES, area, say
from bench.workbench.review import ReviewDesk
from bench.workbench.stock import StockDesk
from tests import forge

DAY = "2026-01-05"  # of the clock


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def test_a_far_grade_is_kept_by_one_key_and_leaves_the_list(
    records: log.Log, tmp_path: Path
) -> None:
    device = records.new_device()
    records.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    records.append("grade.given", {"grade": "A"}, device=device)
    actions.override_grade(records, device, "D", reason="écran", operator="enc")
    desk = ReviewDesk(records, tmp_path / "out")
    assert desk.choose_pin("481516").ok
    key = FindingKey("far_grades", device, "A → D")
    (found,) = [one for one in desk.day().findings if one.key == key]
    assert found.actions[0].key == "validate" and not found.actions[0].asks
    assert not desk.act(key, "validate", ()).ok  # nobody has entered
    assert desk.enter("ENC", "481516").ok
    assert desk.act(key, "validate", ()).ok
    assert not [one for one in desk.day().findings if one.key == key]


def test_closing_begins_a_backup_and_a_refused_closing_none(
    records: log.Log, tmp_path: Path
) -> None:
    begun: list[str] = []
    desk = ReviewDesk(records, tmp_path / "out", lambda: begun.append("backup"))
    assert desk.choose_pin("481516").ok
    assert not desk.close_day(DAY).ok and not begun
    assert desk.enter("ENC", "481516").ok
    assert desk.close_day(DAY).ok and begun == ["backup"]


def test_an_erasure_cut_off_blocks_and_can_be_settled_by_one_reason(
    records: log.Log, tmp_path: Path
) -> None:
    device = records.new_device()
    begun: list[int] = []
    records.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    erasure = {"job": "j", "disk": {"serial": "D1"}, "technique": "t"}
    cut = erasure | {"claim": "interrupted", "journal_hash": "ab" * 32}

    def put_on_record() -> None:
        if not begun:
            records.append("erase.done", cut, device=device)
            begun.append(1)

    desk = ReviewDesk(records, tmp_path / "out", before_reading=put_on_record)
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    assert not desk.close_day(DAY).ok  # seen although nobody had looked at the jobs before
    day = desk.day()
    (found,) = [one for one in day.findings if one.blocks]
    assert not day.may_close and found.key == FindingKey("erasures_open", device, "D1")
    assert "erasures_bad" not in {one.key.list for one in day.findings}  # not a second time
    assert desk.act(found.key, "withdraw", ("vu avec le chef",)).ok
    assert desk.day().may_close and desk.close_day(DAY).ok


def test_two_findings_of_one_machine_in_one_list_are_two(records: log.Log, tmp_path: Path) -> None:
    """Their keys were the list and the machine: the second opened the first."""
    device = records.new_device()
    records.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    for serial in ("D1", "D2"):
        erasure = {"job": serial, "disk": {"serial": serial}, "technique": "t"}
        records.append("erase.done", erasure | {"claim": "failed"}, device=device)
    desk = ReviewDesk(records, tmp_path / "out")
    bad = [found for found in desk.day().findings if found.key.list == "erasures_bad"]
    assert len({found.key for found in bad}) == len(bad) == 2


def test_a_pair_judged_two_ways_is_settled_from_its_fields(
    records: log.Log, tmp_path: Path
) -> None:
    first, second, third = sorted(records.new_device() for _ in range(3))
    for device, asset in ((first, "A1"), (second, "A2"), (third, "A3")):
        records.append("machine.arrived", {"asset": asset, "kind": "laptop"}, device=device)
    why = {"reason": "vu", "operator": "enc"}
    actions.join(records, first, second, **why)
    actions.join(records, second, third, **why)
    actions.separate(records, first, third, **why)
    desk = ReviewDesk(records, tmp_path / "out")
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    (found,) = [one for one in desk.day().findings if one.key.list == "conflict_identity"]
    assert found.key.detail == third and found.subject == "A1"
    assert found.detail == "même machine ou non (séparées ici, jointes ailleurs)"
    assert desk.act(found.key, "join", ("vu ensemble",)).ok
    assert not [one for one in desk.day().findings if one.key.list == "conflict_identity"]


def test_a_closed_day_is_opened_again_with_a_reason_and_closed_again(
    records: log.Log, tmp_path: Path
) -> None:
    desk = ReviewDesk(records, tmp_path / "out")
    assert desk.choose_pin("481516").ok
    assert not desk.reopen_day(DAY, "trop tôt").ok  # nobody has entered
    assert desk.enter("ENC", "481516").ok
    assert not desk.reopen_day(DAY, "trop tôt").ok  # it is not closed
    assert desk.close_day(DAY).ok and desk.day().closed_here
    assert not desk.close_day(DAY).ok  # closed already
    assert not desk.reopen_day(DAY, "  ").ok and desk.day().closed_here
    assert desk.reopen_day(DAY, "un PC est arrivé").ok
    shown = desk.day()
    assert not shown.closed and not shown.closed_here
    assert [line.partition(" par ")[2] for line in shown.closings] == [
        "ENC.", "ENC : un PC est arrivé",
    ]  # fmt: skip
    assert desk.close_day(DAY).ok and desk.day().closed
    kinds = [one.event.type for one in records.store.events("event.type LIKE 'day.%'")]
    assert kinds == ["day.closed", "day.reopened", "day.closed"]


def test_midnight_on_the_page_closes_the_day_that_was_shown(
    records: log.Log, tmp_path: Path
) -> None:
    desk = ReviewDesk(records, tmp_path / "out")
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    shown = desk.day().day
    assert isinstance(records.clock, forge.Clock)
    records.clock.moment += datetime.timedelta(days=1)
    assert desk.day().day != shown
    assert desk.close_day(shown).ok
    assert records.store.query("SELECT day, closed FROM day") == [(shown, 1)]


def test_every_open_point_is_a_sentence_and_how_many_is_signed(
    records: log.Log, tmp_path: Path
) -> None:
    device = records.new_device()
    records.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    erasure = {"job": "j", "disk": {"serial": "D1"}, "technique": "t", "journal_hash": "ab" * 32}
    records.append("erase.done", erasure | {"claim": "interrupted"}, device=device)
    desk = ReviewDesk(records, tmp_path / "out")
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    shown = desk.day()
    # Not finished is bad too, and one point all the same.
    assert shown.open_count == len(shown.findings)
    assert all(one.said.endswith(".") and one.subject in one.said for one in shown.findings)
    assert "A1 n'a pas de note." in {one.said for one in shown.findings}
    (open_one,) = [one for one in shown.findings if one.blocks]
    assert desk.act(open_one.key, "withdraw", ("vu",)).ok
    left = desk.day().open_count
    assert desk.close_day(DAY).ok
    (closed,) = records.store.events("event.type = 'day.closed'")
    assert closed.event.data["counts"]["open"] == left > 0


def test_whatever_the_review_lists_has_a_title_an_advice_and_a_sentence() -> None:
    for language in LANGUAGES:
        words = area(language, "supervisor")
        assert set(OPEN_LISTS) <= words["point"].keys()
        assert words["point"].keys() == words["list"].keys() == words["advice"].keys()


def test_who_finds_the_page_open_decides_nothing(
    records: log.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts that need no signature either: a blocked machine, a label, a disk, a lot, a list."""
    on_for = 1000.0
    monkeypatch.setattr(log.Log, "uptime", staticmethod(lambda: on_for))
    device = records.new_device()
    records.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    records.append("machine.blocked", {"reason": "help"}, device=device)
    settings = Settings(workshop="Atelier des Weppes")
    desk = ReviewDesk(
        records,
        tmp_path / "out",
        stock=lambda who: StockDesk(records, settings, tmp_path / "papers", who),
        send=lambda: "sent",
        keep_list=lambda found, findings: tmp_path / "list.pdf",
    )
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    day = desk.day()
    (key,) = [one.key for one in day.findings if one.key.list == "blocked"]
    on_for += log.SUPERVISOR_IDLE_S - 1
    assert desk.make_list(day.day).ok  # something was done: as long again
    on_for += log.SUPERVISOR_IDLE_S - 1
    assert desk.send().ok
    on_for += log.SUPERVISOR_IDLE_S + 1
    stock = desk.stock
    assert stock is not None
    new = next(item for item in stock.items() if any(a.key == "register" for a in item.actions))
    before = len(list(records.events()))
    for did in (
        desk.act(key, "unblock", ("vu",)),
        desk.close_day(day.day),
        desk.reopen_day(day.day, "r"),
        desk.make_list(day.day),
        desk.send(),
        desk.export(),
        stock.act(new.key, "register", ("company", "X", "", "")),
    ):
        assert not did.ok and did.text == say("supervisor.enter_first")
    assert len(list(records.events())) == before and not (tmp_path / "out").exists()
    assert desk.enter("ENC", "481516").ok and desk.act(key, "unblock", ("vu",)).ok


def test_two_exports_of_one_second_are_two_files(tmp_path: Path) -> None:
    """The second said it was written, and had taken the place of the first."""
    still = log.open_bench(tmp_path / "data", forge.Clock(step_s=0), forge.Noise("a"), name="P")
    desk = ReviewDesk(still, tmp_path / "out")
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    told = [desk.export().text for _ in range(3)]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 3 and all(any(name in text for text in told) for name in names)
    still.store.close()
