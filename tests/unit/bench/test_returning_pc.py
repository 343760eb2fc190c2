"""The same PC twice at one bench: the real workbench, its record, and each answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.casefile import writing
from bench.exchange.lists.read import read
from bench.guide import happenings as ev
from bench.guide.flow import advance
from bench.guide.shown import KnownBy, ReturnAnswer
from bench.guide.visit import Visit, VisitOutcome, VisitStep
from bench.opening.context import Context
from bench.records.day.review import review
from bench.setup.datafolder import DataFolder
from bench.stock.taking_over import plan, take
from bench.workbench.bench import Workbench
from bench.workbench.review_words import detail_text
from diagnostics.model import Disk, DiskKind, Identity, Machine

SERIAL = "PF1ABCDE"


def pc(serial: str | None = SERIAL, disk: str = "WX11A1", ram: str = "") -> Machine:
    identity = Identity(maker="LENOVO", model="ThinkPad T480", serial=serial, asset_tag=ram or None)
    drive = Disk("/dev/sda", "sda", DiskKind.SSD, model="WDC", serial=disk, size_bytes=500 << 30)
    return Machine(identity=identity, disks=(drive,))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], Workbench]]:
    """The bench, and the bench again after it was killed."""
    benches: list[Workbench] = []

    def open_bench() -> Workbench:
        benches.append(Workbench(Context(DataFolder(tmp_path / "data", "option"))))
        return benches[-1]

    yield open_bench
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(opened: Callable[[], Workbench]) -> Workbench:
    return opened()


def tell(bench: Workbench, *events: ev.Event) -> Visit:
    for event in events:
        bench.save_visit(advance(bench.current_visit(), event))
    return bench.current_visit()


def arrive(bench: Workbench, machine: Machine, asset: str = "") -> str:
    """To the page where the PC is shown; gives the number it was given."""
    tell(bench, ev.SignedIn("NAD", "Nadia")) if bench.current_visit().operator is None else None
    number = asset or bench.new_asset()
    tell(bench, ev.AssetGiven(number), ev.AssetAccepted())
    bench.machine = machine
    tell(bench, ev.MachineRead())
    return number


def leave(bench: Workbench) -> None:
    tell(bench, ev.SetAside())
    tell(bench, ev.Next())


def first_visit(bench: Workbench, machine: Machine | None = None) -> tuple[str, str]:
    """A PC that comes for the first time: its number and its file."""
    number = arrive(bench, machine or pc())
    assert not bench.returning()
    tell(bench, ev.MachineAccepted())
    device = bench.device
    leave(bench)
    return number, device


def assets(bench: Workbench) -> set[str]:
    return {str(asset) for (asset,) in bench.log.store.query("SELECT asset FROM machine")}


def said(bench: Workbench) -> list[tuple[str, dict[str, Any]]]:
    return [
        (event.device, event.data)
        for event in bench.log.events()
        if event.type == "machine.recognised"
    ]


def arbitrated(bench: Workbench) -> list[tuple[str, str]]:
    day = bench.log.clock.now().date().isoformat()
    return [(each.name, each.other) for each in review(bench.log, day).to_arbitrate]


def test_it_is_asked_about_and_nothing_is_opened_before_the_answer(bench: Workbench) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc())
    assert assets(bench) == {first} and not bench.device
    (before,) = bench.returning()
    assert (before.key, before.asset, before.by) == (device, first, KnownBy.SERIAL)
    assert before.model == "LENOVO ThinkPad T480" and before.same_possible
    assert number != first and assets(bench) == {first}


def test_the_same_goes_on_in_its_file_with_what_was_read_now(
    bench: Workbench, opened: Callable[[], Workbench]
) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc(ram="new"))
    (before,) = bench.returning()
    bench.answer_returning(before.key, ReturnAnswer.SAME)
    visit = tell(bench, ev.Recognised(before.asset))
    assert (visit.asset, visit.step, visit.operator) == (first, VisitStep.CHECKS, "NAD")
    assert bench.device == device and assets(bench) == {first}
    again = writing.past(bench.log, device).machine
    assert again is not None and again.identity.asset_tag == "new"
    told = {"answer": "same", "by": "serial", "number": number}
    assert [(name, dict(data)) for name, data in said(bench)] in (
        [(device, told)],
        [(device, told | {"other": ""})],
    )
    assert not arbitrated(bench)
    after = opened()
    assert after.device == device and after.current_visit() == visit


def test_a_twin_gets_a_file_of_its_own_and_is_not_asked_about_again(bench: Workbench) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc())
    bench.answer_returning(bench.returning()[0].key, ReturnAnswer.OTHER)
    tell(bench, ev.MachineAccepted())
    assert assets(bench) == {first, number} and bench.device != device
    ((name, data),) = said(bench)
    assert (name, data["answer"], data["other"]) == (bench.device, "other", device)
    tell(bench, ev.Back())
    assert not bench.returning() and not arbitrated(bench)


def test_who_does_not_know_leaves_two_files_and_a_supervisor_to_decide(bench: Workbench) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc())
    bench.answer_returning(bench.returning()[0].key, ReturnAnswer.UNSURE)
    tell(bench, ev.MachineAccepted())
    assert assets(bench) == {first, number}
    assert arbitrated(bench) == [(bench.device, device)]


def test_its_own_label_asks_nothing(bench: Workbench) -> None:
    first, device = first_visit(bench)
    arrive(bench, pc(), first)
    assert not bench.returning()
    tell(bench, ev.MachineAccepted())
    assert bench.device == device and not said(bench)


def test_a_moved_disk_is_another_question(bench: Workbench) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc("PF2OTHER"))
    (before,) = bench.returning()
    assert before.by is KnownBy.DISK and "WDC" in before.disk and not before.same_possible
    bench.answer_returning(before.key, ReturnAnswer.SAME)  # not offered, and not believed
    bench.answer_returning(before.key, ReturnAnswer.OTHER)
    tell(bench, ev.MachineAccepted())
    assert assets(bench) == {first, number} and bench.device != device


def test_killed_before_the_answer_it_asks_again(
    bench: Workbench, opened: Callable[[], Workbench]
) -> None:
    first_visit(bench)
    arrive(bench, pc())
    (before,) = bench.returning()
    bench.answer_returning(before.key, ReturnAnswer.SAME)
    after = opened()
    after.machine = pc()
    assert after.returning() == (before,) and not said(after)
    tell(after, ev.MachineAccepted())  # nothing was answered: no file is taken up
    assert after.device != before.key and not said(after)


def test_help_called_before_the_answer_opens_a_file_that_a_supervisor_joins(
    bench: Workbench,
) -> None:
    first, device = first_visit(bench)
    number = arrive(bench, pc())
    bench.call_supervisor("machine")
    opened_for_help = bench.device
    assert opened_for_help and assets(bench) == {first, number}
    (before,) = bench.returning()
    bench.answer_returning(before.key, ReturnAnswer.SAME)
    tell(bench, ev.Recognised(before.asset))
    assert bench.device == device
    assert arbitrated(bench) == [(opened_for_help, device)]


def test_put_aside_before_it_was_asked_it_has_a_file_all_the_same(bench: Workbench) -> None:
    first_visit(bench)
    number = arrive(bench, pc())
    tell(bench, ev.SetAside())
    assert number in assets(bench) and bench.device
    bench.finish(bench.current_visit())
    assert [event.type for event in bench.log.events()][-1] == "visit.done"


def test_nothing_said_of_one_pc_sticks_to_the_next(bench: Workbench) -> None:
    first, device = first_visit(bench)
    arrive(bench, pc())
    bench.answer_returning(bench.returning()[0].key, ReturnAnswer.SAME)
    tell(bench, ev.Back(), ev.Back())  # the number is taken back
    arrive(bench, pc("PF9NEW", "WX99"))
    assert not bench.returning()
    tell(bench, ev.MachineAccepted())
    assert bench.device != device and not said(bench)
    machine = writing.past(bench.log, bench.device).machine
    assert machine is not None and machine.identity.serial == "PF9NEW"
    assert writing.past(bench.log, device).machine == pc()
    assert isinstance(first, str) and not bench.returning()


def test_an_answer_to_what_was_not_asked_is_nothing(bench: Workbench) -> None:
    _, device = first_visit(bench)
    arrive(bench, pc("PF9NEW", "WX99"))
    assert bench.returning() == ()
    bench.answer_returning(device, ReturnAnswer.SAME)
    tell(bench, ev.MachineAccepted())
    assert bench.device != device and not said(bench)


def test_loose_disks_have_a_file_at_once(bench: Workbench) -> None:
    tell(bench, ev.SignedIn("NAD", "Nadia"), ev.LooseDisks(bench.new_asset()))
    assert bench.device


def test_a_request_for_help_waits_for_an_answer_also_after_the_visit(bench: Workbench) -> None:
    arrive(bench, pc("PF9NEW", "WX99"))
    bench.call_supervisor("machine")
    bench.finish(Visit(asset=bench.current_visit().asset, outcome=VisitOutcome.LABEL_LATER))
    assert bench.log.dossier(bench.device).blocked


def test_a_pc_put_aside_is_in_the_review_until_somebody_looked_at_it(bench: Workbench) -> None:
    arrive(bench, pc("PF9NEW", "WX99"))
    tell(bench, ev.SetAside())
    for _ in range(2):
        bench.finish(bench.current_visit())
    found = review(bench.log, bench.log.clock.now().date().isoformat())
    (case,) = found.blocked.shown
    assert detail_text("blocked", case) == "mise de côté au poste"


def test_a_pc_of_another_tools_list_arrives_in_its_file(bench: Workbench) -> None:
    listed = read(f"Asset Tag,Serial,Model,Manufacturer\nT1,{SERIAL},T480 gris,Lenovo\n".encode())
    (line,) = take(bench.log, plan(bench.log, [listed]), bench.settings)
    number = arrive(bench, pc())
    (before,) = bench.returning()
    assert (before.key, before.asset, before.day) == (line.device, line.asset, "")
    assert before.asset != number and before.same_possible
    bench.answer_returning(before.key, ReturnAnswer.SAME)
    tell(bench, ev.Recognised(before.asset))
    assert bench.device == line.device and assets(bench) == {line.asset}
    types = [event.type for event in bench.log.events() if event.device == line.device]
    assert types == ["machine.told", "machine.arrived", "machine.recognised", "machine.probed"]
    assert not arbitrated(bench)
