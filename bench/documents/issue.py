"""Writes papers and records them by their hash: signed JSON and PDF side by side."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.errors.failure import Exit, Failure
from bench.records.copies.forgetting import DOCUMENTS, PAPER
from bench.setup.files import write_file

if TYPE_CHECKING:
    from bench.documents.handover import Handover
    from bench.documents.paper import Issued
    from bench.documents.signed import Vouched
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
    issued = attestation_pdf.issue_attestation(attestation, signer_of(log))
    stem = name or f"attestation-{asset}"
    paper = Paper(folder / f"{stem}.json", folder / f"{stem}.pdf")
    for path, data in zip(paper, (issued.json, issued.pdf), strict=True):
        write_file(path, data)
        digest = hashlib.sha256(data).hexdigest()
        facts = {"kind": "attestation", "sha256": digest, "name": path.name}
        log.append("document.issued", facts, device=device)
    return paper


def signer_of(log: Log) -> Vouched:
    """Who signs this bench's papers: its key, with the certificate it recorded."""
    from bench.documents.signed import Vouched
    from bench.exchange.receipt import certificate_of

    return Vouched(log.key, certificate_of(log.store, log.key.id))


def keep(
    log: Log,
    issued: Issued,
    kind: str,
    folder: Path,
    name: str,
    *,
    device: str = "",
    lot: str = "",
) -> tuple[Path, Path]:
    """Write `<kind>-<name>.json` and `.pdf`, and record both by hash; gives where they are.

    Raises `Failure` where the folder cannot be written.
    """
    stem = f"{kind}-{safe_name(name)}"
    paths = (folder / f"{stem}.json", folder / f"{stem}.pdf")
    for path, data in zip(paths, (issued.json, issued.pdf), strict=True):
        write_file(path, data)
        digest = hashlib.sha256(data).hexdigest()
        facts = {"kind": kind, "sha256": digest, "name": path.name}
        log.append("document.issued", facts, device=device, lot=lot)
        if lot and path.absolute().parent != log.store.path.parent.absolute() / DOCUMENTS:
            # It names who gave: to be found again when they are forgotten.
            log.store.set_meta(PAPER + digest, str(path.absolute()))
    return paths


def safe_name(name: str) -> str:
    """A lot's name as part of a file name: what a person typed may hold anything."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".")[:80] or "_"


def handover_paper(content: Handover, log: Log) -> Issued:
    """The bon de remise. Raises `Failure` (`documents.refused.*`) for what must not leave."""
    from bench.documents.french_rules import PaperRefused
    from bench.documents.handover import issue_handover
    from bench.documents.impact_section import kind_text
    from bench.documents.machine_sheet import money_text

    try:
        return issue_handover(content, signer_of(log))
    except PaperRefused as error:
        values: dict[str, object] = dict(error.values)
        for name in ("price", "cap"):
            if isinstance(cents := values.get(name), int):
                values[name] = money_text(cents)
        if "kind" in values:
            values["kind"] = kind_text(str(values["kind"]))
        raise Failure(f"documents.refused.{error.code}", Exit.REFUSED, **values) from error
