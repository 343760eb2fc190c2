"""Papers are read in the workshop: its clock is that of Paris here, whatever this machine's is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"  # written out: no time-zone data needed


@pytest.fixture(autouse=True)
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", PARIS)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
