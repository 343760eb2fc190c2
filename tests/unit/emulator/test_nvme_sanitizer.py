"""The emulated NVMe sanitize: progress, lies, failure."""

from __future__ import annotations

import struct

import pytest

from tests.vm.nvme.controller import (
    ACT_BLOCK,
    ACT_OVERWRITE,
    DONE,
    EXIT_FAILURE,
    FAILED,
    INVALID_FIELD,
    RUNNING,
    SANITIZE_FAILED,
    SANITIZE_IN_PROGRESS,
    Sanitizer,
)


class Medium:
    """Remembers how far it was erased."""

    def __init__(self) -> None:
        self.erased = 0

    def erase(self, low: int, high: int, action: int) -> None:
        assert low in (0, self.erased)
        self.erased = high


@pytest.mark.parametrize(
    ("kind", "erased"), [("honest", 65536), ("lies", 0), ("lies_tail", 58982), ("instant", 0)]
)
def test_success_and_what_it_is_worth(kind: str, erased: int) -> None:
    medium, time = Medium(), [0.0]
    drive = Sanitizer(kind, medium, lambda: time[0], lasts_s=2.0)
    assert drive.sanitize(ACT_BLOCK) == 0
    progress, status = struct.unpack_from("<HH", drive.log())
    if kind == "instant":
        assert status == DONE
    else:
        assert status == RUNNING and progress == 0
        time[0] = 1.0
        assert struct.unpack_from("<H", drive.log())[0] == 32768
        assert drive.sanitize(ACT_BLOCK) == SANITIZE_IN_PROGRESS
    time[0] = 3.0
    assert struct.unpack_from("<HH", drive.log()) == (0xFFFF, DONE)
    assert medium.erased == erased


def test_failure_is_left_only_when_allowed() -> None:
    time = [0.0]
    drive = Sanitizer("fails", Medium(), lambda: time[0], lasts_s=2.0)
    drive.sanitize(ACT_BLOCK)
    time[0] = 2.0
    assert struct.unpack_from("<HH", drive.log())[1] == FAILED
    assert drive.sanitize(EXIT_FAILURE) == SANITIZE_FAILED
    drive.sanitize(ACT_BLOCK | 8)
    time[0] = 5.0
    drive.log()
    assert drive.sanitize(EXIT_FAILURE) == 0


def test_unsupported_action() -> None:
    drive = Sanitizer("honest", Medium(), lambda: 0.0)
    assert drive.sanitize(ACT_OVERWRITE) == INVALID_FIELD
    assert len(drive.log()) == 512
