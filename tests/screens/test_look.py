"""Every page in every language: only glyphs the console has, and nothing cut off."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from textual.widget import Widget

from bench.console.widgets.choices import MarkBox
from bench.console.widgets.drawing import picture as drawing
from bench.guide.people import Listed, Who
from bench.guide.shown import (
    Advice,
    CheckMode,
    JobStatus,
    JobView,
    KnownBy,
    LabelDoubt,
    Returning,
    SelfTestView,
)
from bench.guide.visit import Answer, DiskState, Fate, Subject, Visit, VisitOutcome, VisitStep
from bench.screens.asides import CallPage, HelpPage, LanguagePage, QuitPage
from bench.screens.comfort import ComfortPage, ValuesPage
from bench.screens.erase.stop import StopPage
from bench.screens.erase.thaw import ThawPage
from bench.screens.erase.trouble import TakeOutPage
from bench.screens.kit.page import Page
from bench.screens.kit.view import View
from bench.screens.people import AllowPage, NamePage, NamesPage, TypeCodePage, UnknownPage
from bench.screens.steps.advice import AdvicePage
from bench.screens.steps.arrival import SuggestionPage, TypePage
from bench.screens.steps.label_doubt import DoubtPage
from bench.screens.steps.returning import KeepNumberPage, ReturningPage
from bench.screens.steps.selftest import LongTestPage
from bench.training.room import ExerciseRoom
from bench.words import catalogue
from bench.words.catalogue import say
from tests.screens.driver import CHECKS, ERASE, HELLO, Bench, bench
from tests.screens.fake_port import ASSET, SAMSUNG, STICK, FakePeople, FakePort, many
from tests.screens.fake_port import CHECKS as TESTS
from tests.screens.glyphs import LETTERS, NAMES, SAFE
from tests.workers import is_workers

replace = msgspec.structs.replace
DISK = DiskState(SAMSUNG.key, SAMSUNG.path, SAMSUNG.title, "8F3K", allowed=True)
SEEN = replace(ERASE, disks=(DISK,), disks_complete=True)
ARRIVAL = Visit(step=VisitStep.ARRIVAL, operator="NAD", operator_name="Nadia")
GRADE = replace(SEEN, step=VisitStep.GRADE, look_ids=("lid", "keyboard"), disks=())
LABEL = replace(GRADE, step=VisitStep.LABEL, look_at=2, letter="B", disks=())
DONE = replace(LABEL, step=VisitStep.DONE)


def fate(fate: Fate, **changes: object) -> Visit:
    return replace(SEEN, disks=(replace(DISK, fate=fate, job="job1", **changes),))


def checks(id: str) -> Visit:
    at = [step.id for step in TESTS].index(id)
    return replace(CHECKS, check_ids=tuple(step.id for step in TESTS), check_at=at)


PAGES: dict[str, Visit] = {
    "HelloPage": HELLO,
    "ArrivalPage": ARRIVAL,
    "NumberPage": replace(ARRIVAL, asset=ASSET),
    "MachinePage": replace(CHECKS, step=VisitStep.MACHINE),
    "AskPage": checks("hinge"),
    "PlayPage": checks("sound"),
    "AutoPage": checks("wifi"),
    "WatchPage": checks("keys"),
    "ColoursPage": checks("pixels"),
    "ReviewPage": SEEN,
    "ProgressPage": fate(Fate.ERASING),
    "FailedPage": fate(Fate.FAILED),
    "InterruptedPage": fate(Fate.INTERRUPTED),
    "GonePage": replace(SEEN, disks=(replace(DISK, present=False),)),
    "RefusedPage": replace(SEEN, disks=(replace(DISK, allowed=False),)),
    "HiddenPage": replace(SEEN, disks=(), disks_complete=False),
    "NoDiskPage": replace(SEEN, disks=()),
    "ErasedPage": fate(Fate.VERIFIED),
    "TrayPage": replace(SEEN, subject=Subject.DISKS, disks=()),
    "LookPage": GRADE,
    "GradePage": replace(
        GRADE, look_at=2, looks=(Answer("lid", "3"), Answer("keyboard", "2")), letter="B"
    ),
    "GradeWaitsPage": replace(
        GRADE, look_at=2, looks=(Answer("lid", "3"), Answer("keyboard", "2")), letter="B"
    ),
    "LabelPage": LABEL,
    "NoPrinterPage": LABEL,
    "StickPage": replace(LABEL, printed=True),
    "DonePage": replace(DONE, outcome=VisitOutcome.READY),
    "DoneLaterPage": replace(DONE, outcome=VisitOutcome.LABEL_LATER),
    "DoneWaitsPage": replace(DONE, outcome=VisitOutcome.READY),
    "AsidePage": replace(DONE, outcome=VisitOutcome.ASIDE),
}
# What may be chosen once the bench has answered: not before is the page what it is called.
ANSWERED = {"PlayPage": "yes", "AutoPage": "next", "GradePage": "yes", "GradeWaitsPage": "yes"}
CLASSES = {
    "PlayPage": "AskPage",
    "WatchPage": "AutoPage",
    "DoneLaterPage": "DonePage",
    "DoneWaitsPage": "DonePage",
    "NoPrinterPage": "LabelPage",
    "GradeWaitsPage": "GradePage",
    "AsidePage": "DonePage",
    "MovedPage": "ReturningPage",
    "ThemesPage": "ValuesPage",
    "PacesPage": "ValuesPage",
}
WORKERS = ("screens", "people", "returning", "comfort", "training")  # words that the worker reads
TEST = SelfTestView("/dev/sda", "Samsung 860 EVO", "passed", "", long_offered=True)
OVER: dict[str, Callable[[Bench], Page]] = {
    "LanguagePage": lambda b: LanguagePage(b.app.desk),
    "HelpPage": lambda b: HelpPage(b.app.desk, "erase"),
    "CallPage": lambda b: CallPage(b.app.desk),
    "QuitPage": lambda b: QuitPage(b.app.desk),
    "TypePage": lambda b: TypePage(b.app.desk),
    "SuggestionPage": lambda b: SuggestionPage(b.app.desk, ASSET),
    "StopPage": lambda b: StopPage(b.app.desk, SAMSUNG.key),
    "ThawPage": lambda b: ThawPage(b.app.desk, SAMSUNG.key),
    "DoubtPage": lambda b: DoubtPage(b.app.desk, LabelDoubt("x", ASSET)),
    "LongTestPage": lambda b: LongTestPage(b.app.desk, TEST),
    "TakeOutPage": lambda b: TakeOutPage(b.app.desk, SAMSUNG.key),
}
LATER = Returning("d1", "RC26-000031-K", "2026-03-12", "LENOVO ThinkPad T480", KnownBy.SERIAL)
MOVED = replace(LATER, by=KnownBy.DISK, disk="Samsung SSD 860 EVO 250GB 256 Go …8F3K")
PEOPLE = tuple(Listed(f"OP-{at}", f"Jean-Christophe {at}") for at in range(24))


def unknown() -> Who:
    return Who(False, "OP-7F3K-2026", text=say("people.unknown"), new=True)


def nothing() -> None:
    """Where the visit goes on matters to no picture."""


def nobody(person: Listed) -> None:
    """Who it is matters to no picture."""


OVER |= {
    "UnknownPage": lambda b: UnknownPage(b.app.desk, unknown(), nobody),
    "NamePage": lambda b: NamePage(b.app.desk, nobody, "OP-7F3K-2026", "Jean-Christophe"),
    "AllowPage": lambda b: AllowPage(b.app.desk, nobody, "", "Jean-Christophe"),
    "TypeCodePage": lambda b: TypeCodePage(b.app.desk, nobody, "nadi"),
    "NamesPage": lambda b: NamesPage(b.app.desk, nobody, PEOPLE),
    "ReturningPage": lambda b: ReturningPage(b.app.desk, (LATER,)),
    "AdvicePage": lambda b: AdvicePage(b.app.desk, (ADVICE,), nothing),
    "MovedPage": lambda b: ReturningPage(b.app.desk, (MOVED,)),
    "ComfortPage": lambda b: ComfortPage(b.app.desk),
    "ThemesPage": lambda b: ValuesPage(b.app.desk, "theme"),
    "PacesPage": lambda b: ValuesPage(b.app.desk, "pace"),
    "KeepNumberPage": lambda b: KeepNumberPage(b.app.desk, LATER.asset, ASSET),
}
TOPICS = sorted(set(catalogue.area("fr", "screens")["help"]) - {"title", "back", "keys"})


# Every help must fit; these are a supervisor's, and French where a language has no words for them.
SUPERVISORS = {
    f"screens.help.{topic}" for topic in TOPICS if not is_workers(f"screens.help.{topic}")
}
SUPERVISORS |= {"supervisor.open"}
_PLAIN, _MARKED = "aeiouyAEIOUY", "âêîôûÿÂÊÎÔÛŸ"
_MARK = str.maketrans(_PLAIN, _MARKED)


def longer(text: str) -> str:
    """The pseudo-language: the sentence 40 % longer, word by word, as another language may need,
    and no plain vowel in it, so that what was not looked up is seen. Places for values stay."""
    return "".join(
        _long_forms(part) if part.startswith("{") else _long_words(part)
        for part in re.split(r"(\{[^}]*\})", text)
    )


def _long_words(text: str) -> str:
    return " ".join(map(_long_word, text.split(" ")))


def _long_forms(place: str) -> str:
    """The words that follow a number are words too."""
    name, _, forms = place[1:-1].partition(":")
    if "|" not in forms:
        return place
    return f"{{{name}:{'|'.join(map(_long_words, forms.split('|')))}}}"


def _long_word(word: str) -> str:
    return word.translate(_MARK) + "ê" * round(len(word) * 0.4)


# As long as a quirk may be; stretched, so that no word of it looks like one of ours.
SAID = longer("Enlève la pile de maintien avant d'ouvrir, et attends trente secondes. " * 2)[:160]
ADVICE: Advice = Advice(SAID, longer("Réseau du Nord"), "12/03/2026")
# What the bench, its people and its machines are called, and keys: data, in no language.
DATA = re.compile(
    r"LENOVO|ThinkPad|PF1ABCDE|Intel|Core|Samsung|EVO|Seagate|Barr\w*|Toshiba|Blue|Brother|QUEUE|Nadia"
    r"|Denise|Jean-Christophe|NADI|Note|Étape|POSTE|English|Español|Português|aún|revisado"
    r"|ainda|não|revisto|Français"
)


def unsaid(b: Bench) -> set[str]:
    """Words on the screen that no catalogue gave: hard-coded ones."""
    found = re.findall(r"[^\W\d_]{3,}", DATA.sub(" ", b.text()))
    return {word for word in found if set(word) & set(_PLAIN)}


LONG = pytest.mark.long
# What fits when it is 40 % longer fits as it is: plain French runs with the long tests, and so do
# the languages that stay within it (tests/unit/architecture/test_languages.py).
CODES = [*(pytest.param(code, marks=LONG) for code in ("fr", "es", "pt", "uk")), "en", "long"]


@pytest.fixture(params=CODES)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each language, and French made 40 % longer at the one place words come from."""
    name: str = request.param
    catalogue.choose("fr")
    catalogue.choose_reader(None if name == "long" else name)
    plain = catalogue._found

    def found(key: str, code: str) -> tuple[str | None, str]:
        ASKED.add(key)
        text, of = plain(key, code)
        return text if text is None or name != "long" else longer(text), of

    monkeypatch.setattr(catalogue, "_found", found)
    return name


