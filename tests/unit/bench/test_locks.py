"""What only a supervisor knows of a machine: put to him, answered, and in the way until then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.casefile import locks, writing
from bench.casefile.grade import final_grade
from bench.errors.failure import Failure
from bench.guide.shown import CheckMark, PrintAnswer
from bench.guide.supervision import DayFinding
from bench.guide.visit import Visit, VisitOutcome
from bench.opening.context import Context
from bench.opening.runner import runner
from bench.records.log import Log
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings
from bench.stock import leaving
from bench.workbench.bench import Workbench
from bench.workbench.review import ReviewDesk
from tests.unit.bench.test_check_desk import MACHINES
from tests.unit.documents.recorded import disk, erased_machine, laptop

ASSETS = ("RC26-010001-7", "RC26-010002-5")


class Replayed(Workbench):
    """A bench at a recorded laptop."""

    live = False

    def __init__(self, folder: Path) -> None:
        super().__init__(Context(DataFolder(folder, "option")))
        self.runner = runner(str(MACHINES / "laptop-sata-ssd"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Replayed]:
    made = Replayed(tmp_path / "data")
    yield made
    made.close()


def begun(bench: Replayed) -> Visit:
    visit = Visit(asset=bench.new_asset(), operator="NAD")
    bench.save_visit(visit)
    bench.probe(lambda part: None)
    bench.save_visit(visit)
    return visit


def entered(log: Log, tmp_path: Path, **more: object) -> ReviewDesk:
    desk = ReviewDesk(log, tmp_path / "out", **more)  # type: ignore[arg-type]
    assert desk.choose_pin("481516").ok and desk.enter("ENC", "481516").ok
    return desk


def found(desk: ReviewDesk, name: str) -> list[DayFinding]:
    return [one for one in desk.day().findings if one.key.list == name]


def test_the_worker_ends_his_part_and_the_machine_waits_for_the_supervisor(
    bench: Replayed, tmp_path: Path
) -> None:
    visit = begun(bench)
    assert "mdm_attestation" not in {step.id for step in bench.checks()}
    waiting = bench.log.dossier(bench.device).locks_open
    assert "mdm_attestation" in waiting
    given = bench.grade({})
    assert given.waits
    before = len(list(bench.log.events()))
    assert bench.grade_again({}) == given  # in another language perhaps, and on record once
    assert len(list(bench.log.events())) == before
    done = bench.finish(Visit(asset=visit.asset, outcome=VisitOutcome.READY, letter="D"))
    assert done.waits and not any("note" in line for line in done.lines)
    assert bench.log.dossier(bench.device).visit_outcome == "supervisor"
    with pytest.raises(Failure, match="locked"):
        leaving.hand_over(
            bench.log, bench.device, Settings(workshop="Atelier des Weppes"), tmp_path / "papers"
        )
    for lock in waiting:
        locks.answer(bench.log, bench.device, lock, free=True, operator="ENC")
    done = bench.finish(Visit(asset=visit.asset, outcome=VisitOutcome.READY, letter="D"))
    assert not done.waits and bench.log.dossier(bench.device).visit_outcome == "ready"


def test_what_a_worker_saw_counts_and_never_undoes_what_the_supervisor_said(
    bench: Replayed,
) -> None:
    begun(bench)
    bench.checks()
    bench.log.append(
        "test.done", {"test": "bios_password_unread", "outcome": "not_tested"}, device=bench.device
    )
    desk = bench._desk()
    desk.locks = ("mdm_attestation", "bios_password_unread")

    def outcome() -> str:
        return bench.log.dossier(bench.device).tests["bios_password_unread"].outcome

    bench.answer_check("bios_password_unread", CheckMark.FAILED)  # it asked for a password
    assert bench.log.dossier(bench.device).locks_on == ("bios_password_unread",)
    bench.answer_check("bios_password_unread", CheckMark.PASSED)  # a wrong key, set right
    assert outcome() == "not_tested"
    locks.answer(bench.log, bench.device, "bios_password_unread", free=True, operator="ENC")
    bench.answer_check("bios_password_unread", CheckMark.PASSED)
    assert outcome() == "passed"
    bench.answer_check("bios_password_unread", CheckMark.FAILED)  # there is one again
    assert outcome() == "failed"


def recorded(log: Log, lot: str = "") -> list[str]:
    made = []
    for number, asset in enumerate(ASSETS):
        device = erased_machine(log, asset, laptop(disk(f"S{number}")), f"S{number}", lot=lot)
        log.append("test.done", {"test": "mdm_attestation", "outcome": "not_tested"}, device=device)
        log.append("grade.given", {"grade": "D"}, device=device)
        made.append(device)
    return made


def test_the_review_asks_and_enter_alone_opens_no_lock(bench: Replayed, tmp_path: Path) -> None:
    log = bench.log
    device, _ = recorded(log)
    desk = entered(log, tmp_path)
    one, _ = found(desk, "locks")
    assert one.title == "Verrou à vérifier" and "Autopilot" in one.detail and not one.blocks
    (action,) = [act for act in one.actions if act.key == "lock mdm_attestation"]
    assert [key for key, _ in action.asks[0].choices] == ["no", "yes"]
    assert not [act for act in one.actions if act.key == "lot"]  # in no lot
    assert desk.act(one.key, action.key, ("no",)).ok
    closed, _ = sorted(found(desk, "locks"), key=lambda each: each.title != "Verrou fermé")
    assert closed.subject == one.subject and final_grade(log, device).letter == "D"
    answered = desk.act(closed.key, action.key, ("yes",))
    assert answered.ok and re.search(r"La note est C\.", answered.text)
    assert [each.subject for each in found(desk, "locks")] == [ASSETS[1]]


def test_a_donor_who_released_the_whole_lot_is_asked_once(bench: Replayed, tmp_path: Path) -> None:
    log = bench.log
    log.append("lot.received", {"donor": log.new_reference(), "count": 2}, lot="L1")
    devices = recorded(log, "L1")
    desk = entered(log, tmp_path)
    one, _ = found(desk, "locks")
    assert desk.act(one.key, "lot", ("no",)).ok and len(found(desk, "locks")) == 2
    assert desk.act(one.key, "lot", ("yes",)).ok and not found(desk, "locks")
    assert all(final_grade(log, device).letter == "C" for device in devices)


def test_a_grade_that_a_supervisor_gave_stays_when_a_lock_is_answered(bench: Replayed) -> None:
    log = bench.log
    device, _ = recorded(log)
    log.append("grade.overridden", {"grade": "C", "reason": "vu"}, device=device)
    assert locks.answer(log, device, "mdm_attestation", free=True, operator="ENC") == ""
    assert log.dossier(device).override == ("C", "vu") and final_grade(log, device).final == "C"


def test_the_review_prints_later_or_hears_that_the_right_label_is_stuck(
    bench: Replayed, tmp_path: Path
) -> None:
    log = bench.log
    device = writing.arrive(log, ASSETS[0])
    other = writing.arrive(log, ASSETS[1])
    answers = iter(
        (PrintAnswer(False, "Pas d'imprimante.", ("/x/a.png",)), PrintAnswer(True, "Ok"))
    )
    asked: list[tuple[str, str]] = []

    def print_label(what: str, operator: str) -> PrintAnswer:
        asked.append((what, operator))
        return next(answers)

    desk = entered(log, tmp_path, print_label=print_label)
    one = next(each for each in found(desk, "unlabelled") if each.key.subject == device)
    assert [act.key for act in one.actions][:2] == ["print", "stuck"]
    refused = desk.act(one.key, "print", ())
    assert not refused.ok and refused.text == "Pas d'imprimante. /x/a.png"
    assert desk.act(one.key, "print", ()).ok and asked == [(device, "ENC")] * 2
    for wrong in (ASSETS[1], "", "RC26"):
        assert not desk.act(one.key, "stuck", (wrong,)).ok
    assert desk.act(one.key, "stuck", (ASSETS[0].lower(),)).ok
    assert [each.key.subject for each in found(desk, "unlabelled")] == [other]
