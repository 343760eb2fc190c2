"""Pages read aloud, by F5 or always: what is said, when it stops, and where there is no voice."""

from __future__ import annotations

import re
import threading

import pytest
from msgspec.structs import replace

from bench.guide.comfort import Comfort
from bench.guide.comfort import Voice as Wish
from bench.screens.kit.aloud import focused, spoken
from bench.screens.kit.reading import news, told
from bench.screens.kit.view import Choice, Field, Mark, Row, View
from bench.words.catalogue import LANGUAGES, choose
from tests.screens.driver import CHECKS, ERASE, bench
from tests.screens.fake_port import FakePeople, FakePort
from tests.screens.test_look import OVER, PAGES, shown
from tests.unit.architecture.test_sentences import WORKERS
from tests.unit.architecture.test_words import catalogue


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


# Signs a voice is silent at, or says as people do (espeak-ng 1.51, `-x`): "°", "%", "/" in a date.
SAID = re.compile(r"[\w\s.,;:!?'’%°«»()/-]*[^\W_][\w\s.,;:!?'’%°«»()/-]*")
WRITTEN = ("screens.machine.soon",)  # three dots for what is being read: nothing to say yet


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_a_worker_can_be_said(code: str) -> None:
    choose(code)
    for area in (*WORKERS, "workbench", "errors"):
        for key, sentence in catalogue(code, area).items():
            text = spoken(View(title=re.sub(r"\{[^}]*\}", "1", sentence)))
            silent = f"{area}.{key}" in WRITTEN or not sentence
            assert silent or (SAID.fullmatch(text) and "_" not in text), (key, sentence, text)


def test_what_is_written_short_is_said_in_full() -> None:
    assert spoken(View(title="Prévenez l'encadrant·e.")) == "Prévenez l'encadrant."
    row = Row("k", "WD", "500 Go", "", "45 %, 480 Mo/s", "")
    assert focused(View(title="", rows=(row,))) == "WD.\n500 Go.\n45 %, 480 Mo par seconde."


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


def after(before: View, now: View, page: object = None) -> str:
    """What is said of a view to who heard the one before, of the same page."""
    return news(told(page, before), told(page, now), now)


def test_what_moves_by_itself_is_not_said_and_what_matters_is() -> None:
    run = View(title="J'efface.", lines=("45 %", "encore 10 minutes"), percent=45)
    assert after(run, replace(run, lines=("46 %", "encore 9 minutes"), percent=46)) == ""
    noted = replace(run, notice="Le disque se teste, 40 %.")
    assert after(run, noted) == "Le disque se teste, 40 %."
    assert after(noted, replace(noted, notice="Le disque se teste, 50 %.")) == ""
    assert after(noted, replace(noted, notice="")) == ""
    ended = replace(run, choices=(Choice("next", "Continuer"),))
    assert after(run, ended) == spoken(ended)
    assert after(run, replace(run, title="C'est effacé.")).startswith("C'est effacé.")
    assert news(told(1, run), told(2, run), run) == spoken(run)  # another page of that title
    typed = View(title="Code", field=Field("Votre code :", "1"))
    assert after(typed, replace(typed, field=Field("Votre code :", "12"))) == ""


def test_the_arrow_says_where_it_is() -> None:
    two = View(title="Oui ?", choices=(Choice("y", "Oui"), Choice("n", "Non", hotkey="F8")))
    assert after(two, replace(two, at=1)) == "F8 : Non." and after(two, two) == ""
    assert after(replace(two, at=1), two) == "Touche 1 : Oui."
    row = Row("k", "WD Blue", "500 Go", "1000", "effacement, 45 %", "", mark=False)
    rows = View(title="Disques", rows=(row, replace(row, key="l")), choices=two.choices)
    moved = replace(rows, at=1)
    assert after(rows, moved) == "WD Blue.\n500 Go.\n1000.\npas coché.\neffacement, 45 %."
    later = replace(rows, rows=(replace(row, state="effacement, 46 %"), rows.rows[1]))
    assert after(rows, later) == ""
    ticked = replace(rows, rows=(replace(row, mark=True), rows.rows[1]))
    assert "\ncoché.\n" in after(rows, ticked)
    marks = View(title="Le dessus", marks=(Mark("1", "Neuf", "x"), Mark("2", "Usé", "x")))
    assert after(marks, replace(marks, at=1)) == "2 : Usé."
    assert focused(replace(two, at=-1)) == ""
    count = View(title="Combien ?", big="2", choices=two.choices, arrows=True)
    assert after(count, replace(count, big="3")) == "3"


