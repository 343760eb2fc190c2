"""The stick's screens have no rights: two services do root's part, looked at from inside.

One start of the image (`ETABLI_STICK=FILE`, as for the others), by keys to the machine page; then
a disk erased through the service by the screens' own user.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import braille, ears, glass, stick
from tests.vm.inside import Inside
from tests.vm.test_stick_vm import START_S

pytestmark = pytest.mark.vm

PAGE_S = 240.0  # emulated, beside a full load, on a slow day
SERIAL = "PC-ROOT-ONLY-42"  # of the PC itself: the kernel shows it to root alone
PLANTED = b"PLANTED "
AS_SCREENS = (
    "setpriv --reuid etabli --regid etabli --init-groups --no-new-privs"
    " env PYTHONPATH=/opt/etabli:/opt/etabli/lib python3 -P"
)
CARRY = """
from pathlib import Path
from bench.carrying.served import Served
folder = Path("/run/etabli/data/etabli/exports")
folder.mkdir(exist_ok=True)
(folder / "envoi-1.zip").write_bytes(b"records " * 200_000)
carrier = Served(Path("/run/etabli/services/carry"), folder)
(volume,) = carrier.found()
print(volume.title, "|", carrier.put(volume.key, folder / "envoi-1.zip", "envoi-1.zip").closed)
"""
ERASE = """
import sys, time
from pathlib import Path
from bench.erasing.candidates import key_of
from bench.erasing.jobs import Case
from bench.erasing.served import Served
from wipe.journal import state
eraser = Served(Path("/run/etabli/services/wipe"))
disk = next(one for one in eraser.found() if one.target.path == sys.argv[1])
ordered = eraser.order(key_of(disk.target), disk.target.path, disk.confirm, Case())
eraser.begin(ordered.job)
job = Path("/run/etabli/data/jobs") / ordered.job
while (seen := state.read(job)).status.value != "done":
    time.sleep(0.5)
print(seen.claim.value)
"""


@pytest.fixture(scope="module")
def letters(image: Path, tmp_path_factory: pytest.TempPathFactory) -> list[glass.Font]:
    return stick.fonts(image, tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rights")


@pytest.fixture(scope="module")
def pc(image: Path, folder: Path) -> Iterator[Inside]:
    key, disk = stick.written(image, folder / "stick.raw"), folder / "disk.raw"
    disk.write_bytes(PLANTED * (8 << 20 >> 3))
    carried = folder / "carried.raw"
    subprocess.run(["mkfs.vfat", "-C", "-n", "DOSSIER", str(carried), "16384"], check=True)
    more = (
        *("-smbios", f"type=1,manufacturer=QEMU,product=PC,serial={SERIAL}"),
        *("-drive", f"if=none,id=carried,format=raw,file={carried}"),
        *("-device", "usb-storage,bus=usb.0,port=4,drive=carried,removable=on,serial=CARRIED"),
        *braille.cable(folder),
        *ears.card(folder),
    )
    with Inside(key, folder / "pc", [disk], more=more) as started:
        started.ready(timeout_s=START_S)
        yield started


def press(pc: Inside, *keys: str) -> None:
    """Keys one after the other, never as fast as a scanner's."""
    for key in keys:
        pc.monitor.press(key)
        time.sleep(0.4)


def test_the_screens_are_an_ordinary_users(pc: Inside, letters: list[glass.Font]) -> None:
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
    assert pc.run("stat -c %U /dev/tty1") == "etabli"
    pid = pc.run("systemctl show --property MainPID --value etabli")
    status = pc.run(f"cat /proc/{pid}/status")
    assert status.partition("Uid:")[2].split()[:4] == ["880"] * 4, status
    for held in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
        assert int(status.partition(f"{held}:")[2].split()[0], 16) == 0, status
    assert "disk" not in pc.run("id -nG etabli").split()
    denied = pc.run(f"{AS_SCREENS} -c 'open(\"/dev/sda\")'")
    assert "Permission denied" in denied


def test_a_braille_display_follows_the_focus(
    pc: Inside, letters: list[glass.Font], folder: Path
) -> None:
    """The same cable stays what it is without one: a printer could be at its end."""
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
    assert pc.run("systemctl is-active etabli-braille") == "active"
    assert pc.run("ls /dev/ttyUSB0") == "/dev/ttyUSB0"
    with braille.Display(pc, folder) as display:
        display.wait_for(say("start.keyboard.fr"), timeout_s=PAGE_S)
        for key, name in (("down", "be"), ("down", "ch-fr"), ("up", "be"), ("up", "fr")):
            press(pc, key)
            felt = display.wait_for(say(f"start.keyboard.{name}"), timeout_s=PAGE_S)
            print(felt.strip())
    assert not pc.run("ss -Hlnx | grep -i brlapi"), "programs could ask it"
    assert "No such file" in pc.run("ls /etc/brlapi.key"), "a secret by lot, in an image for all"
    print(pc.run("systemd-analyze security --no-pager etabli-braille.service | tail -1"))


