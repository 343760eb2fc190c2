"""A frozen disk: the PC may sleep for some seconds, only after it was said and chosen."""

from __future__ import annotations

import msgspec
import pytest

from tests.screens.cases import CASES
from tests.screens.driver import ERASE, bench
from tests.screens.fake_port import STICK, FakePort

FROZEN = msgspec.structs.replace(CASES["frozen"](), can_thaw=True)


def port(**more: bool) -> FakePort:
    return FakePort(found=[FROZEN, STICK], **more)  # type: ignore[arg-type]


@pytest.mark.long
@pytest.mark.parametrize(
    ("sleeps", "thaws", "said"),
    [
        (True, True, "Le disque peut maintenant s'effacer lui-même."),
        (True, False, "Rien n'a changé. Le disque sera réécrit."),
        (False, False, "Le PC n'a pas dormi. Le disque sera réécrit."),
    ],
)
async def test_the_pc_sleeps_once_it_was_said_and_chosen(
    sleeps: bool, thaws: bool, said: str
) -> None:
    async with bench(port(sleeps=sleeps, thaws=thaws), ERASE) as b:
        await b.at("ReviewPage")
        await b.press("2")
        await b.at("ThawPage")
        assert "Sinon, appuyez sur le bouton marche." in b.text()
        assert not b.port.calls("thaw")
        await b.press("2")
        await b.at("ReviewPage")
        await b.until(lambda: said in b.text(), "what came of it")
        assert len(b.port.calls("thaw")) == 1
        assert ("Endormir le PC, pour mieux effacer (pas possible)" in b.text()) is thaws


async def test_no_is_the_first_answer_and_goes_back() -> None:
    async with bench(port(), ERASE) as b:
        await b.at("ReviewPage")
        await b.press("2")
        await b.at("ThawPage")
        await b.press("enter")
        await b.at("ReviewPage")
        assert not b.port.calls("thaw")


async def test_no_sleep_is_offered_where_it_would_not_help() -> None:
    async with bench(FakePort(found=[CASES["usb"](), STICK]), ERASE) as b:
        await b.at("ReviewPage")
        assert "Endormir" not in b.text()
