"""A new bench, and one that keeps nothing, join over the network: by keys, with a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench.exchange import push
from bench.guide.starting import FirstAnswers, Needs
from bench.hub.waiting import Waiting
from bench.records import joining
from bench.records.log import Log, open_bench
from bench.records.signed import fingerprint, keys
from bench.screens.start import joining as pages
from bench.words.catalogue import area
from bench.workbench.start import ANSWER, LOOKS, REQUEST, StartBench
from tests import forge
from tests.screens.driver import Bench
from tests.screens.test_look import assert_all_told, language
from tests.screens.test_start import MADE, OnStick, Set, Stick, begun, named, settings
from tests.unit.exchange.serving import serving

__all__ = ["language"]  # the fixture


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ASK_S", 0.1)


class Office:
    """A workshop's computer: who waits there is admitted by what was heard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log: Log = open_bench(folder, forge.Clock(), forge.Noise(folder.name), name="Lille")
        self.workshop = keys.load(folder / "keys" / "workshop.key")
        self.digits = self.workshop.fingerprint.replace(" ", "")

    def admit(self, heard: str) -> None:
        found = Waiting(self.folder).find(fingerprint.read(heard))
        assert found is not None
        answer = joining.admit(self.log, self.workshop, found.raw, heard=heard)
        Waiting(self.folder).answer(found.public, answer)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


def starting_at(folder: Path, urls: list[str], *, kept: bool = True) -> StartBench:
    machine = Stick(kept=kept)
    machine.network = not kept
    context = OnStick(folder, machine, Set())
    return StartBench(context, MADE, lambda: list(urls), wait=lambda _: None)


def asking_at(folder: Path, urls: list[str]) -> StartBench:
    """A bench that was named, and asked to join before: its first page is that of the request."""
    starting = starting_at(folder, urls)
    starting.keep(FirstAnswers("fr", "Lens", 2))
    starting.request()
    return starting


def shown_digits(b: Bench) -> str:
    """What a person reads aloud from the page."""
    lines = ["".join(row.split()) for row in b.rows()]
    whole = "".join(lines)
    found = re.search(r"\d{32}", whole)
    assert found, b.text()
    return found[0]


async def joined(b: Bench, office: Office) -> None:
    """From the page of the request, through the answer."""
    await b.until(lambda: "a la demande" in b.text(), "sent")
    await b.settle()
    assert_all_told(b)
    office.admit(shown_digits(b))
    await b.at("AnswerPage")
    await b.press(*office.digits, "enter")
    await b.until(lambda: "est dans l'atelier" in b.text())
    await b.press("1")


@pytest.mark.long
async def test_a_new_bench_asks_by_itself_and_joins_by_two_voices(
    tmp_path: Path, office: Office
) -> None:
    urls: list[str] = []
    starting = starting_at(tmp_path, urls)
    with serving(office.folder) as (_, url):
        async with begun(starting) as b:
            await named(b)
            await b.press("down", "enter", "2")
            await b.at("RequestPage")
            await b.until(lambda: REQUEST in b.text())  # nobody there: by file, as ever
            await b.settle()
            assert_all_told(b)
            urls.append(url)
            await joined(b, office)
        assert starting.finished and starting.needs() == Needs()
        assert not (starting.context.data.path / REQUEST).exists()
        log = starting.context.open_log()
        assert push.push(log, push.choose(log, [url])).events
        log.store.close()


@pytest.mark.long
async def test_who_began_before_the_answer_finds_it_at_the_next_start(
    tmp_path: Path, office: Office
) -> None:
    with serving(office.folder) as (_, url):
        async with begun(asking_at(tmp_path, [url])) as b:
            await b.at("RequestPage")
            await b.until(lambda: "a la demande" in b.text())
            heard = shown_digits(b)
            await b.press("1")
        later = starting_at(tmp_path, [url])
        assert later.needs() == Needs(asked=True)
        office.admit(heard)
        async with begun(later) as b:
            await b.at("AnswerPage")
            await b.press("escape", "3")  # back, and here again
            await b.at("AnswerPage")
            await b.press("down", "enter")  # nobody there to be called: another day
        assert later.finished and later.needs() == Needs(asked=True)
        async with begun(starting_at(tmp_path, [])) as b:
            await b.at("RequestPage")
            await b.press("2")  # ask no more
    assert starting_at(tmp_path, []).needs() == Needs()


