"""The stick's clock, first start, network and power button, by keys, looked at from inside.

One start of the image for all of it (`ETABLI_STICK=FILE`, as for the others): a PC whose clock says
1980, with a cable, and two radios that hear each other (mac80211_hwsim), one an access point.
"""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import glass, stick
from tests.vm.inside import Inside
from tests.vm.test_stick_vm import START_S

pytestmark = pytest.mark.vm

SECRET = "atelier des weppes"
PULLS = 3
PAGE_S = 240.0  # emulated, beside a full load, on a slow day
DATA = "/run/etabli/data"


@pytest.fixture(scope="module")
def letters(image: Path, tmp_path_factory: pytest.TempPathFactory) -> list[glass.Font]:
    return stick.fonts(image, tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def pc(
    image: Path, letters: list[glass.Font], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Inside]:
    """Started to its first question, so that each test can also run without the others."""
    folder = tmp_path_factory.mktemp("inside")
    key = stick.written(image, folder / "stick.raw")
    with Inside(key, folder / "pc", clock="1980-01-01T00:00:00") as started:
        started.ready(timeout_s=START_S)
        started.wait_for_screen(say("start.clock.day"), letters, timeout_s=START_S)
        until(started, "systemctl show -P ActiveState iwd", "active")
        yield started


def type_text(pc: Inside, text: str) -> None:
    """Keys one after the other, never as fast as a scanner's."""
    for character in text:
        pc.monitor.press({" ": "spc", "\n": "ret"}.get(character, character))
        time.sleep(0.4)


def until(pc: Inside, command: str, wanted: str, *, timeout_s: float = PAGE_S) -> str:
    """What a command says once it says that."""
    deadline = time.monotonic() + timeout_s
    while wanted not in (said := pc.run(command)):
        assert time.monotonic() < deadline, f"{command}: no {wanted!r} in {said}"
        time.sleep(1)
    return said


def test_a_pc_of_1980_is_told_the_day_before_anything_is_recorded(
    pc: Inside, letters: list[glass.Font]
) -> None:
    pc.wait_for_screen(say("start.clock.day"), letters, timeout_s=PAGE_S)
    assert pc.run(f"find / {DATA} -xdev -name etabli.db") == ""
    # Not before the image was made: an earlier day is refused.
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=2)
    type_text(pc, f"{day:%d%m%Y}")
    pc.wait_for_screen(say("start.clock.hour"), letters, timeout_s=PAGE_S)
    type_text(pc, "0930")
    pc.wait_for_screen(say("start.clock.right"), letters, timeout_s=PAGE_S)
    assert pc.run("readlink /etc/localtime").endswith("/Europe/Paris")
    set_to = int(pc.run(f"date -d '{day} 09:30' +%s"))
    for clock in ("date +%s", "cat /sys/class/rtc/rtc0/since_epoch"):
        assert 0 <= int(pc.run(clock)) - set_to < PAGE_S
    type_text(pc, "1")
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=PAGE_S)


def test_a_cable_is_used_at_once_and_nothing_listens(pc: Inside) -> None:
    until(pc, "ip -4 addr show scope global", "10.0.2.15")
    until(pc, "cat /etc/resolv.conf", "nameserver 10.0.2.3")
    listening = pc.run("ss -Hlntu").splitlines()
    ports = {line.split()[4].rpartition(":")[2] for line in listening}
    assert ports <= {"68", "546"}, listening  # where a lease is renewed: no service


def test_wifi_is_joined_from_the_screens_and_returns(pc: Inside, letters: list[glass.Font]) -> None:
    pc.run("modprobe mac80211_hwsim radios=2")
    until(pc, "timeout 20 iwctl device list", "wlan1")
    network = "[Match]\\nName=wlan1\\n[Network]\\nAddress=192.168.77.1/24\\nDHCPServer=yes\\n"
    pc.run(f"mkdir -p /run/systemd/network; printf '{network}' >/run/systemd/network/10-ap.network")
    pc.run("networkctl reload")
    pc.run("timeout 20 iwctl device wlan1 set-property Mode ap")
    until(
        pc, f"timeout 20 iwctl ap wlan1 start Atelier '{SECRET}'; timeout 20 iwctl ap list", "yes"
    )
    pc.monitor.press("f4")
    pc.wait_for_screen("Atelier", letters, timeout_s=PAGE_S)
    type_text(pc, "1")
    pc.wait_for_screen(say("network.passphrase"), letters, timeout_s=PAGE_S)
    # As a French keyboard lies: its A is where an American one has Q, its W where Z is.
    type_text(pc, SECRET.replace("a", "q").replace("w", "z") + "\n")
    pc.wait_for_screen(say("network.joined_told", name="Atelier"), letters, timeout_s=PAGE_S)
    until(pc, "ip -4 addr show wlan0", "192.168.77.")
    for folder in ("/var/lib/iwd", f"{DATA}/etabli/wifi"):
        assert pc.run(f"stat -c %a {folder}/Atelier.psk") == "600"
    assert SECRET not in pc.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    pc.run("systemctl stop iwd; rm /var/lib/iwd/Atelier.psk; systemctl start iwd")
    assert pc.run("stat -c %a /var/lib/iwd/Atelier.psk") == "600"


