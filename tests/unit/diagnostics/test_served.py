"""The probe service: what is on its list is done for an ordinary user, and nothing else.

A real process on a real socket; who asks has given up root.
"""

from __future__ import annotations

import datetime
import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.setup import live
from diagnostics.command import Completed, Content, Problem, System
from diagnostics.served import allowed, wire
from diagnostics.served.client import Served
from diagnostics.served.service import Service as Answering
from diagnostics.served.talk import ANSWERS, Ran, Refused, Run
from diagnostics.served.talk import Read as ReadFile
from diagnostics.sources import pysmart_reader, smartctl
from tests.services import NAMED, NOBODY, Service, as_nobody

IMPORTS = """
import sys, json
from pathlib import Path
import msgspec
from diagnostics.command import Content, Problem, System
from diagnostics.served.client import Served
from diagnostics.served import wire
"""


SHOWN = {
    "/sys/class/block": ("sda", "sda1", "nvme0n1", "sr0", "cciss!c0d0", "x;y", "..", "-s"),
    "/sys/class/net": ("lo", "enp3s0", "wlp2s0"),
    "/sys/class/bluetooth": ("hci0",),
    "/usr/lib/etabli/keymaps": ("be.kmap.gz", "fr.kmap.gz"),
}


class Machine:
    """What the kernel shows of a small PC; keeps what it was asked to run and read."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10, stdin: bytes | None = None
    ) -> Completed:
        self.asked.append(tuple(argv))
        return Completed(tuple(argv), 0, b"out", b"", timeout_s)

    def read(self, path: str) -> Content:
        self.asked.append(("read", path))
        return Content(path, b"told")

    def names(self, path: str) -> tuple[str, ...] | None:
        return SHOWN.get(path)

    def link(self, path: str) -> str | None:
        return path

    def has(self, tool: str) -> bool:
        return True


def asked(question: Run | ReadFile) -> tuple[object, list[tuple[str, ...]]]:
    machine = Machine()
    raw = Answering(machine).answer(msgspec.json.encode(question))
    return ANSWERS.decode(raw), machine.asked


GOOD = [
    smartctl.argv("/dev/sda"),
    smartctl.argv("/dev/sda", "sat"),
    smartctl.argv("/dev/cciss/c0d0"),
    ("smartctl", "-X", "/dev/nvme0n1"),
    ("smartctl", "-d", "ata", "-t", "long", "/dev/sda"),
    ("nvme", "id-ctrl", "-o", "json", "/dev/nvme0n1"),
    ("dmidecode",),
    ("dd", "if=/dev/sr0", "of=/dev/null", "bs=1M", "count=4"),
    ("ip", "link", "set", "dev", "enp3s0", "up"),
    ("iw", "dev", "wlp2s0", "scan"),
    ("rfkill", "unblock", "wlan"),
    ("hciconfig", "hci0", "up"),
    ("btmgmt", "--index", "0", "power", "on"),
    ("loadkeys", "-q", "-C", "/dev/tty1", "/usr/lib/etabli/keymaps/be.kmap.gz"),
    ("date", "--utc", "--set=@1790000000"),
    ("hwclock", "--systohc", "--utc"),
]


@pytest.mark.parametrize("argv", GOOD, ids=" ".join)
def test_what_a_source_asks_is_done(argv: tuple[str, ...]) -> None:
    answer, done = asked(Run(argv, 5.0))
    assert isinstance(answer, Ran) and answer.done.stdout == b"out"
    assert done == [argv]


# What these same tools can do to a disk, a machine or its secrets, and ways round a list.
BAD = [
    ("hdparm", "--security-erase", "NULL", "/dev/sda"),
    ("hdparm", "--Istdout", "/dev/sda"),
    ("hdparm", "--user-master", "u", "--security-set-pass", "p", "/dev/sda"),
    ("hdparm", "--yes-i-know-what-i-am-doing", "--sanitize-crypto-scramble", "/dev/sda"),
    ("hdparm", "-N", "p1000", "/dev/sda"),
    ("hdparm", "--trim-sector-ranges", "0:1", "/dev/sda"),
    ("nvme", "format", "/dev/nvme0n1"),
    ("nvme", "format", "-o", "json", "/dev/nvme0n1"),
    ("nvme", "sanitize", "-a", "2", "/dev/nvme0n1"),
    ("nvme", "write", "/dev/nvme0n1"),
    ("nvme", "delete-ns", "-n", "1", "/dev/nvme0n1"),
    ("nvme", "id-ctrl", "-o", "json", "/dev/nvme0n1", "--vendor-specific"),
    ("nvme", "admin-passthru", "-o", "json", "/dev/nvme0n1"),
    ("nvme", "fw-download", "-f", "/tmp/x", "/dev/nvme0n1"),
    ("smartctl", "-s", "off", "/dev/sda"),
    ("smartctl", "-s", "security-freeze", "/dev/sda"),
    ("smartctl", "-d", "ata", "-s", "off", "/dev/sda"),
    ("smartctl", "-d", "ata", "-t", "vendor,0xff", "/dev/sda"),
    ("smartctl", "-d", "ata", "-t", "short,captive", "/dev/sda"),
    ("smartctl", "-d", "ata", "-t", "select,0-max", "/dev/sda"),
    ("smartctl", "-C", "-t", "short", "/dev/sda"),
    ("smartctl", "-d", "megaraid,0", "--all", "/dev/sda"),
    ("smartctl", "-B", "/tmp/mine", "-x", "-j", "/dev/sda"),
    ("smartctl", "-x", "-j", "-d", "sat", "-l", "scterc,1,1", "/dev/sda"),
    ("smartctl", "-x", "-j", "/dev/sdb"),  # none here
    ("smartctl", "-x", "-j", "/dev/../etc/shadow"),
    ("smartctl", "-x", "-j", "/dev/sda\0"),
    ("smartctl", "-x", "-j", "/dev/sda\n"),
    ("smartctl", "-x", "-j", "//dev/sda"),
    ("smartctl", "-x", "-j", "/dev/./sda"),
    ("smartctl", "-x", "-j", "sda"),
    ("smartctl", "-x", "-j", "/dev/x;y"),
    ("smartctl", "-x", "-j", "/dev/.."),
    ("smartctl", "-x", "-j", "/dev/-s"),
    ("smartctl", "-x", "-j", "/dev/sda", "-s", "off"),
    ("/usr/sbin/smartctl", "-x", "-j", "/dev/sda"),
    ("./smartctl", "-x", "-j", "/dev/sda"),
    ("SMARTCTL", "-x", "-j", "/dev/sda"),
    ("smartctl", "-x -j", "/dev/sda"),
    ("smartctl",),
    ("dd", "if=/dev/zero", "of=/dev/sda", "bs=1M", "count=4"),
    ("dd", "if=/dev/sda", "of=/dev/sda", "bs=1M", "count=4"),
    ("dd", "if=/dev/sda", "of=/dev/null", "bs=1M", "count=4", "of=/dev/sda"),
    ("dd", "if=/etc/shadow", "of=/dev/stdout", "bs=1M", "count=4"),
    ("dmidecode", "--dump-bin", "/etc/passwd"),
    ("dmidecode", "--from-dump", "/etc/shadow"),
    ("ip", "link", "set", "dev", "enp3s0", "down"),
    ("ip", "-batch", "/tmp/x"),
    ("ip", "link", "set", "dev", "eth9", "up"),
    ("ip", "netns", "exec", "x", "sh"),
    ("iw", "dev", "wlp2s0", "disconnect"),
    ("rfkill", "block", "all"),
    ("btmgmt", "--index", "0", "power", "off"),
    ("loadkeys", "-q", "-C", "/dev/tty1", "/tmp/mine.kmap.gz"),
    ("loadkeys", "-q", "-C", "/dev/tty1", "/usr/lib/etabli/keymaps/../../../../tmp/x"),
    ("loadkeys", "-q", "-C", "/dev/tty2", "/usr/lib/etabli/keymaps/be.kmap.gz"),
    ("date", "--utc", "--set=@1"),
    ("date", "--utc", "--set=@1790000000 "),
    ("date", "--utc", "--set=tomorrow"),
    ("date", "--utc", "--file=/etc/shadow"),
    ("hwclock", "--systohc", "--utc", "--rtc=/dev/sda"),
    ("sg_format", "--format", "/dev/sda"),
    ("sg_sanitize", "--crypto", "/dev/sda"),
    ("sg_raw", "/dev/sda", "00"),
    ("sg_write_same", "/dev/sda"),
    ("sedutil-cli", "--yesIreallywanttoERASEALLmydatausingthePSID", "X", "/dev/sda"),
    ("mmc", "erase", "0", "100", "/dev/mmcblk0"),
    ("blkdiscard", "/dev/sda"),
    ("wipefs", "-a", "/dev/sda"),
    ("mkfs.ext4", "/dev/sda"),
    ("rtcwake", "-m", "mem", "-s", "8"),
    ("systemd-run", "sh"),
    ("sh", "-c", "smartctl -x -j /dev/sda"),
    ("env", "smartctl", "-x", "-j", "/dev/sda"),
    ("mount", "/dev/sda1", "/mnt"),
    ("python3", "-m", "wipe", "/tmp/job"),
    ("",),
    (),
]


@pytest.mark.parametrize("argv", BAD, ids=lambda argv: ascii(" ".join(argv)))
def test_what_could_do_harm_is_refused(argv: tuple[str, ...]) -> None:
    answer, done = asked(Run(argv, 5.0))
    assert isinstance(answer, Refused)
    assert done == []


STRONGER = {
    "smartctl": {"-s", "-C", "-B", "vendor,0xff", "short,captive", "select,0-max"},
    "nvme": {"format", "sanitize", "write", "delete-ns", "admin-passthru", "fw-download"},
    "dd": {"of=/dev/sda", "if=/dev/zero", "if=/etc/shadow"},
    "ip": {"down", "netns", "-batch"},
}


def test_no_word_of_a_good_command_may_be_another_nor_be_added() -> None:
    words = sorted({word for argv in (*GOOD, *BAD) for word in argv})
    machine = Machine()
    for argv in GOOD:
        for place in range(len(argv) + 1):
            for word in words:
                for tried in (
                    (*argv[:place], word, *argv[place:]),
                    (*argv[:place], word, *argv[place + 1 :]),
                ):
                    if allowed.command(tried, machine.names):
                        # Another disk, type, page or length of the same question: nothing stronger.
                        assert tried[0] == argv[0], tried
                        assert not STRONGER.get(tried[0], frozenset()) & set(tried[1:]), tried


READABLE = [
    "/sys/class/dmi/id/product_serial",
    "/sys/firmware/efi/esrt/entries/entry0/fw_class",
    "/sys/class/tty/ttyS0/type",
    "/proc/1/mountinfo",
]
SECRET = [
    "/etc/shadow",
    "/proc/1/environ",
    "/proc/kcore",
    "/proc/self/mem",
    "/dev/sda",
    "/dev/mem",
    "/sys/class/dmi/id/../../../../../../etc/shadow",
    "/sys/class/dmi/id/product_serial/../../../../etc/shadow",
    "/sys/class/dmi/id/product_serial\n",
    "/sys/class/dmi/id/product_serial\0",
    "//sys/class/dmi/id/product_serial",
    "sys/class/dmi/id/product_serial",
    "/sys/class/firmware-attributes/../../../etc/attributes/x/current_value",
    "/sys/class/firmware-attributes/a/attributes/../current_value",
    "/sys/kernel/debug/x",
    "/root/.ssh/id_ed25519",
    "",
]


def test_files_are_read_by_their_whole_name() -> None:
    for path in READABLE:
        answer, done = asked(ReadFile(path))
        assert done == [("read", path)] and not isinstance(answer, Refused)
    for path in SECRET:
        answer, done = asked(ReadFile(path))
        assert isinstance(answer, Refused) and done == [], path


@pytest.mark.parametrize("limit_s", [0.0, -1.0, 1e300])
def test_the_time_somebody_asks_for_is_bounded(limit_s: float) -> None:
    answer, done = asked(Run(("dmidecode",), limit_s))
    if limit_s > 0:
        assert isinstance(answer, Ran) and answer.done.elapsed_s <= 60.0
    else:
        assert isinstance(answer, Refused) and done == []


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder anybody may look into; paths of sockets are short."""
    with tempfile.TemporaryDirectory(prefix="served") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def service(place: Path) -> Iterator[Service]:
    with Service("diagnostics.served", place / "probe", NAMED) as running:
        yield running


