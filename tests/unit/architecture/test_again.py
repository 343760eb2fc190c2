"""What CI repeats of a run that failed: `tests.again`."""

from __future__ import annotations

from tests.again import arguments


def test_a_test_by_its_name_and_an_emulated_machine_by_its_file() -> None:
    failed = (
        "tests/unit/grading/test_rules.py::test_a[one two]",
        "tests/vm/test_stick_vm.py::test_b",
        "tests/vm/test_stick_vm.py::test_c",
    )
    assert arguments(failed) == [failed[0], "tests/vm/test_stick_vm.py"]


def test_nothing_failed_is_nothing() -> None:
    assert arguments(()) == []