ASKED: set[str] = set()


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """Whatever the pages here ask for is a worker's."""
    ASKED.clear()
    yield
    own = {key for key in ASKED if is_workers(key) or key in SUPERVISORS}
    foreign = {key for key in ASKED - own if catalogue.find(key, "fr") is not None}
    assert not foreign, "declare it in tests/workers.py, and translate it"


def port_for(name: str, language: str) -> FakePort:
    tell = longer if language == "long" else str
    port = FakePort(stretch=tell, percent_a_look=0, waits="Waits" in name)
    if name == "NoPrinterPage":
        port.printer = None
    name = CLASSES.get(name, name)
    if name == "TrayPage":
        port.found = many(24)
    if name in ("HiddenPage", "NoDiskPage", "GradePage", "LabelPage", "StickPage", "LookPage"):
        port.found = [STICK]
    if name == "HiddenPage":
        port.complete = False
    if name == "GonePage":
        port.found = []
    if name == "RefusedPage":
        why = (tell("Ce disque est branché en USB."), tell("Il cache son vrai numéro."))
        port.found = [
            replace(SAMSUNG, allowed=False, reasons=why, advice=(tell("Branchez-le en SATA."),))
        ]
    jobs: dict[str, tuple[JobStatus, str | None]] = {
        "ProgressPage": (JobStatus.RUNNING, None),
        "FailedPage": (JobStatus.DONE, "failed"),
        "InterruptedPage": (JobStatus.INTERRUPTED, None),
        "ErasedPage": (JobStatus.DONE, "purge"),
    }
    if name in jobs:
        status, claim = jobs[name]
        said = tell("Des secteurs ne s'effacent pas.")
        job = JobView("job1", SAMSUNG.key, SAMSUNG.title, status, "256 Go", tell("J'efface."), 42)
        port.running["job1"] = replace(job, claim=claim, sentence=said, left_s=5000)
    return port


