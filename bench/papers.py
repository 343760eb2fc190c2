"""Writes the papers of a machine from its record: attestation as signed JSON and PDF."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import casefile
from bench.clock import rfc3339
from bench.failure import Exit, Failure
from bench.version import VERSION

if TYPE_CHECKING:
    from bench.documents.attestation import Attestation
    from bench.records.log import Log
    from bench.settings import Settings


class Paper(NamedTuple):
    json: Path
    pdf: Path


def attestation_of(log: Log, device: str, asset: str, settings: Settings) -> Attestation:
    """The attestation of a recorded machine, built from its events alone."""
    from bench.documents.attestation import (
        Attestation,
        AttestedMachine,
        Party,
        disk_from_record,
    )
    from diagnostics.model import Machine

    done = casefile.erasures(log, device)
    identity = (casefile.past(log, device).machine or Machine()).identity
    operator = next((e.operator for e in log.events(device) if e.type == "erase.done"), "")
    moment = log.clock.now()
    return Attestation(
        number=f"{asset}/{moment:%Y%m%d-%H%M%S}",
        issued_at=rfc3339(moment),
        workshop=Party(settings.workshop),
        machines=(
            AttestedMachine(
                asset=asset,
                disks=tuple(disk_from_record(data) for data in done),
                maker=identity.maker,
                model=identity.model,
                serial=identity.serial or identity.board_serial,
                kind=identity.kind,
            ),
        ),
        operator=operator,
        bench=log.key.id,
        tool=f"Établi {VERSION}",
        destination="reuse",
    )


def issue_attestation(
    log: Log, device: str, asset: str, settings: Settings, folder: Path, *, name: str = ""
) -> Paper:
    """Sign and write `<name>.json` and `<name>.pdf`, and record both by hash.

    Raises `Failure` where the folder cannot be written.
    """
    from bench.documents import attestation_pdf

    issued = attestation_pdf.issue_attestation(
        attestation_of(log, device, asset, settings), log.key
    )
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
