"""Papers signed before this version still verify, file and code, and still say what they said.

`before/` holds one of each, made by the version before papers had method, zone and parties as now.
A field added to a paper needs a default; one taken away or renamed makes these fail.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.documents.attestation import Attestation
from bench.documents.attestation_pdf import attestation_pdf, proof_of
from bench.documents.papers import verify_paper
from bench.documents.said import of_paper
from bench.documents.shortcode import verify_code
from bench.exchange.signers import Signers
from tests.unit.documents.papers import KEY

FOLDER = Path(__file__).with_name("before")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
KNOWN = Signers(trusted={KEY.id: "Atelier"})


def test_one_of_each_is_there() -> None:
    assert NAMES == [
        "attestation", "attestation_nobody", "donor_pack", "handover", "reuse", "sheet"
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_file_and_the_code_verify(name: str) -> None:
    file = verify_paper((FOLDER / f"{name}.json").read_bytes(), KNOWN)
    assert file.whole and file.payload is not None, file.findings
    code = verify_code((FOLDER / f"{name}.txt").read_text("utf-8"), trusted=KNOWN.trusted)
    assert code.whole and code.payload is not None, code.findings
    assert code.payload["number"] == file.payload["number"]
    assert of_paper(file).lines and of_paper(code).lines


def test_an_attestation_without_an_operator_or_a_donor_is_still_drawn() -> None:
    import msgspec

    data = (FOLDER / "attestation_nobody.json").read_bytes()
    payload = verify_paper(data, KNOWN).payload
    content = msgspec.convert(payload, Attestation)
    assert attestation_pdf(content, proof_of(content, data, KEY)).startswith(b"%PDF")


def test_an_old_technique_keeps_its_recorded_name() -> None:
    payload = verify_paper((FOLDER / "attestation.json").read_bytes(), KNOWN)
    said = "\n".join(of_paper(payload).lines)
    assert "OVERWRITE, 1 random pass (NIST Clear)" in said
    assert "Effacement de tous les blocs (NIST Purge, BLOCK ERASE EXT)" in said
