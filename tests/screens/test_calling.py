"""F9: whom to ask. It blocks a machine only when somebody says so."""

from __future__ import annotations

import pytest

from tests.screens.driver import bench
from tests.screens.fake_port import FakePort


@pytest.mark.long
@pytest.mark.parametrize("keys", [["escape"], ["1"], ["f9", "escape"]])
async def test_a_look_at_the_page_notes_nothing(keys: list[str]) -> None:
    async with bench(FakePort()) as b:
        await b.to_machine()
        await b.press("f9", *keys)
        await b.settle()
        assert b.name == "MachinePage" and not b.port.calls("call_supervisor")


@pytest.mark.long
async def test_a_request_is_noted_once_and_said() -> None:
    async with bench(FakePort()) as b:
        await b.to_machine()
        await b.press("f9")
        choice = next(line for line in b.text().splitlines() if "noter ma demande" in line)
        number = choice.strip(" │→").split()[0]
        await b.press(number)
        await b.until(lambda: "C'est noté." in b.text(), "noted")
        await b.press(number)
        await b.settle()
        assert b.port.calls("call_supervisor") == [("call_supervisor", "machine")]
        await b.press("1")
        assert b.name == "MachinePage"


async def test_where_there_is_no_machine_there_is_nothing_to_note() -> None:
    async with bench(FakePort()) as b:
        await b.at("HelloPage")
        await b.press("f9")
        await b.at("CallPage")
        assert "noter" not in b.text()
