"""A tablet of 2013 to 2015: a 64-bit processor under UEFI of 32 bits, Secure Boot off."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.vm import glass, stick
from tests.vm.stick import Pc
from tests.vm.test_donor_disks_vm import key
from tests.vm.test_stick_vm import START_S, letters

__all__ = ["key", "letters"]  # fixtures
pytestmark = pytest.mark.vm


def test_it_comes_to_the_first_screen(
    key: Path, letters: list[glass.Font], vm_folder: Path
) -> None:
    if not all(file.is_file() for file in stick.SMALL):
        pytest.skip("no UEFI firmware of 32 bits here: apt install ovmf-ia32")
    with Pc(key, vm_folder / "tablet", secure=False, small=True) as pc:
        pc.wait_for_screen(say("screens.hello.badge"), letters, timeout_s=START_S)