@pytest.mark.root
def test_an_ordinary_user_reads_through_it_what_only_root_may(service: Service) -> None:
    """Not every kernel denies these files, and few show them all: here all are denied."""
    script = (
        "class Denied(System):\n"
        "    def read(self, path): return Content(path, None, Problem.DENIED)\n"
        "served = Served(Path(sys.argv[1]), Denied())\n"
        "print(json.dumps([served.read('/proc/1/mountinfo').text,"
        " served.read('/etc/shadow').problem.value,"
        " served.run(['dmidecode']).problem is None,"
        " served.run(['id', '-u']).text]))"
    )
    told, secret, ran, who = json.loads(as_nobody(IMPORTS, script, str(service.path)))
    assert told and told == System().read("/proc/1/mountinfo").text
    assert secret == "denied" and ran
    assert who == f"{NOBODY}\n", "what anybody may do is done by who asks"


@pytest.mark.root
def test_another_user_is_not_answered(service: Service) -> None:
    script = (
        "raw = msgspec.json.encode(Run(('dmidecode',), 1.0))\n"
        "try: wire.ask(Path(sys.argv[1]), raw, timeout_s=20)\n"
        "except wire.Silent as silent: print(silent.problem.value)\n"
    )
    more = IMPORTS + "from diagnostics.served.talk import Run\n"
    assert as_nobody(more, script, str(service.path), uid=NOBODY - 1) == "service\n"
    assert as_nobody(more, script, str(service.path)) == ""


