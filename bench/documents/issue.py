"""Writes the papers of a machine from its record: attestation as signed JSON and PDF."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure

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


def write_file(path: Path, data: bytes) -> None:
    """Write whole or not at all. Raises `Failure("file_unwritable")`."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Failure(
            "file_unwritable", Exit.MACHINE, path=path, why=error.strerror or error
        ) from error
