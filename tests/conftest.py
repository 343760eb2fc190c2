"""What every test shares: Hypothesis profiles, and which tests this machine can run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Guests under software emulation are slow and mostly wait: CI begins with them, the longest
# first, a file to a worker (`--dist loadfile`), so that the quick tests fill what is left.
# (pytest 9.2 ended xdist 3.8's `loadgroup`: it changes `_nodeid`, which nobody reads any more.)
LONGEST_FIRST = (
    "test_power_cuts.py",
    "test_wipe_table.py",
    "test_lying_caches.py",
    "test_dock_vm.py",
    "test_twins.py",
    "test_password_rescue.py",
    "test_suspend.py",
    "test_checks_vm.py",
    "test_raid_vm.py",
    "test_nvme.py",
    "test_nvme_hidden.py",
    "test_kinds.py",
    "test_emulator.py",
    "test_machine.py",
)
_BESIDE = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Here and not in tests/vm: pytest reads options of the top folder only."""
    parser.addoption(
        "--power-cuts",
        type=int,
        default=8,
        help="how many random power cuts the VM tests make (default 8)",
    )
    parser.addoption(
        "--vm-seed", type=int, default=None, help="seed of the random moments, to repeat a run"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """VM tests run when asked for (`-m vm`) and in CI; root tests when we are root."""
    wanted = "vm" in (config.option.markexpr or "") or os.environ.get("CI") == "true"
    items.sort(key=_place)
    for item in items:
        if "vm" in item.keywords and not wanted:
            item.add_marker(pytest.mark.skip(reason="takes long: ask with -m vm"))
        if "root" in item.keywords and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real-world recordings that may not be in the repository: `$ETABLI_CORPUS`, else a folder
    `corpus` in one beside it. Skips where they are absent."""
    told = os.environ.get("ETABLI_CORPUS")
    found = [Path(told)] if told else sorted(_BESIDE.glob("*/corpus"))
    if not found or not found[0].is_dir():
        pytest.skip("the corpus of real recordings is not here: say where by ETABLI_CORPUS")
    return found[0]


def _place(item: pytest.Item) -> int:
    name = item.path.name
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
