"""Checks against QEMU's devices: they pass, and fail, as they should."""

from __future__ import annotations

import json
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from diagnostics.checks import catalogue, tone
from diagnostics.checks.layouts import NAMES, layout
from diagnostics.checks.model import CheckOutcome, CheckReason, CheckResult
from diagnostics.checks.plan import judge_answer
from tests.vm import disks
from tests.vm.disks import Bus, Disk
from tests.vm.guest import Images
from tests.vm.machine import Guest

pytestmark = pytest.mark.vm

SCRIPT = "/opt/etabli/tests/vm/check_once.py"
# QEMU's names of keys, where they differ from ours
QCODES = {
    "equal": "equal", "left_brace": "bracket_left", "right_brace": "bracket_right",
    "enter": "ret", "left_ctrl": "ctrl", "grave": "grave_accent", "left_shift": "shift",
    "right_shift": "shift_r", "left_alt": "alt", "space": "spc", "caps": "caps_lock",
    "right_alt": "alt_r", "meta": "meta_l",
}  # fmt: skip
CORE = [NAMES[code] for code in sorted(layout("azerty").core) if NAMES[code] != "esc"]


class Bench:
    """A running guest, and one check at a time in it."""

    def __init__(self, machine: Guest, recording: Path) -> None:
        self.machine = machine
        self.recording = recording
        self._future: Future[dict[str, Any]] | None = None

    def begin(self, check_id: str, kind: str = "desktop") -> None:
        self.machine.run("rm", "-f", "/tmp/progress", "/tmp/stop").ok()
        argv = ["python3", "-P", SCRIPT, check_id, kind]
        self._future = self.machine.begin(argv, timeout_s=240)

    def progress(self) -> dict[str, Any]:
        return json.loads(self.machine.get("/tmp/progress") or b"{}")

    def until(self, ready: Callable[[dict[str, Any]], bool], patience_s: float = 60) -> None:
        """Wait for a progress that satisfies `ready`."""
        deadline = time.monotonic() + patience_s
        while not ready(seen := self.progress()):
            assert self._future is not None and not self._future.done(), self.end()
            assert time.monotonic() < deadline, f"still at {seen}"
            time.sleep(0.05)

    def stop(self) -> None:
        self.machine.put("/tmp/stop", b"")

    def end(self) -> CheckResult:
        import msgspec

        assert self._future is not None
        done = self.machine.finish(self._future, timeout_s=260).ok()
        return msgspec.json.decode(done.out, type=CheckResult)

    def run(self, check_id: str, kind: str = "desktop") -> CheckResult:
        self.begin(check_id, kind)
        return self.end()

    def keys(self, names: list[str]) -> None:
        """Press keys four at a time, each group once the test has seen the one before."""
        for first in range(0, len(names), 4):
            some = names[first : first + 4]
            wanted = self.progress()["done"] + len(some)
            self.machine.monitor.press(*(QCODES.get(name, name) for name in some))
            self.until(lambda seen, count=wanted: seen.get("done", 0) >= count)  # type: ignore[misc]

    def plug(self, disk: Disk, port: int) -> None:
        """Plug a USB disk into one port of the controller."""
        self.machine.monitor.do("blockdev-add", **disk.blockdev())
        self.machine.monitor.do("device_add", **disk.device(), port=str(port))
        self.machine.disks.append(disk)

    def pull(self, disk: Disk) -> None:
        """Unplug a disk; a USB disk's own event comes after that of the SCSI disk inside it."""
        monitor = self.machine.monitor
        monitor.do("device_del", id="dev-" + disk.name)
        while monitor.wait_event("DEVICE_DELETED")["data"].get("device") != "dev-" + disk.name:
            pass
        monitor.do("blockdev-del", node_name=disk.name)
        self.machine.disks.remove(disk)

    def leave(self) -> None:
        for _ in range(3):
            self.machine.monitor.press("esc")

    def send(self, *events: dict[str, Any]) -> None:
        self.machine.monitor.do("input-send-event", events=list(events))


def button(name: str, down: bool) -> dict[str, Any]:
    return {"type": "btn", "data": {"button": name, "down": down}}


def place(x: int, y: int) -> list[dict[str, Any]]:
    return [
        {"type": "abs", "data": {"axis": axis, "value": value}}
        for axis, value in (("x", x), ("y", y))
    ]


