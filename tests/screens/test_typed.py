"""Fields with choices beside them: Enter does what the page shows it would, or says why not."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guide.scan import Typed
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Field, View
from bench.words.catalogue import say
from tests.screens.driver import ERASE, bench

KEYS = st.lists(st.sampled_from(["up", "down", "tab", "backspace", "x", "7", "enter"]), max_size=12)


class Probe(Page):
    """A field, so many choices, and what Enter did."""

    def __init__(self, slots: int, choices: int, first: int) -> None:
        super().__init__(cast("Desk", None))
        self.at, self._slots, self._choices = first, slots, choices
        self.did = ""

    def draw(self) -> View:
        choices = tuple(Choice(str(at), f"choix {at}") for at in range(self._choices))
        return View(title="Titre", field=Field("Ici :", self.text, self._slots), choices=choices)

    def choose(self, key: str) -> None:
        self.did = f"chosen {key}"

    def submit(self, text: str) -> None:
        self.did = f"sent {text}"


@given(st.sampled_from([0, 4]), st.integers(0, 3), st.sampled_from([-1, 0]), KEYS)
def test_enter_does_what_the_arrow_is_at_else_sends_what_is_typed_else_says_so(
    slots: int, choices: int, first: int, keys: list[str]
) -> None:
    page = Probe(slots, choices, first)
    for key in [*keys, "enter"]:
        shown, text, page.did = page.view(), page.text, ""
        page.take(Typed(key, key if len(key) == 1 else None), 0.0)
        if key != "enter":
            assert not page.did
        elif 0 <= shown.at < choices:
            assert page.did == f"chosen {shown.at}"
        elif text:
            assert page.did == f"sent {text}"
        else:
            assert not page.did and page.notice


@given(st.integers(1, 3), KEYS)
def test_what_is_typed_is_left_by_the_arrows_and_come_back_to(
    choices: int, keys: list[str]
) -> None:
    page = Probe(0, choices, 0)
    for key in (*keys, "x"):
        page.take(Typed(key, key if len(key) == 1 else None), 0.0)
    assert page.view().at == -1  # whoever types goes on typing
    typed = page.text
    page.take(Typed("down", None), 0.0)
    assert page.view().at == 0 and page.text == typed
    page.take(Typed("up", None), 0.0)
    assert page.view().at == -1 and page.text == typed


@pytest.mark.parametrize("key", ["enter", "f8"])
async def test_a_wrong_number_of_a_disk_is_called_wrong_and_enter_goes_where_the_arrow_is(
    key: str,
) -> None:
    async with bench(start=ERASE) as b:
        await b.to_confirm()
        await b.press("z", "z", "f8")
        assert say("screens.confirm.first") in b.text()
        await b.press("z", "z", "f8", "f8")
        assert say("screens.confirm.wrong") in b.text() and b.name == "ConfirmPage"
        await b.press(key)
        if key == "f8":
            assert say("screens.confirm.wrong") in b.text() and b.name == "ConfirmPage"
        else:
            await b.at("ReviewPage")
        assert not b.port.calls("start_erase")


async def test_the_late_enter_of_a_scan_leaves_no_page_whose_code_was_wrong() -> None:
    async with bench(start=ERASE) as b:
        await b.to_confirm()
        await b.scan("ZZZZ", enter=False)
        b.clock.ahead += 0.4
        b.send("enter")
        await b.settle()
        assert b.name == "ConfirmPage"
