"""Fixtures of the tests that boot real kernels.

The emulated drive's own logic is tested on the host, in tests/unit/emulator.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pace
from tests.conftest import NO_TIME, owed
from tests.vm import guest
from tests.vm.guest import Images, Unavailable


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """What QEMU boots; where it cannot be made (no mirror, not root) the reason is told."""
    try:
        return guest.prepare(tmp_path_factory.mktemp("vm-images"))
    except Unavailable as error:
        pytest.skip(f"no test machine here: {error}")


BUILD = Path(__file__).resolve().parents[2] / "live" / "build"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stick's image: `ETABLI_STICK=FILE`; without it CI makes one, for all its workers."""
    if named := os.environ.get("ETABLI_STICK"):
        return Path(named).absolute()
    if os.environ.get("CI") != "true":
        pytest.skip("no image of the stick: live/build --out FILE, then ETABLI_STICK=FILE")
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "stick-image"
    folder.mkdir(exist_ok=True)
    made = folder / "etabli.image"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker waits for the one that makes it
        if not made.exists():
            argv = [str(BUILD), "--out", str(made), "--work", str(folder / "work")]
            done = subprocess.run(argv, capture_output=True, text=True, timeout=1500, check=False)
            assert done.returncode == 0, done.stderr[-4000:]
            shutil.rmtree(folder / "work")
    return made


# What a test takes with its start, in minutes, two machines at a time, on a day when the processor
# is quick; where it is not named the longest of its file; three where nothing is said.
MINUTES = {
    "test_pulled_out_it_waits_and_put_back_it_goes_on": 4,
    "test_an_update_that_does_not_come_up_is_left": 5,
    "test_visit_vm.py": 22,
    "test_guide_vm.py": 10,
    "test_netboot_vm.py": 6,
    "test_wipe_table.py": 12,
    "test_stick_inside_vm.py": 9,
    "test_donor_disks_vm.py": 9,
    "test_console_walk_vm.py": 8,
    "test_power_cuts.py": 8,
    "test_stick_vm.py": 8,
    "test_stick_rights_vm.py": 7,
    "test_bad_sticks_vm.py": 7,
    "test_small_uefi_vm.py": 7,
    "test_lying_caches.py": 5,
}
# The stick's image is made and starts under both firmwares in every run, whatever it takes.
ALWAYS = (
    "test_an_old_pc_comes_to_the_first_screen_and_its_disks_stay_as_they_are",
    "test_secure_boot_lets_it_start_and_stops_a_kernel_that_was_changed",
)
VM_S = 12 * 60.0  # of CI's hour; what follows takes thirty to forty-five
LONG_S = 26 * 60.0  # till when the one that is owed longest may take, however long it is


@pytest.hookimpl(tryfirst=True)  # before the fixture that boots
def pytest_runtest_setup(item: pytest.Item) -> None:
    """In CI no virtual machine is begun that would not end in its time on a day like today."""
    began = float(os.environ.get("ETABLI_CI_BEGAN", "0"))
    if os.environ.get("CI") == "true" and began and item.name not in ALWAYS:
        name = item.path.name
        minutes = MINUTES.get(item.name, MINUTES.get(name, 3))
        until_s = LONG_S if name == next(iter(owed()), "") else VM_S
        if time.time() - began + minutes * 60 * pace.slowness() > until_s:
            pytest.skip(NO_TIME)


@pytest.fixture(scope="session")
def power_cuts(pytestconfig: pytest.Config) -> int:
    """How many power cuts to make."""
    return int(pytestconfig.getoption("--power-cuts"))


@pytest.fixture(scope="session")
def removals(pytestconfig: pytest.Config) -> int:
    """How often the stick is pulled out during a visit."""
    return int(pytestconfig.getoption("--removals"))


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Where random moments come from; printed, so that a failure can be repeated."""
    given = pytestconfig.getoption("--vm-seed")
    chosen = int(given) if given is not None else random.SystemRandom().randrange(1 << 32)
    print(f"\nrandom moments: --vm-seed {chosen}")
    return chosen


@pytest.fixture
def vm_folder(tmp_path: Path) -> Iterator[Path]:
    """Where a test keeps its disk images and sockets; images go when the test passed."""
    yield tmp_path
    for image in tmp_path.rglob("*.raw"):
        image.unlink()
