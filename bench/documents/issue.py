"""Writes the papers of a machine from its record: attestation as signed JSON and PDF."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.setup.files import write_file

if TYPE_CHECKING:
    from bench.records.log import Log
    from bench.setup.settings import Settings


class Paper(NamedTuple):
    json: Path
    pdf: Path


def issue_attestation(
    log: Log, device: str, asset: str, settings: Settings, folder: Path, *, name: str = ""
) -> Paper:
    """Sign and write `<name>.json` and `<name>.pdf`, and record both by hash.

    Raises `Failure` where the folder cannot be written.
    """
    from bench.casefile.reading import file_of
    from bench.documents import attestation_pdf
    from bench.documents.content import machine_attestation

    attestation = machine_attestation(log, file_of(log, device), settings)
    issued = attestation_pdf.issue_attestation(attestation, log.key)
    stem = name or f"attestation-{asset}"
    paper = Paper(folder / f"{stem}.json", folder / f"{stem}.pdf")
    for path, data in zip(paper, (issued.json, issued.pdf), strict=True):
        write_file(path, data)
        digest = hashlib.sha256(data).hexdigest()
        facts = {"kind": "attestation", "sha256": digest, "name": path.name}
        log.append("document.issued", facts, device=device)
    return paper
