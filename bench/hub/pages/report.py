"""*Bilan*: a year's counters, of the network or of one workshop, as a page and as files."""

from __future__ import annotations

import re
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages import charts, shown
from bench.hub.pages.draw import draw
from bench.hub.pages.page import Own, Page, Refusal, Site, Visitor
from bench.hub.web.kept import Kept
from bench.network import report, report_files, report_paper
from bench.network.figures import Figures, figures, first_year, year_days
from bench.records.log import Log
from bench.setup.settings import load
from bench.words.catalogue import say

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))
KEPT_S = 60  # a year of a large network is counted for seconds
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Asked(NamedTuple):
    """Which report: `workshop` "" is the whole network; `of` says it in words."""

    year: int
    workshop: str
    of: str


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The report; coordination and auditor choose the member, all choose the year."""
    with site.reading() as log:
        asked = _asked(site, log, visitor, request)
        told = told_of(site, log, asked.year, asked.workshop)
        years = range(_this_year(site), first_year(log.store, _this_year(site)) - 1, -1)
        members = shown.Members(log).choices() if visitor.sees_all else []
    lines = report.lines(told)
    labels = report.months_text(told)
    query = f"?annee={asked.year}" + (f"&atelier={asked.workshop}" if visitor.sees_all else "")
    return draw(
        site,
        visitor,
        request,
        "report.html",
        asked=asked,
        years=years,
        members=members,
        lines=lines,
        charts={
            line.key: charts.bars(labels, line.months, line.unit)
            for line in lines
            if any(line.months)
        },
        reuse=told.reuse,
        reuse_text=report_paper.reuse_text(told),
        reuse_rule=report.reuse_rule(told),
        impact=told.impact,
        impact_text=report_paper.impact_text(told),
        impact_recipe=report.impact_recipe(told),
        query=query,
    )


def as_csv(site: Site, visitor: Visitor, request: Request) -> Response:
    """Every number, one a row."""
    asked, told = _read(site, visitor, request)
    return _file(report_files.csv_bytes(told, asked.of), "text/csv; charset=utf-8", asked, "csv")


def as_xlsx(site: Site, visitor: Visitor, request: Request) -> Response:
    """The same as a workbook."""
    asked, told = _read(site, visitor, request)
    return _file(report_files.xlsx_bytes(told, asked.of), XLSX, asked, "xlsx")


def as_pdf(site: Site, visitor: Visitor, request: Request) -> Response:
    """The same on paper."""
    asked, told = _read(site, visitor, request)
    paper = report_paper.paper_of(
        told,
        of=asked.of,
        issuer=load(site.folder).workshop or say("hub.name"),
        at=site.clock.now().isoformat(),
        demo=site.demo,
    )
    return _file(paper, "application/pdf", asked, "pdf")


def _read(site: Site, visitor: Visitor, request: Request) -> tuple[Asked, Figures]:
    with site.reading() as log:
        asked = _asked(site, log, visitor, request)
        return asked, told_of(site, log, asked.year, asked.workshop)


def told_of(site: Site, log: Log, year: int, workshop: str) -> Figures:
    """A year of a workshop, or ("") of the network; a minute old at most."""
    kept = site.kept.setdefault("report", Kept[Figures](KEPT_S))
    assert isinstance(kept, Kept)
    found: Figures = kept.get(
        (year, workshop),
        site.clock.now().timestamp(),
        lambda: figures(log.store, *year_days(year), workshop),
    )
    return found


def _asked(site: Site, log: Log, visitor: Visitor, request: Request) -> Asked:
    """What the address asks for; a supervisor is told of the own workshop, whatever it says."""
    this_year = _this_year(site)
    year = shown.number(request.query_params.get("annee", ""), this_year) or this_year
    year = max(year, first_year(log.store, this_year))
    names = shown.Members(log)
    if not visitor.sees_all:
        return Asked(year, visitor.workshop, names.name(visitor.workshop))
    workshop = request.query_params.get("atelier", "")
    if workshop and workshop not in names.names:
        raise Refusal(404, "path")
    return Asked(year, workshop, names.name(workshop) if workshop else say("figures.network"))


def _this_year(site: Site) -> int:
    return site.clock.now().astimezone().year


def _file(data: bytes, kind: str, asked: Asked, ending: str) -> Response:
    of = re.sub(r"[^a-z0-9]+", "-", asked.of.lower()[:40]).strip("-")
    name = "-".join(filter(None, ("bilan", str(asked.year), of)))
    return Response(
        data,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )


PAGES = (
    Page("GET", "/bilan", "report", show, SEE, Own.WORKSHOP, menu=65, heavy=True),
    Page("GET", "/bilan.csv", "report", as_csv, SEE, Own.WORKSHOP, heavy=True),
    Page("GET", "/bilan.xlsx", "report", as_xlsx, SEE, Own.WORKSHOP, heavy=True),
    Page("GET", "/bilan.pdf", "report", as_pdf, SEE, Own.WORKSHOP, heavy=True),
)
