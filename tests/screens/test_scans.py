"""Scanner bursts on real screens: the right target, and never a button."""

from __future__ import annotations

import pytest

from tests.screens.driver import ERASE, bench
from tests.screens.fake_port import ASSET, FakePort


async def test_a_badge_signs_in() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        await b.scan("OP-NADIA")
        await b.at("ArrivalPage")
        assert b.port.calls("who") == [("who", "OP-NADIA", False)]


async def test_a_scan_where_none_is_expected_presses_nothing() -> None:
    async with bench() as b:
        await b.to_machine()
        for text in ("1111", "RC26", "2222222"):
            await b.scan(text)
            assert b.name == "MachinePage" and "Pas de code à scanner ici." in b.text()
        assert b.port.probes == 1


async def test_a_scanned_serial_confirms_but_does_not_erase() -> None:
    async with bench(start=ERASE) as b:
        await b.to_confirm()
        await b.scan("S3Z9NB0K8F3K")
        await b.at("ReadyPage")
        await b.scan("S3Z9NB0K8F3K")
        assert b.name == "ReadyPage"
        assert not b.port.calls("start_erase")


async def test_an_american_scanner_on_the_french_console() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.scan("RCé-)àà'é&è)è")  # RC26-004217-7
        await b.at("NumberPage")
        assert ASSET in b.text()


async def test_two_scans_at_once_are_two_scans() -> None:
    async with bench() as b:
        await b.sign_in()
        b.clock.ahead += 1
        await b.burst(*ASSET, "enter", *ASSET, "enter")
        await b.at("NumberPage")
        assert {call[1] for call in b.port.calls("check_asset")} == {ASSET}


async def test_the_late_enter_of_a_slow_scanner_presses_nothing() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.scan(ASSET, enter=False)
        await b.at("NumberPage")
        await b.burst("enter")
        assert b.name == "NumberPage"
        await b.press("enter")
        await b.at("MachinePage")


async def test_a_scanner_as_slow_as_a_person_presses_no_choice() -> None:
    async with bench() as b:
        await b.sign_in()
        b.clock.hold()
        for one in (*ASSET, "enter"):
            b.send(one)
            await b.heard()
            b.clock.step(0.08)
        b.clock.let_go()
        await b.settle()
        assert b.name == "ArrivalPage" and "Scannez encore" in b.text()
        assert not b.port.calls("new_asset")


async def test_a_wrong_number_offers_the_likely_right_one() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.scan("RC26-004217-8")
        await b.at("SuggestionPage")
        assert ASSET in b.text()
        await b.press("enter")
        await b.at("ArrivalPage")
        await b.scan("RC26-004217-8")
        await b.press("2")
        await b.at("NumberPage")


@pytest.mark.long
async def test_a_number_typed_by_hand() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.press("2")
        await b.at("TypePage")
        await b.press("x", "enter")
        assert "Ce numéro n'est pas bon." in b.text()
        await b.press(*ASSET, "enter")
        await b.at("NumberPage")


@pytest.mark.long
async def test_a_scan_pasted_by_a_terminal() -> None:
    async with bench(FakePort()) as b:
        from textual.events import Paste

        await b.sign_in()
        b.app.post_message(Paste(f"{ASSET}\n"))
        await b.at("NumberPage")


async def test_a_key_held_back_while_the_screens_close_is_no_crash() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        b.clock.hold()
        b.send("x")
        await b.heard()
    b.clock.let_go()
    b.app._let_out()  # as the timer does that was set before the screens were gone
