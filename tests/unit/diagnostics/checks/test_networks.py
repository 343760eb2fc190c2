"""Ethernet, Wi-Fi, Bluetooth: judged from what the kernel and the tools say."""

from __future__ import annotations

import pytest

from diagnostics.checks import bluetooth, ethernet, radio, wifi
from diagnostics.checks.context import CheckContext
from diagnostics.checks.ethernet import Link
from diagnostics.checks.model import CheckOutcome, CheckReason
from diagnostics.checks.wifi import Scan
from diagnostics.command import Completed, Problem
from tests.unit.diagnostics.checks.board import Board, Clock, gave

NET = "/sys/class/net"


@pytest.mark.parametrize(
    ("links", "outcome", "reason"),
    [
        ([Link("e", True, 1000)], CheckOutcome.PASSED, CheckReason.OK),
        ([Link("e", True, 100)], CheckOutcome.PASSED, CheckReason.OK),
        ([Link("e", True, 99)], CheckOutcome.FAILED, CheckReason.SLOW_LINK),
        ([Link("e", True, 10)], CheckOutcome.FAILED, CheckReason.SLOW_LINK),
        ([Link("e", True, None)], CheckOutcome.NOT_TESTABLE_HERE, CheckReason.SPEED_UNKNOWN),
        ([Link("e", False)], CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE),
        ([Link("e", None)], CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE),
        ([Link("e", False, 1000)], CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE),
        ([Link("e", True, 1000), Link("f", False)], CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE),
        ([Link("e", True, 10), Link("f", False)], CheckOutcome.FAILED, CheckReason.SLOW_LINK),
        ([Link("e", True, 1000), Link("f", True, 1000)], CheckOutcome.PASSED, CheckReason.OK),
        ([], CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
    ],
)
def test_links_judged(links: list[Link], outcome: CheckOutcome, reason: CheckReason) -> None:
    result = ethernet.judge(tuple(links))
    assert (result.outcome, result.reason) == (outcome, reason)


def wired(carrier: str = "1", speed: str = "1000") -> Board:
    return Board(
        {
            f"{NET}/eth0/carrier": carrier,
            f"{NET}/eth0/speed": speed,
            f"{NET}/eth0/type": "1",
            f"{NET}/wlan0/wireless/status": "0",
            f"{NET}/wlan0/carrier": "1",
            f"{NET}/lo/carrier": "1",
            f"{NET}/eth9/carrier": "1",
        },
        {
            f"{NET}/eth0/device": "/sys/devices/pci0000:00/0000:00:1f.6",
            f"{NET}/wlan0/device": "/sys/devices/pci0000:00/0000:00:14.3",
            f"{NET}/eth9/device": "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0",
        },
        {"ip link set": gave()},
    )


def test_only_the_machine_s_own_sockets_count() -> None:
    assert ethernet.sockets(wired()) == ("eth0",)
    assert ethernet.sockets(Board()) is None


def test_a_cable_that_is_there_passes_at_once() -> None:
    clock = Clock()
    context = CheckContext(wired(), live=True, pause=clock.pause, monotonic=clock.monotonic)
    result = ethernet.run(context)
    assert result.outcome is CheckOutcome.PASSED and result.evidence["eth0_mbit"] == 1000
    assert clock.waits == 0


def test_a_cable_plugged_late_is_seen_and_stays_seen() -> None:
    board = wired("0", "-1")

    def hand(waits: int) -> None:
        board.files[f"{NET}/eth0/carrier"] = "1" if waits >= 3 else "0"
        board.files[f"{NET}/eth0/speed"] = "1000" if waits >= 4 else "-1"

    clock = Clock(hand)
    context = CheckContext(board, live=True, pause=clock.pause, monotonic=clock.monotonic)
    assert ethernet.run(context).outcome is CheckOutcome.PASSED
    assert clock.waits == 4


def test_no_cable_ends_with_patience_and_is_no_failure() -> None:
    clock = Clock()
    context = CheckContext(
        wired("0", "-1"), live=True, pause=clock.pause, monotonic=clock.monotonic
    )
    result = ethernet.run(context)
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE)
    assert ethernet.PATIENCE_S <= clock.at < ethernet.PATIENCE_S + 2