def test_nobody_there_and_nobody_answering_are_values(place: Path) -> None:
    served = Served(place / "probe")
    gone = served.run(["dmidecode"], timeout_s=1)
    assert (gone.exit_code, gone.problem) == (None, Problem.SERVICE)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(place / "probe"))
        deaf.listen(1)
        wire_started = time.monotonic()
        with pytest.raises(wire.Silent) as hung:
            wire.ask(place / "probe", b"x", timeout_s=0.5)
        assert hung.value.problem is Problem.TIMEOUT
        assert time.monotonic() - wire_started < 5


def test_a_service_that_dies_in_the_middle_is_a_value(place: Path) -> None:
    import threading

    with socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(place / "probe"))
        dying.listen(1)

        def die() -> None:
            line, _ = dying.accept()
            line.recv(10)
            line.close()

        thread = threading.Thread(target=die)
        thread.start()
        assert Served(place / "probe").run(["dmidecode"]).problem is Problem.SERVICE
        thread.join()


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
QUESTIONS = (
    st.binary(min_size=1, max_size=300)
    | NESTED.map(lambda v: json.dumps(v).encode())
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["run", "read", "x"])},
        optional={
            "argv": st.lists(st.text()) | NESTED,
            "timeout_s": st.floats() | NESTED,
            "path": st.text() | NESTED,
        },
    ).map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
)


