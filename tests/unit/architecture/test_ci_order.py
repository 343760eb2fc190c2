"""What CI begins with, owes and always runs is named by names that exist."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import LONGEST_FIRST, owed
from tests.vm.conftest import ALWAYS, LONG_S, MINUTES

TESTS = Path(__file__).resolve().parents[2]


def test_every_name_is_of_a_file_or_a_test_that_is_there() -> None:
    files = {path.name: path.read_text("utf-8") for path in TESTS.rglob("test_*.py")}
    assert {*LONGEST_FIRST, *owed()} <= files.keys()
    functions = "\n".join(text for text in files.values())
    for name in (*MINUTES, *ALWAYS):
        assert name in files or f"def {name}(" in functions, name


def test_the_stick_is_started_in_every_run() -> None:
    """A time that is left for it would be too short one day, and nobody would notice."""
    first = (TESTS / "vm" / LONGEST_FIRST[0]).read_text("utf-8")
    assert ALWAYS and all(f"def {name}(" in first for name in ALWAYS)


def test_whatever_is_owed_longest_has_its_time() -> None:
    """A test that is longer than all CI gives is never run there."""
    assert max(MINUTES.values()) * 60 < LONG_S
    in_guests = {path.name for path in (TESTS / "vm").glob("test_*.py")}
    assert set(owed()) <= in_guests
