"""The session: background tests, limits, crashes, resuming; and what is there to test."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from diagnostics.checks import catalogue
from diagnostics.checks.context import CheckContext, Driver, Shared, failed, passed, untested
from diagnostics.checks.drivers import DRIVERS
from diagnostics.checks.model import (
    Capabilities,
    CheckOutcome,
    CheckReason,
    CheckResult,
    Mode,
    Planned,
    Progress,
)
from diagnostics.checks.plan import plan
from diagnostics.checks.presence import capabilities
from diagnostics.checks.runner import SETTLED, Session, decode, encode
from diagnostics.command import Problem
from diagnostics.model import Identity, Machine
from diagnostics.probe import probe
from diagnostics.recording.capture import Replay
from tests.unit.diagnostics.checks.board import Board, gave

LAPTOP = Machine(identity=Identity(kind="laptop"))
MACHINES = Path(__file__).resolve().parents[3] / "machines"


def planned(**limits: int) -> tuple[Planned, ...]:
    import msgspec

    return tuple(
        msgspec.structs.replace(
            one, check=msgspec.structs.replace(one.check, limit_s=limits.get(one.check.id, 60))
        )
        for one in plan(LAPTOP, Capabilities(live=True, root=True))
    )


def session(drivers: Mapping[str, Driver], **more: object) -> Session:
    return Session(CheckContext(Board(), LAPTOP, live=True), planned(), drivers=drivers, **more)  # type: ignore[arg-type]


def works(check_id: str) -> Driver:
    return lambda context: passed(check_id)


def test_everything_starts_as_not_tested() -> None:
    results = session({}).results()
    assert set(results) == {one.check.id for one in planned()}
    assert all(one.outcome is CheckOutcome.NOT_TESTED for one in results.values())


def test_automatic_tests_run_behind_the_worker_and_tell() -> None:
    told: list[CheckResult] = []
    drivers = {one.id: works(one.id) for one in catalogue.checks()}
    running = session(drivers, on_result=told.append)
    running.start_automatic()
    running.start_automatic()  # twice does no harm
    assert running.wait(10)
    done = {
        one for one, result in running.results().items() if result.outcome is CheckOutcome.PASSED
    }
    assert done == {one.id for one in told}
    assert "memory" in done and "keyboard" not in done


def test_a_driver_that_breaks_is_a_value() -> None:
    def breaks(context: CheckContext) -> CheckResult:
        raise RuntimeError("boom")

    result = session({"wifi": breaks}).run("wifi")
    assert (result.outcome, result.reason) == (CheckOutcome.CRASHED, CheckReason.CRASHED)
    assert result.evidence == {"error": "RuntimeError", "detail": "boom"}


@pytest.mark.parametrize("answer", [None, "passed", passed("camera")])
def test_a_driver_that_answers_nonsense_never_passes(answer: object) -> None:
    result = session({"wifi": lambda context: answer}).run("wifi")  # type: ignore[dict-item,return-value]
    assert (result.id, result.outcome) == ("wifi", CheckOutcome.CRASHED)


def test_a_driver_that_does_not_come_back_is_given_up_and_its_late_word_dropped() -> None:
    release, ended = threading.Event(), threading.Event()

    def late(context: CheckContext) -> CheckResult:
        release.wait(10)
        ended.set()
        return passed("wifi")

    running = Session(
        CheckContext(Board(), LAPTOP, live=True), planned(wifi=0), drivers={"wifi": late}
    )
    result = running.run("wifi")
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.TIMEOUT)
    release.set()
    assert ended.wait(10)
    assert running.results()["wifi"].outcome is CheckOutcome.NOT_TESTED


def test_stop_lets_a_watching_test_judge_what_it_saw() -> None:
    began = threading.Event()
    seen: list[Progress] = []

    def watches(context: CheckContext) -> CheckResult:
        context.report(Progress("usb", 1, 3, "■"))
        began.set()
        context.wait(30)
        return untested("usb", CheckReason.PORTS_UNCOUNTED, {"ports": 1})

    running = session({"usb": watches})
    got: list[CheckResult] = []
    thread = threading.Thread(target=lambda: got.append(running.run("usb", seen.append)))
    thread.start()
    assert began.wait(10)
    running.stop("usb")
    running.stop("nothing such")
    thread.join(10)
    assert got[0].evidence == {"ports": 1} and seen[0].text == "■"
    question = running.open_question("usb")
    assert question is not None
    assert running.answer("usb", question, 1).outcome is CheckOutcome.PASSED
    assert running.open_question("usb") is None


def test_yes_to_do_you_see_one_is_a_dead_part_and_never_a_good_one() -> None:
    unseen = Capabilities(live=True, root=True, present={"camera": False})
    running = Session(CheckContext(Board(), LAPTOP, live=True), plan(LAPTOP, unseen), drivers={})
    question = running.plain_question("camera")
    assert question is not None and question.text == "checks.camera.absent"
    assert running.answer_plain("camera", "yes").outcome is CheckOutcome.FAILED
    again = Session(CheckContext(Board(), LAPTOP, live=True), plan(LAPTOP, unseen), drivers={})
    assert again.answer_plain("camera", "unsure").outcome is CheckOutcome.NOT_TESTED
    third = Session(CheckContext(Board(), LAPTOP, live=True), plan(LAPTOP, unseen), drivers={})
    assert third.answer_plain("camera", "no").outcome is CheckOutcome.NOT_PRESENT


def test_plain_answers_mean_what_the_test_says() -> None:
    def seen(check_id: str, reason: CheckReason, **evidence: int) -> Driver:
        return lambda context: untested(check_id, reason, evidence)

    running = session(
        {
            "usb": seen("usb", CheckReason.PORTS_UNCOUNTED, ports=2),
            "ethernet": seen("ethernet", CheckReason.NO_CABLE),
            "sound": works("sound"),
        }
    )
    for check_id in ("usb", "ethernet", "sound"):
        running.run(check_id)
    assert running.answer_plain("usb", "yes").outcome is CheckOutcome.PASSED
    # "is the cable plugged in at both ends?" Yes: then the socket is dead
    assert running.answer_plain("ethernet", "yes").outcome is CheckOutcome.FAILED
    assert running.answer_plain("screen", "yes").evidence["dead_pixels"] == 0
    # nothing was asked: nothing changes
    assert running.answer_plain("sound", "no").outcome is CheckOutcome.PASSED
    assert running.answer_plain("camera", "yes").outcome is CheckOutcome.NOT_TESTED
    assert running.answer_plain("flux_capacitor", "yes").outcome is CheckOutcome.NOT_TESTED


def test_left_out_is_not_tested_with_its_reason_and_what_was_seen() -> None:
    running = session(
        {
            "lid": lambda context: failed("lid", CheckReason.LID_NO_CHANGE, {"changes": 0}),
            "ethernet": lambda context: untested("ethernet", CheckReason.NO_CABLE, {"sockets": 1}),
        }
    )
    running.run("lid")
    left = running.leave_out("lid")
    assert (left.outcome, left.reason) == (CheckOutcome.NOT_TESTED, CheckReason.SKIPPED)
    assert left.evidence == {"changes": 0, "until_then": "lid_no_change"}
    assert running.results()["lid"] == left
    running.run("ethernet")
    open_one = running.leave_out("ethernet")  # its question was open: what was measured stands
    assert (open_one.outcome, open_one.reason) == (CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE)
    never_run = running.leave_out("usb")
    assert (never_run.outcome, never_run.reason) == (CheckOutcome.NOT_TESTED, CheckReason.SKIPPED)
    none = running.lacking("optical")
    assert (none.outcome, none.reason) == (CheckOutcome.NOT_PRESENT, CheckReason.ANSWERED)


@pytest.mark.parametrize("said", ["leave_out", "lacking"])
def test_what_a_person_said_while_it_ran_is_not_overwritten_by_its_late_result(said: str) -> None:
    began, go = threading.Event(), threading.Event()

    def slow(context: CheckContext) -> CheckResult:
        began.set()
        assert go.wait(10) and context.stop.is_set()
        return failed("card_reader", CheckReason.READ_ERROR)

    running = session({"card_reader": slow})
    thread = threading.Thread(target=lambda: running.run("card_reader"))
    thread.start()
    assert began.wait(10)
    kept = getattr(running, said)("card_reader")  # at once: a drive may spin up for half a minute
    go.set()
    thread.join(10)
    assert running.results()["card_reader"] == kept
    assert kept.outcome is not CheckOutcome.FAILED


def test_tests_that_share_a_device_never_run_together() -> None:
    inside: list[str] = []
    most: list[int] = []

    def uses(check_id: str) -> Driver:
        def driver(context: CheckContext) -> CheckResult:
            inside.append(check_id)
            most.append(len(inside))
            context.wait(0.02)
            inside.remove(check_id)
            return passed(check_id)

        return driver

    running = session({one: uses(one) for one in ("sound", "headphone", "microphone")})
    threads = [
        threading.Thread(target=running.run, args=(one,))
        for one in ("sound", "headphone", "microphone")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == [1, 1, 1]


def test_results_outlive_the_program_and_what_is_settled_is_not_done_again() -> None:
    first = session(
        {"wifi": works("wifi"), "camera": lambda c: failed("camera", CheckReason.BLACK)}
    )
    first.run("wifi")
    first.run("camera")
    kept = decode(encode(first.results().values()))
    asked: list[str] = []

    def again(check_id: str) -> Driver:
        def driver(context: CheckContext) -> CheckResult:
            asked.append(check_id)
            return passed(check_id)

        return driver

    drivers = {one.id: again(one.id) for one in catalogue.checks()}
    second = session(drivers, earlier=kept)
    second.start_automatic()
    assert second.wait(10)
    assert not {"wifi", "camera"} & set(asked)
    assert second.results()["camera"].reason is CheckReason.BLACK


@pytest.mark.parametrize("data", [b"", b"null", b"[1]", b'[{"id":"x"}]', b"\xff\x00"])
def test_kept_results_that_cannot_be_read_are_not_known(data: bytes) -> None:
    assert decode(data) == ()


def test_a_crash_or_a_test_not_done_is_done_again_and_strangers_are_left_out() -> None:
    earlier = [
        CheckResult("wifi", CheckOutcome.CRASHED, CheckReason.CRASHED),
        CheckResult("camera", CheckOutcome.NOT_TESTED, CheckReason.TIMEOUT),
        CheckResult("flux_capacitor", CheckOutcome.PASSED, CheckReason.OK),
    ]
    results = session({}, earlier=earlier).results()
    assert "flux_capacitor" not in results
    assert results["wifi"].outcome is results["camera"].outcome is CheckOutcome.NOT_TESTED
    assert CheckOutcome.CRASHED not in SETTLED


def test_a_shared_measurement_is_made_once_and_again_when_asked() -> None:
    shared, made = Shared(), iter(range(9))
    assert [shared.once("load", lambda: next(made)) for _ in range(2)] == [0, 0]
    shared.forget("load")
    assert shared.once("load", lambda: next(made)) == 1


def test_an_unknown_test_is_not_tested() -> None:
    running = session({})
    assert running.run("flux_capacitor").outcome is CheckOutcome.NOT_TESTED
    assert running.open_question("flux_capacitor") is None
    running.close()


# -- recorded machines -----------------------------------------------------------------


def recorded() -> list[Path]:
    return sorted(path.parent for path in MACHINES.glob("*/manifest.json"))


@pytest.mark.parametrize("folder", recorded(), ids=lambda path: path.name)
def test_a_recorded_machine_touches_nothing_and_never_crashes(folder: Path) -> None:
    replay = Replay(folder)
    machine = probe(replay)
    able = capabilities(replay, machine, live=False)
    chosen = plan(machine, able)
    running = Session(CheckContext(replay, machine, live=False), chosen)
    for one in chosen:
        if one.settled is None and one.question is None and one.check.mode is not Mode.COLOURS:
            result = running.run(one.check.id)
            assert result.outcome is not CheckOutcome.CRASHED, result
    passing = {k for k, r in running.results().items() if r.outcome is CheckOutcome.PASSED}
    # only what a recording can honestly show
    assert passing <= {"ethernet", "wifi", "bluetooth", "charger", "video"}


@pytest.mark.parametrize("check_id", sorted(DRIVERS))
@pytest.mark.parametrize("absent", [Problem.UNRECORDED, Problem.MISSING, Problem.DENIED])
def test_a_machine_that_says_nothing_never_passes(check_id: str, absent: Problem) -> None:
    result = DRIVERS[check_id](CheckContext(Board(absent=absent), LAPTOP, live=False))
    assert result.id == check_id
    assert result.outcome in (CheckOutcome.NOT_TESTABLE_HERE, CheckOutcome.NOT_TESTED)


# -- what is there ---------------------------------------------------------------------

INPUTS = """I: Bus=0011 Vendor=0001 Product=0001 Version=ab41
N: Name="AT Translated Set 2 keyboard"
H: Handlers=sysrq kbd event0
B: EV=120013

