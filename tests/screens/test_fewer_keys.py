"""What takes fewer keys claims no more: on counted time, at the real pages and the real flow."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.guide.visit import Answer, VisitStep, encode
from bench.screens.kit.pace import ALONE_S, ASKED_S, TURNED_S, Turns
from bench.screens.steps.checks import READ_S
from bench.screens.steps.colours import COLOURS, LOOK_S
from bench.words.catalogue import choose, say
from tests.screens.driver import CHECKS, bench
from tests.screens.fake_port import ASSET, STICK, FakePort
from tests.screens.test_look import LABEL
from tests.slips.simulated import Screens, SlipPort

AUTO = CheckStep("wifi", CheckMode.AUTO, "Le Wi-Fi", picture="network")
SCREEN = CheckStep("pixels", CheckMode.COLOURS, "L'écran", question="Est-il bon ?")
USB = CheckStep("usb", CheckMode.WATCH, "USB", count="Combien de prises ?", count_most=64)
LAST = CheckStep("hinge", CheckMode.ASK, "Les charnières", question="Tient-il ouvert ?")
EYES = tuple(
    CheckStep(id, CheckMode.ASK, name, question="?", sight=name)
    for id, name in (("touch", "Écran tactile"), ("optical", "Lecteur"), ("card", "Cartes"))
)
LOCK = CheckStep("lock", CheckMode.ASK, "Début", sight="Mot de passe", seen=CheckMark.FAILED)


class Port(SlipPort):
    """These checks, which end as told."""

    steps: tuple[CheckStep, ...] = ()
    ends = CheckMark.PASSED

    def checks(self) -> tuple[CheckStep, ...]:
        return self.steps

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        self._did("run_check", id)
        return EndedCheck(id, self.ends, "4 réseaux trouvés.")


Make = Callable[..., Screens]


@pytest.fixture
def at() -> Iterator[Make]:
    with pytest.MonkeyPatch.context() as patch:

        def make(*steps: CheckStep, ends: CheckMark = CheckMark.PASSED) -> Screens:
            port = Port()
            port.steps, port.ends, port.saved = steps, ends, encode(CHECKS)
            port.found = [STICK]
            screens = Screens(port, random.Random(1), patch)
            screens.wait(1)
            return screens

        yield make
    choose(None)


def tap(screens: Screens, *keys: str) -> None:
    """Keys of somebody who reads first."""
    for key in keys:
        screens.press(key, 2)
        screens.wait(1)


def tap_now(screens: Screens, key: str) -> None:
    """A key, until it is certain to be no scanner's."""
    screens.press(key, 0)
    screens.wait(0.05)


def given(screens: Screens) -> dict[str, str]:
    return {answer.id: answer.value for answer in screens.desk.visit.checks}


def test_what_passed_goes_on_by_itself_and_is_answered_once(at: Make) -> None:
    screens = at(AUTO, LAST)
    assert "toute seule" in str(screens.view().lines)
    screens.wait(READ_S + 1)
    assert screens.view().title.startswith("Les charnières") and screens.keys == 0
    assert given(screens) == {"wifi": "passed"}
    assert len(screens.port.calls("answer_check")) == 1


@pytest.mark.parametrize("key", ["down", "f1", "f9", "f5", "k", "f2"])
def test_any_key_stays_with_what_is_read(key: str, at: Make) -> None:
    screens = at(AUTO, LAST)
    screens.press(key)
    screens.wait(60)
    while screens.name in ("HelpPage", "CallPage"):
        screens.press("escape")
    screens.wait(60)
    assert screens.view().title.startswith("Le Wi-Fi") or key == "f2"
    assert not given(screens)
    assert "toute seule" not in str(screens.view().lines)


@pytest.mark.parametrize("after_s", [0.2, 0.8, 1.4])
def test_a_finger_on_its_way_answers_nothing_on_the_page_that_came_alone(
    after_s: float, at: Make
) -> None:
    """« Continuer » was meant, and the next question would have been answered by it."""
    screens = at(AUTO, LAST)
    while screens.view().title.startswith("Le Wi-Fi"):
        screens.wait(0.05)
    screens.wait(after_s)
    tap_now(screens, "1")
    assert given(screens) == {"wifi": "passed"}
    assert say("screens.keys.turned") in screens.view().notice
    screens.wait(ALONE_S)
    tap_now(screens, "1")
    assert given(screens) == {"wifi": "passed", "hinge": "passed"}


