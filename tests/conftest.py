"""What every test shares: Hypothesis profiles, and which tests this machine can run."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Hundreds of `etabli` are started: one that compiles all it imports anew costs half as much again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Guests under software emulation are slow and mostly wait: CI begins with them, the longest
# first, a file to a worker (`--dist loadfile`), so that the quick tests fill what is left.
# (pytest 9.2 ended xdist 3.8's `loadgroup`: it changes `_nodeid`, which nobody reads any more.)
LONGEST_FIRST = (
    "test_stick_vm.py",  # one of the stick's makes the image first
    "test_power_cuts.py",
    "test_visit_vm.py",
    "test_stick_inside_vm.py",
    "test_stick_rights_vm.py",
    "test_donor_disks_vm.py",
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
    "test_bad_sticks_vm.py",  # a start a test: as many as CI has time for
    "test_small_uefi_vm.py",
    "test_netboot_vm.py",
    "test_guide_vm.py",
    # Without the guests: real erasures, terminals, and tests that mostly wait.
    "test_slips_in_app.py",
    "test_slips_in_app_beside.py",
    "test_first_start.py",
    "test_stock_in_terminal.py",
    "test_documented_nobody.py",
    "test_documented.py",
    "test_day_in_terminal.py",
    "test_recording.py",
    "test_erase_command.py",
    "test_demo_in_terminal.py",
    "test_wipe_job.py",
    "test_wipe_matrix.py",
    "test_wipe_unbroken.py",
    "test_erase_many.py",
    "test_walk.py",
    "test_look.py",
    "test_wipe_resume.py",
    "test_erase_recheck.py",
    "test_wipe_swap.py",
    "test_wipe_odd_disks.py",
)
# The files that the last runs of CI had no time for, a line each, the one owed longest first: the
# next run begins with them, and gives the first of them its time however long it takes. CI names
# what it left out; whoever lands the next change writes it there: what ran goes, what is new is
# added at the end.
OWED = Path(__file__).parent / "vm" / "owed.txt"
NO_TIME = "CI has no time left; `./etabli test -m vm` runs this"
_BESIDE = Path(__file__).resolve().parents[2]
LEFT_OUT = {"vm": "tests in virtual machines", "long": "long tests"}  # by marker
_left_out: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Here and not in tests/vm: pytest reads options of the top folder only."""
    parser.addoption(
        "--power-cuts",
        type=int,
        default=8,
        help="how many random power cuts the VM tests make (default 8)",
    )
    parser.addoption(
        "--removals",
        type=int,
        default=8,
        help="how often the stick is pulled out during the VM tests' visit (default 8)",
    )
    parser.addoption(
        "--vm-seed", type=int, default=None, help="seed of the random moments, to repeat a run"
    )


def _files_named(config: pytest.Config) -> bool:
    return bool(config.args) and all(".py" in argument for argument in config.args)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """More than there are cores, for many tests wait.

    For a file or two, none to start first; and an emulated machine shares with no other.
    """
    cores = len(os.sched_getaffinity(0))
    alone = _files_named(config) or "vm" in _asked(config)
    return 0 if alone else max(cores, min(2 * cores, 8))


def _asked(config: pytest.Config) -> set[str]:
    said = config.option.markexpr or ""
    return {mark for mark in LEFT_OUT if re.search(rf"\b{mark}\b", said)}


def _not_now(config: pytest.Config) -> set[str]:
    """The markers whose tests are left out of this run."""
    if os.environ.get("CI") == "true":
        return set()
    return set(LEFT_OUT) - _asked(config) - ({"long"} if _files_named(config) else set())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes runs when asked for by marker and in CI; root tests when we are root."""
    left_out: dict[pytest.Item, str] = {}
    for mark in _not_now(config):
        left_out |= {item: mark for item in items if mark in item.keywords}
    _left_out.update(left_out.values())
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = sorted((item for item in items if item not in left_out), key=_place)
    for item in items:
        if "root" in item.keywords and os.geteuid() != 0:
            item.add_marker(pytest.mark.skip(reason="needs root"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells what it left out; the first process only counts."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _left_out.update({} if _left_out else getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing is left out without a word."""
    for mark, count in sorted(_left_out.items()):
        terminalreporter.write_line(
            f"left out: {count} {LEFT_OUT[mark]}; run them with ./etabli test -m {mark}"
        )
    skipped = terminalreporter.stats.get("skipped", ())
    late = {Path(report.fspath).name for report in skipped if NO_TIME in str(report.longrepr)}
    if late:
        terminalreporter.write_line(f"owed, for tests/vm/{OWED.name}: {' '.join(sorted(late))}")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real-world recordings that may not be in the repository: `$ETABLI_CORPUS`, else a folder
    `corpus` in one beside it. Skips where they are absent."""
    told = os.environ.get("ETABLI_CORPUS")
    found = [Path(told)] if told else sorted(_BESIDE.glob("*/corpus"))
    if not found or not found[0].is_dir():
        pytest.skip("the corpus of real recordings is not here: say where by ETABLI_CORPUS")
    return found[0]


def owed() -> list[str]:
    """The files that CI owes, longest first."""
    return OWED.read_text("utf-8").split()


def _place(item: pytest.Item) -> tuple[int, int]:
    """What makes the stick's image and starts it; what is owed; then the longest first."""
    name, late = item.path.name, owed()
    place = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
    if name == LONGEST_FIRST[0]:
        return -1, 0
    return (late.index(name), 0) if name in late else (len(late), place)
