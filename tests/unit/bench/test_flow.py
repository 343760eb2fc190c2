"""The visit's way from Bonjour to Fini, and each way it must not go."""

from __future__ import annotations

import msgspec
import pytest

from bench.guide import happenings as ev
from bench.guide.flow import advance, can_go_on, step_number
from bench.guide.flow_erase import fate_of, may_choose
from bench.guide.place import place_of
from bench.guide.shown import CheckMark, DiskChoice, JobStatus, JobView
from bench.guide.visit import (
    Fate,
    Stage,
    Subject,
    Visit,
    VisitOutcome,
    VisitStep,
    disk,
    settled,
    to_start,
)

DISK = DiskChoice("SN1", "/dev/sda", "Samsung 860", "256 Go", "8F3K", "8F3K", True, "ssd")
STICK = DiskChoice("USB", "/dev/sdb", "Clé", "16 Go", "0001", "0001", False, "usb_flash", ours=True)
DONE = JobView("j1", "SN1", "Samsung 860", JobStatus.DONE, claim="purge")


def play(visit: Visit, *events: ev.Event) -> Visit:
    for event in events:
        visit = advance(visit, event)
    return visit


def at_erase(*disks: DiskChoice, complete: bool = True) -> Visit:
    return play(
        Visit(),
        ev.SignedIn("NAD", "Nadia"),
        ev.AssetGiven("RC26-000001-X"),
        ev.AssetAccepted(),
        ev.MachineRead(),
        ev.MachineAccepted(),
        ev.ChecksKnown(("sound",)),
        ev.CheckAnswered("sound", CheckMark.PASSED),
        ev.DisksSeen(disks, complete),
    )


def confirmed() -> Visit:
    return play(
        at_erase(DISK, STICK),
        ev.DisksChosen(("SN1",)),
        ev.ConfirmTyped("SN1", "8f3k"),
        ev.EraseKey(),
    )


def erasing() -> Visit:
    seen = ev.DisksSeen((DISK, STICK), complete=True)
    return play(confirmed(), ev.CountdownOver(), seen, ev.EraseStarted("SN1", "j1"))


def fate(visit: Visit, key: str = "SN1") -> Fate:
    one = disk(visit, key)
    assert one is not None
    return one.fate


def test_the_whole_way() -> None:
    visit = play(erasing(), ev.JobsSeen((DONE,)), ev.GoOn(), ev.LooksKnown(("lid",)))
    assert (visit.step, step_number(visit)) == (VisitStep.GRADE, 6)
    visit = play(visit, ev.LookAnswered("lid", 2), ev.Graded("B"), ev.GradeAccepted())
    assert visit.step is VisitStep.LABEL
    visit = play(visit, ev.Printed(), ev.LabelScanned())
    assert (visit.step, visit.outcome) == (VisitStep.DONE, VisitOutcome.READY)
    after = play(visit, ev.Next())
    assert (after.step, after.operator, after.asset) == (VisitStep.ARRIVAL, "NAD", None)


def test_the_start_is_offered_only_after_the_recheck() -> None:
    visit = confirmed()
    assert visit.stage is Stage.COUNTDOWN and not to_start(visit)
    visit = play(visit, ev.CountdownOver())
    assert visit.stage is Stage.RECHECK and not to_start(visit)
    visit = play(visit, ev.DisksSeen((DISK, STICK), complete=True))
    assert [one.key for one in to_start(visit)] == ["SN1"]


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(DISK, allowed=False),
        msgspec.structs.replace(DISK, path="/dev/sdc"),
        msgspec.structs.replace(DISK, confirm="0000"),
        msgspec.structs.replace(DISK, key="SN2"),
        msgspec.structs.replace(DISK, ours=True),
    ],
)
def test_a_disk_that_changed_during_the_countdown_is_not_erased(changed: DiskChoice) -> None:
    visit = play(confirmed(), ev.CountdownOver(), ev.DisksSeen((changed,), complete=True))
    assert visit.stage is Stage.CHOOSE and not to_start(visit) and not visit.confirmed


def test_f8_without_the_characters_does_nothing() -> None:
    asked = play(at_erase(DISK), ev.DisksChosen(("SN1",)))
    for typed in ("8F3", "8F3J", "", "K3F8"):
        wrong = play(asked, ev.ConfirmTyped("SN1", typed), ev.EraseKey())
        assert wrong.stage is Stage.CONFIRM and not wrong.confirmed