@asynccontextmanager
async def shown(name: str, language: str, **how: object) -> AsyncIterator[Bench]:
    """One page on the screen."""
    start = PAGES.get(name, SEEN)
    async with bench(port_for(name, language), start, **how) as b:  # type: ignore[arg-type]
        await b.until(lambda: b.name not in ("WaitPage", "DisksPage", "ChecksPage", "LooksPage"))
        if name in OVER:
            b.app.desk.put(OVER[name](b))
        if name == "TrayPage":
            await b.until(lambda: len(b.page.view().rows) == 24)
        if name == "MachinePage":
            await b.until(lambda: bool(b.page.view().choices))
        awaited = "next" if name.startswith("Done") else ANSWERED.get(name)
        if awaited:
            await b.until(lambda: awaited in [choice.key for choice in b.page.view().choices])
        if name == "ProgressPage":
            b.app.desk.watch.ask_jobs()
        if name == "WatchPage":
            await b.until(lambda: b.page.view().percent is not None)
        await b.settle()
        assert b.name == CLASSES.get(name, name)
        yield b


def told(view: View) -> list[str]:
    """Every text of the page that must be readable."""
    texts = [view.title, *view.lines, *(choice.text for choice in view.choices)]
    texts += [text for fact in view.facts for text in fact]
    texts += [view.field.label] if view.field else []
    texts += [view.notice] if view.notice else []
    return [text for text in texts if text]


