"""The year's report: a page, two sheets and a paper with the numbers of `figures`, and no other."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest

from bench.hub.accounts.roles import Role
from bench.network import report
from bench.network.figures import Figures, figures, year_days
from bench.records.signed import keys
from bench.words.catalogue import say
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, NOW, SOUTH, World, browser

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Numbers(HTMLParser):
    """What a page says for machines: the `value` of each named `data`, of bars what is written."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "data" and told.get("id"):
            self.values[str(told["id"])] = str(told["value"])

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """Three machines in the south, seven in the north, of a public donor's lot; hours; weights."""
    world = made.make(tmp_path_factory.mktemp("hub") / "data")
    log = world.site.open_log()
    for at, (mark, many) in enumerate(((NORTH, 7), (SOUTH, 3))):
        bench = forge.Bench(f"year {mark}", world.workshops[mark], clock=forge.Clock(NOW))
        lot = f"L{2 * at}"  # where `visit` puts machines of these numbers
        events = bench.opened()
        events.append(bench.make("donor.registered", {"donor": f"d{at}", "kind": "public"}))
        events.append(bench.make("lot.promised", {"donor": f"d{at}", "count": 9}, lot=lot))
        events.append(bench.make("lot.weighed", {"weight_g": 12_345}, lot=lot))
        events.append(bench.make("lot.received", {"count": many}, lot=lot))
        for number in range(4, 4 + many):
            events += bench.visit(number + 100 * at, tests=1)
        hours = {"day": "2026-01-06", "step": "checks", "minutes": 95 + at}
        events.append(bench.make("hours.noted", hours))
        log.store.add(events)
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield world, url


def told(world: World, mark: str = "") -> Figures:
    log = world.site.open_log()
    workshop = keys.key_id(world.workshops[mark].public) if mark else ""
    found = figures(log.store, *year_days(2026), workshop)
    log.store.close()
    return found


def get(counted: tuple[World, str], path: str, role: Role = Role.COORDINATION) -> bytes:
    world, url = counted
    with browser(url, world.secret(role)) as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.content


def query(world: World, mark: str) -> str:
    return f"?atelier={keys.key_id(world.workshops[mark].public)}" if mark else ""


@pytest.mark.parametrize("mark", ["", NORTH, SOUTH], ids=["all", "north", "south"])
def test_the_page_says_the_figures(counted: tuple[World, str], mark: str) -> None:
    world = counted[0]
    expected = told(world, mark)
    assert expected.counters["machines_finished"].total in (7 + 1, 3 + 1, 10 + 2)
    assert expected.counters["minutes"].total in (95, 96, 191)
    assert expected.reuse.machines in (7, 3, 10)
    page = Numbers(get(counted, f"/bilan{query(world, mark)}").decode())
    for key, figure in expected.counters.items():
        assert page.values[f"n-{key}"] == str(figure.total), key
        assert figure.title in page.texts and figure.definition in page.texts
    assert page.values["reuse"] == f"{expected.reuse.counted} {expected.reuse.machines}"
    january = report.amount_text(expected.counters["machines_arrived"].months[0], "piece")
    bar = say("hub.report.bar", label=say("sums.of_year.1"), said=january)
    assert bar in page.texts


@pytest.mark.parametrize("mark", ["", NORTH], ids=["all", "north"])
def test_the_table_has_every_number_once(counted: tuple[World, str], mark: str) -> None:
    world = counted[0]
    text = get(counted, f"/bilan.csv{query(world, mark)}").decode("utf-8-sig")
    titles, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert titles[3] == say("figures.column.key") and {len(row) for row in rows} == {len(titles)}
    totals = {row[3]: row[7] for row in rows if not row[5] and not row[6]}
    expected = told(world, mark)
    assert {key: totals[key] for key in expected.counters} == {
        key: str(figure.total) for key, figure in expected.counters.items()
    }
    assert totals["impact_low_g"] == str(expected.impact.low_g)
    assert totals["reuse_machines"] == str(expected.reuse.machines)
    months = [int(row[7]) for row in rows if row[3] == "machines_arrived" and row[6]]
    assert tuple(months) == expected.counters["machines_arrived"].months
    of = {row[0] for row in rows}
    assert of == ({mark} if mark else {say("figures.network")})