def test_azerty_digits_and_a_scanned_serial_confirm() -> None:
    asked = play(at_erase(DISK), ev.DisksChosen(("SN1",)))
    assert play(asked, ev.ConfirmTyped("SN1", '_f"k')).confirmed
    assert play(asked, ev.ConfirmTyped("SN1", "S3Z8F3K", scanned=True)).confirmed
    assert not play(asked, ev.ConfirmTyped("SN1", "S3Z8F3K")).confirmed


@pytest.mark.parametrize("confirm", ["", "F3K"])
def test_a_disk_without_a_long_enough_confirmation_cannot_be_chosen(confirm: str) -> None:
    visit = at_erase(msgspec.structs.replace(DISK, confirm=confirm))
    assert play(visit, ev.DisksChosen(("SN1",))).stage is Stage.CHOOSE


def test_back_in_the_countdown_forgets_everything() -> None:
    visit = play(confirmed(), ev.Back())
    assert visit.stage is Stage.CHOOSE and not visit.confirmed
    assert play(visit, ev.CountdownOver(), ev.EraseKey()) == visit


def test_a_batch_asks_for_each_disk() -> None:
    other = DiskChoice("SN2", "/dev/sdc", "WD", "1 To", "77AA", "77AA", True)
    visit = play(at_erase(DISK, other), ev.DisksChosen(("SN1", "SN2")))
    visit = play(visit, ev.ConfirmTyped("SN1", "8F3K"), ev.EraseKey())
    assert visit.stage is Stage.CONFIRM
    visit = play(visit, ev.ConfirmTyped("SN2", "77AA"), ev.EraseKey(), ev.CountdownOver())
    visit = play(visit, ev.DisksSeen((DISK, other), complete=True))
    assert [one.key for one in to_start(visit)] == ["SN1", "SN2"]
    visit = play(visit, ev.EraseStarted("SN1", "j1"), ev.NotStarted("SN2"))
    assert (fate(visit), fate(visit, "SN2"), visit.stage) == (
        Fate.ERASING,
        Fate.PENDING,
        Stage.CHOOSE,
    )


@pytest.mark.parametrize(
    ("status", "claim", "wanted"),
    [
        (JobStatus.DONE, "purge", Fate.VERIFIED),
        (JobStatus.DONE, "clear", Fate.VERIFIED),
        (JobStatus.DONE, None, Fate.FAILED),
        (JobStatus.DONE, "none", Fate.FAILED),
        (JobStatus.DONE, "PURGE!", Fate.FAILED),
        (JobStatus.DONE, "interrupted", Fate.INTERRUPTED),
        (JobStatus.FAILED, "purge", Fate.FAILED),
        (JobStatus.INTERRUPTED, None, Fate.INTERRUPTED),
        (JobStatus.PAUSED, None, Fate.ERASING),
    ],
)
def test_only_a_finished_job_with_a_known_claim_is_verified(
    status: JobStatus, claim: str | None, wanted: Fate
) -> None:
    assert fate_of(JobView("j1", "SN1", "x", status, claim=claim)) is wanted


def test_an_older_job_of_the_same_disk_proves_nothing() -> None:
    visit = play(at_erase(DISK), ev.JobsSeen((DONE,)))
    assert fate(visit) is Fate.PENDING


def where(visit: Visit) -> str:
    return place_of(visit, loaded=True, checks_known=True, looks_known=True).name


def test_an_overtaken_job_is_not_offered_to_be_resumed() -> None:
    """Its disk was erased by another job since: it may only be chosen and confirmed anew."""
    job = JobView("j1", "SN1", "x", JobStatus.INTERRUPTED)
    visit = play(erasing(), ev.JobsSeen((job,)))
    assert where(visit) == "interrupted"
    over = msgspec.structs.replace(job, status=JobStatus.OVERTAKEN)
    visit = play(visit, ev.JobsSeen((over,)))
    assert (fate(visit), where(visit)) == (Fate.PENDING, "review")
    assert play(visit, ev.JobsSeen((job, over)), ev.JobResumed("j1")) == visit