def region(b: Bench, widget: str | Widget) -> str:
    """The text inside a widget as a person sees it, without spaces and box lines."""
    rows = b.rows()
    area = (b.app.screen.query_one(widget) if isinstance(widget, str) else widget).region
    cut = [row[area.x : area.right] for row in rows[area.y : area.bottom]]
    return squeeze("".join(cut))


def squeeze(text: str) -> str:
    return "".join(one for one in text if one not in " │─┌┐└┘→")


def assert_all_told(b: Bench, *, drawn: bool = True) -> None:
    """Every sentence of the page is there, and its drawing whole (`drawn`)."""
    seen = "".join(region(b, widget) for widget in ("#words", "#choices", "#notice"))
    for text in told(b.page.view()):
        assert squeeze(text) in seen, f"{text!r} is cut on {b.name}:\n{b.text()}"
    for box, mark in zip(b.app.screen.query(MarkBox), b.page.view().marks, strict=False):
        assert squeeze(mark.label) in region(b, box), f"{mark.label!r} is cut:\n{b.text()}"
    words, body = (b.app.screen.query_one(one).region for one in ("#words", "#body"))
    assert words.bottom <= body.bottom, b.text()
    drawing_ = b.app.screen.query_one("#picture")
    assert not drawn or not drawing_.display or drawing_.region.bottom <= body.bottom, b.text()


def assert_glyphs(b: Bench) -> None:
    safe = LETTERS[catalogue.language()] | NAMES
    strange = {one for one in b.text() if one not in safe and one != "\n"}
    assert not strange, f"{strange} on {b.name}"


