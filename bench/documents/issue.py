"""Writes papers and records them by their hash: signed JSON and PDF side by side."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.documents.logo import logo_of
from bench.documents.parties import signer_of
from bench.errors.failure import Exit, Failure
from bench.records.copies.forgetting import DOCUMENTS, note_paper
from bench.setup.files import write_file

if TYPE_CHECKING:
    from bench.documents.handover import Handover
    from bench.documents.paper import Issued
    from bench.records.log import Log
    from bench.setup.settings import Settings


class Paper(NamedTuple):
    """Where a paper was written. `again`: the very same had been made before."""

    json: Path
    pdf: Path
    again: bool = False

    @property
    def paths(self) -> tuple[Path, Path]:
        return self.json, self.pdf


def issue_attestation(
    log: Log,
    device: str,
    asset: str,
    settings: Settings,
    folder: Path,
    *,
    name: str = "",
    operator: str = "",
) -> Paper:
    """Sign and write `<name>.json` and `<name>.pdf`, and record both by hash.

    Raises `Failure` where the folder cannot be written, or a party has no name
    (`documents.refused.*`).
    """
    from bench.casefile.reading import file_of
    from bench.documents import attestation_pdf
    from bench.documents.content import machine_attestation

    attestation = machine_attestation(log, file_of(log, device), settings, operator=operator)
    logo = logo_of(settings, log.store.path.parent)
    issued = attestation_pdf.issue_attestation(attestation, signer_of(log), logo=logo)
    stem = name or f"attestation-{asset}"
    return _keep(log, issued, "attestation", folder, stem, device=device)


def keep(
    log: Log,
    issued: Issued,
    kind: str,
    folder: Path,
    name: str,
    *,
    device: str = "",
    lot: str = "",
) -> Paper:
    """Write `<kind>-<name>.json` and `.pdf`, and record both by hash; gives where they are.

    Raises `Failure` where the folder cannot be written.
    """
    return _keep(log, issued, kind, folder, f"{kind}-{safe_name(name)}", device=device, lot=lot)


def _keep(
    log: Log,
    issued: Issued,
    kind: str,
    folder: Path,
    stem: str,
    *,
    device: str = "",
    lot: str = "",
) -> Paper:
    paths = (folder / f"{stem}.json", folder / f"{stem}.pdf")
    known = []
    for path, data in zip(paths, (issued.json, issued.pdf), strict=True):
        write_file(path, data)
        digest = hashlib.sha256(data).hexdigest()
        known.append(_on_record(log, digest, device, lot))
        if not known[-1]:
            facts = {"kind": kind, "sha256": digest, "name": path.name}
            if path is paths[0]:
                named = {"number": issued.number, "issued_at": issued.issued_at}
                facts |= {key: text[:200] for key, text in (*named.items(), ("tool", issued.tool))}
            log.append("document.issued", facts, device=device, lot=lot)
        if lot and path.absolute().parent != log.store.path.parent.absolute() / DOCUMENTS:
            # It names who gave: to be found again, wherever it lies, when they are forgotten.
            note_paper(log.store, digest, path.absolute())
    return Paper(*paths, again=known[0])


def _on_record(log: Log, digest: str, device: str, lot: str) -> bool:
    """Whether this bench has put a paper of these bytes, about this, on record before."""
    rows = log.store.query(
        "SELECT 1 FROM event WHERE type = 'document.issued' AND bench = ?"
        " AND json_extract(body, '$.data.sha256') = ?"
        " AND coalesce(json_extract(body, '$.device'), '') = ?"
        " AND coalesce(json_extract(body, '$.lot'), '') = ? LIMIT 1",
        (log.key.id, digest, device, lot),
    )
    return bool(rows)


def safe_name(name: str) -> str:
    """A lot's name as part of a file name: what a person typed may hold anything."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".")[:80] or "_"


def handover_paper(content: Handover, log: Log, *, logo: bytes = b"") -> Issued:
    """The bon de remise. Raises `Failure` (`documents.refused.*`) for what must not leave."""
    from bench.documents.french_rules import PaperRefused
    from bench.documents.handover import issue_handover
    from bench.documents.impact_section import kind_text
    from bench.documents.machine_sheet import money_text

    try:
        return issue_handover(content, signer_of(log), logo=logo)
    except PaperRefused as error:
        values: dict[str, object] = dict(error.values)
        for name in ("price", "cap"):
            if isinstance(cents := values.get(name), int):
                values[name] = money_text(cents)
        if "kind" in values:
            values["kind"] = kind_text(str(values["kind"]))
        raise Failure(f"documents.refused.{error.code}", Exit.REFUSED, **values) from error
