"""Fixtures of the tests that boot real kernels.

The emulated drive's own logic is tested on the host, in tests/unit/emulator.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import guest
from tests.vm.guest import Images, Unavailable


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """What QEMU boots; where it cannot be made (no mirror, not root) the reason is told."""
    try:
        return guest.prepare(tmp_path_factory.mktemp("vm-images"))
    except Unavailable as error:
        pytest.skip(f"no test machine here: {error}")


BEGAN = time.monotonic()
CI_S = 18 * 60.0  # the last machines take up to six minutes, what follows six to twelve


@pytest.hookimpl(tryfirst=True)  # before the fixture that boots
def pytest_runtest_setup() -> None:
    """In CI no virtual machine is begun so late that its hour would not do on a slow day."""
    if os.environ.get("CI") == "true" and time.monotonic() - BEGAN > CI_S:
        pytest.skip("CI has no time left; `./etabli test -m vm` runs this")


@pytest.fixture(scope="session")
def power_cuts(pytestconfig: pytest.Config) -> int:
    """How many power cuts to make."""
    return int(pytestconfig.getoption("--power-cuts"))


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
