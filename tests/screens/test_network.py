"""The network's pages by keys: the list, the passphrase, what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.workbench.network import NetworkDesk
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import assert_all_told, assert_glyphs, language
from tests.screens.test_start import begun, new
from tests.unit.bench.test_wifi import STATION, Air, crowd

__all__ = ["language"]  # the fixture


@asynccontextmanager
async def shown(folder: Path, air: Air | None = None) -> AsyncIterator[Bench]:
    """F4 on Bonjour, once the list is there."""
    air = air or Air(folder / "iwd")
    networking = NetworkDesk(air, folder / "kept", folder=air.folder, wait=lambda _: None)
    async with bench(FakePort(keys="fr", air=networking)) as b:
        await b.press("f4")
        await b.at("NetworkPage")
        await b.until(lambda: bool(b.page.view().choices))
        await b.settle()
        yield b


@pytest.mark.long
async def test_a_network_is_joined_with_its_passphrase_and_kept(tmp_path: Path) -> None:
    async with shown(tmp_path) as b:
        assert "branché (10.0.2.15)" in b.text() and "pas connecté" in b.text()
        await b.press("1")
        await b.at("JoinPage")
        await b.press(*"court", "enter")
        await b.until(lambda: "de 8 à 63" in b.text() and "[ court_ ]" in b.text())
        await b.press(*["backspace"] * 5, *"nicht richtig", "enter")
        await b.until(lambda: "ne répond pas" in b.text())
        await b.press(*["backspace"] * 13)
        await b.press(*"atelier", "space", *"des", "space", *"weppes", "enter")
        await b.at("NetworkPage")
        await b.until(lambda: "est connecté à Atelier" in b.text())
        assert [path.name for path in (tmp_path / "kept").iterdir()] == ["Atelier.psk"]
        await b.press("escape")
        await b.at("HelloPage")


@pytest.mark.long
async def test_a_network_for_accounts_and_a_scan_are_refused_in_words(tmp_path: Path) -> None:
    async with shown(tmp_path) as b:
        at = next(row for row in b.rows() if "(compte)" in row).split()[0].strip("→")
        await b.press(at or next(row for row in b.rows() if "(compte)" in row).split()[1])
        assert b.name == "NetworkPage" and "demande un compte" in b.text()
        await b.press("1")
        await b.at("JoinPage")
        await b.scan("RC26-004217-7")
        assert b.name == "JoinPage" and "[ _ ]" in b.text()


async def test_many_networks_stay_under_their_numbers(tmp_path: Path, language: str) -> None:
    air = Air(tmp_path / "iwd")
    crowd(air, [b"\x1b[31mrouge", b"\xff" * 32, *(b"reseau %d" % n for n in range(9))])
    async with shown(tmp_path, air) as b:
        first = b.text()
        assert_all_told(b)
        assert_glyphs(b)
        await b.press("6")
        assert b.text() != first
        assert_all_told(b)
        await b.press("6")
        await b.press("2")  # one is left there
        assert b.text() == first


async def test_a_known_network_is_joined_by_its_number_alone(tmp_path: Path) -> None:
    air = Air(tmp_path / "iwd")
    crowd(air, [b"Atelier"], known=True)
    air.folder.mkdir()
    (air.folder / "Atelier.psk").write_bytes(air.right)
    async with shown(tmp_path, air) as b:
        await b.press("1")
        await b.until(lambda: "est connecté à Atelier" in b.text())
    assert (air.objects["data"][0][STATION]) and not (tmp_path / "kept").exists()


async def test_the_network_is_reached_before_the_first_answer(tmp_path: Path) -> None:
    async with begun(new(tmp_path)) as b:
        await b.press("f4")
        await b.at("NetworkPage")
        await b.until(lambda: "pas de Wi-Fi qui marche" in b.text())
        await b.press("escape")
        assert b.name == "KeyboardPage"


async def test_where_it_is_not_ours_f4_opens_nothing() -> None:
    async with bench() as b:
        await b.press("f4")
        assert b.name == "HelloPage"
