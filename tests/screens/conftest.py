"""Each test of the screens starts in French, whatever the machine speaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.words.catalogue import choose


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    choose("fr")
    yield
    choose(None)