@given(QUESTIONS)
def test_whatever_is_asked_there_is_one_clear_refusal(raw: bytes) -> None:
    machine = Machine()
    answer = ANSWERS.decode(Answering(machine).answer(raw))
    assert isinstance(answer, Refused) and machine.asked == []


def test_a_deep_question_is_refused_too() -> None:
    machine = Machine()
    for raw in (b"[" * 60_000, b'{"type":"run","argv":' * 2_000, b'{"type":' + b"[" * 60_000):
        assert isinstance(ANSWERS.decode(Answering(machine).answer(raw)), Refused)


def throw(path: Path, give: Callable[[socket.socket], object]) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(30)
        line.connect(str(path))
        try:
            give(line)
            return line.recv(1 << 20)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def nonsense(line: socket.socket) -> None:
    line.sendall(os.urandom(200))
    line.shutdown(socket.SHUT_WR)


@pytest.mark.long
def test_floods_slow_and_endless_questions_leave_it_as_it_was(service: Service) -> None:
    served = Served(service.path)
    assert served.run(["dmidecode"]).problem is None
    for _ in range(100):
        throw(service.path, nonsense)
    before = service.memory_kib()
    for _ in range(2000):
        throw(service.path, nonsense)
    endless = bytes(1 << 20)
    for _ in range(200):
        assert throw(service.path, lambda line: line.sendall(endless)) == b""
    silent = []
    for _ in range(wire.AT_ONCE):  # every place is taken by who never asks
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(service.path))
        silent.append(line)
    started = time.monotonic()
    assert served.run(["dmidecode"], timeout_s=60).problem is None  # once they are dropped
    assert time.monotonic() - started < 4 * wire.PATIENCE_S
    for line in silent:
        assert line.recv(1) == b""
        line.close()
    assert service.process.poll() is None
    assert service.memory_kib() - before < 8 << 10
    assert service.errors.read_bytes() == b""


def test_what_python_wants_of_smartctl_is_on_the_list() -> None:
    """pySMART's own commands, seen while it reads a disk and starts both tests."""
    machine = Machine()

    class Seen(Machine):
        def run(
            self, argv: Sequence[str], *, timeout_s: float = 10, stdin: bytes | None = None
        ) -> Completed:
            machine.asked.append(tuple(argv))
            told = b"x\n\nx\n/dev/sda: Device of type 'sat' [SCSI] detected\n"
            return Completed(tuple(argv), 0, told, b"", 0.0)

    disk = pysmart_reader.device(Seen(), "/dev/sda")
    disk._interface = "sat"
    disk.test_capabilities = {"short": True, "long": True}
    for length in ("short", "long"):
        disk.run_selftest(length)
    assert len(machine.asked) > 3
    for argv in machine.asked:
        assert allowed.command(argv, machine.names), argv


def test_what_the_stick_sets_of_itself_is_on_the_list() -> None:
    machine = Machine()
    assert live.set_keyboard(machine, "be")
    assert live.set_clock(machine, datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC))
    assert [argv[0] for argv in machine.asked] == ["loadkeys", "date", "hwclock"]
    for argv in machine.asked:
        assert allowed.command(argv, machine.names), argv