def test_a_running_job_is_found_again() -> None:
    job = JobView("j7", "SN1", "x", JobStatus.RUNNING)
    visit = play(at_erase(DISK), ev.Restarted(), ev.JobsSeen((job,)))
    assert fate(visit) is Fate.ERASING
    visit = play(visit, ev.JobsSeen((msgspec.structs.replace(DONE, id="j7"),)))
    assert settled(visit)


def test_a_failed_disk_must_be_gone_to_be_taken_out() -> None:
    failed = play(erasing(), ev.JobsSeen((msgspec.structs.replace(DONE, claim="failed"),)))
    assert fate(failed) is Fate.FAILED and not can_go_on(failed)
    assert fate(play(failed, ev.TakenOut("SN1"))) is Fate.FAILED  # still seen in its place
    gone = play(failed, ev.DisksSeen((STICK,), complete=True), ev.TakenOut("SN1"))
    assert fate(gone) is Fate.RETIRED and can_go_on(gone)
    back = play(gone, ev.DisksSeen((DISK, STICK), complete=True))
    assert fate(back) is Fate.PENDING and not can_go_on(back)


def test_a_machine_without_disk_goes_on_but_an_unread_one_does_not() -> None:
    assert play(at_erase(STICK), ev.GoOn()).step is VisitStep.GRADE
    assert play(at_erase(), ev.GoOn()).step is VisitStep.GRADE
    assert play(at_erase(complete=False), ev.GoOn()).step is VisitStep.ERASE
    unread = Visit(step=VisitStep.ERASE, operator="NAD", asset="X")
    assert play(unread, ev.GoOn()).step is VisitStep.ERASE


def test_the_look_may_be_judged_while_the_disk_is_erased_but_the_label_waits() -> None:
    visit = play(erasing(), ev.GoOn(), ev.LooksKnown(()), ev.Graded("B"), ev.GradeAccepted())
    assert visit.step is VisitStep.ERASE
    assert play(visit, ev.GoOn()).step is VisitStep.ERASE
    assert play(visit, ev.JobsSeen((DONE,)), ev.GoOn()).step is VisitStep.LABEL


def test_a_disk_plugged_in_at_the_label_step_is_not_forgotten() -> None:
    visit = play(erasing(), ev.JobsSeen((DONE,)), ev.GoOn(), ev.LooksKnown(()), ev.Graded("B"))
    visit = play(visit, ev.GradeAccepted(), ev.Printed())
    more = msgspec.structs.replace(DISK, key="SN2", path="/dev/sdc")
    visit = play(visit, ev.DisksSeen((DISK, more), complete=True), ev.LabelScanned())
    assert visit.step is VisitStep.ERASE


def test_a_second_press_answers_only_one_question() -> None:
    visit = play(
        Visit(step=VisitStep.CHECKS, asset="X", operator="N"), ev.ChecksKnown(("sound", "camera"))
    )
    twice = ev.CheckAnswered("sound", CheckMark.PASSED)
    visit = play(visit, twice, twice)
    assert visit.check_at == 1 and [one.id for one in visit.checks] == ["sound"]
    visit = play(visit, ev.Back(), ev.CheckAnswered("sound", CheckMark.FAILED))
    assert [(one.id, one.value) for one in visit.checks] == [("sound", "failed")]


def test_loose_disks_end_without_tests_and_grade() -> None:
    visit = play(Visit(), ev.SignedIn("NAD", "Nadia"), ev.LooseDisks("RC26-000002-X"))
    assert (visit.step, visit.subject) == (VisitStep.ERASE, Subject.DISKS)
    visit = play(visit, ev.DisksSeen((DISK,), complete=True))
    assert not can_go_on(visit)
    unplugged = play(visit, ev.DisksSeen((), complete=True))
    assert unplugged.disks == ()


def test_setting_aside_claims_nothing_and_waits_for_running_jobs() -> None:
    assert play(erasing(), ev.SetAside()).step is VisitStep.ERASE
    aside = play(at_erase(DISK), ev.SetAside())
    assert (aside.step, aside.outcome) == (VisitStep.DONE, VisitOutcome.ASIDE)
    assert play(Visit(), ev.SetAside()) == Visit()


def test_the_bench_stick_is_never_offered() -> None:
    visit = at_erase(msgspec.structs.replace(STICK, allowed=True))
    one = disk(visit, "USB")
    assert one is not None and not may_choose(one)
    assert play(visit, ev.DisksChosen(("USB",))).stage is Stage.CHOOSE
