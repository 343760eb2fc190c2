"""Where records are in memory every page says whether they are sent, and leaving asks once more."""

from __future__ import annotations

import pytest

from bench.console.app import EtabliApp, Mark
from bench.guide.sending import Unsent
from bench.guide.supervision import Did
from tests.screens.driver import Bench, Clock, bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import PAGES, assert_all_told, language

__all__ = ["language"]  # the fixture


class Sends:
    """So many records here alone; the first try to send finds no server."""

    def __init__(self, count: int, *, sends: bool = True) -> None:
        self.count, self.takes, self.tries = count, sends, 0

    def unsent(self) -> Unsent:
        return Unsent(self.count, self.takes)

    def send(self) -> Did:
        self.tries += 1
        if self.tries == 1:
            return Did(False, "Aucun serveur.")
        self.count = 0
        return Did(True)


async def leaving(b: Bench) -> None:
    await b.press("escape")
    await b.at("QuitPage")


async def test_leaving_says_what_would_be_lost_and_sends_it() -> None:
    port = FakePort(sending=Sends(12))
    async with bench(port) as b:
        await leaving(b)
        await b.until(lambda: "12 fiches ne sont pas encore envoyées" in b.text())
        assert "Votre travail est gardé" not in b.text()
        await b.press("2")
        await b.until(lambda: "Aucun serveur" in b.text())
        assert "12 fiches" in b.text()
        await b.press("2")
        await b.until(lambda: "Tout est à l'atelier" in b.text())
        assert "Envoyer" not in b.text()
        await b.press("1")
        await b.at("HelloPage")


async def test_a_bench_nobody_has_is_shown_the_other_way(language: str) -> None:
    port = FakePort(sending=Sends(1, sends=False))
    async with bench(port) as b:
        await leaving(b)
        await b.until(lambda: "F9" in b.text())
        await b.settle()
        assert_all_told(b)
        assert "3" not in [row.strip()[:1] for row in b.rows()]


async def test_leaving_from_fini_asks_as_well() -> None:
    """« Quitter » there is the end of a day as Échap is: what would be lost is said."""
    done = PAGES["DonePage"]
    async with bench(FakePort(sending=Sends(12)), done) as b:
        await b.until(lambda: "Quitter" in b.text(), "the end")
        await b.press("2")
        await b.at("QuitPage")
        await b.until(lambda: "12 fiches ne sont pas encore envoyées" in b.text())
        assert b.app.return_code is None
        await b.press("1")
        await b.at("DonePage")
    async with bench(FakePort(), done) as b:
        await b.until(lambda: "Quitter" in b.text(), "the end")
        b.clock.ahead += 2
        b.send("2")
        await b.until(lambda: b.app.return_code == 0, "gone: nothing can be lost")


async def test_what_is_kept_asks_nothing() -> None:
    async with bench(FakePort()) as b:
        await leaving(b)
        assert "Votre travail est gardé" in b.text() and "Envoyer" not in b.text()


@pytest.mark.long
async def test_every_page_says_it_and_the_power_button_opens_the_way_out() -> None:
    port, clock = FakePort(sending=Sends(2)), Clock()
    marks: list[Mark] = ["unsent"]
    pressed: list[bool] = []
    app = EtabliApp(
        port,
        mark=lambda: marks[-1],
        switched=lambda: bool(pressed) and pressed.pop(),
        warp=clock,
        countdown_s=1,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        b = Bench(app, pilot, port, clock)
        await b.at("HelloPage")
        assert "NON ENVOYÉ" in b.rows()[0]
        marks.append("sent")
        await b.until(lambda: "NON" not in b.rows()[0] and "ENVOYÉ" in b.rows()[0])
        pressed.append(True)
        await b.at("QuitPage")
        await b.until(lambda: "encore une fois" in b.text() and "2 fiches" in b.text())
        await b.press("1")
        await b.at("HelloPage")