def test_a_visit_comes_to_the_machine_with_what_only_root_may_read(
    pc: Inside, letters: list[glass.Font]
) -> None:
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
    press(pc, "1")  # set by the service
    pc.wait_for_screen(say("start.workshop.title"), letters, timeout_s=PAGE_S)
    press(pc, "v", "i", "l", "l", "e", "ret")
    pc.wait_for_screen(say("start.number.title"), letters, timeout_s=PAGE_S)
    press(pc, "7", "ret")
    pc.wait_for_screen(say("start.code.title"), letters, timeout_s=PAGE_S)
    press(pc, *"481516")
    pc.wait_for_screen(say("start.code.again", count=6), letters, timeout_s=PAGE_S)
    press(pc, *"481516")
    pc.wait_for_screen(say("start.code.done"), letters, timeout_s=PAGE_S)
    press(pc, "1")
    pc.wait_for_screen(say("start.ready.title"), letters, timeout_s=PAGE_S)
    press(pc, "1")
    pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=PAGE_S)
    press(pc, "b", "o", "b", "ret")  # nobody is listed yet: this is a new person
    pc.wait_for_screen(say("people.new.question"), letters, timeout_s=PAGE_S)
    press(pc, "2")
    pc.wait_for_screen(say("people.name.once"), letters, timeout_s=PAGE_S)
    press(pc, "ret")
    pc.wait_for_screen(say("people.allow.why"), letters, timeout_s=PAGE_S)
    press(pc, *"481516", "ret")
    pc.wait_for_screen(say("screens.arrival.scan"), letters, timeout_s=PAGE_S)
    press(pc, "1")
    pc.wait_for_screen(say("screens.number.title"), letters, timeout_s=PAGE_S)
    press(pc, "1")
    shown = pc.wait_for_screen(say("screens.machine.title"), letters, timeout_s=PAGE_S)
    for _ in range(3):
        if SERIAL in shown:
            break
        press(pc, "2")  # beside a full load a probe ends before all is read: read again
        time.sleep(60)
        shown = pc.wait_for_screen(say("screens.machine.title"), letters, timeout_s=PAGE_S)
    assert SERIAL in shown, shown
    for name in ("memory", "disk"):
        line = next(line for line in shown.splitlines() if say(f"screens.machine.{name}") in line)
        assert any(map(str.isdigit, line)), shown


def test_a_page_is_read_aloud(pc: Inside, letters: list[glass.Font], folder: Path) -> None:
    pc.wait_for_screen(say("screens.machine.title"), letters, timeout_s=PAGE_S)
    before = ears.so_far(folder)
    press(pc, "f5")
    print(ears.wait_for_sound(folder, after=before, timeout_s=PAGE_S))


def test_a_disk_is_erased_through_the_service_and_its_job_is_roots(
    pc: Inside, folder: Path
) -> None:
    pc.put("/tmp/erase.py", ERASE)
    assert pc.run(f"{AS_SCREENS} /tmp/erase.py /dev/sda", timeout_s=300) == "clear"
    assert PLANTED not in (folder / "disk.raw").read_bytes()
    owners = pc.run("find /run/etabli/data/jobs -printf '%u\\n' | sort -u")
    assert owners == "root"
    assert pc.run("stat -c '%U %a' /run/etabli/data") == "root 755"
    assert "etabli-wipe.service" in pc.run("systemctl list-units --no-pager 'etabli-*'")


def test_what_goes_out_is_put_on_a_stick_by_the_service_and_on_no_disk(
    pc: Inside, folder: Path
) -> None:
    pc.put("/tmp/carry.py", CARRY)
    told = pc.run(f"{AS_SCREENS} /tmp/carry.py", timeout_s=300)
    assert told.endswith("| True") and "DOSSIER" in told, told
    assert "carried" not in pc.run("cat /proc/mounts")
    image = ["-i", str(folder / "carried.raw")]
    read = subprocess.run(["mtype", *image, "::/envoi-1.zip"], capture_output=True, check=True)
    assert read.stdout == b"records " * 200_000
    rated = pc.run("systemd-analyze security --no-pager etabli-carry.service | tail -1")
    print(rated)