def test_a_socket_we_may_not_bring_up_is_not_testable() -> None:
    board = wired()
    board.files[f"{NET}/eth0/carrier"] = None  # EINVAL: the socket is down
    board.commands["ip link set"] = gave(stderr="RTNETLINK: Operation not permitted", code=2)
    result = ethernet.run(CheckContext(board, live=True, pause=Clock().pause))
    assert (result.outcome, result.reason) == (CheckOutcome.NOT_TESTABLE_HERE, CheckReason.DENIED)


def test_a_recording_answers_without_touching_anything() -> None:
    board = wired()
    assert ethernet.run(CheckContext(board)).outcome is CheckOutcome.PASSED
    assert board.ran == []
    assert (
        ethernet.run(CheckContext(Board(absent=Problem.UNRECORDED))).reason
        is CheckReason.UNRECORDED
    )


# -- Wi-Fi -----------------------------------------------------------------------------

SCAN = """BSS 00:11:22:33:44:55(on wlan0)
	signal: -52.00 dBm
	SSID: Atelier
BSS 00:11:22:33:44:66(on wlan0)
	signal: -71.00 dBm
BSS 00:11:22:33:44:66(on wlan0)
"""


def test_networks_are_counted_once() -> None:
    assert wifi.parse(SCAN) == Scan(2, -52)
    assert wifi.parse("") == Scan(0)
    assert wifi.parse("BSS nonsense\nsignal: ten dBm\n\x00") == Scan(0)