@pytest.mark.long
@pytest.mark.parametrize("name", [*PAGES, *OVER])
async def test_every_page_fits_and_has_only_known_glyphs(name: str, language: str) -> None:
    async with shown(name, language) as b:
        assert_all_told(b)
        assert_glyphs(b)
        assert language != "long" or not unsaid(b), b.text()
        for _ in range(2):
            await b.press("down")
            assert_glyphs(b)
        if name == "CallPage":
            await b.press("2")
            assert_all_told(b)


@pytest.mark.long
@pytest.mark.parametrize("count", [0, 2, 3, 6, 7])
async def test_bonjour_fits_whoever_works_here(language: str, count: int) -> None:
    port = port_for("HelloPage", language)
    port.people = FakePeople(port, list(PEOPLE[:count]))
    port.keys = "fr"  # F3 and F4 are told as well, and F7
    async with bench(port, training=ExerciseRoom()) as b:
        await b.at("HelloPage")
        await b.until(lambda: bool(b.page.view().choices), "the people")
        assert_all_told(b)
        assert_glyphs(b)


async def test_the_way_to_erasing_fits(language: str) -> None:
    async with shown("ReviewPage", language, countdown_s=60) as b:
        await b.press("1")
        await b.at("ConfirmPage")
        assert_all_told(b)
        await b.press("8", "f", "3", "x")
        assert_all_told(b)
        assert_glyphs(b)
        await b.press("backspace", "k")
        await b.at("ReadyPage")
        assert_all_told(b)
        await b.press("f8")
        await b.at("CountdownPage")
        assert_all_told(b)
        assert_glyphs(b)


@pytest.mark.long
async def test_every_help_fits(language: str) -> None:
    async with bench(port_for("", language)) as b:
        for topic in TOPICS:
            b.app.desk.put(HelpPage(b.app.desk, topic))
            await b.settle()
            assert_all_told(b)
            assert_glyphs(b)


@pytest.mark.long
@pytest.mark.parametrize("name", ["ReviewPage", "TrayPage", "LookPage", "DonePage"])
async def test_large_terminals_and_no_colour(name: str) -> None:
    async with shown(name, "fr", size=(120, 33), theme="mono") as b:
        assert_all_told(b)
        assert_glyphs(b)


def test_pictures_are_small_and_have_known_glyphs() -> None:
    from bench.console.widgets.drawing import pictures

    for name, lines in pictures().items():
        wide = 11 if name[-1].isdigit() else 24
        assert len(lines) <= 9 and all(len(line) <= wide for line in lines), name
        assert all(one in SAFE for line in lines for one in line), name


def test_worker_sentences_are_short_and_the_same_in_both_languages() -> None:
    def sentences(node: object, path: str = "") -> dict[str, str]:
        if isinstance(node, str):
            return {path: node}
        assert isinstance(node, dict)
        found: dict[str, str] = {}
        for name, inner in node.items():
            found |= sentences(inner, f"{path}.{name}")
        return found

    read = [
        {name: sentences(catalogue.area(code, name), name) for name in WORKERS}
        for code in ("fr", "en")
    ]
    french, english = ({k: v for area in one.values() for k, v in area.items()} for one in read)
    assert french.keys() == english.keys()
    for key, text in french.items():
        if key.startswith(
            ("people.help.", "comfort.command.", "training.command.")
        ):  # of the command
            continue
        for sentence in text.replace("  ", "\n").replace(". ", "\n").splitlines():
            assert len(sentence.split()) <= 12, f"{key}: {sentence}"
        assert all(one in SAFE or one == "\n" for one in text + english[key]), key


def test_no_mode_of_a_check_is_without_a_page() -> None:
    assert {step.mode for step in TESTS} == set(CheckMode)


@pytest.mark.parametrize("number", ["RC26-004217-7", "DEMOC26-010001-Z", "X" * 24])
def test_a_number_in_a_drawing_is_whole_or_not_there(number: str) -> None:
    drawn = drawing("label", number)
    assert len({len(line) for line in drawn}) == 1
    whole = number in drawn[1]
    assert whole == (len(number) <= 18) and (whole or number[:4] not in drawn[1])
