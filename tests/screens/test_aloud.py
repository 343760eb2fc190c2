"""F5 reads the page aloud: what is said, when it stops, and where there is no voice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bench.screens.kit.aloud import spoken
from bench.screens.kit.view import Choice, Field, Mark, Row, View
from tests.screens.driver import CHECKS, ERASE, bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import OVER, PAGES, shown


class Voice:
    """Keeps what it is told to say."""

    def __init__(self, able: bool = True) -> None:
        self.able = able
        self.said: list[str] = []
        self.stops = 0

    def speak(self, text: str) -> bool:
        self.said.append(text)
        return self.able

    def stop(self) -> None:
        self.stops += 1


async def test_f5_says_the_page_with_its_keys_and_any_key_ends_it() -> None:
    voice = Voice()
    ask = replace(CHECKS, check_ids=("sound", "wifi", "pixels", "hinge", "keys"), check_at=3)
    async with bench(FakePort(), ask, voice=voice) as b:
        await b.at("AskPage")
        await b.press("f5")
        assert voice.said == [
            "Les charnières (4 sur 5).\nL'écran tient-il ouvert tout seul ?\n"
            "Touche 1 : Oui.\nTouche 2 : Non.\nTouche 3 : Je ne sais pas."
        ]
        assert voice.stops == 0
        assert "F5 : écouter   Aide : F1" in b.rows()[0]  # shown, or nobody would find it
        await b.press("up")
        assert voice.stops == 1
        await b.press("down", "f5", "f5")
        assert (len(voice.said), voice.stops) == (3, 2)  # the second F5 ends the first
        assert b.name == "AskPage"  # it chose nothing


async def test_before_an_erasure_the_only_key_is_said() -> None:
    voice = Voice()
    async with bench(FakePort(), ERASE, voice=voice) as b:
        await b.to_confirm()
        await b.press("f5")
        assert "F8 : Oui, effacer." in voice.said[0]
        assert "Tapez les 4 derniers caractères du numéro :" in voice.said[0]
        assert b.name == "ConfirmPage" and not b.port.calls("start_erase")


@pytest.mark.parametrize("voice", [None, Voice(able=False)])
async def test_where_nobody_can_speak_it_is_said_in_words(voice: Voice | None) -> None:
    async with bench(FakePort(), ERASE, voice=voice) as b:
        await b.at("ReviewPage")
        await b.press("f5")
        assert "Ce PC ne sait pas lire à voix haute." in b.text()
        assert "écouter" not in b.text()
        await b.press("down")
        assert "voix haute" not in b.text()


@pytest.mark.long
@pytest.mark.parametrize("name", [*PAGES, *OVER])
async def test_every_page_can_be_said(name: str) -> None:
    async with shown(name, "fr") as b:
        text = spoken(b.page.view())
        assert text and not set("█░▒■→↑↓·│─[]{}") & set(text)
        assert b.page.view().title.split("  ")[0].rstrip(".") in text


def test_rows_marks_and_drawn_signs() -> None:
    row = Row("k", "WD Blue", "500 Go", "1000", "pas effacé", "")
    rows = View(title="Disques : 1", rows=(row,), choices=(Choice("all", "Tout cocher"),))
    assert spoken(rows) == "Disques : 1.\nWD Blue.\n500 Go.\n1000.\npas effacé.\nTout cocher."
    marks = View(title="Le dessus", marks=(Mark("1", "Aucune trace", "x"),), lines=("↑ ██",))
    assert spoken(marks) == "Le dessus.\n1 : Aucune trace."
    field = View(title="Bonjour.", field=Field("Votre code :", "SECRET"))
    assert spoken(field) == "Bonjour.\nVotre code :"  # what is typed is nobody else's business
