"""USB sockets, optical drives, card readers, video sockets, screen light."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagnostics.checks import picture_out, removable, usb_ports
from diagnostics.checks.context import CheckContext
from diagnostics.checks.model import CheckOutcome, CheckReason, Progress
from diagnostics.checks.removable import Reading
from diagnostics.checks.usb_ports import Plugged
from diagnostics.command import Completed, Problem
from tests.unit.diagnostics.checks.board import Board, Clock, gave

USB = usb_ports.FOLDER


def device(path: str, number: int, speed: str = "480", kind: str = "00") -> dict[str, str | None]:
    base = f"{USB}/{path}"
    return {
        f"{base}/devnum": str(number),
        f"{base}/speed": speed,
        f"{base}/bDeviceClass": kind,
        f"{base}/removable": "unknown",
    }


ROOT = {f"{USB}/usb1/bDeviceClass": "09", f"{USB}/1-0:1.0/bInterfaceClass": "09"}


def test_interfaces_and_root_hubs_are_no_plugged_devices() -> None:
    board = Board({**ROOT, **device("1-2", 5), **device("1-3", 6, kind="09")})
    stick, hub = Plugged("1-2", "5", 480, path="1-2"), Plugged("1-3", "6", 480, path="1-3")
    assert usb_ports.plugged(board) == (stick, replace(hub, hub=True))
    assert usb_ports.plugged(Board()) is None


def test_the_two_paths_of_a_usb3_socket_are_one_socket() -> None:
    peer = f"{USB}/2-0:1.0/usb2-port3/peer"
    board = Board(device("2-3", 4, "5000"), {peer: "/sys/devices/x/usb1/1-0:1.0/usb1-port3"})
    assert usb_ports.plugged(board) == (Plugged("1-3", "4", 5000, path="2-3"),)
    inner = f"{USB}/2-1.4:1.0/2-1.4-port2/peer"
    board = Board(device("2-1.4.2", 4), {inner: "/sys/x/1-1.4:1.0/1-1.4-port2"})
    assert usb_ports.socket_name(board, "2-1.4.2") == "1-1.4.2"
    assert usb_ports.socket_name(Board(), "2-1.4.2") == "2-1.4.2"


def test_a_hub_full_of_sticks_is_no_socket() -> None:
    """Four sticks on a hub must not stand in for four sockets; built-in hubs have real ones."""
    board = Board({**ROOT, **device("1-4", 2, kind="09")})  # built in: the front sockets
    arrivals = {
        1: device("1-1", 4, kind="09"), 3: device("1-1.1", 5), 4: device("1-1.2", 6),
        6: device("1-4.3", 7),
    }  # fmt: skip

    def hand(waits: int) -> bool:
        board.files.update(arrivals.get(waits, {}))
        return waits > 8

    result = usb_ports.run(CheckContext(board, live=True, pause=Clock(hand).pause))
    assert result.evidence["paths"] == "1-4.3"


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("/x/usb2/2-0:1.0/usb2-port3", "2-3"), ("/x/2-1/2-1:1.0/2-1-port4", "2-1.4"),
        ("/x/2-1.4/2-1.4:1.0/2-1.4-port2", "2-1.4.2"), ("/x/power", None), ("", None),
    ],
)  # fmt: skip
def test_port_paths(folder: str, path: str | None) -> None:
    assert usb_ports.port_path(folder) == path


def test_the_firmware_s_count_joins_pairs_and_leaves_out_inner_ports() -> None:
    hub1, hub2 = f"{USB}/1-0:1.0", f"{USB}/2-0:1.0"
    files: dict[str, str | None] = {
        f"{hub1}/usb1-port1/connect_type": "hotplug",
        f"{hub1}/usb1-port2/connect_type": "hotplug",
        f"{hub1}/usb1-port3/connect_type": "hardwired",
        f"{hub1}/usb1-port4/connect_type": "not used",
        f"{hub2}/usb2-port1/connect_type": "hotplug",
    }
    links = {
        f"{hub2}/usb2-port1/peer": "/sys/x/usb1/1-0:1.0/usb1-port1",
        f"{hub1}/usb1-port1/peer": "/sys/x/usb2/2-0:1.0/usb2-port1",
    }
    assert usb_ports.firmware_count(Board(files, links)) == 2
    assert usb_ports.firmware_count(Board({f"{hub1}/usb1-port1/connect_type": "unknown"})) is None
    assert usb_ports.firmware_count(Board()) is None


def plug_round(steps: dict[int, tuple[str, int] | str], stop_at: int) -> tuple[Board, Clock]:
    """A worker who plugs (path, number) or pulls (path) at given waits."""
    board = Board(dict(ROOT))

    def hand(waits: int) -> bool:
        act = steps.get(waits)
        if isinstance(act, tuple):
            board.files.update(device(*act))
        elif act is not None:
            for path in [p for p in board.files if p.startswith(f"{USB}/{act}/")]:
                del board.files[path]
        return waits >= stop_at

    return board, Clock(hand)


def test_a_stick_carried_from_socket_to_socket_is_counted_by_socket() -> None:
    steps: dict[int, tuple[str, int] | str] = {
        1: ("1-1", 4), 3: "1-1", 4: ("1-2", 5), 6: "1-2", 7: ("1-1", 6), 9: "1-1",
    }  # fmt: skip
    board, clock = plug_round(steps, 12)
    seen: list[Progress] = []
    result = usb_ports.run(CheckContext(board, live=True, pause=clock.pause, report=seen.append))
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.PORTS_UNCOUNTED)
    assert (result.evidence["ports"], result.evidence["paths"]) == (2, "1-1 1-2")
    assert seen[-1].done == 2


def test_what_was_in_before_proves_no_socket_unless_it_can_be_pulled() -> None:
    board, clock = plug_round({}, 3)
    board.files.update(device("1-7", 2))  # a camera behind a port: "unknown"
    board.files.update(device("1-5", 3))
    board.files[f"{USB}/1-5/removable"] = "removable"  # the stick we booted from
    result = usb_ports.run(CheckContext(board, live=True, pause=clock.pause))
    assert result.evidence["paths"] == "1-5"


def test_nothing_plugged_is_not_tested() -> None:
    board, clock = plug_round({}, 3)
    result = usb_ports.run(CheckContext(board, live=True, pause=clock.pause))
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.NO_PLUG)
    assert usb_ports.run(CheckContext(board)).outcome is CheckOutcome.NOT_TESTABLE_HERE
    assert usb_ports.run(CheckContext(Board(), live=True)).outcome is CheckOutcome.NOT_TESTABLE_HERE


# -- discs and cards -------------------------------------------------------------------

COPIED = "4+0 records in\n4+0 records out\n4194304 bytes (4.2 MB, 4.0 MiB) copied, 1 s\n"


@pytest.mark.parametrize(
    ("done", "reading"),
    [
        (gave(stderr=COPIED), Reading(True, 4194304)),
        (gave(stderr="0 bytes copied"), Reading(False, 0)),
        (gave(stderr="dd: failed to open '/dev/sr0': No medium found", code=1), Reading(False)),
        (gave(stderr="dd: failed to open '/dev/sr0': Permission denied", code=1),
         Reading(None, 0, "denied", True)),
        (gave(stderr="dd: error reading '/dev/sr0': Input/output error\n0 bytes", code=1),
         Reading(True, 0, "dd: error reading '/dev/sr0': Input/output error")),
        (Completed((), None, b"", b"", 40, Problem.TIMEOUT), Reading(None, 0, "timeout")),
    ],
)  # fmt: skip
def test_what_dd_said(done: Completed, reading: Reading) -> None:
    assert removable.parse(done) == reading


@pytest.mark.parametrize(
    ("reading", "outcome", "reason"),
    [
        (Reading(True, 1), CheckOutcome.PASSED, CheckReason.OK),
        (Reading(True, 0), CheckOutcome.FAILED, CheckReason.READ_ERROR),
        (Reading(True, 512, "I/O error"), CheckOutcome.FAILED, CheckReason.READ_ERROR),
        (Reading(False), CheckOutcome.NOT_TESTED, CheckReason.NO_DISC),
        (None, CheckOutcome.NOT_TESTED, CheckReason.NO_DISC),
        (Reading(None, 0, "timeout"), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        (Reading(None, 0, "denied", True), CheckOutcome.NOT_TESTABLE_HERE, CheckReason.DENIED),
    ],
)
def test_readings_judged(
    reading: Reading | None, outcome: CheckOutcome, reason: CheckReason
) -> None:
    result = removable.judge("optical", reading, CheckReason.NO_DISC)
    assert (result.outcome, result.reason) == (outcome, reason)


def test_a_scratched_disc_may_be_changed_for_another() -> None:
    bad = gave(stderr="dd: error reading: Input/output error\n0 bytes", code=1)
    none = gave(stderr="No medium found", code=1)
    answers = [none, bad, none, gave(stderr=COPIED)]
    board = Board({"/sys/block/sr0/size": "0"}, commands={"dd": lambda *_: answers.pop(0)})
    result = removable.run_optical(CheckContext(board, live=True, pause=Clock().pause))
    assert result.outcome is CheckOutcome.PASSED


def test_no_disc_until_the_worker_stops() -> None:
    none = gave(stderr="No medium found", code=1)
    board = Board({"/sys/block/sr0/size": "0"}, commands={"dd": none})
    context = CheckContext(board, live=True, pause=Clock(lambda waits: waits > 2).pause)
    assert removable.run_optical(context).reason is CheckReason.NO_DISC
    assert (
        removable.run_optical(CheckContext(Board(), live=True)).outcome
        is CheckOutcome.NOT_TESTABLE_HERE
    )


def test_cards_are_told_from_sticks_and_soldered_memory() -> None:
    files: dict[str, str | None] = {
        "/sys/block/mmcblk0/device/type": "MMC",
        "/sys/block/mmcblk1/device/type": "SD",
        "/sys/block/sda/removable": "1", "/sys/block/sda/size": "100",
        "/sys/block/sda/device/vendor": "SanDisk", "/sys/block/sda/device/model": "Cruzer",
        "/sys/block/sdb/removable": "1", "/sys/block/sdb/size": "100",
        "/sys/block/sdb/device/vendor": "Generic-", "/sys/block/sdb/device/model": "SD/MMC Reader",
        "/sys/block/sdc/removable": "1", "/sys/block/sdc/size": "0",
        "/sys/block/sdc/device/vendor": "Generic-", "/sys/block/sdc/device/model": "Card Reader",
    }  # fmt: skip
    assert removable.cards(Board(files)) == {"mmcblk1", "sdb"}


def test_a_card_put_in_is_read() -> None:
    board = Board({"/sys/block/mmcblk0/device/type": "MMC"}, commands={"dd": gave(stderr=COPIED)})

    def hand(waits: int) -> None:
        if waits == 2:
            board.files["/sys/block/mmcblk1/device/type"] = "SD"

    context = CheckContext(board, live=True, pause=Clock(hand).pause)
    assert removable.run_card_reader(context).outcome is CheckOutcome.PASSED
    assert ("dd", "if=/dev/mmcblk1", "of=/dev/null", "bs=1M", "count=4") in board.ran


# -- pictures --------------------------------------------------------------------------

DRM = picture_out.DRM


def screens(name: str, status: str, enabled: str, edid: int) -> dict[str, str | None]:
    base = f"{DRM}/card0-{name}"
    return {f"{base}/status": status, f"{base}/enabled": enabled, f"{base}/edid": "x" * edid}


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        (screens("HDMI-A-1", "connected", "enabled", 128), CheckOutcome.PASSED),
        (screens("HDMI-A-1", "connected", "enabled", 0), CheckOutcome.NOT_TESTABLE_HERE),
        (screens("HDMI-A-1", "connected", "disabled", 128), CheckOutcome.NOT_TESTABLE_HERE),
        (screens("HDMI-A-1", "unknown", "enabled", 128), CheckOutcome.NOT_TESTABLE_HERE),
        (screens("eDP-1", "connected", "enabled", 128), CheckOutcome.NOT_TESTABLE_HERE),
        ({}, CheckOutcome.NOT_TESTABLE_HERE),
    ],
)
def test_video_sockets(files: dict[str, str | None], outcome: CheckOutcome) -> None:
    assert picture_out.run_video(CheckContext(Board(files), live=True)).outcome is outcome


LIGHT = {f"{picture_out.BACKLIGHT}/intel/brightness": "300",
         f"{picture_out.BACKLIGHT}/intel/max_brightness": "1000"}  # fmt: skip


def test_the_light_changes_and_comes_back() -> None:
    board = Board(dict(LIGHT))
    values: list[int] = []

    def act(path: str, value: int) -> None:
        values.append(value)
        board.files[path] = str(value)

    context = CheckContext(board, live=True, pause=Clock().pause)
    result = picture_out.run_backlight(context, act)
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.OK)
    assert values == [100, 1000, 100, 1000, 300]


def test_a_light_that_does_not_take_its_value_fails_and_a_forbidden_one_says_so() -> None:
    context = CheckContext(Board(dict(LIGHT)), live=True, pause=Clock().pause)
    assert picture_out.run_backlight(context, lambda *_: None).outcome is CheckOutcome.FAILED

    def denied(path: str, value: int) -> None:
        raise PermissionError(path, value)

    assert picture_out.run_backlight(context, denied).reason is CheckReason.DENIED
    assert picture_out.run_backlight(CheckContext(Board())).reason is CheckReason.UNRECORDED


def test_a_dark_screen_is_left_bright() -> None:
    board = Board({**LIGHT, f"{picture_out.BACKLIGHT}/intel/brightness": "5"})
    values: list[int] = []
    context = CheckContext(board, live=True, pause=Clock().pause)
    picture_out.run_backlight(context, lambda _, value: values.append(value))
    assert values[-1] == 1000