@pytest.mark.long
async def test_always_reads_each_page_once_and_the_focus_as_it_moves() -> None:
    voice = Voice()
    async with bench(FakePort(), ERASE, voice=voice) as b:
        await b.at("ReviewPage")
        assert not voice.said
        b.app.desk.ease(Comfort(voice=Wish.ALWAYS))
        await b.settle()
        assert voice.said == [spoken(b.app.desk.view())]
        for _ in range(3):  # looks at the disks, and nothing new
            await b.tick()
        assert len(voice.said) == 1
        stops = voice.stops
        await b.press("down")
        assert voice.said[1:] == [focused(b.page.view())] and voice.stops > stops
        await b.press("1")
        await b.at("ConfirmPage")
        assert voice.said[-1] == spoken(b.page.view())
        said = len(voice.said)
        await b.press("8", "f")
        assert len(voice.said) == said  # nobody hears what is typed
        await b.press("f5")
        assert voice.said[-1] == spoken(b.page.view())


@pytest.mark.long
async def test_always_tells_the_end_of_an_erasure_and_not_its_progress() -> None:
    voice = Voice()
    port = FakePort(percent_a_look=10)
    async with bench(port, ERASE, voice=voice) as b:
        b.app.desk.ease(Comfort(voice=Wish.ALWAYS))
        await b.to_progress()
        await b.settle()
        said = len(voice.said)
        for _ in range(4):
            await b.tick()
        assert b.name == "ProgressPage" and len(voice.said) == said
        port.percent_a_look = 100
        await b.tick()
        await b.at("ErasedPage")
        assert len(voice.said) == said + 1 and voice.said[-1] == spoken(b.page.view())


async def test_an_error_that_comes_by_itself_is_said() -> None:
    voice = Voice()
    async with bench(FakePort(), ERASE, voice=voice) as b:
        b.app.desk.ease(Comfort(voice=Wish.ALWAYS))
        await b.at("ReviewPage")
        await b.settle()
        b.app.desk.page.fail("Le disque ne répond pas.")
        b.app.redraw()
        await b.settle()
        assert "Le disque ne répond pas." in voice.said[-1]


async def test_nothing_is_said_over_a_sound_that_must_be_heard() -> None:
    voice = Voice()
    gate = threading.Event()
    port = FakePort(slow={"run_check": gate})
    port.people = FakePeople(port, comforts={"NAD": Comfort(voice=Wish.ALWAYS)})
    async with bench(port, CHECKS, voice=voice) as b:
        await b.at("AskPage")
        await b.until(lambda: bool(port.calls("run_check")), "the sound")
        await b.until(lambda: b.app.desk.comfort.voice is Wish.ALWAYS, "her comfort")
        said = len(voice.said)
        b.app.redraw()
        await b.heard()
        assert len(voice.said) == said
        gate.set()
        await b.until(lambda: len(voice.said) > said, "the question")
        assert "Avez-vous entendu la musique ?" in voice.said[-1]


async def test_turned_off_it_says_why_it_is_silent() -> None:
    voice = Voice()
    async with bench(FakePort(), ERASE, voice=voice) as b:
        await b.at("ReviewPage")
        b.app.desk.ease(Comfort(voice=Wish.OFF))
        await b.press("f5")
        assert "La voix est coupée." in b.text() and not voice.said
        assert "écouter" not in b.rows()[0]


async def test_a_secret_is_neither_said_nor_counted() -> None:
    voice = Voice()
    async with shown("AllowPage", "fr", voice=voice) as b:
        b.app.desk.ease(Comfort(voice=Wish.ALWAYS))
        await b.press("4", "8", "1", "5", "f5")
        assert "****" in b.text()
        assert not any("4815" in text or "*" in text for text in voice.said)


async def test_without_a_voice_always_says_so_once() -> None:
    voice = Voice(able=False)
    async with bench(FakePort(), ERASE, voice=voice) as b:
        await b.at("ReviewPage")
        b.app.desk.ease(Comfort(voice=Wish.ALWAYS))
        await b.settle()
        assert "Ce PC ne sait pas lire à voix haute." in b.text() and len(voice.said) == 1
        await b.press("down", "1")
        await b.at("ConfirmPage")
        assert "voix haute" not in b.text() and len(voice.said) == 1
        await b.press("f5")
        assert "voix haute" in b.text() and len(voice.said) == 2