@pytest.mark.long
async def test_a_thief_who_answers_first_hides_nothing(tmp_path: Path, office: Office) -> None:
    thief = Office(tmp_path / "thief")
    with serving(office.folder) as (_, url), serving(thief.folder) as (_, his):
        starting = asking_at(tmp_path, [his, url])
        async with begun(starting) as b:
            await b.at("RequestPage")
            await b.until(lambda: "ont la demande" in b.text())
            heard = shown_digits(b)
            thief.admit(heard)
            await b.at("AnswerPage")
            await b.press(*office.digits, "enter")
            await b.until(lambda: "celle d'un autre" in b.page.notice, b.page.notice)
            assert "fichier" not in b.page.notice  # it came over the network
            office.admit(heard)  # on the telephone all the while

            def taken() -> bool:
                return len(starting._answers) == 2

            await b.until(taken)
            await b.press("enter")
            await b.until(lambda: "est dans l'atelier" in b.text())
            await b.press("1")
    log = starting.context.open_log()
    assert log.store.known().bench(log.key.id).workshop == office.workshop.id
    log.store.close()


REFUSALS = re.compile(r"fingerprint_|sealed_(?!late)|certificate_|workshop_in_use")


@pytest.mark.parametrize("code", ["fr", "en"])
def test_a_refused_answer_speaks_of_no_file(code: str) -> None:
    """Whatever `StartBench.join` may say is true of an answer that came over the network too."""
    said = {key: text for key, text in texts(area(code, "records")) if REFUSALS.match(key)}
    assert len(said) > 8
    assert not [key for key, text in said.items() if re.search(r"fichier|\bfile|clé USB", text)]


def texts(node: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from texts(value)
        else:
            yield key, str(value)


@pytest.mark.long
async def test_a_bench_that_keeps_nothing_may_ask_where_a_server_answers(
    tmp_path: Path, office: Office
) -> None:
    with serving(office.folder) as (_, url):
        starting = starting_at(tmp_path, [url], kept=False)
        assert starting.needs() == Needs(offer=True)
        async with begun(starting) as b:
            await b.at("OfferPage")
            await b.until(lambda: "répond sur ce réseau" in b.text())
            await b.settle()
            assert_all_told(b)
            await b.press("1")
            await b.at("WorkshopPage")
            await b.press(*"Lens", "enter", *"7", "enter")
            await b.at("RequestPage")
            await b.until(lambda: "a la demande" in b.text())
            office.admit(shown_digits(b))
            await b.at("AnswerPage")
            assert starting.join(office.digits).ok  # as it is typed by a new bench above
            await b.press("down", "enter")
        assert starting.finished and starting.needs() == Needs()
        assert settings(starting).bench == 7 and settings(starting).workshop == "Lens"


async def test_without_a_server_or_a_wish_the_work_begins(tmp_path: Path) -> None:
    looked = 0

    def find() -> list[str]:
        nonlocal looked
        looked += 1
        return ["https://127.0.0.1:9"] if looked > 2 * LOOKS else []

    starting = starting_at(tmp_path, [], kept=False)
    starting._find = find
    async with begun(starting) as b:
        await b.until(lambda: starting.finished)
    assert looked == LOOKS  # its address comes while the first screen is there
    starting.finished = False
    async with begun(starting) as b:
        await b.until(lambda: starting.finished)
    starting.finished = False
    async with begun(starting) as b:
        await b.until(lambda: "2  Commencer sans" in b.text())
        await b.press("2")
    assert starting.finished and starting.needs() == Needs(offer=True)
    assert not (starting.context.data.path / ANSWER).exists()


async def test_a_server_that_is_gone_or_full_is_said_and_asked_again(
    tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.hub.waiting.MOST", 0)
    with serving(office.folder) as (_, url):
        async with begun(asking_at(tmp_path, [url])) as b:
            await b.at("RequestPage")
            await b.until(lambda: "Trop de postes" in b.text())
            await b.settle()
            assert_all_told(b)
            Waiting(office.folder).expect(fingerprint.read(shown_digits(b)))
            await b.until(lambda: "a la demande" in b.text())
