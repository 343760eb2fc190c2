"""The attestation on paper: same bytes each time, text and QR that read back."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import ImageFilter

from bench.casefile.erasure import Party
from bench.documents.attestation import Attestation, AttestedMachine
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.shortcode import verify_code
from bench.documents.signed import sign_attestation
from tests.unit.documents.paper_reader import codes, pages, texts
from tests.unit.documents.papers import CLEARED, CUT, GOOD, KEY, attestation, machine


def paper(content: Attestation) -> bytes:
    return issue_attestation(content, KEY).pdf


def test_one_machine_fits_one_page_and_says_everything() -> None:
    content = attestation(machine(GOOD))
    pdf = paper(content)
    (text,) = texts(pdf)
    for part in (
        "Attestation d'effacement des données",
        "AE-RC26-004217-7",
        "Le disque de cette machine est effacé.",
        "(NIST Purge, BLOCK ERASE EXT)",
        "technique selon IEEE 2883-2022, programme selon",
        "NIST SP 800-88 rév. 2",
        "S3Y9NB0K123456A",
        "PF1ABCDE",
        "OP-7F3",
        "Œuvre",
        KEY.fingerprint,
        hashlib.sha256(sign_attestation(content, KEY)).hexdigest(),
        "1 / 1",
    ):
        assert part in text, part
    lowered = text.lower()
    for forbidden in ("nist certified", "certifié", "comme neuf", "conforme à nist"):
        assert forbidden not in lowered


def test_the_printed_qr_reads_back_and_verifies() -> None:
    (text,) = codes(paper(attestation(machine(GOOD))))
    answer = verify_code(text)
    assert answer.whole and answer.payload is not None
    assert answer.payload["number"] == "AE-RC26-004217-7"


def test_the_qr_survives_a_bad_photocopy() -> None:
    picture = pages(paper(attestation(machine(GOOD))), dpi=200)[0]
    copied = picture.filter(ImageFilter.GaussianBlur(0.9)).point(lambda v: 255 if v > 150 else 40)
    read = [code.text for code in zxingcpp.read_barcodes(copied.rotate(2, fillcolor=255))]
    assert len(read) == 1 and verify_code(read[0]).whole


def test_a_disk_that_is_not_erased_is_seen_first() -> None:
    text = " ".join(texts(paper(attestation(machine(CUT)))))
    assert "ATTENTION : ce disque n'est PAS EFFACÉ." in text
    assert "NON EFFACÉ (interrompu)" in text and "IEEE 2883" not in text
    assert "est effacé." not in text.replace("n'est pas effacé", "")


def test_a_mixed_lot_names_what_is_left() -> None:
    machines = [machine(GOOD, CLEARED, number=n) for n in range(30)]
    pdf = paper(attestation(*machines, machine(CUT, number=900), machine(number=901)))
    text = " ".join(texts(pdf))
    assert "1 disque sur 61 n'est PAS EFFACÉ" in text
    assert "RC26-000900-7" in text and "RC26-000901-7" in text and "aucun disque" in text
    assert len(codes(pdf)) == 1


def test_long_names_and_other_scripts_do_not_break_the_page() -> None:
    long = AttestedMachine("RC26-004217-7", (GOOD,), "M" * 200, "模型 Ж" * 30, "S" * 200)
    content = Attestation(
        number="N" * 60,
        issued_at="2026-11-23T09:05:00Z",
        workshop=Party("Association intermédiaire " * 8),
        donor=Party("D" * 300),
        machines=(long,),
    )
    for picture in pages(paper(content), dpi=50):
        width = picture.width
        margin = picture.crop((width - 20, 0, width, picture.height))
        assert min(margin.tobytes()) > 200  # nothing runs off the right edge


@pytest.mark.long
def test_same_input_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys;from tests.unit.documents.test_attestation_pdf import *;"
        "sys.stdout.buffer.write(paper(attestation(machine(GOOD, CLEARED))))"
    )
    made = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())}
        made.add(
            subprocess.run(
                [sys.executable, "-c", script],
                env=environment,
                check=True,
                capture_output=True,
                timeout=60,
            ).stdout
        )
    assert made == {paper(attestation(machine(GOOD, CLEARED)))}