@pytest.fixture(scope="module")
def bench(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("checks")
    recording = folder / "played.wav"
    extra = [
        *("-machine", "i8042=off"),  # so that keys go to the USB keyboard
        *("-device", "usb-kbd,bus=xhci.0,port=1", "-device", "usb-tablet,bus=xhci.0,port=2"),
        *("-netdev", "hubport,id=cable,hubid=0", "-device", "e1000,netdev=cable,id=nic"),
        *("-audiodev", f"wav,id=snd,path={recording},out.frequency=48000"),
        *("-device", "intel-hda", "-device", "hda-duplex,audiodev=snd"),
    ]
    with Guest(images, folder / "vm", extra=extra) as machine:
        yield Bench(machine, recording)


def outcome(result: CheckResult) -> tuple[CheckOutcome, CheckReason]:
    return result.outcome, result.reason


# -- keyboard --------------------------------------------------------------------------


def test_a_keyboard_whose_every_key_answers_passes(bench: Bench) -> None:
    bench.begin("keyboard")
    bench.until(lambda seen: "done" in seen)
    bench.keys([*CORE, "esc"])
    result = bench.end()
    assert outcome(result) == (CheckOutcome.PASSED, CheckReason.OK)
    assert result.evidence == {"expected": len(CORE) + 1, "seen": len(CORE) + 1}


def test_a_dead_key_fails_and_is_named(bench: Bench) -> None:
    bench.begin("keyboard")
    bench.until(lambda seen: "done" in seen)
    bench.keys([name for name in CORE if name not in ("k", "right_shift")])
    bench.leave()
    result = bench.end()
    assert outcome(result) == (CheckOutcome.FAILED, CheckReason.KEYS_MISSING)
    assert result.evidence["keys"] == "k right_shift"


def test_a_stuck_key_fails_and_is_named(bench: Bench) -> None:
    bench.begin("keyboard")
    bench.until(lambda seen: "done" in seen)
    key = {"type": "qcode", "data": "j"}
    bench.send({"type": "key", "data": {"down": True, "key": key}})
    bench.keys(["a", "b"])
    bench.leave()
    result = bench.end()
    bench.send({"type": "key", "data": {"down": False, "key": key}})
    assert outcome(result) == (CheckOutcome.FAILED, CheckReason.KEYS_STUCK)
    assert result.evidence["keys"] == "j"


def test_the_bench_s_usb_keyboard_does_not_stand_in_for_a_laptop_s(bench: Bench) -> None:
    assert outcome(bench.run("keyboard", "laptop")) == (CheckOutcome.FAILED, CheckReason.NOT_SEEN)


# -- pointer ---------------------------------------------------------------------------


def test_a_pointer_that_moves_and_clicks_passes(bench: Bench) -> None:
    bench.begin("pointer")
    bench.until(lambda seen: "done" in seen)
    for at in ((1000, 1000), (30000, 1000), (1000, 1000), (1000, 30000), (1000, 1000)):
        bench.send(*place(*at))
        time.sleep(0.1)  # the tablet keeps only its last place between two polls
    for name in ("left", "right"):
        bench.send(button(name, True))
        time.sleep(0.1)
        bench.send(button(name, False))
        time.sleep(0.1)
    assert outcome(bench.end()) == (CheckOutcome.PASSED, CheckReason.OK)


def test_a_pointer_without_a_right_button_fails(bench: Bench) -> None:
    bench.begin("pointer")
    bench.until(lambda seen: "done" in seen)
    for at in ((900, 900), (30000, 900), (900, 900), (900, 30000), (900, 900)):
        bench.send(*place(*at))
        time.sleep(0.1)
    bench.send(button("left", True))
    time.sleep(0.1)
    bench.send(button("left", False))
    bench.until(lambda seen: seen["done"] == 5)
    bench.stop()
    result = bench.end()
    assert outcome(result) == (CheckOutcome.FAILED, CheckReason.BUTTON_MISSING)
    assert result.evidence["buttons"] == "right"


# -- USB sockets -----------------------------------------------------------------------


def test_sockets_are_counted_as_sticks_come_and_go(bench: Bench, vm_folder: Path) -> None:
    sticks = [disks.make(vm_folder, f"stick{n}", Bus.USB, 1) for n in range(2)]
    bench.begin("usb")
    bench.until(lambda seen: seen.get("done") == 0)
    bench.plug(sticks[0], 3)
    bench.until(lambda seen: seen["done"] == 1)
    bench.plug(sticks[1], 4)
    bench.until(lambda seen: seen["done"] == 2)
    bench.pull(sticks[0])
    bench.pull(sticks[1])
    bench.plug(sticks[0], 4)  # a socket already counted
    bench.machine.device_of(sticks[0])
    bench.stop()
    result = bench.end()
    bench.pull(sticks[0])
    assert outcome(result) == (CheckOutcome.NOT_TESTED, CheckReason.PORTS_UNCOUNTED)
    assert result.evidence["paths"] == "1-3 1-4", result.evidence
    check = catalogue.find("usb")
    assert check is not None and check.question is not None
    assert judge_answer("usb", check.question, 2, result).outcome is CheckOutcome.PASSED
    assert judge_answer("usb", check.question, 3, result).outcome is CheckOutcome.FAILED


def test_no_stick_no_proof(bench: Bench) -> None:
    bench.begin("usb")
    bench.until(lambda seen: "done" in seen)
    bench.stop()
    assert outcome(bench.end()) == (CheckOutcome.NOT_TESTED, CheckReason.NO_PLUG)


# -- cable -----------------------------------------------------------------------------


def test_the_cable_socket_passes_with_a_link_and_not_without(bench: Bench) -> None:
    result = bench.run("ethernet")
    assert outcome(result) == (CheckOutcome.PASSED, CheckReason.OK)
    assert 1000 in result.evidence.values()
    bench.machine.monitor.link("nic", False)
    gone = "for t in $(seq 200); do grep -qx 0 /sys/class/net/e*/carrier && exit; sleep 0.1; done"
    bench.machine.sh(gone + "; exit 1").ok()  # e1000 looks at its link every two seconds
    unplugged = bench.run("ethernet")
    assert outcome(unplugged) == (CheckOutcome.NOT_TESTED, CheckReason.NO_CABLE)
    check = catalogue.find("ethernet")
    assert check is not None and check.question is not None
    assert judge_answer("ethernet", check.question, "yes", unplugged).outcome is CheckOutcome.FAILED
    bench.begin("ethernet")
    bench.until(lambda seen: seen.get("done") == 0)
    bench.machine.monitor.link("nic", True)  # plugged while we watch
    assert outcome(bench.end()) == (CheckOutcome.PASSED, CheckReason.OK)


# -- memory, clock ---------------------------------------------------------------------


def test_memory_and_clock_of_the_guest(bench: Bench) -> None:
    clock = bench.run("clock")
    assert outcome(clock) == (CheckOutcome.PASSED, CheckReason.OK)
    code = (
        "import msgspec;from diagnostics.checks import memory;"
        "from diagnostics.command import System;"
        "r=System().run(['memtester','1M','1'],timeout_s=200);"
        "print(msgspec.json.encode(memory.parse_memtester(r,1)).decode())"
    )
    tested = json.loads(bench.machine.python("-c", code, timeout_s=240).ok().out)
    assert (tested["mib"], tested["faults"], tested["tool"]) == (1, 0, "memtester"), tested


# -- sound: last, because the recording is complete only when the machine is off --------


def test_a_microphone_that_hears_silence_fails(bench: Bench) -> None:
    result = bench.run("microphone")
    assert outcome(result) == (CheckOutcome.FAILED, CheckReason.SILENCE), result.evidence


def test_a_microphone_that_hears_the_tone_passes(bench: Bench) -> None:
    """The kernel's loopback card: what is played on device 0 is recorded on device 1.

    It refuses to open one end while the other is being set up ("no configurations
    available"), which no real card does: then both are opened again.
    """
    bench.machine.run("modprobe", "snd-aloop").ok()
    listed = bench.machine.run("cat", "/proc/asound/pcm").ok().text
    card = next(line[:2] for line in listed.splitlines() if "Loopback" in line)
    code = (
        "import msgspec;from diagnostics.checks import sound,sound_cards,tone;"
        "from diagnostics.command import System;"
        f"o=sound_cards.Pcm({int(card)},0,'o',True,False);i=sound_cards.Pcm({int(card)},1,'i',False,True);"
        "tries=(sound.loop(System(),o,i) for _ in range(6));"
        "p,h=next((p,h) for p,h in tries if p.exit_code==0==h.exit_code);"
        "print(msgspec.json.encode(tone.judge(tone.hear(tone.raw(h.stdout)))).decode())"
    )
    heard = json.loads(bench.machine.python("-c", code).ok().out)
    assert heard["outcome"] == "passed", heard


def test_the_played_tones_leave_the_machine(bench: Bench) -> None:
    result = bench.run("sound")
    assert outcome(result) == (CheckOutcome.NOT_TESTED, CheckReason.OK), result.evidence
    check = catalogue.find("sound")
    assert check is not None and check.question is not None
    assert judge_answer("sound", check.question, "no", result).outcome is CheckOutcome.FAILED
    bench.machine.stop()
    with wave.open(str(bench.recording)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, tone.RATE_HZ)
        both = tone.raw(file.readframes(10**8))
    left, right = tone.hear(both[::2]), tone.hear(both[1::2])
    assert left.left >= tone.LEAST_WINDOWS and left.right == 0
    assert right.right >= tone.LEAST_WINDOWS and right.left == 0