@pytest.mark.parametrize(
    ("scans", "hard_off", "outcome", "reason"),
    [
        ([Scan(1, -80)], False, CheckOutcome.PASSED, CheckReason.OK),
        ([Scan(0), Scan(3, -60)], False, CheckOutcome.PASSED, CheckReason.OK),
        ([Scan(0), Scan(0)], False, CheckOutcome.FAILED, CheckReason.NO_NETWORK),
        ([Scan(0), Scan(None)], False, CheckOutcome.FAILED, CheckReason.NO_NETWORK),
        ([Scan(None)], False, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        ([], False, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
        ([Scan(None)], True, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.SWITCHED_OFF),
        ([Scan(0)], True, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.SWITCHED_OFF),
    ],
)
def test_scans_judged(
    scans: list[Scan], hard_off: bool, outcome: CheckOutcome, reason: CheckReason
) -> None:
    result = wifi.judge(tuple(scans), hard_off=hard_off)
    assert (result.outcome, result.reason) == (outcome, reason)


def wireless(scan: Completed | None, soft: str = "1", hard: str = "0") -> Board:
    commands = {"ip link set": gave(), "rfkill unblock": gave()}
    board = Board(
        {
            f"{NET}/wlan0/phy80211/name": "phy0",
            f"{radio.FOLDER}/rfkill0/type": "wlan",
            f"{radio.FOLDER}/rfkill0/soft": soft,
            f"{radio.FOLDER}/rfkill0/hard": hard,
        },
        commands=commands,
    )
    if scan is not None:
        board.commands["iw dev wlan0 scan"] = scan
    return board


@pytest.mark.parametrize(
    ("scan", "outcome", "reason"),
    [
        (gave(SCAN), CheckOutcome.PASSED, CheckReason.OK),
        (gave(""), CheckOutcome.FAILED, CheckReason.NO_NETWORK),
        (gave("", "Device or resource busy (-16)", 240), CheckOutcome.NOT_TESTABLE_HERE,
         CheckReason.UNREADABLE),
        (gave("", "Operation not permitted (-1)", 255),
        CheckOutcome.NOT_TESTABLE_HERE, CheckReason.DENIED),
        (None, CheckOutcome.NOT_TESTABLE_HERE, CheckReason.NO_TOOL),
    ],
)  # fmt: skip
def test_wifi_run(scan: Completed | None, outcome: CheckOutcome, reason: CheckReason) -> None:
    board = wireless(scan)
    result = wifi.run(CheckContext(board, live=True, pause=Clock().pause))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert ("rfkill", "unblock", "wlan") in board.ran


def test_a_busy_scan_is_tried_again() -> None:
    answers = [gave("", "busy", 240), gave(SCAN)]
    board = wireless(None)
    board.commands["iw dev wlan0 scan"] = lambda _board, _argv: answers.pop(0)
    assert (
        wifi.run(CheckContext(board, live=True, pause=Clock().pause)).outcome is CheckOutcome.PASSED
    )


def test_a_card_without_firmware_is_no_absent_card() -> None:
    board = Board({f"{NET}/lo/mtu": "1", f"{wifi.PCI}/0000:02:00.0/class": "0x028000"})
    assert wifi.run(CheckContext(board, live=True)).reason is CheckReason.NO_DRIVER


# -- Bluetooth -------------------------------------------------------------------------

HCICONFIG = """hci0:	Type: Primary  Bus: USB
	BD Address: 5C:F3:70:11:22:33  ACL MTU: 1021:8  SCO MTU: 64:1
	UP RUNNING
"""
CTL = "Controller 5C:F3:70:11:22:33 (public)\n\tName: x\n\tPowered: {}\n"
MGMT = "hci0:\tPrimary controller\n\taddr 5C:F3:70:11:22:33 version 9\n\tcurrent settings: {}ssp \n"


@pytest.mark.parametrize(
    ("text", "up"),
    [
        (HCICONFIG, True), (HCICONFIG.replace("UP RUNNING", "DOWN"), False),
        (CTL.format("yes"), True), (CTL.format("no"), False),
        (MGMT.format("powered "), True), (MGMT.format(""), False),
        ("", None), ("No default controller available", None),
    ],
)  # fmt: skip
def test_adapters_parsed(text: str, up: bool | None) -> None:
    adapter = bluetooth.parse(text)
    assert adapter.up is up
    assert (adapter.address is None) is (up is None)


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        (HCICONFIG, CheckOutcome.PASSED, CheckReason.OK),
        (HCICONFIG.replace("5C:F3:70:11:22:33", "00:00:00:00:00:00"), CheckOutcome.FAILED,
         CheckReason.NO_ADDRESS),
        (HCICONFIG.replace("UP RUNNING", "DOWN"), CheckOutcome.FAILED, CheckReason.NO_DRIVER),
        ("garbage", CheckOutcome.NOT_TESTABLE_HERE, CheckReason.UNREADABLE),
    ],
)  # fmt: skip
def test_bluetooth_run(text: str, outcome: CheckOutcome, reason: CheckReason) -> None:
    board = Board({f"{bluetooth.FOLDER}/hci0/uevent": ""}, commands={"hciconfig": gave(text)})
    result = bluetooth.run(CheckContext(board, live=True))
    assert (result.outcome, result.reason) == (outcome, reason)


def test_bluetooth_cut_by_a_key_or_without_a_tool() -> None:
    off = {
        f"{bluetooth.FOLDER}/hci0/uevent": "",
        f"{radio.FOLDER}/rfkill1/type": "bluetooth",
        f"{radio.FOLDER}/rfkill1/soft": "0",
        f"{radio.FOLDER}/rfkill1/hard": "1",
    }
    down = {"hciconfig": gave(HCICONFIG.replace("UP RUNNING", "DOWN"))}
    assert bluetooth.run(CheckContext(Board(off, commands=down), live=True)).reason is (
        CheckReason.SWITCHED_OFF
    )
    assert bluetooth.run(CheckContext(Board(off), live=True)).reason is CheckReason.NO_TOOL
    assert bluetooth.run(CheckContext(Board(), live=True)).outcome is CheckOutcome.NOT_TESTABLE_HERE
