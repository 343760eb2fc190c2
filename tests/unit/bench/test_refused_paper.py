"""A paper that cannot be made in nobody's name keeps no worker from ending a visit."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.guide.visit import Visit, VisitOutcome
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings
from bench.workbench.finish import finish_visit
from tests.unit.documents.recorded import ASSETS, record


@pytest.mark.parametrize(("workshop", "papers"), [("Atelier", 0), ("Atelier des Weppes", 2)])
def test_the_visit_ends_and_says_why_there_is_no_paper(
    tmp_path: Path, workshop: str, papers: int
) -> None:
    record(tmp_path)
    context = Context(DataFolder(tmp_path, "option"))
    log = context.open_log()
    try:
        (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
        visit = Visit(asset=ASSETS[0], operator="OP-7F3", outcome=VisitOutcome.READY)
        shown = finish_visit(context, log, device, visit, Settings(workshop=workshop))
        ended = [event.data["outcome"] for event in log.events() if event.type == "visit.done"]
        issued = [event for event in log.events() if event.type == "document.issued"]
    finally:
        log.store.close()
    assert ended == ["ready"] and len(issued) == len(shown.files) == papers
    refused = [line for line in shown.lines if "L'atelier n'a pas de nom" in line]
    assert len(refused) == (not papers)
