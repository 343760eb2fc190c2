"""Fixtures of the hub's page tests: one world a file, served once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.hub.accounts import passwords
from tests.unit.hub import world as made
from tests.unit.hub.world import World

EXPENSIVE = passwords._HASHER  # as it is outside of tests


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """The same argon2id with little memory: half a second a try would make minutes here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made.make(tmp_path_factory.mktemp("hub") / "data")


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with made.serving_pages(world.site) as address:
        yield address


@pytest.fixture
def own(tmp_path: Path) -> World:
    """A world of the test's own, to change."""
    return made.make(tmp_path / "data")