def test_a_page_that_a_key_asked_for_takes_the_next_key_at_once(at: Make) -> None:
    screens = at(AUTO, LAST)
    screens.wait(1)
    tap_now(screens, "1")
    assert given(screens) == {"wifi": "passed"} and screens.view().title.startswith("Les charn")
    screens.wait(0.4)
    tap_now(screens, "2")
    assert given(screens) == {"wifi": "passed", "hinge": "failed"}


def test_what_turned_by_itself_waits_as_long_as_its_kind_of_page_asks() -> None:
    turns = Turns()
    turns.turned(10, alone=False)
    assert turns.too_soon(10 + TURNED_S - 0.1) and not turns.too_soon(10 + TURNED_S)
    turns.turned(20, alone=True)
    assert turns.too_soon(20 + ALONE_S - 0.1) and not turns.too_soon(20 + ALONE_S)
    turns.turned(21, alone=False)  # the disks were looked for: the page behind came as alone
    assert turns.too_soon(21 + ALONE_S - 0.1)
    turns.keyed(30)
    turns.turned(30 + ASKED_S, alone=True)
    assert not turns.too_soon(30 + ASKED_S)
    turns.turned(40, alone=False)
    assert not turns.too_soon(40 + TURNED_S)


@pytest.mark.parametrize("ends", [mark for mark in CheckMark if mark is not CheckMark.PASSED])
def test_nothing_else_goes_on_by_itself(ends: CheckMark, at: Make) -> None:
    screens = at(AUTO, LAST, ends=ends)
    screens.wait(300)
    assert screens.view().title.startswith("Le Wi-Fi") and not given(screens)


def test_the_colours_change_by_themselves_and_who_is_away_has_answered_nothing(at: Make) -> None:
    screens = at(SCREEN, LAST)
    screens.press("1")
    screens.wait(0.1)
    seen = []
    for _ in COLOURS:
        screens.wait(0.5)
        seen.append(screens.view().fill)
        screens.wait(LOOK_S - 0.5)
    assert tuple(seen) == COLOURS
    screens.wait(600)
    assert "unsure" in {choice.key for choice in screens.view().choices}
    assert screens.view().choices[screens.view().at].key == "unsure" and not given(screens)


def test_a_key_takes_the_colours_in_hand_and_passes_over_none(at: Make) -> None:
    screens = at(SCREEN, LAST)
    screens.press("1")
    screens.wait(0.1)
    screens.wait(LOOK_S + 0.1)  # the second has just come by itself
    assert screens.view().fill == COLOURS[1]
    screens.press("space", 0.1)  # meant for the first
    screens.wait(60)
    assert screens.view().fill == COLOURS[1]
    screens.press("left")
    assert screens.view().fill == COLOURS[0]
    for colour in COLOURS[1:]:
        screens.press("space")
        assert screens.view().fill == colour
    screens.wait(60)
    assert screens.view().fill == COLOURS[-1]
    screens.press("space")
    assert not screens.view().fill and not given(screens)


def test_what_eyes_alone_tell_is_one_page_and_each_is_answered(at: Make) -> None:
    screens = at(AUTO, *EYES, LOCK)
    screens.wait(READ_S + 3)
    view = screens.view()
    assert screens.name == "SightPage" and "(2-5 sur 5)" in view.title
    assert view.choices[view.at].key == " unsure"
    tap(screens, "6")  # "that is all", before anything was ticked
    assert not given(screens).keys() & {"touch", "lock"} and screens.view().notice
    tap(screens, "3", "1")  # "none", with something ticked
    tap(screens, "5", "6")
    assert screens.desk.visit.step is VisitStep.ERASE
    assert given(screens) == {
        "wifi": "passed",
        "touch": "failed",
        "optical": "passed",
        "card": "failed",
        "lock": "failed",
    }
    assert all(answer.asked for answer in screens.desk.visit.checks if answer.id != "wifi")


@pytest.mark.parametrize(
    ("key", "parts", "lock"),
    [("1", "failed", "passed"), ("7", "not_tested", "not_tested")],
)
def test_none_and_not_known_are_one_key_each(key: str, parts: str, lock: str, at: Make) -> None:
    screens = at(*EYES, LOCK)
    tap(screens, key)
    assert given(screens) == {**dict.fromkeys(("touch", "optical", "card"), parts), "lock": lock}