def sheet_rows(data: bytes, number: int) -> list[list[str]]:
    """The cells of a sheet as its XML has them; no cell is a formula."""
    book = zipfile.ZipFile(io.BytesIO(data))
    tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    assert tree.find(f".//{SPREADSHEET}f") is None
    shared = []
    if "xl/sharedStrings.xml" in book.namelist():
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        shared = ["".join(each.itertext()) for each in strings.iter(f"{SPREADSHEET}si")]
    rows = []
    for row in tree.iter(f"{SPREADSHEET}row"):
        cells = []
        for cell in row.iter(f"{SPREADSHEET}c"):
            text = "".join(cell.itertext())
            cells.append(shared[int(text)] if cell.get("t") == "s" else text)
        rows.append(cells)
    return rows


def test_the_workbook_has_the_numbers_of_the_table(counted: tuple[World, str]) -> None:
    workbook = get(counted, "/bilan.xlsx")
    text = get(counted, "/bilan.csv").decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text), delimiter=";"))
    rows = sheet_rows(workbook, 2)
    assert [[cell for cell in row if cell] for row in table] == [
        [cell for cell in row if cell] for row in rows
    ]
    months = {row[0]: row for row in sheet_rows(workbook, 1)[1:]}
    arrived = told(counted[0]).counters["machines_arrived"]
    assert months[arrived.title][2:15] == [*map(str, arrived.months), str(arrived.total)]


def test_the_paper_has_two_pages_of_the_same(counted: tuple[World, str]) -> None:
    document = pypdfium2.PdfDocument(get(counted, "/bilan.pdf"))
    assert len(document) == 2
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    plain = re.sub(r"\s+", " ", text)
    expected = told(counted[0])
    for line in report.lines(expected):
        assert re.sub(r"\s+", " ", line.text) in plain
        assert line.title.split()[0] in plain
    assert expected.reuse.text in plain and expected.impact.version in plain
    assert say("figures.target", percent=50) in plain


def test_a_supervisor_reads_the_own_workshop_whatever_is_asked(counted: tuple[World, str]) -> None:
    world = counted[0]
    for path in ("/bilan", f"/bilan{query(world, SOUTH)}"):
        text = get(counted, path, Role.SUPERVISOR).decode()
        page = Numbers(text)
        assert page.values["n-minutes"] == "95"
        assert "SUD" not in text and "<script>" not in text and "NORD&lt;script&gt;" in text
    saved = get(counted, f"/bilan.csv{query(world, SOUTH)}", Role.SUPERVISOR).decode()
    assert "SUD" not in saved and ";95;" in saved


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("?annee=1", 200),
        ("?annee=99999999999999", 200),
        ("?annee=%27", 200),
        ("?annee=-3", 200),
        ("?atelier=nobody", 404),
        ("?atelier=%00%27", 404),
    ],
)
def test_whatever_is_asked_is_answered(counted: tuple[World, str], asked: str, status: int) -> None:
    world, url = counted
    with browser(url, world.secret(Role.AUDITOR)) as client:
        for ending in ("", ".csv", ".xlsx", ".pdf"):
            assert client.get(f"/bilan{ending}{asked}").status_code == status


def test_a_name_that_is_a_formula_stays_text(tmp_path: Path) -> None:
    from bench.network import report_files

    log = forge.store_of(tmp_path, "region", keys.Key(b"\x01" * 32))
    empty = figures(log.store, *year_days(2026))
    log.store.close()
    name = '=HYPERLINK("http://x")'
    rows = csv.reader(
        io.StringIO(report_files.csv_bytes(empty, name).decode("utf-8-sig")), delimiter=";"
    )
    assert {row[0] for row in list(rows)[1:]} == {f"'{name}"}
    assert sheet_rows(report_files.xlsx_bytes(empty, name), 2)[1][0] == f"'{name}"
