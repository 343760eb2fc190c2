"""What is printed, signed or kept is the workshop's: the language of whoever reads the screen
changes nothing of it."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from bench.casefile.grade import give_grade
from bench.exchange.bag import export_bag
from bench.guide.starting import FirstAnswers
from bench.guide.supervision import Did, FindingKey
from bench.guide.visit import Visit, VisitOutcome
from bench.opening.context import Context
from bench.records.day.review import review
from bench.records.log import Log, open_bench
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings, load
from bench.stock.lots import lots
from bench.words.catalogue import (
    choose,
    choose_reader,
    for_the_workshop,
    language,
    paper_language,
    say,
)
from bench.workbench.day_list import keep_day_list
from bench.workbench.finish import finish_visit, print_machine_label, show_label
from bench.workbench.review import ReviewDesk
from bench.workbench.start import REQUEST, StartBench
from bench.workbench.stock import StockDesk
from tests import forge
from tests.unit.documents.examples import PAPERS
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, record

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = Settings(workshop="Atelier des Weppes")
DAY = "2026-11-23"


@pytest.fixture(autouse=True)
def french_workshop() -> Iterator[None]:
    choose("fr")
    yield
    choose(None)


class Ticking(FixedClock):
    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded") / "data"
    record(folder)
    return folder


def all_kept(folder: Path, reader: str | None) -> dict[str, object]:
    """A day's work on that data folder, read in that language: every file and event it left."""
    choose_reader(reader)
    context = Context(DataFolder(folder, "option"), clock=Ticking(), random=forge.Noise("w"))
    log = open_bench(folder, FixedClock(), forge.Noise("l"))
    try:
        shown = _work(context, log)
        events = list(log.events())
    finally:
        log.store.close()
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in (".db", ".db-wal", ".db-shm", ".zip")
    }
    return {"label": shown, "events": events, **files}


def _work(context: Context, log: Log) -> tuple[str, ...]:
    (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
    give_grade(log, device, "OP-7F3")
    visit = Visit(asset=ASSETS[0], operator="OP-7F3", outcome=VisitOutcome.READY)
    finish_visit(context, log, device, visit, SETTINGS)
    print_machine_label(context, log, device, ASSETS[0], SETTINGS)
    stock = StockDesk(log, SETTINGS, context.data.documents, lambda: "OP-7F3")
    did(stock.act(FindingKey("lot", LOT), "pack", ()))
    did(stock.act(FindingKey("machine", device), "destine", ("reuse",)))
    did(stock.act(FindingKey("machine", device), "hand_over", ("0", "")))
    did(stock.act(FindingKey("machine", device), "take_back", ("rendu",)))
    did(stock.act(FindingKey("new", ""), "register", ("company", "Emmaus", "", "2")))
    (other,) = {lot.lot for lot in lots(log)} - {LOT}
    did(stock.act(FindingKey("machine", device), "put_in", (other,)))  # with a reason, in words
    make_list(log, context.data.documents)
    export_bag(log, context.data.path / "bag.zip")
    return show_label(log, device, ASSETS[0], SETTINGS).lines


def make_list(log: Log, folder: Path) -> None:
    keep = partial(keep_day_list, log, SETTINGS, folder)
    desk = ReviewDesk(log, folder, keep_list=keep)
    did(desk.choose_pin("481516"))
    did(desk.enter("OP-7F3", "481516"))
    did(desk.make_list(DAY))
    assert review(log, DAY).day == DAY


def did(done: Did) -> None:
    assert done.ok, done.text


@pytest.mark.long
@pytest.mark.parametrize("reader", ["en", pytest.param("uk", marks=pytest.mark.long)])
def test_nothing_kept_follows_who_reads(recorded: Path, tmp_path: Path, reader: str) -> None:
    kept = []
    for name in (None, reader):
        folder = tmp_path / str(name)
        shutil.copytree(recorded, folder)
        kept.append(all_kept(folder, name))
    assert kept[0].keys() == kept[1].keys() and len(kept[0]) > 8
    for what, before in kept[0].items():
        assert before == kept[1][what], what


@pytest.mark.long
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_no_paper_follows_who_reads(paper: Callable[[], bytes]) -> None:
    plain = paper()
    choose_reader("en")
    assert paper() == plain


def test_papers_are_french_where_the_workshops_language_has_none() -> None:
    choose("uk")
    assert language() == "uk" and paper_language() == "fr"
    with for_the_workshop():
        assert say("documents.unit.gb") == "Go" and language() == "fr"
    choose("en")
    choose_reader("es")
    with for_the_workshop():
        assert language() == "en"
    assert language() == "es"
    choose("fr")  # a language that is chosen for all is everybody's
    assert language() == "fr"


def test_who_sets_a_bench_up_chooses_for_the_workshop(tmp_path: Path) -> None:
    context = Context(DataFolder(tmp_path / "data", "stick"), clock=Ticking())
    starting = StartBench(context, FixedClock().now())
    choose_reader("uk")
    starting.keep(FirstAnswers(keyboard="fr", workshop="Emmaus", bench=3))
    starting.request()
    assert load(context.data.path).language == "uk" and language() == "uk"
    assert b"Emmaus, poste 3" in (context.data.path / REQUEST).read_bytes()


# Who may ask which language is in force: the screens and what is said there, commands (which have
# one language), and papers, whose makers all stand under `for_the_workshop`.
MAY_ASK = (
    "bench/casefile/health.py",
    "bench/commands/",
    "bench/console/voice.py",
    "bench/demo/journey.py",
    "bench/documents/",
    "bench/network/report_paper.py",  # of the region, in the language of who asks for it
    "bench/screens/",
    "bench/words/",
    "bench/workbench/start.py",
)


def test_the_language_is_asked_for_where_somebody_reads() -> None:
    asks = {
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bench").rglob("*.py"))
        if re.search(r"\blanguage\b", text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        and node.module == "bench.words.catalogue"
        and any(name.name == "language" for name in node.names)
    }
    assert {path for path in asks if not path.startswith(MAY_ASK)} == set()


def test_every_maker_of_a_page_speaks_for_the_workshop() -> None:
    """Whatever opens a page (`blank_page`, `Sheet`) or tells a PDF its language."""
    bare = [
        f"{path.name}: {node.name}"
        for path in sorted((ROOT / "bench" / "documents").glob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(one, ast.Name) and one.id == "language" for one in ast.walk(node))
        and not any("for_the_workshop" in ast.unparse(each) for each in node.decorator_list)
    ]
    assert not bare