def test_gone_back_to_they_are_kept_changed_and_left_as_a_whole(at: Make) -> None:
    screens = at(LAST, *EYES)
    tap(screens, "1", "3", "5")
    kept = given(screens)
    tap(screens, "escape")
    assert screens.name == "SightPage" and "Lecteur : vu" in str(screens.view().lines)
    tap(screens, "1")
    assert screens.desk.visit.step is VisitStep.ERASE and given(screens) == kept
    tap(screens, "escape", "2", "escape")  # asked anew, and left
    assert screens.view().title.startswith("Les charnières") and given(screens) == kept
    tap(screens, "1", "2", "1")
    assert given(screens) == {**kept, "optical": "failed"}


def test_killed_in_the_middle_all_of_them_are_asked(at: Make) -> None:
    screens = at(*EYES)
    half = replace(CHECKS, check_ids=("touch", "optical", "card"), check_at=1)
    screens.port.saved = encode(replace(half, checks=(Answer("touch", "passed", True),)))
    screens.start()
    screens.wait(2)
    assert screens.name == "SightPage"
    tap(screens, "1")
    assert set(given(screens).values()) == {"failed"} and len(given(screens)) == 3


class Sockets(FakePort):
    """Sockets that are tried until somebody says that it is done."""

    def checks(self) -> tuple[CheckStep, ...]:
        return (USB, LAST)

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        self.stopped.clear()
        on_progress(CheckProgress(2, None, "1-1 1-2"))
        self.stopped.wait(300)
        return EndedCheck(id, None)


@pytest.mark.parametrize(
    "keys", [("3", "enter"), ("up", "up", "up", "enter"), ("down", "enter", "3", "enter")]
)
async def test_sockets_are_counted_while_they_are_tried(keys: tuple[str, ...]) -> None:
    port = Sockets()
    async with bench(port, start=CHECKS) as b:
        await b.until(lambda: "1-2" in b.text(), "the sockets")
        assert "Combien de prises ?" in b.text()
        await b.press(*keys)
        await b.until(lambda: bool(port.calls("count_check")), "the number")
        await b.until(lambda: "Continuer" in b.text(), "the outcome")
        assert port.calls("count_check") == [("count_check", "usb", 3)]


async def test_who_did_not_count_is_asked_at_the_end() -> None:
    port = Sockets()
    async with bench(port, start=CHECKS) as b:
        await b.until(lambda: "1-2" in b.text(), "the sockets")
        await b.press("enter")
        await b.until(lambda: "C'est ce nombre" in b.text(), "the question")
        assert not port.calls("count_check")


@pytest.mark.parametrize(
    ("typed", "done"),
    [
        ("2177", True),
        ("4217-7", True),
        (ASSET, True),
        ("2178", False),
        ("7", False),
        ("17-7", False),
    ],
)
def test_without_a_scanner_the_end_of_the_number_is_typed(typed: str, done: bool, at: Make) -> None:
    screens = at()
    screens.port.saved = encode(replace(LABEL, asset=ASSET, printed=True))
    screens.start()
    screens.wait(1)
    assert screens.name == "StickPage"
    for key in (*typed, "enter"):
        screens.press(key)
    screens.wait(2)
    assert screens.desk.visit.label_checked is done
    assert done or screens.view().notice


def test_who_agrees_to_the_grade_gets_the_label_once(at: Make) -> None:
    screens = at()
    port = screens.port
    assert isinstance(port, FakePort)
    port.saved = encode(replace(LABEL, asset=ASSET, step=VisitStep.GRADE, letter=None))
    screens.start()
    screens.wait(2)
    assert screens.name == "GradePage"
    screens.press("1")
    screens.wait(3)
    assert screens.name == "StickPage" and len(port.calls("print_label")) == 1
    screens.press("escape")
    screens.wait(2)
    screens.press("1")
    screens.wait(3)
    assert screens.name == "StickPage" and len(port.calls("print_label")) == 1


def test_after_a_restart_a_label_waits_for_a_key(at: Make) -> None:
    screens = at()
    screens.port.saved = encode(replace(LABEL, asset=ASSET))
    screens.start()
    screens.wait(60)
    assert screens.name == "LabelPage" and not screens.port.calls("print_label")
