"""Fixtures of the exchange tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.records import log
from tests import forge
from tests.unit.exchange.parties import visit


@pytest.fixture
def bench(tmp_path: Path) -> log.Log:
    made = forge.store_of(tmp_path, "bench")
    visit(made, "A1")
    return made
