"""docs/cle.md followed by a supervisor with one PC and two sticks: nothing but keys and the screen.

A stick that was copied by another tool starts, is named by the questions of a first start, and
makes a second one at the supervisor's console; that one starts a PC by itself.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import glass
from tests.vm.stick import Pc, data_extent
from tests.vm.test_stick_vm import PAGE_S, START_S, letters

__all__ = ["letters"]  # a fixture
pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop devices and mounts need root"),
]
STICK_BYTES = 2_000_000_000
WRITTEN_S = 900.0  # an emulated stick is written at some 2 MB a second, and read back
CODE = "481516"
DEVICE = "/dev/sdb"


def type_line(pc: Pc, text: str) -> None:
    """A command, as a French keyboard has its signs."""
    for part in re.split("(/)", text):
        if part == "/":
            pc.monitor.press("shift", "dot")
        else:
            pc.write(part, apart_s=0.4)
    pc.write("\n")


def test_a_stick_makes_another_at_the_supervisors_console(
    image: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    first, second = vm_folder / "first.raw", vm_folder / "second.raw"
    shutil.copyfile(image, first)
    for stick in (first, second):
        with stick.open("ab") as file:
            file.truncate(STICK_BYTES)
    plugged = ["-drive", f"if=none,id=other,format=raw,file={second}"]
    plugged += ["-device", "usb-storage,bus=usb.0,drive=other,removable=true,serial=STICK2"]
    with Pc(first, vm_folder / "pc", secure=False, more=plugged) as pc:
        pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
        pc.write("1")
        pc.wait_for_screen(say("start.workshop.title"), letters, timeout_s=PAGE_S)
        pc.write("LENS\n")
        pc.wait_for_screen(say("start.number.title"), letters, timeout_s=PAGE_S)
        pc.write("1\n")
        pc.wait_for_screen(say("start.code.title"), letters, timeout_s=PAGE_S)
        pc.write(CODE, apart_s=0.4)
        pc.wait_for_screen(say("start.code.again", count=6), letters, timeout_s=PAGE_S)
        pc.write(CODE, apart_s=0.4)
        pc.wait_for_screen(say("start.code.done"), letters, timeout_s=PAGE_S)
        pc.write("1")
        pc.wait_for_screen(say("start.ready.title"), letters, timeout_s=PAGE_S)
        pc.write("1")
        pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=PAGE_S)
        pc.monitor.press("ctrl", "alt", "f2")
        pc.wait_for_screen(say("live.shell"), letters, timeout_s=PAGE_S)
        pc.write("\n")
        pc.wait_for_screen(say("records.keys.code_ask").strip(), letters, timeout_s=PAGE_S)
        pc.write(f"{CODE}\n", apart_s=0.4)
        pc.wait_for_screen("etabli#", letters, timeout_s=PAGE_S)
        type_line(pc, f"etabli stick {DEVICE}")
        asked = say("stick.code", code="")
        shown = pc.wait_for_screen(asked, letters, timeout_s=START_S)
        assert "STICK2" in shown and say("stick.lost") in shown
        confirm = re.search(re.escape(asked) + r"\s*(\S+)", shown)
        assert confirm, shown
        type_line(pc, f"etabli stick {DEVICE} --confirm {confirm[1]}")
        pc.wait_for_screen("clé écrite et relue", letters, timeout_s=WRITTEN_S)
    assert data_extent(second)[1] > 0
    with Pc(second, vm_folder / "again", secure=False) as pc:
        pc.wait_for_screen(say("start.keyboard.title"), letters, timeout_s=START_S)