def test_a_page_drawn_before_the_font_came_is_drawn_anew(
    pc: Inside, letters: list[glass.Font]
) -> None:
    """As when a graphics driver brings its own console under a page that waits."""
    for step in (
        "setfont -R -C /dev/tty8",
        ". /usr/lib/etabli/page; echo La clé est abîmée. | draw_page tty8",
        "chvt 8",
        "systemctl restart etabli-console",
    ):
        pc.run(step)
    pc.wait_for_screen("La clé est abîmée.", letters, timeout_s=PAGE_S)
    pc.run(". /usr/lib/etabli/page; end_page tty8; chvt 1")


def test_a_new_stick_asks_its_three_questions(pc: Inside, letters: list[glass.Font]) -> None:
    pc.run("systemctl restart etabli")
    pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=PAGE_S)
    type_text(pc, "4")
    pc.wait_for_screen(say("start.workshop.title"), letters, timeout_s=PAGE_S)
    type_text(pc, "qwz")  # as they stand on an American keyboard
    pc.wait_for_screen("[ qwz_ ]", letters, timeout_s=PAGE_S)
    type_text(pc, "\n")
    pc.wait_for_screen(say("start.number.title"), letters, timeout_s=PAGE_S)
    type_text(pc, "7\n")
    pc.wait_for_screen(say("start.code.title"), letters, timeout_s=PAGE_S)
    assert "us" in pc.run(f"grep keyboard {DATA}/etabli/settings.toml")
    type_text(pc, "481516")
    pc.wait_for_screen(say("start.code.again", count=6), letters, timeout_s=PAGE_S)
    type_text(pc, "481516")
    pc.wait_for_screen(say("start.code.done"), letters, timeout_s=PAGE_S)
    type_text(pc, "1")
    pc.wait_for_screen(say("start.ready.title"), letters, timeout_s=PAGE_S)
    type_text(pc, "1")
    seen = pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=PAGE_S)
    assert "7" in seen.splitlines()[0]
    pc.run("systemctl restart etabli-console")  # as at the next start
    type_text(pc, "q")
    pc.wait_for_screen("[ Q", letters, timeout_s=PAGE_S)


def test_pulled_out_again_and_again_what_was_being_written_reaches_it(
    pc: Inside, seed: int
) -> None:
    """Not only the screens come back: writes and reads go to the stick that was put back.

    Looked at with what lies in memory, for all else waits as it should.
    """
    tool = "/run/etabli/tools/bin/busybox"
    written = f"{DATA}/etabli/beat"
    beat = f"date >>{written} && sync {written} && echo >>/run/beats; sleep 0.2"
    pc.run(f"(while [ ! -e /run/enough ]; do {beat}; done) >/dev/null 2>&1 &")
    chance = random.Random(seed)
    for _ in range(PULLS):
        time.sleep(chance.uniform(0, 3))
        pc.pull_out()
        time.sleep(chance.uniform(0, 12))
        pc.put_back()
        before = int(pc.run(f"{tool} wc -l </run/beats"))
        until(pc, f"[ $({tool} wc -l </run/beats) -gt {before + 3} ] && echo more", "more")
        assert pc.run("echo 3 >/proc/sys/vm/drop_caches; dmsetup --version").startswith("Library")
    pc.run(f"touch /run/enough; sleep 1; rm {written}")
    assert f" {DATA} ext4 rw," in pc.run("cat /proc/mounts")


def test_the_power_button_waits_for_an_erasure(pc: Inside) -> None:
    pc.run("systemd-run --unit=etabli-wipe-test-1 sleep 1000")
    pc.monitor.do("system_powerdown")
    time.sleep(15)
    assert pc.run("systemctl is-system-running") != "stopping"
    pc.run("systemctl stop etabli-wipe-test-1")
    pc.monitor.do("system_powerdown")
    assert pc.ended(timeout_s=PAGE_S)
