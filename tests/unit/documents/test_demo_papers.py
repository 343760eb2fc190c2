"""A demonstration's papers and labels say so, on every page, signed, and in the QR."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.casefile.grade import final_grade
from bench.casefile.reading import file_of, lot_called
from bench.demo.journey import SETTINGS
from bench.documents import attestation_pdf, content, donor_pack, lot_label, machine_sheet
from bench.documents.shortcode import verify_code
from bench.documents.signed import verify
from bench.errors.failure import Failure
from bench.labelling.content import content_of
from bench.records.log import DEMO, open_bench
from bench.setup import settings
from labels.content import LabelContent, LabelState, words_of
from labels.identifier import is_demo, make
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, record

WATERMARK = "DÉMO"


@pytest.mark.long
@pytest.mark.parametrize("demo", [False, True])
def test_every_paper_of_a_demonstration_says_so_on_every_page(demo: bool, tmp_path: Path) -> None:
    record(tmp_path)
    log = open_bench(tmp_path, FixedClock())
    if demo:
        log.store.set_meta(DEMO, 1)
    lot = lot_called(log, LOT)
    assert lot is not None
    ((device,),) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))
    file, grade = file_of(log, device), final_grade(log, device)
    issued = [
        attestation_pdf.issue_attestation(
            content.machine_attestation(log, file, SETTINGS), log.key
        ),
        attestation_pdf.issue_attestation(content.lot_attestation(log, lot, SETTINGS), log.key),
        donor_pack.issue_donor_pack(content.donor_pack(log, lot, SETTINGS), log.key),
        machine_sheet.issue_machine_sheet(
            content.machine_sheet(log, file, grade, SETTINGS), log.key, {}
        ),
    ]
    for paper in issued:
        pages = texts(paper.pdf)
        assert all((WATERMARK in page) == demo for page in pages), pages
        assert is_demo(json.loads(paper.json)["payload"]["number"]) == demo
        for answer in (verify(paper.json), verify_code(paper.code)):
            assert answer.whole
            assert ("demonstration" in [each.code for each in answer.findings]) == demo
    (page,) = texts(lot_label.lot_label_pdf(content.lot_label(log, lot, SETTINGS)))
    assert (WATERMARK in page) == demo
    label = words_of(content_of(log, device, ASSETS[0], grade, SETTINGS))
    assert ("DÉMO, ne pas coller" in label.state) == demo
    log.store.close()


def test_a_label_with_a_demonstrations_number_claims_no_state() -> None:
    asset = str(make("DEMO", "C", 26, 1))
    claim = LabelContent(asset=asset, state=LabelState.REFURBISHED, all_functions_tested=True)
    told = words_of(replace(claim, data_removed=True))
    assert told.state == "DÉMO, ne pas coller" and "Reconditionné" not in str(told)


@pytest.mark.parametrize("prefix", ["DEMO", "demo"])
def test_no_workshop_takes_the_demonstrations_prefix(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f'prefix = "{prefix}"\n')
    with pytest.raises(Failure, match="settings_prefix"):
        settings.load(tmp_path)