I: Bus=0018 Vendor=06cb Product=7e7e Version=0100
N: Name="SYNA touchpad"
H: Handlers=mouse0 event1
B: PROP=5
B: ABS=260800000000003
"""


def test_presence_reads_what_is_listed_and_only_says_no_where_it_could_look() -> None:
    board = Board(
        {
            "/proc/bus/input/devices": INPUTS,
            "/proc/asound/pcm": "00-00: ALC : ALC : playback 1 : capture 1",
            "/sys/class/net/wlan0/phy80211/name": "phy0",
            "/sys/class/block/x": "",
            "/sys/block/sr0/size": "0",
        }
    )
    present = capabilities(board, LAPTOP, live=True).present
    assert present["keyboard"] and present["pointer"] and not present["touch"]
    assert present["sound"] and present["microphone"] and present["wifi"] and present["optical"]
    assert present["camera"] is False  # /sys/class could be listed and has no video4linux
    assert present["ethernet"] is False
    assert "lid" not in present and "battery" not in present


def test_presence_of_an_unreadable_machine_is_unknown() -> None:
    able = capabilities(Board(absent=Problem.UNRECORDED), Machine(), live=False)
    assert able.present == {} and not able.root


def test_a_board_has_what_its_commands_answer() -> None:
    assert Board(commands={"iw dev": gave()}).has("iw")
